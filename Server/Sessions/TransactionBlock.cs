using VecSql.Core.Errors;
using VecSql.Executor;
using VecSql.Server.Settings;
using VecSql.Storage.Contracts;

namespace VecSql.Server.Sessions;

/// <summary>Where a session stands between statements.</summary>
public enum BlockState
{
    /// <summary>No transaction.</summary>
    Idle,

    /// <summary>One that a statement began by itself; it ends with the query string or at Sync.</summary>
    Implicit,

    /// <summary>After BEGIN.</summary>
    Explicit,

    /// <summary>After an error inside BEGIN: only ROLLBACK (or COMMIT, which rolls back) and ROLLBACK TO are heard.</summary>
    Failed,
}

/// <summary>
/// A session's transaction: BEGIN … COMMIT, implicit ones, savepoints, and what follows them (settings, characteristics).
/// Invariant: <see cref="Current"/> is null exactly in state Idle.
/// </summary>
public sealed class TransactionBlock(IDatabaseStore store, SessionSettings settings, int owner, TimeProvider clock)
{
    private readonly List<Savepoint> _savepoints = [];

    public BlockState State { get; private set; }
    public ITransaction? Current { get; private set; }

    /// <summary>now(): microseconds since 2000-01-01 UTC.</summary>
    public long StartMicros { get; private set; }

    /// <summary>A statement of the current transaction has taken its snapshot: the isolation level is fixed.</summary>
    public bool HasRun { get; private set; }

    public bool IsDeferrable { get; private set; }

    /// <summary>Foreign keys that are checked at COMMIT.</summary>
    public DeferredConstraints Deferred { get; } = new();

    /// <summary>Open savepoints: what is made now belongs to the innermost.</summary>
    public int SavepointDepth => _savepoints.Count;

    /// <summary>Runs after SAVEPOINT, with the depth below it.</summary>
    public event Action<int>? SavepointSet;

    /// <summary>Runs after RELEASE, with the depth that is left: what was made deeper belongs to it now.</summary>
    public event Action<int>? Released;

    /// <summary>Runs when an error has undone a whole transaction, which still waits for its ROLLBACK.</summary>
    public event Action? Failing;

    /// <summary>Runs after ROLLBACK TO, with the depth that is left below the savepoint: what was made deeper is gone.</summary>
    public event Action<int>? RolledBackTo;

    /// <summary>Runs when a transaction ends: true if it committed.</summary>
    public event Action<bool>? Ended;

    /// <summary>Runs before a commit, inside the transaction: deferred constraints, cursors WITH HOLD.</summary>
    public event Action<ITransaction>? Committing;

    public char StatusLetter => State switch { BlockState.Explicit => 'T', BlockState.Failed => 'E', _ => 'I' };

    /// <summary>The running transaction; begins an implicit one if there is none.</summary>
    public ITransaction Ensure()
    {
        if (Current is null) Start(BlockState.Implicit, settings.Statement.DefaultIsolation, settings.Statement.IsReadOnlyByDefault);
        return Current!;
    }

    /// <summary>Called as a statement other than transaction control begins to run.</summary>
    public void NoteStatement() => HasRun = true;

    /// <summary>25P02 if the transaction has failed.</summary>
    public void CheckUsable()
    {
        if (State == BlockState.Failed)
            throw new SqlException(SqlState.InFailedSqlTransaction, "current transaction is aborted, commands ignored until end of transaction block");
    }

    /// <summary>BEGIN: false if there was a transaction block already (a warning).</summary>
    public bool Begin(IsolationLevel? isolation, bool? isReadOnly, bool? isDeferrable)
    {
        if (State is BlockState.Explicit or BlockState.Failed) return false;
        if (State == BlockState.Implicit)
        {
            State = BlockState.Explicit;
            SetCharacteristics(isolation, isReadOnly, isDeferrable);
            return true;
        }
        Start(BlockState.Explicit, isolation ?? settings.Statement.DefaultIsolation, isReadOnly ?? settings.Statement.IsReadOnlyByDefault);
        IsDeferrable = isDeferrable ?? settings.Statement.IsDeferrableByDefault;
        return true;
    }

