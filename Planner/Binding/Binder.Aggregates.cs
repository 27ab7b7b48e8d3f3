using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Functions;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>Aggregates and window calls: checked, and put down in the query level that computes them.</summary>
internal sealed partial class Binder
{
    /// <summary>Which query level's FROM brings a column.</summary>
    private readonly Dictionary<int, QueryLevel> _columnLevels = [];

    private ColumnExpression BindAggregate(Ast.FunctionCall call, ResolvedFunction resolved, QueryLevel level)
    {
        int position = call.Location;
        AggregateCall aggregate = MakeAggregate(call, resolved, level);
        QueryLevel owner = OwnerOf(aggregate, level);
        if (!owner.Place.AllowsAggregates() && owner.Place != ExpressionPlace.Other)
            throw Error(SqlState.GroupingError, $"aggregate functions are not allowed in {owner.Place.Words()}", position);
        foreach (BoundExpression argument in PartsOf(aggregate)) CheckInsideAggregate(argument, owner);
        foreach (AggregateColumn other in owner.Aggregates)
            if (SameAggregate(other.Call, aggregate))
                return Reference(other.Column, position);
        LogicalColumn column = NewColumn(aggregate.Signature.Name, aggregate.ResultType);
        owner.Aggregates.Add(new AggregateColumn(column, aggregate));
        return Reference(column, position);
    }

    private AggregateCall MakeAggregate(Ast.FunctionCall call, ResolvedFunction resolved, QueryLevel level)
    {
        BuiltinFunction function = resolved.Candidate!.Function;
        int position = call.Location;
        BuiltinAggregate? kind = Builtins.FindAggregate(function.Oid);
        bool isOrderedSet = kind is { Kind: 'o' or 'h' };
        if (isOrderedSet && !call.IsWithinGroup) throw Error(SqlState.WrongObjectType, $"WITHIN GROUP is required for ordered-set aggregate {function.Name}", position);
        if (!isOrderedSet && call.IsWithinGroup) throw Error(SqlState.WrongObjectType, $"{function.Name} is not an ordered-set aggregate, so it cannot have WITHIN GROUP", position);
        if (call.IsStar && resolved.Arguments.Count > 0 || !call.IsStar && resolved.Arguments.Count == 0 && !isOrderedSet)
            throw Error(SqlState.WrongObjectType, $"{function.Name}(*) must be used to call a parameterless aggregate function", position);
        IReadOnlyList<BoundExpression> arguments = resolved.Arguments, direct = [];
        List<SortKey> order = [];
        if (isOrderedSet)
        {
            int directCount = call.Arguments.Count;
            direct = [.. arguments.Take(directCount)];
            arguments = [.. arguments.Skip(directCount)];
            if (kind!.Kind == 'h' && direct.Count != arguments.Count)
                throw Error(SqlState.UndefinedFunction, $"function {Signature(call.Name, resolved.Arguments)} does not exist", position,
                    hint: $"To use the hypothetical-set aggregate {function.Name}, the number of hypothetical direct arguments (here {direct.Count}) must match the number of ordering columns (here {arguments.Count}).");
            if (kind.Kind == 'h') (direct, arguments) = UnifyHypothetical(direct, arguments);
            for (int i = 0; i < call.OrderBy.Count; i++) order.Add(MakeSortKey(call.OrderBy[i], arguments[i]));
        }
        else
        {
            foreach (Ast.SortItem item in call.OrderBy)
            {
                BoundExpression key = BindExpression(item.Expression, level);
                if (key.Type.Oid == TypeOid.Unknown) key = CoerceType(key, SqlType.Text, CoercionContext.Implicit, key.Position);
                if (call.IsDistinct && !arguments.Any(a => ExpressionEquality.Instance.Equals(a, key)))
                    throw Error(SqlState.InvalidColumnReference, "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list", key.Position);
                order.Add(MakeSortKey(item, key));
            }
        }
        if (call.IsDistinct)
            foreach (BoundExpression argument in arguments) CheckComparable(argument, isOrder: false);
        BoundExpression? filter = null;
        if (call.Filter is not null)
        {
            ExpressionPlace before = level.Place;
            level.Place = ExpressionPlace.Filter;
            filter = CoerceToBool(BindExpression(call.Filter, level), "FILTER");
            level.Place = before;
        }
        AggregateFunction implementation = Library.FindAggregate(function) ?? throw Unsupported(function, position);
        if (call.IsDistinct && implementation.DependsOnOrder)
        {
            foreach (BoundExpression argument in arguments)
                if (argument is not LiteralExpression && !order.Exists(k => ExpressionEquality.Instance.Equals(k.Expression, argument))) order.Add(new SortKey(argument, false, false));
        }
        SqlType[] types = [.. direct.Concat(arguments).Select(a => a.Type)];
        return new AggregateCall(function, implementation.Specialize(types, resolved.ResultType), arguments, call.IsDistinct, filter, order, direct, resolved.ResultType);
    }

