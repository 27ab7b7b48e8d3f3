using VecSql.Core.Columns;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;

namespace VecSql.Planner.Rules;

/// <summary>
/// Subqueries as joins. EXISTS and IN become semi joins, NOT EXISTS an anti join, NOT IN a null-aware anti join; dependent joins whose right side only refers to the left in
/// its conditions become ordinary joins. What can't be pulled apart stays a subquery (run for each row) or a dependent join.
/// </summary>
internal sealed class SubqueryUnnesting : PlanRule
{
    public override string Name => "subquery-unnesting";

    protected override LogicalPlan Rewrite(LogicalPlan plan, RuleContext context) => plan switch
    {
        Filter filter => RewriteFilter(filter),
        Apply apply => Independent(apply),
        _ => plan,
    };

    private static LogicalPlan RewriteFilter(Filter filter)
    {
        List<BoundExpression> rest = [], subqueries = [];
        foreach (BoundExpression conjunct in ExpressionFacts.Conjuncts(filter.Condition)) (Joinable(conjunct) is null ? rest : subqueries).Add(conjunct);
        if (subqueries.Count == 0) return filter;
        // Plain conditions first: they leave fewer rows to join.
        LogicalPlan plan = ExpressionFacts.Conjunction(rest) is { } condition ? new Filter(filter.Input, condition) : filter.Input;
        foreach (BoundExpression conjunct in subqueries) plan = JoinSubquery(plan, conjunct);
        return plan;
    }

    private static (SubqueryExpression Subquery, bool IsNegated)? Joinable(BoundExpression conjunct)
    {
        (SubqueryExpression? subquery, bool isNegated) = conjunct switch
        {
            SubqueryExpression s => (s, false),
            NotExpression { Operand: SubqueryExpression s } => (s, true),
            _ => (null, false),
        };
        if (subquery is null || FreeColumns.IsVolatile(subquery.Query)) return null;
        if (subquery.Left.Any(e => ExpressionFacts.HasSubquery(e) || ExpressionFacts.IsVolatile(e))) return null;
        return subquery.Kind switch
        {
            SubqueryKind.Exists => (subquery, isNegated),
            SubqueryKind.Any when !isNegated => (subquery, false),
            // NOT IN: null-aware, so only one equality over an independent query.
            SubqueryKind.Any when subquery is { Left.Count: 1, Comparison: CallExpression { OperatorSymbol: "=" } } && FreeColumns.Of(subquery.Query).Count == 0 => (subquery, true),
            _ => null,
        };
    }

    private static LogicalPlan JoinSubquery(LogicalPlan input, BoundExpression conjunct)
    {
        (SubqueryExpression subquery, bool isNegated) = Joinable(conjunct)!.Value;
        LogicalPlan query = subquery.Query;
        if (subquery.Kind == SubqueryKind.Exists)
            return Independent(new Apply(isNegated ? JoinKind.Anti : JoinKind.Semi, input, WithoutLimit(query), null));
        BoundExpression condition = new ComparisonRewriter(subquery.Left, query.Output).Visit(subquery.Comparison!);
        return isNegated
            ? new Join(JoinKind.Anti, input, query, condition) { IsNullAware = true }
            : Independent(new Apply(JoinKind.Semi, input, query, condition));
    }

    /// <summary>Whether there is a row doesn't depend on a limit of one or more, nor on an order.</summary>
    private static LogicalPlan WithoutLimit(LogicalPlan query) => query switch
    {
        Project p when WithoutLimit(p.Input) is var input && !ReferenceEquals(input, p.Input) => new Project(input, p.Columns),
        Limit { Offset: null, Count: LiteralExpression { IsNull: false, Value: Column<long> count } } limit when count[0] > 0 => WithoutLimit(limit.Input),
        Sort sort => WithoutLimit(sort.Input),
        _ => query,
    };

    /// <summary>A dependent join as an ordinary one, if the right side can do without the left's columns.</summary>
    private static LogicalPlan Independent(Apply apply)
    {
        HashSet<int> left = [.. apply.Left.Output.Select(c => c.Id)];
        bool isExistence = apply.Kind is JoinKind.Semi or JoinKind.Anti;
        CorrelationPuller puller = new(left, isExistence, canSubstitute: apply.Kind != JoinKind.Left);
        if (puller.Pull(apply.Right) is not { } right) return apply;
        List<BoundExpression> conditions = [.. ExpressionFacts.Conjuncts(apply.Condition), .. puller.Pulled];
        if (puller.Substituted.Count > 0)
        {
            ColumnReplacer replacer = new(c => puller.Substituted.GetValueOrDefault(c.ColumnId));
            conditions = [.. conditions.Select(replacer.Visit)];
        }
        BoundExpression? condition = ExpressionFacts.Conjunction(conditions);
        JoinKind kind = apply.Kind is JoinKind.Inner or JoinKind.Cross ? condition is null ? JoinKind.Cross : JoinKind.Inner : apply.Kind;
        LogicalPlan join = new Join(kind, apply.Left, right, condition ?? (kind == JoinKind.Cross ? null : Binding.Literals.Bool(true)));
        if (isExistence) return join;
        // The columns that the dependent side gave, computed above the join where they were substituted; in the old order.
        return WithSubstituted(join, apply.Output, puller.Substituted);
    }

