using System.Globalization;
using System.Numerics;
using System.Text;
using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>numeric from and to integers and floats.</summary>
internal static class NumericCast
{
    private static readonly double[] ExactPowers = [.. Enumerable.Range(0, 23).Select(i => Math.Pow(10, i))];

    /// <summary>Rounded half away from zero.</summary>
    /// <exception cref="SqlException">22003, 0A000 (NaN and infinity), as PostgreSQL has them.</exception>
    public static long ToInteger(in NumericValue value, long minimum, long maximum, string typeName)
    {
        if (!value.IsFinite) throw new SqlException(SqlState.FeatureNotSupported, $"cannot convert {(value.IsNaN ? "NaN" : "infinity")} to {typeName}");
        NumericValue rounded = NumericArithmetic.Round(value, 0);
        if (!rounded.IsSmall || rounded.Small < minimum || rounded.Small > maximum) throw new SqlException(SqlState.NumericValueOutOfRange, typeName + " out of range");
        return (long)rounded.Small;
    }

    /// <summary>The nearest double.</summary>
    /// <exception cref="SqlException">22003: too large, or too small to be anything but 0.</exception>
    public static double ToDouble(in NumericValue value)
    {
        if (!value.IsFinite) return Special(value);
        if (TryExact(value, out double exact)) return exact;
        ByteBuffer text = new(64);
        NumericText.Write(value, text);
        return FloatText.ParseDouble(text.WrittenSpan);
    }

    /// <summary>The nearest float.</summary>
    /// <exception cref="SqlException">22003.</exception>
    public static float ToSingle(in NumericValue value)
    {
        if (!value.IsFinite) return (float)Special(value);
        ByteBuffer text = new(64);
        NumericText.Write(value, text);
        return FloatText.ParseSingle(text.WrittenSpan);
    }

    /// <summary>About the value; what a double can't hold is infinite or 0.</summary>
    public static double ToDoubleClamped(in NumericValue value)
    {
        if (!value.IsFinite) return Special(value);
        if (TryExact(value, out double exact)) return exact;
        ByteBuffer text = new(64);
        NumericText.Write(value, text);
        return double.Parse(text.WrittenSpan, NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    private static double Special(in NumericValue value) => value.IsNaN ? double.NaN : value.Sign > 0 ? double.PositiveInfinity : double.NegativeInfinity;

    /// <summary>Both parts exact in a double: then one division rounds rightly.</summary>
    private static bool TryExact(in NumericValue value, out double exact)
    {
        exact = 0;
        if (!value.IsSmall || value.Scale >= ExactPowers.Length || Int128.Abs(value.Small >> 1) > 1L << 52) return false;
        exact = (double)(long)value.Small / ExactPowers[value.Scale];
        return true;
    }

    public static NumericValue FromDouble(double value) => FromFloat(value, "E14");
    public static NumericValue FromSingle(float value) => FromFloat(value, "E5");

    /// <summary>15 (6) significant digits, as PostgreSQL's %.15g (%.6g).</summary>
    private static NumericValue FromFloat(double value, string format)
    {
        if (double.IsNaN(value)) return NumericValue.NaN;
        if (double.IsInfinity(value)) return NumericValue.Infinity(value < 0);
        NumericValue parsed = NumericText.Parse(Encoding.ASCII.GetBytes(value.ToString(format, CultureInfo.InvariantCulture)));
        return NumericArithmetic.TrimScale(parsed);
    }
}