    /// <summary>Each hypothetical value gets the type of its sort column.</summary>
    private (IReadOnlyList<BoundExpression>, IReadOnlyList<BoundExpression>) UnifyHypothetical(IReadOnlyList<BoundExpression> direct, IReadOnlyList<BoundExpression> sorted)
    {
        List<BoundExpression> first = [], second = [];
        for (int i = 0; i < direct.Count; i++)
        {
            uint common = CommonType([sorted[i], direct[i]], "WITHIN GROUP");
            first.Add(CoerceToCommon(direct[i], common, "WITHIN GROUP"));
            second.Add(CoerceToCommon(sorted[i], common, "WITHIN GROUP"));
        }
        return (first, second);
    }

    private static IEnumerable<BoundExpression> PartsOf(AggregateCall call) =>
        [.. call.DirectArguments, .. call.Arguments, .. call.OrderBy.Select(o => o.Expression), .. call.Filter is null ? [] : new[] { call.Filter }];

    /// <summary>The innermost level whose columns the aggregate looks at; its own if it looks at none.</summary>
    private QueryLevel OwnerOf(AggregateCall call, QueryLevel level)
    {
        HashSet<int> columns = [];
        foreach (BoundExpression part in PartsOf(call)) ExpressionFacts.AddColumns(part, columns);
        for (QueryLevel? candidate = level; candidate is not null; candidate = candidate.Parent)
        {
            foreach (int id in columns)
                if (_columnLevels.TryGetValue(id, out QueryLevel? owner) && owner == candidate || candidate.HasAggregateColumn(id))
                    return candidate;
        }
        return level;
    }

    private static void CheckInsideAggregate(BoundExpression argument, QueryLevel owner)
    {
        ExpressionFacts.Any(argument, e =>
        {
            if (e is not ColumnExpression column) return false;
            if (owner.HasAggregateColumn(column.ColumnId)) throw Error(SqlState.GroupingError, "aggregate function calls cannot be nested", column.Position);
            if (owner.HasWindowColumn(column.ColumnId)) throw Error(SqlState.GroupingError, "aggregate function calls cannot contain window function calls", column.Position);
            if (owner.HasSetColumn(column.ColumnId))
            {
                throw Error(SqlState.FeatureNotSupported, "aggregate function calls cannot contain set-returning function calls", column.Position,
                    hint: "You might be able to move the set-returning function into a LATERAL FROM item.");
            }
            return false;
        });
        // What subqueries inside it need from here counts, too.
        if (ExpressionFacts.Columns(argument).Any(owner.HasAggregateColumn)) throw Error(SqlState.GroupingError, "aggregate function calls cannot be nested", argument.Position);
    }

    private static bool SameAggregate(AggregateCall a, AggregateCall b)
    {
        ExpressionEquality equality = ExpressionEquality.Instance;
        return a.Signature.Oid == b.Signature.Oid && a.IsDistinct == b.IsDistinct && a.ResultType == b.ResultType && equality.Equals(a.Filter, b.Filter)
            && equality.All(a.Arguments, b.Arguments) && equality.All(a.DirectArguments, b.DirectArguments) && SameKeys(a.OrderBy, b.OrderBy)
            && !PartsOf(a).Any(ExpressionFacts.IsVolatile);
    }

    private static bool SameKeys(IReadOnlyList<SortKey> a, IReadOnlyList<SortKey> b) => a.Count == b.Count
        && a.Zip(b).All(p => p.First.Descending == p.Second.Descending && p.First.NullsFirst == p.Second.NullsFirst && ExpressionEquality.Instance.Equals(p.First.Expression, p.Second.Expression));

