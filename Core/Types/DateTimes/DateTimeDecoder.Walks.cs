using VecSql.Core.Environment;

namespace VecSql.Core.Types;

/// <summary>What a date or timestamp input turned out to be.</summary>
internal enum DateTimeForm : byte { Fields, Epoch, Early, Late }

/// <summary>The walks over the pieces: dates and timestamps, and times of day.</summary>
internal ref partial struct DateTimeDecoder
{
    /// <summary>Reads a date, a timestamp or an instant; the zone is the session's if the text names none.</summary>
    public static DecodeStatus ReadDateTime(ReadOnlySpan<byte> text, int capacity, EvalContext context, out DateTimeForm form, out DateTimeFields fields)
    {
        Span<byte> buffer = stackalloc byte[capacity];
        Span<Lexeme> lexemes = stackalloc Lexeme[DateTimeLexer.MaxLexemes];
        form = DateTimeForm.Fields;
        fields = default;
        int count = DateTimeLexer.Read(text, buffer, lexemes);
        if (count < 0) return DecodeStatus.BadFormat;
        DateTimeDecoder decoder = new(buffer, lexemes[..count], context);
        DecodeStatus status = decoder.WalkDateTime(out form);
        fields = decoder._fields;
        return status;
    }

    /// <summary>Reads a time of day, with its zone; the zone is the session's, today, if the text names none.</summary>
    public static DecodeStatus ReadTimeOnly(ReadOnlySpan<byte> text, EvalContext context, out DateTimeFields fields)
    {
        Span<byte> buffer = stackalloc byte[DateTimeLexer.DateCapacity];
        Span<Lexeme> lexemes = stackalloc Lexeme[DateTimeLexer.MaxLexemes];
        fields = default;
        int count = DateTimeLexer.Read(text, buffer, lexemes);
        if (count < 0) return DecodeStatus.BadFormat;
        DateTimeDecoder decoder = new(buffer, lexemes[..count], context);
        DecodeStatus status = decoder.WalkTime();
        fields = decoder._fields;
        return status;
    }

    private DecodeStatus WalkDateTime(out DateTimeForm form)
    {
        form = DateTimeForm.Fields;
        for (int i = 0; i < _lexemes.Length; i++)
        {
            _found = DateTimeParts.None;
            DecodeStatus status = _lexemes[i].Kind switch
            {
                LexemeKind.Date => TakeDatePiece(Text(i)),
                LexemeKind.Time => TakeTimePiece(Text(i)),
                LexemeKind.Zone => TakeZonePiece(Text(i)),
                LexemeKind.Number => TakeNumberPiece(Text(i), ref form),
                _ => TakeWord(i, ref form),
            };
            if (status != DecodeStatus.Ok) return status;
            if ((_parts & _found) != 0) return DecodeStatus.BadFormat;
            _parts |= _found;
        }
        DecodeStatus check = Validate();
        if (check == DecodeStatus.Ok) check = ApplyMeridiem();
        if (check != DecodeStatus.Ok || form != DateTimeForm.Fields) return check;
        if (!Has(DateTimeParts.Date)) return DecodeStatus.BadFormat;
        return ResolveZone(_fields);
    }

    private DecodeStatus TakeDatePiece(ReadOnlySpan<byte> text)
    {
        if (_label == DateTimeUnit.Julian)
        {
            // A Julian day with a zone right after it.
            _label = DateTimeUnit.None;
            if (!DateTimeNumbers.TryReadInt(text, out int day, out int used) || day < 0) return DecodeStatus.FieldOverflow;
            DecodeStatus zone = ReadZoneOffset(text[used..], out _fields.ZoneWest);
            if (zone != DecodeStatus.Ok) return zone;
            DecodeStatus status = ReadJulian(day, default);
            _found |= DateTimeParts.Time | DateTimeParts.Zone;
            return status;
        }
        if (_label == DateTimeUnit.None && !Has(DateTimeParts.Month | DateTimeParts.Day)) return ReadDate(text, _parts);
        // After a date this is a zone's name, or a run-together time with a zone.
        if (!DateTimeLexer.IsDigit(text[0]) && _label == DateTimeUnit.None) return TakeZoneName(text, isCertain: true);
        if (_label is not (DateTimeUnit.None or DateTimeUnit.IsoTime)) return DecodeStatus.BadFormat;
        _label = DateTimeUnit.None;
        return TakeTimeWithZone(text, _parts);
    }

    /// <summary>hhmmss-zz.</summary>
    private DecodeStatus TakeTimeWithZone(ReadOnlySpan<byte> text, DateTimeParts parts)
    {
        int dash = text.IndexOf((byte)'-');
        if (Has(DateTimeParts.Time) || dash < 0) return DecodeStatus.BadFormat;
        DecodeStatus status = ReadZoneOffset(text[dash..], out _fields.ZoneWest);
        if (status == DecodeStatus.Ok) status = ReadRunTogether(text[..dash], parts);
        _found |= DateTimeParts.Zone;
        return status;
    }

    private DecodeStatus TakeZoneName(ReadOnlySpan<byte> text, bool isCertain)
    {
        _namedZone = ZoneCatalog.Find(text);
        if (_namedZone is null) return isCertain ? throw ZoneCatalog.NotRecognized(text) : DecodeStatus.BadFormat;
        _found = DateTimeParts.Zone;
        return DecodeStatus.Ok;
    }

    private DecodeStatus TakeTimePiece(ReadOnlySpan<byte> text)
    {
        if (_label is not (DateTimeUnit.None or DateTimeUnit.IsoTime)) return DecodeStatus.BadFormat;
        _label = DateTimeUnit.None;
        DecodeStatus status = ReadTime(text);
        return status == DecodeStatus.Ok && TimeOverflows(_fields) ? DecodeStatus.FieldOverflow : status;
    }

    private DecodeStatus TakeZonePiece(ReadOnlySpan<byte> text)
    {
        DecodeStatus status = ReadZoneOffset(text, out int zoneWest);
        if (status != DecodeStatus.Ok) return status;
        _fields.ZoneWest = zoneWest;
        _found = DateTimeParts.Zone;
        return status;
    }

    private DecodeStatus TakeNumberPiece(ReadOnlySpan<byte> text, ref DateTimeForm form)
    {
        if (_label != DateTimeUnit.None)
        {
            form = DateTimeForm.Fields;
            return ReadLabelled(text);
        }
        int point = text.IndexOf((byte)'.');
        bool hasDate = (_parts & DateTimeParts.Date) != 0, hasTime = (_parts & DateTimeParts.Time) != 0;
        if (point >= 0 && !hasDate) return ReadDate(text, _parts);
        if (point > 2 || (point < 0 && text.Length >= 6 && (!hasDate || !hasTime))) return ReadRunTogether(text, _parts);
        return ReadNumber(text, _hasTextMonth, _parts);
    }

    private DecodeStatus TakeWord(int piece, ref DateTimeForm form)
    {
        ReadOnlySpan<byte> text = Text(piece);
        if (TryTakeAbbreviation(text)) return DecodeStatus.Ok;
        DateTimeToken word = DateTimeTokens.FindDateWord(text);
        switch (word.Kind)
        {
            case TokenKind.Ignored: break;
            case TokenKind.Special: TakeSpecial((SpecialTime)word.Value, ref form); break;
            case TokenKind.Month:
                _found = DateTimeParts.Month;
                if ((_parts & (DateTimeParts.Month | DateTimeParts.Day)) == DateTimeParts.Month && !_hasTextMonth && _fields.Month is >= 1 and <= 31)
                {
                    // What was taken for a month was the day.
                    _fields.Day = _fields.Month;
                    _found = DateTimeParts.Day;
                }
                _hasTextMonth = true;
                _fields.Month = word.Value;
                break;
            case TokenKind.DaylightModifier:
                _found = DateTimeParts.DaylightModifier | DateTimeParts.DaylightZone;
                _fields.ZoneWest -= word.Value;
                break;
            case TokenKind.Meridiem: TakeMeridiem(word); break;
            case TokenKind.Era: TakeEra(word); break;
            case TokenKind.Weekday: _found = DateTimeParts.Weekday; break;
            case TokenKind.Unit: _label = (DateTimeUnit)word.Value; break;
            case TokenKind.IsoTime:
                if (!Has(DateTimeParts.Date) || !IsTimeNext(piece)) return DecodeStatus.BadFormat;
                _label = DateTimeUnit.IsoTime;
                break;
            default: return TakeZoneName(text, isCertain: false);
        }
        return DecodeStatus.Ok;
    }

    private readonly bool IsTimeNext(int piece) =>
        piece + 1 < _lexemes.Length && _lexemes[piece + 1].Kind is LexemeKind.Number or LexemeKind.Time or LexemeKind.Date;

    private void TakeMeridiem(DateTimeToken word)
    {
        _found = DateTimeParts.Meridiem;
        _isAfternoon = word.Value == 1;
    }

    private void TakeEra(DateTimeToken word)
    {
        _found = DateTimeParts.Era;
        _isBeforeChrist = word.Value == 1;
    }

    private bool TryTakeAbbreviation(ReadOnlySpan<byte> text)
    {
        if (ZoneAbbreviations.Find(text) is not { } abbreviation) return false;
        _found = DateTimeParts.Zone;
        if (abbreviation.ZoneName is not null)
        {
            _found |= DateTimeParts.DynamicZone;
            _dynamicZone = abbreviation;
            return true;
        }
        if (abbreviation.IsDaylight) _found |= DateTimeParts.DaylightZone;
        _fields.ZoneWest = -abbreviation.OffsetEast;
        _fields.IsDaylight = abbreviation.IsDaylight;
        return true;
    }

    private void TakeSpecial(SpecialTime time, ref DateTimeForm form)
    {
        _found = DateTimeParts.Date;
        switch (time)
        {
            case SpecialTime.Now:
                _fields = Now();
                _found = DateTimeParts.Date | DateTimeParts.Time | DateTimeParts.Zone;
                break;
            case SpecialTime.AllBalls:
                _fields.SetTime(0);
                _fields.ZoneWest = 0;
                _found = DateTimeParts.Time | DateTimeParts.Zone;
                break;
            case SpecialTime.Today or SpecialTime.Tomorrow or SpecialTime.Yesterday:
                int julian = Now().Julian + (time == SpecialTime.Tomorrow ? 1 : time == SpecialTime.Yesterday ? -1 : 0);
                Calendar.FromJulian(julian, out _fields.Year, out _fields.Month, out _fields.Day);
                break;
            default:
                _found = DateTimeParts.Special;
                form = time == SpecialTime.Epoch ? DateTimeForm.Epoch : time == SpecialTime.Early ? DateTimeForm.Early : DateTimeForm.Late;
                return;
        }
        form = DateTimeForm.Fields;
    }

    private readonly DateTimeFields Now() => DateTimeFields.Of(_context.TransactionTimestampMicros, ZoneCatalog.Of(_context.Display));

    /// <summary>Sets the zone's offset from its name, from an abbreviation whose meaning changed, or from the session, as of <paramref name="local"/>.</summary>
    private DecodeStatus ResolveZone(in DateTimeFields local)
    {
        bool hasModifier = (_parts & DateTimeParts.DaylightModifier) != 0;
        Zone? zone = _namedZone ?? ((_parts & DateTimeParts.Zone) == 0 ? ZoneCatalog.Of(_context.Display) : null);
        if (hasModifier && (zone is not null || _dynamicZone is not null)) return DecodeStatus.BadFormat;
        if (zone is not null)
        {
            ZonePeriod period = zone.PeriodOfLocal(local);
            _fields.ZoneWest = -period.OffsetEast;
            _fields.IsDaylight = period.IsDaylight;
        }
        if (_dynamicZone is not null) _fields.ZoneWest = ZoneAbbreviations.OffsetWestOfLocal(_dynamicZone, local, out _fields.IsDaylight);
        return DecodeStatus.Ok;
    }

    private DecodeStatus WalkTime()
    {
        for (int i = 0; i < _lexemes.Length; i++)
        {
            _found = DateTimeParts.None;
            DecodeStatus status = _lexemes[i].Kind switch
            {
                LexemeKind.Date => TakeDateOfTime(i),
                LexemeKind.Time => TakeTimeOfTime(Text(i)),
                LexemeKind.Zone => TakeZonePiece(Text(i)),
                LexemeKind.Number => TakeNumberOfTime(i),
                _ => TakeWordOfTime(i),
            };
            if (status != DecodeStatus.Ok) return status;
            if ((_parts & _found) != 0) return DecodeStatus.BadFormat;
            _parts |= _found;
        }
        DecodeStatus check = Validate();
        if (check == DecodeStatus.Ok) check = ApplyMeridiem();
        if (check != DecodeStatus.Ok) return check;
        if (TimeOverflows(_fields)) return DecodeStatus.FieldOverflow;
        if (!Has(DateTimeParts.Time)) return DecodeStatus.BadFormat;
        return ResolveZoneOfTime();
    }

    private DecodeStatus ResolveZoneOfTime()
    {
        // A zone that never changes needs no date; others need the date given, and without any zone today will do.
        bool hasAnyDate = (_parts & DateTimeParts.Date) != 0;
        if (_namedZone is not null)
        {
            if ((_parts & DateTimeParts.DaylightModifier) != 0) return DecodeStatus.BadFormat;
            if (_namedZone.TryGetFixedOffset(out int east))
            {
                _fields.ZoneWest = -east;
                return DecodeStatus.Ok;
            }
            return Has(DateTimeParts.Date) ? ResolveZone(_fields) : DecodeStatus.BadFormat;
        }
        if (_dynamicZone is null && (_parts & DateTimeParts.Zone) != 0) return DecodeStatus.Ok;
        if (hasAnyDate && !Has(DateTimeParts.Date)) return DecodeStatus.BadFormat;
        DateTimeFields local = _fields;
        if (!hasAnyDate)
        {
            DateTimeFields today = Now();
            (local.Year, local.Month, local.Day) = (today.Year, today.Month, today.Day);
        }
        return ResolveZone(local);
    }

    private DecodeStatus TakeDateOfTime(int piece)
    {
        ReadOnlySpan<byte> text = Text(piece);
        if (piece == 0 && _lexemes.Length >= 2 && (_lexemes[^1].Kind == LexemeKind.Date || _lexemes[1].Kind == LexemeKind.Time)) return ReadDate(text, _parts);
        return DateTimeLexer.IsDigit(text[0]) ? TakeTimeWithZone(text, _parts | DateTimeParts.Date) : TakeZoneName(text, isCertain: true);
    }

    private DecodeStatus TakeTimeOfTime(ReadOnlySpan<byte> text)
    {
        if (_label is not (DateTimeUnit.None or DateTimeUnit.IsoTime)) return DecodeStatus.BadFormat;
        _label = DateTimeUnit.None;
        return ReadTime(text);
    }

    private DecodeStatus TakeNumberOfTime(int piece)
    {
        ReadOnlySpan<byte> text = Text(piece);
        if (_label != DateTimeUnit.None) return ReadLabelled(text);
        int point = text.IndexOf((byte)'.');
        if (point >= 0)
        {
            if (piece == 0 && _lexemes.Length >= 2 && _lexemes[^1].Kind == LexemeKind.Date) return ReadDate(text, _parts);
            return point > 2 ? ReadRunTogether(text, _parts | DateTimeParts.Date) : DecodeStatus.BadFormat;
        }
        return text.Length > 4 ? ReadRunTogether(text, _parts | DateTimeParts.Date) : ReadNumber(text, false, _parts | DateTimeParts.Date);
    }

    private DecodeStatus TakeWordOfTime(int piece)
    {
        ReadOnlySpan<byte> text = Text(piece);
        if (TryTakeAbbreviation(text)) return DecodeStatus.Ok;
        DateTimeToken word = DateTimeTokens.FindDateWord(text);
        switch (word.Kind)
        {
            case TokenKind.Ignored: break;
            case TokenKind.Special when word.Value == (int)SpecialTime.Now:
                _fields.SetTime(Now().TimeMicros);
                _found = DateTimeParts.Time;
                break;
            case TokenKind.Special when word.Value == (int)SpecialTime.AllBalls:
                _fields.SetTime(0);
                _fields.ZoneWest = 0;
                _found = DateTimeParts.Time | DateTimeParts.Zone;
                break;
            case TokenKind.DaylightModifier:
                _found = DateTimeParts.DaylightModifier | DateTimeParts.DaylightZone;
                _fields.ZoneWest -= word.Value;
                break;
            case TokenKind.Meridiem: TakeMeridiem(word); break;
            case TokenKind.Era: TakeEra(word); break;
            case TokenKind.Unit: _label = (DateTimeUnit)word.Value; break;
            case TokenKind.IsoTime when IsTimeNext(piece): _label = DateTimeUnit.IsoTime; break;
            case TokenKind.Unknown: return TakeZoneName(text, isCertain: false);
            default: return DecodeStatus.BadFormat;
        }
        return DecodeStatus.Ok;
    }
}
