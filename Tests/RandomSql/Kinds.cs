namespace VecSql.Tests.RandomSql;

/// <summary>The types that random statements work with.</summary>
internal enum Kind
{
    Int4, Text, Bool, Int2, Int8, Numeric, Float8, Varchar, Date, Timestamp, TimestampTz, Interval, Uuid, Jsonb, IntArray, TextArray, Bytea,
}

/// <param name="Code">What templates and column names call it.</param>
/// <param name="Sql">The type's name.</param>
/// <param name="Values">Typical and extreme values in text form, few enough to give duplicates.</param>
internal sealed record KindFacts(string Code, string Sql, int Oid, string[] Values)
{
    private static readonly KindFacts[] All =
    [
        new("i", "int4", 23, ["1", "0", "2", "3", "-1", "7", "42", "2147483647", "-2147483648", "100"]),
        new("t", "text", 25, ["a", "", "A", "abc", "aBc", "a b", "ab%c", "_", "ä", "10", " pad ", "zz", "日本", "O'Brien", "b"]),
        new("b", "bool", 16, ["true", "false"]),
        new("s", "int2", 21, ["1", "0", "-1", "2", "3", "32767", "-32768"]),
        new("l", "int8", 20, ["1", "0", "-1", "2", "3", "5000000000", "9223372036854775807", "-9223372036854775808"]),
        new("n", "numeric", 1700, ["1.50", "0", "-1.5", "2", "0.0001", "123456789012345678901234567890.5", "-42.42", "NaN", "3"]),
        new("f", "float8", 701, ["1", "0", "0.5", "-1", "2.25", "-3.75", "1e10", "NaN", "Infinity", "-Infinity"]),
        new("v", "varchar", 1043, ["a", "", "abc", "B", "xyz", "a ", "10"]),
        new("d", "date", 1082, ["2024-01-31", "2024-02-29", "1999-12-31", "2000-01-01", "0044-03-15 BC", "1970-01-01", "infinity"]),
        new("ts", "timestamp", 1114, ["2024-01-31 12:34:56.789", "2024-03-10 02:30:00", "1999-12-31 23:59:59.999999", "2000-01-01 00:00:00", "0044-03-15 12:00:00 BC", "-infinity"]),
        new("tz", "timestamptz", 1184, ["2024-01-31 12:34:56.789+00", "2024-03-10 07:00:00+00", "1999-12-31 23:59:59+05:30", "2000-01-01 00:00:00+00", "infinity"]),
        new("iv", "interval", 1186, ["1 day", "0", "-1 day", "1 mon", "1 year 2 mons 3 days 04:05:06.789", "-00:00:01", "25:00:00"]),
        new("u", "uuid", 2950, ["00000000-0000-0000-0000-000000000000", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "ffffffff-ffff-ffff-ffff-ffffffffffff"]),
        new("j", "jsonb", 3802, ["{}", "[]", "null", "1", "\"a\"", "{\"a\": 1, \"b\": [1, 2, 3]}", "{\"a\": {\"b\": null}}", "[1, \"a\", null]", "true", "{\"b\": 2}"]),
        new("ia", "int4[]", 1007, ["{1}", "{}", "{1,2,3}", "{NULL}", "{3,2,1}", "{1,1,NULL,2}", "{2147483647}"]),
        new("ta", "text[]", 1009, ["{a}", "{}", "{a,b}", "{NULL,a}", "{\"a b\",\"\"}", "{b,a,c}"]),
        new("by", "bytea", 17, ["\\x61", "\\x", "\\x00ff", "\\x616263", "\\xdeadbeef"]),
    ];

    public static readonly Kind[] Kinds = Enum.GetValues<Kind>();

    public static KindFacts Of(Kind kind) => All[(int)kind];

    public static Kind ByCode(string code) => (Kind)Array.FindIndex(All, f => f.Code == code);

    public static string Quote(string value) => $"'{value.Replace("'", "''")}'";
}
