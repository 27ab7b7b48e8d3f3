using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>Sums, differences, products, ages, casts and precisions of dates, times, timestamps and intervals.</summary>
internal static class DateTimeArithmetic
{
    public static void Register(FunctionLibrary library)
    {
        RegisterDates(library);
        RegisterTimes(library);
        RegisterTimestamps(library);
        RegisterIntervals(library);
        RegisterCasts(library);
    }

    private static void RegisterDates(FunctionLibrary library)
    {
        library.Unary<IsFiniteDate, int, bool>("date_finite");
        library.Binary<DateDifference, int, int, int>("date_mi");
        library.Strict("date_pli", static (in a, r, _) => Put(r, AddDays(a.Get<int>(0), a.Get<int>(1))));
        library.Strict("date_mii", static (in a, r, _) => Put(r, AddDays(a.Get<int>(0), -(long)a.Get<int>(1))));
        library.Strict("integer_pl_date(int4,date)", static (in a, r, _) => Put(r, AddDays(a.Get<int>(1), a.Get<int>(0))));
        library.Strict("date_pl_interval", static (in a, r, _) => Put(r, TimestampMath.Add(Calendar.DateToTimestamp(a.Get<int>(0)), a.Get<IntervalValue>(1), null)));
        library.Strict("date_mi_interval", static (in a, r, _) => Put(r, TimestampMath.Subtract(Calendar.DateToTimestamp(a.Get<int>(0)), a.Get<IntervalValue>(1), null)));
        library.Strict("interval_pl_date(interval,date)", static (in a, r, _) => Put(r, TimestampMath.Add(Calendar.DateToTimestamp(a.Get<int>(1)), a.Get<IntervalValue>(0), null)));
        library.Strict("datetime_timestamp", static (in a, r, _) => Put(r, DateAndTime(a.Get<int>(0), a.Get<long>(1))));
        library.Strict("timedate_pl(time,date)", static (in a, r, _) => Put(r, DateAndTime(a.Get<int>(1), a.Get<long>(0))));
        library.Strict("timestamptz(date,time)", static (in a, r, c) => Put(r, TimestampMath.ToInstant(DateAndTime(a.Get<int>(0), a.Get<long>(1)), c)));
        library.Strict("datetimetz_timestamptz", static (in a, r, _) => Put(r, DateAndTime(a.Get<int>(0), a.Get<TimeTzValue>(1))));
        library.Strict("timetzdate_pl(timetz,date)", static (in a, r, _) => Put(r, DateAndTime(a.Get<int>(1), a.Get<TimeTzValue>(0))));
    }

    private static void RegisterTimes(FunctionLibrary library)
    {
        library.Strict("time_mi_time", static (in a, r, _) => Put(r, new IntervalValue(0, 0, a.Get<long>(0) - a.Get<long>(1))));
        library.Strict("time_pl_interval", static (in a, r, _) => Put(r, Wrap(unchecked(a.Get<long>(0) + a.Get<IntervalValue>(1).Micros))));
        library.Strict("time_mi_interval", static (in a, r, _) => Put(r, Wrap(unchecked(a.Get<long>(0) - a.Get<IntervalValue>(1).Micros))));
        library.Strict("interval_pl_time(interval,time)", static (in a, r, _) => Put(r, Wrap(unchecked(a.Get<long>(1) + a.Get<IntervalValue>(0).Micros))));
        library.Strict("timetz_pl_interval", static (in a, r, _) => Put(r, Shift(a.Get<TimeTzValue>(0), a.Get<IntervalValue>(1).Micros)));
        library.Strict("timetz_mi_interval", static (in a, r, _) => Put(r, Shift(a.Get<TimeTzValue>(0), unchecked(-a.Get<IntervalValue>(1).Micros))));
        library.Strict("interval_pl_timetz(interval,timetz)", static (in a, r, _) => Put(r, Shift(a.Get<TimeTzValue>(1), a.Get<IntervalValue>(0).Micros)));
    }

