using Microsoft.Win32.SafeHandles;
using VecSql.Arrow;

namespace VecSql.Storage.Files;

/// <summary>A folder of the local disk.</summary>
public sealed class LocalFileSystem(string root) : IFileSystem
{
    private readonly string _root = Path.GetFullPath(root);

    public IWritableFile Create(string path) => new LocalFile(Full(path), FileMode.CreateNew);

    public IWritableFile OpenForRepair(string path) => new LocalFile(Full(path), FileMode.Open);

    public ArrowSource Map(string path) => MappedFile.Open(Full(path));

    public bool Exists(string path) => File.Exists(Full(path));

    public long LengthOf(string path) => new FileInfo(Full(path)).Length;

    public IReadOnlyList<string> List(string directory)
    {
        string full = Full(directory);
        if (!Directory.Exists(full)) return [];
        string[] names = [.. Directory.EnumerateFileSystemEntries(full).Select(entry => Path.GetFileName(entry)!)];
        Array.Sort(names, StringComparer.Ordinal);
        return names;
    }

    public void CreateDirectory(string directory)
    {
        string full = Full(directory);
        if (Directory.Exists(full)) return;
        string? parent = Path.GetDirectoryName(full);
        if (parent is not null && !Directory.Exists(parent)) CreateDirectory(Path.GetRelativePath(_root, parent));
        Directory.CreateDirectory(full);
        if (parent is not null) Check(NativeCalls.SyncDirectory(parent), parent);
    }

    public bool TryLink(string existing, string name)
    {
        int error = NativeCalls.Link(Full(existing), Full(name));
        if (error == NativeCalls.Exists) return false;
        Check(error, name);
        return true;
    }

    public void Delete(string path) => File.Delete(Full(path));

    public void DeleteDirectory(string directory)
    {
        string full = Full(directory);
        if (Directory.Exists(full)) Directory.Delete(full, recursive: true);
    }

    public void SyncDirectory(string directory)
    {
        int error = NativeCalls.SyncDirectory(Full(directory));
        if (error != 0) throw new SyncFailedException(directory, error);
    }

    public IDisposable? TryLock(string path)
    {
        Directory.CreateDirectory(_root);
        if (NativeCalls.TryLock(Full(path), out int error) is { } held) return held;
        return error == NativeCalls.WouldBlock ? null : throw Failure(error, path);
    }

    private string Full(string path) => Path.Combine(_root, path);

    private static void Check(int error, string path)
    {
        if (error != 0) throw Failure(error, path);
    }

    private static IOException Failure(int error, string path) => error is NativeCalls.NoSpace or NativeCalls.QuotaExceeded
        ? new DiskFullException(path)
        : new IOException($"input/output error {error}: {path}");

    private sealed class LocalFile(string path, FileMode mode) : IWritableFile
    {
        private readonly SafeFileHandle _handle = File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

        public void Write(long offset, ReadOnlySpan<byte> bytes) => Check(NativeCalls.Write(_handle, offset, bytes), path);

        public void Sync()
        {
            int error = NativeCalls.SyncData(_handle);
            if (error != 0) throw new SyncFailedException(path, error);
        }

        public void Truncate(long length) => Check(NativeCalls.Truncate(_handle, length), path);

        public void Dispose() => _handle.Dispose();
    }
}
