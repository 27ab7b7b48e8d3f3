using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.SystemTables;
using VecSql.Planner.Binding;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using VecSql.Planner.Lowering;
using VecSql.Planner.Physical;
using CteScan = VecSql.Planner.Physical.CteScan;
using FunctionScan = VecSql.Planner.Physical.FunctionScan;
using LockRows = VecSql.Planner.Physical.LockRows;
using RecursiveUnion = VecSql.Planner.Physical.RecursiveUnion;
using WorkTableScan = VecSql.Planner.Physical.WorkTableScan;

namespace VecSql.Planner.Explain;

/// <summary>Physical plan → what EXPLAIN shows. The one place that names physical nodes; a test proves that it knows all. Projections and WITH show in the node below.</summary>
internal sealed partial class ExplainTree(PlanningContext context, QueryPlan plan)
{
    private readonly TypeCatalog _types = new(context.Catalog, context.SearchPath);
    private readonly Dictionary<int, string> _slots = [];
    private readonly Dictionary<int, string> _ctes = [];
    private readonly Dictionary<SubplanExpression, string> _subplans = new(ReferenceEqualityComparer.Instance);
    private readonly List<SubplanExpression> _waiting = [];
    private readonly bool _isQualified = plan.SlotCount > 0 || CountRelations(plan.Root) > 1;
    private int _nextSubplan = 1;

    public ExplainNode Build() => Node(plan.Root);

    private static int CountRelations(PhysicalPlan node) =>
        (node is SequentialScan or IndexScan or VectorIndexScan or SystemScan or FunctionScan or CteScan or WorkTableScan ? 1 : 0) + node.Inputs.Sum(CountRelations);

    private ExplainNode Node(PhysicalPlan physical)
    {
        Parser.SqlParser.CheckStack();
        ExplainNode node = Describe(physical);
        SubplanExpression[] subplans = [.. _waiting];
        _waiting.Clear();
        foreach (SubplanExpression subplan in subplans) AttachSubplan(node, subplan);
        return node;
    }

    private void AttachSubplan(ExplainNode node, SubplanExpression subplan)
    {
        bool isInit = subplan.Correlations.Count == 0;
        node.Children.Add(new ExplainChild(Node(subplan.Plan), isInit ? "InitPlan" : "SubPlan", _subplans[subplan]));
    }

    private ExpressionText Text(params ReadOnlySpan<PhysicalPlan> inputs)
    {
        List<string> names = [];
        foreach (PhysicalPlan input in inputs) names.AddRange(Names(input));
        return Text(names);
    }

    private ExpressionText Text(IReadOnlyList<string> names) => new(context.Constants, _types, names, _slots, NameSubplan);

    private string NameSubplan(SubplanExpression subplan, ExpressionText around)
    {
        foreach (CorrelationBinding binding in subplan.Correlations)
            if (binding.Value is not CorrelatedExpression) _slots[binding.Slot] = around.Of(binding.Value);
        if (!_subplans.TryGetValue(subplan, out string? name))
        {
            name = $"{(subplan.Correlations.Count == 0 ? "InitPlan" : "SubPlan")} {_nextSubplan++}";
            _subplans[subplan] = name;
            _waiting.Add(subplan);
        }
        return subplan.Kind == SubqueryKind.Exists ? $"EXISTS({name})" : $"({name})";
    }

