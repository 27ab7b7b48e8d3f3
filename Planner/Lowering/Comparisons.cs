using System.Collections.Frozen;
using VecSql.Core.Catalog;
using VecSql.Core.Types;
using VecSql.Planner.Physical;

namespace VecSql.Planner.Lowering;

/// <summary>
/// Functions that are comparisons in a btree order: those of operators named =, &lt;, &lt;=, &gt;, &gt;= over two equal, orderable types, or over two types of one family (int4 and int8).
/// </summary>
internal static class Comparisons
{
    private static readonly uint[][] Families =
    [
        [TypeOid.Int2, TypeOid.Int4, TypeOid.Int8],
        [TypeOid.Float4, TypeOid.Float8],
        [TypeOid.Date, TypeOid.Timestamp, TypeOid.TimestampTz],
        [TypeOid.Name, TypeOid.Text],
    ];

    private static readonly Lazy<FrozenDictionary<uint, BoundComparison>> ByFunction = new(() =>
    {
        HashSet<uint> ordered = [.. Builtins.Operators.Where(o => o.Name == "=" && o.Left == o.Right && o.CanMerge).Select(o => o.Left)];
        return Builtins.Operators.Where(o => o.Kind == 'b' && KindOf(o.Name) is not null && ordered.Contains(o.Left) && (o.Left == o.Right || IsFamily(o.Left, o.Right)))
            .DistinctBy(o => o.Function).ToFrozenDictionary(o => o.Function, o => KindOf(o.Name)!.Value);
    });

    public static bool IsFamily(uint left, uint right) => Families.Any(f => f.Contains(left) && f.Contains(right));

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
