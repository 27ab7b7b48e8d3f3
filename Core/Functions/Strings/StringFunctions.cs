using System.Buffers;
using System.Globalization;
using System.Text;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>text: length, cutting, searching, trimming, padding, case. Positions count characters from 1.</summary>
internal static class StringFunctions
{
    /// <summary>PostgreSQL's largest value: a gibibyte less its header.</summary>
    internal const int MaxBytes = 0x3FFFFFFF - 4;

    public static void Register(FunctionLibrary library)
    {
        library.Strict("textlen", static (in a, r, _) => Int(r, Utf8Text.Length(a.Bytes(0))));
        library.Strict("bpcharlen", static (in a, r, _) => Int(r, Utf8Text.Length(BpcharType.Trim(a.Bytes(0)))));
        library.Strict("textoctetlen", static (in a, r, _) => Int(r, a.Bytes(0).Length));
        library.Strict("bpcharoctetlen", static (in a, r, _) => Int(r, a.Bytes(0).Length));
        library.Strict("bit_length(text)", static (in a, r, _) => Int(r, a.Bytes(0).Length * 8));
        library.Strict("textcat", static (in a, r, _) => Concatenate(a.Bytes(0), a.Bytes(1), Output(r)));
        library.Strict("textpos", static (in a, r, _) => Int(r, Position(a.Bytes(0), a.Bytes(1))));
        library.Strict("text_starts_with", static (in a, r, _) => Bool(r, a.Bytes(0).StartsWith(a.Bytes(1))));
        library.Strict("lower", static (in a, r, _) => Lower(a.Bytes(0), Output(r)));
        library.Strict("upper", static (in a, r, _) => MapCase(a.Bytes(0), Output(r), static c => Rune.ToUpperInvariant(c)));
        library.Strict("initcap", static (in a, r, _) => InitialCapitals(a.Bytes(0), Output(r)));
        library.Strict("text_substr", static (in a, r, _) => Append(r, Substring(a.Bytes(0), a.Get<int>(1), a.Get<int>(2))));
        library.Strict("text_substr_no_len", static (in a, r, _) => Append(r, Substring(a.Bytes(0), a.Get<int>(1), null)));
        library.Strict("text_left", static (in a, r, _) => Append(r, Left(a.Bytes(0), a.Get<int>(1))));
        library.Strict("text_right", static (in a, r, _) => Append(r, Right(a.Bytes(0), a.Get<int>(1))));
        library.Strict("textoverlay", static (in a, r, _) => Overlay(a.Bytes(0), a.Bytes(1), a.Get<int>(2), a.Get<int>(3), Output(r)));
        library.Strict("textoverlay_no_len", static (in a, r, _) => Overlay(a.Bytes(0), a.Bytes(1), a.Get<int>(2), Utf8Text.Length(a.Bytes(1)), Output(r)));
        library.Strict("btrim", static (in a, r, _) => Append(r, TrimStart(TrimEnd(a.Bytes(0), a.Bytes(1)), a.Bytes(1))));
        library.Strict("ltrim", static (in a, r, _) => Append(r, TrimStart(a.Bytes(0), a.Bytes(1))));
        library.Strict("rtrim", static (in a, r, _) => Append(r, TrimEnd(a.Bytes(0), a.Bytes(1))));
        library.Strict("btrim1", static (in a, r, _) => Append(r, a.Bytes(0).Trim((byte)' ')));
        library.Strict("ltrim1", static (in a, r, _) => Append(r, a.Bytes(0).TrimStart((byte)' ')));
        library.Strict("rtrim1", static (in a, r, _) => Append(r, a.Bytes(0).TrimEnd((byte)' ')));
        library.Strict("lpad", static (in a, r, _) => Pad(a.Bytes(0), a.Get<int>(1), a.Bytes(2), atStart: true, Output(r)));
        library.Strict("rpad", static (in a, r, _) => Pad(a.Bytes(0), a.Get<int>(1), a.Bytes(2), atStart: false, Output(r)));
        library.Strict("lpad(text,int4)", static (in a, r, _) => Pad(a.Bytes(0), a.Get<int>(1), " "u8, atStart: true, Output(r)));
        library.Strict("rpad(text,int4)", static (in a, r, _) => Pad(a.Bytes(0), a.Get<int>(1), " "u8, atStart: false, Output(r)));
        library.Strict("replace_text", static (in a, r, _) => Replace(a.Bytes(0), a.Bytes(1), a.Bytes(2), Output(r)));
        library.Strict("translate", static (in a, r, _) => Translate(a.Bytes(0), a.Bytes(1), a.Bytes(2), Output(r)));
        library.Strict("repeat", static (in a, r, _) => Repeat(a.Bytes(0), a.Get<int>(1), Output(r)));
        library.Strict("text_reverse", static (in a, r, _) => Reverse(a.Bytes(0), Output(r)));
        library.Strict("split_part", static (in a, r, _) => Append(r, SplitPart(a.Bytes(0), a.Bytes(1), a.Get<int>(2))));
        library.Strict("ascii", static (in a, r, _) => Int(r, Ascii(a.Bytes(0))));
        library.Strict("chr", static (in a, r, _) => Character(a.Get<int>(0), Output(r)));
        library.Strict("to_hex32", static (in a, r, _) => Hex((uint)a.Get<int>(0), Output(r)));
        library.Strict("to_hex64", static (in a, r, _) => Hex((ulong)a.Get<long>(0), Output(r)));
        library.Strict("nameconcatoid", static (in a, r, _) => NameWithOid(a.Bytes(0), a.Get<uint>(1), Output(r)));
    }