    /// <summary>SET TRANSACTION.</summary>
    public void SetCharacteristics(IsolationLevel? isolation, bool? isReadOnly, bool? isDeferrable = null)
    {
        ITransaction current = Ensure();
        IsDeferrable = isDeferrable ?? IsDeferrable;
        if (isolation is { } level && level != current.Isolation)
        {
            if (HasRun || _savepoints.Count > 0)
                throw new SqlException(SqlState.ActiveSqlTransaction, "SET TRANSACTION ISOLATION LEVEL must be called before any query");
            current.Dispose();
            Current = store.Begin(level, current.IsReadOnly, owner);
        }
        if (isReadOnly is not { } readOnly) return;
        if (!readOnly && Current!.IsReadOnly && HasRun)
            throw new SqlException(SqlState.ActiveSqlTransaction, "transaction read-write mode must be set before any query");
        Current!.IsReadOnly = readOnly;
    }

    /// <summary>COMMIT of whatever is running; returns false if it was rolled back instead, because it had failed.</summary>
    public bool Commit()
    {
        if (State is BlockState.Idle) return true;
        if (State is BlockState.Failed)
        {
            Rollback();
            return false;
        }
        try
        {
            Committing?.Invoke(Current!);
            Current!.Commit();
        }
        catch
        {
            Finish(committed: false);
            throw;
        }
        Finish(committed: true);
        return true;
    }

    public void Rollback()
    {
        if (State is BlockState.Idle) return;
        Current!.Rollback();
        Finish(committed: false);
    }

    /// <summary>An error: an implicit transaction is gone, an explicit one waits for ROLLBACK. Its writes are undone at once, so that its locks block nobody.</summary>
    public void Fail()
    {
        if (State == BlockState.Implicit)
        {
            Rollback();
            return;
        }
        if (State != BlockState.Explicit) return;
        State = BlockState.Failed;
        if (_savepoints.Count > 0)
        {
            Current!.RollbackTo(_savepoints[^1].Mark);
            RolledBackTo?.Invoke(_savepoints.Count - 1);
            return;
        }
        Current!.Rollback();
        Failing?.Invoke();
    }

    public void SetSavepoint(string name)
    {
        _savepoints.Add(new Savepoint(name, Current!.SetSavepoint(), settings.Mark(), Current.IsReadOnly));
        SavepointSet?.Invoke(_savepoints.Count - 1);
    }

    public void Release(string name)
    {
        int at = Find(name);
        Current!.Release(_savepoints[at].Mark);
        Current.IsReadOnly = _savepoints[at].IsReadOnly;
        _savepoints.RemoveRange(at, _savepoints.Count - at);
        Released?.Invoke(at);
    }

    /// <summary>Back to the savepoint, which stays; a failed block is usable again.</summary>
    public void RollbackTo(string name)
    {
        int at = Find(name);
        Current!.RollbackTo(_savepoints[at].Mark);
        Current.IsReadOnly = _savepoints[at].IsReadOnly;
        settings.RollbackTo(_savepoints[at].Settings);
        _savepoints.RemoveRange(at + 1, _savepoints.Count - at - 1);
        State = BlockState.Explicit;
        RolledBackTo?.Invoke(at);
    }

    public static IsolationLevel Level(string? name) => name switch
    {
        "serializable" => IsolationLevel.Serializable,
        "repeatable read" => IsolationLevel.RepeatableRead,
        _ => IsolationLevel.ReadCommitted,
    };

    public static string NameOf(IsolationLevel level) => level switch
    {
        IsolationLevel.Serializable => "serializable",
        IsolationLevel.RepeatableRead => "repeatable read",
        _ => "read committed",
    };

    private int Find(string name)
    {
        int at = _savepoints.FindLastIndex(s => s.Name == name);
        return at >= 0 ? at : throw new SqlException(SqlState.InvalidSavepointSpecification, $"savepoint \"{name}\" does not exist");
    }

    private void Start(BlockState state, IsolationLevel isolation, bool isReadOnly)
    {
        Current = store.Begin(isolation, isReadOnly, owner);
        StartMicros = PostgresTime.Now(clock);
        State = state;
        HasRun = false;
        IsDeferrable = settings.Statement.IsDeferrableByDefault;
        settings.Mark();
    }

    private void Finish(bool committed)
    {
        Current?.Dispose();
        Current = null;
        _savepoints.Clear();
        Deferred.Reset();
        State = BlockState.Idle;
        settings.EndTransaction(committed);
        Ended?.Invoke(committed);
    }

    private sealed record Savepoint(string Name, int Mark, SettingsMark Settings, bool IsReadOnly);
}
