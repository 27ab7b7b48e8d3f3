using VecSql.Core.Columns;

namespace VecSql.Core.Functions;

/// <summary>Names of months and days in to_char and to_timestamp (locale C).</summary>
internal static class DateTimeFormatNames
{
    public static readonly string[] Months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
    public static readonly string[] Days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    public static readonly string[] RomanMonths = ["XII", "XI", "X", "IX", "VIII", "VII", "VI", "V", "IV", "III", "II", "I"];

    public static void WriteShort(string name, ByteBuffer output) => output.WriteText(name.AsSpan(0, 3));
}
