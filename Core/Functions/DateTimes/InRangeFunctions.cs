using System.Numerics;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>
/// in_range(value, base, offset, subtract, less): whether a value lies within an offset of a row's, for window frames by RANGE. Sums that overflow lie beyond every value.
/// </summary>
internal static class InRangeFunctions
{
    public static void Register(FunctionLibrary library)
    {
        Integers<short, short>(library, "in_range_int2_int2");
        Integers<short, int>(library, "in_range_int2_int4");
        Integers<short, long>(library, "in_range_int2_int8");
        Integers<int, short>(library, "in_range_int4_int2");
        Integers<int, int>(library, "in_range_int4_int4");
        Integers<int, long>(library, "in_range_int4_int8");
        Integers<long, long>(library, "in_range_int8_int8");
        library.Strict("in_range_float8_float8", static (in a, r, _) => Floats(a.Get<double>(0), a.Get<double>(1), a, r));
        library.Strict("in_range_float4_float8", static (in a, r, _) => Floats(a.Get<float>(0), a.Get<float>(1), a, r));
        library.Strict("in_range_numeric_numeric", static (in a, r, _) => Numerics(a, r));
        library.Strict("in_range_date_interval", static (in a, r, _) =>
            Timestamps(Calendar.DateToTimestamp(a.Get<int>(0)), Calendar.DateToTimestamp(a.Get<int>(1)), null, a, r));
        library.Strict("in_range_timestamp_interval", static (in a, r, _) => Timestamps(a.Get<long>(0), a.Get<long>(1), null, a, r));
        library.Strict("in_range_timestamptz_interval", static (in a, r, c) => Timestamps(a.Get<long>(0), a.Get<long>(1), ZoneCatalog.Of(c.Display), a, r));
        library.Strict("in_range_interval_interval", static (in a, r, _) => Intervals(a, r));
        library.Strict("in_range_time_interval", static (in a, r, _) => Times(a, r));
        library.Strict("in_range_timetz_interval", static (in a, r, _) => TimesWithZone(a, r));
    }

    private static SqlException InvalidOffset() => new(SqlState.InvalidPrecedingOrFollowingSize, "invalid preceding or following size in window function");

    /// <summary>Order of the value against base ± offset → the answer.</summary>
    private static void Put(int order, bool less, ColumnBuilder result) => DateTimeArithmetic.Put(result, less ? order <= 0 : order >= 0);

    private static void Integers<T, TOffset>(FunctionLibrary library, string key)
        where T : unmanaged, IBinaryInteger<T> where TOffset : unmanaged, IBinaryInteger<TOffset> =>
        library.Strict(key, static (in a, r, _) =>
        {
            Int128 offset = Int128.CreateTruncating(a.Get<TOffset>(2)), start = Int128.CreateTruncating(a.Get<T>(1));
            if (offset < 0) throw InvalidOffset();
            Int128 bound = a.Get<bool>(3) ? start - offset : start + offset;
            Put(Int128.CreateTruncating(a.Get<T>(0)).CompareTo(bound), a.Get<bool>(4), r);
        });

    private static void Floats(double value, double start, in RowArguments a, ColumnBuilder result)
    {
        double offset = a.Get<double>(2);
        bool isSubtraction = a.Get<bool>(3), less = a.Get<bool>(4);
        if (double.IsNaN(offset) || offset < 0) throw InvalidOffset();
        // NaN is after everything and equal to itself, however far it is moved.
        if (double.IsNaN(value) || double.IsNaN(start)) Put(FloatOrder.Compare(value, start), less, result);
        else if (double.IsInfinity(offset) && double.IsInfinity(start) && (isSubtraction ? start > 0 : start < 0)) DateTimeArithmetic.Put(result, true);
        else Put(value.CompareTo(isSubtraction ? start - offset : start + offset), less, result);
    }

    private static void Numerics(in RowArguments a, ColumnBuilder result)
    {
        NumericValue value = NumericFunctions.Value(a, 0), start = NumericFunctions.Value(a, 1), offset = NumericFunctions.Value(a, 2);
        bool isSubtraction = a.Get<bool>(3), less = a.Get<bool>(4);
        if (offset.IsNaN || offset.Sign < 0) throw InvalidOffset();
        if (value.IsNaN || start.IsNaN) Put(value.CompareTo(start), less, result);
        else if (offset.IsInfinity && start.IsInfinity && start.Sign > 0 == isSubtraction) DateTimeArithmetic.Put(result, true);
        else Put(value.CompareTo(isSubtraction ? NumericArithmetic.Subtract(start, offset) : NumericArithmetic.Add(start, offset)), less, result);
    }

    private static void Timestamps(long value, long start, Zone? zone, in RowArguments a, ColumnBuilder result)
    {
        IntervalValue offset = a.Get<IntervalValue>(2);
        if (IntervalType.Span(offset) < 0) throw InvalidOffset();
        long bound = a.Get<bool>(3) ? TimestampMath.Subtract(start, offset, zone) : TimestampMath.Add(start, offset, zone);
        Put(value.CompareTo(bound), a.Get<bool>(4), result);
    }

    private static void Intervals(in RowArguments a, ColumnBuilder result)
    {
        IntervalValue start = a.Get<IntervalValue>(1), offset = a.Get<IntervalValue>(2);
        if (IntervalType.Span(offset) < 0) throw InvalidOffset();
        IntervalValue bound = a.Get<bool>(3) ? IntervalMath.Subtract(start, offset) : IntervalMath.Add(start, offset);
        Put(IntervalType.Order(a.Get<IntervalValue>(0), bound), a.Get<bool>(4), result);
    }

    private static void Times(in RowArguments a, ColumnBuilder result)
    {
        long offset = a.Get<IntervalValue>(2).Micros;
        if (offset < 0) throw InvalidOffset();
        // Unlike time + interval, the sum doesn't wrap around midnight.
        long bound = unchecked(a.Get<bool>(3) ? a.Get<long>(1) - offset : a.Get<long>(1) + offset);
        Put(a.Get<long>(0).CompareTo(bound), a.Get<bool>(4), result);
    }

    private static void TimesWithZone(in RowArguments a, ColumnBuilder result)
    {
        long offset = a.Get<IntervalValue>(2).Micros;
        if (offset < 0) throw InvalidOffset();
        TimeTzValue start = a.Get<TimeTzValue>(1);
        long moved = unchecked(a.Get<bool>(3) ? start.Micros - offset : start.Micros + offset);
        Put(TimeTzType.Order(a.Get<TimeTzValue>(0), start with { Micros = moved }), a.Get<bool>(4), result);
    }
}
