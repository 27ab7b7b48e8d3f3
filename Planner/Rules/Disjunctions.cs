using VecSql.Planner.Expressions;

namespace VecSql.Planner.Rules;

/// <summary>What an OR says that can be used before the whole of it can be tested.</summary>
internal static class Disjunctions
{
    /// <summary>(a AND b) OR (a AND c) as a, b OR c: what all branches ask for stands by itself, and may be a join's key.</summary>
    public static List<BoundExpression> Factored(IReadOnlyList<BoundExpression> conjuncts)
    {
        List<BoundExpression> factored = [];
        foreach (BoundExpression conjunct in conjuncts)
        {
            if (conjunct is OrExpression or && !ExpressionFacts.IsVolatile(or)) Factor(or, factored);
            else factored.Add(conjunct);
        }
        return factored;
    }

    private static void Factor(OrExpression or, List<BoundExpression> target)
    {
        List<List<BoundExpression>> branches = [.. or.Operands.Select(ExpressionFacts.Conjuncts)];
        HashSet<BoundExpression> common = new(branches[0], ExpressionEquality.Instance);
        foreach (List<BoundExpression> branch in branches) common.IntersectWith(branch);
        common.RemoveWhere(ExpressionFacts.HasSubquery);
        if (common.Count == 0)
        {
            target.Add(or);
            return;
        }
        target.AddRange(common);
        List<BoundExpression> rest = [];
        foreach (List<BoundExpression> branch in branches)
        {
            // A branch that asks for no more than the common part makes the OR true.
            if (ExpressionFacts.Conjunction([.. branch.Where(c => !common.Contains(c))]) is not { } own) return;
            rest.Add(own);
        }
        target.Add(new OrExpression(rest) { Position = or.Position });
    }

    /// <summary>What an OR over both sides of a join implies for one of them: an OR of the parts that need only its columns; null if a branch says nothing about it.</summary>
    public static BoundExpression? ImpliedFor(HashSet<int> side, BoundExpression condition)
    {
        if (condition is not OrExpression or || ExpressionFacts.IsVolatile(or) || ExpressionFacts.HasSubquery(or)) return null;
        List<BoundExpression> branches = [];
        foreach (BoundExpression operand in or.Operands)
        {
            List<BoundExpression> own = [.. ExpressionFacts.Conjuncts(operand).Where(c => ExpressionFacts.Columns(c) is { Count: > 0 } columns && columns.IsSubsetOf(side))];
            if (ExpressionFacts.Conjunction(own) is not { } branch) return null;
            branches.Add(branch);
        }
        return new OrExpression(branches) { Position = or.Position };
    }
}
