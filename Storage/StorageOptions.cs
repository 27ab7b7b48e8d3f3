using VecSql.Storage.Contracts;
using VecSql.Storage.Files;

namespace VecSql.Storage;

/// <summary>What storage gets from outside.</summary>
public sealed record StorageOptions
{
    public required IFileSystem Files { get; init; }

    /// <summary>
    /// Called once when durability can no longer be promised (a failed sync, a failed write of the log): it should end the process, at once and without flushing. Until it
    /// does, storage acknowledges nothing more.
    /// </summary>
    public required Action<Exception> FailStop { get; init; }

    /// <summary>Evaluates expressions of indexes; without it such indexes are refused.</summary>
    public IIndexExpressions? IndexExpressions { get; init; }
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>What may be changed later.</summary>
    public StorageTuning Tuning { get; init; } = new();

    /// <summary>Threads for index builds that a statement waits for.</summary>
    public int BuildThreads { get; init; } = Math.Max(1, Environment.ProcessorCount);

    /// <summary>A checkpoint is made when the log has grown by so much.</summary>
    public long CheckpointLogBytes { get; init; } = 256L << 20;

    /// <summary>A memtable is frozen, and flushed, beyond this.</summary>
    public long MemtableBytes { get; init; } = 128L << 20;

    /// <summary>Frozen memtables of one table that may wait for their flush before writers wait for them.</summary>
    public int MaxFrozenMemtables { get; init; } = 4;

    /// <summary>False: flushes and compactions happen only when asked for (tests that want to be the only thread).</summary>
    public bool HasBackgroundWork { get; init; } = true;

    /// <summary>Files that are verified while they are in use.</summary>
    internal LaterChecks LaterChecks => field ??= new LaterChecks(HasBackgroundWork);

    /// <summary>Ends the process as <see cref="FailStop"/> should.</summary>
    public static void EndProcess(Exception reason) => Environment.FailFast("storage can't promise durability any more: " + reason.Message, reason);
}
