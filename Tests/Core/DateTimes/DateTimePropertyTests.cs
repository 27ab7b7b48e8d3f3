using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Functions;
using VecSql.Core.Types;

namespace VecSql.Tests.Core.DateTimes;

/// <summary>Laws over random values: text and binary read back what they wrote, keys and hashes agree with the order.</summary>
public sealed class DateTimePropertyTests
{
    private const long Second = 1_000_000, Day = 86_400 * Second;
    private static readonly uint[] Types = [TypeOid.Date, TypeOid.Time, TypeOid.TimeTz, TypeOid.Timestamp, TypeOid.TimestampTz, TypeOid.Interval];

    [Fact]
    public void Text_reads_back_in_every_style()
    {
        Random random = new(11);
        foreach (DisplaySettings settings in Styles.Readable("America/New_York"))
        {
            EvalContext context = Contexts.Default(settings);
            foreach (uint type in Types)
            {
                Column values = RandomValues(type, random, 40, modern: true);
                for (int row = 0; row < values.Length; row++)
                {
                    string text = Calls.Format(values, row, type, context)!;
                    Column again = Calls.Parse(type, text, context);
                    Assert.True(TypeHandlers.Of(type).Compare(values, row, again, 0) == 0, $"{settings.DateFormat} {settings.DateOrder} {settings.IntervalStyle}: {text} became {Calls.Format(again, 0, type, context)}");
                }
            }
        }
    }

    [Fact]
    public void Binary_reads_back()
    {
        EvalContext context = Contexts.Default();
        foreach (uint type in Types)
        {
            TypeHandler handler = TypeHandlers.Of(type);
            Column values = RandomValues(type, new Random(5), 200, modern: false);
            for (int row = 0; row < values.Length; row++)
            {
                ByteBuffer binary = new();
                handler.WriteBinary(values, row, new SqlType(type), binary, context);
                ColumnBuilder again = ColumnBuilder.Create(handler.Kind, 1);
                handler.ReadBinary(binary.WrittenSpan, new SqlType(type), again, context);
                Assert.Equal(0, handler.Compare(values, row, again.Build(), 0));
            }
        }
    }

    [Fact]
    public void Keys_and_hashes_agree_with_the_order()
    {
        foreach (uint type in Types)
        {
            TypeHandler handler = TypeHandlers.Of(type);
            Column values = RandomValues(type, new Random(9), 120, modern: false);
            for (int i = 0; i < values.Length; i++)
                for (int j = 0; j < values.Length; j++)
                {
                    ByteBuffer left = new(), right = new();
                    handler.EncodeKey(values, i, left);
                    handler.EncodeKey(values, j, right);
                    int order = handler.Compare(values, i, values, j);
                    Assert.Equal(Math.Sign(order), Math.Sign(left.WrittenSpan.SequenceCompareTo(right.WrittenSpan)));
                    if (order == 0) Assert.Equal(handler.Hash(values, i), handler.Hash(values, j));
                }
        }
    }

    [Fact]
    public void Intervals_that_are_equal_hash_alike()
    {
        TypeHandler handler = TypeHandlers.Of(TypeOid.Interval);
        EvalContext context = Contexts.Default();
        Column month = Calls.Parse(TypeOid.Interval, "1 mon", context), days = Calls.Parse(TypeOid.Interval, "29 days 24:00", context);
        Assert.Equal(0, handler.Compare(month, 0, days, 0));
        Assert.Equal(handler.Hash(month, 0), handler.Hash(days, 0));
    }

    [Fact]
    public void The_calendar_has_every_day_once()
    {
        EvalContext context = Contexts.Default();
        foreach (string start in (string[])["4714-11-24 BC", "0001-12-28 BC", "0004-02-25", "1900-02-25", "2000-02-25", "5874897-12-20"])
        {
            string previous = start;
            for (int i = 1; i <= 10; i++)
            {
                string next = Calls.Call("date_pli", TypeOid.Date, (TypeOid.Date, start), (TypeOid.Int4, i.ToString()))!;
                Assert.Equal("1", Calls.Call("date_mi", TypeOid.Int4, (TypeOid.Date, next), (TypeOid.Date, previous)));
                Assert.Equal(next, Calls.RoundTrip(TypeOid.Date, next, context: context));
                previous = next;
            }
        }
    }

