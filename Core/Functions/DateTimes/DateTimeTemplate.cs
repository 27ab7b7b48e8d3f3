using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>Fields of to_char and to_timestamp templates.</summary>
internal enum TemplateField : byte
{
    None, MeridiemDots, Meridiem, EraDots, Era, Century, DayName, DayShort, DayOfYear, Day, DayOfWeek, Fraction, FixedFormat, Hour24, Hour12, IsoDayOfYear, IsoDayOfWeek, IsoWeek, IsoYear,
    Julian, Minute, Month, MonthName, MonthShort, Milliseconds, Offset, Quarter, RomanMonth, SecondOfDay, Second, ZoneHours, ZoneMinutes, ZoneName, Microseconds, Week, WeekOfMonth,
    YearWithComma, Year,
}

internal enum LetterCase : byte { Upper, Capital, Lower }

/// <summary>Whether a field belongs to dates by months or to dates by ISO weeks.</summary>
internal enum DateConvention : byte { Any, Gregorian, IsoWeek }

/// <summary>A keyword of templates.</summary>
/// <param name="Digits">Of years and fractions: how many.</param>
internal sealed record TemplateKeyword(string Name, TemplateField Field, LetterCase Case, bool IsNumber, DateConvention Convention, int Digits = 0);

internal enum TemplateNodeKind : byte { Field, Space, Separator, Character }

/// <param name="Keyword">Of a field.</param>
/// <param name="Fill">FM: without padding.</param>
/// <param name="Ordinal">TH or th after a number; null if neither.</param>
/// <param name="IsLocal">TM: names in the locale's language, without padding.</param>
/// <param name="Start">Where a character lies in the template's text, in bytes.</param>
/// <param name="Length">Its bytes.</param>
internal readonly record struct TemplateNode(TemplateNodeKind Kind, TemplateKeyword? Keyword, bool Fill, LetterCase? Ordinal, int Start, int Length, bool IsLocal = false);

/// <summary>A template of to_char and to_timestamp, taken apart once. Each thread keeps the last.</summary>
internal sealed class DateTimeTemplate
{
    private static readonly TemplateKeyword[] Keywords = AllKeywords();

    [ThreadStatic]
    private static DateTimeTemplate? _last;

    private readonly byte[] _text;
    private readonly TemplateNode[] _nodes;

    private DateTimeTemplate(byte[] text)
    {
        _text = text;
        _nodes = [.. Split(text)];
    }

    public ReadOnlySpan<TemplateNode> Nodes => _nodes;
    public ReadOnlySpan<byte> TextOf(in TemplateNode node) => _text.AsSpan(node.Start, node.Length);

    public static DateTimeTemplate Of(ReadOnlySpan<byte> text)
    {
        if (_last is null || !text.SequenceEqual(_last._text)) _last = new DateTimeTemplate(text.ToArray());
        return _last;
    }

    private static List<TemplateNode> Split(byte[] text)
    {
        List<TemplateNode> nodes = [];
        int at = 0;
        while (at < text.Length)
        {
            ReadOnlySpan<byte> rest = text.AsSpan(at);
            bool fill = rest.StartsWith("FM"u8) || rest.StartsWith("fm"u8);
            bool isLocal = rest.StartsWith("TM"u8) || rest.StartsWith("tm"u8);
            if (fill || isLocal) at += 2;
            if (at == text.Length) break;
            if (FindKeyword(text.AsSpan(at)) is { } keyword)
            {
                at += keyword.Name.Length;
                rest = text.AsSpan(at);
                LetterCase? ordinal = rest.StartsWith("TH"u8) ? LetterCase.Upper : rest.StartsWith("th"u8) ? LetterCase.Lower : null;
                if (ordinal is not null || rest.StartsWith("SP"u8)) at += 2;
                nodes.Add(new TemplateNode(TemplateNodeKind.Field, keyword, fill, ordinal, 0, 0, isLocal));
            }
            else if (text[at] == '"') at = SplitQuoted(text, at + 1, nodes);
            else
            {
                if (text[at] == '\\' && at + 1 < text.Length && text[at + 1] == '"') at++;
                TemplateNodeKind kind = IsSeparator(text[at]) ? TemplateNodeKind.Separator : DateTimeLexer.IsSpace(text[at]) ? TemplateNodeKind.Space : TemplateNodeKind.Character;
                nodes.Add(CharacterAt(text, ref at, kind));
            }
        }
        return nodes;
    }

    private static int SplitQuoted(byte[] text, int at, List<TemplateNode> nodes)
    {
        while (at < text.Length)
        {
            if (text[at] == '"') return at + 1;
            if (text[at] == '\\' && at + 1 < text.Length) at++;
            nodes.Add(CharacterAt(text, ref at, TemplateNodeKind.Character));
        }
        return at;
    }

    private static TemplateNode CharacterAt(byte[] text, ref int at, TemplateNodeKind kind)
    {
        int start = at;
        at = Math.Min(at + Utf8Text.WidthOf(text[at]), text.Length);
        return new TemplateNode(kind, null, false, null, start, at - start);
    }

    public static bool IsSeparator(byte b) => b is > 0x20 and < 0x7F && !DateTimeLexer.IsLetter(b) && !DateTimeLexer.IsDigit(b);

