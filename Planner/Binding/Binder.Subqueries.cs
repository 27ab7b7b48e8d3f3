using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>Subqueries in expressions.</summary>
internal sealed partial class Binder
{
    private BoundExpression BindSubqueryExpression(Ast.Expression expression, QueryLevel level)
    {
        int position = expression.Location;
        if (!level.Place.AllowsSubqueries())
        {
            string where = level.Place switch { ExpressionPlace.CheckConstraint => "check constraint", ExpressionPlace.ColumnDefault => "DEFAULT expression", ExpressionPlace.GeneratedColumn => "column generation expression", ExpressionPlace.IndexPredicate => "index predicate", ExpressionPlace.CopyWhere => "COPY FROM WHERE condition", _ => "index expression" };
            throw Error(SqlState.FeatureNotSupported, $"cannot use subquery in {where}", position);
        }
        switch (expression)
        {
            case Ast.ExistsExpression e:
                return new SubqueryExpression(SubqueryKind.Exists, BindInner(e.Query, level).Plan, [], null, SqlType.Bool) { Position = position };
            case Ast.ScalarSubquery e:
                BoundQuery scalar = BindInner(e.Query, level);
                if (scalar.Columns.Count != 1) throw Error(SqlState.SyntaxError, "subquery must return only one column", position);
                return new SubqueryExpression(SubqueryKind.Scalar, scalar.Plan, [], null, scalar.Columns[0].Type) { Position = position };
            case Ast.ArraySubquery e:
                BoundQuery array = BindInner(e.Query, level);
                if (array.Columns.Count != 1) throw Error(SqlState.SyntaxError, "subquery must return only one column", position);
                SqlType element = array.Columns[0].Type;
                uint type = _types.BecomesDimension(element.Oid) ? element.Oid : _types.ArrayOf(element.Oid);
                if (type == 0) throw Error(SqlState.UndefinedObject, $"could not find array type for data type {Format(element.Oid)}", position);
                return new SubqueryExpression(SubqueryKind.Array, array.Plan, [], null, new SqlType(type)) { Position = position };
            case Ast.InSubquery e:
                BoundExpression membership = BindQuantifiedSubquery(e.Operand, new Ast.OperatorName(null, "="), false, e.Query, level, position);
                return e.IsNegated ? new NotExpression(membership) { Position = position } : membership;
            case Ast.QuantifiedSubquery e:
                return BindQuantifiedSubquery(e.Left, e.Operator, e.Quantifier == Ast.Quantifier.All, e.Query, level, position);
            default: throw Invariant.Unreachable(expression);
        }
    }

    /// <summary>A subquery of an expression: sees the level's names, puts nothing down in it.</summary>
    private BoundQuery BindInner(Ast.SelectStatement query, QueryLevel level) => BindQuery(query, level, new QueryOptions { ResolveUnknowns = true });

    private SubqueryExpression BindQuantifiedSubquery(Ast.Expression left, Ast.OperatorName name, bool isAll, Ast.SelectStatement query, QueryLevel level, int position)
    {
        BoundExpression operand = BindExpression(left, level);
        BoundQuery inner = BindInner(query, level);
        IReadOnlyList<BoundExpression> lefts = operand is RowExpression row && IsConstructed(row) ? row.Fields : [operand];
        if (lefts.Count < inner.Columns.Count) throw Error(SqlState.SyntaxError, "subquery has too many columns", position);
        if (lefts.Count > inner.Columns.Count) throw Error(SqlState.SyntaxError, "subquery has too few columns", position);
        (IReadOnlyList<BoundExpression> converted, BoundExpression comparison) = CompareWithSubquery(name, lefts, inner, position);
        return new SubqueryExpression(isAll ? SubqueryKind.All : SubqueryKind.Any, inner.Plan, converted, comparison, SqlType.Bool) { Position = position };
    }

    /// <summary>The comparison over InputExpressions: first the left values, then the subquery's columns.</summary>
    private (IReadOnlyList<BoundExpression>, BoundExpression) CompareWithSubquery(Ast.OperatorName name, IReadOnlyList<BoundExpression> lefts, BoundQuery inner, int position)
    {
        int count = lefts.Count;
        List<BoundExpression> converted = [], pairs = [];
        List<CallExpression> calls = [];
        for (int i = 0; i < count; i++)
        {
            // A left value without a type yet (a literal, a parameter) takes the operator's.
            CallExpression probe = BindOperator(name, lefts[i], new InputExpression(count + i, inner.Columns[i].Type), position);
            if (probe.Type.Oid != TypeOid.Bool)
                throw Error(SqlState.DatatypeMismatch, $"row comparison operator must yield type boolean, not type {Format(probe.Type.Oid)}", position);
            converted.Add(probe.Arguments[0]);
            calls.Add(probe with { Arguments = [new InputExpression(i, probe.Arguments[0].Type), probe.Arguments[1]] });
        }
        pairs.AddRange(calls);
        if (count == 1) return (converted, pairs[0]);
        switch (RowComparisonOf(name.Symbol))
        {
            case RowComparison.Equal: return (converted, new AndExpression(pairs));
            case RowComparison.NotEqual: return (converted, new OrExpression(pairs));
            case { } order:
                List<CallExpression> equalities = [], lessThans = [];
                foreach (CallExpression call in calls)
                {
                    InputExpression first = new(0, call.Arguments[0].Type), second = new(1, call.Arguments[1].Type);
                    equalities.Add(BindOperator(new Ast.OperatorName(null, "="), first, second, position));
                    lessThans.Add(BindOperator(new Ast.OperatorName(null, "<"), first, second, position));
                }
                return (converted, new RowCompareExpression(order, [.. calls.Select(c => c.Arguments[0])], [.. calls.Select(c => c.Arguments[1])], equalities, lessThans));
            default: throw Error(SqlState.FeatureNotSupported, $"could not determine interpretation of row comparison operator {name.Symbol}", position, hint: "Row comparison operators must be associated with btree operator families.");
        }
    }

    /// <summary>(a, b) = (SELECT x, y …): the subquery's row, field by field.</summary>
    private BoundExpression BindRowSubqueryComparison(Ast.RowConstructor row, Ast.OperatorName name, Ast.ScalarSubquery subquery, QueryLevel level, int position)
    {
        RowExpression left = BindRow(row, level);
        BoundQuery inner = BindInner(subquery.Query, level);
        if (left.Fields.Count < inner.Columns.Count) throw Error(SqlState.SyntaxError, "subquery has too many columns", subquery.Location);
        if (left.Fields.Count > inner.Columns.Count) throw Error(SqlState.SyntaxError, "subquery has too few columns", subquery.Location);
        SubqueryExpression value = new(SubqueryKind.RowScalar, inner.Plan, [], null, SqlType.Record) { Position = subquery.Location };
        List<BoundExpression> right = [.. inner.Columns.Select((c, i) => (BoundExpression)new FieldExpression(value, i, c.Name, c.Type) { Position = position })];
        if (RowComparisonOf(name.Symbol) is not { } comparison) throw Error(SqlState.FeatureNotSupported, $"could not determine interpretation of row comparison operator {name.Symbol}", position);
        return CompareRows(name, comparison, left.Fields, right, position);
    }
}
