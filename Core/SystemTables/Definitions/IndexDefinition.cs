using System.Text;
using VecSql.Core.Catalog;

namespace VecSql.Core.SystemTables;

/// <summary>CREATE INDEX as PostgreSQL writes it.</summary>
internal static class IndexDefinition
{
    /// <param name="isPretty">Names of visible tables unqualified, and no needless parentheses.</param>
    public static string Format(IndexObject index, CatalogSnapshot catalog, IReadOnlyList<uint> searchPath, bool isPretty)
    {
        TableObject table = catalog.Find<TableObject>(index.Table)!;
        StringBuilder sql = new("CREATE ");
        if (index.IsUnique) sql.Append("UNIQUE ");
        sql.Append("INDEX ").Append(SqlIdentifier.Quote(index.Name)).Append(" ON ")
            .Append(isPretty ? SqlText.RelationName(table, catalog, searchPath) : SqlText.QualifiedName(table, catalog))
            .Append(" USING ").Append(SqlIdentifier.Quote(index.Method)).Append(" (")
            .AppendJoin(", ", index.Keys.Select(k => Key(index, k, table, catalog, searchPath, isPretty))).Append(')');
        if (!index.Included.IsEmpty) sql.Append(" INCLUDE (").AppendJoin(", ", index.Included.Select(c => SqlIdentifier.Quote(table.Columns[c - 1].Name))).Append(')');
        if (index.NullsNotDistinct) sql.Append(" NULLS NOT DISTINCT");
        if (index.Options.Count > 0) sql.Append(" WITH (").AppendJoin(", ", index.Options.Select(o => $"{SqlIdentifier.Quote(o.Key)}='{o.Value.Replace("'", "''", StringComparison.Ordinal)}'")).Append(')');
        if (index.Predicate is { } stored && SqlText.Display(stored, catalog, searchPath) is var predicate) sql.Append(" WHERE ").Append(isPretty ? SqlText.Pretty(predicate) : predicate);
        return sql.ToString();
    }

    /// <summary>The column or expression of one key (or included column), from 1; null if there is none.</summary>
    public static string? Column(IndexObject index, int number, CatalogSnapshot catalog, IReadOnlyList<uint> searchPath, bool isPretty)
    {
        TableObject table = catalog.Find<TableObject>(index.Table)!;
        if (number < 1 || number > index.Keys.Length + index.Included.Length) return null;
        if (number > index.Keys.Length) return SqlIdentifier.Quote(table.Columns[index.Included[number - index.Keys.Length - 1] - 1].Name);
        return Operand(index.Keys[number - 1], table, catalog, searchPath, isPretty);
    }

    private static string Operand(IndexKey key, TableObject table, CatalogSnapshot catalog, IReadOnlyList<uint> searchPath, bool isPretty)
    {
        if (key.Column != 0) return SqlIdentifier.Quote(table.Columns[key.Column - 1].Name);
        string text = SqlText.Display(key.Expression!, catalog, searchPath);
        if (isPretty) text = SqlText.Pretty(text);
        return IsCall(text) ? text : $"({text})";
    }

    /// <summary>A plain function call needs no parentheses.</summary>
    private static bool IsCall(string text)
    {
        int open = text.IndexOf('(', StringComparison.Ordinal);
        return open > 0 && text[..open].All(c => char.IsLetterOrDigit(c) || c is '_' or '.' or '"') && SqlText.IsParenthesized(text[open..]);
    }

    private static string Key(IndexObject index, IndexKey key, TableObject table, CatalogSnapshot catalog, IReadOnlyList<uint> searchPath, bool isPretty)
    {
        string text = Operand(key, table, catalog, searchPath, isPretty);
        uint method = BuiltinIndexing.FindMethod(index.Method)?.Oid ?? 0;
        if (BuiltinIndexing.FindClass(method, key.Type.Oid, key.OperatorClass) is { } used && used != BuiltinIndexing.FindClass(method, key.Type.Oid, null))
        {
            uint? schema = new InstalledExtensions(catalog).SchemaOf(used.Extension);
            text += " " + (schema is { } known && !searchPath.Contains(known) ? SqlIdentifier.Quote(SystemRelations.SchemaName(known, catalog) ?? "???") + "." : "") + SqlIdentifier.Quote(used.Name);
        }
        if (index.Method != "btree") return text;
        if (key.Descending) return text + (key.NullsFirst ? " DESC" : " DESC NULLS LAST");
        return key.NullsFirst ? text + " NULLS FIRST" : text;
    }
}
