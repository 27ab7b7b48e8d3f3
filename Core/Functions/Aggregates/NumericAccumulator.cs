using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using VecSql.Core.Columns;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>
/// An exact sum of numerics from which values can be taken out again. Values of one scale add up in an Int128; others, and what would not fit, in a BigInteger.
/// The sum shows as many decimals as the finest value in it.
/// </summary>
internal struct NumericAccumulator
{
    private Int128 _sum;
    private BigInteger _big;
    private Dictionary<int, long>? _otherScales;
    private long _atScale;
    private long _otherCount;
    private long _nan;
    private long _positiveInfinity;
    private long _negativeInfinity;
    private int _scale;
    private int _bigScale;

    /// <summary>Values in the sum.</summary>
    public readonly long Count => _atScale + _otherCount + _nan + _positiveInfinity + _negativeInfinity;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ReadOnlySpan<byte> stored)
    {
        // A narrow value moves the sum by less than 2^63, and wide ones keep it below 2^126: this can't overflow.
        if (stored.Length == NumericValue.NarrowBytes && stored[8] == _scale && _atScale > 0)
        {
            _sum += BinaryPrimitives.ReadInt64LittleEndian(stored);
            _atScale++;
            return;
        }
        Add(NumericValue.Read(stored), 1);
    }

    /// <summary>Adds the value with weight 1 or -1.</summary>
    public void Add(in NumericValue value, int weight)
    {
        if (!value.IsFinite)
        {
            if (value.IsNaN) _nan += weight;
            else if (value.Sign > 0) _positiveInfinity += weight;
            else _negativeInfinity += weight;
            return;
        }
        if (_atScale == 0 && _sum == 0) _scale = value.Scale;
        if (value.Scale == _scale)
        {
            _atScale += weight;
            if (value.IsSmall && Int128.Abs(value.Small >> 1) < Int128.One << 124)
            {
                _sum += weight > 0 ? value.Small : -value.Small;
                if (Int128.Abs(_sum >> 1) >= Int128.One << 125) MoveToBig();
                return;
            }
        }
        else
        {
            _otherCount += weight;
            _otherScales ??= [];
            _otherScales[value.Scale] = _otherScales.GetValueOrDefault(value.Scale) + weight;
        }
        AddBig(weight > 0 ? value.Mantissa : -value.Mantissa, value.Scale);
    }

    private void MoveToBig()
    {
        AddBig(_sum, _scale);
        _sum = 0;
    }

    private void AddBig(BigInteger mantissa, int scale)
    {
        int wider = Math.Max(scale, _bigScale);
        _big = _big * PowersOfTen.Big(wider - _bigScale) + mantissa * PowersOfTen.Big(wider - scale);
        _bigScale = wider;
    }

    public void Merge(in NumericAccumulator other)
    {
        _nan += other._nan;
        _positiveInfinity += other._positiveInfinity;
        _negativeInfinity += other._negativeInfinity;
        MergeScale(other._scale, other._atScale);
        foreach ((int scale, long count) in other._otherScales ?? []) MergeScale(scale, count);
        if (other._scale == _scale)
        {
            // Both are below 2^126.
            _sum += other._sum;
            if (Int128.Abs(_sum >> 1) >= Int128.One << 125) MoveToBig();
        }
        else if (other._sum != 0) AddBig(other._sum, other._scale);
        if (!other._big.IsZero) AddBig(other._big, other._bigScale);
    }

    private void MergeScale(int scale, long count)
    {
        if (count == 0) return;
        if (_atScale == 0 && _sum == 0) _scale = scale;
        if (scale == _scale)
        {
            _atScale += count;
            return;
        }
        _otherCount += count;
        _otherScales ??= [];
        _otherScales[scale] = _otherScales.GetValueOrDefault(scale) + count;
    }

    /// <summary>The sum; of nothing, 0.</summary>
    public readonly NumericValue Value
    {
        get
        {
            if (_nan > 0 || (_positiveInfinity > 0 && _negativeInfinity > 0)) return NumericValue.NaN;
            if (_positiveInfinity > 0) return NumericValue.PositiveInfinity;
            if (_negativeInfinity > 0) return NumericValue.NegativeInfinity;
            int shown = _atScale > 0 ? _scale : 0;
            if (_otherCount > 0)
                foreach ((int scale, long count) in _otherScales!)
                    if (count > 0) shown = Math.Max(shown, scale);
            if (_big.IsZero) return NumericArithmetic.Round(new NumericValue(_sum, _scale), shown);
            int wide = Math.Max(_scale, _bigScale);
            BigInteger total = _big * PowersOfTen.Big(wide - _bigScale) + (BigInteger)_sum * PowersOfTen.Big(wide - _scale);
            return NumericArithmetic.Round(new NumericValue(total, wide), shown);
        }
    }

    public readonly void Save(ByteBuffer output)
    {
        output.WriteInt64LittleEndian(_nan);
        output.WriteInt64LittleEndian(_positiveInfinity);
        output.WriteInt64LittleEndian(_negativeInfinity);
        output.WriteInt32LittleEndian(_scale);
        output.WriteInt64LittleEndian(_atScale);
        BinaryPrimitives.WriteInt128LittleEndian(output.Take(16), _sum);
        output.WriteInt32LittleEndian(_otherScales?.Count ?? 0);
        foreach ((int scale, long count) in _otherScales ?? [])
        {
            output.WriteInt32LittleEndian(scale);
            output.WriteInt64LittleEndian(count);
        }
        byte[] big = _big.ToByteArray();
        output.WriteInt32LittleEndian(_bigScale);
        output.WriteInt32LittleEndian(big.Length);
        output.Write(big);
    }

    /// <summary>Reads what <see cref="Save"/> wrote and moves the span on.</summary>
    public static NumericAccumulator Load(ref ReadOnlySpan<byte> saved)
    {
        NumericAccumulator loaded = new()
        {
            _nan = BinaryPrimitives.ReadInt64LittleEndian(saved), _positiveInfinity = BinaryPrimitives.ReadInt64LittleEndian(saved[8..]),
            _negativeInfinity = BinaryPrimitives.ReadInt64LittleEndian(saved[16..]), _scale = BinaryPrimitives.ReadInt32LittleEndian(saved[24..]),
            _atScale = BinaryPrimitives.ReadInt64LittleEndian(saved[28..]), _sum = BinaryPrimitives.ReadInt128LittleEndian(saved[36..]),
        };
        int scales = BinaryPrimitives.ReadInt32LittleEndian(saved[52..]);
        saved = saved[56..];
        for (int i = 0; i < scales; i++)
        {
            long count = BinaryPrimitives.ReadInt64LittleEndian(saved[4..]);
            (loaded._otherScales ??= []).Add(BinaryPrimitives.ReadInt32LittleEndian(saved), count);
            loaded._otherCount += count;
            saved = saved[12..];
        }
        loaded._bigScale = BinaryPrimitives.ReadInt32LittleEndian(saved);
        int length = BinaryPrimitives.ReadInt32LittleEndian(saved[4..]);
        loaded._big = new BigInteger(saved.Slice(8, length));
        saved = saved[(8 + length)..];
        return loaded;
    }
}