    private ExplainNode Describe(PhysicalPlan physical) => physical switch
    {
        SequentialScan p => Relation("Seq Scan", "Seq Scan", p, p.Table.Name, p.Alias).With("Filter", Optional(p.Filter, p)),
        IndexScan p => DescribeIndexScan(p),
        VectorIndexScan p => DescribeVectorScan(p),
        SystemScan p => Relation("Seq Scan", "Seq Scan", p, p.Table.Name, p.Alias).With("Filter", Optional(p.Filter, p)),
        FunctionScan p => Relation("Function Scan", "Function Scan", p, p.Functions[0].Signature.Name, p.Functions[0].Signature.Name)
            .With("Function Call", string.Join(", ", p.Functions.Select(f => $"{f.Signature.Name}({Text().List(f.Arguments)})"))),
        ValuesScan p => DescribeValues(p),
        CteScan p => Relation("CTE Scan", "CTE Scan", p, p.Name, p.Name),
        WorkTableScan p => Relation("WorkTable Scan", "WorkTable Scan", p, _ctes.GetValueOrDefault(p.Number, "work table"), _ctes.GetValueOrDefault(p.Number, "work table")),
        FilterRows p => new ExplainNode("Filter", "Filter", p).With("Filter", Text(p.Input).Of(p.Condition)).Over(Node(p.Input)),
        ProjectRows p => DescribeProject(p),
        ProjectSets p => new ExplainNode("ProjectSet", "ProjectSet", p).Over(Node(p.Input)),
        HashJoin p => DescribeHashJoin(p),
        NestedLoopJoin p => Joined("Nested Loop", "Nested Loop", p.Kind, p).With("Join Filter", p.Condition is null ? null : Text(p.Left, p.Right).Of(p.Condition)).Over(Node(p.Left), Node(p.Right)),
        ApplyJoin p => DescribeApply(p),
        HashAggregate p => DescribeAggregate(p),
        WindowAggregate p => new ExplainNode("WindowAgg", "WindowAgg", p).With("Partition By", [.. p.PartitionBy.Select(Text(p.Input).Of)])
            .With("Order By", [.. p.OrderBy.Select(Text(p.Input).Key)]).Over(Node(p.Input)),
        DistinctRows p => p.On is null
            ? Strategy(new ExplainNode("HashAggregate", "Aggregate", p), "Hashed").With("Group Key", Names(p.Input)).Over(Node(p.Input))
            : new ExplainNode("Unique", "Unique", p).With("Group Key", [.. p.On.Select(Text(p.Input).Of)]).Over(Node(p.Input)),
        SortRows p => new ExplainNode("Sort", "Sort", p).With("Sort Key", [.. p.Keys.Select(Text(p.Input).Key)]).Over(Node(p.Input)),
        LimitRows p => new ExplainNode("Limit", "Limit", p).Over(Node(p.Input)),
        AppendRows p => Members(new ExplainNode("Append", "Append", p), p.Branches),
        HashSetOperation p => Members(new ExplainNode($"HashSetOp {p.Operator}{(p.IsAll ? " All" : "")}", "SetOp", p), [p.Left, p.Right]),
        WithCtes p => DescribeWith(p),
        RecursiveUnion p => new ExplainNode("Recursive Union", "Recursive Union", p).Over(Node(p.Start), Node(p.Step)),
        Gather p => new ExplainNode("Gather", "Gather", p).With("Workers Planned", $"{p.Workers - 1}").Over(Node(p.Input)),
        LockRows p => new ExplainNode("LockRows", "LockRows", p).Over(Node(p.Input)),
        InsertRows p => DescribeInsert(p),
        UpdateRows p => Modified("Update", p, p.Target.Table).Over(Node(p.Input)),
        DeleteRows p => Modified("Delete", p, p.Target.Table).Over(Node(p.Input)),
        _ => throw Invariant.Unreachable(physical),
    };

    private string? Optional(BoundExpression? expression, PhysicalPlan scan) => expression is null ? null : Text(scan).Of(expression);

    private static ExplainNode Relation(string title, string type, PhysicalPlan plan, string relation, string alias)
    {
        string shown = TypeCatalog.Quote(relation) + (alias == relation ? "" : " " + TypeCatalog.Quote(alias));
        ExplainNode node = new($"{title} on {shown}", type, plan);
        node.Fields.Add(("Relation Name", relation));
        node.Fields.Add(("Alias", alias));
        return node;
    }

