using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace VecSql.Wire.Sockets;

/// <summary>
/// The system calls of the transport: what .NET's sockets don't offer without registering a socket with their own event loop, after which each packet wakes that loop's
/// thread too. No call here blocks but <see cref="Poll"/> and <see cref="EpollWait"/>; none takes an address from outside. Linux only.
/// </summary>
internal static partial class LinuxCalls
{
    public const short PollIn = 0x1, PollOut = 0x4, PollErr = 0x8, PollHup = 0x10, PollReadHup = 0x2000;

    private const int DontWait = 0x40, NoSignal = 0x4000;
    private const int CloseOnExec = 0x80000, EventNonBlocking = 0x800;
    private const int EpollAdd = 1, EpollModify = 3;
    private const uint EpollIn = 0x1, EpollReadHup = 0x2000, EpollOneShot = 1u << 30;
    private const int TcpLevel = 6, QuickAck = 12;
    private const int Interrupted = 4, Again = 11;

    /// <summary>poll(2)'s pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry(int descriptor, short events)
    {
        public int Descriptor = descriptor;
        public short Events = events;
        public short Found;
    }

    /// <summary>Receives what is there: the count, 0 at the end of the stream, -1 if nothing is there yet.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    public static int Receive(int socket, Span<byte> target) => Counted(recv(socket, ref MemoryMarshal.GetReference(target), (nuint)target.Length, DontWait));

    /// <summary>Sends what fits: the count, -1 if nothing does yet.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    public static int Send(int socket, ReadOnlySpan<byte> bytes) => Counted(send(socket, in MemoryMarshal.GetReference(bytes), (nuint)bytes.Length, DontWait | NoSignal));

    /// <summary>Sends the acknowledgement that is due; as a hint, it can't fail.</summary>
    public static void AcknowledgeAtOnce(int socket)
    {
        int on = 1;
        _ = setsockopt(socket, TcpLevel, QuickAck, in on, sizeof(int));
    }

    /// <summary>Waits until something is found on one of them; false if nothing was within the time (or a signal came between).</summary>
    public static bool Poll(Span<PollEntry> entries, int milliseconds) => poll(ref MemoryMarshal.GetReference(entries), (nuint)entries.Length, milliseconds) > 0;

    /// <summary>A descriptor that <see cref="Signal"/> makes readable until <see cref="Drain"/>.</summary>
    public static SafeFileHandle CreateEvent() => Opened(eventfd(0, CloseOnExec | EventNonBlocking));

    public static void Signal(int @event)
    {
        ulong one = 1;
        _ = write(@event, ref one, sizeof(ulong));
    }

    public static void Drain(int @event)
    {
        ulong count = 0;
        _ = read(@event, ref count, sizeof(ulong));
    }

    public static SafeFileHandle CreateEpoll() => Opened(epoll_create1(CloseOnExec));

    /// <summary>Asks to be told once when the descriptor can be read. Fails only if the system is out of memory or of watches.</summary>
    /// <param name="isKnown">It was watched before.</param>
    public static bool WatchOnce(int epoll, int descriptor, long tag, bool isKnown)
    {
        EpollEvents entry = new(1);
        entry.Set(EpollIn | EpollReadHup | EpollOneShot, tag);
        return epoll_ctl(epoll, isKnown ? EpollModify : EpollAdd, descriptor, ref entry.First) == 0;
    }

    /// <summary>Waits for watched descriptors; the number of tags found, 0 when the time is over.</summary>
    public static int EpollWait(int epoll, EpollEvents events, int milliseconds) => Math.Max(0, epoll_wait(epoll, ref events.First, events.Capacity, milliseconds));

    private static int Counted(nint result)
    {
        if (result >= 0) return (int)result;
        int error = Marshal.GetLastPInvokeError();
        return error is Again or Interrupted ? -1 : throw new IOException(Marshal.GetPInvokeErrorMessage(error));
    }

    private static SafeFileHandle Opened(int descriptor) =>
        descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw new IOException(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(int socket, ref byte buffer, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(int socket, in byte buffer, nuint length, int flags);

    [LibraryImport("libc")]
    private static partial int setsockopt(int socket, int level, int option, in int value, uint size);

    [LibraryImport("libc")]
    private static partial int poll(ref PollEntry entries, nuint count, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc")]
    private static partial nint read(int descriptor, ref ulong value, nuint size);

    [LibraryImport("libc")]
    private static partial nint write(int descriptor, ref ulong value, nuint size);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc")]
    private static partial int epoll_ctl(int epoll, int operation, int descriptor, ref byte entry);

    [LibraryImport("libc")]
    private static partial int epoll_wait(int epoll, ref byte events, int capacity, int milliseconds);

    /// <summary>An array of epoll_event: 32 bits of events and 64 of the caller's, packed on x86-64 and aligned elsewhere.</summary>
    public readonly struct EpollEvents(int capacity)
    {
        private static readonly int TagOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? sizeof(uint) : sizeof(ulong);
        private static readonly int Size = TagOffset + sizeof(ulong);
        private readonly byte[] _bytes = new byte[capacity * Size];

        public int Capacity => capacity;
        public ref byte First => ref _bytes[0];

        public long Tag(int place) => MemoryMarshal.Read<long>(_bytes.AsSpan(place * Size + TagOffset));

        public void Set(uint events, long tag)
        {
            MemoryMarshal.Write(_bytes, events);
            MemoryMarshal.Write(_bytes.AsSpan(TagOffset), tag);
        }
    }
}
