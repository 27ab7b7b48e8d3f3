using System.Buffers.Binary;
using System.Numerics;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>
/// bit(n) and bit varying(n). Stored as on the wire: the number of bits (32 bits, big-endian), then the bits from the most significant of the first byte on; unused
/// bits at the end are 0.
/// </summary>
internal sealed class BitType(bool isVarying) : BytesType
{
    public const int HeaderBytes = 4;
    private const int MaxBits = 83886080;

    /// <summary>Number of bits of a stored value.</summary>
    public static int LengthOf(ReadOnlySpan<byte> stored) => BinaryPrimitives.ReadInt32BigEndian(stored);
    public static ReadOnlySpan<byte> BitsOf(ReadOnlySpan<byte> stored) => stored[HeaderBytes..];
    public static int BytesFor(int bits) => (bits + 7) / 8;
    public static bool IsSet(ReadOnlySpan<byte> stored, int bit) => (stored[HeaderBytes + (bit >> 3)] >> (7 - (bit & 7)) & 1) != 0;

    /// <summary>Starts a value of so many bits, all 0; gives its bytes.</summary>
    public static Span<byte> Start(int bits, ByteBuffer output)
    {
        output.WriteInt32BigEndian(bits);
        Span<byte> bytes = output.Take(BytesFor(bits));
        bytes.Clear();
        return bytes;
    }

    /// <summary>Writes a value with a bit for each element above zero.</summary>
    public static void WritePositive<T>(ReadOnlySpan<T> elements, BytesColumnBuilder result) where T : INumber<T>
    {
        Span<byte> bits = Start(elements.Length, result.Output);
        for (int i = 0; i < elements.Length; i++)
            if (elements[i] > T.Zero) bits[i >> 3] |= (byte)(0x80 >> (i & 7));
        result.EndValue();
    }

    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context)
    {
        bool isHex = utf8.Length > 0 && utf8[0] is (byte)'x' or (byte)'X';
        ReadOnlySpan<byte> digits = utf8.Length > 0 && utf8[0] is (byte)'b' or (byte)'B' or (byte)'x' or (byte)'X' ? utf8[1..] : utf8;
        int length = isHex ? digits.Length * 4 : digits.Length;
        if (length > MaxBits) throw TooLong();
        CheckLength(length, type.Modifier);
        ByteBuffer output = ((BytesColumnBuilder)result).Output;
        int start = output.Length;
        Span<byte> bits = Start(length, output);
        for (int i = 0; i < digits.Length; i++)
        {
            int digit = isHex ? ByteaType.HexValue(digits[i]) : digits[i] is (byte)'0' or (byte)'1' ? digits[i] - '0' : -1;
            if (digit < 0)
            {
                output.Truncate(start);
                string shown = Utf8Text.ToString(digits.Slice(i, Math.Min(Utf8Text.WidthOf(digits[i]), digits.Length - i)));
                throw new SqlException(SqlState.InvalidTextRepresentation, $"\"{shown}\" is not a valid {(isHex ? "hexadecimal" : "binary")} digit");
            }
            if (isHex) bits[i >> 1] |= (byte)(digit << ((i & 1) == 0 ? 4 : 0));
            else bits[i >> 3] |= (byte)(digit << (7 - (i & 7)));
        }
        ((BytesColumnBuilder)result).EndValue();
    }

    private static SqlException TooLong() => new(SqlState.ProgramLimitExceeded, "bit string length exceeds the maximum allowed (2147483640)");

    private void CheckLength(int length, int modifier)
    {
        if (modifier < 0) return;
        if (isVarying && length > modifier) throw new SqlException(SqlState.StringDataRightTruncation, $"bit string too long for type bit varying({modifier})");
        if (!isVarying && length != modifier)
            throw new SqlException(SqlState.StringDataLengthMismatch, $"bit string length {length} does not match type bit({modifier})");
    }

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context)
    {
        ReadOnlySpan<byte> value = ValueAt(column, row);
        Span<byte> text = output.Take(LengthOf(value));
        for (int i = 0; i < text.Length; i++) text[i] = IsSet(value, i) ? (byte)'1' : (byte)'0';
    }

    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context)
    {
        if (bytes.Length < HeaderBytes) throw new SqlException(SqlState.ProtocolViolation, "insufficient data left in message");
        int length = LengthOf(bytes);
        if (length is < 0 or > MaxBits) throw new SqlException(SqlState.InvalidBinaryRepresentation, "invalid length in external bit string");
        CheckLength(length, type.Modifier);
        if (bytes.Length < HeaderBytes + BytesFor(length)) throw new SqlException(SqlState.ProtocolViolation, "insufficient data left in message");
        if (bytes.Length > HeaderBytes + BytesFor(length)) throw new SqlException(SqlState.InvalidBinaryRepresentation, "incorrect binary data format");
        ByteBuffer output = ((BytesColumnBuilder)result).Output;
        int start = output.Length;
        output.Write(bytes);
        ClearTail(output.Written[start..]);
        ((BytesColumnBuilder)result).EndValue();
    }

    /// <summary>Sets the unused bits of the last byte to 0.</summary>
    public static void ClearTail(Span<byte> stored)
    {
        int used = LengthOf(stored) & 7;
        if (used != 0) stored[^1] &= (byte)(0xFF << (8 - used));
    }

    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => output.Write(ValueAt(column, row));

    /// <summary>By bits, then by length.</summary>
    public static int CompareStored(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int bits = BitsOf(left).SequenceCompareTo(BitsOf(right));
        if (BitsOf(left).Length == BitsOf(right).Length || bits == 0) return bits != 0 ? bits : LengthOf(left).CompareTo(LengthOf(right));
        return bits;
    }

    public override int Compare(Column left, int leftRow, Column right, int rightRow) => CompareStored(ValueAt(left, leftRow), ValueAt(right, rightRow));

    public override void EncodeKey(Column column, int row, ByteBuffer key)
    {
        ReadOnlySpan<byte> value = ValueAt(column, row);
        WriteKey(BitsOf(value), key);
        key.WriteInt32BigEndian(LengthOf(value));
    }

    public override int ParseModifier(ReadOnlySpan<int> arguments, string typeName)
    {
        string name = isVarying ? "varbit" : "bit";
        if (arguments.Length != 1) throw new SqlException(SqlState.InvalidParameterValue, "invalid type modifier");
        if (arguments[0] < 1) throw new SqlException(SqlState.InvalidParameterValue, $"length for type {name} must be at least 1");
        if (arguments[0] > MaxBits) throw new SqlException(SqlState.InvalidParameterValue, $"length for type {name} cannot exceed {MaxBits}");
        return arguments[0];
    }

    public override string FormatModifier(int modifier) => modifier >= 0 ? $"({modifier})" : "";

    /// <summary>Bits that are 1.</summary>
    public static long CountSet(ReadOnlySpan<byte> bytes)
    {
        long count = 0;
        foreach (byte b in bytes) count += BitOperations.PopCount(b);
        return count;
    }
}
