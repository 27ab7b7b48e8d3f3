using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using VecSql.Core.Errors;

namespace VecSql.Core.Functions;

/// <summary>
/// A PostgreSQL regular expression ready to run. Where the pattern is regular it runs in linear time; with back references or look-arounds, under a time limit.
/// Safe for all threads. Kept in a bounded cache.
/// </summary>
internal sealed class CompiledRegex
{
    private const int CacheSize = 256;
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);
    private static readonly ConcurrentDictionary<(string Pattern, RegexFlags Flags), CompiledRegex> Cache = new();

    private CompiledRegex(System.Text.RegularExpressions.Regex regex, int groups)
    {
        Regex = regex;
        Groups = groups;
    }

    public System.Text.RegularExpressions.Regex Regex { get; }

    /// <summary>Capturing groups.</summary>
    public int Groups { get; }

    /// <exception cref="SqlException">2201B.</exception>
    public static CompiledRegex Get(ReadOnlySpan<byte> pattern, RegexFlags flags)
    {
        (string, RegexFlags) key = (Encoding.UTF8.GetString(pattern), flags with { Global = false });
        if (Cache.TryGetValue(key, out CompiledRegex? known)) return known;
        CompiledRegex compiled = Compile(key.Item1, key.Item2);
        // Patterns made anew for each row would fill any cache; starting over is cheap.
        if (Cache.Count >= CacheSize) Cache.Clear();
        Cache[key] = compiled;
        return compiled;
    }

    private static CompiledRegex Compile(string source, RegexFlags flags)
    {
        (string pattern, int groups, RegexFlags all, bool isRegular) = RegexTranslator.Translate(source, flags);
        RegexOptions options = RegexOptions.CultureInvariant | (all.IgnoreCase ? RegexOptions.IgnoreCase : RegexOptions.None);
        try
        {
            if (isRegular)
            {
                try
                {
                    return new CompiledRegex(new System.Text.RegularExpressions.Regex(pattern, options | RegexOptions.NonBacktracking), groups);
                }
                catch (NotSupportedException)
                {
                    // Too large for the automaton: backtracking under the time limit does it.
                }
            }
            return new CompiledRegex(new System.Text.RegularExpressions.Regex(pattern, options, TimeLimit), groups);
        }
        catch (ArgumentException e)
        {
            throw new SqlException(SqlState.InvalidRegularExpression, "invalid regular expression: " + e.Message, inner: e);
        }
    }

    public bool IsMatch(ReadOnlySpan<char> text) => Guarded(text, static (r, t) => r.IsMatch(t));

    /// <summary>The first match from a place on; look-arounds see what lies before.</summary>
    public Match Match(string text, int start)
    {
        try
        {
            return Regex.Match(text, start);
        }
        catch (RegexMatchTimeoutException e)
        {
            throw TimedOut(e);
        }
    }

    private delegate bool Test(System.Text.RegularExpressions.Regex regex, ReadOnlySpan<char> text);

    private bool Guarded(ReadOnlySpan<char> text, Test test)
    {
        try
        {
            return test(Regex, text);
        }
        catch (RegexMatchTimeoutException e)
        {
            throw TimedOut(e);
        }
    }

    private static SqlException TimedOut(Exception inner) => new(SqlState.InvalidRegularExpression, "regular expression failed: too much work", inner: inner);
}
