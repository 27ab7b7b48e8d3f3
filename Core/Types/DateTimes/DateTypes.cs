using System.Buffers.Binary;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>date: days since 2000-01-01.</summary>
internal sealed class DateType : FixedWidthType<int>
{
    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context) => Append(result, Parse(utf8, context));

    public static int Parse(ReadOnlySpan<byte> utf8, EvalContext context)
    {
        DecodeStatus status = DateTimeDecoder.ReadDateTime(utf8, DateTimeLexer.DateCapacity, context, out DateTimeForm form, out DateTimeFields fields);
        if (status != DecodeStatus.Ok) throw DateTimeErrors.Of(status, utf8, "date");
        switch (form)
        {
            case DateTimeForm.Early: return int.MinValue;
            case DateTimeForm.Late: return int.MaxValue;
            case DateTimeForm.Epoch: return Calendar.UnixEpochJulian - Calendar.EpochJulian;
        }
        long date = Calendar.IsValidJulian(fields.Year, fields.Month) ? (long)fields.Julian - Calendar.EpochJulian : long.MaxValue;
        return Calendar.IsValidDate(date) ? (int)date : throw new SqlException(SqlState.DatetimeFieldOverflow, $"date out of range: \"{Utf8Text.ToString(utf8)}\"");
    }

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) =>
        DateTimeWriter.WriteDate(ValueAt(column, row), context.Display, output);

    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context)
    {
        int date = BinaryPrimitives.ReadInt32BigEndian(Exactly(bytes, 4));
        if (Calendar.IsFinite(date) && !Calendar.IsValidDate(date)) throw DateTimeErrors.DateOutOfRange();
        Append(result, date);
    }

    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => output.WriteInt32BigEndian(ValueAt(column, row));

    public override void EncodeKey(Column column, int row, ByteBuffer key) => BinaryPrimitives.WriteUInt32BigEndian(key.Take(4), (uint)ValueAt(column, row) ^ 0x8000_0000);
    protected override int CompareValues(int left, int right) => left.CompareTo(right);
    protected override ulong HashValue(int value) => KeyHash.Of(value);
}

/// <summary>time: microseconds of the day, up to 24:00:00.</summary>
internal sealed class TimeType : FixedWidthType<long>
{
    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context)
    {
        DecodeStatus status = DateTimeDecoder.ReadTimeOnly(utf8, context, out DateTimeFields fields);
        if (status != DecodeStatus.Ok) throw DateTimeErrors.Of(status, utf8, "time");
        Append(result, TimePrecision.FitTime(fields.TimeMicros, type.Modifier));
    }

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => DateTimeWriter.WriteTime(ValueAt(column, row), output);

    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context)
    {
        long micros = BinaryPrimitives.ReadInt64BigEndian(Exactly(bytes, 8));
        if (micros is < 0 or > Calendar.MicrosPerDay) throw DateTimeErrors.TimeOutOfRange();
        Append(result, TimePrecision.FitTime(micros, type.Modifier));
    }

    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => output.WriteInt64BigEndian(ValueAt(column, row));
    public override int ParseModifier(ReadOnlySpan<int> arguments, string typeName) => TimePrecision.Parse(arguments, "TIME", hasZone: false);
    public override string FormatModifier(int modifier) => TimePrecision.Show(modifier);

    public override void EncodeKey(Column column, int row, ByteBuffer key) => BinaryPrimitives.WriteUInt64BigEndian(key.Take(8), (ulong)ValueAt(column, row) ^ 0x8000_0000_0000_0000);
    protected override int CompareValues(long left, long right) => left.CompareTo(right);
    protected override ulong HashValue(long value) => KeyHash.Of(value);
}

/// <summary>timetz: a time of day with its offset. Ordered by the instant, then by the offset.</summary>
internal sealed class TimeTzType : FixedWidthType<TimeTzValue>
{
    private const int MaxZoneSeconds = 16 * 3600;

    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context)
    {
        DecodeStatus status = DateTimeDecoder.ReadTimeOnly(utf8, context, out DateTimeFields fields);
        if (status != DecodeStatus.Ok) throw DateTimeErrors.Of(status, utf8, "time with time zone");
        Append(result, new TimeTzValue(TimePrecision.FitTime(fields.TimeMicros, type.Modifier), fields.ZoneWest));
    }

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context)
    {
        TimeTzValue value = ValueAt(column, row);
        DateTimeWriter.WriteTime(value.Micros, output);
        DateTimeWriter.WriteZone(value.ZoneSecondsWest, output);
    }

    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context)
    {
        long micros = BinaryPrimitives.ReadInt64BigEndian(Exactly(bytes, 12));
        int zone = BinaryPrimitives.ReadInt32BigEndian(bytes[8..]);
        if (micros is < 0 or > Calendar.MicrosPerDay) throw DateTimeErrors.TimeOutOfRange();
        if (zone is <= -MaxZoneSeconds or >= MaxZoneSeconds) throw new SqlException(SqlState.InvalidTimeZoneDisplacementValue, "time zone displacement out of range");
        Append(result, new TimeTzValue(TimePrecision.FitTime(micros, type.Modifier), zone));
    }

    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context)
    {
        output.WriteInt64BigEndian(ValueAt(column, row).Micros);
        output.WriteInt32BigEndian(ValueAt(column, row).ZoneSecondsWest);
    }

    public override int ParseModifier(ReadOnlySpan<int> arguments, string typeName) => TimePrecision.Parse(arguments, "TIME", hasZone: true);
    public override string FormatModifier(int modifier) => TimePrecision.Show(modifier);

    public override void EncodeKey(Column column, int row, ByteBuffer key)
    {
        TimeTzValue value = ValueAt(column, row);
        BinaryPrimitives.WriteUInt64BigEndian(key.Take(8), (ulong)Instant(value) ^ 0x8000_0000_0000_0000);
        BinaryPrimitives.WriteUInt32BigEndian(key.Take(4), (uint)value.ZoneSecondsWest ^ 0x8000_0000);
    }

    private static long Instant(TimeTzValue value) => value.Micros + value.ZoneSecondsWest * Calendar.MicrosPerSecond;

    public static int Order(TimeTzValue left, TimeTzValue right)
    {
        int order = Instant(left).CompareTo(Instant(right));
        return order != 0 ? order : left.ZoneSecondsWest.CompareTo(right.ZoneSecondsWest);
    }

    protected override int CompareValues(TimeTzValue left, TimeTzValue right) => Order(left, right);
    protected override ulong HashValue(TimeTzValue value) => KeyHash.Combine(KeyHash.Of(value.Micros), KeyHash.Of(value.ZoneSecondsWest));
}

