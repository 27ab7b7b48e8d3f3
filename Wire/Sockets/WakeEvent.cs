using Microsoft.Win32.SafeHandles;

namespace VecSql.Wire.Sockets;

/// <summary>Ends a thread's wait for a socket from another thread. Each thread that waits has one of its own.</summary>
internal sealed class WakeEvent : IDisposable
{
    [ThreadStatic]
    private static WakeEvent? s_own;

    // Closed by its finalizer where a thread ends that isn't ours.
    private readonly SafeFileHandle _handle = LinuxCalls.CreateEvent();

    /// <exception cref="IOException">There is no descriptor left.</exception>
    public static WakeEvent OfThisThread => s_own ??= new WakeEvent();

    public void BecomeThisThreads() => s_own = this;

    private int Descriptor => (int)_handle.DangerousGetHandle();

    public void Signal() => LinuxCalls.Signal(Descriptor);

    /// <summary>Takes back the signal; the thread that waits does it.</summary>
    public void Drain() => LinuxCalls.Drain(Descriptor);

    /// <summary>Waits for the socket or a signal; false if neither came within the time.</summary>
    public bool Wait(int socket, short events, int milliseconds)
    {
        Span<LinuxCalls.PollEntry> entries = [new(socket, events), new(Descriptor, LinuxCalls.PollIn)];
        return LinuxCalls.Poll(entries, milliseconds);
    }

    public void Dispose() => _handle.Dispose();
}
