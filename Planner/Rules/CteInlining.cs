using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;

namespace VecSql.Planner.Rules;

/// <summary>
/// WITH definitions that are read once become subqueries (PostgreSQL 12's rule: not if MATERIALIZED, recursive, data-modifying or volatile; NOT MATERIALIZED also if read more
/// often, each reader with columns of its own). Definitions that nobody reads are dropped unless they change data.
/// </summary>
internal sealed class CteInlining : PlanRule
{
    public override string Name => "cte-inlining";

    protected override LogicalPlan Rewrite(LogicalPlan plan, RuleContext context)
    {
        if (plan is not With with) return plan;
        List<CteDefinition> definitions = [.. with.Definitions];
        LogicalPlan body = with.Body;
        // From the last to the first: only later ones and the body refer to a definition.
        for (int i = definitions.Count - 1; i >= 0; i--)
        {
            CteDefinition definition = definitions[i];
            if (definition.ModifiesData) continue;
            int readers = CountReaders(body, definition.Number) + definitions.Skip(i + 1).Sum(d => CountReaders(d.Plan, definition.Number));
            if (readers > 0 && !MayInline(definition, readers)) continue;
            definitions.RemoveAt(i);
            if (readers == 0) continue;
            Inliner inliner = new(definition, context, isOnlyReader: readers == 1);
            for (int later = i; later < definitions.Count; later++) definitions[later] = definitions[later] with { Plan = inliner.Visit(definitions[later].Plan) };
            body = inliner.Visit(body);
        }
        return definitions.Count == 0 ? body : new With(definitions, body);
    }

    private static bool MayInline(CteDefinition definition, int readers)
    {
        if (definition.IsMaterialized == true || definition.Plan is RecursiveUnion || ContainsWorkTable(definition.Plan) || FreeColumns.IsVolatile(definition.Plan)) return false;
        // One row of expressions is no work to keep.
        return readers == 1 || definition.IsMaterialized == false || SingleRows.IsOne(definition.Plan);
    }

    private static bool ContainsWorkTable(LogicalPlan plan) => plan is WorkTableScan or RecursiveUnion || plan.Inputs.Any(ContainsWorkTable);

    private static int CountReaders(LogicalPlan plan, int number)
    {
        Parser.SqlParser.CheckStack();
        int count = plan is CteScan scan && scan.Number == number ? 1 : plan.Inputs.Sum(i => CountReaders(i, number));
        Subqueries.Map(plan, q =>
        {
            count += CountReaders(q, number);
            return q;
        });
        return count;
    }

    private sealed class Inliner(CteDefinition definition, RuleContext context, bool isOnlyReader)
    {
        public LogicalPlan Visit(LogicalPlan plan)
        {
            Parser.SqlParser.CheckStack();
            if (plan is CteScan scan && scan.Number == definition.Number)
            {
                LogicalPlan source = isOnlyReader ? definition.Plan : PlanCopier.Copy(definition.Plan, context);
                return new Project(source, [.. scan.Columns.Select((c, i) => source.Output[scan.Ordinals[i]] is var from
                    ? new ProjectedColumn(c, new ColumnExpression(from.Id, from.Name, from.Type)) : throw Core.Errors.Invariant.Unreachable(c))]);
            }
            LogicalPlan visited = PlanExpressions.WithInputs(plan, [.. plan.Inputs.Select(Visit)]);
            return Subqueries.Map(visited, Visit);
        }
    }
}

/// <summary>Copies a plan with new column ids, so that the copy can stand beside the original. References to enclosing queries stay as they are.</summary>
internal sealed class PlanCopier : ExpressionRewriter
{
    private readonly RuleContext _context;
    private readonly HashSet<int> _made = [];
    private readonly Dictionary<int, LogicalColumn> _renamed = [];

    private PlanCopier(RuleContext context) => _context = context;

    public static LogicalPlan Copy(LogicalPlan plan, RuleContext context)
    {
        PlanCopier copier = new(context);
        copier.CollectMade(plan);
        return copier.Copy(plan);
    }

    private LogicalColumn New(LogicalColumn column)
    {
        if (!_renamed.TryGetValue(column.Id, out LogicalColumn? made))
            _renamed[column.Id] = made = _context.NewColumn(column.Name, column.Type) with { TableOid = column.TableOid, TableColumn = column.TableColumn };
        return made;
    }

    public override BoundExpression Visit(BoundExpression expression)
    {
        if (expression is ColumnExpression column)
            return _made.Contains(column.ColumnId) ? column with { ColumnId = New(new LogicalColumn(column.ColumnId, column.Name, column.Type)).Id } : column;
        BoundExpression visited = base.Visit(expression);
        return visited is SubqueryExpression subquery ? subquery with { Query = Copy(subquery.Query) } : visited;
    }

    private LogicalPlan Copy(LogicalPlan plan)
    {
        Parser.SqlParser.CheckStack();
        LogicalPlan copy = PlanExpressions.Map(PlanExpressions.WithInputs(plan, [.. plan.Inputs.Select(Copy)]), Visit);
        ProjectedColumn Column(ProjectedColumn c) => c with { Column = New(c.Column) };
        return copy switch
        {
            TableScan p => new TableScan(p.Table, [.. p.Columns.Select(New)], p.RowId is null ? null : New(p.RowId), p.Alias),
            SystemTableScan p => p with { Columns = [.. p.Columns.Select(New)] },
            FunctionScan p => new FunctionScan(p.Functions, p.Ordinality is null ? null : New(p.Ordinality), [.. p.Columns.Select(New)]),
            Values p => p with { Columns = [.. p.Columns.Select(New)] },
            Project p => new Project(p.Input, [.. p.Columns.Select(Column)]),
            ProjectSet p => new ProjectSet(p.Input, [.. p.Sets.Select(s => s with { Column = New(s.Column) })]),
            Aggregate p => new Aggregate(p.Input, [.. p.Groups.Select(Column)], p.GroupingSets, [.. p.Aggregates.Select(a => a with { Column = New(a.Column) })],
                [.. p.Groupings.Select(g => g with { Column = New(g.Column) })]),
            Window p => new Window(p.Input, p.PartitionBy, p.OrderBy, [.. p.Calls.Select(c => c with { Column = New(c.Column) })]),
            SetOperation p => p with { Columns = [.. p.Columns.Select(New)] },
            CteScan p => p with { Columns = [.. p.Columns.Select(New)] },
            _ => copy,
        };
    }

    private void CollectMade(LogicalPlan plan)
    {
        foreach (LogicalColumn column in plan.Output) _made.Add(column.Id);
        foreach (LogicalPlan input in plan.Inputs) CollectMade(input);
        Subqueries.Map(plan, q =>
        {
            CollectMade(q);
            return q;
        });
    }
}
