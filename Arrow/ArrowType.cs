using System.Collections.Immutable;

namespace VecSql.Arrow;

/// <summary>Kinds of types; the numbers are those of the union <c>Type</c> in Arrow's Schema.fbs, written to disk.</summary>
public enum ArrowTypeId : byte
{
    Null = 1, Int = 2, Float = 3, Binary = 4, Utf8 = 5, Bool = 6, Decimal = 7, Date = 8, Time = 9, Timestamp = 10, Interval = 11, List = 12, Struct = 13,
    Union = 14, FixedSizeBinary = 15, FixedSizeList = 16, Map = 17, Duration = 18, LargeBinary = 19, LargeUtf8 = 20, LargeList = 21, RunEndEncoded = 22,
    BinaryView = 23, Utf8View = 24, ListView = 25, LargeListView = 26,
}

/// <summary>Numbers of Schema.fbs.</summary>
public enum ArrowTimeUnit : short { Second = 0, Millisecond = 1, Microsecond = 2, Nanosecond = 3 }

/// <summary>
/// Numbers of Schema.fbs. YearMonth: int32 months. DayTime: int32 days, int32 milliseconds. MonthDayNano: int32 months, int32 days, int64 nanoseconds.
/// </summary>
public enum ArrowIntervalUnit : short { YearMonth = 0, DayTime = 1, MonthDayNano = 2 }

/// <summary>Numbers of Schema.fbs.</summary>
public enum ArrowUnionMode : short { Sparse = 0, Dense = 1 }

/// <summary>
/// A logical type without its children (those stand in <see cref="ArrowField.Children"/>). Immutable, equal by value, a closed set:
/// what a type's buffers hold is in <see cref="ArrowLayout"/>.
/// </summary>
public abstract record ArrowType
{
    private ArrowType(ArrowTypeId id) => Id = id;

    public ArrowTypeId Id { get; }

    public static readonly ArrowType Null = new Plain(ArrowTypeId.Null);
    public static readonly ArrowType Bool = new Plain(ArrowTypeId.Bool);
    public static readonly Int Int8 = new(8, true);
    public static readonly Int Int16 = new(16, true);
    public static readonly Int Int32 = new(32, true);
    public static readonly Int Int64 = new(64, true);
    public static readonly Int UInt8 = new(8, false);
    public static readonly Int UInt16 = new(16, false);
    public static readonly Int UInt32 = new(32, false);
    public static readonly Int UInt64 = new(64, false);
    public static readonly ArrowType Float16 = new Float(16);
    public static readonly ArrowType Float32 = new Float(32);
    public static readonly ArrowType Float64 = new Float(64);
    public static readonly ArrowType Utf8 = new Plain(ArrowTypeId.Utf8);
    public static readonly ArrowType Binary = new Plain(ArrowTypeId.Binary);
    public static readonly ArrowType LargeUtf8 = new Plain(ArrowTypeId.LargeUtf8);
    public static readonly ArrowType LargeBinary = new Plain(ArrowTypeId.LargeBinary);
    public static readonly ArrowType Utf8View = new Plain(ArrowTypeId.Utf8View);
    public static readonly ArrowType BinaryView = new Plain(ArrowTypeId.BinaryView);
    /// <summary>int32 days since 1970-01-01.</summary>
    public static readonly ArrowType Date32 = new Date(32);
    /// <summary>int64 milliseconds since 1970-01-01, whole days.</summary>
    public static readonly ArrowType Date64 = new Date(64);
    public static readonly ArrowType List = new Plain(ArrowTypeId.List);
    public static readonly ArrowType LargeList = new Plain(ArrowTypeId.LargeList);
    public static readonly ArrowType ListView = new Plain(ArrowTypeId.ListView);
    public static readonly ArrowType LargeListView = new Plain(ArrowTypeId.LargeListView);
    public static readonly ArrowType Struct = new Plain(ArrowTypeId.Struct);
    /// <summary>Two children: run ends (int16, int32 or int64; no nulls) and values.</summary>
    public static readonly ArrowType RunEndEncoded = new Plain(ArrowTypeId.RunEndEncoded);

