using System.Text;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>
/// Arrays as text: {1,2}, {{a,"b c"},{NULL,d}}, [2:3]={5,6}. Read in two passes as PostgreSQL does: the first checks the braces and finds the shape, so that errors of
/// syntax come before errors of elements; the second reads the elements.
/// </summary>
internal static class ArrayText
{
    private enum State { NoLevel, LevelStarted, ElementStarted, QuotedStarted, QuotedCompleted, ElementDelimited, LevelCompleted, LevelDelimited }

    public static void Parse(ReadOnlySpan<byte> utf8, SqlType elementType, TypeHandler element, char delimiter, BytesColumnBuilder result, EvalContext context)
    {
        Span<int> lengths = stackalloc int[ArrayFormat.MaxDimensions], lowerBounds = stackalloc int[ArrayFormat.MaxDimensions], found = stackalloc int[ArrayFormat.MaxDimensions];
        int at = 0;
        int declared = ReadBounds(utf8, ref at, lengths, lowerBounds);
        if (declared > 0)
        {
            if (at == utf8.Length || utf8[at] != (byte)'=') throw Malformed(utf8, "Missing \"=\" after array dimensions.");
            at = SkipSpaces(utf8, at + 1);
            if (at == utf8.Length || utf8[at] != (byte)'{') throw Malformed(utf8, "Array contents must start with \"{\".");
        }
        else if (at == utf8.Length || utf8[at] != (byte)'{') throw Malformed(utf8, "Array value must start with \"{\" or dimension information.");
        int dimensions = FindShape(utf8, at, delimiter, found);
        if (declared == 0) lowerBounds.Fill(1);
        else if (dimensions != declared || !found[..dimensions].SequenceEqual(lengths[..dimensions]))
            throw Malformed(utf8, "Specified array dimensions do not match array contents.");
        int count = ArrayFormat.CountOf(found[..dimensions]);
        ArrayFormat.CheckBounds(found[..dimensions], lowerBounds[..dimensions]);
        if (count == 0)
        {
            ArrayFormat.WriteEmpty(result.Output, elementType.Oid, element.Kind);
            result.EndValue();
            return;
        }
        ArrayBuilder builder = new(elementType.Oid, element.Kind);
        ReadElements(utf8, at, elementType, element, delimiter, builder, context);
        builder.WriteTo(result, found[..dimensions], lowerBounds[..dimensions]);
    }

    public static void Write(ArrayView view, SqlType elementType, TypeHandler element, char delimiter, ByteBuffer output, EvalContext context)
    {
        if (view.Count == 0)
        {
            output.Write("{}"u8);
            return;
        }
        if (view.LowerBounds.ContainsAnyExcept(1))
        {
            for (int d = 0; d < view.Dimensions; d++) WriteBounds(view, d, output);
            output.WriteByte((byte)'=');
        }
        ReadOnlySpan<int> lengths = view.Lengths;
        for (int i = 0; i < view.Count; i++)
        {
            // As many braces open before (close after) an element as dimensions begin (end) with it.
            int group = 1, opened = 0, closed = 0;
            for (int d = lengths.Length - 1; d >= 0; d--)
            {
                group *= lengths[d];
                if (i % group == 0) opened++;
                if ((i + 1) % group == 0) closed++;
            }
            if (i > 0) output.WriteByte((byte)delimiter);
            output.Take(opened).Fill((byte)'{');
            if (view.Elements.IsNull(i)) output.Write("NULL"u8);
            else WriteElement(view.Elements, i, elementType, element, delimiter, output, context);
            output.Take(closed).Fill((byte)'}');
        }
    }

    /// <summary>"[lower:upper]".</summary>
    public static void WriteBounds(ArrayView view, int dimension, ByteBuffer output)
    {
        output.WriteByte((byte)'[');
        output.WriteFormatted(view.LowerBounds[dimension]);
        output.WriteByte((byte)':');
        output.WriteFormatted(view.LowerBounds[dimension] + view.Lengths[dimension] - 1);
        output.WriteByte((byte)']');
    }

