using System.Text;

namespace VecSql.Core.Types;

/// <summary>What parts of a date, a time or an interval have been read.</summary>
[Flags]
internal enum DateTimeParts
{
    None = 0,
    Special = 1 << 0,
    Month = 1 << 1,
    Year = 1 << 2,
    Day = 1 << 3,
    DayOfYear = 1 << 4,
    Hour = 1 << 5,
    Minute = 1 << 6,
    Second = 1 << 7,
    Millisecond = 1 << 8,
    Microsecond = 1 << 9,
    Zone = 1 << 10,
    DaylightZone = 1 << 11,
    DaylightModifier = 1 << 12,
    DynamicZone = 1 << 13,
    Meridiem = 1 << 14,
    Era = 1 << 15,
    Weekday = 1 << 16,
    Week = 1 << 17,
    Decade = 1 << 18,
    Century = 1 << 19,
    Millennium = 1 << 20,

    AllSeconds = Second | Millisecond | Microsecond,
    Date = Year | Month | Day,
    Time = Hour | Minute | AllSeconds,
}

/// <summary>Units of dates and intervals, and labels before numbers in dates.</summary>
internal enum DateTimeUnit : byte
{
    None, Microsecond, Millisecond, Second, Minute, Hour, Day, Week, Month, Quarter, Year, Decade, Century, Millennium, Julian, DayOfWeek, IsoDayOfWeek, DayOfYear, IsoYear,
    Epoch, Zone, ZoneHour, ZoneMinute, IsoTime,
}

internal enum TokenKind : byte { Unknown, Ignored, Special, Month, Weekday, Era, Meridiem, DaylightModifier, Unit, IsoTime, Ago }

internal enum SpecialTime : byte { Now, Today, Tomorrow, Yesterday, AllBalls, Epoch, Early, Late }

/// <summary>A word of the date and time language; <paramref name="Value"/> depends on the kind: number of the month or weekday, 1 for BC and PM, a unit, a special time.</summary>
internal readonly record struct DateTimeToken(TokenKind Kind, int Value);

/// <summary>The words of PostgreSQL's date, time and interval input, and of extract and date_trunc. Only the first ten characters count.</summary>
internal static class DateTimeTokens
{
    private const int MaxLength = 10;

    private static readonly Table Dates = new(DateWords());
    private static readonly Table Units = new(UnitWords());

    /// <summary>A word of a date, in lower case.</summary>
    public static DateTimeToken FindDateWord(ReadOnlySpan<byte> lower) => Dates.Find(lower);

    /// <summary>A word of an interval or a unit, in lower case.</summary>
    public static DateTimeToken FindUnit(ReadOnlySpan<byte> lower) => Units.Find(lower);