    /// <summary>A type that its kind says all about.</summary>
    public sealed record Plain : ArrowType
    {
        internal Plain(ArrowTypeId id) : base(id) { }
    }

    /// <param name="BitWidth">8, 16, 32 or 64.</param>
    public sealed record Int(int BitWidth, bool Signed) : ArrowType(ArrowTypeId.Int);

    /// <param name="BitWidth">16, 32 or 64.</param>
    public sealed record Float(int BitWidth) : ArrowType(ArrowTypeId.Float);

    /// <summary>A two's complement integer, little-endian, scaled by 10^-Scale.</summary>
    /// <param name="Precision">Decimal digits; 38 fit 128 bits, 76 fit 256.</param>
    /// <param name="BitWidth">32, 64, 128 or 256.</param>
    public sealed record Decimal(int Precision, int Scale, int BitWidth = 128) : ArrowType(ArrowTypeId.Decimal);

    /// <param name="BitWidth">32: days; 64: milliseconds.</param>
    public sealed record Date(int BitWidth) : ArrowType(ArrowTypeId.Date);

    /// <summary>Time of day: int32 for seconds and milliseconds, int64 for microseconds and nanoseconds.</summary>
    public sealed record Time(ArrowTimeUnit Unit) : ArrowType(ArrowTypeId.Time);

    /// <summary>int64 units since 1970-01-01T00:00:00: of UTC if there is a time zone, else of an unknown local clock.</summary>
    public sealed record Timestamp(ArrowTimeUnit Unit, string? TimeZone = null) : ArrowType(ArrowTypeId.Timestamp);

    /// <summary>int64 units.</summary>
    public sealed record Duration(ArrowTimeUnit Unit) : ArrowType(ArrowTypeId.Duration);

    public sealed record Interval(ArrowIntervalUnit Unit) : ArrowType(ArrowTypeId.Interval);

    public sealed record FixedSizeBinary(int ByteWidth) : ArrowType(ArrowTypeId.FixedSizeBinary);

    /// <summary>Each row holds exactly ListSize values of the one child, null rows too: a vector column.</summary>
    public sealed record FixedSizeList(int ListSize) : ArrowType(ArrowTypeId.FixedSizeList);

    /// <summary>A list of structs of a key (not null) and a value.</summary>
    public sealed record Map(bool KeysSorted = false) : ArrowType(ArrowTypeId.Map);

    /// <summary>One child per type id (0 to 127), in order.</summary>
    public sealed record Union(ArrowUnionMode Mode, ImmutableArray<int> TypeIds) : ArrowType(ArrowTypeId.Union)
    {
        public bool Equals(Union? other) => other is not null && Mode == other.Mode && TypeIds.AsSpan().SequenceEqual(other.TypeIds.AsSpan());
        public override int GetHashCode() => HashCode.Combine(Mode, TypeIds.Length);
    }

    /// <summary>The name for messages: "int32", "timestamp(Microsecond, UTC)".</summary>
    public sealed override string ToString() => this switch
    {
        Int i => $"{(i.Signed ? "int" : "uint")}{i.BitWidth}",
        Float f => $"float{f.BitWidth}",
        Decimal d => $"decimal{d.BitWidth}({d.Precision}, {d.Scale})",
        Date d => $"date{d.BitWidth}",
        Time t => $"time({t.Unit})",
        Timestamp t => t.TimeZone is null ? $"timestamp({t.Unit})" : $"timestamp({t.Unit}, {t.TimeZone})",
        Duration d => $"duration({d.Unit})",
        Interval i => $"interval({i.Unit})",
        FixedSizeBinary b => $"fixedsizebinary({b.ByteWidth})",
        FixedSizeList l => $"fixedsizelist({l.ListSize})",
        Union u => $"{u.Mode} union".ToLowerInvariant(),
        _ => Id.ToString().ToLowerInvariant(),
    };
}
