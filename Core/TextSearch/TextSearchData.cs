using System.Text;
using VecSql.Core.Errors;

namespace VecSql.Core.TextSearch;

/// <summary>The files of Data/, which are part of the assembly.</summary>
internal static class TextSearchData
{
    /// <summary>The lines that say something: no comments, none that are empty.</summary>
    public static IEnumerable<string> Lines(string name)
    {
        using Stream? stream = typeof(TextSearchData).Assembly.GetManifestResourceStream("TextSearch." + name);
        Invariant.Check(stream is not null);
        using StreamReader reader = new(stream!, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
            if (line.Length > 0 && line[0] != '#') yield return line;
    }
}
