using System.Text;
using VecSql.Core.Catalog;

namespace VecSql.Core.SystemTables;

/// <summary>A constraint as PostgreSQL writes it after CONSTRAINT name.</summary>
internal static class ConstraintDefinition
{
    /// <summary>Null if there is no such constraint.</summary>
    public static string? Format(uint oid, CatalogSnapshot catalog, IReadOnlyList<uint> searchPath, bool isPretty)
    {
        foreach (CatalogObject item in catalog.Objects)
        {
            if (item is TableObject table && table.Constraints.FirstOrDefault(c => c.Oid == oid) is { } found) return Format(found, table, catalog, searchPath, isPretty);
            if (item is TypeObject domain && !domain.Checks.IsDefault && domain.Checks.FirstOrDefault(c => c.Oid == oid) is { } check)
                return Check(check with { Expression = SqlText.WithValue(check.Expression!) }, isPretty, catalog, searchPath);
        }
        return null;
    }

    private static string Format(ConstraintObject c, TableObject table, CatalogSnapshot catalog, IReadOnlyList<uint> searchPath, bool isPretty)
    {
        if (c.Kind == ConstraintKind.Check) return Check(c, isPretty, catalog, searchPath);
        StringBuilder sql = new();
        if (c.Kind == ConstraintKind.ForeignKey)
        {
            TableObject referenced = catalog.Find<TableObject>(c.ReferencedTable)!;
            sql.Append("FOREIGN KEY (").Append(Names(c.Columns, table)).Append(") REFERENCES ").Append(SqlText.RelationName(referenced, catalog, searchPath))
                .Append('(').Append(Names(c.ReferencedColumns, referenced)).Append(')');
            if (c.MatchType == 'f') sql.Append(" MATCH FULL");
            if (c.OnUpdate != ReferentialAction.NoAction) sql.Append(" ON UPDATE ").Append(Words(c.OnUpdate));
            if (c.OnDelete != ReferentialAction.NoAction) sql.Append(" ON DELETE ").Append(Words(c.OnDelete));
        }
        else
        {
            IndexObject? index = catalog.Find<IndexObject>(c.IndexOid);
            sql.Append(c.Kind == ConstraintKind.PrimaryKey ? "PRIMARY KEY (" : index?.NullsNotDistinct == true ? "UNIQUE NULLS NOT DISTINCT (" : "UNIQUE (").Append(Names(c.Columns, table)).Append(')');
            if (index is { Included.IsEmpty: false }) sql.Append(" INCLUDE (").Append(Names(index.Included, table)).Append(')');
        }
        if (c.IsDeferrable) sql.Append(" DEFERRABLE");
        if (c.IsInitiallyDeferred) sql.Append(" INITIALLY DEFERRED");
        if (!c.IsValidated) sql.Append(" NOT VALID");
        return sql.ToString();
    }

    private static string Check(ConstraintObject c, bool isPretty, CatalogSnapshot catalog, IReadOnlyList<uint> searchPath)
    {
        string text = SqlText.Display(c.Expression!, catalog, searchPath);
        return $"CHECK ({(isPretty ? SqlText.Pretty(text) : text)}){(c.IsValidated ? "" : " NOT VALID")}";
    }

    private static string Names(IEnumerable<short> columns, TableObject table) => string.Join(", ", columns.Select(c => SqlIdentifier.Quote(table.Columns[c - 1].Name)));

    private static string Words(ReferentialAction action) => action switch
    {
        ReferentialAction.Restrict => "RESTRICT",
        ReferentialAction.Cascade => "CASCADE",
        ReferentialAction.SetNull => "SET NULL",
        ReferentialAction.SetDefault => "SET DEFAULT",
        _ => "NO ACTION",
    };
}
