using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>How reading a date, a time or an interval ended.</summary>
internal enum DecodeStatus : byte { Ok, BadFormat, FieldOverflow, MonthDayOverflow, IntervalOverflow, ZoneOverflow }

/// <summary>Errors that several date and time functions raise.</summary>
internal static class DateTimeErrors
{
    public static SqlException Of(DecodeStatus status, ReadOnlySpan<byte> text, string typeName)
    {
        string shown = Utf8Text.ToString(text);
        return status switch
        {
            DecodeStatus.FieldOverflow => new SqlException(SqlState.DatetimeFieldOverflow, $"date/time field value out of range: \"{shown}\""),
            DecodeStatus.MonthDayOverflow => new SqlException(SqlState.DatetimeFieldOverflow, $"date/time field value out of range: \"{shown}\"",
                hint: "Perhaps you need a different \"datestyle\" setting."),
            DecodeStatus.IntervalOverflow => new SqlException(SqlState.IntervalFieldOverflow, $"interval field value out of range: \"{shown}\""),
            DecodeStatus.ZoneOverflow => new SqlException(SqlState.InvalidTimeZoneDisplacementValue, $"time zone displacement out of range: \"{shown}\""),
            _ => new SqlException(SqlState.InvalidDatetimeFormat, $"invalid input syntax for type {typeName}: \"{shown}\""),
        };
    }

    public static SqlException TimestampOutOfRange() => new(SqlState.DatetimeFieldOverflow, "timestamp out of range");
    public static SqlException TimestampOutOfRange(ReadOnlySpan<byte> text) => new(SqlState.DatetimeFieldOverflow, $"timestamp out of range: \"{Utf8Text.ToString(text)}\"");
    public static SqlException DateOutOfRange() => new(SqlState.DatetimeFieldOverflow, "date out of range");
    public static SqlException TimeOutOfRange() => new(SqlState.DatetimeFieldOverflow, "time out of range");
    public static SqlException IntervalOutOfRange() => new(SqlState.DatetimeFieldOverflow, "interval out of range");
}
