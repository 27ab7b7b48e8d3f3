using VecSql.Core.Environment;
using System.Globalization;
using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Core.Functions;

/// <summary>Mathematics on float8: rounding, roots, powers, logarithms, trigonometry in radians and degrees, random numbers.</summary>
internal static class MathFunctions
{
    public static void Register(FunctionLibrary library)
    {
        Unary(library, "dround", static x => Math.Round(x, MidpointRounding.ToEven));
        Unary(library, "dtrunc", Math.Truncate);
        Unary(library, "dceil", Math.Ceiling);
        Unary(library, "dfloor", Math.Floor);
        Unary(library, "dsign", static x => x > 0 ? 1 : x < 0 ? -1 : 0);
        Unary(library, "dsqrt", static x => x < 0 ? throw new SqlException(SqlState.InvalidArgumentForPowerFunction, "cannot take square root of a negative number") : Checked(Math.Sqrt(x), x));
        Unary(library, "dcbrt", static x => Checked(Math.Cbrt(x), x));
        Unary(library, "dexp", Exp);
        Unary(library, "dlog1", static x => Checked(Math.Log(Positive(x)), x, zeroIsFine: true));
        Unary(library, "dlog10", static x => Checked(Math.Log10(Positive(x)), x, zeroIsFine: true));
        Binary(library, "dpow", Power);
        Unary(library, "dsin", static x => Math.Sin(Finite(x)));
        Unary(library, "dcos", static x => Math.Cos(Finite(x)));
        Unary(library, "dtan", static x => Math.Tan(Finite(x)));
        Unary(library, "dcot", static x => 1 / Math.Tan(Finite(x)));
        Unary(library, "dasin", static x => Math.Asin(WithinOne(x)));
        Unary(library, "dacos", static x => Math.Acos(WithinOne(x)));
        Unary(library, "datan", Math.Atan);
        Binary(library, "datan2", Math.Atan2);
        Unary(library, "dsinh", Math.Sinh);
        Unary(library, "dcosh", Math.Cosh);
        Unary(library, "dtanh", Math.Tanh);
        Unary(library, "dasinh", Math.Asinh);
        Unary(library, "dacosh", static x => x < 1 ? throw OutOfRange() : Math.Acosh(x));
        Unary(library, "datanh", static x => x is < -1 or > 1 ? throw OutOfRange() : Math.Atanh(x));
        Unary(library, "dsind", static x => DegreeTrigonometry.Sin(Finite(x)));
        Unary(library, "dcosd", static x => DegreeTrigonometry.Cos(Finite(x)));
        Unary(library, "dtand", static x => DegreeTrigonometry.Tan(Finite(x)));
        Unary(library, "dcotd", static x => DegreeTrigonometry.Cot(Finite(x)));
        Unary(library, "dasind", static x => DegreeTrigonometry.Asin(WithinOne(x)));
        Unary(library, "dacosd", static x => DegreeTrigonometry.Acos(WithinOne(x)));
        Unary(library, "datand", DegreeTrigonometry.Atan);
        Binary(library, "datan2d", DegreeTrigonometry.Atan2);
        Unary(library, "degrees", static x => Checked(x / RadiansPerDegree, x));
        Unary(library, "radians", static x => Checked(x * RadiansPerDegree, x));
        library.Rowwise("dpi", static (in _, r, _) => ((ColumnBuilder<double>)r).Append(Math.PI));
        library.Rowwise("drandom", static (in _, r, c) => ((ColumnBuilder<double>)r).Append(c.Random.NextDouble()));
        library.Strict("setseed", static (in a, r, c) => SetSeed(a.Get<double>(0), r, c));
        library.Strict("width_bucket_float8", static (in a, r, _) => ((ColumnBuilder<int>)r).Append(WidthBucket(a.Get<double>(0), a.Get<double>(1), a.Get<double>(2), a.Get<int>(3))));
    }

    private const double RadiansPerDegree = 0.0174532925199432957692;

    private static void Unary(FunctionLibrary library, string key, Func<double, double> function) =>
        library.Strict(key, (in a, r, _) => ((ColumnBuilder<double>)r).Append(function(a.Get<double>(0))));

    private static void Binary(FunctionLibrary library, string key, Func<double, double, double> function) =>
        library.Strict(key, (in a, r, _) => ((ColumnBuilder<double>)r).Append(function(a.Get<double>(0), a.Get<double>(1))));

    private static SqlException OutOfRange() => new(SqlState.NumericValueOutOfRange, "input is out of range");

    /// <summary>A result that became infinite or 0 from an argument that was neither is an error.</summary>
    private static double Checked(double result, double argument, bool zeroIsFine = false)
    {
        if (double.IsInfinity(result) && !double.IsInfinity(argument)) throw FloatFunctions.Overflow();
        if (result == 0 && argument != 0 && !zeroIsFine) throw FloatFunctions.Underflow();
        return result;
    }

    private static double Positive(double x)
    {
        if (x == 0) throw new SqlException(SqlState.InvalidArgumentForLogarithm, "cannot take logarithm of zero");
        if (x < 0) throw new SqlException(SqlState.InvalidArgumentForLogarithm, "cannot take logarithm of a negative number");
        return x;
    }

    private static double Finite(double x) => double.IsInfinity(x) ? throw OutOfRange() : x;
    private static double WithinOne(double x) => x is < -1 or > 1 ? throw OutOfRange() : x;

    private static double Exp(double x)
    {
        if (double.IsInfinity(x)) return x > 0 ? x : 0;
        double result = Math.Exp(x);
        if (double.IsInfinity(result)) throw FloatFunctions.Overflow();
        return result == 0 ? throw FloatFunctions.Underflow() : result;
    }

