using System.Buffers.Text;
using VecSql.Core.Columns;
using VecSql.Core.Environment;

namespace VecSql.Core.Types;

/// <summary>Reads intervals: numbers with units, from the last to the first; SQL's year-month and day-time forms; ISO 8601's P1Y2M3DT4H5M6S and P0001-02-03T04:05:06.</summary>
internal struct IntervalReader
{
    private int _years;
    private int _months;
    private int _days;
    private long _micros;

    /// <exception cref="Errors.SqlException">22007, 22015, 22008.</exception>
    public static IntervalValue Parse(ReadOnlySpan<byte> text, int fields, EvalContext context)
    {
        IntervalReader reader = default;
        DecodeStatus status = reader.ReadUnits(text, fields, context.Display.IntervalStyle == IntervalStyle.SqlStandard);
        if (status == DecodeStatus.BadFormat)
        {
            reader = default;
            status = reader.ReadIso(text);
        }
        if (status != DecodeStatus.Ok) throw DateTimeErrors.Of(status == DecodeStatus.FieldOverflow ? DecodeStatus.IntervalOverflow : status, text, "interval");
        int months = 0;
        if (!DateTimeNumbers.AddTo(ref months, (long)reader._years * 12 + reader._months)) throw DateTimeErrors.IntervalOutOfRange();
        return new IntervalValue(months, reader._days, reader._micros);
    }

    private DecodeStatus ReadUnits(ReadOnlySpan<byte> text, int fields, bool isSqlStyle)
    {
        Span<byte> buffer = stackalloc byte[DateTimeLexer.IntervalCapacity];
        Span<Lexeme> lexemes = stackalloc Lexeme[DateTimeLexer.MaxLexemes];
        int count = DateTimeLexer.Read(text, buffer, lexemes);
        if (count < 0) return DecodeStatus.BadFormat;
        bool forceNegative = isSqlStyle && count > 0 && buffer[lexemes[0].Start] == '-';
        for (int i = 1; i < count && forceNegative; i++) forceNegative = buffer[lexemes[i].Start] is not ((byte)'-' or (byte)'+');

        DateTimeParts parts = DateTimeParts.None;
        DateTimeUnit unit = DateTimeUnit.None;
        bool isAgo = false;
        for (int i = count - 1; i >= 0; i--)
        {
            ReadOnlySpan<byte> piece = buffer.Slice(lexemes[i].Start, lexemes[i].Length);
            DateTimeParts found = DateTimeParts.None;
            DecodeStatus status = DecodeStatus.Ok;
            switch (lexemes[i].Kind)
            {
                case LexemeKind.Time:
                    status = ReadClock(piece, fields, forceNegative);
                    found = DateTimeParts.Time;
                    unit = DateTimeUnit.Day;
                    break;
                case LexemeKind.Zone when piece[1..].IndexOf((byte)':') >= 0 && ReadClock(piece[1..], fields, false) == DecodeStatus.Ok:
                    if (piece[0] == '-' || (forceNegative && _micros > 0)) _micros = -_micros;
                    found = DateTimeParts.Time;
                    unit = DateTimeUnit.Day;
                    break;
                case LexemeKind.Zone or LexemeKind.Date or LexemeKind.Number:
                    if (unit == DateTimeUnit.None) unit = DefaultUnit(fields);
                    status = ReadQuantity(piece, forceNegative, ref unit, out found);
                    break;
                default:
                    DateTimeToken word = DateTimeTokens.FindUnit(piece);
                    if (word.Kind == TokenKind.Ignored) continue;
                    if (word.Kind is not (TokenKind.Unit or TokenKind.Ago)) return DecodeStatus.BadFormat;
                    isAgo |= word.Kind == TokenKind.Ago;
                    unit = (DateTimeUnit)word.Value;
                    break;
            }
            if (status != DecodeStatus.Ok) return status;
            if ((parts & found) != 0) return DecodeStatus.BadFormat;
            parts |= found;
        }
        if (parts == DateTimeParts.None) return DecodeStatus.BadFormat;
        return isAgo ? Negate() : DecodeStatus.Ok;
    }

    private DecodeStatus Negate()
    {
        if (_micros == long.MinValue || _days == int.MinValue || _months == int.MinValue || _years == int.MinValue) return DecodeStatus.FieldOverflow;
        (_micros, _days, _months, _years) = (-_micros, -_days, -_months, -_years);
        return DecodeStatus.Ok;
    }

