using VecSql.Arrow;
using VecSql.Vectors.Memory;

namespace VecSql.Storage.Files;

/// <summary>A mapped file as the source of blocks that are read instead of mapped.</summary>
internal sealed class PagedFile(MappedFile file) : IBlockSource
{
    public void Read(long offset, Span<byte> target) => file.Read(offset, target);

    /// <summary>Gives mapped pages back: they were read by something else than searches.</summary>
    public static void Release(ArrowSource source)
    {
        if (source is not MappedFile { LengthBytes: > 0 } file) return;
        try
        {
            using IDisposable hold = file.Pin();
            NativeCalls.Release(file.AddressOf(0, file.LengthBytes), file.LengthBytes);
        }
        catch (ObjectDisposedException)
        {
            // Closed meanwhile: nothing is mapped.
        }
    }

    /// <summary>Where a slice of the file begins in it.</summary>
    public static long OffsetOf(ReadOnlyMemory<byte> slice, MappedFile file) =>
        MappedFile.TryGetAddress(slice, out nint address, out MappedFile? owner) && owner == file ? address - file.AddressOf(0, 0) : throw new InvalidOperationException("a slice of another file");
}
