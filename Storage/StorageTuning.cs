namespace VecSql.Storage;

/// <summary>What may change while storage runs: read anew by whoever acts on it. Safe for all threads.</summary>
public sealed class StorageTuning
{
    private int _indexThreads = Math.Max(1, Environment.ProcessorCount / 2);
    private int _maintenanceShare = 25;
    private long _indexMemoryBytes;

    /// <summary>Threads for index work in the background: linking new rows, flushes, compactions; 1 or more.</summary>
    public int IndexThreads
    {
        get => Volatile.Read(ref _indexThreads);
        set => Volatile.Write(ref _indexThreads, Math.Max(1, value));
    }

    /// <summary>Percent of a processor that each thread of background work takes at most while others want it.</summary>
    public int MaintenanceShare
    {
        get => Volatile.Read(ref _maintenanceShare);
        set => Volatile.Write(ref _maintenanceShare, Math.Clamp(value, 1, 100));
    }

    /// <summary>Bytes of memory that files of vector indexes, and vectors that their searches read, may keep resident; 0: no bound.</summary>
    public long IndexMemoryBytes
    {
        get => Volatile.Read(ref _indexMemoryBytes);
        set => Volatile.Write(ref _indexMemoryBytes, Math.Max(0, value));
    }
}
