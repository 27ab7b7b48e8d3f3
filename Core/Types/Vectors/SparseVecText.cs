using System.Runtime.InteropServices;
using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>Sparse vectors as text: "{1:1.5,3:-2}/5", place (from 1) : value, then the dimensions. Places may come in any order; zeros are left out.</summary>
internal static class SparseVecText
{
    public static void Write(SparseView view, ByteBuffer output)
    {
        output.WriteByte((byte)'{');
        for (int i = 0; i < view.Count; i++)
        {
            if (i > 0) output.WriteByte((byte)',');
            output.WriteFormatted(view.Places[i] + 1);
            output.WriteByte((byte)':');
            FloatText.Write(view.Values[i], 1, output);
        }
        output.WriteByte((byte)'}');
        output.WriteByte((byte)'/');
        output.WriteFormatted(view.Dimensions);
    }

    /// <summary>Appends the value.</summary>
    /// <exception cref="SqlException">22P02, 22003, 22000, 54000; nothing is appended then.</exception>
    public static void Parse(ReadOnlySpan<byte> utf8, int modifier, BytesColumnBuilder result)
    {
        int most = utf8.Count((byte)',') + 1;
        if (most > VectorLimits.MaxDimensions) throw SparseVecType.TooManyElements();
        List<KeyValuePair<int, float>> elements = new(most);
        int at = VectorText.SkipSpaces(utf8, 0);
        if (at == utf8.Length || utf8[at] != (byte)'{') throw Invalid(utf8, "Vector contents must start with \"{\".");
        at = VectorText.SkipSpaces(utf8, at + 1);
        if (at < utf8.Length && utf8[at] == (byte)'}') at++;
        else while (ParseElement(utf8, ref at, elements)) { }
        at = VectorText.SkipSpaces(utf8, at);
        if (at == utf8.Length || utf8[at] != (byte)'/') throw Invalid(utf8, "Unexpected end of input.");
        at = VectorText.SkipSpaces(utf8, at + 1);
        int dimensions = ReadInteger(utf8, ref at);
        if (VectorText.SkipSpaces(utf8, at) != utf8.Length) throw Invalid(utf8, "Junk after closing.");
        VectorLimits.CheckDimensions(dimensions, SparseVecType.Name, SparseVecType.MaxDimensions);
        VectorLimits.CheckExpected(modifier, dimensions);
        Append(elements, dimensions, result);
    }

    private static void Append(List<KeyValuePair<int, float>> elements, int dimensions, BytesColumnBuilder result)
    {
        Span<KeyValuePair<int, float>> sorted = CollectionsMarshal.AsSpan(elements);
        sorted.Sort(static (x, y) => x.Key.CompareTo(y.Key));
        int start = result.Output.Length;
        SparseVecType.Take(dimensions, sorted.Length, result, out Span<int> places, out Span<float> values);
        for (int i = 0; i < sorted.Length; i++) (places[i], values[i]) = sorted[i];
        bool isDone = false;
        try
        {
            SparseVecType.CheckPlaces(places, dimensions);
            isDone = true;
        }
        finally
        {
            if (!isDone) result.Output.Truncate(start);
        }
        result.EndValue();
    }

    /// <summary>Reads "place:value" and what ends it: true at a comma, false at the brace.</summary>
    private static bool ParseElement(ReadOnlySpan<byte> utf8, ref int at, List<KeyValuePair<int, float>> elements)
    {
        at = VectorText.SkipSpaces(utf8, at);
        // Kept from the least of all numbers, so that counting from 0 doesn't turn it positive.
        int place = Math.Max(ReadInteger(utf8, ref at), int.MinValue + 1) - 1;
        at = VectorText.SkipSpaces(utf8, at);
        if (at == utf8.Length || utf8[at] != (byte)':') throw Invalid(utf8);
        at = VectorText.SkipSpaces(utf8, at + 1);
        int start = at;
        float value = VectorText.ReadFloat(utf8, ref at, SparseVecType.Name);
        // Unlike vector, what is too small for a float is refused: it would vanish.
        if (value != 0) elements.Add(new(place, value));
        else if (HasDigitAboveZero(utf8[start..at])) throw VectorText.OutOfRange(utf8[start..at], SparseVecType.Name);
        at = VectorText.SkipSpaces(utf8, at);
        if (at == utf8.Length) throw Invalid(utf8);
        return utf8[at++] switch { (byte)',' => true, (byte)'}' => false, _ => throw Invalid(utf8) };
    }

    /// <summary>Whether a number that reads as 0 isn't written as one; its exponent doesn't count.</summary>
    private static bool HasDigitAboveZero(ReadOnlySpan<byte> number)
    {
        int exponent = number.IndexOfAny((byte)'e', (byte)'E');
        return (exponent < 0 ? number : number[..exponent]).IndexOfAnyInRange((byte)'1', (byte)'9') >= 0;
    }

    /// <summary>Reads an integer as C's strtol does; beyond 32 bits it is the nearest that fits.</summary>
    private static int ReadInteger(ReadOnlySpan<byte> utf8, ref int at)
    {
        int i = at;
        bool isNegative = i < utf8.Length && utf8[i] == (byte)'-';
        if (i < utf8.Length && utf8[i] is (byte)'-' or (byte)'+') i++;
        int digits = i;
        long value = 0;
        for (; i < utf8.Length && char.IsAsciiDigit((char)utf8[i]); i++) value = Math.Min(value * 10 + (utf8[i] - '0'), 1L << 32);
        if (i == digits) throw Invalid(utf8);
        at = i;
        return (int)Math.Clamp(isNegative ? -value : value, int.MinValue, int.MaxValue);
    }

    private static SqlException Invalid(ReadOnlySpan<byte> utf8, string? detail = null) => VectorText.Invalid(utf8, SparseVecType.Name, detail);
}