    private ColumnExpression BindWindowCall(Ast.FunctionCall call, ResolvedFunction resolved, QueryLevel level)
    {
        int position = call.Location;
        BuiltinFunction function = resolved.Candidate!.Function;
        if (!level.Place.AllowsWindows())
            throw Error(SqlState.WindowingError, $"window functions are not allowed in {level.Place.Words()}", position);
        if (call.IsDistinct) throw Error(SqlState.FeatureNotSupported, "DISTINCT is not implemented for window functions", position);
        if (call.OrderBy.Count > 0) throw Error(SqlState.FeatureNotSupported, "aggregate ORDER BY is not implemented for window functions", position);
        if (call.Filter is not null && function.Kind == 'w') throw Error(SqlState.FeatureNotSupported, "FILTER is not implemented for non-aggregate window functions", position);
        if (function.Kind == 'w' && call.IsStar) throw Error(SqlState.WrongObjectType, $"{function.Name}(*) must be used to call a parameterless aggregate function", position);
        AggregateCall? aggregate = function.Kind == 'a' ? MakeAggregate(call, resolved, level) : null;
        WindowFunction? window = null;
        if (aggregate is null)
        {
            SqlType[] types = [.. resolved.Arguments.Select(a => a.Type)];
            window = (Library.FindWindow(function) ?? throw Unsupported(function, position)).Specialize(types, resolved.ResultType);
        }
        foreach (BoundExpression argument in resolved.Arguments) CheckInsideWindow(argument, level);
        (IReadOnlyList<BoundExpression> partition, IReadOnlyList<SortKey> order, WindowFrame frame) = BindWindow(call.Over!, level);
        WindowCall windowCall = new(function, window, aggregate, resolved.Arguments, frame, resolved.ResultType);
        LogicalColumn column = NewColumn(function.Name, resolved.ResultType);
        level.Windows.Add(new PendingWindow(column, windowCall, partition, order));
        return Reference(column, position);
    }

    private static void CheckInsideWindow(BoundExpression argument, QueryLevel level)
    {
        ExpressionFacts.Any(argument, e =>
        {
            if (e is not ColumnExpression column) return false;
            if (level.HasWindowColumn(column.ColumnId)) throw Error(SqlState.WindowingError, "window function calls cannot be nested", column.Position);
            if (level.HasSetColumn(column.ColumnId))
            {
                throw Error(SqlState.FeatureNotSupported, "window function calls cannot contain set-returning function calls", column.Position,
                    hint: "You might be able to move the set-returning function into a LATERAL FROM item.");
            }
            return false;
        });
    }

    /// <summary>A key of ORDER BY: types without an order are refused.</summary>
    private SortKey MakeSortKey(Ast.SortItem item, BoundExpression expression)
    {
        bool descending = item.Direction == Ast.SortDirection.Descending;
        if (item.Using is { } symbol)
        {
            descending = symbol.Symbol switch
            {
                "<" or "~<~" => false,
                ">" or "~>~" => true,
                _ => throw Error(SqlState.WrongObjectType, $"operator {symbol.Symbol} is not a valid ordering operator", symbol.Span.Start,
                    hint: "Ordering operators must be \"<\" or \">\" members of btree operator families."),
            };
        }
        CheckComparable(expression, isOrder: true);
        bool nullsFirst = item.Nulls switch { Ast.NullsOrder.First => true, Ast.NullsOrder.Last => false, _ => descending };
        return new SortKey(expression, descending, nullsFirst);
    }

    private void CheckComparable(BoundExpression expression, bool isOrder)
    {
        uint type = expression.Type.Oid;
        if (expression is RowExpression row)
        {
            foreach (BoundExpression field in row.Fields) CheckComparable(field, isOrder);
            return;
        }
        if (TypeHandlers.Find(_types.BaseOf(type), _context.Catalog) is not { IsOrderable: false }) return;
        throw isOrder
            ? Error(SqlState.UndefinedFunction, $"could not identify an ordering operator for type {Format(type)}", expression.Position, hint: "Use an explicit ordering operator or modify the query.")
            : Error(SqlState.UndefinedFunction, $"could not identify an equality operator for type {Format(type)}", expression.Position);
    }
}