    private DecodeStatus ReadClock(ReadOnlySpan<byte> text, int fields, bool forceNegative)
    {
        bool isMinuteToSecond = fields == (IntervalModifier.Minute | IntervalModifier.Second);
        DecodeStatus status = DateTimeDecoder.ReadClock(text, isMinuteToSecond, out long hour, out int minute, out int second, out int micros);
        if (status != DecodeStatus.Ok) return status;
        long sum = micros;
        if (!DateTimeNumbers.AddTo(ref sum, (Int128)hour * Calendar.MicrosPerHour + minute * Calendar.MicrosPerMinute + second * Calendar.MicrosPerSecond)) return DecodeStatus.FieldOverflow;
        _micros = forceNegative && sum > 0 ? -sum : sum;
        return DecodeStatus.Ok;
    }

    private static DateTimeUnit DefaultUnit(int fields) => fields switch
    {
        IntervalModifier.AllFields => DateTimeUnit.Second,
        _ when (fields & IntervalModifier.Second) != 0 => DateTimeUnit.Second,
        _ when (fields & IntervalModifier.Minute) != 0 => DateTimeUnit.Minute,
        _ when (fields & IntervalModifier.Hour) != 0 => DateTimeUnit.Hour,
        _ when (fields & IntervalModifier.Day) != 0 => DateTimeUnit.Day,
        _ when (fields & IntervalModifier.Month) != 0 => DateTimeUnit.Month,
        _ => DateTimeUnit.Year,
    };

    private DecodeStatus ReadQuantity(ReadOnlySpan<byte> text, bool forceNegative, ref DateTimeUnit unit, out DateTimeParts found)
    {
        found = DateTimeParts.None;
        if (!DateTimeNumbers.TryReadLong(text, out long value, out int used)) return DecodeStatus.FieldOverflow;
        bool isNegative = text[0] == '-';
        double fraction = 0;
        ReadOnlySpan<byte> rest = text[used..];
        if (!rest.IsEmpty && rest[0] == '-')
        {
            // SQL's years-months.
            if (!DateTimeNumbers.TryReadInt(rest[1..], out int months, out used) || months is < 0 or >= 12) return DecodeStatus.FieldOverflow;
            if (1 + used != rest.Length) return DecodeStatus.BadFormat;
            unit = DateTimeUnit.Month;
            Int128 all = (Int128)value * 12 + (isNegative ? -months : months);
            if (all < long.MinValue || all > long.MaxValue) return DecodeStatus.FieldOverflow;
            value = (long)all;
        }
        else if (!rest.IsEmpty && rest[0] == '.')
        {
            if (!DateTimeNumbers.TryReadFraction(rest, out fraction)) return DecodeStatus.BadFormat;
            if (isNegative) fraction = -fraction;
        }
        else if (!rest.IsEmpty) return DecodeStatus.BadFormat;
        if (forceNegative)
        {
            if (value > 0) value = -value;
            if (fraction > 0) fraction = -fraction;
        }
        found = PartOf(unit, fraction);
        if (found == DateTimeParts.None) return DecodeStatus.BadFormat;
        if (!Add(unit, value, fraction)) return DecodeStatus.FieldOverflow;
        // What stands before hours without a unit of its own is days.
        if (unit == DateTimeUnit.Hour) unit = DateTimeUnit.Day;
        return DecodeStatus.Ok;
    }

    private static DateTimeParts PartOf(DateTimeUnit unit, double fraction) => unit switch
    {
        DateTimeUnit.Microsecond => DateTimeParts.Microsecond,
        DateTimeUnit.Millisecond => DateTimeParts.Millisecond,
        DateTimeUnit.Second => fraction == 0 ? DateTimeParts.Second : DateTimeParts.AllSeconds,
        DateTimeUnit.Minute => DateTimeParts.Minute,
        DateTimeUnit.Hour => DateTimeParts.Hour,
        DateTimeUnit.Day => DateTimeParts.Day,
        DateTimeUnit.Week => DateTimeParts.Week,
        DateTimeUnit.Month => DateTimeParts.Month,
        DateTimeUnit.Year => DateTimeParts.Year,
        DateTimeUnit.Decade => DateTimeParts.Decade,
        DateTimeUnit.Century => DateTimeParts.Century,
        DateTimeUnit.Millennium => DateTimeParts.Millennium,
        _ => DateTimeParts.None,
    };

