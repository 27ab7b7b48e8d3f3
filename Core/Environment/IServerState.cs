namespace VecSql.Core.Environment;

/// <summary>What the running server knows of itself, for virtual tables (pg_stat_activity, pg_locks, pg_settings, pg_stat_progress_create_index).</summary>
public interface IServerState
{
    long StartTimeMicros { get; }
    IReadOnlyList<SessionInfo> Sessions { get; }
    IReadOnlyList<LockInfo> Locks { get; }

    /// <summary>Sessions that wait for a lock now.</summary>
    IReadOnlyList<LockWait> LockWaits { get; }
    IReadOnlyList<SettingInfo> Settings { get; }
    IReadOnlyList<IndexProgress> IndexBuilds { get; }

    /// <summary>Rows (an estimate) and bytes on disk of a table or an index of this database; zeros if unknown.</summary>
    (long Rows, long Bytes) SizeOf(uint relation);

    /// <summary>What an index tells of itself; null if there is none of that number. Recall is that of searches as the session would run them.</summary>
    IndexState? DescribeIndex(uint index);

    /// <summary>The recall of an index over a sample of its rows, measured now, with the session's settings; null if there is no such index, NaN if it has too few rows.</summary>
    double? MeasureRecall(uint index, int k, int sample, CancellationToken cancellation);

    /// <summary>Reads a part of a table's or an index's files, so that they are in memory; offsets count through all of them.</summary>
    void Prewarm(uint relation, long offset, long lengthBytes, CancellationToken cancellation);

    /// <summary>Cancels the session's running statement; false if there is no such session.</summary>
    bool Cancel(int processId);

    /// <summary>Ends the session; false if there is none.</summary>
    bool Terminate(int processId);
}

/// <summary>A row of pg_stat_activity. Times in microseconds since 2000-01-01 UTC; 0 if none.</summary>
public sealed record SessionInfo(int ProcessId, uint DatabaseOid, string DatabaseName, string User, string ApplicationName, string? ClientAddress, int ClientPort,
    long StartedMicros, long TransactionStartMicros, long QueryStartMicros, long StateChangeMicros, string State, string Query, string? WaitEventType, string? WaitEvent);

/// <summary>A row of pg_locks.</summary>
public sealed record LockInfo(string LockType, uint DatabaseOid, uint RelationOid, int ProcessId, string Mode, bool Granted, long? ClassId, long? ObjectId, short? ObjectSubId)
{
    /// <summary>The transaction that is locked (by itself) or waited for; null for other kinds of locks.</summary>
    public long? TransactionId { get; init; }
}

/// <summary>A session that waits for a lock.</summary>
/// <param name="Event">pg_stat_activity's wait_event: relation, transactionid, advisory, object.</param>
/// <param name="Blockers">Process numbers of those in the way.</param>
public sealed record LockWait(int ProcessId, string Event, IReadOnlyList<int> Blockers);

/// <summary>A row of pg_settings.</summary>
public sealed record SettingInfo(string Name, string Value, string? Unit, string Category, string Description, string Context, string Type, string? Min, string? Max,
    IReadOnlyList<string>? EnumValues, string BootValue, string ResetValue, string Source);

/// <summary>A row of pg_stat_progress_create_index.</summary>
public sealed record IndexProgress(int ProcessId, uint DatabaseOid, uint TableOid, uint IndexOid, string Command, string Phase, long TuplesTotal, long TuplesDone, long BlocksTotal, long BlocksDone);
