using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>
/// A value of type numeric: mantissa / 10^scale, where the scale is also how many decimals are shown; or NaN, ∞, -∞.
/// <code>
/// How it lies in a BytesColumn (all little-endian); the length says which form it is, and the shortest form that holds the value is the one used:
///   special   1 byte    0: -Infinity, 1: Infinity, 2: NaN
///   narrow    9 bytes   int64 mantissa, byte scale
///   wide     17 bytes   int128 mantissa, byte scale
///   big      4k bytes   uint16 scale, uint16 zero, two's-complement mantissa padded by its sign (k ≥ 2)
/// </code>
/// decimal(15,2) and its like are narrow: they add, subtract, multiply, compare and sum on registers. Products and sums are wide. What is bigger goes through BigInteger.
/// Limits are PostgreSQL's: 131072 digits before the point, 16383 after.
/// </summary>
public readonly struct NumericValue : IComparable<NumericValue>, IEquatable<NumericValue>
{
    internal const int NarrowBytes = 9;
    internal const int WideBytes = 17;
    public const int MaxScale = 16383;
    public const int MaxWholeDigits = 131072;

    private enum Form : byte { Small, Big, NegativeInfinity, PositiveInfinity, NaN }

    private readonly Int128 _small;
    private readonly BigInteger _big;
    private readonly ushort _scale;
    private readonly Form _form;

    private NumericValue(Form form) => _form = form;

    /// <summary>mantissa / 10^scale. The scale is in range.</summary>
    public NumericValue(Int128 mantissa, int scale)
    {
        _small = mantissa;
        _scale = (ushort)scale;
    }

    /// <exception cref="SqlException">22003: more digits than a numeric may have.</exception>
    public NumericValue(BigInteger mantissa, int scale)
    {
        if (scale > MaxScale) throw Overflow();
        _scale = (ushort)scale;
        if (mantissa >= Int128.MinValue && mantissa <= Int128.MaxValue)
        {
            _small = (Int128)mantissa;
            return;
        }
        // log2(10) < 3.33: only what might be too long is counted exactly.
        if (mantissa.GetBitLength() > 435_000 + 3.3 * scale && PowersOfTen.CountDigits(BigInteger.Abs(mantissa)) - scale > MaxWholeDigits) throw Overflow();
        _big = mantissa;
        _form = Form.Big;
    }

    public static NumericValue NaN { get; } = new(Form.NaN);
    public static NumericValue PositiveInfinity { get; } = new(Form.PositiveInfinity);
    public static NumericValue NegativeInfinity { get; } = new(Form.NegativeInfinity);
    public static NumericValue Zero { get; } = new(Int128.Zero, 0);
    public static NumericValue Infinity(bool isNegative) => isNegative ? NegativeInfinity : PositiveInfinity;

    /// <summary>Decimals shown (PostgreSQL's dscale).</summary>
    public int Scale => _scale;
    public bool IsNaN => _form == Form.NaN;
    public bool IsInfinity => _form is Form.PositiveInfinity or Form.NegativeInfinity;
    public bool IsFinite => _form <= Form.Big;
    public bool IsSmall => _form == Form.Small;

    /// <summary>The mantissa if <see cref="IsSmall"/>.</summary>
    public Int128 Small => _small;

    /// <summary>The mantissa of any finite value.</summary>
    public BigInteger Mantissa => _form == Form.Big ? _big : _small;

    /// <summary>-1, 0, 1; 0 for NaN.</summary>
    public int Sign => _form switch
    {
        Form.Small => Int128.Sign(_small),
        Form.Big => _big.Sign,
        Form.PositiveInfinity => 1,
        Form.NegativeInfinity => -1,
        _ => 0,
    };

    public static SqlException Overflow() => new(SqlState.NumericValueOutOfRange, "value overflows numeric format");

    /// <summary>Reads a stored value.</summary>
    public static NumericValue Read(ReadOnlySpan<byte> stored)
    {
        switch (stored.Length)
        {
            case NarrowBytes: return new NumericValue((Int128)BinaryPrimitives.ReadInt64LittleEndian(stored), stored[8]);
            case WideBytes: return new NumericValue(BinaryPrimitives.ReadInt128LittleEndian(stored), stored[16]);
            case 1: return new NumericValue(stored[0] switch { 0 => Form.NegativeInfinity, 1 => Form.PositiveInfinity, _ => Form.NaN });
            default:
                Invariant.Check(stored.Length >= 8);
                return new NumericValue(new BigInteger(stored[4..]), BinaryPrimitives.ReadUInt16LittleEndian(stored));
        }
    }

    /// <summary>Appends the stored form.</summary>
    public void WriteTo(ByteBuffer output)
    {
        if (_form == Form.Small && _scale <= byte.MaxValue) WriteSmall(_small, _scale, output);
        else if (_form == Form.NegativeInfinity) output.WriteByte(0);
        else if (_form == Form.PositiveInfinity) output.WriteByte(1);
        else if (_form == Form.NaN) output.WriteByte(2);
        else WriteBig(output);
    }

    /// <summary>Appends the stored form of a small mantissa with a scale below 256.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void WriteSmall(Int128 mantissa, int scale, ByteBuffer output)
    {
        long low = unchecked((long)mantissa);
        if (low == mantissa) WriteNarrow(low, scale, output);
        else
        {
            Span<byte> wide = output.Take(WideBytes);
            BinaryPrimitives.WriteInt128LittleEndian(wide, mantissa);
            wide[16] = (byte)scale;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void WriteNarrow(long mantissa, int scale, ByteBuffer output)
    {
        Span<byte> narrow = output.Take(NarrowBytes);
        BinaryPrimitives.WriteInt64LittleEndian(narrow, mantissa);
        narrow[8] = (byte)scale;
    }

    private void WriteBig(ByteBuffer output)
    {
        BigInteger mantissa = Mantissa;
        int bytes = mantissa.GetByteCount();
        int padded = (bytes + 3) & ~3;
        Span<byte> target = output.Take(4 + padded);
        BinaryPrimitives.WriteUInt16LittleEndian(target, _scale);
        target[2..4].Clear();
        mantissa.TryWriteBytes(target[4..], out int written);
        target[(4 + written)..].Fill(mantissa.Sign < 0 ? (byte)0xFF : (byte)0);
    }

    /// <summary>The total order of btree: -∞, numbers, ∞, NaN.</summary>
    public int CompareTo(NumericValue other)
    {
        if (_form == Form.Small && other._form == Form.Small && _scale == other._scale) return _small.CompareTo(other._small);
        if (!IsFinite || !other.IsFinite) return Rank().CompareTo(other.Rank());
        int sign = Sign, otherSign = other.Sign;
        if (sign != otherSign) return sign.CompareTo(otherSign);
        if (_scale == other._scale) return Mantissa.CompareTo(other.Mantissa);
        if (IsSmall && other.IsSmall
            && PowersOfTen.TryScale(_small, other._scale - _scale, out Int128 left) && PowersOfTen.TryScale(other._small, _scale - other._scale, out Int128 right))
            return left.CompareTo(right);
        return _scale < other._scale
            ? (Mantissa * PowersOfTen.Big(other._scale - _scale)).CompareTo(other.Mantissa)
            : Mantissa.CompareTo(other.Mantissa * PowersOfTen.Big(_scale - other._scale));
    }

    private int Rank() => _form switch { Form.NegativeInfinity => -1, Form.PositiveInfinity => 1, Form.NaN => 2, _ => 0 };

    public bool Equals(NumericValue other) => CompareTo(other) == 0;
    public override bool Equals(object? obj) => obj is NumericValue other && Equals(other);
    public override int GetHashCode() => NumericType.HashOf(this).GetHashCode();
    public static bool operator ==(NumericValue left, NumericValue right) => left.Equals(right);
    public static bool operator !=(NumericValue left, NumericValue right) => !left.Equals(right);
    public static bool operator <(NumericValue left, NumericValue right) => left.CompareTo(right) < 0;
    public static bool operator >(NumericValue left, NumericValue right) => left.CompareTo(right) > 0;
    public static bool operator <=(NumericValue left, NumericValue right) => left.CompareTo(right) <= 0;
    public static bool operator >=(NumericValue left, NumericValue right) => left.CompareTo(right) >= 0;

    public override string ToString()
    {
        ByteBuffer text = new();
        NumericText.Write(this, text);
        return Utf8Text.ToString(text.WrittenSpan);
    }
}
