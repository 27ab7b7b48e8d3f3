using VecSql.Core.Errors;
using VecSql.Planner.Logical;

namespace VecSql.Planner.Expressions;

/// <summary>Questions about expressions.</summary>
public static class ExpressionFacts
{
    /// <summary>The expressions directly inside, comparisons over InputExpression 0 and 1 and element coercions left out; a subquery's plan is not entered.</summary>
    public static IEnumerable<BoundExpression> Children(BoundExpression expression) => expression switch
    {
        LiteralExpression or ParameterExpression or ColumnExpression or InputExpression or CorrelatedExpression or CaseOperandExpression => [],
        CallExpression e => e.Arguments,
        AndExpression e => e.Operands,
        OrExpression e => e.Operands,
        NotExpression e => [e.Operand],
        IsNullExpression e => [e.Operand],
        IsBooleanExpression e => [e.Operand],
        DistinctFromExpression e => [e.Left, e.Right],
        CaseExpression e => [.. e.Operand is null ? [] : new[] { e.Operand }, .. e.Branches.SelectMany(b => new[] { b.Condition, b.Result }), .. e.Else is null ? [] : new[] { e.Else }],
        CoalesceExpression e => e.Operands,
        NullIfExpression e => [e.Left, e.Right],
        ExtremeExpression e => e.Operands,
        CoercionExpression e => [e.Operand],
        ArrayExpression e => e.Elements,
        SubscriptExpression e => [e.Array, .. e.Subscripts.SelectMany(s => new[] { s.Lower, s.Upper }).OfType<BoundExpression>()],
        RowExpression e => e.Fields,
        FieldExpression e => [e.Row],
        RowCompareExpression e => [.. e.Left, .. e.Right],
        QuantifiedArrayExpression e => [e.Left, e.Array],
        SubqueryExpression e => e.Left,
        SubplanExpression e => [.. e.Left, .. e.Correlations.Select(c => c.Value)],
        _ => throw Invariant.Unreachable(expression),
    };

    /// <summary>The expression and everything inside it, subqueries' plans excepted.</summary>
    public static bool Any(BoundExpression expression, Func<BoundExpression, bool> test)
    {
        Parser.SqlParser.CheckStack(expression.Position);
        if (test(expression)) return true;
        foreach (BoundExpression child in Children(expression))
            if (Any(child, test))
                return true;
        return false;
    }

    /// <summary>True if the value depends on columns of any query (or might: it has a subquery with free columns).</summary>
    public static bool HasColumns(BoundExpression expression) => Any(expression, e => e is ColumnExpression or InputExpression || e is SubqueryExpression s && FreeColumns.Of(s.Query).Count > 0);

    public static bool HasSubquery(BoundExpression expression) => Any(expression, e => e is SubqueryExpression or SubplanExpression);

    /// <summary>Ids of all columns that the expression needs, those that its subqueries need from outside included.</summary>
    public static HashSet<int> Columns(BoundExpression expression)
    {
        HashSet<int> found = [];
        AddColumns(expression, found);
        return found;
    }

    public static void AddColumns(BoundExpression expression, HashSet<int> found)
    {
        Parser.SqlParser.CheckStack(expression.Position);
        if (expression is ColumnExpression column) found.Add(column.ColumnId);
        else if (expression is SubqueryExpression subquery) found.UnionWith(FreeColumns.Of(subquery.Query));
        foreach (BoundExpression child in Children(expression)) AddColumns(child, found);
    }

    /// <summary>The weakest promise of all functions inside: 'v' volatile, 's' stable, 'i' immutable.</summary>
    public static char Volatility(BoundExpression expression)
    {
        char worst = 'i';
        Any(expression, e =>
        {
            char own = e switch
            {
                CallExpression c => c.Signature.Volatility,
                QuantifiedArrayExpression q => q.Comparison.Signature.Volatility,
                // Through text: output and input functions may look at settings (dates).
                CoercionExpression { Kind: CoercionKind.ThroughText } => 's',
                CoercionExpression { ElementCoercion: { } element } => Volatility(element),
                SubqueryExpression s => FreeColumns.IsVolatile(s.Query) ? 'v' : 's',
                _ => 'i',
            };
            if (own == 'v') worst = 'v';
            else if (own == 's' && worst == 'i') worst = 's';
            return worst == 'v';
        });
        return worst;
    }

    public static bool IsVolatile(BoundExpression expression) => Volatility(expression) == 'v';

    /// <summary>The operands of a conjunction, flattened.</summary>
    public static void AddConjuncts(BoundExpression? condition, List<BoundExpression> conjuncts)
    {
        if (condition is null) return;
        if (condition is AndExpression and)
            foreach (BoundExpression operand in and.Operands) AddConjuncts(operand, conjuncts);
        else if (condition is not LiteralExpression { IsNull: false, Value: Core.Columns.Column<bool> value } || !value[0]) conjuncts.Add(condition);
    }

    public static List<BoundExpression> Conjuncts(BoundExpression? condition)
    {
        List<BoundExpression> conjuncts = [];
        AddConjuncts(condition, conjuncts);
        return conjuncts;
    }

    /// <summary>The conjunction; null for none.</summary>
    public static BoundExpression? Conjunction(IReadOnlyList<BoundExpression> conjuncts) => conjuncts.Count switch
    {
        0 => null,
        1 => conjuncts[0],
        _ => new AndExpression(conjuncts) { Position = conjuncts[0].Position },
    };
}
