using VecSql.Core.Environment;

namespace VecSql.Core.Types;

/// <summary>
/// Reads dates, timestamps and times from the pieces of <see cref="DateTimeLexer"/>. A piece means what it can still mean: after a year a month, after a date a time.
/// This part holds the state and what all kinds share; the walks over the pieces are in the other part.
/// </summary>
internal ref partial struct DateTimeDecoder
{
    private readonly ReadOnlySpan<byte> _buffer;
    private readonly ReadOnlySpan<Lexeme> _lexemes;
    private readonly EvalContext _context;

    /// <summary>What has been read.</summary>
    private DateTimeParts _parts;

    /// <summary>What the piece at hand gives.</summary>
    private DateTimeParts _found;
    private DateTimeUnit _label;
    private DateTimeFields _fields;
    private int _dayOfYear;
    private bool _hasTextMonth;
    private bool _isJulian;
    private bool _hasTwoDigitYear;
    private bool _isBeforeChrist;
    private bool? _isAfternoon;
    private Zone? _namedZone;
    private ZoneAbbreviation? _dynamicZone;

    private DateTimeDecoder(ReadOnlySpan<byte> buffer, ReadOnlySpan<Lexeme> lexemes, EvalContext context)
    {
        _buffer = buffer;
        _lexemes = lexemes;
        _context = context;
    }

    private readonly ReadOnlySpan<byte> Text(int piece) => _buffer.Slice(_lexemes[piece].Start, _lexemes[piece].Length);

    private readonly DateOrder Order => _context.Display.DateOrder;

    private readonly bool Has(DateTimeParts parts) => (_parts & parts) == parts;

    /// <summary>hh:mm, hh:mm:ss[.f] or mm:ss.f.</summary>
    internal static DecodeStatus ReadClock(ReadOnlySpan<byte> text, bool isMinuteToSecond, out long hour, out int minute, out int second, out int micros)
    {
        minute = second = micros = 0;
        if (!DateTimeNumbers.TryReadLong(text, out hour, out int used)) return DecodeStatus.FieldOverflow;
        if (used == text.Length || text[used] != ':') return DecodeStatus.BadFormat;
        text = text[(used + 1)..];
        if (!DateTimeNumbers.TryReadInt(text, out minute, out used)) return DecodeStatus.FieldOverflow;
        text = text[used..];
        bool isShort = text.IsEmpty ? isMinuteToSecond : text[0] == '.';
        if (!text.IsEmpty && text[0] == '.')
        {
            if (!DateTimeNumbers.TryReadFractionalSecond(text, out micros)) return DecodeStatus.BadFormat;
        }
        else if (!text.IsEmpty && text[0] == ':')
        {
            text = text[1..];
            if (!DateTimeNumbers.TryReadInt(text, out second, out used)) return DecodeStatus.FieldOverflow;
            text = text[used..];
            if (!text.IsEmpty && (text[0] != '.' || !DateTimeNumbers.TryReadFractionalSecond(text, out micros))) return DecodeStatus.BadFormat;
        }
        else if (!text.IsEmpty) return DecodeStatus.BadFormat;
        if (isShort)
        {
            if (hour is < int.MinValue or > int.MaxValue) return DecodeStatus.FieldOverflow;
            (second, minute, hour) = (minute, (int)hour, 0);
        }
        return hour < 0 || minute is < 0 or > 59 || second is < 0 or > 60 ? DecodeStatus.FieldOverflow : DecodeStatus.Ok;
    }

    /// <summary>±hh, ±hhmm, ±hh:mm[:ss] in seconds west of UTC.</summary>
    internal static DecodeStatus ReadZoneOffset(ReadOnlySpan<byte> text, out int zoneWest)
    {
        const int MaxHours = 15;
        zoneWest = 0;
        int minute = 0, second = 0;
        if (text.IsEmpty || text[0] is not ((byte)'+' or (byte)'-')) return DecodeStatus.BadFormat;
        if (!DateTimeNumbers.TryReadInt(text[1..], out int hour, out int used)) return DecodeStatus.ZoneOverflow;
        ReadOnlySpan<byte> rest = text[(1 + used)..];
        if (!rest.IsEmpty && rest[0] == ':')
        {
            if (!DateTimeNumbers.TryReadInt(rest[1..], out minute, out used)) return DecodeStatus.ZoneOverflow;
            rest = rest[(1 + used)..];
            if (!rest.IsEmpty && rest[0] == ':')
            {
                if (!DateTimeNumbers.TryReadInt(rest[1..], out second, out used)) return DecodeStatus.ZoneOverflow;
                rest = rest[(1 + used)..];
            }
        }
        else if (rest.IsEmpty && text.Length > 3) (hour, minute) = (hour / 100, hour % 100);
        if (hour is < 0 or > MaxHours || minute is < 0 or > 59 || second is < 0 or > 59) return DecodeStatus.ZoneOverflow;
        int size = (hour * 60 + minute) * 60 + second;
        zoneWest = text[0] == '-' ? size : -size;
        return rest.IsEmpty ? DecodeStatus.Ok : DecodeStatus.BadFormat;
    }

    private DecodeStatus ReadTime(ReadOnlySpan<byte> text)
    {
        DecodeStatus status = ReadClock(text, false, out long hour, out _fields.Minute, out _fields.Second, out _fields.Micros);
        if (status != DecodeStatus.Ok) return status;
        if (hour > int.MaxValue) return DecodeStatus.FieldOverflow;
        _fields.Hour = (int)hour;
        _found = DateTimeParts.Time;
        return DecodeStatus.Ok;
    }

    /// <summary>Nothing after midnight at the end of the day, and seconds up to a whole minute.</summary>
    internal static bool TimeOverflows(in DateTimeFields fields) =>
        fields.Hour is < 0 or > 24 || fields.Minute is < 0 or > 59 || fields.Second is < 0 or > 60 || fields.Micros is < 0 or > 1_000_000
        || fields.TimeMicros > Calendar.MicrosPerDay;

    /// <summary>A date in one piece, its parts separated by anything that isn't a digit or a letter.</summary>
    private DecodeStatus ReadDate(ReadOnlySpan<byte> text, DateTimeParts parts)
    {
        Span<Range> numbers = stackalloc Range[DateTimeLexer.MaxLexemes];
        int count = 0, pieces = 0;
        DateTimeParts all = DateTimeParts.None;
        for (int at = 0; at < text.Length && pieces < DateTimeLexer.MaxLexemes; pieces++)
        {
            while (at < text.Length && !DateTimeLexer.IsDigit(text[at]) && !DateTimeLexer.IsLetter(text[at])) at++;
            if (at == text.Length) return DecodeStatus.BadFormat;
            int start = at;
            bool isNumber = DateTimeLexer.IsDigit(text[at]);
            while (at < text.Length && (isNumber ? DateTimeLexer.IsDigit(text[at]) : DateTimeLexer.IsLetter(text[at]))) at++;
            int end = at;
            if (at < text.Length) at++;
            if (isNumber)
            {
                numbers[count++] = start..end;
                continue;
            }
            // A word can only be a month: that makes the rest clear.
            DateTimeToken word = DateTimeTokens.FindDateWord(text[start..end]);
            if (word.Kind == TokenKind.Ignored) continue;
            if (word.Kind != TokenKind.Month || ((parts | all) & DateTimeParts.Month) != 0) return DecodeStatus.BadFormat;
            _fields.Month = word.Value;
            _hasTextMonth = true;
            all |= DateTimeParts.Month;
        }
        bool hasTextMonth = (all & DateTimeParts.Month) != 0;
        for (int i = 0; i < count; i++)
        {
            DecodeStatus status = ReadNumber(text[numbers[i]], hasTextMonth, parts | all);
            if (status != DecodeStatus.Ok) return status;
            if (((parts | all) & _found) != 0) return DecodeStatus.BadFormat;
            all |= _found;
        }
        _found = all;
        return ((parts | all) & ~(DateTimeParts.DayOfYear | DateTimeParts.Zone)) == DateTimeParts.Date ? DecodeStatus.Ok : DecodeStatus.BadFormat;
    }

    /// <summary>A number that is a year, a month or a day, whichever is still missing.</summary>
    private DecodeStatus ReadNumber(ReadOnlySpan<byte> text, bool hasTextMonth, DateTimeParts parts)
    {
        _found = DateTimeParts.None;
        if (!DateTimeNumbers.TryReadInt(text, out int value, out int used)) return DecodeStatus.FieldOverflow;
        if (used == 0) return DecodeStatus.BadFormat;
        if (used < text.Length)
        {
            if (text[used] != '.') return DecodeStatus.BadFormat;
            if (used > 2) return ReadRunTogether(text, parts | DateTimeParts.Date);
            if (!DateTimeNumbers.TryReadFractionalSecond(text[used..], out _fields.Micros)) return DecodeStatus.BadFormat;
        }
        DateTimeParts date = parts & DateTimeParts.Date;
        if (text.Length == 3 && date == DateTimeParts.Year && value is >= 1 and <= 366)
        {
            _found = DateTimeParts.DayOfYear | DateTimeParts.Month | DateTimeParts.Day;
            _dayOfYear = value;
            return DecodeStatus.Ok;
        }
        bool mayBeYear = text.Length >= 3 || Order == DateOrder.Ymd;
        switch (date)
        {
            case DateTimeParts.None: SetDatePart(mayBeYear ? DateTimeParts.Year : Order == DateOrder.Dmy ? DateTimeParts.Day : DateTimeParts.Month, value); break;
            case DateTimeParts.Year or DateTimeParts.Day: SetDatePart(DateTimeParts.Month, value); break;
            case DateTimeParts.Month: SetDatePart(hasTextMonth && mayBeYear ? DateTimeParts.Year : DateTimeParts.Day, value); break;
            case DateTimeParts.Month | DateTimeParts.Day: SetDatePart(DateTimeParts.Year, value); break;
            case DateTimeParts.Date: return ReadRunTogether(text, parts);
            case DateTimeParts.Year | DateTimeParts.Month:
                if (hasTextMonth && text.Length >= 3 && _hasTwoDigitYear)
                {
                    // The number before was the day after all.
                    (_fields.Day, _fields.Year) = (_fields.Year, value);
                    _found = DateTimeParts.Day;
                    _hasTwoDigitYear = false;
                }
                else SetDatePart(DateTimeParts.Day, value);
                break;
            default: return DecodeStatus.BadFormat;
        }
        if (_found == DateTimeParts.Year) _hasTwoDigitYear = text.Length <= 2;
        return DecodeStatus.Ok;
    }

    private void SetDatePart(DateTimeParts part, int value)
    {
        _found = part;
        if (part == DateTimeParts.Year) _fields.Year = value;
        else if (part == DateTimeParts.Month) _fields.Month = value;
        else _fields.Day = value;
    }

    /// <summary>[yy]yymmdd, hhmm or hhmmss, the last perhaps with a fraction.</summary>
    private DecodeStatus ReadRunTogether(ReadOnlySpan<byte> text, DateTimeParts parts)
    {
        int point = text.IndexOf((byte)'.');
        if (point >= 0)
        {
            ReadOnlySpan<byte> fraction = text[point..];
            int end = 1;
            while (end < fraction.Length && DateTimeLexer.IsDigit(fraction[end])) end++;
            _ = DateTimeNumbers.TryReadFractionalSecond(fraction[..end], out _fields.Micros);
            text = text[..point];
        }
        else if ((parts & DateTimeParts.Date) != DateTimeParts.Date && text.Length >= 6)
        {
            _found = DateTimeParts.Date;
            _fields.Day = DateTimeNumbers.Digits(text[^2..]);
            _fields.Month = DateTimeNumbers.Digits(text[^4..^2]);
            _fields.Year = DateTimeNumbers.Digits(text[..^4]);
            if (text.Length == 6) _hasTwoDigitYear = true;
            return DecodeStatus.Ok;
        }
        if ((parts & DateTimeParts.Time) == DateTimeParts.Time || text.Length is not (4 or 6)) return DecodeStatus.BadFormat;
        _found = DateTimeParts.Time;
        _fields.Hour = DateTimeNumbers.Digits(text[..2]);
        _fields.Minute = DateTimeNumbers.Digits(text[2..4]);
        _fields.Second = text.Length == 6 ? DateTimeNumbers.Digits(text[4..]) : 0;
        return DecodeStatus.Ok;
    }

    /// <summary>Eras, short years, days of the year; and are month and day in range?</summary>
    private DecodeStatus Validate()
    {
        if (Has(DateTimeParts.Year) && !_isJulian)
        {
            if (_isBeforeChrist)
            {
                if (_fields.Year <= 0) return DecodeStatus.FieldOverflow;
                _fields.Year = 1 - _fields.Year;
            }
            else if (_hasTwoDigitYear)
            {
                if (_fields.Year < 0) return DecodeStatus.FieldOverflow;
                if (_fields.Year < 70) _fields.Year += 2000;
                else if (_fields.Year < 100) _fields.Year += 1900;
            }
            else if (_fields.Year <= 0) return DecodeStatus.FieldOverflow;
        }
        if (Has(DateTimeParts.DayOfYear))
            Calendar.FromJulian(Calendar.ToJulian(_fields.Year, 1, 1) + _dayOfYear - 1, out _fields.Year, out _fields.Month, out _fields.Day);
        if (Has(DateTimeParts.Month) && _fields.Month is < 1 or > 12) return DecodeStatus.MonthDayOverflow;
        if (Has(DateTimeParts.Day) && _fields.Day is < 1 or > 31) return DecodeStatus.MonthDayOverflow;
        return Has(DateTimeParts.Date) && _fields.Day > Calendar.DaysInMonth(_fields.Year, _fields.Month) ? DecodeStatus.FieldOverflow : DecodeStatus.Ok;
    }

    private DecodeStatus ApplyMeridiem()
    {
        if (_isAfternoon is not { } afternoon) return DecodeStatus.Ok;
        if (_fields.Hour > 12) return DecodeStatus.FieldOverflow;
        if (!afternoon && _fields.Hour == 12) _fields.Hour = 0;
        else if (afternoon && _fields.Hour != 12) _fields.Hour += 12;
        return DecodeStatus.Ok;
    }

    /// <summary>A number after a label: j2451187, y2001m02d04, T040506.</summary>
    private DecodeStatus ReadLabelled(ReadOnlySpan<byte> text)
    {
        DateTimeUnit label = _label;
        _label = DateTimeUnit.None;
        if (!DateTimeNumbers.TryReadInt(text, out int value, out int used)) return DecodeStatus.FieldOverflow;
        ReadOnlySpan<byte> rest = text[used..];
        if (!rest.IsEmpty && (rest[0] != '.' || label is not (DateTimeUnit.Julian or DateTimeUnit.IsoTime or DateTimeUnit.Second))) return DecodeStatus.BadFormat;
        switch (label)
        {
            case DateTimeUnit.Year: SetDatePart(DateTimeParts.Year, value); break;
            case DateTimeUnit.Day: SetDatePart(DateTimeParts.Day, value); break;
            case DateTimeUnit.Month when !Has(DateTimeParts.Month | DateTimeParts.Hour): SetDatePart(DateTimeParts.Month, value); break;
            case DateTimeUnit.Month or DateTimeUnit.Minute:
                _fields.Minute = value;
                _found = DateTimeParts.Minute;
                break;
            case DateTimeUnit.Hour:
                _fields.Hour = value;
                _found = DateTimeParts.Hour;
                break;
            case DateTimeUnit.Second:
                _fields.Second = value;
                _found = rest.IsEmpty ? DateTimeParts.Second : DateTimeParts.AllSeconds;
                if (!rest.IsEmpty && !DateTimeNumbers.TryReadFractionalSecond(rest, out _fields.Micros)) return DecodeStatus.BadFormat;
                break;
            case DateTimeUnit.Julian: return ReadJulian(value, rest);
            case DateTimeUnit.IsoTime:
                DecodeStatus status = ReadRunTogether(text, _parts | DateTimeParts.Date);
                return status != DecodeStatus.Ok ? status : _found == DateTimeParts.Time ? DecodeStatus.Ok : DecodeStatus.BadFormat;
            default: return DecodeStatus.BadFormat;
        }
        return DecodeStatus.Ok;
    }

    private DecodeStatus ReadJulian(int day, ReadOnlySpan<byte> fraction)
    {
        if (day < 0) return DecodeStatus.FieldOverflow;
        Calendar.FromJulian(day, out _fields.Year, out _fields.Month, out _fields.Day);
        _isJulian = true;
        _found = DateTimeParts.Date;
        if (fraction.IsEmpty) return DecodeStatus.Ok;
        if (!DateTimeNumbers.TryReadFraction(fraction, out double time)) return DecodeStatus.BadFormat;
        _fields.SetTime((long)(time * Calendar.MicrosPerDay));
        _found |= DateTimeParts.Time;
        return DecodeStatus.Ok;
    }
}
