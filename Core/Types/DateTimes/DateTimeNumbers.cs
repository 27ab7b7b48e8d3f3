using System.Buffers.Text;

namespace VecSql.Core.Types;

/// <summary>Numbers inside dates, times and intervals.</summary>
internal static class DateTimeNumbers
{
    /// <summary>Reads an optional sign and digits at the beginning; <paramref name="used"/> is 0 if there are none. False: it doesn't fit.</summary>
    public static bool TryReadLong(ReadOnlySpan<byte> text, out long value, out int used)
    {
        value = 0;
        used = 0;
        int at = text.Length > 0 && text[0] is (byte)'-' or (byte)'+' ? 1 : 0;
        bool isNegative = at == 1 && text[0] == (byte)'-', overflows = false;
        int first = at;
        for (; at < text.Length && DateTimeLexer.IsDigit(text[at]); at++)
        {
            // Counted downwards: the least number has no positive counterpart.
            int digit = text[at] - '0';
            overflows |= value < (long.MinValue + digit) / 10;
            value = unchecked(value * 10 - digit);
        }
        if (at == first) return true;
        used = at;
        if (isNegative) return !overflows;
        overflows |= value == long.MinValue;
        value = unchecked(-value);
        return !overflows;
    }

    public static bool TryReadInt(ReadOnlySpan<byte> text, out int value, out int used)
    {
        bool fits = TryReadLong(text, out long wide, out used);
        value = unchecked((int)wide);
        return fits && wide is >= int.MinValue and <= int.MaxValue;
    }

    /// <summary>The value of digits alone; too many wrap around, as the callers check ranges.</summary>
    public static int Digits(ReadOnlySpan<byte> digits)
    {
        _ = TryReadLong(digits, out long value, out _);
        return unchecked((int)value);
    }

    /// <summary>".digits" to the end, as a fraction below 1.</summary>
    public static bool TryReadFraction(ReadOnlySpan<byte> text, out double fraction)
    {
        fraction = 0;
        if (text.Length == 1) return true;
        if (!DateTimeLexer.IsDigit(text[1])) return false;
        return Utf8Parser.TryParse(text, out fraction, out int used) && used == text.Length;
    }

    /// <summary>".digits" to the end in microseconds, rounded to the nearest: up to a whole second.</summary>
    public static bool TryReadFractionalSecond(ReadOnlySpan<byte> text, out int micros)
    {
        bool read = TryReadFraction(text, out double fraction);
        micros = (int)Math.Round(fraction * 1_000_000, MidpointRounding.ToEven);
        return read;
    }

    public static bool AddTo(ref int sum, long value)
    {
        long wide = sum + value;
        if (value is < int.MinValue or > int.MaxValue || wide is < int.MinValue or > int.MaxValue) return false;
        sum = (int)wide;
        return true;
    }

    public static bool AddTo(ref long sum, Int128 value)
    {
        Int128 wide = sum + value;
        if (wide < long.MinValue || wide > long.MaxValue) return false;
        sum = (long)wide;
        return true;
    }
}