    private static TemplateKeyword? FindKeyword(ReadOnlySpan<byte> text)
    {
        foreach (TemplateKeyword keyword in Keywords)
        {
            if (text.Length < keyword.Name.Length || text[0] != keyword.Name[0]) continue;
            int i = 1;
            while (i < keyword.Name.Length && text[i] == keyword.Name[i]) i++;
            if (i == keyword.Name.Length) return keyword;
        }
        return null;
    }

    /// <summary>Longer ones before those that they begin with.</summary>
    private static TemplateKeyword[] AllKeywords()
    {
        const DateConvention Any = DateConvention.Any, Gregorian = DateConvention.Gregorian, IsoWeek = DateConvention.IsoWeek;
        (string Name, TemplateField Field, bool IsNumber, DateConvention Convention, int Digits)[] upper =
        [
            ("A.D.", TemplateField.EraDots, false, Any, 0), ("A.M.", TemplateField.MeridiemDots, false, Any, 0), ("AD", TemplateField.Era, false, Any, 0),
            ("AM", TemplateField.Meridiem, false, Any, 0), ("B.C.", TemplateField.EraDots, false, Any, 0), ("BC", TemplateField.Era, false, Any, 0),
            ("CC", TemplateField.Century, true, Any, 0), ("DAY", TemplateField.DayName, false, Any, 0), ("DDD", TemplateField.DayOfYear, true, Gregorian, 0),
            ("DD", TemplateField.Day, true, Gregorian, 0), ("DY", TemplateField.DayShort, false, Any, 0), ("D", TemplateField.DayOfWeek, true, Gregorian, 0),
            ("FF1", TemplateField.Fraction, true, Any, 1), ("FF2", TemplateField.Fraction, true, Any, 2), ("FF3", TemplateField.Fraction, true, Any, 3),
            ("FF4", TemplateField.Fraction, true, Any, 4), ("FF5", TemplateField.Fraction, true, Any, 5), ("FF6", TemplateField.Fraction, true, Any, 6),
            ("FX", TemplateField.FixedFormat, false, Any, 0), ("HH24", TemplateField.Hour24, true, Any, 0), ("HH12", TemplateField.Hour12, true, Any, 0),
            ("HH", TemplateField.Hour12, true, Any, 0), ("IDDD", TemplateField.IsoDayOfYear, true, IsoWeek, 0), ("ID", TemplateField.IsoDayOfWeek, true, IsoWeek, 0),
            ("IW", TemplateField.IsoWeek, true, IsoWeek, 0), ("IYYY", TemplateField.IsoYear, true, IsoWeek, 4), ("IYY", TemplateField.IsoYear, true, IsoWeek, 3),
            ("IY", TemplateField.IsoYear, true, IsoWeek, 2), ("I", TemplateField.IsoYear, true, IsoWeek, 1), ("J", TemplateField.Julian, true, Any, 0),
            ("MI", TemplateField.Minute, true, Any, 0), ("MM", TemplateField.Month, true, Gregorian, 0), ("MONTH", TemplateField.MonthName, false, Gregorian, 0),
            ("MON", TemplateField.MonthShort, false, Gregorian, 0), ("MS", TemplateField.Milliseconds, true, Any, 3), ("OF", TemplateField.Offset, false, Any, 0),
            ("P.M.", TemplateField.MeridiemDots, false, Any, 0), ("PM", TemplateField.Meridiem, false, Any, 0), ("Q", TemplateField.Quarter, true, Any, 0),
            ("RM", TemplateField.RomanMonth, false, Gregorian, 0), ("SSSSS", TemplateField.SecondOfDay, true, Any, 0), ("SSSS", TemplateField.SecondOfDay, true, Any, 0),
            ("SS", TemplateField.Second, true, Any, 0), ("TZH", TemplateField.ZoneHours, false, Any, 0), ("TZM", TemplateField.ZoneMinutes, true, Any, 0),
            ("TZ", TemplateField.ZoneName, false, Any, 0), ("US", TemplateField.Microseconds, true, Any, 6), ("WW", TemplateField.Week, true, Gregorian, 0),
            ("W", TemplateField.WeekOfMonth, true, Gregorian, 0), ("Y,YYY", TemplateField.YearWithComma, true, Gregorian, 4), ("YYYY", TemplateField.Year, true, Gregorian, 4),
            ("YYY", TemplateField.Year, true, Gregorian, 3), ("YY", TemplateField.Year, true, Gregorian, 2), ("Y", TemplateField.Year, true, Gregorian, 1),
        ];
        (string Name, TemplateField Field, DateConvention Convention)[] capital =
            [("Day", TemplateField.DayName, Any), ("Dy", TemplateField.DayShort, Any), ("Month", TemplateField.MonthName, Gregorian), ("Mon", TemplateField.MonthShort, Gregorian)];
        return
        [
            .. capital.Select(k => new TemplateKeyword(k.Name, k.Field, LetterCase.Capital, false, k.Convention)),
            .. upper.Select(k => new TemplateKeyword(k.Name, k.Field, LetterCase.Upper, k.IsNumber, k.Convention, k.Digits)),
            .. upper.Select(k => new TemplateKeyword(k.Name.ToLowerInvariant(), k.Field, LetterCase.Lower, k.IsNumber, k.Convention, k.Digits)),
        ];
    }
}