    /// <summary>Adds whole and fractional units; fractions of months go to days, of days to time, of years to months. False: too large.</summary>
    private bool Add(DateTimeUnit unit, long value, double fraction) => unit switch
    {
        DateTimeUnit.Microsecond => AddMicros(value, fraction, 1),
        DateTimeUnit.Millisecond => AddMicros(value, fraction, 1000),
        DateTimeUnit.Second => AddMicros(value, fraction, Calendar.MicrosPerSecond),
        DateTimeUnit.Minute => AddMicros(value, fraction, Calendar.MicrosPerMinute),
        DateTimeUnit.Hour => AddMicros(value, fraction, Calendar.MicrosPerHour),
        DateTimeUnit.Day => AddDays(value, 1) && AddMicros(0, fraction, Calendar.MicrosPerDay),
        DateTimeUnit.Week => AddDays(value, 7) && AddFractionOfDays(fraction, 7),
        DateTimeUnit.Month => DateTimeNumbers.AddTo(ref _months, value) && AddFractionOfDays(fraction, Calendar.DaysPerMonth),
        DateTimeUnit.Year => AddYears(value, fraction, 1),
        DateTimeUnit.Decade => AddYears(value, fraction, 10),
        DateTimeUnit.Century => AddYears(value, fraction, 100),
        _ => AddYears(value, fraction, 1000),
    };

    private bool AddMicros(long value, double fraction, long scale)
    {
        if (!DateTimeNumbers.AddTo(ref _micros, (Int128)value * scale)) return false;
        fraction *= scale;
        long whole = (long)fraction;
        fraction -= whole;
        if (fraction > 0.5) whole++;
        else if (fraction < -0.5) whole--;
        return DateTimeNumbers.AddTo(ref _micros, whole);
    }

    private bool AddDays(long value, int scale) =>
        value is >= int.MinValue and <= int.MaxValue && value * scale is >= int.MinValue and <= int.MaxValue && DateTimeNumbers.AddTo(ref _days, value * scale);

    private bool AddFractionOfDays(double fraction, int scale)
    {
        fraction *= scale;
        int whole = (int)fraction;
        return DateTimeNumbers.AddTo(ref _days, whole) && AddMicros(0, fraction - whole, Calendar.MicrosPerDay);
    }

    private bool AddYears(long value, double fraction, int scale) =>
        value is >= int.MinValue and <= int.MaxValue && DateTimeNumbers.AddTo(ref _years, value * scale)
        && DateTimeNumbers.AddTo(ref _months, (long)Math.Round(fraction * scale * 12, MidpointRounding.ToEven));

    private DecodeStatus ReadIso(ReadOnlySpan<byte> text)
    {
        if (text.Length < 2 || text[0] != 'P') return DecodeStatus.BadFormat;
        text = text[1..];
        bool inDate = true, hasField = false;
        while (!text.IsEmpty)
        {
            if (text[0] == 'T')
            {
                inDate = hasField = false;
                text = text[1..];
                continue;
            }
            ReadOnlySpan<byte> start = text;
            DecodeStatus status = TakeIsoNumber(ref text, out long value, out double fraction);
            if (status != DecodeStatus.Ok) return status;
            byte designator = text.IsEmpty ? (byte)0 : text[0];
            if (!text.IsEmpty) text = text[1..];
            DateTimeUnit unit = IsoUnit(designator, inDate);
            if (unit != DateTimeUnit.None)
            {
                if (!Add(unit, value, fraction)) return DecodeStatus.FieldOverflow;
                hasField = true;
                continue;
            }
            bool isAlternative = inDate ? designator is (byte)'T' or (byte)'-' or 0 : designator is (byte)':' or 0;
            if (!isAlternative || hasField) return DecodeStatus.BadFormat;
            status = inDate ? ReadIsoDate(start, value, fraction, designator, ref text, out bool goesOn) : ReadIsoTime(start, value, fraction, designator, text, out goesOn);
            if (status != DecodeStatus.Ok || !goesOn) return status;
            inDate = hasField = false;
        }
        return DecodeStatus.Ok;
    }