    private ExplainNode DescribeIndexScan(IndexScan scan)
    {
        ExplainNode node = Relation($"Index Scan{(scan.Descending ? " Backward" : "")} using {TypeCatalog.Quote(scan.Index.Name)}", "Index Scan", scan, scan.Table.Name, scan.Alias);
        node.Fields.Insert(0, ("Index Name", scan.Index.Name));
        node.Fields.Insert(0, ("Scan Direction", scan.Descending ? "Backward" : "Forward"));
        ExpressionText text = Text(scan);
        List<string> conditions = [];
        string Key(int place) => KeyName(scan.Table, scan.Index.Keys[place]);
        for (int i = 0; i < scan.Equalities.Count; i++) conditions.Add($"({Key(i)} = {text.Of(scan.Equalities[i])})");
        int next = scan.Equalities.Count;
        if (scan.AnyOf is not null) conditions.Add($"({Key(next++)} = ANY ({text.Of(scan.AnyOf)}))");
        if (scan.Range is { } range)
        {
            if (range.Low is not null) conditions.Add($"({Key(next)} {(range.LowInclusive ? ">=" : ">")} {text.Of(range.Low)})");
            if (range.High is not null) conditions.Add($"({Key(next)} {(range.HighInclusive ? "<=" : "<")} {text.Of(range.High)})");
        }
        if (conditions.Count > 0) node.With("Index Cond", conditions.Count == 1 ? conditions[0] : $"({string.Join(" AND ", conditions)})");
        return node.With("Filter", Optional(scan.Filter, scan));
    }

    private string KeyName(TableObject table, IndexKey key) => key.Column != 0
        ? TypeCatalog.Quote(table.Columns[key.Column - 1].Name) : SqlText.Display(key.Expression!, context.Catalog, context.SearchPath);

    private ExplainNode DescribeVectorScan(VectorIndexScan scan)
    {
        // First, for subplans in this node's expressions are attached to the node that is made next.
        ExplainNode? matches = scan.Matches is null || scan.IsFilterImplied ? null : Node(scan.Matches);
        ExplainNode node = Relation($"Index Scan using {TypeCatalog.Quote(scan.Index.Name)}", "Index Scan", scan, scan.Table.Name, scan.Alias);
        node.Fields.Insert(0, ("Index Name", scan.Index.Name));
        node.With("Order By", $"({KeyName(scan.Table, scan.Index.Keys[0])} {PlanLowering.VectorSymbol(scan.Index)} {Text(scan).Of(scan.Query)})");
        if (scan.IsFilterImplied) return node;
        node.With("Filter", Optional(scan.Filter, scan));
        if (scan.Filter is not null) node.With("Filter Selectivity", scan.Selectivity.ToString("0.####", System.Globalization.CultureInfo.InvariantCulture));
        if (matches is not null) node.Children.Add(new ExplainChild(matches, "Member", "Matches"));
        return node;
    }

    private ExplainNode DescribeValues(ValuesScan values)
    {
        if (values.Rows.Count == 0) return new ExplainNode("Result", "Result", values).With("One-Time Filter", "false");
        if (values.Rows.Count > 1) return Relation("Values Scan", "Values Scan", values, "*VALUES*", "*VALUES*");
        ExplainNode node = new("Result", "Result", values);
        foreach (BoundExpression expression in values.Rows.SelectMany(r => r)) Text().Of(expression);
        return node;
    }

    /// <summary>Projections don't show; their subplans belong to the node below.</summary>
    private ExplainNode DescribeProject(ProjectRows project)
    {
        ExplainNode below = Node(project.Input);
        ExpressionText text = Text(project.Input);
        foreach (BoundExpression expression in project.Expressions) text.Of(expression);
        return below;
    }

    private ExplainNode DescribeHashJoin(HashJoin join)
    {
        ExplainNode hash = new ExplainNode("Hash", "Hash", join.Right).Over(Node(join.Right));
        return Joined("Hash", "Hash Join", join.Kind, join).With("Hash Cond", Pairs(join.LeftKeys, join.RightKeys, join.Left, join.Right))
            .With("Read First", join.ReadsLeftFirst ? "outer" : null)
            .With("Join Filter", join.Residual is null ? null : Text(join.Left, join.Right).Of(join.Residual)).Over(Node(join.Left), hash);
    }

    private string Pairs(IReadOnlyList<BoundExpression> left, IReadOnlyList<BoundExpression> right, PhysicalPlan leftPlan, PhysicalPlan rightPlan)
    {
        (ExpressionText l, ExpressionText r) = (Text(leftPlan), Text(rightPlan));
        List<string> pairs = [.. left.Select((e, i) => $"({l.Of(e)} = {r.Of(right[i])})")];
        return pairs.Count == 1 ? pairs[0] : $"({string.Join(" AND ", pairs)})";
    }