    private static void RegisterTimestamps(FunctionLibrary library)
    {
        library.Unary<IsFiniteTimestamp, long, bool>("timestamp_finite");
        library.Strict("timestamp_mi", static (in a, r, _) => Put(r, TimestampMath.Difference(a.Get<long>(0), a.Get<long>(1))));
        library.Strict("timestamp_pl_interval", static (in a, r, _) => Put(r, TimestampMath.Add(a.Get<long>(0), a.Get<IntervalValue>(1), null)));
        library.Strict("timestamp_mi_interval", static (in a, r, _) => Put(r, TimestampMath.Subtract(a.Get<long>(0), a.Get<IntervalValue>(1), null)));
        library.Strict("interval_pl_timestamp(interval,timestamp)", static (in a, r, _) => Put(r, TimestampMath.Add(a.Get<long>(1), a.Get<IntervalValue>(0), null)));
        library.Strict("timestamptz_pl_interval", static (in a, r, c) => Put(r, TimestampMath.Add(a.Get<long>(0), a.Get<IntervalValue>(1), ZoneCatalog.Of(c.Display))));
        library.Strict("timestamptz_mi_interval", static (in a, r, c) => Put(r, TimestampMath.Subtract(a.Get<long>(0), a.Get<IntervalValue>(1), ZoneCatalog.Of(c.Display))));
        library.Strict("interval_pl_timestamptz(interval,timestamptz)",
            static (in a, r, c) => Put(r, TimestampMath.Add(a.Get<long>(1), a.Get<IntervalValue>(0), ZoneCatalog.Of(c.Display))));
        library.Strict("timestamp_age", static (in a, r, _) => Put(r, TimestampMath.Age(a.Get<long>(0), a.Get<long>(1), null)));
        library.Strict("timestamptz_age", static (in a, r, c) => Put(r, TimestampMath.Age(a.Get<long>(0), a.Get<long>(1), ZoneCatalog.Of(c.Display))));
        library.Strict("age(timestamp)", static (in a, r, c) => Put(r, TimestampMath.Age(Calendar.DateToTimestamp(Today(c)), a.Get<long>(0), null)));
        library.Strict("age(timestamptz)", static (in a, r, c) => Put(r, TimestampMath.Age(TimestampMath.DateToInstant(Today(c), c), a.Get<long>(0), ZoneCatalog.Of(c.Display))));
    }

    private static void RegisterIntervals(FunctionLibrary library)
    {
        library.Unary<IsFiniteInterval, IntervalValue, bool>("interval_finite");
        library.Binary<IntervalSum, IntervalValue, IntervalValue, IntervalValue>("interval_pl");
        library.Binary<IntervalDifference, IntervalValue, IntervalValue, IntervalValue>("interval_mi");
        library.Unary<IntervalNegation, IntervalValue, IntervalValue>("interval_um");
        library.Binary<IntervalProduct, IntervalValue, double, IntervalValue>("interval_mul");
        library.Binary<ProductWithInterval, double, IntervalValue, IntervalValue>("mul_d_interval");
        library.Binary<IntervalQuotient, IntervalValue, double, IntervalValue>("interval_div");
        library.Strict("interval_justify_hours", static (in a, r, _) => Put(r, IntervalMath.JustifyHours(a.Get<IntervalValue>(0))));
        library.Strict("interval_justify_days", static (in a, r, _) => Put(r, IntervalMath.JustifyDays(a.Get<IntervalValue>(0))));
        library.Strict("interval_justify_interval", static (in a, r, _) => Put(r, IntervalMath.Justify(a.Get<IntervalValue>(0))));
    }

