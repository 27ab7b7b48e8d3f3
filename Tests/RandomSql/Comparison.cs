using System.Buffers.Binary;
using System.Globalization;

namespace VecSql.Tests.RandomSql;

internal enum Verdict { Same, Different, Refused, OneSidedError }

/// <summary>Whether two engines' answers to one statement agree.</summary>
internal static class Comparison
{
    private const int Float8Oid = 701;
    private const int Float4Oid = 700;
    private const int NumericOid = 1700;

    /// <summary>Compares; the reason is empty when they agree.</summary>
    /// <param name="expected">PostgreSQL's.</param>
    /// <param name="orderedBy">The columns that the rows are sorted by.</param>
    public static (Verdict Verdict, string Reason) Compare(Answer expected, Answer actual, int[] orderedBy)
    {
        if (expected.SqlState is not null && IsFaultOfStatement(expected.SqlState)) return (Verdict.Refused, $"{expected.SqlState} {expected.Message}");
        if (expected.SqlState is not null && actual.SqlState is not null)
            // Which of several faulty rows is reached first is open: a value out of range (22) or a constraint (23).
            return expected.SqlState[..2] == actual.SqlState[..2] || expected.SqlState[..2] is "22" or "23" && actual.SqlState[..2] is "22" or "23" ? (Verdict.Same, "") : (Verdict.Different, $"expected {expected.SqlState} {expected.Message}, got {actual.SqlState} {actual.Message}");
        if (actual.SqlState is not null)
            return (actual.SqlState[..2] == "22" ? Verdict.OneSidedError : Verdict.Different, $"got {actual.SqlState} {actual.Message}");
        if (expected.SqlState is not null)
            return (expected.SqlState[..2] == "22" ? Verdict.OneSidedError : Verdict.Different, $"expected {expected.SqlState} {expected.Message}");
        if (!SameColumns(expected.Columns, actual.Columns)) return (Verdict.Different, $"columns: expected {string.Join(", ", expected.Columns)}; got {string.Join(", ", actual.Columns)}");
        if (expected.Tag != actual.Tag) return (Verdict.Different, $"expected {expected.Tag} {Show(expected.Rows)}; got {actual.Tag} {Show(actual.Rows)}");
        string reason = CompareRows(expected, actual, orderedBy);
        return reason.Length == 0 ? (Verdict.Same, "") : (Verdict.Different, reason);
    }

    /// <summary>Syntax, names, types, features: the generator wrote something that PostgreSQL has not.</summary>
    private static bool IsFaultOfStatement(string state) => state[..2] is "42" or "0A" || state is "54001" or "54000" or "22P02";

    /// <summary>Modifiers may be missing: PostgreSQL takes them from the folded expression.</summary>
    private static bool SameColumns(List<(string Name, int Oid, int Modifier)> expected, List<(string Name, int Oid, int Modifier)> actual) =>
        expected.Count == actual.Count && expected.Zip(actual).All(p => p.First.Name == p.Second.Name && p.First.Oid == p.Second.Oid && (p.First.Modifier == p.Second.Modifier || p.Second.Modifier == -1));

    private static string CompareRows(Answer expected, Answer actual, int[] orderedBy)
    {
        int[] oids = expected.Columns.Select(c => c.Oid).ToArray();
        ClearNullFlags(expected.Rows, oids);
        ClearNullFlags(actual.Rows, oids);
        List<string> left = Keys(expected.Rows), right = Keys(actual.Rows);
        left.Sort(StringComparer.Ordinal);
        right.Sort(StringComparer.Ordinal);
        if (!left.SequenceEqual(right) && !MatchLoosely(expected.Rows, actual.Rows, oids))
        {
            return $"only expected: {string.Join(" / ", Minus(left, right).Take(6))}; only got: {string.Join(" / ", Minus(right, left).Take(6))}";
        }
        for (int row = 0; row < expected.Rows.Count; row++)
            foreach (int column in orderedBy)
                if (!Ties(expected.Rows[row][column], actual.Rows[row][column], oids[column]))
                    return $"order: row {row} expected {Show([expected.Rows[row]])}, got {Show([actual.Rows[row]])}";
        return "";
    }

    /// <summary>A binary array says whether it may hold NULLs; PostgreSQL's slices say so of elements that were cut off.</summary>
    private static void ClearNullFlags(List<string?[]> rows, int[] oids)
    {
        foreach (string?[] row in rows)
            for (int i = 0; i < row.Length; i++)
                if (oids[i] is 1007 or 1009 && row[i] is { Length: >= 24 } value && value[0] == '0') row[i] = $"{value[..8]}00000000{value[16..]}";
    }

    private static List<string> Keys(List<string?[]> rows) => rows.Select(r => string.Join(" | ", r.Select(v => v is null ? "∅" : $"{v}"))).ToList();

    private static IEnumerable<string> Minus(List<string> left, List<string> right)
    {
        Dictionary<string, int> counts = right.GroupBy(k => k).ToDictionary(g => g.Key, g => g.Count());
        foreach (string key in left)
        {
            if (counts.GetValueOrDefault(key) > 0) counts[key]--;
            else yield return key;
        }
    }

    private static string Show(List<string?[]> rows) => string.Join(" / ", Keys(rows).Take(6));

    /// <summary>Pairs off rows whose values are the same but for the last digits of floats.</summary>
    private static bool MatchLoosely(List<string?[]> expected, List<string?[]> actual, int[] oids)
    {
        if (expected.Count != actual.Count || !oids.Any(o => o is Float8Oid or Float4Oid or NumericOid)) return false;
        List<string?[]> left = [.. actual];
        foreach (string?[] row in expected)
        {
            int found = left.FindIndex(other => Enumerable.Range(0, row.Length).All(i => Same(row[i], other[i], oids[i])));
            if (found < 0) return false;
            left.RemoveAt(found);
        }
        return true;
    }

    /// <summary>Numbers that differ in their scale only may stand in any order.</summary>
    private static bool Ties(string? a, string? b, int oid) => Same(a, b, oid) || oid == NumericOid && a is not null && b is not null && (IsBinary(a) || Plain(a) == Plain(b));

    private static bool IsBinary(string value) => value.Length >= 16 && value.All(char.IsAsciiHexDigitUpper);

    private static string Plain(string number) => number.Contains('.') ? number.TrimEnd('0').TrimEnd('.') : number;

    private static bool Same(string? a, string? b, int oid)
    {
        if (a == b) return true;
        if (a is null || b is null) return false;
        if (oid is not (Float8Oid or Float4Oid)) return false;
        double x = ToDouble(a), y = ToDouble(b);
        return Math.Abs(x - y) <= 1e-9 * Math.Max(Math.Abs(x), Math.Abs(y)) || Math.Abs(x - y) < 1e-12;
    }

    private static double ToDouble(string value) =>
        value.Length == 16 && value.All(char.IsAsciiHexDigitUpper) ? BinaryPrimitives.ReadDoubleBigEndian(Convert.FromHexString(value)) : double.TryParse(value, CultureInfo.InvariantCulture, out double number) ? number : double.NaN;
}