    private static DateTimeUnit IsoUnit(byte designator, bool inDate) => (designator, inDate) switch
    {
        ((byte)'Y', true) => DateTimeUnit.Year,
        ((byte)'M', true) => DateTimeUnit.Month,
        ((byte)'W', true) => DateTimeUnit.Week,
        ((byte)'D', true) => DateTimeUnit.Day,
        ((byte)'H', false) => DateTimeUnit.Hour,
        ((byte)'M', false) => DateTimeUnit.Minute,
        ((byte)'S', false) => DateTimeUnit.Second,
        _ => DateTimeUnit.None,
    };

    /// <summary>yyyymmdd or yyyy[-mm[-dd]], perhaps followed by T.</summary>
    private DecodeStatus ReadIsoDate(ReadOnlySpan<byte> start, long value, double fraction, byte designator, ref ReadOnlySpan<byte> text, out bool goesOn)
    {
        goesOn = designator == 'T';
        if (designator != '-' && IntegerWidth(start) == 8)
            return Add(DateTimeUnit.Year, value / 10_000, 0) && Add(DateTimeUnit.Month, value / 100 % 100, 0) && Add(DateTimeUnit.Day, value % 100, fraction)
                ? DecodeStatus.Ok : DecodeStatus.FieldOverflow;
        if (!Add(DateTimeUnit.Year, value, fraction)) return DecodeStatus.FieldOverflow;
        if (designator != '-') return DecodeStatus.Ok;
        foreach (DateTimeUnit unit in (ReadOnlySpan<DateTimeUnit>)[DateTimeUnit.Month, DateTimeUnit.Day])
        {
            DecodeStatus status = TakeIsoNumber(ref text, out value, out fraction);
            if (status != DecodeStatus.Ok) return status;
            if (!Add(unit, value, fraction)) return DecodeStatus.FieldOverflow;
            if (text.IsEmpty) return DecodeStatus.Ok;
            if (text[0] == 'T')
            {
                goesOn = true;
                return DecodeStatus.Ok;
            }
            if (text[0] != '-' || unit == DateTimeUnit.Day) return DecodeStatus.BadFormat;
            text = text[1..];
        }
        return DecodeStatus.BadFormat;
    }

    /// <summary>hhmmss or hh[:mm[:ss]].</summary>
    private DecodeStatus ReadIsoTime(ReadOnlySpan<byte> start, long value, double fraction, byte designator, ReadOnlySpan<byte> text, out bool goesOn)
    {
        goesOn = false;
        if (designator == 0 && IntegerWidth(start) == 6)
            return Add(DateTimeUnit.Hour, value / 10_000, 0) && Add(DateTimeUnit.Minute, value / 100 % 100, 0) && Add(DateTimeUnit.Second, value % 100, 0)
                && AddMicros(0, fraction, 1) ? DecodeStatus.Ok : DecodeStatus.FieldOverflow;
        if (!Add(DateTimeUnit.Hour, value, fraction)) return DecodeStatus.FieldOverflow;
        if (designator == 0) return DecodeStatus.Ok;
        foreach (DateTimeUnit unit in (ReadOnlySpan<DateTimeUnit>)[DateTimeUnit.Minute, DateTimeUnit.Second])
        {
            DecodeStatus status = TakeIsoNumber(ref text, out value, out fraction);
            if (status != DecodeStatus.Ok) return status;
            if (!Add(unit, value, fraction)) return DecodeStatus.FieldOverflow;
            if (text.IsEmpty) return DecodeStatus.Ok;
            if (text[0] != ':' || unit == DateTimeUnit.Second) return DecodeStatus.BadFormat;
            text = text[1..];
        }
        return DecodeStatus.BadFormat;
    }

    private static int IntegerWidth(ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty && text[0] == '-') text = text[1..];
        int width = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return width < 0 ? text.Length : width;
    }

    /// <summary>A decimal number, also with an exponent, in whole and fractional parts.</summary>
    private static DecodeStatus TakeIsoNumber(ref ReadOnlySpan<byte> text, out long value, out double fraction)
    {
        value = 0;
        fraction = 0;
        if (text.IsEmpty || !(DateTimeLexer.IsDigit(text[0]) || text[0] is (byte)'-' or (byte)'.')) return DecodeStatus.BadFormat;
        if (!Utf8Parser.TryParse(text, out double number, out int used)) return DecodeStatus.BadFormat;
        if (double.IsNaN(number) || Math.Abs(number) > 1e15) return DecodeStatus.FieldOverflow;
        text = text[used..];
        value = (long)Math.Truncate(number);
        fraction = number - value;
        return DecodeStatus.Ok;
    }
}
