using VecSql.Planner.Logical;

namespace VecSql.Planner.Rules;

/// <summary>What rules share in one run.</summary>
internal sealed class RuleContext(PlanningContext planning, int nextColumn)
{
    private int _nextColumn = nextColumn;

    public PlanningContext Planning { get; } = planning;
    public int NextColumn => _nextColumn;

    public LogicalColumn NewColumn(string name, Core.Types.SqlType type) => new(_nextColumn++, name, type);
}

/// <summary>A pass over the whole plan. Keeps the root's output columns and the meaning; a checker looks after each in tests.</summary>
internal interface IRule
{
    /// <summary>By which it is switched off in vecsql.disabled_rules and named in tests.</summary>
    string Name { get; }

    LogicalPlan Apply(LogicalPlan plan, RuleContext context);
}

/// <summary>The rules, in order.</summary>
internal sealed class Optimizer(PlanningContext context, int nextColumn)
{
    /// <summary>To add a rule: its file, and one line here.</summary>
    public static IReadOnlyList<IRule> All { get; } =
    [
        new ConstantFolding(),
        new CteInlining(),
        new SingleRows(),
        new WindowLimits(),
        new SubqueryUnnesting(),
        new ScalarDecorrelation(),
        new PredicatePushdown("predicate-pushdown"),
        new OuterJoinSimplification(),
        new PredicatePushdown("predicate-pushdown-2"),
        new JoinOrdering(),
        new ColumnPruning(),
    ];

    private readonly RuleContext _context = new(context, nextColumn);

    public int NextColumn => _context.NextColumn;

    /// <summary>Called after each rule with its name and the plan: for tests.</summary>
    public Action<string, LogicalPlan>? AfterRule { get; init; }

    public LogicalPlan Run(LogicalPlan plan)
    {
        HashSet<string> disabled = [.. (context.Setting("vecsql.disabled_rules") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        Check("binder", plan);
        foreach (IRule rule in All)
        {
            if (disabled.Contains(rule.Name)) continue;
            context.Constants.Cancellation.ThrowIfCancellationRequested();
            plan = rule.Apply(plan, _context);
            Check(rule.Name, plan);
        }
        return plan;
    }

    private void Check(string name, LogicalPlan plan)
    {
        AfterRule?.Invoke(name, plan);
        CheckInDebug(name, plan);
    }

    [System.Diagnostics.Conditional("DEBUG")]
    private static void CheckInDebug(string name, LogicalPlan plan) => PlanChecker.Check(name, plan);
}
