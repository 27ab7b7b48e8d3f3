using System.Buffers;
using VecSql.Arrow;
using VecSql.Core.Checksums;
using VecSql.Core.Errors;

namespace VecSql.Storage.Files;

/// <summary>An immutable file with what its parent knows of it.</summary>
/// <param name="Path">Relative to the data folder.</param>
/// <param name="Checksum">CRC-32C of all bytes.</param>
public sealed record ObjectReference(string Path, long SizeBytes, uint Checksum);

/// <summary>
/// Immutable files: written under a temporary name, synced, then given their name if no one has it (put-if-absent), then the name is synced.
/// So a name that can be seen after a crash has its whole content.
/// </summary>
public static class ObjectFiles
{
    public const string TemporarySuffix = ".tmp";

    /// <summary>Puts bytes under the name; false if the name is taken.</summary>
    public static bool TryPut(IFileSystem files, string path, ReadOnlySpan<byte> bytes)
    {
        using var writer = new ObjectWriter(files, path);
        writer.Write(bytes);
        return writer.TryPublish();
    }

    /// <summary>Puts bytes under a name that no one else can have.</summary>
    public static ObjectReference Put(IFileSystem files, string path, ReadOnlySpan<byte> bytes)
    {
        using var writer = new ObjectWriter(files, path);
        writer.Write(bytes);
        return writer.Publish();
    }

    /// <summary>Opens an object of the stated size.</summary>
    /// <exception cref="SqlException">XX001: missing, or of another size.</exception>
    public static ArrowSource Open(IFileSystem files, ObjectReference reference)
    {
        ArrowSource source;
        try
        {
            source = files.Map(reference.Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Damage.In(reference.Path, $"could not be opened: {e.Message}");
        }
        if (source.LengthBytes == reference.SizeBytes) return source;
        long found = source.LengthBytes;
        (source as IDisposable)?.Dispose();
        throw Damage.In(reference.Path, $"has {found} bytes instead of {reference.SizeBytes}");
    }

    /// <summary>Reads every byte and compares the checksum.</summary>
    /// <exception cref="SqlException">XX001.</exception>
    public static void Verify(ArrowSource source, ObjectReference reference)
    {
        uint checksum = ChecksumOf(source);
        if (checksum != reference.Checksum) throw Damage.In(reference.Path, $"has checksum {checksum:X8} instead of {reference.Checksum:X8}");
    }

    public static uint ChecksumOf(ArrowSource source)
    {
        const int Piece = 1 << 22;
        uint checksum = 0;
        for (long offset = 0; offset < source.LengthBytes; offset += Piece)
        {
            int length = (int)Math.Min(Piece, source.LengthBytes - offset);
            ReadOnlyMemory<byte> piece = source.Slice(offset, length);
            // The file may be closed meanwhile, if this runs in the background.
            using MemoryHandle pin = piece.Pin();
            checksum = Crc32C.Append(checksum, piece.Span);
        }
        return checksum;
    }
}

/// <summary>Writes one object in pieces. What isn't published when it is disposed of leaves nothing behind.</summary>
public sealed class ObjectWriter : IDisposable
{
    private readonly IFileSystem _files;
    private readonly string _path;
    private readonly string _temporary;
    private readonly IWritableFile _file;
    private readonly List<uint> _blocks = [];
    private uint _checksum;
    private uint _block;

    public ObjectWriter(IFileSystem files, string path)
    {
        _files = files;
        _path = path;
        _temporary = path + "." + Guid.NewGuid().ToString("N") + ObjectFiles.TemporarySuffix;
        _file = files.Create(_temporary);
    }

    public long Length { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        _file.Write(Length, bytes);
        _checksum = Crc32C.Append(_checksum, bytes);
        while (bytes.Length > 0)
        {
            int now = (int)Math.Min(bytes.Length, BlockChecks.BlockBytes - (Length % BlockChecks.BlockBytes));
            _block = Crc32C.Append(_block, bytes[..now]);
            bytes = bytes[now..];
            Length += now;
            if (Length % BlockChecks.BlockBytes == 0) EndBlock();
        }
    }

    /// <summary>The checksums of the blocks of what was written: for <see cref="BlockChecks"/>. Nothing is written after it.</summary>
    internal uint[] EndBlocks()
    {
        if (Length % BlockChecks.BlockBytes != 0) EndBlock();
        return [.. _blocks];
    }

    private void EndBlock()
    {
        _blocks.Add(_block);
        _block = 0;
    }

    /// <summary>Makes the object durable under its name; false if the name is taken.</summary>
    public bool TryPublish()
    {
        _file.Sync();
        bool isMine = _files.TryLink(_temporary, _path);
        _files.SyncDirectory(DirectoryOf(_path));
        return isMine;
    }

    public ObjectReference Publish()
    {
        if (!TryPublish()) throw new IOException($"file \"{_path}\" exists");
        return new ObjectReference(_path, Length, _checksum);
    }

    public void Dispose()
    {
        _file.Dispose();
        _files.Delete(_temporary);
    }

    internal static string DirectoryOf(string path) => path[..path.LastIndexOf('/')];
}

/// <summary>Reports of damaged files: XX001 with the file's name.</summary>
public static class Damage
{
    public static SqlException In(string path, string what) => new(SqlState.DataCorrupted, $"file \"{path}\" is damaged: {what}");
}
