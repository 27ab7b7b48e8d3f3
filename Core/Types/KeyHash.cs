using System.Numerics;
using System.Runtime.InteropServices;

namespace VecSql.Core.Types;

/// <summary>Hashes for joins, groups and shards. Shards depend on them: the values are part of the format and never change.</summary>
public static class KeyHash
{
    private const ulong Multiplier = 0x9E37_79B9_7F4A_7C15;

    /// <summary>Hash of a number; equal numbers of different widths hash alike.</summary>
    public static ulong Of(long value)
    {
        ulong x = unchecked((ulong)value + Multiplier);
        x = unchecked((x ^ (x >> 30)) * 0xBF58_476D_1CE4_E5B9);
        x = unchecked((x ^ (x >> 27)) * 0x94D0_49BB_1331_11EB);
        return x ^ (x >> 31);
    }

    /// <summary>Hash of bytes.</summary>
    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        ulong hash = unchecked((ulong)bytes.Length * Multiplier);
        while (bytes.Length >= 8)
        {
            hash = Combine(hash, MemoryMarshal.Read<ulong>(bytes));
            bytes = bytes[8..];
        }
        ulong tail = 0;
        for (int i = 0; i < bytes.Length; i++) tail |= (ulong)bytes[i] << (8 * i);
        return Of(unchecked((long)Combine(hash, tail)));
    }

    /// <summary>Hash of a pair; not commutative.</summary>
    public static ulong Combine(ulong first, ulong second) =>
        unchecked((BitOperations.RotateLeft(first, 23) ^ second) * Multiplier);
}
