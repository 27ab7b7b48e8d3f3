using VecSql.Core.Errors;

namespace VecSql.Executor;

/// <summary>
/// The memory of one query. Operators account for what they hold (<see cref="MemoryAccount"/>) and spill when their own share is used up; what can't be spilled and goes beyond the
/// query's limit fails with 53200. Safe for parallel workers.
/// </summary>
public sealed class MemoryBudget(long limitBytes)
{
    private long _used;
    private long _peak;

    public long UsedBytes => Interlocked.Read(ref _used);
    public long PeakBytes => Interlocked.Read(ref _peak);

    internal void Change(long delta)
    {
        long used = Interlocked.Add(ref _used, delta);
        if (delta <= 0) return;
        if (used > limitBytes)
        {
            Interlocked.Add(ref _used, -delta);
            throw new SqlException(SqlState.OutOfMemory, "out of memory", detail: $"The query's operators need more than {limitBytes} bytes.");
        }
        long peak = Interlocked.Read(ref _peak);
        while (used > peak)
        {
            long seen = Interlocked.CompareExchange(ref _peak, used, peak);
            if (seen == peak) break;
            peak = seen;
        }
    }
}

/// <summary>One operator's share of the budget. Used by one thread.</summary>
internal sealed class MemoryAccount(MemoryBudget budget, long limitBytes)
{
    public long HeldBytes { get; private set; }

    /// <summary>True if the operator should spill.</summary>
    public bool IsOver => HeldBytes > limitBytes;

    /// <summary>Sets what is held now.</summary>
    public void Set(long bytes)
    {
        budget.Change(bytes - HeldBytes);
        HeldBytes = bytes;
    }

    public void Clear() => Set(0);
}
