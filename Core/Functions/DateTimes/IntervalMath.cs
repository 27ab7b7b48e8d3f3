using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>Arithmetic of intervals: parts add up by themselves; products carry fractions downwards, months to days to microseconds.</summary>
internal static class IntervalMath
{
    private static SqlException OutOfRange() => DateTimeErrors.IntervalOutOfRange();

    private static int Narrow(long value) => value is >= int.MinValue and <= int.MaxValue ? (int)value : throw OutOfRange();

    private static long Narrow(Int128 value) => value >= long.MinValue && value <= long.MaxValue ? (long)value : throw OutOfRange();

    public static IntervalValue Add(IntervalValue left, IntervalValue right) =>
        new(Narrow((long)left.Months + right.Months), Narrow((long)left.Days + right.Days), Narrow((Int128)left.Micros + right.Micros));

    public static IntervalValue Subtract(IntervalValue left, IntervalValue right) =>
        new(Narrow((long)left.Months - right.Months), Narrow((long)left.Days - right.Days), Narrow((Int128)left.Micros - right.Micros));

    public static IntervalValue Negate(IntervalValue value) => Subtract(default, value);

    public static IntervalValue Multiply(IntervalValue value, double factor) => Scale(value, factor, isDivision: false);

    public static IntervalValue Divide(IntervalValue value, double divisor) =>
        divisor == 0 ? throw NumericArithmetic.DivisionByZero() : Scale(value, divisor, isDivision: true);

    private static IntervalValue Scale(IntervalValue value, double factor, bool isDivision)
    {
        int months = ToInt(Apply(value.Months)), days = ToInt(Apply(value.Days));
        double restDays = ToMicros((Apply(value.Months) - months) * Calendar.DaysPerMonth);
        double restSeconds = ToMicros((Apply(value.Days) - days + restDays - (int)restDays) * Calendar.SecondsPerDay);
        // Rounding may have made a whole day.
        if (Math.Abs(restSeconds) >= Calendar.SecondsPerDay)
        {
            int whole = (int)(restSeconds / Calendar.SecondsPerDay);
            days = Narrow((long)days + whole);
            restSeconds -= whole * (double)Calendar.SecondsPerDay;
        }
        days = Narrow((long)days + (int)restDays);
        double micros = Math.Round(Apply(value.Micros) + restSeconds * Calendar.MicrosPerSecond, MidpointRounding.ToEven);
        if (!(micros >= long.MinValue && micros < -(double)long.MinValue)) throw OutOfRange();
        return new IntervalValue(months, days, (long)micros);

        double Apply(double part) => isDivision ? part / factor : part * factor;
        static int ToInt(double part) => part >= int.MinValue && part < -(double)int.MinValue ? (int)part : throw OutOfRange();
        static double ToMicros(double part) => Math.Round(part * 1e6, MidpointRounding.ToEven) / 1e6;
    }

    /// <summary>Whole days out of the time.</summary>
    public static IntervalValue JustifyHours(IntervalValue value)
    {
        long micros = value.Micros % Calendar.MicrosPerDay;
        int days = Narrow(value.Days + value.Micros / Calendar.MicrosPerDay);
        if (days > 0 && micros < 0) return new IntervalValue(value.Months, days - 1, micros + Calendar.MicrosPerDay);
        return days < 0 && micros > 0 ? new IntervalValue(value.Months, days + 1, micros - Calendar.MicrosPerDay) : new IntervalValue(value.Months, days, micros);
    }

    /// <summary>Whole months out of the days.</summary>
    public static IntervalValue JustifyDays(IntervalValue value)
    {
        int days = value.Days % Calendar.DaysPerMonth;
        int months = Narrow((long)value.Months + value.Days / Calendar.DaysPerMonth);
        if (months > 0 && days < 0) return new IntervalValue(months - 1, days + Calendar.DaysPerMonth, value.Micros);
        return months < 0 && days > 0 ? new IntervalValue(months + 1, days - Calendar.DaysPerMonth, value.Micros) : new IntervalValue(months, days, value.Micros);
    }

    /// <summary>Both, and all parts with one sign.</summary>
    public static IntervalValue Justify(IntervalValue value)
    {
        long days = value.Days + value.Micros / Calendar.MicrosPerDay, micros = value.Micros % Calendar.MicrosPerDay;
        long months = value.Months + days / Calendar.DaysPerMonth;
        days %= Calendar.DaysPerMonth;
        if (months > 0 && (days < 0 || (days == 0 && micros < 0)))
        {
            days += Calendar.DaysPerMonth;
            months--;
        }
        else if (months < 0 && (days > 0 || (days == 0 && micros > 0)))
        {
            days -= Calendar.DaysPerMonth;
            months++;
        }
        if (days > 0 && micros < 0)
        {
            micros += Calendar.MicrosPerDay;
            days--;
        }
        else if (days < 0 && micros > 0)
        {
            micros -= Calendar.MicrosPerDay;
            days++;
        }
        return new IntervalValue(Narrow(months), (int)days, micros);
    }
}
