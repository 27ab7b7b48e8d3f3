using VecSql.Core.Columns;
using VecSql.Core.Environment;

namespace VecSql.Core.Types;

/// <summary>An interval taken apart into years … microseconds, each with its own sign, and written in every IntervalStyle.</summary>
internal readonly ref struct IntervalWriter
{
    private readonly ByteBuffer _output;
    private readonly long _years, _months, _days, _hours, _minutes, _seconds, _micros;

    private IntervalWriter(IntervalValue value, ByteBuffer output, bool negated = false)
    {
        _output = output;
        int sign = negated ? -1 : 1;
        _years = sign * (long)(value.Months / 12);
        _months = sign * (long)(value.Months % 12);
        _days = sign * (long)value.Days;
        _hours = sign * (value.Micros / Calendar.MicrosPerHour);
        _minutes = sign * (value.Micros % Calendar.MicrosPerHour / Calendar.MicrosPerMinute);
        _seconds = sign * (value.Micros % Calendar.MicrosPerMinute / Calendar.MicrosPerSecond);
        _micros = sign * (value.Micros % Calendar.MicrosPerSecond);
    }

    public static void Write(IntervalValue value, IntervalStyle style, ByteBuffer output)
    {
        IntervalWriter writer = new(value, output);
        switch (style)
        {
            case IntervalStyle.SqlStandard: WriteSql(value, output); break;
            case IntervalStyle.Iso8601: writer.WriteIso(); break;
            case IntervalStyle.PostgresVerbose: writer.WriteVerbose(); break;
            default: writer.WritePostgres(); break;
        }
    }

    private bool HasTime => _hours != 0 || _minutes != 0 || _seconds != 0 || _micros != 0;
    private bool IsTimeNegative => _hours < 0 || _minutes < 0 || _seconds < 0 || _micros < 0;

    private static void WriteSql(IntervalValue value, ByteBuffer output)
    {
        bool hasNegative = value.Months < 0 || value.Days < 0 || value.Micros < 0, hasPositive = value.Months > 0 || value.Days > 0 || value.Micros > 0;
        bool hasYearMonth = value.Months != 0, hasDayTime = value.Days != 0 || value.Micros != 0;
        if (!hasNegative && !hasPositive)
        {
            output.WriteByte((byte)'0');
            return;
        }
        if ((hasNegative && hasPositive) || (hasYearMonth && hasDayTime))
        {
            new IntervalWriter(value, output).WriteSigned();
            return;
        }
        if (hasNegative) output.WriteByte((byte)'-');
        IntervalWriter writer = new(value, output, hasNegative);
        if (hasYearMonth)
        {
            writer.Number(writer._years);
            output.WriteByte((byte)'-');
            writer.Number(writer._months);
            return;
        }
        if (value.Days != 0)
        {
            writer.Number(writer._days);
            output.WriteByte((byte)' ');
        }
        writer.Number(writer._hours);
        writer.MinutesAndSeconds();
    }

    /// <summary>Every part with its sign: what SQL has no form for.</summary>
    private void WriteSigned()
    {
        Sign(_years < 0 || _months < 0);
        Number(Math.Abs(_years));
        _output.WriteByte((byte)'-');
        Number(Math.Abs(_months));
        _output.WriteByte((byte)' ');
        Sign(_days < 0);
        Number(Math.Abs(_days));
        _output.WriteByte((byte)' ');
        Sign(IsTimeNegative);
        Number(Math.Abs(_hours));
        MinutesAndSeconds();
    }

    private void WriteIso()
    {
        if (_years == 0 && _months == 0 && _days == 0 && !HasTime)
        {
            _output.Write("PT0S"u8);
            return;
        }
        _output.WriteByte((byte)'P');
        IsoPart(_years, (byte)'Y');
        IsoPart(_months, (byte)'M');
        IsoPart(_days, (byte)'D');
        if (!HasTime) return;
        _output.WriteByte((byte)'T');
        IsoPart(_hours, (byte)'H');
        IsoPart(_minutes, (byte)'M');
        if (_seconds == 0 && _micros == 0) return;
        if (_seconds < 0 || _micros < 0) _output.WriteByte((byte)'-');
        Seconds(padded: false);
        _output.WriteByte((byte)'S');
    }

    private void WritePostgres()
    {
        bool isZero = true, wasNegative = false;
        PostgresPart(_years, "year"u8, ref isZero, ref wasNegative);
        PostgresPart(_months, "mon"u8, ref isZero, ref wasNegative);
        PostgresPart(_days, "day"u8, ref isZero, ref wasNegative);
        if (!isZero && !HasTime) return;
        if (!isZero) _output.WriteByte((byte)' ');
        if (IsTimeNegative) _output.WriteByte((byte)'-');
        else if (wasNegative) _output.WriteByte((byte)'+');
        DateTimeWriter.WritePadded(Math.Abs(_hours), 2, _output);
        MinutesAndSeconds();
    }

    private void PostgresPart(long value, ReadOnlySpan<byte> unit, ref bool isZero, ref bool wasNegative)
    {
        if (value == 0) return;
        if (!isZero) _output.WriteByte((byte)' ');
        if (wasNegative && value > 0) _output.WriteByte((byte)'+');
        Number(value);
        Unit(unit, value == 1);
        wasNegative = value < 0;
        isZero = false;
    }

    private void WriteVerbose()
    {
        _output.WriteByte((byte)'@');
        bool isZero = true, isAgo = false;
        VerbosePart(_years, "year"u8, ref isZero, ref isAgo);
        VerbosePart(_months, "mon"u8, ref isZero, ref isAgo);
        VerbosePart(_days, "day"u8, ref isZero, ref isAgo);
        VerbosePart(_hours, "hour"u8, ref isZero, ref isAgo);
        VerbosePart(_minutes, "min"u8, ref isZero, ref isAgo);
        if (_seconds != 0 || _micros != 0)
        {
            _output.WriteByte((byte)' ');
            bool isNegative = _seconds < 0 || _micros < 0;
            if (isNegative && isZero) isAgo = true;
            else if (isNegative != isAgo) _output.WriteByte((byte)'-');
            Seconds(padded: false);
            Unit("sec"u8, Math.Abs(_seconds) == 1 && _micros == 0);
            isZero = false;
        }
        if (isZero) _output.Write(" 0"u8);
        if (isAgo) _output.Write(" ago"u8);
    }

    private void VerbosePart(long value, ReadOnlySpan<byte> unit, ref bool isZero, ref bool isAgo)
    {
        if (value == 0) return;
        if (isZero) isAgo = value < 0;
        if (isAgo) value = -value;
        _output.WriteByte((byte)' ');
        Number(value);
        Unit(unit, value == 1);
        isZero = false;
    }

    private void IsoPart(long value, byte unit)
    {
        if (value == 0) return;
        Number(value);
        _output.WriteByte(unit);
    }

    private void Unit(ReadOnlySpan<byte> unit, bool isOne)
    {
        _output.WriteByte((byte)' ');
        _output.Write(unit);
        if (!isOne) _output.WriteByte((byte)'s');
    }

    private void MinutesAndSeconds()
    {
        _output.WriteByte((byte)':');
        DateTimeWriter.WritePadded(Math.Abs(_minutes), 2, _output);
        _output.WriteByte((byte)':');
        Seconds(padded: true);
    }

    private void Seconds(bool padded) => DateTimeWriter.WriteSeconds(_seconds, (int)_micros, padded, _output);
    private void Number(long value) => _output.WriteFormatted(value);
    private void Sign(bool isNegative) => _output.WriteByte(isNegative ? (byte)'-' : (byte)'+');
}
