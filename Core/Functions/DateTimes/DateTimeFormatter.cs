using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>to_char of timestamps, instants and intervals.</summary>
internal readonly ref struct DateTimeFormatter
{
    private readonly ByteBuffer _output;
    private readonly DateTimeFields _fields;
    private readonly long _hour;
    private readonly int _dayOfYear;
    private readonly bool _isInterval;

    private DateTimeFormatter(ByteBuffer output, in DateTimeFields fields, long hour, int dayOfYear, bool isInterval)
    {
        _output = output;
        _fields = fields;
        _hour = hour;
        _dayOfYear = dayOfYear;
        _isInterval = isInterval;
    }

    public static void Register(FunctionLibrary library)
    {
        library.Strict("timestamp_to_char", static (in a, r, _) => Format(a.Get<long>(0), null, a.Bytes(1), (BytesColumnBuilder)r));
        library.Strict("timestamptz_to_char", static (in a, r, c) => Format(a.Get<long>(0), ZoneCatalog.Of(c.Display), a.Bytes(1), (BytesColumnBuilder)r));
        library.Strict("interval_to_char", static (in a, r, _) => Format(a.Get<IntervalValue>(0), a.Bytes(1), (BytesColumnBuilder)r));
    }

    private static void Format(long timestamp, Zone? zone, ReadOnlySpan<byte> template, BytesColumnBuilder result)
    {
        if (template.IsEmpty || !Calendar.IsFinite(timestamp))
        {
            result.AppendNull();
            return;
        }
        DateTimeFields fields = TimestampMath.Take(timestamp, zone);
        new DateTimeFormatter(result.Output, fields, fields.Hour, Calendar.DayOfYear(fields.Year, fields.Month, fields.Day), isInterval: false).Write(DateTimeTemplate.Of(template));
        result.EndValue();
    }

    private static void Format(IntervalValue value, ReadOnlySpan<byte> template, BytesColumnBuilder result)
    {
        if (template.IsEmpty)
        {
            result.AppendNull();
            return;
        }
        DateTimeFields fields = default;
        (fields.Year, fields.Month, fields.Day) = (value.Months / 12, value.Months % 12, value.Days);
        fields.Minute = (int)(value.Micros / Calendar.MicrosPerMinute % 60);
        fields.Second = (int)(value.Micros / Calendar.MicrosPerSecond % 60);
        fields.Micros = (int)(value.Micros % Calendar.MicrosPerSecond);
        int days = unchecked(value.Months * Calendar.DaysPerMonth + value.Days);
        new DateTimeFormatter(result.Output, fields, value.Micros / Calendar.MicrosPerHour, days, isInterval: true).Write(DateTimeTemplate.Of(template));
        result.EndValue();
    }

    private void Write(DateTimeTemplate template)
    {
        foreach (ref readonly TemplateNode node in template.Nodes)
        {
            if (node.Kind != TemplateNodeKind.Field) _output.Write(template.TextOf(node));
            else if (!TryWriteClock(node, node.Keyword!) && !TryWriteZone(node, node.Keyword!) && !TryWriteName(node, node.Keyword!)) WriteDate(node, node.Keyword!);
        }
    }

    private bool TryWriteClock(in TemplateNode node, TemplateKeyword keyword)
    {
        switch (keyword.Field)
        {
            case TemplateField.MeridiemDots or TemplateField.Meridiem:
                bool isAfternoon = _hour % 24 >= 12;
                Cased(keyword.Field == TemplateField.Meridiem ? isAfternoon ? "PM" : "AM" : isAfternoon ? "P.M." : "A.M.", keyword.Case, 0);
                break;
            case TemplateField.Hour12: Number(node, _hour % 12 == 0 ? 12 : _hour % 12, _hour >= 0 ? 2 : 3); break;
            case TemplateField.Hour24: Number(node, _hour, _hour >= 0 ? 2 : 3); break;
            case TemplateField.Minute: Number(node, _fields.Minute, _fields.Minute >= 0 ? 2 : 3); break;
            case TemplateField.Second: Number(node, _fields.Second, _fields.Second >= 0 ? 2 : 3); break;
            case TemplateField.Fraction or TemplateField.Milliseconds or TemplateField.Microseconds:
                int value = _fields.Micros;
                for (int digits = keyword.Digits; digits < 6; digits++) value /= 10;
                // These are padded whatever the template says.
                Number(node with { Fill = false }, value, keyword.Digits);
                break;
            case TemplateField.SecondOfDay: Number(node, _hour * 3600 + _fields.Minute * 60 + _fields.Second, 1); break;
            case TemplateField.FixedFormat: break;
            default: return false;
        }
        return true;
    }

    private bool TryWriteZone(in TemplateNode node, TemplateKeyword keyword)
    {
        int size = Math.Abs(_fields.ZoneWest);
        switch (keyword.Field)
        {
            case TemplateField.ZoneName:
                RefuseInterval();
                if (_fields.ZoneAbbreviation is { } abbreviation) Cased(System.Text.Encoding.ASCII.GetString(abbreviation), keyword.Case == LetterCase.Lower ? LetterCase.Lower : LetterCase.Capital, 0);
                return true;
            case TemplateField.ZoneHours or TemplateField.Offset:
                RefuseInterval();
                _output.WriteByte(_fields.ZoneWest <= 0 ? (byte)'+' : (byte)'-');
                DateTimeWriter.WritePadded(size / 3600, keyword.Field == TemplateField.Offset && node.Fill ? 1 : 2, _output);
                if (keyword.Field == TemplateField.Offset && size % 3600 != 0)
                {
                    _output.WriteByte((byte)':');
                    DateTimeWriter.WritePadded(size % 3600 / 60, 2, _output);
                }
                return true;
            case TemplateField.ZoneMinutes:
                RefuseInterval();
                DateTimeWriter.WritePadded(size % 3600 / 60, 2, _output);
                return true;
            default: return false;
        }
    }

    private bool TryWriteName(in TemplateNode node, TemplateKeyword keyword)
    {
        const int LongestName = 9, LongestRoman = 4;
        int pad = node.Fill || node.IsLocal ? 0 : LongestName;
        switch (keyword.Field)
        {
            case TemplateField.Era or TemplateField.EraDots:
                RefuseInterval();
                Cased(keyword.Field == TemplateField.Era ? _fields.Year <= 0 ? "BC" : "AD" : _fields.Year <= 0 ? "B.C." : "A.D.", keyword.Case, 0);
                return true;
            case TemplateField.MonthName:
                RefuseInterval();
                Cased(DateTimeFormatNames.Months[_fields.Month - 1], keyword.Case, pad);
                return true;
            case TemplateField.MonthShort:
                RefuseInterval();
                Cased(DateTimeFormatNames.Months[_fields.Month - 1].AsSpan(0, 3), keyword.Case, 0);
                return true;
            case TemplateField.DayName:
                RefuseInterval();
                Cased(DateTimeFormatNames.Days[Calendar.DayOfWeek(_fields.Julian)], keyword.Case, pad);
                return true;
            case TemplateField.DayShort:
                RefuseInterval();
                Cased(DateTimeFormatNames.Days[Calendar.DayOfWeek(_fields.Julian)].AsSpan(0, 3), keyword.Case, 0);
                return true;
            case TemplateField.RomanMonth:
                if (_fields.Month == 0 && _fields.Year == 0) return true;
                // Intervals may have negative months, and none stands for twelve.
                int place = _fields.Month == 0 ? _fields.Year >= 0 ? 0 : 11 : _fields.Month < 0 ? -(_fields.Month + 1) : 12 - _fields.Month;
                Cased(DateTimeFormatNames.RomanMonths[place], keyword.Case, node.Fill ? 0 : LongestRoman);
                return true;
            default: return false;
        }
    }

    private void WriteDate(in TemplateNode node, TemplateKeyword keyword)
    {
        int year = _fields.Year;
        switch (keyword.Field)
        {
            case TemplateField.Month: Number(node, _fields.Month, _fields.Month >= 0 ? 2 : 3); break;
            case TemplateField.DayOfYear: Number(node, _dayOfYear, 3); break;
            case TemplateField.IsoDayOfYear: Number(node, Calendar.IsoDayOfYear(year, _fields.Month, _fields.Day), 3); break;
            case TemplateField.Day: Number(node, _fields.Day, 2); break;
            case TemplateField.DayOfWeek or TemplateField.IsoDayOfWeek:
                RefuseInterval();
                int weekday = Calendar.DayOfWeek(_fields.Julian);
                Number(node, keyword.Field == TemplateField.DayOfWeek ? weekday + 1 : (weekday + 6) % 7 + 1, 1);
                break;
            case TemplateField.Week: Number(node, (_dayOfYear - 1) / 7 + 1, 2); break;
            case TemplateField.IsoWeek: Number(node, Calendar.IsoWeekOf(year, _fields.Month, _fields.Day).Week, 2); break;
            case TemplateField.WeekOfMonth: Number(node, (_fields.Day - 1) / 7 + 1, 1); break;
            case TemplateField.Quarter when _fields.Month != 0: Number(node, (_fields.Month - 1) / 3 + 1, 1); break;
            case TemplateField.Century:
                int century = _isInterval ? year / 100 : year > 0 ? (year - 1) / 100 + 1 : year / 100 - 1;
                Number(node, century, century is <= 99 and >= -99 ? century >= 0 ? 2 : 3 : 1);
                break;
            case TemplateField.YearWithComma: WriteYearWithComma(node); break;
            case TemplateField.Year or TemplateField.IsoYear: WriteYear(node, keyword); break;
            case TemplateField.Julian: Number(node, _fields.Julian, 1); break;
        }
    }

    private void WriteYearWithComma(in TemplateNode node)
    {
        int start = _output.Length, year = Shown(_fields.Year);
        _output.WriteFormatted(year / 1000);
        _output.WriteByte((byte)',');
        Signed(year % 1000, 3);
        Ordinal(node, start);
    }

    private void WriteYear(in TemplateNode node, TemplateKeyword keyword)
    {
        int year = Shown(keyword.Field == TemplateField.Year ? _fields.Year : Calendar.IsoWeekOf(_fields.Year, _fields.Month, _fields.Day).Year);
        int modulus = keyword.Digits switch { 1 => 10, 2 => 100, 3 => 1000, _ => int.MaxValue };
        Number(node, year % modulus, keyword.Digits == 1 ? 1 : keyword.Digits + (Shown(_fields.Year) >= 0 ? 0 : 1));
    }

    /// <summary>Years before Christ are shown without a sign.</summary>
    private int Shown(int year) => !_isInterval && year <= 0 ? 1 - year : year;

    private void RefuseInterval()
    {
        if (_isInterval)
            throw new SqlException(SqlState.InvalidDatetimeFormat, "invalid format specification for an interval value", hint: "Intervals are not tied to specific calendar dates.");
    }

    private void Number(in TemplateNode node, long value, int width)
    {
        int start = _output.Length;
        Signed(value, node.Fill ? 0 : width);
        Ordinal(node, start);
    }

    /// <summary>Padded with zeros to a width that counts the sign.</summary>
    private void Signed(long value, int width)
    {
        if (value < 0) _output.WriteByte((byte)'-');
        DateTimeWriter.WritePadded(Math.Abs(value), value < 0 ? width - 1 : width, _output);
    }

    private void Ordinal(in TemplateNode node, int start)
    {
        if (node.Ordinal is not { } letters) return;
        ReadOnlySpan<byte> digits = _output.WrittenSpan[start..];
        bool isTeen = digits.Length > 1 && digits[^2] == '1';
        string ending = isTeen ? "TH" : digits[^1] switch { (byte)'1' => "ST", (byte)'2' => "ND", (byte)'3' => "RD", _ => "TH" };
        Cased(ending, letters, 0);
    }

    /// <summary>An ASCII name in upper or lower case, or as it is, padded with blanks.</summary>
    private void Cased(ReadOnlySpan<char> name, LetterCase letters, int width)
    {
        foreach (char c in name)
            _output.WriteByte((byte)(letters switch { LetterCase.Upper => char.ToUpperInvariant(c), LetterCase.Lower => char.ToLowerInvariant(c), _ => c }));
        for (int i = name.Length; i < width; i++) _output.WriteByte((byte)' ');
    }
}