    internal static BytesColumnBuilder Output(ColumnBuilder result) => (BytesColumnBuilder)result;
    internal static void Append(ColumnBuilder result, ReadOnlySpan<byte> value) => ((BytesColumnBuilder)result).Append(value);
    internal static void Int(ColumnBuilder result, int value) => ((ColumnBuilder<int>)result).Append(value);
    internal static void Bool(ColumnBuilder result, bool value) => ((ColumnBuilder<bool>)result).Append(value);

    internal static SqlException TooLarge() => new(SqlState.ProgramLimitExceeded, "requested length too large");
    internal static SqlException NegativeLength() => new(SqlState.SubstringError, "negative substring length not allowed");

    internal static void Concatenate(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, BytesColumnBuilder result)
    {
        if ((long)left.Length + right.Length > MaxBytes) throw TooLarge();
        result.Output.Write(left);
        result.Append(right);
    }

    internal static int Position(ReadOnlySpan<byte> text, ReadOnlySpan<byte> part)
    {
        int at = text.IndexOf(part);
        return at < 0 ? 0 : Utf8Text.Length(text[..at]) + 1;
    }

    internal static ReadOnlySpan<byte> Substring(ReadOnlySpan<byte> text, int start, int? length)
    {
        if (length < 0) throw NegativeLength();
        long end = length is { } l ? (long)start + l : long.MaxValue;
        if (end <= 1 || end <= start) return [];
        int from = Utf8Text.OffsetOf(text, Math.Max(start, 1) - 1);
        ReadOnlySpan<byte> tail = text[from..];
        long count = end - Math.Max(start, 1);
        return count >= tail.Length ? tail : tail[..Utf8Text.OffsetOf(tail, (int)count)];
    }

    internal static ReadOnlySpan<byte> Left(ReadOnlySpan<byte> text, int count)
    {
        long characters = count >= 0 ? count : Utf8Text.Length(text) + (long)count;
        return characters <= 0 ? [] : text[..Utf8Text.OffsetOf(text, (int)Math.Min(characters, text.Length))];
    }

