using VecSql.Server.Sessions;
using VecSql.Storage.Contracts;

namespace VecSql.Server.Settings;

/// <summary>The settings that every statement asks for, parsed once for each change.</summary>
public sealed record StatementSettings
{
    /// <summary>Milliseconds; 0: none.</summary>
    public required int StatementTimeoutMs { get; init; }
    public required int LockTimeoutMs { get; init; }
    public required long WorkMemBytes { get; init; }
    public required int MaxWorkersPerGather { get; init; }
    public required int EfSearch { get; init; }
    public required int Probes { get; init; }
    public required double TargetRecall { get; init; }
    public required IsolationLevel DefaultIsolation { get; init; }
    public required bool IsReadOnlyByDefault { get; init; }
    public required bool IsDeferrableByDefault { get; init; }

    internal static StatementSettings Read(SessionSettings settings) => new()
    {
        StatementTimeoutMs = settings.GetInt("statement_timeout"),
        LockTimeoutMs = settings.GetInt("lock_timeout"),
        WorkMemBytes = settings.GetInt("work_mem") * 1024L,
        MaxWorkersPerGather = settings.GetInt("max_parallel_workers_per_gather"),
        EfSearch = settings.GetInt("hnsw.ef_search"),
        Probes = settings.GetInt("ivfflat.probes"),
        TargetRecall = settings.GetReal("vecsql.target_recall"),
        DefaultIsolation = TransactionBlock.Level(settings.Find("default_transaction_isolation")),
        IsReadOnlyByDefault = settings.GetBool("default_transaction_read_only"),
        IsDeferrableByDefault = settings.GetBool("default_transaction_deferrable"),
    };
}