    private static void WriteElement(Column elements, int place, SqlType elementType, TypeHandler element, char delimiter, ByteBuffer output, EvalContext context)
    {
        int start = output.Length;
        element.FormatText(elements, place, elementType, output, context);
        ReadOnlySpan<byte> text = output.WrittenSpan[start..];
        int escapes = 0;
        if (!NeedsQuotes(text, delimiter)) return;
        foreach (byte b in text) escapes += b is (byte)'"' or (byte)'\\' ? 1 : 0;
        int length = text.Length;
        output.Take(escapes + 2);
        // Moved from its end, so that it can stay where it is.
        Span<byte> all = output.Written[start..];
        int to = all.Length - 1;
        all[to--] = (byte)'"';
        for (int from = length - 1; from >= 0; from--)
        {
            byte b = all[from];
            all[to--] = b;
            if (b is (byte)'"' or (byte)'\\') all[to--] = (byte)'\\';
        }
        all[to] = (byte)'"';
    }

    private static bool NeedsQuotes(ReadOnlySpan<byte> text, char delimiter)
    {
        if (text.IsEmpty || Ascii.EqualsIgnoreCase(text, "NULL"u8)) return true;
        foreach (byte b in text)
            if (b is (byte)'"' or (byte)'\\' or (byte)'{' or (byte)'}' || b == delimiter || IsSpace(b)) return true;
        return false;
    }

    private static int ReadBounds(ReadOnlySpan<byte> utf8, ref int at, Span<int> lengths, Span<int> lowerBounds)
    {
        int dimensions = 0;
        while (true)
        {
            at = SkipSpaces(utf8, at);
            if (at == utf8.Length || utf8[at] != (byte)'[') return dimensions;
            at++;
            if (dimensions == ArrayFormat.MaxDimensions) ArrayFormat.CheckDimensions(dimensions + 1);
            int upper = ReadBound(utf8, ref at, "\"[\" must introduce explicitly-specified array dimensions."), lower = 1;
            if (at < utf8.Length && utf8[at] == (byte)':')
            {
                at++;
                lower = upper;
                upper = ReadBound(utf8, ref at, "Missing array dimension value.");
            }
            if (at == utf8.Length || utf8[at] != (byte)']') throw Malformed(utf8, "Missing \"]\" after array dimensions.");
            at++;
            if (upper < lower) throw new SqlException(SqlState.ArraySubscriptError, "upper bound cannot be less than lower bound");
            long length = (long)upper - lower + 1;
            if (length > ArrayFormat.MaxElements) throw ArrayFormat.TooManyElements();
            lengths[dimensions] = (int)length;
            lowerBounds[dimensions++] = lower;
        }
    }

    private static int ReadBound(ReadOnlySpan<byte> utf8, ref int at, string missing)
    {
        int start = at;
        while (at < utf8.Length && (char.IsAsciiDigit((char)utf8[at]) || utf8[at] is (byte)'+' or (byte)'-')) at++;
        if (at == start) throw Malformed(utf8, missing);
        return (int)IntegerText.Parse(utf8[start..at], int.MinValue, int.MaxValue, "integer");
    }

