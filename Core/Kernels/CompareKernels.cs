using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VecSql.Core.Kernels;

/// <summary>One of the six comparisons, by values and by whole vectors.</summary>
public interface IComparison
{
    static abstract bool Holds<T>(T left, T right) where T : INumber<T>;

    /// <summary>All bits of the lanes where it holds.</summary>
    static abstract Vector512<T> Holds<T>(Vector512<T> left, Vector512<T> right);
}

public readonly struct IsEqual : IComparison
{
    public static bool Holds<T>(T left, T right) where T : INumber<T> => left == right;
    public static Vector512<T> Holds<T>(Vector512<T> left, Vector512<T> right) => Vector512.Equals(left, right);
}

public readonly struct IsNotEqual : IComparison
{
    public static bool Holds<T>(T left, T right) where T : INumber<T> => left != right;
    public static Vector512<T> Holds<T>(Vector512<T> left, Vector512<T> right) => ~Vector512.Equals(left, right);
}

public readonly struct IsLess : IComparison
{
    public static bool Holds<T>(T left, T right) where T : INumber<T> => left < right;
    public static Vector512<T> Holds<T>(Vector512<T> left, Vector512<T> right) => Vector512.LessThan(left, right);
}

public readonly struct IsLessOrEqual : IComparison
{
    public static bool Holds<T>(T left, T right) where T : INumber<T> => left <= right;
    public static Vector512<T> Holds<T>(Vector512<T> left, Vector512<T> right) => Vector512.LessThanOrEqual(left, right);
}

public readonly struct IsGreater : IComparison
{
    public static bool Holds<T>(T left, T right) where T : INumber<T> => left > right;
    public static Vector512<T> Holds<T>(Vector512<T> left, Vector512<T> right) => Vector512.GreaterThan(left, right);
}

public readonly struct IsGreaterOrEqual : IComparison
{
    public static bool Holds<T>(T left, T right) where T : INumber<T> => left >= right;
    public static Vector512<T> Holds<T>(Vector512<T> left, Vector512<T> right) => Vector512.GreaterThanOrEqual(left, right);
}

/// <summary>Comparisons of columns of integers, and the step from truth values to row numbers, many rows at a time.</summary>
public static class CompareKernels
{
    /// <summary>Compares row by row. A side of one value is the same in all rows. False, with nothing written, where the processor has no wide vectors: the caller goes row by row.</summary>
    /// <param name="result">As many as there are rows.</param>
    public static bool TryCompare<T, TComparison>(ReadOnlySpan<T> left, ReadOnlySpan<T> right, Span<bool> result)
        where T : unmanaged, INumber<T>
        where TComparison : struct, IComparison
    {
        if (!Vector512.IsHardwareAccelerated || !Bmi2.X64.IsSupported || (left.Length != 1 && left.Length < result.Length) || (right.Length != 1 && right.Length < result.Length)) return false;
        ref T l = ref MemoryMarshal.GetReference(left), r = ref MemoryMarshal.GetReference(right);
        ref byte output = ref Unsafe.As<bool, byte>(ref MemoryMarshal.GetReference(result));
        Vector512<T> leftAll = Vector512.Create(l), rightAll = Vector512.Create(r);
        bool isLeftOne = left.Length == 1, isRightOne = right.Length == 1;
        int lanes = Vector512<T>.Count, row = 0;
        for (; row + lanes <= result.Length; row += lanes)
        {
            Vector512<T> a = isLeftOne ? leftAll : Vector512.LoadUnsafe(ref l, (nuint)row), b = isRightOne ? rightAll : Vector512.LoadUnsafe(ref r, (nuint)row);
            ulong holds = TComparison.Holds(a, b).ExtractMostSignificantBits();
            // A bit becomes a byte of 0 or 1, eight at a time.
            for (int i = 0; i < lanes; i += 8)
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref output, row + i), Bmi2.X64.ParallelBitDeposit(holds >> i, 0x0101_0101_0101_0101));
        }
        for (; row < result.Length; row++) result[row] = TComparison.Holds(left[isLeftOne ? 0 : row], right[isRightOne ? 0 : row]);
        return true;
    }

    /// <summary>Writes the numbers of the rows whose value is true, ascending; returns how many.</summary>
    /// <param name="rows">At least as long as the values.</param>
    public static int WhereTrue(ReadOnlySpan<bool> values, Span<int> rows)
    {
        int count = 0, row = 0;
        if (Avx512F.IsSupported && rows.Length >= values.Length)
        {
            ref byte truth = ref Unsafe.As<bool, byte>(ref MemoryMarshal.GetReference(values));
            ref int output = ref MemoryMarshal.GetReference(rows);
            Vector512<int> numbers = Vector512<int>.Indices;
            for (; row + 16 <= values.Length; row += 16)
            {
                Vector512<int> mask = Vector512.GreaterThan(Avx512F.ConvertToVector512Int32(Vector128.LoadUnsafe(ref truth, (nuint)row)), Vector512<int>.Zero);
                int found = BitOperations.PopCount(mask.ExtractMostSignificantBits());
                // What is written beyond the found ones is overwritten, and lies within the room: no more were found than rows gone through.
                if (found > 0) Avx512F.Compress(Vector512<int>.Zero, mask, numbers + Vector512.Create(row)).StoreUnsafe(ref output, (nuint)count);
                count += found;
            }
        }
        for (; row < values.Length; row++)
        {
            rows[count] = row;
            count += values[row] ? 1 : 0;
        }
        return count;
    }
}
