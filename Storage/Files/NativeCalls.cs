using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace VecSql.Storage.Files;

/// <summary>
/// The system calls that the library gets wrong or lacks: its fsync swallows errors, its move without overwriting is not atomic, and it can't sync a directory.
/// Linux only, like the durability promises that rest on them.
/// </summary>
internal static partial class NativeCalls
{
    public const int Exists = 17;
    public const int NoSpace = 28;
    public const int WouldBlock = 11;
    public const int Interrupted = 4;
    public const int QuotaExceeded = 122;
    private const int ReadOnlyDirectory = 0x10000 | 0x80000; // O_DIRECTORY | O_CLOEXEC
    private const int LockExclusiveNonBlocking = 2 | 4;
    private const int ReadWriteCreate = 0x2 | 0x40 | 0x80000; // O_RDWR | O_CREAT | O_CLOEXEC
    private const int OwnerOnly = 0x180; // 0600

    private const int ThreadCpuClock = 3; // CLOCK_THREAD_CPUTIME_ID

    /// <summary>fdatasync(2); the error number, 0 if it worked.</summary>
    public static int SyncData(SafeFileHandle file) => Retry(() => FDataSync(file));

    /// <summary>fsync(2) of a directory; the error number, 0 if it worked.</summary>
    public static int SyncDirectory(string path)
    {
        int descriptor = Open(path, ReadOnlyDirectory, 0);
        if (descriptor < 0) return Marshal.GetLastPInvokeError();
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        return Retry(() => FSync(handle));
    }

    /// <summary>link(2); the error number, 0 if it worked.</summary>
    public static int Link(string existing, string name) => LinkPaths(existing, name) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>
    /// flock(2), exclusive, not waiting, of a file that is made if need be; null if another has it. The library's own open takes part in flock and would throw.
    /// </summary>
    public static SafeFileHandle? TryLock(string path, out int error)
    {
        error = 0;
        int descriptor = Open(path, ReadWriteCreate, OwnerOnly);
        if (descriptor < 0)
        {
            error = Marshal.GetLastPInvokeError();
            return null;
        }
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        error = Retry(() => FLock(handle, LockExclusiveNonBlocking));
        if (error == 0) return handle;
        handle.Dispose();
        return null;
    }

    /// <summary>pwrite(2) of all bytes; the error number, 0 if it worked.</summary>
    public static int Write(SafeFileHandle file, long offset, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            nint written = PWrite(file, bytes, (nuint)bytes.Length, offset);
            if (written < 0)
            {
                int error = Marshal.GetLastPInvokeError();
                if (error == Interrupted) continue;
                return error;
            }
            bytes = bytes[(int)written..];
            offset += written;
        }
        return 0;
    }

    public static int Truncate(SafeFileHandle file, long length) => Retry(() => FTruncate(file, length));

    /// <summary>Processor time that the calling thread has had; 0 where the system doesn't tell.</summary>
    public static long ThreadCpuNanoseconds() => OperatingSystem.IsLinux() && ClockGetTime(ThreadCpuClock, out TimeSpec time) == 0 ? (time.Seconds * 1_000_000_000) + time.Nanoseconds : 0;

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    private static int Retry(Func<int> call)
    {
        while (true)
        {
            // Not "< 0": a call that returns anything but 0 did not work.
            if (call() == 0) return 0;
            int error = Marshal.GetLastPInvokeError();
            if (error != Interrupted) return error == 0 ? -1 : error;
        }
    }

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle descriptor);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FDataSync(SafeFileHandle descriptor);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    private static partial int FTruncate(SafeFileHandle descriptor, long length);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out TimeSpec time);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int FLock(SafeFileHandle descriptor, int operation);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    private static partial nint PWrite(SafeFileHandle descriptor, ReadOnlySpan<byte> bytes, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkPaths(string existing, string name);
}
