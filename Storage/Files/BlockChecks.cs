using System.Buffers;
using VecSql.Arrow;
using VecSql.Core.Checksums;
using VecSql.Core.Errors;

namespace VecSql.Storage.Files;

/// <summary>
/// The checksums of a file's blocks, so that what is read of a large file can be verified without reading all of it. Each block is verified once, before the first use of one of its bytes.
/// The checksums themselves come from a file that was verified. Safe for all threads.
/// </summary>
internal sealed class BlockChecks
{
    public const int BlockBytes = 1 << 18;

    private readonly ArrowSource _source;
    private readonly string _path;
    private readonly uint[] _checksums;
    private readonly bool[] _isVerified;

    /// <exception cref="SqlException">XX001: they are not of this file.</exception>
    public BlockChecks(ArrowSource source, string path, uint[] checksums)
    {
        if (checksums.Length != (source.LengthBytes + BlockBytes - 1) / BlockBytes) throw Damage.In(path, $"{checksums.Length} checksums for {source.LengthBytes} bytes");
        (_source, _path, _checksums) = (source, path, checksums);
        _isVerified = new bool[checksums.Length];
    }

    /// <exception cref="SqlException">XX001.</exception>
    public void Verify(long offset, long lengthBytes)
    {
        if (lengthBytes <= 0) return;
        int last = (int)((offset + lengthBytes - 1) / BlockBytes);
        for (int block = (int)(offset / BlockBytes); block <= last; block++)
            if (!Volatile.Read(ref _isVerified[block]))
                VerifyBlock(block);
    }

    private void VerifyBlock(int block)
    {
        long offset = (long)block * BlockBytes;
        ReadOnlyMemory<byte> bytes = _source.Slice(offset, (int)Math.Min(BlockBytes, _source.LengthBytes - offset));
        using MemoryHandle pin = bytes.Pin();
        if (Crc32C.Compute(bytes.Span) != _checksums[block]) throw Damage.In(_path, $"block {block} of {BlockBytes} bytes has another checksum");
        Volatile.Write(ref _isVerified[block], true);
    }
}
