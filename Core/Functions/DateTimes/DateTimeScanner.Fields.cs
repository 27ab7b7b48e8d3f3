using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>The walk over template and text. Outside FX mode blanks are skipped before and after fields, and one separator may stand for another.</summary>
internal ref partial struct DateTimeScanner
{
    private static readonly string[] Meridiems = ["AM", "PM"], MeridiemsWithDots = ["A.M.", "P.M."], Eras = ["AD", "BC"], ErasWithDots = ["A.D.", "B.C."];

    private readonly bool AtEnd => _at >= _text.Length;

    private readonly int WidthHere => AtEnd ? 0 : Math.Min(Utf8Text.WidthOf(_text[_at]), _text.Length - _at);

    private void Scan()
    {
        bool isFixed = false;
        // Blanks passed over for which no node of the template has been found yet.
        int skipped = 0;
        ReadOnlySpan<TemplateNode> nodes = _template.Nodes;
        for (int i = 0; i < nodes.Length && !AtEnd; i++)
        {
            ref readonly TemplateNode node = ref nodes[i];
            bool isField = node.Kind == TemplateNodeKind.Field;
            if (!isFixed && (!isField || node.Keyword!.Field != TemplateField.FixedFormat) && (isField || i == 0)) skipped += SkipSpaces();
            if (isField)
            {
                isFixed |= node.Keyword!.Field == TemplateField.FixedFormat;
                ReadField(i, node.Keyword, skipped);
                if (!isFixed) skipped = SkipSpaces();
            }
            else if (isFixed) _at += WidthHere;
            else if (node.Kind == TemplateNodeKind.Character)
            {
                if (skipped > 0) skipped--;
                else _at += WidthHere;
            }
            else
            {
                skipped--;
                if (AtEnd || !(DateTimeLexer.IsSpace(_text[_at]) || DateTimeTemplate.IsSeparator(_text[_at]))) continue;
                _at++;
                skipped++;
            }
        }
    }

    private int SkipSpaces()
    {
        int start = _at;
        while (!AtEnd && DateTimeLexer.IsSpace(_text[_at])) _at++;
        return _at - start;
    }

    private void ReadField(int place, TemplateKeyword keyword, int skipped)
    {
        if (keyword.Convention != DateConvention.Any)
        {
            if (_convention != DateConvention.Any && _convention != keyword.Convention)
                throw new SqlException(SqlState.InvalidDatetimeFormat, "invalid combination of date conventions",
                    hint: "Do not mix Gregorian and ISO week date conventions in a formatting template.");
            _convention = keyword.Convention;
        }
        if (!TryReadName(keyword) && !TryReadClock(place, keyword, skipped)) ReadDateField(place, keyword);
        // TH and th stand for two characters, whichever.
        if (_template.Nodes[place].Ordinal is not null && keyword.IsNumber && keyword.Field != TemplateField.ZoneMinutes)
        {
            _at += WidthHere;
            _at += WidthHere;
        }
    }

    private bool TryReadName(TemplateKeyword keyword)
    {
        switch (keyword.Field)
        {
            case TemplateField.MeridiemDots or TemplateField.Meridiem:
                Set(ref _isAfternoon, FindName(keyword.Field == TemplateField.Meridiem ? Meridiems : MeridiemsWithDots, int.MaxValue, keyword), keyword);
                _isTwelveHours = true;
                return true;
            case TemplateField.EraDots or TemplateField.Era:
                Set(ref _isBeforeChrist, FindName(keyword.Field == TemplateField.Era ? Eras : ErasWithDots, int.MaxValue, keyword), keyword);
                return true;
            case TemplateField.MonthName: Set(ref _month, FindName(DateTimeFormatNames.Months, int.MaxValue, keyword) + 1, keyword); return true;
            case TemplateField.MonthShort: Set(ref _month, FindName(DateTimeFormatNames.Months, 3, keyword) + 1, keyword); return true;
            case TemplateField.RomanMonth: Set(ref _month, 12 - FindName(DateTimeFormatNames.RomanMonths, int.MaxValue, keyword), keyword); return true;
            case TemplateField.DayName or TemplateField.DayShort:
                Set(ref _weekday, FindName(DateTimeFormatNames.Days, keyword.Field == TemplateField.DayShort ? 3 : int.MaxValue, keyword), keyword);
                _weekday++;
                return true;
            case TemplateField.ZoneName or TemplateField.Offset:
                throw new SqlException(SqlState.FeatureNotSupported, $"formatting field \"{keyword.Name}\" is only supported in to_char");
            case TemplateField.FixedFormat: return true;
            default: return false;
        }
    }

    private bool TryReadClock(int place, TemplateKeyword keyword, int skipped)
    {
        switch (keyword.Field)
        {
            case TemplateField.Hour12 or TemplateField.Hour24:
                ReadNumber(ref _hour, 2, place, keyword);
                _isTwelveHours |= keyword.Field == TemplateField.Hour12;
                return true;
            case TemplateField.Minute: ReadNumber(ref _minute, 2, place, keyword); return true;
            case TemplateField.Second: ReadNumber(ref _second, 2, place, keyword); return true;
            case TemplateField.SecondOfDay: ReadNumber(ref _secondOfDay, keyword.Name.Length, place, keyword); return true;
            case TemplateField.Milliseconds:
                _milliseconds = Scaled(ReadNumber(ref _milliseconds, 3, place, keyword), _milliseconds, 3);
                return true;
            case TemplateField.Fraction or TemplateField.Microseconds:
                if (keyword.Field == TemplateField.Fraction) _precision = keyword.Digits;
                _microseconds = Scaled(ReadNumber(ref _microseconds, keyword.Digits, place, keyword), _microseconds, 6);
                return true;
            case TemplateField.ZoneHours:
                ReadZoneSign(skipped);
                ReadNumber(ref _zoneHours, 2, place, keyword);
                return true;
            case TemplateField.ZoneMinutes:
                if (_zoneSign == 0) _zoneSign = 1;
                ReadNumber(ref _zoneMinutes, 2, place, keyword);
                return true;
            default: return false;
        }
    }

    /// <summary>".5" is 500 milliseconds: what wasn't written counts as zeros.</summary>
    private static int Scaled(int digits, int value, int all)
    {
        for (; digits >= 1 && digits < all; digits++) value = unchecked(value * 10);
        return value;
    }

    private void ReadZoneSign(int skipped)
    {
        if (_text[_at] is (byte)'+' or (byte)'-' or (byte)' ') _zoneSign = _text[_at++] == '-' ? -1 : 1;
        else _zoneSign = skipped > 0 && _text[_at - 1] == '-' ? -1 : 1;
    }

    private void ReadDateField(int place, TemplateKeyword keyword)
    {
        int ignored = 0;
        switch (keyword.Field)
        {
            case TemplateField.Month: ReadNumber(ref _month, 2, place, keyword); break;
            case TemplateField.Day: ReadNumber(ref _day, 2, place, keyword); break;
            case TemplateField.DayOfYear or TemplateField.IsoDayOfYear: ReadNumber(ref _dayOfYear, 3, place, keyword); break;
            case TemplateField.DayOfWeek: ReadNumber(ref _weekday, 1, place, keyword); break;
            case TemplateField.IsoDayOfWeek:
                ReadNumber(ref _weekday, 1, place, keyword);
                if (++_weekday > 7) _weekday = 1;
                break;
            case TemplateField.Week or TemplateField.IsoWeek: ReadNumber(ref _week, 2, place, keyword); break;
            case TemplateField.WeekOfMonth: ReadNumber(ref _weekOfMonth, 1, place, keyword); break;
            case TemplateField.Quarter: ReadNumber(ref ignored, 1, place, keyword); break;
            case TemplateField.Century: ReadNumber(ref _century, 2, place, keyword); break;
            case TemplateField.Julian: ReadNumber(ref _julian, 1, place, keyword); break;
            case TemplateField.YearWithComma: ReadYearWithComma(keyword); break;
            case TemplateField.Year or TemplateField.IsoYear:
                int digits = ReadNumber(ref _year, keyword.Digits, place, keyword);
                if (keyword.Digits < 4 && digits < 4) _year = NearTo2020(_year);
                _yearDigits = keyword.Digits;
                break;
        }
    }

    private static int NearTo2020(int year) => year switch { < 70 => year + 2000, < 100 => year + 1900, < 520 => year + 2000, < 1000 => year + 1000, _ => year };

    private void ReadYearWithComma(TemplateKeyword keyword)
    {
        ReadOnlySpan<byte> rest = _text[_at..];
        bool fits = DateTimeNumbers.TryReadInt(rest, out int thousands, out int used);
        if (!fits || used == 0 || used >= rest.Length || rest[used] != ',') throw Invalid();
        ReadOnlySpan<byte> after = rest[(used + 1)..];
        if (!DateTimeNumbers.TryReadInt(after[..Math.Min(3, after.Length)], out int years, out int usedAfter) || usedAfter == 0) throw Invalid();
        Set(ref _year, unchecked(years + thousands * 1000), keyword);
        _yearDigits = 4;
        _at += used + 1 + usedAfter;

        static SqlException Invalid() => new(SqlState.InvalidDatetimeFormat, "invalid input string for \"Y,YYY\"");
    }

    private static void Set(ref int field, int value, TemplateKeyword keyword)
    {
        if (field != 0 && field != value)
            throw new SqlException(SqlState.InvalidDatetimeFormat, $"conflicting values for \"{keyword.Name}\" field in formatting string",
                detail: "This value contradicts a previous setting for the same field type.");
        field = value;
    }

    /// <summary>True if a number may be as long as it likes: what follows in the template is no digit.</summary>
    private readonly bool IsNumberOpen(int place)
    {
        ReadOnlySpan<TemplateNode> nodes = _template.Nodes;
        if (nodes[place].Fill || nodes[place].Ordinal is not null || place + 1 == nodes.Length) return true;
        ref readonly TemplateNode next = ref nodes[place + 1];
        if (next.Kind == TemplateNodeKind.Field) return !next.Keyword!.IsNumber;
        return next.Length != 1 || !DateTimeLexer.IsDigit(_template.TextOf(next)[0]);
    }

    /// <summary>Reads an integer; of <paramref name="length"/> characters exactly, unless the template leaves it open. Returns how many characters it took, with blanks before.</summary>
    private int ReadNumber(ref int field, int length, int place, TemplateKeyword keyword)
    {
        const string FixedWidthHint = "If your source string is not fixed-width, try using the \"FM\" modifier.";
        int start = _at, value;
        SkipSpaces();
        ReadOnlySpan<byte> rest = _text[_at..], shown = rest[..Math.Min(length, rest.Length)];
        bool fits;
        if (IsNumberOpen(place))
        {
            fits = DateTimeNumbers.TryReadInt(rest, out value, out int used);
            _at = used == 0 ? start : _at + used;
        }
        else
        {
            if (rest.Length < length)
                throw new SqlException(SqlState.InvalidDatetimeFormat, $"source string too short for \"{keyword.Name}\" formatting field",
                    detail: $"Field requires {length} characters, but only {rest.Length} remain.", hint: FixedWidthHint);
            fits = DateTimeNumbers.TryReadInt(shown, out value, out int used);
            if (used > 0 && used < length)
                throw new SqlException(SqlState.InvalidDatetimeFormat, $"invalid value \"{Utf8Text.ToString(shown)}\" for \"{keyword.Name}\"",
                    detail: $"Field requires {length} characters, but only {used} could be parsed.", hint: FixedWidthHint);
            _at += used;
        }
        if (_at == start)
            throw new SqlException(SqlState.InvalidDatetimeFormat, $"invalid value \"{Utf8Text.ToString(shown)}\" for \"{keyword.Name}\"", detail: "Value must be an integer.");
        if (!fits)
            throw new SqlException(SqlState.DatetimeFieldOverflow, $"value for \"{keyword.Name}\" in source string is out of range",
                detail: $"Value must be in the range {int.MinValue} to {int.MaxValue}.");
        Set(ref field, value, keyword);
        return _at - start;
    }

    /// <summary>The first name that the text begins with, in any case; of each only the first <paramref name="letters"/> letters count.</summary>
    private int FindName(string[] names, int letters, TemplateKeyword keyword)
    {
        ReadOnlySpan<byte> rest = _text[_at..];
        for (int i = 0; i < names.Length; i++)
        {
            ReadOnlySpan<char> name = names[i].AsSpan(0, Math.Min(letters, names[i].Length));
            int same = 0;
            while (same < name.Length && same < rest.Length && char.ToLowerInvariant(name[same]) == char.ToLowerInvariant((char)rest[same])) same++;
            if (same < name.Length) continue;
            _at += name.Length;
            return i;
        }
        int end = 0;
        while (end < rest.Length && !DateTimeLexer.IsSpace(rest[end])) end++;
        throw new SqlException(SqlState.InvalidDatetimeFormat, $"invalid value \"{Utf8Text.ToString(rest[..end])}\" for \"{keyword.Name}\"",
            detail: "The given value did not match any of the allowed values for this field.");
    }
}
