using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Functions;
using VecSql.Core.Types;
using VecSql.Executor.Expressions;
using VecSql.Executor.Rows;
using VecSql.Planner.Expressions;

namespace VecSql.Executor.Operators;

/// <summary>An aggregate call over a batch: which rows it takes (FILTER), its evaluated arguments and order keys. Shared by the grouping sets of one operator.</summary>
internal sealed class AggregateInput
{
    private readonly ExecutionState _state;
    private readonly EvaluatorBuilder _expressions;
    private readonly AggregateCall _call;
    private readonly Evaluator? _filter;
    private readonly Evaluator[] _values;
    private readonly bool _isOrderedSet;

    public AggregateInput(ExecutionState state, AggregateCall call, EvaluatorBuilder expressions)
    {
        _state = state;
        _expressions = expressions;
        _call = call;
        _isOrderedSet = Builtins.FindAggregate(call.Signature.Oid)?.Kind is 'o' or 'h';
        // An ordered-set aggregate takes its direct arguments, then what WITHIN GROUP sorts by; it sorts for itself.
        IReadOnlyList<BoundExpression> arguments = _isOrderedSet && call.Arguments.Count == 0
            ? [.. call.DirectArguments, .. call.OrderBy.Select(k => k.Expression)]
            : [.. call.DirectArguments, .. call.Arguments];
        ArgumentTypes = [.. arguments.Select(a => a.Type)];
        _filter = expressions.BuildOptional(call.Filter);
        _values = expressions.BuildAll([.. arguments, .. call.OrderBy.Select(k => k.Expression)]);
        Columns = new Column[_values.Length];
        Function = _isOrderedSet ? call.Function.WithinGroup([.. call.OrderBy.Select(k => new AggregateOrder(k.Descending, k.NullsFirst))]) : call.Function;
    }

    public AggregateFunction Function { get; }
    public IReadOnlyList<SqlType> ArgumentTypes { get; }
    public bool IsDistinct => _call.IsDistinct;
    public bool IsOrdered => _call.OrderBy.Count > 0 && !_isOrderedSet;

    /// <summary>Rows come one by one in any order, and states can be saved: the aggregate may spill.</summary>
    public bool IsPlain => !IsDistinct && !IsOrdered;

    /// <summary>The batch's rows that count.</summary>
    public Selection Rows { get; private set; }

    /// <summary>Arguments, then order keys.</summary>
    public Column[] Columns { get; }

    public ReadOnlySpan<Column> Arguments => Columns.AsSpan(0, ArgumentTypes.Count);

    public void Prepare(ReadOnlySpan<Column> input, Selection rows)
    {
        Rows = _filter is null ? rows : _filter.Filter(input, rows);
        for (int i = 0; i < _values.Length; i++) Columns[i] = _values[i].Evaluate(input, Rows);
    }

    /// <summary>A sorter of (group, arguments, order keys): by group, then ORDER BY, then, if equal arguments must meet, these.</summary>
    public RowSorter CreateSorter()
    {
        List<SqlType> types = [SqlType.Int4, .. ArgumentTypes, .. _call.OrderBy.Select(k => k.Expression.Type)];
        List<SortKey> keys = [new(new InputExpression(0, SqlType.Int4), false, false)];
        for (int i = 0; i < _call.OrderBy.Count; i++)
            keys.Add(_call.OrderBy[i] with { Expression = new InputExpression(1 + ArgumentTypes.Count + i, _call.OrderBy[i].Expression.Type) });
        if (IsDistinct)
            for (int i = 0; i < ArgumentTypes.Count; i++) keys.Add(new SortKey(new InputExpression(1 + i, ArgumentTypes[i]), false, false));
        return new RowSorter(_state, _state.KindsOf(types), new RowOrder(keys, _expressions, _state));
    }

    public PhysicalKind[] SorterKinds => _state.KindsOf([SqlType.Int4, .. ArgumentTypes, .. _call.OrderBy.Select(k => k.Expression.Type)]);

    public KeyTable CreateDistinctKeys() => KeyTable.Create(_state, [SqlType.Int4, .. ArgumentTypes]);

    public TypeHandler[] ArgumentHandlers => [.. ArgumentTypes.Select(_state.HandlerOf)];
}
