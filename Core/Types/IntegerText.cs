using System.Text;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>Reading integers as PostgreSQL does: spaces around, a sign, digits; anything else is 22P02, too large is 22003.</summary>
internal static class IntegerText
{
    public static long Parse(ReadOnlySpan<byte> utf8, long minimum, long maximum, string typeName)
    {
        ReadOnlySpan<byte> text = utf8.Trim(" \t\n\v\f\r"u8);
        bool isNegative = text.Length > 0 && text[0] == (byte)'-';
        ReadOnlySpan<byte> digits = text.Length > 0 && text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        if (digits.IsEmpty) throw Invalid(utf8, typeName);
        long value = 0;
        bool overflows = false;
        foreach (byte digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9') throw Invalid(utf8, typeName);
            if (overflows) continue;
            // Counted downwards: the smallest number has no positive counterpart.
            overflows = value < (long.MinValue + (digit - '0')) / 10;
            value = unchecked(value * 10 - (digit - '0'));
            overflows |= value > 0;
        }
        if (!overflows && !isNegative && value == long.MinValue) overflows = true;
        long signed = isNegative ? value : -value;
        if (overflows || signed < minimum || signed > maximum)
            throw new SqlException(SqlState.NumericValueOutOfRange, $"value \"{Encoding.UTF8.GetString(utf8)}\" is out of range for type {typeName}");
        return signed;
    }

    private static SqlException Invalid(ReadOnlySpan<byte> utf8, string typeName) =>
        new(SqlState.InvalidTextRepresentation, $"invalid input syntax for type {typeName}: \"{Encoding.UTF8.GetString(utf8)}\"");
}
