using System.Text;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>pg_size_bytes: "1.5 GB" as a number of bytes.</summary>
internal static class SizeFunctions
{
    public static void Register(FunctionLibrary library) => library.Strict("pg_size_bytes", Parse);

    private static void Parse(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        ReadOnlySpan<byte> text = arguments.Bytes(0);
        ReadOnlySpan<byte> trimmed = text.Trim(" \t\n\v\f\r"u8);
        int end = NumberLength(trimmed);
        if (end < 0) throw new SqlException(SqlState.InvalidParameterValue, $"invalid size: \"{Utf8Text.ToString(text)}\"");
        NumericValue size = NumericText.Parse(trimmed[..end]);
        ReadOnlySpan<byte> unit = trimmed[end..].Trim(" \t\n\v\f\r"u8);
        int power = 0;
        if (!unit.IsEmpty)
        {
            string[] units = ["bytes", "kb", "mb", "gb", "tb", "pb"];
            power = Array.IndexOf(units, Encoding.UTF8.GetString(unit).ToLowerInvariant());
            if (power < 0)
                throw new SqlException(SqlState.InvalidParameterValue, $"invalid size: \"{Utf8Text.ToString(text)}\"", detail: $"Invalid size unit: \"{Utf8Text.ToString(unit)}\".",
                    hint: "Valid units are \"bytes\", \"kB\", \"MB\", \"GB\", \"TB\", and \"PB\".");
        }
        NumericValue bytes = NumericArithmetic.Multiply(size, new NumericValue(Int128.One << (10 * power), 0));
        ((ColumnBuilder<long>)result).Append(NumericCast.ToInteger(bytes, long.MinValue, long.MaxValue, "bigint"));
    }

    /// <summary>Bytes of the number at the start; -1 if there is none. An exponent counts only if digits follow.</summary>
    private static int NumberLength(ReadOnlySpan<byte> text)
    {
        int at = text.Length > 0 && text[0] is (byte)'-' or (byte)'+' ? 1 : 0;
        int digits = Digits(text, ref at);
        if (at < text.Length && text[at] == (byte)'.')
        {
            at++;
            digits += Digits(text, ref at);
        }
        if (digits == 0) return -1;
        if (at + 1 < text.Length && (text[at] | 0x20) == 'e')
        {
            int exponent = at + 1;
            if (text[exponent] is (byte)'-' or (byte)'+') exponent++;
            if (Digits(text, ref exponent) > 0) at = exponent;
        }
        return at;
    }

    private static int Digits(ReadOnlySpan<byte> text, ref int at)
    {
        int start = at;
        while (at < text.Length && char.IsAsciiDigit((char)text[at])) at++;
        return at - start;
    }
}
