using System.Globalization;
using VecSql.Core.Columns;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>to_char and to_number.</summary>
internal static class NumberFormatFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Strict("int4_to_char", static (in a, r, _) => Write(new NumericValue((Int128)a.Get<int>(0), 0), Format(a), r));
        library.Strict("int8_to_char", static (in a, r, _) => WriteLong(a.Get<long>(0), Format(a), r));
        library.Strict("numeric_to_char", static (in a, r, _) => Write(NumericFunctions.Value(a, 0), Format(a), r));
        library.Strict("numeric_to_number", static (in a, r, _) => Read(a, r));
        library.Strict("float4_to_char", static (in a, r, _) => WriteFloat(a.Get<float>(0), 6, Format(a), r));
        library.Strict("float8_to_char", static (in a, r, _) => WriteFloat(a.Get<double>(0), 15, Format(a), r));
    }

    /// <summary>An empty template gives null.</summary>
    private static void Read(in RowArguments arguments, ColumnBuilder result)
    {
        if (arguments.Bytes(1).IsEmpty) result.AppendNull();
        else NumericFunctions.Append(result, NumberReader.Read(Format(arguments), Utf8Text.ToString(arguments.Bytes(0))));
    }

    private static NumberFormat Format(in RowArguments arguments) => NumberFormat.Parse(Utf8Text.ToString(arguments.Bytes(1)));

    private static void Append(string text, ColumnBuilder result)
    {
        ((BytesColumnBuilder)result).Output.WriteText(text);
        ((BytesColumnBuilder)result).EndValue();
    }

    private static void Write(NumericValue value, NumberFormat format, ColumnBuilder result)
    {
        if (format.IsRoman)
        {
            long whole = value.IsFinite ? NumericCast.ToInteger(value, int.MinValue, int.MaxValue, "integer") : 0;
            Append(Roman(whole is > 0 and < 4000 ? (int)whole : 0, format), result);
            return;
        }
        if (format.IsScientific)
        {
            Append(value.IsFinite ? Scientific(value, format.Fraction) : Overflow(format), result);
            return;
        }
        if (!value.IsFinite)
        {
            Append(NumberWriter.Write(format, value.IsNaN ? "NaN" : "Infinity", value.Sign < 0), result);
            return;
        }
        NumericValue shifted = format.Shift > 0 ? NumericArithmetic.Multiply(value, new NumericValue(PowersOfTen.Big(format.Shift), 0)) : value;
        NumericValue rounded = NumericArithmetic.Round(shifted, format.Fraction);
        // A number that rounds to zero has lost its sign, as in PostgreSQL.
        Append(NumberWriter.Write(format, NumericArithmetic.Absolute(rounded).ToString(), rounded.Sign < 0), result);
    }

    /// <summary>V multiplies within bigint.</summary>
    private static void WriteLong(long value, NumberFormat format, ColumnBuilder result)
    {
        NumericValue number = new((Int128)value, 0);
        if (format.Shift > 0) NumericCast.ToInteger(NumericArithmetic.Multiply(number, new NumericValue(PowersOfTen.Big(format.Shift), 0)), long.MinValue, long.MaxValue, "bigint");
        Write(number, format, result);
    }

    private static void WriteFloat(double value, int digits, NumberFormat format, ColumnBuilder result)
    {
        if (!double.IsFinite(value))
        {
            NumericValue special = double.IsNaN(value) ? NumericValue.NaN : NumericValue.Infinity(value < 0);
            int length = double.IsNaN(value) ? 3 : 8;
            Write(special, format.WithFraction(length >= digits ? 0 : Math.Min(format.Fraction, digits - length)), result);
            return;
        }
        if (format.IsRoman)
        {
            Append(Roman(Math.Round(value, MidpointRounding.ToEven) is > 0 and < 4000 and var whole ? (int)whole : 0, format), result);
            return;
        }
        if (format.IsScientific)
        {
            string shown = Scientific(NumericText.Parse(System.Text.Encoding.ASCII.GetBytes(value.ToString("E17", CultureInfo.InvariantCulture))), format.Fraction);
            Append(value == 0 && double.IsNegative(value) ? "-" + shown[1..] : shown, result);
            return;
        }
        double shifted = format.Shift > 0 ? value * Math.Pow(10, format.Shift) : value;
        int wholeDigits = Math.Abs(shifted).ToString("F0", CultureInfo.InvariantCulture).Length;
        int fraction = wholeDigits >= digits ? 0 : Math.Min(format.Fraction, digits - wholeDigits);
        string text = Math.Abs(shifted).ToString("F" + fraction, CultureInfo.InvariantCulture);
        Append(NumberWriter.Write(format.WithFraction(fraction), text, double.IsNegative(shifted)), result);
    }

    private static string Overflow(NumberFormat format) => " " + new string('#', format.Whole) + "." + new string('#', format.Fraction + 4);

    /// <summary>d.ddde±dd with a blank for a plus.</summary>
    private static string Scientific(NumericValue value, int fraction)
    {
        if (value.Sign == 0) return " 0" + (fraction > 0 ? "." + new string('0', fraction) : "") + "e+00";
        int exponent = NumericArithmetic.CountDigits(value) - 1 - value.Scale;
        // Rounding may carry into one digit more.
        for (int attempt = 0; ; attempt++)
        {
            int shift = value.Scale + exponent - fraction;
            System.Numerics.BigInteger magnitude = System.Numerics.BigInteger.Abs(value.Mantissa);
            System.Numerics.BigInteger mantissa = shift >= 0 ? PowersOfTen.RoundDown(magnitude, shift) : magnitude * PowersOfTen.Big(-shift);
            string digits = mantissa.ToString(CultureInfo.InvariantCulture);
            if (digits.Length > fraction + 1 && attempt == 0)
            {
                exponent++;
                continue;
            }
            string shown = fraction > 0 ? digits[..1] + "." + digits[1..] : digits;
            return $"{(value.Sign < 0 ? '-' : ' ')}{shown}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }
    }

    private static readonly (int Value, string Text)[] RomanDigits =
    [
        (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
    ];

    /// <summary>Right-aligned in 15 places unless FM; what has no Roman numeral is 15 hashes.</summary>
    private static string Roman(int value, NumberFormat format)
    {
        System.Text.StringBuilder roman = new();
        if (value == 0) roman.Append('#', 15);
        foreach ((int unit, string text) in RomanDigits)
            for (; value >= unit; value -= unit) roman.Append(text);
        bool isLower = format.Parts.Any(p => p.Part == NumberFormat.Part.RomanLower);
        string shown = isLower ? roman.ToString().ToLowerInvariant() : roman.ToString();
        System.Text.StringBuilder output = new();
        foreach ((NumberFormat.Part part, string text) in format.Parts)
        {
            if (part is NumberFormat.Part.Roman or NumberFormat.Part.RomanLower) output.Append(format.IsFill ? shown : shown.PadLeft(15));
            else if (part == NumberFormat.Part.Literal) output.Append(text);
        }
        return output.ToString();
    }
}
