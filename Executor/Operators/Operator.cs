using System.Diagnostics;
using VecSql.Core.Columns;

namespace VecSql.Executor.Operators;

/// <summary>
/// A running plan node. Pulled: the consumer asks for the next batch, so a portal can suspend, LIMIT stops early, and a dependent join runs its right side again by <see cref="Open"/>.
/// Used by one thread. Owns its inputs.
/// </summary>
internal abstract class Operator(ExecutionState state) : IDisposable
{
    private bool _hasStarted;

    protected ExecutionState State { get; } = state;

    /// <summary>Counts for EXPLAIN ANALYZE; null if they aren't wanted.</summary>
    public OperatorStatistics? Statistics { get; set; }

    /// <summary>Starts from the first row; again, for another run with other slots.</summary>
    public void Open()
    {
        _hasStarted = false;
        if (Statistics is not { } statistics)
        {
            OpenCore();
            return;
        }
        statistics.Loops++;
        long start = State.Options.InstrumentTiming ? Stopwatch.GetTimestamp() : 0;
        OpenCore();
        if (State.Options.InstrumentTiming) AddTime(statistics, start);
    }

    /// <summary>The next batch with at least one selected row, or null at the end. Valid until the next call.</summary>
    public ColumnBatch? Next()
    {
        State.CheckCancelled();
        return Statistics is null ? NextCore() : NextCounted(Statistics);
    }

    /// <summary>After <see cref="Open"/>: the consumer will take at most so many rows. For operators whose work has effects (row locks); those that pass rows on one by one tell their input.</summary>
    public virtual void HintRows(long rows) { }

    protected abstract void OpenCore();
    protected abstract ColumnBatch? NextCore();

    public virtual void Dispose() => GC.SuppressFinalize(this);

    private ColumnBatch? NextCounted(OperatorStatistics statistics)
    {
        long start = State.Options.InstrumentTiming ? Stopwatch.GetTimestamp() : 0;
        ColumnBatch? batch = NextCore();
        if (State.Options.InstrumentTiming) AddTime(statistics, start);
        _hasStarted = true;
        if (batch is not null) statistics.Rows += batch.Count;
        return batch;
    }

    private void AddTime(OperatorStatistics statistics, long start)
    {
        long ticks = Stopwatch.GetTimestamp() - start;
        statistics.Ticks += ticks;
        if (!_hasStarted) statistics.FirstBatchTicks += ticks;
    }
}