    /// <summary>Checks the braces from <paramref name="at"/> on and finds the lengths; returns the number of dimensions, 0 if there is no element.</summary>
    private static int FindShape(ReadOnlySpan<byte> utf8, int at, char delimiter, Span<int> lengths)
    {
        State state = State.NoLevel;
        // Per level: elements so far in the current sub-array, and those of its finished sibling.
        Span<int> current = stackalloc int[ArrayFormat.MaxDimensions], sibling = stackalloc int[ArrayFormat.MaxDimensions];
        current.Fill(1);
        sibling.Clear();
        int level = 0, dimensions = 1;
        bool isEmpty = true, isQuoted = false, isDone = false;
        for (; !isDone; at++)
        {
            if (state is State.ElementStarted or State.QuotedStarted) isEmpty = false;
            if (at == utf8.Length) throw Malformed(utf8, "Unexpected end of input.");
            byte b = utf8[at];
            if (b == (byte)'\\')
            {
                if (state is not (State.LevelStarted or State.ElementStarted or State.QuotedStarted or State.ElementDelimited)) throw Unexpected(utf8, '\\');
                if (state != State.QuotedStarted) state = State.ElementStarted;
                if (++at == utf8.Length) throw Malformed(utf8, "Unexpected end of input.");
            }
            else if (b == (byte)'"')
            {
                if (state is not (State.LevelStarted or State.QuotedStarted or State.ElementDelimited)) throw Malformed(utf8, "Unexpected array element.");
                isQuoted = !isQuoted;
                state = isQuoted ? State.QuotedStarted : State.QuotedCompleted;
                isEmpty = false;
            }
            else if (isQuoted) continue;
            else if (b == (byte)'{')
            {
                if (state is not (State.NoLevel or State.LevelStarted or State.LevelDelimited)) throw Unexpected(utf8, '{');
                state = State.LevelStarted;
                ArrayFormat.CheckDimensions(level + 1);
                dimensions = Math.Max(dimensions, ++level);
            }
            else if (b == (byte)'}')
            {
                bool isAllowed = state is State.ElementStarted or State.QuotedCompleted or State.LevelCompleted || (level == 1 && state == State.LevelStarted);
                if (!isAllowed) throw Unexpected(utf8, '}');
                state = State.LevelCompleted;
                level--;
                if (sibling[level] != 0 && current[level] != sibling[level])
                    throw Malformed(utf8, "Multidimensional arrays must have sub-arrays with matching dimensions.");
                sibling[level] = current[level];
                current[level] = 1;
                isDone = level == 0;
            }
            else if (b == delimiter)
            {
                if (state is not (State.ElementStarted or State.QuotedCompleted or State.LevelCompleted)) throw Unexpected(utf8, delimiter);
                state = state == State.LevelCompleted ? State.LevelDelimited : State.ElementDelimited;
                current[level - 1]++;
            }
            else if (!IsSpace(b))
            {
                if (state is not (State.LevelStarted or State.ElementStarted or State.ElementDelimited)) throw Malformed(utf8, "Unexpected array element.");
                state = State.ElementStarted;
            }
        }
        if (SkipSpaces(utf8, at) != utf8.Length) throw Malformed(utf8, "Junk after closing right brace.");
        if (isEmpty) return 0;
        sibling[..dimensions].CopyTo(lengths);
        return dimensions;
    }

    private static void ReadElements(ReadOnlySpan<byte> utf8, int at, SqlType elementType, TypeHandler element, char delimiter, ArrayBuilder builder, EvalContext context)
    {
        ByteBuffer? scratch = null;
        while (true)
        {
            while (at < utf8.Length && (utf8[at] is (byte)'{' or (byte)'}' || utf8[at] == delimiter || IsSpace(utf8[at]))) at++;
            if (at == utf8.Length) return;
            bool isQuoted = utf8[at] == (byte)'"';
            if (isQuoted) at++;
            int start = at, end = at;
            bool hasEscapes = false;
            for (; isQuoted ? utf8[at] != (byte)'"' : utf8[at] != (byte)'}' && utf8[at] != delimiter; at++)
            {
                if (utf8[at] == (byte)'\\')
                {
                    hasEscapes = true;
                    at++;
                }
                else if (!isQuoted && IsSpace(utf8[at])) continue;
                end = at + 1;
            }
            if (isQuoted) at++;
            ReadOnlySpan<byte> text = utf8[start..end];
            if (hasEscapes)
            {
                scratch ??= new ByteBuffer();
                scratch.Clear();
                for (int i = 0; i < text.Length; i++) scratch.WriteByte(text[i] == (byte)'\\' ? text[++i] : text[i]);
                element.ParseText(scratch.WrittenSpan, elementType, builder.Elements, context);
            }
            else if (!isQuoted && Ascii.EqualsIgnoreCase(text, "NULL"u8)) builder.AppendNull();
            else element.ParseText(text, elementType, builder.Elements, context);
        }
    }

    private static int SkipSpaces(ReadOnlySpan<byte> utf8, int at)
    {
        while (at < utf8.Length && IsSpace(utf8[at])) at++;
        return at;
    }

    private static bool IsSpace(byte b) => b is (byte)' ' or (>= 9 and <= 13);

    private static SqlException Unexpected(ReadOnlySpan<byte> utf8, char character) => Malformed(utf8, $"Unexpected \"{character}\" character.");

    private static SqlException Malformed(ReadOnlySpan<byte> utf8, string detail) =>
        new(SqlState.InvalidTextRepresentation, $"malformed array literal: \"{Encoding.UTF8.GetString(utf8)}\"", detail: detail);
}
