using VecSql.Core.Errors;

namespace VecSql.Core.Environment;

/// <summary>
/// What SQL functions may do to, or ask of, the session they run in. Implemented by the server's session; calls come from the statement's own thread.
/// </summary>
public interface ISessionServices
{
    string CurrentUser { get; }
    string SessionUser { get; }
    string DatabaseName { get; }
    uint DatabaseOid { get; }

    /// <summary>The number that cancel and pg_stat_activity use.</summary>
    int ProcessId { get; }

    /// <summary>Schemas in the search path that exist, in order; pg_catalog first unless it is named.</summary>
    IReadOnlyList<uint> SearchPath { get; }

    /// <summary>SHOW's text; null if there is no such setting.</summary>
    string? GetSetting(string name);

    /// <summary>SET or SET LOCAL; returns the value as SHOW would.</summary>
    /// <exception cref="SqlException">42704, 22023.</exception>
    string SetSetting(string name, string value, bool isLocal);

    /// <summary>Next value of a sequence; never rolled back.</summary>
    /// <exception cref="SqlException">2200H at its end.</exception>
    long NextValue(uint sequence);

    /// <summary>The value that this session's last NextValue gave.</summary>
    /// <exception cref="SqlException">55000 if there was none.</exception>
    long CurrentValue(uint sequence);

    /// <summary>The last value given to this session by any sequence.</summary>
    long LastValue();
    void SetValue(uint sequence, long value, bool isCalled);

    /// <summary>What SELECT … FROM the sequence shows: last value, whether it was given out, and how many more may be before the next log record.</summary>
    (long LastValue, bool IsCalled, int LogCount) ReadSequence(uint sequence);

    void Notice(Notice notice);

    /// <summary>NOTIFY: sent when the transaction commits, once for equal channel and payload.</summary>
    /// <exception cref="SqlException">22023 if the channel or the payload is too long.</exception>
    void Notify(string channel, string payload);

    /// <summary>Takes a session- or transaction-level advisory lock; waits unless <paramref name="isTry"/>. False if not taken.</summary>
    bool AdvisoryLock(AdvisoryKey key, bool isShared, bool isTransaction, bool isTry);

    /// <summary>False (with a warning) if not held.</summary>
    bool AdvisoryUnlock(AdvisoryKey key, bool isShared);
    void AdvisoryUnlockAll();

    /// <summary>This session's prepared statements, by name.</summary>
    IReadOnlyList<PreparedStatementInfo> PreparedStatements { get; }

    /// <summary>This session's open cursors.</summary>
    IReadOnlyList<CursorInfo> Cursors { get; }

    /// <summary>The running transaction's number.</summary>
    long TransactionId { get; }

    /// <summary>The same; 0 until the transaction has written something or asked for its number.</summary>
    long AssignedTransactionId { get; }

    /// <summary>Facts of the running server for virtual tables: sessions, locks, progress.</summary>
    IServerState Server { get; }
}

/// <summary>A row of pg_prepared_statements.</summary>
public sealed record PreparedStatementInfo(string Name, string Statement, long PreparedMicros, IReadOnlyList<uint> ParameterTypes, bool IsFromSql);

/// <summary>A row of pg_cursors.</summary>
public sealed record CursorInfo(string Name, string Statement, bool IsHeld, bool IsBinary, bool IsScrollable, long CreatedMicros);

/// <summary>What RAISE and the engine tell the client beside the result.</summary>
/// <param name="Severity">NOTICE, WARNING, INFO, LOG, DEBUG.</param>
public sealed record Notice(string Severity, string SqlState, string Message, string? Detail = null, string? Hint = null, int Position = -1);

/// <summary>An advisory lock's key: one 64-bit number, or two 32-bit ones (another space).</summary>
public readonly record struct AdvisoryKey(uint Database, long Key, bool IsTwoPart);
