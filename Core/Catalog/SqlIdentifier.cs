using System.Collections.Frozen;

namespace VecSql.Core.Catalog;

/// <summary>Names as SQL text: quoted where a parser would otherwise read something else (PostgreSQL's quote_identifier).</summary>
public static class SqlIdentifier
{
    // PostgreSQL 15's keywords but for the unreserved ones.
    private static readonly FrozenSet<string> Keywords = new[]
    {
        "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization", "between", "bigint", "binary", "bit", "boolean",
        "both", "case", "cast", "char", "character", "check", "coalesce", "collate", "collation", "column", "concurrently", "constraint", "create", "cross",
        "current_catalog", "current_date", "current_role", "current_schema", "current_time", "current_timestamp", "current_user", "dec", "decimal",
        "default", "deferrable", "desc", "distinct", "do", "else", "end", "except", "exists", "extract", "false", "fetch", "float", "for", "foreign",
        "freeze", "from", "full", "grant", "greatest", "group", "grouping", "having", "ilike", "in", "initially", "inner", "inout", "int", "integer",
        "intersect", "interval", "into", "is", "isnull", "join", "lateral", "leading", "least", "left", "like", "limit", "localtime", "localtimestamp",
        "national", "natural", "nchar", "none", "normalize", "not", "notnull", "null", "nullif", "numeric", "offset", "on", "only", "or", "order", "out",
        "outer", "overlaps", "overlay", "placing", "position", "precision", "primary", "real", "references", "returning", "right", "row", "select",
        "session_user", "setof", "similar", "smallint", "some", "substring", "symmetric", "table", "tablesample", "then", "time", "timestamp", "to",
        "trailing", "treat", "trim", "true", "union", "unique", "user", "using", "values", "varchar", "variadic", "verbose", "when", "where", "window",
        "with", "xmlattributes", "xmlconcat", "xmlelement", "xmlexists", "xmlforest", "xmlnamespaces", "xmlparse", "xmlpi", "xmlroot", "xmlserialize",
        "xmltable"
    }.ToFrozenSet();

    /// <summary>The name, in double quotes unless it is lower-case letters, digits and underscores, and no keyword.</summary>
    public static string Quote(string name) => IsPlain(name) ? name : "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    private static bool IsPlain(string name)
    {
        if (name.Length == 0 || char.IsAsciiDigit(name[0])) return false;
        foreach (char c in name)
            if (!(char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_')) return false;
        return !Keywords.Contains(name);
    }

    /// <summary>
    /// Reads a possibly qualified name as regclass and its kin do: folded to lower case unless quoted; parts separated by points. Null if it is none.
    /// </summary>
    public static IReadOnlyList<string>? Split(string text)
    {
        List<string> parts = [];
        int at = 0;
        while (true)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
            if (at == text.Length) return null;
            if (text[at] == '"')
            {
                System.Text.StringBuilder part = new();
                for (at++; ; at++)
                {
                    if (at == text.Length) return null;
                    if (text[at] != '"') part.Append(text[at]);
                    else if (at + 1 < text.Length && text[at + 1] == '"') part.Append(text[at++]);
                    else break;
                }
                at++;
                if (part.Length == 0) return null;
                parts.Add(part.ToString());
            }
            else
            {
                int start = at;
                while (at < text.Length && text[at] != '.' && !char.IsWhiteSpace(text[at]) && text[at] != '"') at++;
                if (at == start) return null;
                parts.Add(text[start..at].ToLowerInvariant());
            }
            while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
            if (at == text.Length) return parts;
            if (text[at++] != '.') return null;
        }
    }
}
