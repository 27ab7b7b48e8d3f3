using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.SystemTables;

/// <summary>pg_constraint: constraints of tables and domains.</summary>
internal sealed class PgConstraint() : SystemTable("pg_constraint")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (CatalogObject item in context.Catalog.Objects)
        {
            if (item is TableObject table)
                foreach (ConstraintObject constraint in table.Constraints) Add(rows, constraint, table.Schema, table, 0, context.Catalog);
            else if (item is TypeObject domain)
                foreach (ConstraintObject check in domain.Checks) Add(rows, check, domain.Schema, null, domain.Oid, context.Catalog);
        }
    }

    private static void Add(SystemRows rows, ConstraintObject c, uint schema, TableObject? table, uint domain, CatalogSnapshot catalog)
    {
        bool isForeign = c.Kind == ConstraintKind.ForeignKey;
        IReadOnlyList<short> columns = ColumnsOf(c, table);
        IReadOnlyList<uint>? equality = isForeign ? Equality(c, table!, catalog) : null;
        rows.Add(c.Oid).Add(c.Name).Add(schema).Add((char)c.Kind).Add(c.IsDeferrable).Add(c.IsInitiallyDeferred).Add(c.IsValidated).Add(table?.Oid ?? 0u).Add(domain).Add(c.IndexOid).Add(0u)
            .Add(c.ReferencedTable).Add(isForeign ? (char)c.OnUpdate : ' ').Add(isForeign ? (char)c.OnDelete : ' ').Add(isForeign ? c.MatchType : ' ').Add(true).Add(0).Add(c.Kind != ConstraintKind.Check)
            .AddArray<short>(columns.Count == 0 ? null : columns).AddArray<short>(isForeign ? c.ReferencedColumns : null).AddArray(equality).AddArray(equality).AddArray(equality)
            .AddNull().AddNull().Add(c.Expression);
        rows.EndRow();
    }

    /// <summary>The constraint's columns; of a CHECK those that its text names.</summary>
    internal static IReadOnlyList<short> ColumnsOf(ConstraintObject constraint, TableObject? table)
    {
        if (table is null || !constraint.Columns.IsEmpty || constraint.Expression is not { } text) return constraint.Columns;
        HashSet<string> words = SqlWords.Identifiers(text);
        return [.. table.LiveColumns.Where(c => words.Contains(c.Name)).Select(c => c.Number)];
    }

    private static List<uint> Equality(ConstraintObject c, TableObject table, CatalogSnapshot catalog)
    {
        TableObject? referenced = catalog.Find<TableObject>(c.ReferencedTable);
        List<uint> operators = [];
        for (int i = 0; i < c.Columns.Length; i++)
        {
            uint left = referenced?.Columns[c.ReferencedColumns[i] - 1].Type.Oid ?? 0, right = table.Columns[c.Columns[i] - 1].Type.Oid;
            operators.Add(Find(left, right) ?? Find(left, left) ?? Find(TypeOid.Text, TypeOid.Text) ?? 0);
        }
        return operators;
    }

    private static uint? Find(uint left, uint right) => Builtins.FindOperators("=").FirstOrDefault(o => o.Left == left && o.Right == right)?.Oid;
}