    private static ReadOnlySpan<byte> Right(ReadOnlySpan<byte> text, int count)
    {
        if (count < 0) return text[Utf8Text.OffsetOf(text, count == int.MinValue ? 0 : -count)..];
        long skipped = Utf8Text.Length(text) - (long)count;
        return skipped <= 0 ? text : text[Utf8Text.OffsetOf(text, (int)skipped)..];
    }

    private static void Overlay(ReadOnlySpan<byte> text, ReadOnlySpan<byte> part, int start, int length, BytesColumnBuilder result)
    {
        if (start <= 0) throw NegativeLength();
        long next = (long)start + length;
        if (next is > int.MaxValue or < int.MinValue) throw IntegerFunctions.Int4Width.OutOfRange();
        result.Output.Write(Substring(text, 1, start - 1));
        result.Output.Write(part);
        result.Append(Substring(text, (int)next, null));
    }

    private static ReadOnlySpan<byte> TrimStart(ReadOnlySpan<byte> text, ReadOnlySpan<byte> set)
    {
        while (!text.IsEmpty)
        {
            int width = Utf8Text.WidthOf(text[0]);
            if (set.IndexOf(text[..width]) < 0) break;
            text = text[width..];
        }
        return text;
    }

    private static ReadOnlySpan<byte> TrimEnd(ReadOnlySpan<byte> text, ReadOnlySpan<byte> set)
    {
        while (!text.IsEmpty)
        {
            int start = text.Length - 1;
            while (start > 0 && (text[start] & 0xC0) == 0x80) start--;
            if (set.IndexOf(text[start..]) < 0) break;
            text = text[..start];
        }
        return text;
    }

    private static void Pad(ReadOnlySpan<byte> text, int length, ReadOnlySpan<byte> fill, bool atStart, BytesColumnBuilder result)
    {
        length = Math.Max(length, 0);
        int have = Utf8Text.Length(text);
        if (have >= length || fill.IsEmpty)
        {
            result.Append(Left(text, length));
            return;
        }
        if (length > MaxBytes / 4) throw TooLarge();
        if (!atStart) result.Output.Write(text);
        int missing = length - have, fillLength = Utf8Text.Length(fill);
        for (; missing >= fillLength; missing -= fillLength) result.Output.Write(fill);
        result.Output.Write(Left(fill, missing));
        result.Append(atStart ? text : []);
    }

    internal static void Replace(ReadOnlySpan<byte> text, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, BytesColumnBuilder result)
    {
        while (!from.IsEmpty && text.IndexOf(from) is var at && at >= 0)
        {
            result.Output.Write(text[..at]);
            result.Output.Write(to);
            text = text[(at + from.Length)..];
        }
        result.Append(text);
    }

    private static void Translate(ReadOnlySpan<byte> text, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, BytesColumnBuilder result)
    {
        while (!text.IsEmpty)
        {
            ReadOnlySpan<byte> character = text[..Utf8Text.WidthOf(text[0])];
            text = text[character.Length..];
            int at = from.IndexOf(character);
            if (at < 0)
            {
                result.Output.Write(character);
                continue;
            }
            ReadOnlySpan<byte> rest = to[Utf8Text.OffsetOf(to, Utf8Text.Length(from[..at]))..];
            if (!rest.IsEmpty) result.Output.Write(rest[..Utf8Text.WidthOf(rest[0])]);
        }
        result.EndValue();
    }

    private static void Repeat(ReadOnlySpan<byte> text, int count, BytesColumnBuilder result)
    {
        if ((long)text.Length * Math.Max(count, 0) > MaxBytes) throw TooLarge();
        for (int i = 0; i < count && !text.IsEmpty; i++) result.Output.Write(text);
        result.EndValue();
    }

    private static void Reverse(ReadOnlySpan<byte> text, BytesColumnBuilder result)
    {
        Span<byte> target = result.Output.Take(text.Length);
        for (int i = 0; i < text.Length;)
        {
            int width = Utf8Text.WidthOf(text[i]);
            text.Slice(i, width).CopyTo(target[(text.Length - i - width)..]);
            i += width;
        }
        result.EndValue();
    }

