using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>The modifier of interval: a mask of fields in the upper half, a precision in the lower, as PostgreSQL packs them.</summary>
internal static class IntervalModifier
{
    public const int Month = 1 << 1, Year = 1 << 2, Day = 1 << 3, Hour = 1 << 10, Minute = 1 << 11, Second = 1 << 12;
    public const int AllFields = 0x7FFF;
    public const int AnyPrecision = 0xFFFF;
    private const int MaxPrecision = 6;

    private static readonly (int Mask, string Name)[] Ranges =
    [
        (Year, " year"), (Month, " month"), (Day, " day"), (Hour, " hour"), (Minute, " minute"), (Second, " second"), (Year | Month, " year to month"),
        (Day | Hour, " day to hour"), (Day | Hour | Minute, " day to minute"), (Day | Hour | Minute | Second, " day to second"), (Hour | Minute, " hour to minute"),
        (Hour | Minute | Second, " hour to second"), (Minute | Second, " minute to second"), (AllFields, ""),
    ];

    public static int FieldsOf(int modifier) => modifier < 0 ? AllFields : modifier >> 16 & 0x7FFF;
    public static int PrecisionOf(int modifier) => modifier & 0xFFFF;

    public static int Pack(ReadOnlySpan<int> arguments)
    {
        if (arguments.Length is < 1 or > 2 || !IsRange(arguments[0])) throw new SqlException(SqlState.InvalidParameterValue, "invalid INTERVAL type modifier");
        if (arguments.Length == 1) return arguments[0] == AllFields ? -1 : (arguments[0] & 0x7FFF) << 16 | AnyPrecision;
        if (arguments[1] < 0) throw new SqlException(SqlState.InvalidParameterValue, $"INTERVAL({arguments[1]}) precision must not be negative");
        return (arguments[0] & 0x7FFF) << 16 | Math.Min(arguments[1], MaxPrecision);
    }

    public static string Show(int modifier)
    {
        if (modifier < 0) return "";
        string fields = "";
        foreach ((int mask, string name) in Ranges)
            if (mask == FieldsOf(modifier)) fields = name;
        return PrecisionOf(modifier) == AnyPrecision ? fields : $"{fields}({PrecisionOf(modifier)})";
    }

    /// <summary>Drops what the fields don't hold and rounds to the precision.</summary>
    /// <exception cref="SqlException">22023: no such precision.</exception>
    public static IntervalValue Fit(IntervalValue value, int modifier)
    {
        if (modifier < 0) return value;
        value = FieldsOf(modifier) switch
        {
            Year => new IntervalValue(value.Months / 12 * 12, 0, 0),
            Month or (Year | Month) => new IntervalValue(value.Months, 0, 0),
            Day => value with { Micros = 0 },
            Hour or (Day | Hour) => value with { Micros = value.Micros / Calendar.MicrosPerHour * Calendar.MicrosPerHour },
            Minute or (Hour | Minute) or (Day | Hour | Minute) => value with { Micros = value.Micros / Calendar.MicrosPerMinute * Calendar.MicrosPerMinute },
            _ => value,
        };
        int precision = PrecisionOf(modifier);
        if (precision == AnyPrecision) return value;
        if (precision > MaxPrecision) throw new SqlException(SqlState.InvalidParameterValue, $"interval({precision}) precision must be between 0 and {MaxPrecision}");
        return value with { Micros = TimePrecision.Round(value.Micros, precision) };
    }

    private static bool IsRange(int mask)
    {
        foreach ((int known, _) in Ranges)
            if (known == mask) return true;
        return false;
    }
}

/// <summary>The precision of time, timetz, timestamp and timestamptz: decimals of the second.</summary>
internal static class TimePrecision
{
    public const int Max = 6;

    private static readonly long[] Scales = [1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

    /// <summary>To the nearest, halves away from zero.</summary>
    public static long Round(long micros, int precision)
    {
        long scale = Scales[precision], half = scale / 2;
        if (scale == 1) return micros;
        return micros >= 0 ? unchecked(micros + half) / scale * scale : -(unchecked(-micros + half) / scale * scale);
    }

    public static long FitTime(long micros, int modifier) => modifier is >= 0 and <= Max ? Round(micros, modifier) : micros;

    public static long FitTimestamp(long timestamp, int modifier)
    {
        if (!Calendar.IsFinite(timestamp) || modifier is -1 or Max) return timestamp;
        if (modifier is < 0 or > Max) throw new SqlException(SqlState.InvalidParameterValue, $"timestamp({modifier}) precision must be between 0 and {Max}");
        return Round(timestamp, modifier);
    }

    public static int Parse(ReadOnlySpan<int> arguments, string typeName, bool hasZone)
    {
        if (arguments.Length != 1) throw new SqlException(SqlState.InvalidParameterValue, "invalid type modifier");
        string suffix = hasZone ? " WITH TIME ZONE" : "";
        if (arguments[0] < 0) throw new SqlException(SqlState.InvalidParameterValue, $"{typeName}({arguments[0]}){suffix} precision must not be negative");
        return Math.Min(arguments[0], Max);
    }

    public static string Show(int modifier) => modifier < 0 ? "" : $"({modifier})";
}