    private static double Power(double x, double y)
    {
        if (double.IsNaN(x)) return y == 0 ? 1 : x;
        if (double.IsNaN(y)) return x == 1 ? 1 : y;
        if (x == 0 && y < 0) throw new SqlException(SqlState.InvalidArgumentForPowerFunction, "zero raised to a negative power is undefined");
        if (x < 0 && !double.IsInfinity(y) && Math.Floor(y) != y)
            throw new SqlException(SqlState.InvalidArgumentForPowerFunction, "a negative number raised to a non-integer power yields a complex result");
        double result = Math.Pow(x, y);
        if (double.IsInfinity(x) || double.IsInfinity(y)) return result;
        if (double.IsInfinity(result)) throw FloatFunctions.Overflow();
        return result == 0 && x != 0 ? throw FloatFunctions.Underflow() : result;
    }

    private static void SetSeed(double seed, ColumnBuilder result, EvalContext context)
    {
        if (!(seed >= -1 && seed <= 1)) throw new SqlException(SqlState.InvalidParameterValue, $"setseed parameter {seed.ToString("G6", CultureInfo.InvariantCulture)} is out of allowed range [-1,1]");
        if (context.Random is SeedableRandom random) random.Seed(seed);
        ((BytesColumnBuilder)result).Append([]);
    }

    private static int WidthBucket(double operand, double low, double high, int count)
    {
        if (count <= 0) throw NumericFunctions.BucketError("count must be greater than zero");
        if (double.IsNaN(operand) || double.IsNaN(low) || double.IsNaN(high)) throw NumericFunctions.BucketError("operand, lower bound, and upper bound cannot be NaN");
        if (double.IsInfinity(low) || double.IsInfinity(high)) throw NumericFunctions.BucketError("lower and upper bounds must be finite");
        if (low == high) throw NumericFunctions.BucketError("lower bound cannot equal upper bound");
        bool isAscending = low < high;
        if (isAscending ? operand < low : operand > low) return 0;
        if (isAscending ? operand >= high : operand <= high) return count < int.MaxValue ? count + 1 : throw IntegerFunctions.Int4Width.OutOfRange();
        double span = high - low;
        // Halved where the difference itself would overflow.
        double share = double.IsInfinity(span) ? (operand / 2 - low / 2) / (high / 2 - low / 2) : (operand - low) / span;
        return Math.Min((int)(count * share), count - 1) + 1;
    }
}

/// <summary>Trigonometry in degrees, exact at the multiples of 30 and 45 degrees where the result is.</summary>
internal static class DegreeTrigonometry
{
    private const double RadiansPerDegree = 0.0174532925199432957692;
    private static readonly double Sin30 = Math.Sin(30 * RadiansPerDegree);
    private static readonly double OneMinusCos60 = 1 - Math.Cos(60 * RadiansPerDegree);
    private static readonly double Asin05 = Math.Asin(0.5);
    private static readonly double Acos05 = Math.Acos(0.5);
    private static readonly double Atan1 = Math.Atan(1);
    private static readonly double Tan45 = SinQ1(45) / CosQ1(45);
    private static readonly double Cot45 = CosQ1(45) / SinQ1(45);

    private static double Sin30Based(double x) => Math.Sin(x * RadiansPerDegree) / Sin30 / 2;
    private static double Cos60Based(double x) => 1 - (1 - Math.Cos(x * RadiansPerDegree)) / OneMinusCos60 / 2;
    private static double SinQ1(double x) => x <= 30 ? Sin30Based(x) : Cos60Based(90 - x);
    private static double CosQ1(double x) => x <= 60 ? Cos60Based(x) : Sin30Based(90 - x);

    /// <summary>The angle folded into the first quadrant, and the signs that go with it.</summary>
    private static (double Angle, int SinSign, int CosSign) Fold(double x)
    {
        if (double.IsNaN(x)) return (x, 1, 1);
        x %= 360;
        int sin = 1, cos = 1;
        if (x < 0) (x, sin) = (-x, -sin);
        if (x > 180) (x, sin) = (360 - x, -sin);
        if (x > 90) (x, cos) = (180 - x, -cos);
        return (x, sin, cos);
    }

    public static double Sin(double x)
    {
        (double angle, int sign, _) = Fold(x);
        return sign * SinQ1(angle);
    }

    public static double Cos(double x)
    {
        (double angle, _, int sign) = Fold(x);
        return sign * CosQ1(angle);
    }

    public static double Tan(double x)
    {
        (double angle, int sin, int cos) = Fold(x);
        double result = sin * cos * (SinQ1(angle) / CosQ1(angle) / Tan45);
        return result == 0 ? 0 : result;
    }

    public static double Cot(double x)
    {
        (double angle, int sin, int cos) = Fold(x);
        double result = sin * cos * (CosQ1(angle) / SinQ1(angle) / Cot45);
        return result == 0 ? 0 : result;
    }

    private static double AsinQ1(double x) => x <= 0.5 ? Math.Asin(x) / Asin05 * 30 : 90 - Math.Acos(x) / Acos05 * 60;
    private static double AcosQ1(double x) => x <= 0.5 ? 90 - Math.Asin(x) / Asin05 * 30 : Math.Acos(x) / Acos05 * 60;
    public static double Asin(double x) => x >= 0 ? AsinQ1(x) : -AsinQ1(-x);
    public static double Acos(double x) => x >= 0 ? AcosQ1(x) : 90 + AsinQ1(-x);
    public static double Atan(double x) => Math.Atan(x) / Atan1 * 45;
    public static double Atan2(double y, double x) => Math.Atan2(y, x) / Atan1 * 45;
}
