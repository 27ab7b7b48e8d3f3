using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Storage.Contracts;
using VecSql.Storage.Databases;
using VecSql.Storage.Indexes;
using VecSql.Storage.Locks;
using VecSql.Storage.Memtables;
using VecSql.Storage.Tables;

namespace VecSql.Storage.Transactions;

/// <summary>
/// A transaction: its snapshot, what it did (a list of operations, undone from the end), what it holds.
/// Life: statements → Commit or Rollback → ended. A transaction whose commit failed is rolled back.
/// </summary>
internal sealed partial class Transaction : ITransaction
{
    private readonly DatabaseStore _database;
    private readonly LockOwner _owner;
    private readonly List<Operation> _operations = [];
    private readonly List<(int Operations, int Rows, int Objects)> _savepoints = [];
    private readonly Dictionary<uint, long> _truncatedBelow = [];
    private CommittedState _base;
    private CatalogSnapshot? _catalog;
    private long _command;
    private bool _commandWrote;
    private bool _hasSnapshot;
    private bool _isEnded;
    private bool _keepsSnapshot;

    public Transaction(DatabaseStore database, long id, IsolationLevel isolation, bool isReadOnly, int owner)
    {
        _database = database;
        Id = id;
        Isolation = isolation;
        IsReadOnly = isReadOnly;
        _owner = new LockOwner(id, owner);
        _base = database.State;
        SnapshotPosition = _base.Position;
        PinnedPosition = _base.Position;
    }

    public long Id { get; }
    public IsolationLevel Isolation { get; }
    public bool IsReadOnly { get; set; }
    public bool HasWrites => _operations.Count > 0 || _sharedChanges.Count > 0;
    public long SnapshotPosition { get; private set; }
    public CatalogSnapshot Catalog => _catalog ??= ApplyOwnChanges(_base.Catalog);
    internal LockOwner Owner => _owner;

    /// <summary>What its snapshot needs is kept from this position on. Guarded by the database's lock of active transactions.</summary>
    internal long PinnedPosition { get; set; }
    internal IReadOnlyList<Operation> Operations => _operations;

    private long WriteStamp
    {
        get
        {
            _commandWrote = true;
            return RowStamp.InProgress(Id, _command);
        }
    }

    public void SetCancellation(CancellationToken cancellation) => _owner.Cancellation = cancellation;

    public void BeginStatement(int lockTimeoutMs, CancellationToken cancellation)
    {
        ThrowIfEnded();
        _owner.TimeoutMs = lockTimeoutMs;
        _owner.Cancellation = cancellation;
        AdvanceCommand();
        if (_hasSnapshot && Isolation != IsolationLevel.ReadCommitted)
        {
            RefreshCatalog();
            return;
        }
        SnapshotPosition = _database.TakeSnapshot(this);
        _hasSnapshot = true;
        RefreshCatalog();
    }

    public void UseCancellation(int lockTimeoutMs, CancellationToken cancellation)
    {
        _owner.TimeoutMs = lockTimeoutMs;
        _owner.Cancellation = cancellation;
    }

    public void KeepSnapshot()
    {
        ThrowIfEnded();
        _keepsSnapshot = true;
    }

    /// <summary>True if what its present snapshot sees must outlive the statement: then newer snapshots don't move <see cref="PinnedPosition"/>.</summary>
    internal bool KeepsSnapshot => _keepsSnapshot;

    public void AdvanceCommand()
    {
        ThrowIfEnded();
        if (!_commandWrote) return;
        if (_command == RowStamp.MaxCommand) throw new SqlException(SqlState.ProgramLimitExceeded, "cannot have more than 2^27-1 commands in a transaction");
        _command++;
        _commandWrote = false;
    }

    public uint AllocateOid() => _database.AllocateOid();

    public bool LockTable(uint table, TableLockMode mode, LockWaitPolicy policy)
    {
        ThrowIfEnded();
        if (!_database.ObjectLocks.Acquire(_owner, new LockTag(LockKind.Relation, table), mode, policy == LockWaitPolicy.Wait, out bool hasWaited))
            throw new SqlException(SqlState.LockNotAvailable, $"could not obtain lock on relation \"{NameOf(table)}\"");
        // What the lock waited for may have changed the table: from here on its newest form counts.
        RefreshCatalog();
        return hasWaited;
    }

    public ITableReader Read(uint table) => ReadTable(table);

    public ITableReader ReadNewest(uint table) => ReadTable(table, _database.State.Position);

    internal TableReader ReadTable(uint table) => ReadTable(table, SnapshotPosition);

    private TableReader ReadTable(uint table, long position)
    {
        ThrowIfEnded();
        TableObject definition = FindTable(table);
        TableStore store = FindStore(table);
        var reader = new TableReader(store, definition, Catalog, new Snapshot(position, Id, _command), _truncatedBelow.GetValueOrDefault(table), IndexesOf(store),
            _owner);
        NoteRead(table);
        return reader;
    }

    /// <summary>All rows that live now, for checks of an index that was just built.</summary>
    internal TableReader ReadForBuild(TableStore store, IndexStore index) => new(store, FindTable(store.Oid), Catalog,
        new Snapshot(_database.State.Position, Id, _command + 1), _truncatedBelow.GetValueOrDefault(store.Oid), [index], _owner);

    public void Dispose() => Rollback();

    private TableObject FindTable(uint table) =>
        Catalog.Find<TableObject>(table) ?? throw new SqlException(SqlState.UndefinedTable, $"relation with OID {table} does not exist");

    private TableStore FindStore(uint table) => _newStores.TryGetValue(table, out TableStore? own) ? own : _database.FindStore(table);

    private List<IndexStore> IndexesOf(TableStore store)
    {
        var all = new List<IndexStore>(store.Indexes);
        foreach (Operation operation in _operations)
            if (operation is Operation.Build build && build.Table == store && !all.Contains(build.Index))
                all.Add(build.Index);
        // What this transaction dropped takes no more rows: its keys may be of a type that the column no longer has.
        if (_operations.Exists(o => o is Operation.Drop { Value: IndexObject })) all.RemoveAll(i => Catalog.Find<IndexObject>(i.Oid) is null);
        return all;
    }

    private string NameOf(uint table) => Catalog.Find<RelationObject>(table)?.Name ?? table.ToString();

    private void ThrowIfEnded()
    {
        if (_isEnded) throw new InvariantException("the transaction has ended");
    }
}
