using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace VecSql.Wire.Sockets;

/// <summary>
/// An accepted socket, served by a thread of its own while there is something to do: reads and writes wait on that thread and complete before they return. After some
/// time without a message the read is left pending, the thread goes, and <see cref="IdleConnections"/> waits for the socket, with all others that are idle.
/// No asynchronous operation is ever begun on the socket.
/// </summary>
internal sealed class SocketConnection : ConnectionContext, IDuplexPipe
{
    private enum Place : byte
    {
        /// <summary>On some thread, or about to be.</summary>
        Running,

        /// <summary>A thread waits for the client to send.</summary>
        Reading,

        /// <summary>A thread waits for the client to receive.</summary>
        Writing,

        /// <summary>No thread; the read is pending.</summary>
        Parked,
        Closed,
    }

    private readonly Socket _socket;
    private readonly int _descriptor;
    private readonly SqlListener _listener;
    private readonly SocketReader _reader;
    private readonly SocketWriter _writer;
    private readonly CancellationTokenSource _gone = new();
    private readonly Lock _gate = new();
    private Place _place;
    private WakeEvent? _waiter;
    private bool _isSignaled;
    private bool _isWatched;
    private bool _isUnwatchable;
    private bool _isGone;

    public SocketConnection(long number, Socket socket, SqlListener listener)
    {
        Number = number;
        _socket = socket;
        _descriptor = (int)socket.Handle;
        _listener = listener;
        _reader = new SocketReader(this);
        _writer = new SocketWriter(this);
        Transport = this;
        ConnectionClosed = _gone.Token;
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        ConnectionId = number.ToString();
    }

    /// <summary>Unique as long as the process lives, as descriptors aren't.</summary>
    public long Number { get; }

    public override string ConnectionId { get; set; }
    public override IFeatureCollection Features { get; } = new FeatureCollection();
    public override IDictionary<object, object?> Items { get => field ??= new ConnectionItems(); set; }
    public override IDuplexPipe Transport { get; set; }
    public PipeReader Input => _reader;
    public PipeWriter Output => _writer;

    internal int Descriptor => _descriptor;

    /// <summary>Goes on with the pending read, on the thread at hand; returns when the connection needs it no longer.</summary>
    public void Continue() => _reader.Continue();

    /// <summary>Waits on the thread at hand, until the socket is ready or someone interrupts; false if the time is over.</summary>
    internal bool Wait(bool isToRead, int milliseconds, CancellationToken stop)
    {
        WakeEvent own = WakeEvent.OfThisThread;
        lock (_gate)
        {
            // Asked here, where no interruption can be missed any more.
            if (stop.IsCancellationRequested || (isToRead && _reader.IsCanceled)) return true;
            (_place, _waiter) = (isToRead ? Place.Reading : Place.Writing, own);
        }
        bool isFound = own.Wait(_descriptor, isToRead ? LinuxCalls.PollIn : LinuxCalls.PollOut, milliseconds);
        lock (_gate)
        {
            (_place, _waiter) = (Place.Running, null);
            if (!_isSignaled) return isFound;
            _isSignaled = false;
            own.Drain();
            return true;
        }
    }

    /// <summary>Leaves the pending read to <see cref="IdleConnections"/>, or, if that can't be, to a thread.</summary>
    internal void Park(CancellationToken stop)
    {
        lock (_gate)
        {
            if (!stop.IsCancellationRequested && !_reader.IsCanceled)
            {
                _place = Place.Parked;
                if (_listener.Idle.TryWatch(this, _isWatched))
                {
                    _isWatched = true;
                    return;
                }
                _place = Place.Running;
                _isUnwatchable = true;
            }
        }
        _listener.Threads.Run(this);
    }

    /// <summary>Hands the pending read to a thread that waits for the client.</summary>
    internal void RunOnOwnThread() => _listener.Threads.Run(this);

    /// <summary>Ends a wait, wherever it is done: its condition has changed. From any thread.</summary>
    internal void Interrupt()
    {
        lock (_gate)
        {
            if (_place is Place.Reading or Place.Writing && !_isSignaled)
            {
                _isSignaled = true;
                _waiter!.Signal();
            }
        }
        Unpark();
    }

    /// <summary>The socket of a parked connection can be read, or its read is cancelled.</summary>
    internal void Unpark()
    {
        lock (_gate)
        {
            if (_place != Place.Parked) return;
            _place = Place.Running;
        }
        _listener.Threads.Run(this);
    }

    /// <summary>How long a thread may wait for the next message.</summary>
    internal int LingerMilliseconds => ConnectionThread.MayLinger || _isUnwatchable ? _listener.IdleMilliseconds : 0;

    /// <summary>True if no one waits for the client's messages now: that it is gone would show to no one.</summary>
    internal bool IsBusy => _place is Place.Running or Place.Writing && !_isGone;

    /// <summary>Looks whether the client has closed its side; what it has sent before must fit into <paramref name="mostUnread"/> bytes.</summary>
    internal void CheckGone(int mostUnread)
    {
        lock (_gate)
        {
            if (_place == Place.Closed || _isGone) return;
            Span<LinuxCalls.PollEntry> entries = [new(_descriptor, LinuxCalls.PollReadHup)];
            if (!LinuxCalls.Poll(entries, 0)) return;
            bool isBroken = (entries[0].Found & (LinuxCalls.PollErr | LinuxCalls.PollHup)) != 0;
            if (!isBroken && _socket.Available > mostUnread) return;
        }
        ReportGone();
    }

    /// <summary>Cuts the connection: whoever waits for the client sees it end.</summary>
    public override void Abort(ConnectionAbortedException abortReason)
    {
        lock (_gate)
        {
            if (_place == Place.Closed) return;
            ShutDown();
        }
        ReportGone();
    }

    public override ValueTask DisposeAsync()
    {
        Close();
        return base.DisposeAsync();
    }

    private void Close()
    {
        lock (_gate)
        {
            if (_place == Place.Closed) return;
            _place = Place.Closed;
            ShutDown();
            _socket.Dispose();
        }
        _reader.Complete();
        _listener.Idle.Remove(this);
        ReportGone();
    }

    private void ShutDown()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The client was faster.
        }
    }

    private void ReportGone()
    {
        lock (_gate)
        {
            if (_isGone) return;
            _isGone = true;
        }
        // Whoever is told may take its time.
        ThreadPool.UnsafeQueueUserWorkItem(static gone => gone.Cancel(), _gone, preferLocal: false);
    }
}
