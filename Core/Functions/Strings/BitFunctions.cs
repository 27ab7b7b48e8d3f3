using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>bit and varbit: comparison, logic, shifts, cutting, conversion from and to integers.</summary>
internal static class BitFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Strict("biteq", static (in a, r, _) => StringFunctions.Bool(r, Compare(a) == 0));
        library.Strict("bitne", static (in a, r, _) => StringFunctions.Bool(r, Compare(a) != 0));
        library.Strict("bitlt", static (in a, r, _) => StringFunctions.Bool(r, Compare(a) < 0));
        library.Strict("bitle", static (in a, r, _) => StringFunctions.Bool(r, Compare(a) <= 0));
        library.Strict("bitgt", static (in a, r, _) => StringFunctions.Bool(r, Compare(a) > 0));
        library.Strict("bitge", static (in a, r, _) => StringFunctions.Bool(r, Compare(a) >= 0));
        library.Strict("bitcmp", static (in a, r, _) => StringFunctions.Int(r, Math.Sign(Compare(a))));
        library.Strict("bit_and", static (in a, r, _) => Combine(a, r, "AND", static (x, y) => x & y));
        library.Strict("bit_or", static (in a, r, _) => Combine(a, r, "OR", static (x, y) => x | y));
        library.Strict("bitxor", static (in a, r, _) => Combine(a, r, "XOR", static (x, y) => x ^ y));
        library.Strict("bitnot", Not);
        library.Strict("bitshiftleft", static (in a, r, _) => Shift(a.Bytes(0), a.Get<int>(1), Output(r)));
        library.Strict("bitshiftright", static (in a, r, _) => Shift(a.Bytes(0), -(long)a.Get<int>(1), Output(r)));
        library.Strict("bitcat", static (in a, r, _) => Concatenate(a.Bytes(0), 0, Length(a, 0), a.Bytes(1), 0, Length(a, 1), [], 0, 0, Output(r)));
        library.Strict("bitsubstr", static (in a, r, _) => Substring(a.Bytes(0), a.Get<int>(1), a.Get<int>(2), Output(r)));
        library.Strict("bitsubstr_no_len", static (in a, r, _) => Substring(a.Bytes(0), a.Get<int>(1), null, Output(r)));
        library.Strict("bitoverlay", static (in a, r, _) => Overlay(a, a.Get<int>(3), Output(r)));
        library.Strict("bitoverlay_no_len", static (in a, r, _) => Overlay(a, Length(a, 1), Output(r)));
        library.Strict("bitlength", static (in a, r, _) => StringFunctions.Int(r, Length(a, 0)));
        library.Strict("bit_length(bit)", static (in a, r, _) => StringFunctions.Int(r, Length(a, 0)));
        library.Strict("bitoctetlength", static (in a, r, _) => StringFunctions.Int(r, BitType.BytesFor(Length(a, 0))));
        library.Strict("bitposition", static (in a, r, _) => StringFunctions.Int(r, Position(a.Bytes(0), a.Bytes(1))));
        library.Strict("bitgetbit", static (in a, r, _) => StringFunctions.Int(r, BitType.IsSet(a.Bytes(0), Checked(a.Get<int>(1), Length(a, 0))) ? 1 : 0));
        library.Strict("bitsetbit", SetBit);
        library.Strict("bit_bit_count", static (in a, r, _) => ((ColumnBuilder<long>)r).Append(BitType.CountSet(BitType.BitsOf(a.Bytes(0)))));
        library.Strict("bitfromint4", static (in a, r, _) => FromInteger(a.Get<int>(0), a.Get<int>(1), Output(r)));
        library.Strict("bitfromint8", static (in a, r, _) => FromInteger(a.Get<long>(0), a.Get<int>(1), Output(r)));
        library.Strict("bittoint4", static (in a, r, _) => StringFunctions.Int(r, unchecked((int)ToInteger(a.Bytes(0), 32, "integer out of range"))));
        library.Strict("bittoint8", static (in a, r, _) => ((ColumnBuilder<long>)r).Append(unchecked((long)ToInteger(a.Bytes(0), 64, "bigint out of range"))));
        library.Strict("bit", FitBit);
        library.Strict("varbit", FitVarbit);
    }

    private static BytesColumnBuilder Output(ColumnBuilder result) => (BytesColumnBuilder)result;
    private static int Length(in RowArguments arguments, int argument) => BitType.LengthOf(arguments.Bytes(argument));
    private static int Compare(in RowArguments arguments) => BitType.CompareStored(arguments.Bytes(0), arguments.Bytes(1));

    private static void Combine(in RowArguments arguments, ColumnBuilder result, string name, Func<int, int, int> combine)
    {
        ReadOnlySpan<byte> left = arguments.Bytes(0), right = arguments.Bytes(1);
        Output(result).Append(Combine(left, right, name, combine));
    }

    internal static byte[] Combine(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, string name, Func<int, int, int> combine)
    {
        if (BitType.LengthOf(left) != BitType.LengthOf(right)) throw new SqlException(SqlState.StringDataLengthMismatch, $"cannot {name} bit strings of different sizes");
        byte[] combined = left.ToArray();
        for (int i = BitType.HeaderBytes; i < combined.Length; i++) combined[i] = (byte)combine(left[i], right[i]);
        return combined;
    }

    private static void Not(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        ReadOnlySpan<byte> value = arguments.Bytes(0);
        Span<byte> target = Output(result).Output.Take(value.Length);
        value.CopyTo(target);
        for (int i = BitType.HeaderBytes; i < target.Length; i++) target[i] = (byte)~target[i];
        BitType.ClearTail(target);
        Output(result).EndValue();
    }

    private static void Shift(ReadOnlySpan<byte> value, long left, BytesColumnBuilder result)
    {
        int length = BitType.LengthOf(value);
        Span<byte> bits = BitType.Start(length, result.Output);
        for (int i = 0; i < length; i++)
            if (i + left is var from && from >= 0 && from < length && BitType.IsSet(value, (int)from)) Set(bits, i);
        result.EndValue();
    }

    private static void Set(Span<byte> bits, int bit) => bits[bit >> 3] |= (byte)(0x80 >> (bit & 7));

    private static void CopyBits(ReadOnlySpan<byte> from, int start, int count, Span<byte> bits, int at)
    {
        for (int i = 0; i < count; i++)
            if (BitType.IsSet(from, start + i)) Set(bits, at + i);
    }

    private static void Concatenate(ReadOnlySpan<byte> first, int firstStart, int firstCount, ReadOnlySpan<byte> second, int secondStart, int secondCount,
        ReadOnlySpan<byte> third, int thirdStart, int thirdCount, BytesColumnBuilder result)
    {
        Span<byte> bits = BitType.Start(checked(firstCount + secondCount + thirdCount), result.Output);
        CopyBits(first, firstStart, firstCount, bits, 0);
        CopyBits(second, secondStart, secondCount, bits, firstCount);
        CopyBits(third, thirdStart, thirdCount, bits, firstCount + secondCount);
        result.EndValue();
    }

    private static (int Start, int Count) Range(int available, int start, int? length)
    {
        if (length < 0) throw StringFunctions.NegativeLength();
        long from = Math.Max(start, 1) - 1L;
        long to = length is { } l ? Math.Min((long)start - 1 + l, available) : available;
        return from >= to ? (0, 0) : ((int)from, (int)(to - from));
    }

    private static void Substring(ReadOnlySpan<byte> value, int start, int? length, BytesColumnBuilder result)
    {
        (int from, int count) = Range(BitType.LengthOf(value), start, length);
        CopyBits(value, from, count, BitType.Start(count, result.Output), 0);
        result.EndValue();
    }

    private static void Overlay(in RowArguments arguments, int length, BytesColumnBuilder result)
    {
        ReadOnlySpan<byte> value = arguments.Bytes(0), part = arguments.Bytes(1);
        int start = arguments.Get<int>(2);
        if (start <= 0) throw StringFunctions.NegativeLength();
        long next = (long)start + length;
        if (next is > int.MaxValue or < int.MinValue) throw IntegerFunctions.Int4Width.OutOfRange();
        (int headStart, int headCount) = Range(BitType.LengthOf(value), 1, start - 1);
        (int tailStart, int tailCount) = Range(BitType.LengthOf(value), (int)next, null);
        Concatenate(value, headStart, headCount, part, 0, BitType.LengthOf(part), value, tailStart, tailCount, result);
    }

    private static int Position(ReadOnlySpan<byte> value, ReadOnlySpan<byte> part)
    {
        int length = BitType.LengthOf(value), partLength = BitType.LengthOf(part);
        if (length == 0 || partLength > length) return 0;
        if (partLength == 0) return 1;
        for (int at = 0; at + partLength <= length; at++)
        {
            int i = 0;
            while (i < partLength && BitType.IsSet(value, at + i) == BitType.IsSet(part, i)) i++;
            if (i == partLength) return at + 1;
        }
        return 0;
    }

    private static int Checked(int index, int length) => index >= 0 && index < length
        ? index
        : throw new SqlException(SqlState.ArraySubscriptError, $"bit index {index} out of valid range (0..{length - 1})");

    private static void SetBit(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        ReadOnlySpan<byte> value = arguments.Bytes(0);
        int index = Checked(arguments.Get<int>(1), BitType.LengthOf(value)), bit = arguments.Get<int>(2);
        if (bit is not (0 or 1)) throw new SqlException(SqlState.InvalidParameterValue, "new bit must be 0 or 1");
        Span<byte> target = Output(result).Output.Take(value.Length);
        value.CopyTo(target);
        Span<byte> bits = target[BitType.HeaderBytes..];
        if (bit == 1) Set(bits, index);
        else bits[index >> 3] &= (byte)~(0x80 >> (index & 7));
        Output(result).EndValue();
    }

    /// <summary>The low bits; in longer strings the sign goes on to the left.</summary>
    private static void FromInteger(long value, int modifier, BytesColumnBuilder result)
    {
        int length = modifier > 0 ? modifier : 1;
        if (length > StringFunctions.MaxBytes) throw StringFunctions.TooLarge();
        Span<byte> bits = BitType.Start(length, result.Output);
        for (int i = 0; i < length; i++)
            if ((value >> Math.Min(i, 63) & 1) != 0) Set(bits, length - 1 - i);
        result.EndValue();
    }

    private static ulong ToInteger(ReadOnlySpan<byte> value, int width, string error)
    {
        int length = BitType.LengthOf(value);
        if (length > width) throw new SqlException(SqlState.NumericValueOutOfRange, error);
        ulong number = 0;
        for (int i = 0; i < length; i++) number = number << 1 | (BitType.IsSet(value, i) ? 1UL : 0);
        return number;
    }

    private static void FitBit(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        ReadOnlySpan<byte> value = arguments.Bytes(0);
        int length = BitType.LengthOf(value), wanted = arguments.Get<int>(1);
        if (wanted <= 0 || wanted == length)
        {
            Output(result).Append(value);
            return;
        }
        if (!arguments.Get<bool>(2)) throw new SqlException(SqlState.StringDataLengthMismatch, $"bit string length {length} does not match type bit({wanted})");
        CopyBits(value, 0, Math.Min(length, wanted), BitType.Start(wanted, Output(result).Output), 0);
        Output(result).EndValue();
    }

    private static void FitVarbit(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        ReadOnlySpan<byte> value = arguments.Bytes(0);
        int length = BitType.LengthOf(value), wanted = arguments.Get<int>(1);
        if (wanted <= 0 || length <= wanted)
        {
            Output(result).Append(value);
            return;
        }
        if (!arguments.Get<bool>(2)) throw new SqlException(SqlState.StringDataRightTruncation, $"bit string too long for type bit varying({wanted})");
        CopyBits(value, 0, wanted, BitType.Start(wanted, Output(result).Output), 0);
        Output(result).EndValue();
    }
}
