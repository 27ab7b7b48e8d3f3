using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VecSql.Core.Errors;
using VecSql.Storage.Files;
using VecSql.Vectors.Memory;

namespace VecSql.Storage.Indexes;

/// <summary>
/// The sparse rows of an index file: where each begins (64 bits, from the section's start), then the rows as they lie in memory (<see cref="SparseRow"/>). A store of such rows holds
/// their addresses, so opening checks every row and writes those down. The caller keeps the section in place until this is disposed of.
/// </summary>
internal sealed unsafe class SparseRowFile : IDisposable
{
    private void* _rows;

    private SparseRowFile(int count) => _rows = NativeMemory.Alloc((nuint)Math.Max(count, 1), sizeof(long));

    /// <summary>An address for each row: the words of a store.</summary>
    public float* Rows => (float*)_rows;

    /// <summary>Bytes of the section for a store's first rows.</summary>
    public static long LengthOf(GrowableVectorStore store, int count)
    {
        long length = (long)count * sizeof(long);
        for (int node = 0; node < count; node++) length += RowOf(store, node).Bytes.Length;
        return length;
    }

    public static void Write(GrowableVectorStore store, int count, ObjectWriter writer)
    {
        Span<byte> offset = stackalloc byte[sizeof(long)];
        long at = (long)count * sizeof(long);
        for (int node = 0; node < count; node++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(offset, at);
            writer.Write(offset);
            at += RowOf(store, node).Bytes.Length;
        }
        for (int node = 0; node < count; node++) writer.Write(RowOf(store, node).Bytes);
    }

    /// <exception cref="SqlException">XX001: a row doesn't lie within the section, or its places aren't ascending ones of the type.</exception>
    public static SparseRowFile Open(byte* section, long length, int count, int dimensions, string path)
    {
        if (length < (long)count * sizeof(long)) throw Damage.In(path, "it is too short for its rows");
        SparseRowFile? opened = null;
        SparseRowFile file = new(count);
        try
        {
            for (int node = 0; node < count; node++)
            {
                long at = ((long*)section)[node];
                if (at < (long)count * sizeof(long) || at > length - sizeof(int) || at % sizeof(int) != 0) throw Damage.In(path, $"row {node} lies outside");
                int elements = *(int*)(section + at);
                if (elements < 0 || elements > dimensions || elements > (length - at - sizeof(int)) / (sizeof(int) + sizeof(float))) throw Damage.In(path, $"row {node} has {elements} elements");
                ((nint*)file._rows)[node] = (nint)(section + at);
                int last = -1;
                foreach (int place in SparseRow.At((float*)((nint*)file._rows + node)).Places)
                {
                    if (place <= last || place >= dimensions) throw Damage.In(path, $"row {node} has no ascending places");
                    last = place;
                }
            }
            return opened = file;
        }
        finally
        {
            if (opened is null) file.Dispose();
        }
    }

    private static SparseRow RowOf(GrowableVectorStore store, int node)
    {
        fixed (float* words = store[node]) return SparseRow.At(words);
    }

    ~SparseRowFile() => Free();

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.Free(_rows);
        _rows = null;
    }
}
