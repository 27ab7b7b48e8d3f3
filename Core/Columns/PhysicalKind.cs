using VecSql.Core.Errors;

namespace VecSql.Core.Columns;

/// <summary>How the values of a type lie in a column's buffers. Persisted in the log: numbers only grow.</summary>
public enum PhysicalKind : byte
{
    /// <summary>One byte a row, 0 or 1. (In Arrow files a bit a row; converted at the segment's edge.)</summary>
    Bool = 1,
    Byte = 2,
    Int16 = 3,
    Int32 = 4,
    Int64 = 5,
    UInt32 = 6,
    Float32 = 7,
    Float64 = 8,

    /// <summary><see cref="IntervalValue"/>, 16 bytes.</summary>
    Interval = 9,

    /// <summary>16 bytes in the order in which they are written (big-endian UUID).</summary>
    Uuid = 10,

    /// <summary><see cref="TimeTzValue"/>, 16 bytes.</summary>
    TimeTz = 11,

    /// <summary>Variable length: 32-bit offsets and one data buffer, or a fixed stride.</summary>
    Bytes = 12,
}

/// <summary>Facts about physical kinds.</summary>
public static class PhysicalKinds
{
    /// <summary>Bytes of one value; 0 for <see cref="PhysicalKind.Bytes"/>.</summary>
    public static int WidthOf(PhysicalKind kind) => kind switch
    {
        PhysicalKind.Bool or PhysicalKind.Byte => 1,
        PhysicalKind.Int16 => 2,
        PhysicalKind.Int32 or PhysicalKind.UInt32 or PhysicalKind.Float32 => 4,
        PhysicalKind.Int64 or PhysicalKind.Float64 => 8,
        PhysicalKind.Interval or PhysicalKind.Uuid or PhysicalKind.TimeTz => 16,
        PhysicalKind.Bytes => 0,
        _ => throw Invariant.Unreachable(kind),
    };

    /// <summary>The kind whose values are <typeparamref name="T"/>.</summary>
    public static PhysicalKind Of<T>() where T : unmanaged
    {
        if (typeof(T) == typeof(bool)) return PhysicalKind.Bool;
        if (typeof(T) == typeof(byte)) return PhysicalKind.Byte;
        if (typeof(T) == typeof(short)) return PhysicalKind.Int16;
        if (typeof(T) == typeof(int)) return PhysicalKind.Int32;
        if (typeof(T) == typeof(long)) return PhysicalKind.Int64;
        if (typeof(T) == typeof(uint)) return PhysicalKind.UInt32;
        if (typeof(T) == typeof(float)) return PhysicalKind.Float32;
        if (typeof(T) == typeof(double)) return PhysicalKind.Float64;
        if (typeof(T) == typeof(IntervalValue)) return PhysicalKind.Interval;
        if (typeof(T) == typeof(UuidValue)) return PhysicalKind.Uuid;
        if (typeof(T) == typeof(TimeTzValue)) return PhysicalKind.TimeTz;
        throw Invariant.Unreachable(typeof(T));
    }
}
