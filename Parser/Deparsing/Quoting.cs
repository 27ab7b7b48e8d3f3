using System.Text;
using VecSql.Parser.Lexing;

namespace VecSql.Parser.Deparsing;

/// <summary>Names and strings as SQL text.</summary>
public static class Quoting
{
    /// <summary>PostgreSQL's quote_identifier: quoted unless it is a lower-case name that is no keyword, or an unreserved one.</summary>
    public static string Identifier(string name)
    {
        bool isPlain = name.Length > 0 && (char.IsAsciiLetterLower(name[0]) || name[0] == '_');
        foreach (char c in name) isPlain &= char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_';
        if (isPlain)
        {
            var keyword = Keywords.Find(name);
            isPlain = keyword == Keyword.NotKeyword || Keywords.ClassOf(keyword) == KeywordClass.Unreserved;
        }
        return isPlain ? name : $"\"{name.Replace("\"", "\"\"")}\"";
    }

    /// <summary>PostgreSQL's quote_literal: a string with a backslash is written E'…'.</summary>
    public static string Literal(string value)
    {
        var text = new StringBuilder(value.Length + 2);
        bool hasBackslash = value.Contains('\\');
        text.Append(hasBackslash ? "E'" : "'");
        foreach (char c in value)
        {
            if (c == '\'' || c == '\\') text.Append(c);
            text.Append(c);
        }
        return text.Append('\'').ToString();
    }
}
