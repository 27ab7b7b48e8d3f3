using VecSql.Core.Columns;
using VecSql.Core.Environment;

namespace VecSql.Core.Types;

/// <summary>Writes dates, times, timestamps and intervals in every DateStyle and IntervalStyle.</summary>
internal static class DateTimeWriter
{
    private static ReadOnlySpan<byte> Months => "JanFebMarAprMayJunJulAugSepOctNovDec"u8;
    private static ReadOnlySpan<byte> Days => "SunMonTueWedThuFriSat"u8;

    public static void WriteInfinity(bool isNegative, ByteBuffer output) => output.Write(isNegative ? "-infinity"u8 : "infinity"u8);

    public static void WriteDate(int date, DisplaySettings settings, ByteBuffer output)
    {
        if (!Calendar.IsFinite(date))
        {
            WriteInfinity(date < 0, output);
            return;
        }
        Calendar.FromJulian(date + Calendar.EpochJulian, out int year, out int month, out int day);
        WriteDatePart(year, month, day, settings, output, (byte)'-');
        WriteEra(year, output);
    }

    /// <summary>Year, month and day in the style's order; <paramref name="plain"/> separates them in the style Postgres.</summary>
    private static void WriteDatePart(int year, int month, int day, DisplaySettings settings, ByteBuffer output, byte plain)
    {
        bool isDayFirst = settings.DateOrder == DateOrder.Dmy;
        byte separator = settings.DateFormat switch { DateStyleFormat.Sql => (byte)'/', DateStyleFormat.German => (byte)'.', _ => plain };
        if (settings.DateFormat == DateStyleFormat.Iso)
        {
            WritePadded(ShownYear(year), 4, output);
            output.WriteByte((byte)'-');
            WritePadded(month, 2, output);
            output.WriteByte((byte)'-');
            WritePadded(day, 2, output);
            return;
        }
        bool first = isDayFirst || settings.DateFormat == DateStyleFormat.German;
        WritePadded(first ? day : month, 2, output);
        output.WriteByte(separator);
        WritePadded(first ? month : day, 2, output);
        output.WriteByte(separator);
        WritePadded(ShownYear(year), 4, output);
    }

    private static int ShownYear(int year) => year > 0 ? year : 1 - year;

    private static void WriteEra(int year, ByteBuffer output)
    {
        if (year <= 0) output.Write(" BC"u8);
    }

    public static void WriteTime(long micros, ByteBuffer output)
    {
        DateTimeFields fields = default;
        fields.SetTime(micros);
        WriteClock(fields, output);
    }

    private static void WriteClock(in DateTimeFields fields, ByteBuffer output)
    {
        WritePadded(fields.Hour, 2, output);
        output.WriteByte((byte)':');
        WritePadded(fields.Minute, 2, output);
        output.WriteByte((byte)':');
        WriteSeconds(fields.Second, fields.Micros, padded: true, output);
    }

    public static void WriteSeconds(long second, int micros, bool padded, ByteBuffer output)
    {
        WritePadded(Math.Abs(second), padded ? 2 : 1, output);
        WriteFraction(Math.Abs(micros), output);
    }

    /// <summary>.f without zeros at the end; nothing for 0.</summary>
    private static void WriteFraction(int micros, ByteBuffer output)
    {
        if (micros == 0) return;
        output.WriteByte((byte)'.');
        int digits = 6;
        while (micros % 10 == 0)
        {
            micros /= 10;
            digits--;
        }
        WritePadded(micros, digits, output);
    }

    /// <summary>±hh[:mm[:ss]].</summary>
    public static void WriteZone(int zoneWest, ByteBuffer output)
    {
        int size = Math.Abs(zoneWest);
        output.WriteByte(zoneWest <= 0 ? (byte)'+' : (byte)'-');
        WritePadded(size / 3600, 2, output);
        if (size % 3600 == 0) return;
        output.WriteByte((byte)':');
        WritePadded(size / 60 % 60, 2, output);
        if (size % 60 == 0) return;
        output.WriteByte((byte)':');
        WritePadded(size % 60, 2, output);
    }

    public static void WriteTimestamp(long timestamp, bool hasZone, DisplaySettings settings, ByteBuffer output)
    {
        if (!Calendar.IsFinite(timestamp))
        {
            WriteInfinity(timestamp < 0, output);
            return;
        }
        DateTimeFields fields = hasZone ? DateTimeFields.Of(timestamp, ZoneCatalog.Of(settings)) : DateTimeFields.Of(timestamp);
        if (settings.DateFormat == DateStyleFormat.Postgres) WritePostgresTimestamp(fields, settings, output);
        else
        {
            WriteDatePart(fields.Year, fields.Month, fields.Day, settings, output, (byte)'-');
            output.WriteByte((byte)' ');
            WriteClock(fields, output);
        }
        if (fields.ZoneAbbreviation is { } abbreviation)
        {
            if (settings.DateFormat == DateStyleFormat.Iso) WriteZone(fields.ZoneWest, output);
            else
            {
                output.WriteByte((byte)' ');
                output.Write(abbreviation.AsSpan(0, Math.Min(abbreviation.Length, 10)));
            }
        }
        WriteEra(fields.Year, output);
    }

    private static void WritePostgresTimestamp(in DateTimeFields fields, DisplaySettings settings, ByteBuffer output)
    {
        output.Write(Days.Slice(3 * Calendar.DayOfWeek(fields.Julian), 3));
        output.WriteByte((byte)' ');
        ReadOnlySpan<byte> month = Months.Slice(3 * (fields.Month - 1), 3);
        if (settings.DateOrder == DateOrder.Dmy)
        {
            WritePadded(fields.Day, 2, output);
            output.WriteByte((byte)' ');
            output.Write(month);
        }
        else
        {
            output.Write(month);
            output.WriteByte((byte)' ');
            WritePadded(fields.Day, 2, output);
        }
        output.WriteByte((byte)' ');
        WriteClock(fields, output);
        output.WriteByte((byte)' ');
        WritePadded(ShownYear(fields.Year), 4, output);
    }

    public static void WritePadded(long value, int width, ByteBuffer output)
    {
        Span<byte> digits = stackalloc byte[20];
        int at = 20;
        do
        {
            digits[--at] = (byte)('0' + value % 10);
            value /= 10;
        }
        while (value > 0);
        while (20 - at < width) digits[--at] = (byte)'0';
        output.Write(digits[at..]);
    }
}
