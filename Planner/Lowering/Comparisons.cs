using System.Collections.Frozen;
using VecSql.Core.Catalog;
using VecSql.Core.Types;
using VecSql.Planner.Physical;

namespace VecSql.Planner.Lowering;

/// <summary>Functions that are comparisons in their type's btree order: those of operators named =, &lt;, &lt;=, &gt;, &gt;= over two equal, orderable types.</summary>
internal static class Comparisons
{
    private static readonly Lazy<FrozenDictionary<uint, BoundComparison>> ByFunction = new(() =>
    {
        HashSet<uint> ordered = [.. Builtins.Operators.Where(o => o.Name == "=" && o.Left == o.Right && o.CanMerge).Select(o => o.Left)];
        return Builtins.Operators.Where(o => o.Kind == 'b' && o.Left == o.Right && ordered.Contains(o.Left) && KindOf(o.Name) is not null)
            .DistinctBy(o => o.Function).ToFrozenDictionary(o => o.Function, o => KindOf(o.Name)!.Value);
    });

    public static BoundComparison? Find(uint function) => ByFunction.Value.TryGetValue(function, out BoundComparison comparison) ? comparison : null;

    public static BoundComparison Turned(BoundComparison comparison) => comparison switch
    {
        BoundComparison.Less => BoundComparison.Greater,
        BoundComparison.LessOrEqual => BoundComparison.GreaterOrEqual,
        BoundComparison.Greater => BoundComparison.Less,
        BoundComparison.GreaterOrEqual => BoundComparison.LessOrEqual,
        _ => comparison,
    };

    private static BoundComparison? KindOf(string symbol) => symbol switch
    {
        "=" => BoundComparison.Equal,
        "<" => BoundComparison.Less,
        "<=" => BoundComparison.LessOrEqual,
        ">" => BoundComparison.Greater,
        ">=" => BoundComparison.GreaterOrEqual,
        _ => null,
    };
}