    private static void RegisterCasts(FunctionLibrary library)
    {
        library.Strict("date_timestamp", static (in a, r, _) => Put(r, Calendar.DateToTimestamp(a.Get<int>(0))));
        library.Strict("date_timestamptz", static (in a, r, c) => Put(r, TimestampMath.DateToInstant(a.Get<int>(0), c)));
        library.Strict("timestamp_date", static (in a, r, _) => Put(r, Calendar.TimestampToDate(a.Get<long>(0))));
        library.Strict("timestamptz_date", static (in a, r, c) => Put(r, Calendar.TimestampToDate(LocalOf(a.Get<long>(0), c))));
        library.Strict("timestamp_timestamptz", static (in a, r, c) => Put(r, TimestampMath.ToInstant(a.Get<long>(0), c)));
        library.Strict("timestamptz_timestamp", static (in a, r, c) => Put(r, TimestampMath.ToLocal(a.Get<long>(0), c)));
        library.Strict("timestamp_time", static (in a, r, _) => PutTimeOf(r, a.Get<long>(0)));
        library.Strict("timestamptz_time", static (in a, r, c) => PutTimeOf(r, LocalOf(a.Get<long>(0), c)));
        library.Strict("timestamptz_timetz", static (in a, r, c) => PutTimeTzOf(r, a.Get<long>(0), c));
        library.Strict("time_timetz", static (in a, r, c) => Put(r, new TimeTzValue(a.Get<long>(0), OffsetToday(a.Get<long>(0), c))));
        library.Strict("timetz_time", static (in a, r, _) => Put(r, a.Get<TimeTzValue>(0).Micros));
        library.Strict("interval_time", static (in a, r, _) => Put(r, Wrap(a.Get<IntervalValue>(0).Micros % Calendar.MicrosPerDay)));
        library.Strict("time_interval", static (in a, r, _) => Put(r, new IntervalValue(0, 0, a.Get<long>(0))));
        library.Strict("time_scale", static (in a, r, _) => Put(r, TimePrecision.FitTime(a.Get<long>(0), a.Get<int>(1))));
        library.Strict("timetz_scale", static (in a, r, _) => Put(r, a.Get<TimeTzValue>(0) with { Micros = TimePrecision.FitTime(a.Get<TimeTzValue>(0).Micros, a.Get<int>(1)) }));
        library.Strict("timestamp_scale", static (in a, r, _) => Put(r, TimePrecision.FitTimestamp(a.Get<long>(0), a.Get<int>(1))));
        library.Strict("timestamptz_scale", static (in a, r, _) => Put(r, TimePrecision.FitTimestamp(a.Get<long>(0), a.Get<int>(1))));
        library.Strict("interval_scale", static (in a, r, _) => Put(r, IntervalModifier.Fit(a.Get<IntervalValue>(0), a.Get<int>(1))));
    }

    internal static void Put<T>(ColumnBuilder result, T value) where T : unmanaged => ((ColumnBuilder<T>)result).Append(value);

    /// <summary>The session's date at the transaction's start.</summary>
    public static int Today(EvalContext context) => Calendar.TimestampToDate(TimestampMath.ToLocal(context.TransactionTimestampMicros, context));

    private static long LocalOf(long instant, EvalContext context) => Calendar.IsFinite(instant)
        ? instant + ZoneCatalog.Of(context.Display).PeriodAt(Zone.ToUnixSeconds(instant)).OffsetEast * Calendar.MicrosPerSecond
        : instant;

    private static int OffsetToday(long timeMicros, EvalContext context)
    {
        DateTimeFields fields = DateTimeFields.Of(Today(context) * Calendar.MicrosPerDay + timeMicros);
        return -ZoneCatalog.Of(context.Display).PeriodOfLocal(fields).OffsetEast;
    }

    private static void PutTimeOf(ColumnBuilder result, long timestamp)
    {
        if (!Calendar.IsFinite(timestamp)) result.AppendNull();
        else Put(result, Wrap(timestamp % Calendar.MicrosPerDay));
    }

    private static void PutTimeTzOf(ColumnBuilder result, long instant, EvalContext context)
    {
        if (!Calendar.IsFinite(instant))
        {
            result.AppendNull();
            return;
        }
        int east = ZoneCatalog.Of(context.Display).PeriodAt(Zone.ToUnixSeconds(instant)).OffsetEast;
        Put(result, new TimeTzValue(Wrap((instant + east * Calendar.MicrosPerSecond) % Calendar.MicrosPerDay), -east));
    }