    internal static ReadOnlySpan<byte> SplitPart(ReadOnlySpan<byte> text, ReadOnlySpan<byte> separator, int field)
    {
        if (field == 0) throw new SqlException(SqlState.InvalidParameterValue, "field position must not be zero");
        if (text.IsEmpty) return [];
        if (separator.IsEmpty) return field is 1 or -1 ? text : [];
        if (field < 0) return SplitFromEnd(text, separator, field);
        while (true)
        {
            int at = text.IndexOf(separator);
            if (field == 1) return at < 0 ? text : text[..at];
            if (at < 0) return [];
            text = text[(at + separator.Length)..];
            field--;
        }
    }

    /// <summary>The fields are those that a search from the start finds; then counted from the end.</summary>
    private static ReadOnlySpan<byte> SplitFromEnd(ReadOnlySpan<byte> text, ReadOnlySpan<byte> separator, int field)
    {
        int count = 1;
        for (ReadOnlySpan<byte> rest = text; rest.IndexOf(separator) is var at && at >= 0; rest = rest[(at + separator.Length)..]) count++;
        long forward = (long)count + field + 1;
        return forward < 1 ? [] : SplitPart(text, separator, (int)forward);
    }

    internal static void Lower(ReadOnlySpan<byte> text, BytesColumnBuilder result) => MapCase(text, result, static c => Rune.ToLowerInvariant(c));

    private static void MapCase(ReadOnlySpan<byte> text, BytesColumnBuilder result, Func<Rune, Rune> map)
    {
        Span<byte> utf8 = stackalloc byte[4];
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf8(text, out Rune character, out int width);
            int written = map(character).EncodeToUtf8(utf8);
            result.Output.Write(utf8[..written]);
            text = text[width..];
        }
        result.EndValue();
    }

    private static void InitialCapitals(ReadOnlySpan<byte> text, BytesColumnBuilder result)
    {
        Span<byte> utf8 = stackalloc byte[4];
        bool inWord = false;
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf8(text, out Rune character, out int width);
            Rune mapped = inWord ? Rune.ToLowerInvariant(character) : Rune.ToUpperInvariant(character);
            inWord = Rune.IsLetterOrDigit(character);
            int written = mapped.EncodeToUtf8(utf8);
            result.Output.Write(utf8[..written]);
            text = text[width..];
        }
        result.EndValue();
    }

    private static int Ascii(ReadOnlySpan<byte> text) =>
        Rune.DecodeFromUtf8(text, out Rune character, out _) == OperationStatus.Done ? character.Value : 0;

    private static void Character(int code, BytesColumnBuilder result)
    {
        if (code < 0) throw new SqlException(SqlState.InvalidParameterValue, "character number must be positive");
        if (code == 0) throw new SqlException(SqlState.ProgramLimitExceeded, "null character not permitted");
        if (code > 0x10FFFF) throw new SqlException(SqlState.ProgramLimitExceeded, $"requested character too large for encoding: {code}");
        if (!Rune.TryCreate(code, out Rune character)) throw new SqlException(SqlState.ProgramLimitExceeded, $"requested character not valid for encoding: {code}");
        Span<byte> utf8 = stackalloc byte[4];
        result.Append(utf8[..character.EncodeToUtf8(utf8)]);
    }

    private static void Hex(ulong value, BytesColumnBuilder result)
    {
        result.Output.WriteFormatted(value, "x");
        result.EndValue();
    }

    private static void NameWithOid(ReadOnlySpan<byte> name, uint oid, BytesColumnBuilder result)
    {
        string suffix = "_" + oid.ToString(CultureInfo.InvariantCulture);
        result.Output.Write(Utf8Text.Clip(name, NameType.MaxBytes - suffix.Length));
        result.Output.WriteText(suffix);
        result.EndValue();
    }
}