/// <summary>timestamp and timestamptz: microseconds since 2000-01-01, local or UTC.</summary>
internal sealed class TimestampType(bool hasZone) : FixedWidthType<long>
{
    private string TypeName => hasZone ? "timestamp with time zone" : "timestamp";

    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context) =>
        Append(result, TimePrecision.FitTimestamp(Parse(utf8, context), type.Modifier));

    private long Parse(ReadOnlySpan<byte> utf8, EvalContext context)
    {
        DecodeStatus status = DateTimeDecoder.ReadDateTime(utf8, DateTimeLexer.TimestampCapacity, context, out DateTimeForm form, out DateTimeFields fields);
        if (status != DecodeStatus.Ok) throw DateTimeErrors.Of(status, utf8, TypeName);
        switch (form)
        {
            case DateTimeForm.Early: return long.MinValue;
            case DateTimeForm.Late: return long.MaxValue;
            case DateTimeForm.Epoch: return -Calendar.UnixToEpochSeconds * Calendar.MicrosPerSecond;
        }
        bool fits = hasZone ? fields.TryToInstant(fields.ZoneWest, out long timestamp) : fields.TryToTimestamp(out timestamp);
        return fits ? timestamp : throw DateTimeErrors.TimestampOutOfRange(utf8);
    }

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) =>
        DateTimeWriter.WriteTimestamp(ValueAt(column, row), hasZone, context.Display, output);

    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context)
    {
        long timestamp = BinaryPrimitives.ReadInt64BigEndian(Exactly(bytes, 8));
        if (Calendar.IsFinite(timestamp) && !Calendar.IsValidTimestamp(timestamp)) throw DateTimeErrors.TimestampOutOfRange();
        Append(result, TimePrecision.FitTimestamp(timestamp, type.Modifier));
    }

    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => output.WriteInt64BigEndian(ValueAt(column, row));
    public override int ParseModifier(ReadOnlySpan<int> arguments, string typeName) => TimePrecision.Parse(arguments, "TIMESTAMP", hasZone);
    public override string FormatModifier(int modifier) => TimePrecision.Show(modifier);

    public override void EncodeKey(Column column, int row, ByteBuffer key) => BinaryPrimitives.WriteUInt64BigEndian(key.Take(8), (ulong)ValueAt(column, row) ^ 0x8000_0000_0000_0000);
    protected override int CompareValues(long left, long right) => left.CompareTo(right);
    protected override ulong HashValue(long value) => KeyHash.Of(value);
}

/// <summary>interval. Compared as if months had 30 days and days 24 hours.</summary>
internal sealed class IntervalType : FixedWidthType<IntervalValue>
{
    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context) =>
        Append(result, IntervalModifier.Fit(IntervalReader.Parse(utf8, IntervalModifier.FieldsOf(type.Modifier), context), type.Modifier));

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) =>
        IntervalWriter.Write(ValueAt(column, row), context.Display.IntervalStyle, output);

    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context)
    {
        bytes = Exactly(bytes, 16);
        IntervalValue value = new(BinaryPrimitives.ReadInt32BigEndian(bytes[12..]), BinaryPrimitives.ReadInt32BigEndian(bytes[8..]), BinaryPrimitives.ReadInt64BigEndian(bytes));
        Append(result, IntervalModifier.Fit(value, type.Modifier));
    }

    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context)
    {
        IntervalValue value = ValueAt(column, row);
        output.WriteInt64BigEndian(value.Micros);
        output.WriteInt32BigEndian(value.Days);
        output.WriteInt32BigEndian(value.Months);
    }

    public override int ParseModifier(ReadOnlySpan<int> arguments, string typeName) => IntervalModifier.Pack(arguments);
    public override string FormatModifier(int modifier) => IntervalModifier.Show(modifier);

    /// <summary>The interval in microseconds, with months of 30 days.</summary>
    public static Int128 Span(IntervalValue value) => (value.Months * (long)Calendar.DaysPerMonth + value.Days) * (Int128)Calendar.MicrosPerDay + value.Micros;

    public static int Order(IntervalValue left, IntervalValue right) => Span(left).CompareTo(Span(right));

    public override void EncodeKey(Column column, int row, ByteBuffer key) => BinaryPrimitives.WriteUInt128BigEndian(key.Take(16), (UInt128)Span(ValueAt(column, row)) ^ (UInt128.One << 127));
    protected override int CompareValues(IntervalValue left, IntervalValue right) => Order(left, right);

    protected override ulong HashValue(IntervalValue value)
    {
        Int128 span = Span(value);
        return KeyHash.Combine(KeyHash.Of(unchecked((long)(span >> 64))), KeyHash.Of(unchecked((long)span)));
    }
}
