using System.Numerics;
using VecSql.Parser;
using VecSql.Planner.Cost;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;

namespace VecSql.Planner.Rules;

/// <summary>
/// Chooses the order of inner joins. Up to <see cref="MaxExact"/> relations by dynamic programming over subsets, beyond greedily; the measure is the sum of the intermediate
/// results' rows. Products without a condition come last.
/// </summary>
internal sealed class JoinOrdering : IRule
{
    public const int MaxExact = 8;
    private const int MaxRelations = 60;

    public string Name => "join-ordering";

    public LogicalPlan Apply(LogicalPlan plan, RuleContext context)
    {
        CardinalityEstimator estimator = new(context.Planning);
        estimator.Learn(plan);
        return Visit(plan, estimator);
    }

    private static LogicalPlan Visit(LogicalPlan plan, CardinalityEstimator estimator)
    {
        SqlParser.CheckStack();
        estimator.CheckCancelled();
        plan = Subqueries.Map(plan, q => Visit(q, estimator));
        if (plan is not Join { Kind: JoinKind.Inner or JoinKind.Cross } join) return PlanExpressions.WithInputs(plan, [.. plan.Inputs.Select(i => Visit(i, estimator))]);
        List<LogicalPlan> relations = [];
        List<BoundExpression> conditions = [];
        Flatten(join, relations, conditions);
        // Too many, or better left in their order: then the joins within are each looked at as if they stood alone, but not those of this very chain again.
        if (relations.Count is <= 2 or > MaxRelations || conditions.Exists(ExpressionFacts.IsVolatile)) return VisitInOrder(plan, estimator);
        for (int i = 0; i < relations.Count; i++) relations[i] = Visit(relations[i], estimator);
        Graph graph = new(relations, conditions, estimator);
        return relations.Count <= MaxExact ? graph.Exact() : graph.Greedy();
    }

    private static LogicalPlan VisitInOrder(LogicalPlan plan, CardinalityEstimator estimator)
    {
        SqlParser.CheckStack();
        return plan is Join { Kind: JoinKind.Inner or JoinKind.Cross }
            ? PlanExpressions.WithInputs(plan, [.. plan.Inputs.Select(i => VisitInOrder(i, estimator))])
            : Visit(plan, estimator);
    }

    private static void Flatten(LogicalPlan plan, List<LogicalPlan> relations, List<BoundExpression> conditions)
    {
        if (plan is Join { Kind: JoinKind.Inner or JoinKind.Cross } join)
        {
            Flatten(join.Left, relations, conditions);
            Flatten(join.Right, relations, conditions);
            ExpressionFacts.AddConjuncts(join.Condition, conditions);
        }
        else relations.Add(plan);
    }

    /// <summary>Relations as bits of a set; conditions with the sets that they need.</summary>
    private sealed class Graph
    {
        private readonly List<LogicalPlan> _relations;
        private readonly List<(ulong Needs, BoundExpression Condition, double Selectivity)> _conditions = [];
        private readonly CardinalityEstimator _estimator;

        public Graph(List<LogicalPlan> relations, List<BoundExpression> conditions, CardinalityEstimator estimator)
        {
            (_relations, _estimator) = (relations, estimator);
            List<HashSet<int>> sides = [.. relations.Select(r => new HashSet<int>(r.Output.Select(c => c.Id)))];
            foreach (BoundExpression condition in conditions)
            {
                HashSet<int> columns = ExpressionFacts.Columns(condition);
                ulong needs = 0;
                for (int i = 0; i < relations.Count; i++)
                    if (relations[i].Output.Any(c => columns.Contains(c.Id))) needs |= 1UL << i;
                // A condition on no relation (constants, outer columns) goes with the first.
                _conditions.Add((needs == 0 ? 1 : needs, condition, estimator.SelectivityOf(condition, sides)));
            }
            CorrectKeys();
        }

