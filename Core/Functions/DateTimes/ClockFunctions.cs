using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>The clocks: of the transaction, of the statement, of the wall; and waiting by them.</summary>
internal static class ClockFunctions
{
    private static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static void Register(FunctionLibrary library)
    {
        library.Strict("now", static (in a, r, c) => DateTimeArithmetic.Put(r, c.TransactionTimestampMicros));
        library.Strict("statement_timestamp", static (in a, r, c) => DateTimeArithmetic.Put(r, c.StatementTimestampMicros));
        library.Strict("clock_timestamp", static (in a, r, c) => DateTimeArithmetic.Put(r, Now(c)));
        library.Strict("timeofday", static (in a, r, c) => TimeOfDay((BytesColumnBuilder)r, c));
        library.Strict("pg_sleep_for(interval)", static (in a, r, c) =>
            Sleep(TimestampMath.Add(Now(c), a.Get<IntervalValue>(0), ZoneCatalog.Of(c.Display)), r, c));
        library.Strict("pg_sleep_until(timestamptz)", static (in a, r, c) => Sleep(a.Get<long>(0), r, c));
    }

    /// <summary>Microseconds since 2000 of the wall clock.</summary>
    public static long Now(EvalContext context) => (context.Clock.GetUtcNow() - Epoch).Ticks / 10;

    private static void TimeOfDay(BytesColumnBuilder result, EvalContext context)
    {
        DateTimeFields fields = DateTimeFields.Of(Now(context), ZoneCatalog.Of(context.Display));
        ByteBuffer output = result.Output;
        DateTimeFormatNames.WriteShort(DateTimeFormatNames.Days[Calendar.DayOfWeek(fields.Julian)], output);
        output.WriteByte((byte)' ');
        DateTimeFormatNames.WriteShort(DateTimeFormatNames.Months[fields.Month - 1], output);
        output.WriteByte((byte)' ');
        DateTimeWriter.WritePadded(fields.Day, 2, output);
        output.WriteByte((byte)' ');
        DateTimeWriter.WritePadded(fields.Hour, 2, output);
        output.WriteByte((byte)':');
        DateTimeWriter.WritePadded(fields.Minute, 2, output);
        output.WriteByte((byte)':');
        DateTimeWriter.WritePadded(fields.Second, 2, output);
        output.WriteByte((byte)'.');
        DateTimeWriter.WritePadded(fields.Micros, 6, output);
        output.WriteByte((byte)' ');
        DateTimeWriter.WritePadded(fields.Year, 4, output);
        output.WriteByte((byte)' ');
        output.Write(fields.ZoneAbbreviation);
        result.EndValue();
    }

    private static void Sleep(long until, ColumnBuilder result, EvalContext context)
    {
        long rest = until - Now(context);
        if (until == long.MaxValue) rest = int.MaxValue * 1000L;
        if (rest > 0 && until != long.MinValue) SessionFunctions.Sleep(rest / 1e6, context);
        result.AppendDefault();
    }
}
