using VecSql.Core.Columns;
using VecSql.Core.Types;
using VecSql.Executor.Expressions;
using VecSql.Executor.Rows;

namespace VecSql.Executor.Operators;

/// <summary>GROUP BY and aggregates: one <see cref="AggregationSet"/> for each grouping set. Output: groups, aggregates, GROUPING masks.</summary>
internal sealed class HashAggregateOperator : Operator
{
    private readonly Operator? _input;
    private readonly ParallelAggregateInput? _parallel;
    private readonly AggregatePlanParts _parts;
    private readonly Column[] _groupColumns;
    private readonly AggregationSet[] _sets;
    private readonly IReadOnlyList<IReadOnlyList<int>> _groupings;
    private readonly RowBuffer _output;
    private bool _isRead;
    private int _set, _next;
    private bool _isSetOpen;

    /// <summary>Reads its input, or has workers read it: one of the two is given.</summary>
    public HashAggregateOperator(ExecutionState state, Operator? input, ParallelAggregateInput? parallel, AggregatePlanParts parts, IReadOnlyList<IReadOnlyList<int>> groupings, PhysicalKind[] kinds) : base(state)
    {
        _input = input;
        _parallel = parallel;
        _parts = parts;
        _groupings = groupings;
        _groupColumns = new Column[parts.Groups.Length];
        _sets = parts.CreateSets(state);
        _output = new RowBuffer(kinds, 16);
    }

    protected override void OpenCore()
    {
        _input?.Open();
        foreach (AggregationSet set in _sets) set.Clear();
        _isRead = _isSetOpen = false;
        _set = 0;
    }

    protected override ColumnBatch? NextCore()
    {
        if (!_isRead) ReadInput();
        _output.Reset();
        while (_set < _sets.Length)
        {
            AggregationSet set = _sets[_set];
            if (!_isSetOpen)
            {
                if (!set.NextGroups())
                {
                    _set++;
                    continue;
                }
                _isSetOpen = true;
                _next = 0;
            }
            int count = Math.Min(set.GroupCount - _next, State.Options.BatchSize);
            if (count == 0)
            {
                _isSetOpen = false;
                continue;
            }
            Append(set, count);
            _next += count;
            return _output.ToBatch();
        }
        return null;
    }

    private void ReadInput()
    {
        _isRead = true;
        if (_parallel is null || !_parallel.TryRead(_sets))
        {
            Operator input = _input ?? _parallel!.Alone;
            if (_input is null) input.Open();
            while (input.Next() is { } batch) Take(batch, _parts, _groupColumns, _sets);
        }
        foreach (AggregationSet set in _sets)
        {
            set.Finish();
            if (Statistics is { } statistics && set.HasSpilled) statistics.Details["Batches"] = Partitions.Fanout.ToString();
        }
    }

    /// <summary>Evaluates groups and arguments of a batch and adds it to all sets.</summary>
    public static void Take(ColumnBatch batch, AggregatePlanParts parts, Column[] groupColumns, AggregationSet[] sets)
    {
        for (int i = 0; i < groupColumns.Length; i++) groupColumns[i] = parts.Groups[i].Evaluate(batch.Columns, batch.Selection);
        foreach (AggregateInput input in parts.Inputs) input.Prepare(batch.Columns, batch.Selection);
        foreach (AggregationSet set in sets) set.Add(groupColumns, batch.Selection);
    }

    private void Append(AggregationSet set, int count)
    {
        int groups = _groupColumns.Length, aggregates = _parts.Inputs.Length;
        set.Append(_next, count, _output.Builders[..groups], _output.Builders.Slice(groups, aggregates));
        for (int group = 0; group < groups; group++)
        {
            if (set.Members.Contains(group)) continue;
            for (int i = 0; i < count; i++) _output.Builders[group].AppendNull();
        }
        for (int grouping = 0; grouping < _groupings.Count; grouping++)
        {
            int mask = 0;
            foreach (int group in _groupings[grouping]) mask = mask << 1 | (set.Members.Contains(group) ? 0 : 1);
            ((ColumnBuilder<int>)_output.Builders[groups + aggregates + grouping]).Fill(count).Fill(mask);
        }
        _output.AddRows(count);
    }

    public override void Dispose()
    {
        _input?.Dispose();
        _parallel?.Dispose();
        foreach (AggregationSet set in _sets) set.Dispose();
        base.Dispose();
    }
}

/// <summary>The evaluators of an aggregation, for one thread.</summary>
internal sealed record AggregatePlanParts(Evaluator[] Groups, IReadOnlyList<SqlType> GroupTypes, AggregateInput[] Inputs, IReadOnlyList<IReadOnlyList<int>>? GroupingSets)
{
    public AggregationSet[] CreateSets(ExecutionState state) => GroupingSets is null
        ? [new AggregationSet(state, [.. Enumerable.Range(0, Groups.Length)], GroupTypes, Inputs)]
        : [.. GroupingSets.Select(s => new AggregationSet(state, [.. s], GroupTypes, Inputs))];
}