    [Fact]
    public void Zones_agree_with_the_runtime()
    {
        Random random = new(3);
        foreach (string name in (string[])["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Casablanca"])
        {
            TimeZoneInfo info = TimeZoneInfo.FindSystemTimeZoneById(name);
            for (int i = 0; i < 100; i++)
            {
                DateTime utc = new DateTime(1971, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(random.NextInt64(0, 3_000_000_000));
                string? local = Calls.Call("timezone", TypeOid.Timestamp, (TypeOid.Text, name), (TypeOid.TimestampTz, utc.ToString("yyyy-MM-dd HH:mm:ss") + "+00"));
                Assert.Equal((utc + info.GetUtcOffset(utc)).ToString("yyyy-MM-dd HH:mm:ss"), local);
            }
        }
    }

    [Fact]
    public void Daylight_saving_time_goes_on_beyond_the_runtimes_years()
    {
        EvalContext context = Contexts.Default(Styles.Parse("Sql|Mdy|Postgres|America/New_York"));
        Assert.Equal("07/01/100000 12:00:00 EDT", Calls.RoundTrip(TypeOid.TimestampTz, "100000-07-01 12:00", context: context));
        Assert.Equal("01/01/250000 12:00:00 EST", Calls.RoundTrip(TypeOid.TimestampTz, "250000-01-01 12:00", context: context));
        Assert.Equal("07/04/1776 12:00:00 LMT", Calls.RoundTrip(TypeOid.TimestampTz, "1776-07-04 12:00", context: context));
    }

    [Fact]
    public void Zones_and_abbreviations_can_be_listed()
    {
        IReadOnlyList<ZoneListing> names = ZoneCatalog.ListNames(0), abbreviations = ZoneCatalog.ListAbbreviations(0);
        Assert.Contains(names, z => z is { Name: "Europe/Berlin", Abbreviation: "CET", OffsetSeconds: 3600, IsDaylight: false });
        Assert.Contains(abbreviations, z => z is { Name: "EDT", OffsetSeconds: -4 * 3600, IsDaylight: true });
        Assert.Equal("Europe/Berlin", ZoneCatalog.CanonicalName("europe/BERLIN"));
        Assert.Null(ZoneCatalog.CanonicalName("Nowhere/Land"));
    }

    [Fact]
    public void Sums_of_intervals_can_be_taken_back()
    {
        Assert.Equal("3 mons 15 days 04:00:00", Calls.Aggregate("sum", TypeOid.Interval, TypeOid.Interval, "1 mon", null, "2 mons 15 days", "4 hours"));
        Assert.Equal("15 days 02:00:00", Calls.Aggregate("avg", TypeOid.Interval, TypeOid.Interval, "1 mon", null, "04:00"));
        Assert.Null(Calls.Aggregate("sum", TypeOid.Interval, TypeOid.Interval, null, null));
        Assert.Equal("2024-03-01", Calls.Aggregate("max", TypeOid.Date, TypeOid.Date, "2024-01-01", "2024-03-01", null));
        Assert.Equal("1 day", Calls.Aggregate("min", TypeOid.Interval, TypeOid.Interval, "25:00:00", "1 day"));
    }

    [Fact]
    public void Series_step_by_the_calendar()
    {
        Assert.Equal(["2024-01-31 00:00:00", "2024-02-29 00:00:00", "2024-03-29 00:00:00"], Series(TypeOid.Timestamp, "2024-01-31", "2024-04-01", "1 mon"));
        Assert.Equal(["2024-01-02 00:00:00", "2024-01-01 12:00:00", "2024-01-01 00:00:00"], Series(TypeOid.Timestamp, "2024-01-02", "2024-01-01", "-12:00"));
        Assert.Empty(Series(TypeOid.TimestampTz, "2024-01-02", "2024-01-01", "1 day"));
        Assert.Equal("22023: step size cannot equal zero", Calls.Describe(Calls.Fails(() => Series(TypeOid.Timestamp, "2024-01-02", "2024-01-03", "0"))));
    }

    private static List<string?> Series(uint type, string first, string last, string step)
    {
        EvalContext context = Contexts.Default();
        Column[] arguments = [Calls.Parse(type, first, context), Calls.Parse(type, last, context), Calls.Parse(TypeOid.Interval, step, context)];
        TableFunction function = FunctionLibrary.Default.FindTable(Calls.Resolve("generate_series", [type, type, TypeOid.Interval]))!;
        using TableFunctionCursor cursor = function.Open(new RowArguments(arguments, 0), context);
        ColumnBuilder rows = ColumnBuilder.Create(PhysicalKind.Int64);
        while (cursor.Next([rows], 2, context) > 0) { }
        Column column = rows.Build();
        return [.. Enumerable.Range(0, rows.Count).Select(row => Calls.Format(column, row, type, context))];
    }

    private static Column RandomValues(uint type, Random random, int count, bool modern)
    {
        ColumnBuilder builder = ColumnBuilder.Create(TypeHandlers.KindOf(type), count);
        for (int i = 0; i < count; i++)
        {
            // Modern: abbreviations of zones were what PostgreSQL knows, and years have four digits.
            long timestamp = modern ? random.NextInt64(-45 * 365 * Day, 90 * 365 * Day) : random.NextInt64(-200_000_000_000_000_000, 9_000_000_000_000_000_000);
            long time = random.Next(4) == 0 ? random.Next(86_401) * Second : random.NextInt64(0, Day + 1);
            switch (type)
            {
                case TypeOid.Date: ((ColumnBuilder<int>)builder).Append(modern ? (int)(timestamp / Day) : random.Next(-2_400_000, 2_000_000_000)); break;
                case TypeOid.Time: ((ColumnBuilder<long>)builder).Append(time); break;
                case TypeOid.TimeTz: ((ColumnBuilder<TimeTzValue>)builder).Append(new TimeTzValue(time, random.Next(-15 * 60, 15 * 60) * 60)); break;
                case TypeOid.Interval: ((ColumnBuilder<IntervalValue>)builder).Append(RandomInterval(random)); break;
                default: ((ColumnBuilder<long>)builder).Append(random.Next(20) == 0 ? long.MaxValue : timestamp); break;
            }
        }
        return builder.Build();
    }

    private static IntervalValue RandomInterval(Random random) => random.Next(4) switch
    {
        0 => new IntervalValue(random.Next(-500, 500), 0, 0),
        1 => new IntervalValue(0, random.Next(0, 3) * 30, random.Next(0, 3) * Day),
        2 => new IntervalValue(random.Next(0, 3), random.Next(0, 3) * 30, 0),
        _ => new IntervalValue(random.Next(-50, 50), random.Next(-50, 50), random.NextInt64(-100 * Day, 100 * Day)),
    };
}
