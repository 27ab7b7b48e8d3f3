using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace VecSql.Core.Types;

/// <summary>
/// A stored sparsevec opened for reading. Its bytes: the dimensions (32 bits), the places of the elements that aren't zero (32 bits each, from 0, ascending), then their
/// values (32-bit floats); all little-endian.
/// </summary>
public readonly ref struct SparseView
{
    internal const int HeaderBytes = sizeof(int), ElementBytes = sizeof(int) + sizeof(float);

    public SparseView(ReadOnlySpan<byte> stored)
    {
        Dimensions = BinaryPrimitives.ReadInt32LittleEndian(stored);
        int places = (stored.Length - HeaderBytes) / ElementBytes * sizeof(int);
        Places = MemoryMarshal.Cast<byte, int>(stored.Slice(HeaderBytes, places));
        Values = MemoryMarshal.Cast<byte, float>(stored[(HeaderBytes + places)..]);
    }

    public int Dimensions { get; }

    /// <summary>Where elements aren't zero, counted from 0, ascending.</summary>
    public ReadOnlySpan<int> Places { get; }

    /// <summary>Their values, finite and not zero.</summary>
    public ReadOnlySpan<float> Values { get; }
    public int Count => Places.Length;

    /// <summary>As pgvector orders them: as if all zeros were written out, element by element, then the one with fewer dimensions first.</summary>
    public static int Compare(SparseView left, SparseView right)
    {
        int common = Math.Min(left.Count, right.Count);
        for (int i = 0; i < common; i++)
        {
            int place = left.Places[i], other = right.Places[i];
            if (place < other) return Math.Sign(left.Values[i]);
            if (place > other) return -Math.Sign(right.Values[i]);
            int order = left.Values[i].CompareTo(right.Values[i]);
            if (order != 0) return order;
        }
        if (left.Count > common && left.Places[common] < right.Dimensions) return Math.Sign(left.Values[common]);
        if (right.Count > common && right.Places[common] < left.Dimensions) return -Math.Sign(right.Values[common]);
        return left.Dimensions.CompareTo(right.Dimensions);
    }
}