        /// <summary>Conditions between the same relations are applied together: what they say of a key in common goes to the first.</summary>
        private void CorrectKeys()
        {
            foreach (IGrouping<ulong, int> group in Enumerable.Range(0, _conditions.Count).GroupBy(i => _conditions[i].Needs).Where(g => g.Count() > 1).ToList())
            {
                int first = group.First();
                (ulong needs, BoundExpression condition, double selectivity) = _conditions[first];
                _conditions[first] = (needs, condition, selectivity * _estimator.KeyCorrection([.. group.Select(i => _conditions[i].Condition)]));
            }
        }

        /// <summary>The cheapest tree found for a set of relations.</summary>
        private sealed record Tree(ulong Set, LogicalPlan Plan, double Rows, double Cost);

        private Tree Leaf(int relation)
        {
            ulong set = 1UL << relation;
            LogicalPlan plan = _relations[relation];
            BoundExpression? own = ExpressionFacts.Conjunction([.. _conditions.Where(c => c.Needs == set).Select(c => c.Condition)]);
            if (own is not null) plan = new Filter(plan, own);
            double rows = _estimator.Rows(_relations[relation]) * _conditions.Where(c => c.Needs == set).Aggregate(1.0, (p, c) => p * c.Selectivity);
            return new Tree(set, plan, Math.Max(1, rows), 0);
        }

        private bool IsConnected(ulong left, ulong right) => _conditions.Exists(c => (c.Needs & left) != 0 && (c.Needs & right) != 0 && (c.Needs & ~(left | right)) == 0);

        private Tree Join(Tree left, Tree right)
        {
            ulong set = left.Set | right.Set;
            List<BoundExpression> conditions = [];
            double rows = left.Rows * right.Rows;
            foreach ((ulong needs, BoundExpression condition, double selectivity) in _conditions)
            {
                if ((needs & ~set) != 0 || (needs & ~left.Set) == 0 || (needs & ~right.Set) == 0) continue;
                conditions.Add(condition);
                rows *= selectivity;
            }
            rows = Math.Max(1, rows);
            // The smaller side is the one to build a table on.
            (Tree probe, Tree build) = left.Rows >= right.Rows ? (left, right) : (right, left);
            BoundExpression? on = ExpressionFacts.Conjunction(conditions);
            Join plan = new(on is null ? JoinKind.Cross : JoinKind.Inner, probe.Plan, build.Plan, on);
            return new Tree(set, plan, rows, left.Cost + right.Cost + rows + build.Rows * 0.1);
        }

        public LogicalPlan Exact()
        {
            int count = _relations.Count;
            Tree?[] best = new Tree?[1 << count];
            for (int i = 0; i < count; i++) best[1 << i] = Leaf(i);
            for (int set = 1; set < best.Length; set++)
            {
                if (BitOperations.PopCount((uint)set) < 2) continue;
                Tree? connected = null, product = null;
                for (int left = (set - 1) & set; left > 0; left = (left - 1) & set)
                {
                    int right = set & ~left;
                    if (left < right) continue;
                    Tree candidate = Join(best[left]!, best[right]!);
                    if (IsConnected((ulong)left, (ulong)right)) connected = connected is null || candidate.Cost < connected.Cost ? candidate : connected;
                    else product = product is null || candidate.Cost < product.Cost ? candidate : product;
                }
                best[set] = connected ?? product;
            }
            return best[^1]!.Plan;
        }

        public LogicalPlan Greedy()
        {
            List<Tree> trees = [.. Enumerable.Range(0, _relations.Count).Select(Leaf)];
            while (trees.Count > 1)
            {
                Tree? best = null;
                (int First, int Second) chosen = default;
                bool isBestConnected = false;
                for (int i = 0; i < trees.Count; i++)
                {
                    for (int j = i + 1; j < trees.Count; j++)
                    {
                        bool isConnected = IsConnected(trees[i].Set, trees[j].Set);
                        if (isBestConnected && !isConnected) continue;
                        Tree candidate = Join(trees[i], trees[j]);
                        if (best is not null && isBestConnected == isConnected && candidate.Rows >= best.Rows) continue;
                        (best, chosen, isBestConnected) = (candidate, (i, j), isConnected);
                    }
                }
                trees.RemoveAt(chosen.Second);
                trees[chosen.First] = best!;
            }
            return trees[0].Plan;
        }
    }
}
