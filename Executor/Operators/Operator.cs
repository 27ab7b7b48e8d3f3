using System.Diagnostics;
using VecSql.Core.Columns;

namespace VecSql.Executor.Operators;

/// <summary>
/// A running plan node. Pulled: the consumer asks for the next batch, so a portal can suspend, LIMIT stops early, and a dependent join runs its right side again by <see cref="Open"/>.
/// Used by one thread. Owns its inputs.
/// </summary>
internal abstract class Operator(ExecutionState state) : IDisposable
{
    protected ExecutionState State { get; } = state;

    /// <summary>Counts for EXPLAIN ANALYZE; null if they aren't wanted.</summary>
    public OperatorStatistics? Statistics { get; set; }

    /// <summary>Starts from the first row; again, for another run with other slots.</summary>
    public void Open()
    {
        if (Statistics is { } statistics) statistics.Loops++;
        OpenCore();
    }

    /// <summary>The next batch with at least one selected row, or null at the end. Valid until the next call.</summary>
    public ColumnBatch? Next()
    {
        State.CheckCancelled();
        return Statistics is null ? NextCore() : NextCounted(Statistics);
    }

    protected abstract void OpenCore();
    protected abstract ColumnBatch? NextCore();

    public virtual void Dispose() => GC.SuppressFinalize(this);

    private ColumnBatch? NextCounted(OperatorStatistics statistics)
    {
        long start = State.Options.InstrumentTiming ? Stopwatch.GetTimestamp() : 0;
        ColumnBatch? batch = NextCore();
        if (State.Options.InstrumentTiming) statistics.Ticks += Stopwatch.GetTimestamp() - start;
        if (batch is not null) statistics.Rows += batch.Count;
        return batch;
    }
}

/// <summary>What an operator did, over all its runs (and workers).</summary>
public sealed class OperatorStatistics
{
    public long Rows { get; set; }
    public long Loops { get; set; }

    /// <summary>Rows that its own filter removed.</summary>
    public long RowsRemoved { get; set; }

    /// <summary>Time in it and below, in <see cref="Stopwatch"/> ticks.</summary>
    public long Ticks { get; set; }
    public double Milliseconds => Ticks * 1000.0 / Stopwatch.Frequency;

    /// <summary>Further facts, such as a sort's method or a vector search's strategy, by EXPLAIN's labels.</summary>
    public Dictionary<string, string> Details { get; } = [];
}