    private static IEnumerable<(string, DateTimeToken)> DateWords()
    {
        foreach ((string word, SpecialTime time) in ((string, SpecialTime)[])[("now", SpecialTime.Now), ("today", SpecialTime.Today), ("tomorrow", SpecialTime.Tomorrow),
            ("yesterday", SpecialTime.Yesterday), ("allballs", SpecialTime.AllBalls), ("epoch", SpecialTime.Epoch), ("-infinity", SpecialTime.Early), ("infinity", SpecialTime.Late)])
            yield return (word, new DateTimeToken(TokenKind.Special, (int)time));
        string[] months = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
        for (int i = 0; i < 12; i++)
        {
            if (months[i].Length > 3) yield return (months[i][..3], new DateTimeToken(TokenKind.Month, i + 1));
            yield return (months[i], new DateTimeToken(TokenKind.Month, i + 1));
        }
        yield return ("sept", new DateTimeToken(TokenKind.Month, 9));
        string[] days = ["sun sunday", "mon monday", "tue tues tuesday", "wed weds wednesday", "thu thur thurs thursday", "fri friday", "sat saturday"];
        for (int i = 0; i < 7; i++)
            foreach (string word in days[i].Split(' ')) yield return (word, new DateTimeToken(TokenKind.Weekday, i));
        foreach ((string word, TokenKind kind, int value) in ((string, TokenKind, int)[])[("ad", TokenKind.Era, 0), ("bc", TokenKind.Era, 1), ("am", TokenKind.Meridiem, 0),
            ("pm", TokenKind.Meridiem, 1), ("at", TokenKind.Ignored, 0), ("on", TokenKind.Ignored, 0), ("dst", TokenKind.DaylightModifier, 3600), ("t", TokenKind.IsoTime, 0)])
            yield return (word, new DateTimeToken(kind, value));
        foreach ((string word, DateTimeUnit unit) in ((string, DateTimeUnit)[])[("d", DateTimeUnit.Day), ("dow", DateTimeUnit.DayOfWeek), ("doy", DateTimeUnit.DayOfYear),
            ("h", DateTimeUnit.Hour), ("isodow", DateTimeUnit.IsoDayOfWeek), ("isoyear", DateTimeUnit.IsoYear), ("j", DateTimeUnit.Julian), ("jd", DateTimeUnit.Julian),
            ("julian", DateTimeUnit.Julian), ("m", DateTimeUnit.Month), ("mm", DateTimeUnit.Minute), ("s", DateTimeUnit.Second), ("y", DateTimeUnit.Year)])
            yield return (word, new DateTimeToken(TokenKind.Unit, (int)unit));
    }

    private static IEnumerable<(string, DateTimeToken)> UnitWords()
    {
        yield return ("@", new DateTimeToken(TokenKind.Ignored, 0));
        yield return ("ago", new DateTimeToken(TokenKind.Ago, 0));
        foreach ((string words, DateTimeUnit unit) in ((string, DateTimeUnit)[])[("c cent centuries century", DateTimeUnit.Century), ("d day days", DateTimeUnit.Day),
            ("dec decade decades decs", DateTimeUnit.Decade), ("h hour hours hr hrs", DateTimeUnit.Hour), ("m min mins minute minutes", DateTimeUnit.Minute),
            ("microsecond us usec useconds usecs microseconds", DateTimeUnit.Microsecond), ("mil millennia millennium mils", DateTimeUnit.Millennium),
            ("millisecond ms msec mseconds msecs", DateTimeUnit.Millisecond), ("mon mons month months", DateTimeUnit.Month), ("qtr quarter", DateTimeUnit.Quarter),
            ("s sec second seconds secs", DateTimeUnit.Second), ("timezone", DateTimeUnit.Zone), ("timezone_hour", DateTimeUnit.ZoneHour), ("timezone_minute", DateTimeUnit.ZoneMinute),
            ("w week weeks", DateTimeUnit.Week), ("y year years yr yrs", DateTimeUnit.Year)])
            foreach (string word in words.Split(' '))
                yield return (word, new DateTimeToken(TokenKind.Unit, (int)unit));
    }

    private sealed class Table
    {
        private readonly byte[][] _words;
        private readonly DateTimeToken[] _tokens;

        public Table(IEnumerable<(string Word, DateTimeToken Token)> words)
        {
            var sorted = words.Select(w => (Word: w.Word.Length > MaxLength ? w.Word[..MaxLength] : w.Word, w.Token))
                .DistinctBy(w => w.Word).OrderBy(w => w.Word, StringComparer.Ordinal).ToArray();
            _words = [.. sorted.Select(w => Encoding.ASCII.GetBytes(w.Word))];
            _tokens = [.. sorted.Select(w => w.Token)];
        }

        public DateTimeToken Find(ReadOnlySpan<byte> word)
        {
            if (word.Length > MaxLength) word = word[..MaxLength];
            int low = 0, high = _words.Length - 1;
            while (low <= high)
            {
                int middle = (low + high) >> 1;
                int order = word.SequenceCompareTo(_words[middle]);
                if (order == 0) return _tokens[middle];
                if (order < 0) high = middle - 1;
                else low = middle + 1;
            }
            return default;
        }
    }
}
