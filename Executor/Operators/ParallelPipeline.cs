using VecSql.Core.Columns;
using VecSql.Core.Types;
using VecSql.Executor.Expressions;
using VecSql.Planner.Physical;

namespace VecSql.Executor.Operators;

/// <summary>
/// What the workers of one Gather share: the pieces of the driving scan, and the tables of the hash joins above it, which the leader builds before they start. Join tables only live in memory:
/// if one outgrows its share, the leader runs the plan alone, with joins that spill.
/// </summary>
internal sealed class ParallelPipeline(ExecutionState state, SharedScan scan, int workers, IReadOnlyList<JoinBuild> joins, Func<Operator> buildAlone) : IDisposable
{
    private Operator? _alone;

    public SharedScan Scan => scan;
    public int Workers => workers;

    /// <summary>The whole pipeline for one thread, for when <see cref="TryPrepare"/> fails.</summary>
    public Operator Alone => _alone ??= buildAlone();

    /// <summary>Starts a run: builds the joins' tables, outermost first, so that each one's keys filter what is read for those below. False if they don't fit.</summary>
    public bool TryPrepare()
    {
        scan.Restart();
        foreach (JoinBuild join in joins)
        {
            if (join.TryRun(state)) continue;
            foreach (JoinBuild built in joins) built.Clear();
            return false;
        }
        return true;
    }

    public void Dispose()
    {
        foreach (JoinBuild join in joins) join.Dispose();
        _alone?.Dispose();
    }
}

/// <summary>The build side of a hash join whose probe side runs in several workers.</summary>
internal sealed class JoinBuild(HashJoin plan, Operator input, Evaluator[] keys, HashJoinTable table, RuntimeFilter?[] filters, MemoryAccount memory) : IDisposable
{
    public HashJoin Plan => plan;
    public HashJoinTable Table => table;

    /// <summary>False if the table outgrew its memory.</summary>
    public bool TryRun(ExecutionState state)
    {
        foreach (RuntimeFilter? filter in filters) filter?.Clear();
        table.Clear();
        Column[] columns = new Column[keys.Length];
        input.Open();
        while (input.Next() is { } batch)
        {
            state.CheckCancelled();
            for (int i = 0; i < keys.Length; i++) columns[i] = keys[i].Evaluate(batch.Columns, batch.Selection);
            table.Add(batch.Columns, columns, batch.Selection);
            memory.Set(table.MemoryBytes);
            if (memory.IsOver) return false;
        }
        table.Finish(tracksMatches: false);
        for (int i = 0; i < filters.Length; i++) filters[i]?.Publish(table.Keys, i);
        return true;
    }

    public void Clear()
    {
        table.Clear();
        memory.Clear();
    }

    public void Dispose()
    {
        memory.Clear();
        input.Dispose();
    }
}

/// <summary>A worker's half of a hash join: probes a table that was built before. Inner, left, semi and anti joins.</summary>
internal sealed class SharedHashJoinOperator(ExecutionState state, Operator left, Evaluator[] leftKeys, HashJoinSpec spec, HashJoinTable table) : Operator(state)
{
    private readonly HashJoinProbe _probe = new(state, spec, table);
    private readonly Column[] _keyColumns = new Column[leftKeys.Length];

    protected override void OpenCore()
    {
        left.Open();
        _probe.Begin();
    }

    protected override ColumnBatch? NextCore()
    {
        while (true)
        {
            State.CheckCancelled();
            if (_probe.Next() is { } output) return output;
            if (left.Next() is not { } batch) return null;
            for (int i = 0; i < leftKeys.Length; i++) _keyColumns[i] = leftKeys[i].Evaluate(batch.Columns, batch.Selection);
            _probe.Take(batch, _keyColumns);
        }
    }

    public override void Dispose()
    {
        left.Dispose();
        base.Dispose();
    }
}
