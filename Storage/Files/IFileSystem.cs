using VecSql.Arrow;

namespace VecSql.Storage.Files;

/// <summary>
/// The files of a data folder, as storage needs them. Paths are relative to the folder, with '/'. What is written becomes durable by
/// <see cref="IWritableFile.Sync"/>, a name by <see cref="SyncDirectory"/>: tests put an implementation here that forgets whatever was not synced.
/// Errors: <see cref="DiskFullException"/> for a full disk, <see cref="IOException"/> otherwise. Safe for all threads.
/// </summary>
public interface IFileSystem
{
    /// <summary>A new empty file for writing.</summary>
    /// <exception cref="IOException">It exists.</exception>
    IWritableFile Create(string path);

    /// <summary>An existing file for writing: only to cut a torn tail.</summary>
    IWritableFile OpenForRepair(string path);

    /// <summary>The bytes of a file that is no longer written, in place. Disposed of by its owner after the last use, if it is disposable.</summary>
    ArrowSource Map(string path);

    bool Exists(string path);
    long LengthOf(string path);

    /// <summary>Names in a directory, in ordinal order; none if it doesn't exist.</summary>
    IReadOnlyList<string> List(string directory);
    void CreateDirectory(string directory);

    /// <summary>Gives a file a second name; false if that name is taken. Atomic (link(2)): the base of put-if-absent.</summary>
    bool TryLink(string existing, string name);
    void Delete(string path);

    /// <summary>Removes a directory with all that is in it.</summary>
    void DeleteDirectory(string directory);

    /// <summary>Makes the names in a directory durable.</summary>
    void SyncDirectory(string directory);

    /// <summary>Takes the folder's lock until disposed; null if another process has it.</summary>
    IDisposable? TryLock(string path);
}

/// <summary>A file being written. Used by one thread at a time, but <see cref="Sync"/> may run beside <see cref="Write"/>.</summary>
public interface IWritableFile : IDisposable
{
    /// <summary>Writes all bytes at the offset. After an exception any part of them may be there.</summary>
    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Makes content and length durable.</summary>
    /// <exception cref="SyncFailedException">They may be lost, and asking again proves nothing: the process must stop.</exception>
    void Sync();
    void Truncate(long length);
}

/// <summary>No room on the device, or the quota is used up.</summary>
public sealed class DiskFullException(string path) : IOException($"no space left on device: {path}");

/// <summary>A sync that failed: the system may have dropped the bytes and will report success from now on.</summary>
public sealed class SyncFailedException(string path, int error) : IOException($"could not sync \"{path}\": error {error}");
