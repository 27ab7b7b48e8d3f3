using System.Text.RegularExpressions;
using VecSql.Core.Catalog;

namespace VecSql.Core.SystemTables;

/// <summary>
/// Pieces of SQL that describe catalog objects, spelled as PostgreSQL spells them. Stored expressions have parentheses around every operator; "pretty" takes away those that aren't needed.
/// </summary>
public static partial class SqlText
{
    /// <summary>The relation's name, qualified unless the name alone finds it on the search path.</summary>
    public static string RelationName(RelationObject relation, CatalogSnapshot catalog, IReadOnlyList<uint> searchPath) =>
        Visibility.OfRelation(relation.Schema, relation.Name, catalog, searchPath) ? SqlIdentifier.Quote(relation.Name) : QualifiedName(relation, catalog);

    public static string QualifiedName(RelationObject relation, CatalogSnapshot catalog) =>
        SqlIdentifier.Quote(SystemRelations.SchemaName(relation.Schema, catalog) ?? "???") + "." + SqlIdentifier.Quote(relation.Name);

    /// <summary>The expression without its outer parentheses, and those of simple conditions joined by AND or OR.</summary>
    public static string Pretty(string expression)
    {
        string inner = CastOfName().Replace(WithoutOuter(expression), "$1::");
        foreach (string word in (string[])[" AND ", " OR "])
        {
            List<string> parts = SplitTop(inner, word);
            if (parts.Count > 1) return string.Join(word, parts.Select(p => IsSimple(p) ? WithoutOuter(p) : p));
        }
        return inner;
    }

    /// <summary>True for "(…)" whose first parenthesis closes at the end.</summary>
    public static bool IsParenthesized(string text) => text.Length > 2 && text[0] == '(' && ClosingOf(text, 0) == text.Length - 1;

    /// <summary>A stored expression as a session sees it: relations, types, functions and operators that it names are unqualified if their bare name finds them.</summary>
    public static string Display(string expression, CatalogSnapshot catalog, IReadOnlyList<uint> searchPath) => QualifiedPart().Replace(expression, match =>
    {
        if (match.Groups["relation"] is { Success: true } relation)
        {
            if (SqlIdentifier.Split(relation.Value.Replace("''", "'", StringComparison.Ordinal)) is not [{ } schemaName, { } name]) return match.Value;
            uint schema = SystemRelations.FindSchema(schemaName, catalog);
            return schema != 0 && Visibility.OfRelation(schema, name, catalog, searchPath) ? $"'{SqlIdentifier.Quote(name).Replace("'", "''", StringComparison.Ordinal)}'::regclass" : match.Value;
        }
        if (!match.Groups["schema"].Success || SqlIdentifier.Split(match.Groups["schema"].Value) is not [{ } owner]) return match.Value;
        uint found = SystemRelations.FindSchema(owner, catalog);
        string bare = match.Groups["name"].Value;
        if (!searchPath.Contains(found)) return match.Value;
        return match.Value[0] switch
        {
            'O' => bare,
            ':' => SqlIdentifier.Split(bare) is [{ } type] && Visibility.OfType(found, type, catalog, searchPath) ? "::" + bare : match.Value,
            _ => bare + "(",
        };
    });

    /// <summary>Relations that a stored expression names as regclass (sequences of nextval).</summary>
    public static IEnumerable<uint> RelationsOf(string expression, CatalogSnapshot catalog)
    {
        foreach (Match match in QualifiedPart().Matches(expression))
        {
            if (!match.Groups["relation"].Success || SqlIdentifier.Split(match.Groups["relation"].Value.Replace("''", "'", StringComparison.Ordinal)) is not [{ } schemaName, { } name]) continue;
            if (SystemRelations.FindSchema(schemaName, catalog) is var schema and not 0 && catalog.FindRelation(schema, name) is { } relation) yield return relation.Oid;
        }
    }

    /// <summary>A domain's check with the value's name as SQL writes it.</summary>
    public static string WithValue(string check) => ValueWord().Replace(check, match => match.Value == "value" ? "VALUE" : match.Value);

    // Strings come first, so that nothing inside one is taken for a name.
    [GeneratedRegex("'(?<relation>(?:[^']|'')+)'::regclass|'(?:[^']|'')*'|OPERATOR\\((?<schema>[a-z_][a-z0-9_$]*|\"(?:[^\"]|\"\")*\")\\.(?<name>[^)]+)\\)|::(?<schema>[a-z_][a-z0-9_$]*|\"(?:[^\"]|\"\")*\")\\.(?<name>[a-z_][a-z0-9_$]*|\"(?:[^\"]|\"\")*\")|(?<![\\w\".])(?<schema>[a-z_][a-z0-9_$]*|\"(?:[^\"]|\"\")*\")\\.(?<name>[a-z_][a-z0-9_$]*|\"(?:[^\"]|\"\")*\")\\(")]
    private static partial Regex QualifiedPart();

    [GeneratedRegex("'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|(?<![\\w.])value(?![\\w(.])")]
    private static partial Regex ValueWord();

    /// <summary>"(name)::" where the parentheses aren't a call's.</summary>
    [GeneratedRegex("(?<![\\w\"])\\(([a-z_][a-z0-9_$]*|\"[^\"]*\")\\)::")]
    private static partial Regex CastOfName();

    private static string WithoutOuter(string text) => IsParenthesized(text) ? text[1..^1] : text;

    private static bool IsSimple(string part)
    {
        string inner = WithoutOuter(part);
        return SplitTop(inner, " AND ").Count == 1 && SplitTop(inner, " OR ").Count == 1 && !inner.StartsWith("NOT ", StringComparison.Ordinal);
    }

    private static int ClosingOf(string text, int open)
    {
        int depth = 0;
        for (int i = open; i < text.Length; i++)
        {
            if (text[i] is '\'' or '"') i = SkipQuoted(text, i);
            else if (text[i] == '(') depth++;
            else if (text[i] == ')' && --depth == 0) return i;
        }
        return -1;
    }

    private static int SkipQuoted(string text, int start)
    {
        int end = text.IndexOf(text[start], start + 1);
        return end < 0 ? text.Length : end;
    }

    private static List<string> SplitTop(string text, string word)
    {
        List<string> parts = [];
        int depth = 0, start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] is '\'' or '"') i = SkipQuoted(text, i);
            else if (text[i] is '(' or '[') depth++;
            else if (text[i] is ')' or ']') depth--;
            else if (depth == 0 && text[i] == ' ' && string.CompareOrdinal(text, i, word, 0, word.Length) == 0)
            {
                parts.Add(text[start..i]);
                start = i + word.Length;
                i = start - 1;
            }
        }
        parts.Add(text[start..]);
        return parts;
    }
}
