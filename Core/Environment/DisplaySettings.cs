namespace VecSql.Core.Environment;

public enum DateOrder { Ymd, Dmy, Mdy }
public enum DateStyleFormat { Iso, Postgres, Sql, German }
public enum IntervalStyle { Postgres, PostgresVerbose, SqlStandard, Iso8601 }

/// <summary>Settings that shape how values are read and written. Immutable: SET makes a new one.</summary>
public sealed record DisplaySettings
{
    public DateStyleFormat DateFormat { get; init; } = DateStyleFormat.Iso;
    public DateOrder DateOrder { get; init; } = DateOrder.Mdy;
    public IntervalStyle IntervalStyle { get; init; } = IntervalStyle.Postgres;

    /// <summary>The zone's name as <see cref="Types.ZoneCatalog"/> spells it: "Europe/Berlin", "UTC", or a POSIX rule.</summary>
    public string TimeZoneName { get; init; } = "UTC";

    /// <summary>PostgreSQL's extra_float_digits: above 0, floats are written shortest-exact.</summary>
    public int ExtraFloatDigits { get; init; } = 1;

    /// <summary>bytea_output = hex rather than escape.</summary>
    public bool ByteaHex { get; init; } = true;
    public bool StandardConformingStrings { get; init; } = true;
}