    private static int AddDays(int date, long days)
    {
        if (!Calendar.IsFinite(date)) return date;
        long sum = date + days;
        return Calendar.IsValidDate(sum) ? (int)sum : throw DateTimeErrors.DateOutOfRange();
    }

    private static long DateAndTime(int date, long time)
    {
        long midnight = Calendar.DateToTimestamp(date);
        if (!Calendar.IsFinite(midnight)) return midnight;
        long sum = midnight + time;
        return Calendar.IsValidTimestamp(sum) ? sum : throw DateTimeErrors.TimestampOutOfRange();
    }

    private static long DateAndTime(int date, TimeTzValue time)
    {
        if (!Calendar.IsFinite(date)) return Calendar.DateToTimestamp(date);
        if (date >= Calendar.TimestampEndDate) throw new SqlException(SqlState.DatetimeFieldOverflow, "date out of range for timestamp");
        long sum = date * Calendar.MicrosPerDay + time.Micros + time.ZoneSecondsWest * Calendar.MicrosPerSecond;
        return Calendar.IsValidTimestamp(sum) ? sum : throw new SqlException(SqlState.DatetimeFieldOverflow, "date out of range for timestamp");
    }

    /// <summary>Into one day.</summary>
    internal static long Wrap(long micros)
    {
        micros %= Calendar.MicrosPerDay;
        return micros < 0 ? micros + Calendar.MicrosPerDay : micros;
    }

    private static TimeTzValue Shift(TimeTzValue time, long micros) => new(Wrap(unchecked(time.Micros + micros)), time.ZoneSecondsWest);

    internal readonly struct IsFiniteDate : IUnaryOperator<int, bool> { public static bool Apply(int value) => Calendar.IsFinite(value); }
    internal readonly struct IsFiniteTimestamp : IUnaryOperator<long, bool> { public static bool Apply(long value) => Calendar.IsFinite(value); }
    internal readonly struct IsFiniteInterval : IUnaryOperator<IntervalValue, bool> { public static bool Apply(IntervalValue value) => true; }

    internal readonly struct DateDifference : IBinaryOperator<int, int, int>
    {
        public static int Apply(int left, int right) => Calendar.IsFinite(left) && Calendar.IsFinite(right)
            ? unchecked(left - right)
            : throw new SqlException(SqlState.DatetimeFieldOverflow, "cannot subtract infinite dates");
    }

    internal readonly struct IntervalSum : IBinaryOperator<IntervalValue, IntervalValue, IntervalValue>
    {
        public static IntervalValue Apply(IntervalValue left, IntervalValue right) => IntervalMath.Add(left, right);
    }

    internal readonly struct IntervalDifference : IBinaryOperator<IntervalValue, IntervalValue, IntervalValue>
    {
        public static IntervalValue Apply(IntervalValue left, IntervalValue right) => IntervalMath.Subtract(left, right);
    }

    internal readonly struct IntervalNegation : IUnaryOperator<IntervalValue, IntervalValue>
    {
        public static IntervalValue Apply(IntervalValue value) => IntervalMath.Negate(value);
    }

    internal readonly struct IntervalProduct : IBinaryOperator<IntervalValue, double, IntervalValue>
    {
        public static IntervalValue Apply(IntervalValue left, double right) => IntervalMath.Multiply(left, right);
    }

    internal readonly struct ProductWithInterval : IBinaryOperator<double, IntervalValue, IntervalValue>
    {
        public static IntervalValue Apply(double left, IntervalValue right) => IntervalMath.Multiply(right, left);
    }

    internal readonly struct IntervalQuotient : IBinaryOperator<IntervalValue, double, IntervalValue>
    {
        public static IntervalValue Apply(IntervalValue left, double right) => IntervalMath.Divide(left, right);
    }
}
