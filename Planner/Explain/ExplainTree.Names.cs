using VecSql.Core.Catalog;
using VecSql.Planner.Binding;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using VecSql.Planner.Physical;
using CteScan = VecSql.Planner.Physical.CteScan;
using RecursiveUnion = VecSql.Planner.Physical.RecursiveUnion;

namespace VecSql.Planner.Explain;

/// <summary>What a node's output columns are called in conditions above it: stored columns by name, computed ones by their expressions.</summary>
internal sealed partial class ExplainTree
{
    private readonly Dictionary<PhysicalPlan, IReadOnlyList<string>> _names = new(ReferenceEqualityComparer.Instance);

    private IReadOnlyList<string> Names(PhysicalPlan plan)
    {
        if (!_names.TryGetValue(plan, out IReadOnlyList<string>? names)) _names[plan] = names = MakeNames(plan);
        return names;
    }

    private IReadOnlyList<string> MakeNames(PhysicalPlan plan)
    {
        Parser.SqlParser.CheckStack();
        return plan switch
        {
            SequentialScan p => Stored(p.Table, p.Alias, p.Columns, p.WithRowId),
            IndexScan p => Stored(p.Table, p.Alias, p.Columns, p.WithRowId),
            VectorIndexScan p => Stored(p.Table, p.Alias, p.Columns, p.WithRowId),
            SystemScan p => [.. p.Ordinals.Select(o => Qualify(p.Alias, p.Table.Columns[o].Name))],
            CteScan p => [.. p.OutputNames.Select(n => Qualify(p.Name, n))],
            ProjectRows p => [.. p.Expressions.Select(Text(p.Input).Of)],
            ProjectSets p => [.. Names(p.Input), .. p.Calls.Select(c => $"{c.Signature.Name}({Text(p.Input).List(c.Arguments)})")],
            HashAggregate p => [.. p.Groups.Select(g => Text(p.Input).Of(g)), .. p.Aggregates.Select(Text(p.Input).Aggregate), .. p.Groupings.Select(_ => "GROUPING(...)")],
            WindowAggregate p => [.. Names(p.Input), .. p.Calls.Select(c => $"{c.Signature.Name}({Text(p.Input).List(c.Arguments)}) OVER (?)")],
            HashJoin p => Both(p.Kind, p.Left, p.Right),
            NestedLoopJoin p => Both(p.Kind, p.Left, p.Right),
            ApplyJoin p => Both(p.Kind, p.Left, p.Right),
            AppendRows p => Names(p.Branches[0]),
            HashSetOperation p => Names(p.Left),
            WithCtes p => Names(p.Body),
            RecursiveUnion p => Names(p.Start),
            FilterRows or SortRows or LimitRows or DistinctRows or Gather or Physical.LockRows => Names(plan.Inputs[0]),
            _ => [.. plan.OutputNames.Select(TypeCatalog.Quote)],
        };
    }

    private string Qualify(string alias, string column) => _isQualified ? $"{TypeCatalog.Quote(alias)}.{TypeCatalog.Quote(column)}" : TypeCatalog.Quote(column);

    private List<string> Stored(TableObject table, string alias, IReadOnlyList<short> columns, bool withRowId)
    {
        List<string> names = [.. columns.Select(c => Qualify(alias, table.Columns[c - 1].Name))];
        if (withRowId) names.Add("rowid");
        return names;
    }

    private IReadOnlyList<string> Both(JoinKind kind, PhysicalPlan left, PhysicalPlan right) => kind is JoinKind.Semi or JoinKind.Anti ? Names(left) : [.. Names(left), .. Names(right)];
}
