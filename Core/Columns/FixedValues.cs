using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace VecSql.Core.Columns;

/// <summary>PostgreSQL's interval: three parts that are not folded into each other.</summary>
/// <param name="Months">Whole months (years are 12).</param>
/// <param name="Days">Whole days.</param>
/// <param name="Micros">Microseconds.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct IntervalValue(int Months, int Days, long Micros);

/// <summary>PostgreSQL's time with time zone.</summary>
/// <param name="Micros">Microseconds since midnight, local.</param>
/// <param name="ZoneSecondsWest">Seconds west of UTC, as on the wire.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct TimeTzValue(long Micros, int ZoneSecondsWest)
{
    private readonly int _padding = 0;
}

/// <summary>A UUID as two big-endian halves, so that comparing the halves compares the bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct UuidValue : IEquatable<UuidValue>, IComparable<UuidValue>
{
    private readonly ulong _first;
    private readonly ulong _second;

    /// <summary>Reads 16 bytes in network order.</summary>
    public UuidValue(ReadOnlySpan<byte> bytes)
    {
        _first = MemoryMarshal.Read<ulong>(bytes);
        _second = MemoryMarshal.Read<ulong>(bytes[8..16]);
    }

    /// <summary>Writes 16 bytes in network order.</summary>
    public void CopyTo(Span<byte> bytes)
    {
        MemoryMarshal.Write(bytes, _first);
        MemoryMarshal.Write(bytes[8..], _second);
    }

    public int CompareTo(UuidValue other)
    {
        int first = BinaryPrimitives.ReverseEndianness(_first).CompareTo(BinaryPrimitives.ReverseEndianness(other._first));
        return first != 0 ? first : BinaryPrimitives.ReverseEndianness(_second).CompareTo(BinaryPrimitives.ReverseEndianness(other._second));
    }

    public bool Equals(UuidValue other) => _first == other._first && _second == other._second;
    public override bool Equals(object? obj) => obj is UuidValue other && Equals(other);
    public override int GetHashCode() => HashCode.Combine(_first, _second);
    public static bool operator ==(UuidValue left, UuidValue right) => left.Equals(right);
    public static bool operator !=(UuidValue left, UuidValue right) => !left.Equals(right);
}
