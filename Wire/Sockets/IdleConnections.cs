using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;

namespace VecSql.Wire.Sockets;

/// <summary>
/// One thread that waits for all connections without a thread, and gives them one when their client sends something. Once a second it looks whether the clients of
/// busy connections are still there: no one reads from them meanwhile.
/// </summary>
internal sealed class IdleConnections
{
    private const int LookMilliseconds = 1000;
    private const int EventsAtOnce = 256;

    /// <summary>A client that has left may have sent so much before: its statements are carried out as long as the grace for that lasts, more of them are waited for.</summary>
    private const int MostUnread = 1024 * 1024;

    private readonly ConcurrentDictionary<long, SocketConnection> _connections = [];
    private readonly SafeFileHandle _epoll = LinuxCalls.CreateEpoll();
    private volatile bool _isClosed;

    public IdleConnections() => new Thread(Run) { IsBackground = true, Name = "SQL idle connections" }.UnsafeStart();

    private int Descriptor => (int)_epoll.DangerousGetHandle();

    public void Add(SocketConnection connection) => _connections[connection.Number] = connection;
    public void Remove(SocketConnection connection) => _connections.TryRemove(connection.Number, out _);

    /// <summary>Unparks the connection, once, when its socket can be read; false if it can't be watched.</summary>
    public bool TryWatch(SocketConnection connection, bool isKnown) => LinuxCalls.WatchOnce(Descriptor, connection.Descriptor, connection.Number, isKnown);

    /// <summary>Ends the thread when the last connection is removed.</summary>
    public void Close() => _isClosed = true;

    private void Run()
    {
        LinuxCalls.EpollEvents events = new(EventsAtOnce);
        long lastLook = Environment.TickCount64;
        while (!_isClosed || !_connections.IsEmpty)
        {
            int found = LinuxCalls.EpollWait(Descriptor, events, LookMilliseconds);
            for (int i = 0; i < found; i++)
            {
                if (_connections.TryGetValue(events.Tag(i), out SocketConnection? connection)) connection.Unpark();
            }
            if (Environment.TickCount64 - lastLook < LookMilliseconds) continue;
            lastLook = Environment.TickCount64;
            foreach ((_, SocketConnection connection) in _connections)
            {
                if (connection.IsBusy) connection.CheckGone(MostUnread);
            }
        }
        _epoll.Dispose();
    }
}