    private static LogicalPlan WithSubstituted(LogicalPlan join, IReadOnlyList<LogicalColumn> output, Dictionary<int, BoundExpression> substituted)
    {
        if (substituted.Count == 0) return join;
        return new Project(join, [.. output.Select(c => new ProjectedColumn(c, substituted.GetValueOrDefault(c.Id) ?? new ColumnExpression(c.Id, c.Name, c.Type)))]);
    }

    /// <summary>InputExpressions 0 … n-1 become the left values, n … 2n-1 the query's columns.</summary>
    private sealed class ComparisonRewriter(IReadOnlyList<BoundExpression> left, IReadOnlyList<LogicalColumn> columns) : ExpressionRewriter
    {
        public override BoundExpression Visit(BoundExpression expression) => expression is InputExpression input
            ? input.Ordinal < left.Count ? left[input.Ordinal] : Column(columns[input.Ordinal - left.Count], input.Position)
            : base.Visit(expression);

        private static ColumnExpression Column(LogicalColumn column, int position) => new(column.Id, column.Name, column.Type) { Position = position };
    }
}

/// <summary>
/// Takes the conditions that refer to the outer columns out of a plan. Afterwards the plan is independent, and yields what the conditions need beside its own columns.
/// </summary>
/// <param name="isExistence">Only whether there is a matching row counts (semi, anti): DISTINCT and order may go.</param>
/// <param name="canSubstitute">Output columns computed from outer ones may be computed above the join.</param>
internal sealed class CorrelationPuller(HashSet<int> outer, bool isExistence, bool canSubstitute)
{
    public List<BoundExpression> Pulled { get; } = [];
    public Dictionary<int, BoundExpression> Substituted { get; } = [];

    /// <summary>The independent plan; null if it can't be made so.</summary>
    public LogicalPlan? Pull(LogicalPlan plan)
    {
        Parser.SqlParser.CheckStack();
        if (!FreeColumns.Of(plan).Overlaps(outer)) return plan;
        switch (plan)
        {
            case Filter p:
                if (Pull(p.Input) is not { } filtered) return null;
                if (OwnConjuncts(p.Condition) is not { } own) return null;
                return ExpressionFacts.Conjunction(own) is { } condition ? new Filter(filtered, condition) : filtered;
            case Project p: return PullProject(p);
            case Join { Kind: JoinKind.Inner or JoinKind.Cross } p: return PullInner(p);
            case Join { Kind: JoinKind.Left or JoinKind.Semi or JoinKind.Anti } p
                when !FreeColumns.Of(p.Right).Overlaps(outer) && !(p.Condition is { } c && ExpressionFacts.Columns(c).Overlaps(outer)):
                if (Pull(p.Left) is not { } left || p.Condition is { } on && ExpressionFacts.Columns(on).Overlaps(Substituted.Keys)) return null;
                return PlanExpressions.WithInputs(p, [left, p.Right]);
            case Distinct { On: null } p when isExistence: return Pull(p.Input);
            case Sort p when isExistence: return Pull(p.Input);
            default: return null;
        }
    }

    /// <summary>The conjuncts that stay; those that need outer columns, themselves or by a column that is substituted, are pulled. Null if one can't be.</summary>
    private List<BoundExpression>? OwnConjuncts(BoundExpression? condition)
    {
        List<BoundExpression> own = [];
        foreach (BoundExpression conjunct in ExpressionFacts.Conjuncts(condition))
        {
            BoundExpression substituted = Substitute(conjunct);
            if (!ExpressionFacts.Columns(substituted).Overlaps(outer)) own.Add(substituted);
            else if (ExpressionFacts.IsVolatile(substituted) || ExpressionFacts.HasSubquery(substituted)) return null;
            else Pulled.Add(substituted);
        }
        return own;
    }

    private BoundExpression Substitute(BoundExpression expression) => Substituted.Count == 0 ? expression : new ColumnReplacer(c => Substituted.GetValueOrDefault(c.ColumnId)).Visit(expression);

    private Join? PullInner(Join join)
    {
        if (Pull(join.Left) is not { } left || Pull(join.Right) is not { } right) return null;
        if (OwnConjuncts(join.Condition) is not { } own) return null;
        BoundExpression? condition = ExpressionFacts.Conjunction(own);
        return new Join(condition is null ? JoinKind.Cross : JoinKind.Inner, left, right, condition);
    }

    private Project? PullProject(Project project)
    {
        if (Pull(project.Input) is not { } input) return null;
        HashSet<int> available = [.. input.Output.Select(c => c.Id)];
        List<ProjectedColumn> columns = [];
        foreach (ProjectedColumn column in project.Columns)
        {
            BoundExpression expression = Substitute(column.Expression);
            if (!ExpressionFacts.Columns(expression).Overlaps(outer)) columns.Add(column with { Expression = expression });
            else if (!canSubstitute || ExpressionFacts.IsVolatile(expression) || ExpressionFacts.HasSubquery(expression)) return null;
            else Substituted[column.Column.Id] = expression;
        }
        HashSet<int> wanted = [];
        foreach (BoundExpression expression in Pulled.Concat(Substituted.Values)) ExpressionFacts.AddColumns(expression, wanted);
        foreach (LogicalColumn column in input.Output)
            if (wanted.Contains(column.Id) && available.Contains(column.Id) && !columns.Exists(c => c.Column.Id == column.Id))
                columns.Add(new ProjectedColumn(column, new ColumnExpression(column.Id, column.Name, column.Type)));
        return new Project(input, columns);
    }
}
