using System.Security.Cryptography;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>bytea: cutting, single bytes and bits, digests.</summary>
internal static class ByteaFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Strict("byteaoctetlen", static (in a, r, _) => StringFunctions.Int(r, a.Bytes(0).Length));
        library.Strict("bit_length(bytea)", static (in a, r, _) => StringFunctions.Int(r, a.Bytes(0).Length * 8));
        library.Strict("byteacat", static (in a, r, _) => StringFunctions.Concatenate(a.Bytes(0), a.Bytes(1), Output(r)));
        library.Strict("byteapos", static (in a, r, _) => StringFunctions.Int(r, a.Bytes(0).IndexOf(a.Bytes(1)) + 1));
        library.Strict("bytea_substr", static (in a, r, _) => Output(r).Append(Substring(a.Bytes(0), a.Get<int>(1), a.Get<int>(2))));
        library.Strict("bytea_substr_no_len", static (in a, r, _) => Output(r).Append(Substring(a.Bytes(0), a.Get<int>(1), null)));
        library.Strict("byteaoverlay", static (in a, r, _) => Overlay(a.Bytes(0), a.Bytes(1), a.Get<int>(2), a.Get<int>(3), Output(r)));
        library.Strict("byteaoverlay_no_len", static (in a, r, _) => Overlay(a.Bytes(0), a.Bytes(1), a.Get<int>(2), a.Bytes(1).Length, Output(r)));
        library.Strict("byteatrim", static (in a, r, _) => Output(r).Append(a.Bytes(0).Trim(a.Bytes(1))));
        library.Strict("bytealtrim", static (in a, r, _) => Output(r).Append(a.Bytes(0).TrimStart(a.Bytes(1))));
        library.Strict("byteartrim", static (in a, r, _) => Output(r).Append(a.Bytes(0).TrimEnd(a.Bytes(1))));
        library.Strict("byteaGetByte", static (in a, r, _) => StringFunctions.Int(r, a.Bytes(0)[Checked(a.Get<int>(1), a.Bytes(0).Length)]));
        library.Strict("byteaSetByte", static (in a, r, _) => SetByte(a.Bytes(0), a.Get<int>(1), a.Get<int>(2), Output(r)));
        library.Strict("byteaGetBit", static (in a, r, _) => GetBit(a.Bytes(0), a.Get<long>(1), r));
        library.Strict("byteaSetBit", static (in a, r, _) => SetBit(a.Bytes(0), a.Get<long>(1), a.Get<int>(2), Output(r)));
        library.Strict("bytea_bit_count", static (in a, r, _) => ((ColumnBuilder<long>)r).Append(BitType.CountSet(a.Bytes(0))));
        library.Strict("md5_text", static (in a, r, _) => Md5(a.Bytes(0), Output(r)));
        library.Strict("md5_bytea", static (in a, r, _) => Md5(a.Bytes(0), Output(r)));
        library.Strict("sha224_bytea", static (in a, r, _) => Output(r).Append(Sha224.Hash(a.Bytes(0))));
        library.Strict("sha256_bytea", static (in a, r, _) => Output(r).Append(SHA256.HashData(a.Bytes(0))));
        library.Strict("sha384_bytea", static (in a, r, _) => Output(r).Append(SHA384.HashData(a.Bytes(0))));
        library.Strict("sha512_bytea", static (in a, r, _) => Output(r).Append(SHA512.HashData(a.Bytes(0))));
    }

    private static BytesColumnBuilder Output(ColumnBuilder result) => (BytesColumnBuilder)result;

    internal static ReadOnlySpan<byte> Substring(ReadOnlySpan<byte> value, int start, int? length)
    {
        if (length < 0) throw StringFunctions.NegativeLength();
        long from = Math.Max(start, 1) - 1L;
        long to = length is { } l ? Math.Min((long)start - 1 + l, value.Length) : value.Length;
        return from >= to ? [] : value[(int)from..(int)to];
    }

    private static void Overlay(ReadOnlySpan<byte> value, ReadOnlySpan<byte> part, int start, int length, BytesColumnBuilder result)
    {
        if (start <= 0) throw StringFunctions.NegativeLength();
        long next = (long)start + length;
        if (next is > int.MaxValue or < int.MinValue) throw IntegerFunctions.Int4Width.OutOfRange();
        result.Output.Write(Substring(value, 1, start - 1));
        result.Output.Write(part);
        result.Append(Substring(value, (int)next, null));
    }

    private static int Checked(long index, long length) => index >= 0 && index < length
        ? (int)index
        : throw new SqlException(SqlState.ArraySubscriptError, $"index {index} out of valid range, 0..{length - 1}");

    private static void SetByte(ReadOnlySpan<byte> value, int index, int newByte, BytesColumnBuilder result)
    {
        Checked(index, value.Length);
        int start = result.Output.Length;
        result.Output.Write(value);
        result.Output.Written[start + index] = unchecked((byte)newByte);
        result.EndValue();
    }

    /// <summary>Bits count from the least significant of each byte.</summary>
    private static void GetBit(ReadOnlySpan<byte> value, long index, ColumnBuilder result)
    {
        if (index < 0 || index >= value.Length * 8L) throw new SqlException(SqlState.ArraySubscriptError, $"index {index} out of valid range, 0..{value.Length * 8L - 1}");
        StringFunctions.Int(result, value[(int)(index >> 3)] >> (int)(index & 7) & 1);
    }

    private static void SetBit(ReadOnlySpan<byte> value, long index, int bit, BytesColumnBuilder result)
    {
        if (index < 0 || index >= value.Length * 8L) throw new SqlException(SqlState.ArraySubscriptError, $"index {index} out of valid range, 0..{value.Length * 8L - 1}");
        if (bit is not (0 or 1)) throw new SqlException(SqlState.InvalidParameterValue, "new bit must be 0 or 1");
        int start = result.Output.Length;
        result.Output.Write(value);
        ref byte target = ref result.Output.Written[start + (int)(index >> 3)];
        int mask = 1 << (int)(index & 7);
        target = (byte)(bit == 1 ? target | mask : target & ~mask);
        result.EndValue();
    }

#pragma warning disable CA5351 // md5() is a function of SQL; nothing here relies on its strength.
    private static void Md5(ReadOnlySpan<byte> value, BytesColumnBuilder result)
    {
        Span<byte> digest = stackalloc byte[MD5.HashSizeInBytes];
        MD5.HashData(value, digest);
        ByteaType.WriteHex(digest, result.Output);
        result.EndValue();
    }
#pragma warning restore CA5351
}
