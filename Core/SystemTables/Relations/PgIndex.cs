using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.SystemTables;

/// <summary>pg_index: what each index holds.</summary>
internal sealed class PgIndex() : SystemTable("pg_index")
{
    private const short Descending = 1, NullsFirst = 2;

    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (IndexObject index in context.Catalog.Relations.OfType<IndexObject>())
        {
            uint method = BuiltinIndexing.FindMethod(index.Method)?.Oid ?? 0;
            ConstraintObject? constraint = context.Catalog.Find<TableObject>(index.Table)?.Constraints.FirstOrDefault(c => c.IndexOid == index.Oid && c.Kind != ConstraintKind.ForeignKey);
            string expressions = string.Join(", ", index.Keys.Where(k => k.Expression is not null).Select(k => k.Expression));
            rows.Add(index.Oid).Add(index.Table).Add((short)(index.Keys.Length + index.Included.Length)).Add((short)index.Keys.Length).Add(index.IsUnique).Add(index.NullsNotDistinct).Add(index.IsPrimary)
                .Add(constraint?.Kind == ConstraintKind.Exclusion).Add(constraint?.IsDeferrable != true).Add(false).Add(index.IsValid).Add(false).Add(index.IsValid).Add(true).Add(false)
                .AddArray<short>([.. index.Keys.Select(k => k.Column), .. index.Included])
                .AddArray<uint>([.. index.Keys.Select(k => CollationOf(index, k, context.Catalog)), .. index.Included.Select(_ => 0u)])
                .AddArray<uint>([.. index.Keys.Select(k => BuiltinIndexing.FindClass(method, k.Type.Oid, k.OperatorClass)?.Oid ?? 0)])
                .AddArray<short>([.. index.Keys.Select(k => (short)((k.Descending ? Descending : 0) | (k.NullsFirst ? NullsFirst : 0)))])
                .Add(expressions.Length == 0 ? null : expressions).Add(index.Predicate);
            rows.EndRow();
        }
    }

    private static uint CollationOf(IndexObject index, IndexKey key, CatalogSnapshot catalog) =>
        catalog.Find<TableObject>(index.Table) is { } table && key.Column != 0 && table.Columns[key.Column - 1].Collation is not 0 and var own ? own : TypeFacts.Of(key.Type.Oid, catalog).Collation;
}