    private static ExplainNode Joined(string method, string type, JoinKind kind, PhysicalPlan plan)
    {
        string words = kind is JoinKind.Inner or JoinKind.Cross ? "" : kind + " ";
        string title = method == "Nested Loop" ? words.Length == 0 ? method : $"{method} {words}Join" : $"{method} {words}Join";
        ExplainNode node = new(title, type, plan);
        node.Fields.Add(("Join Type", kind is JoinKind.Cross ? "Inner" : kind.ToString()));
        return node;
    }

    private ExplainNode DescribeApply(ApplyJoin apply)
    {
        ExpressionText left = Text(apply.Left);
        foreach (CorrelationBinding binding in apply.Correlations) _slots[binding.Slot] = left.Of(binding.Value);
        return Joined("Nested Loop", "Nested Loop", apply.Kind, apply).With("Join Filter", apply.Condition is null ? null : Text(apply.Left, apply.Right).Of(apply.Condition))
            .Over(Node(apply.Left), Node(apply.Right));
    }

    private static ExplainNode Strategy(ExplainNode node, string strategy, string mode = "Simple")
    {
        node.Fields.Add(("Strategy", strategy));
        node.Fields.Add(("Partial Mode", mode));
        return node;
    }

    private ExplainNode DescribeAggregate(HashAggregate aggregate)
    {
        ExpressionText text = Text(aggregate.Input);
        bool isPlain = aggregate.Groups.Count == 0 && aggregate.GroupingSets is null;
        string title = (aggregate.RunsInWorkers ? "Finalize " : "") + (isPlain ? "Aggregate" : "HashAggregate");
        ExplainNode node = Strategy(new ExplainNode(title, "Aggregate", aggregate), isPlain ? "Plain" : "Hashed", aggregate.RunsInWorkers ? "Finalize" : "Simple");
        foreach (AggregateCall call in aggregate.Aggregates) text.Aggregate(call);
        if (aggregate.GroupingSets is null) node.With("Group Key", [.. aggregate.Groups.Select(text.Of)]);
        else
        {
            foreach (IReadOnlyList<int> set in aggregate.GroupingSets)
                node.With(set.Count == 0 ? "Group Key" : "Hash Key", set.Count == 0 ? "()" : string.Join(", ", set.Select(i => text.Of(aggregate.Groups[i]))));
        }
        ExplainNode input = Node(aggregate.Input);
        if (aggregate.RunsInWorkers) input.With("Partial Aggregation", "in each worker");
        return node.Over(input);
    }

    private ExplainNode Members(ExplainNode node, IReadOnlyList<PhysicalPlan> members)
    {
        foreach (PhysicalPlan member in members) node.Children.Add(new ExplainChild(Node(member), "Member", null));
        return node;
    }

    private ExplainNode DescribeWith(WithCtes with)
    {
        foreach (CtePlan definition in with.Definitions) _ctes[definition.Number] = definition.Name;
        List<ExplainChild> definitions = [.. with.Definitions.Select(d => new ExplainChild(Node(d.Plan), "InitPlan", "CTE " + d.Name))];
        ExplainNode body = Node(with.Body);
        body.Children.InsertRange(0, definitions);
        return body;
    }

    private static ExplainNode Modified(string operation, PhysicalPlan plan, TableObject table)
    {
        ExplainNode node = Relation(operation, "ModifyTable", plan, table.Name, table.Name);
        node.Fields.Insert(0, ("Operation", operation));
        return node;
    }

    private ExplainNode DescribeInsert(InsertRows insert)
    {
        ExplainNode node = Modified("Insert", insert, insert.Target.Table);
        if (insert.OnConflict is { } conflict)
        {
            node.With("Conflict Resolution", conflict.Assignments is null ? "NOTHING" : "UPDATE");
            node.With("Conflict Arbiter Indexes", [.. conflict.ArbiterIndexes.Select(i => context.Catalog.Find<IndexObject>(i)?.Name ?? $"{i}")]);
        }
        return node.Over(Node(insert.Input));
    }
}
