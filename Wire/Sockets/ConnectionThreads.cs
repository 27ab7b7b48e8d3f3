namespace VecSql.Wire.Sockets;

/// <summary>
/// Threads for connections, as many as there are that have something to do: a statement may wait for a lock or for the disk without keeping others from starting.
/// A thread whose connection went idle is kept a while for the next one.
/// </summary>
/// <param name="mostLingering">So many threads may wait for the next message of the connection that they served.</param>
internal sealed class ConnectionThreads(int mostLingering)
{
    /// <summary>How long a thread without a connection is kept.</summary>
    internal static readonly TimeSpan KeepFor = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly List<ConnectionThread> _free = [];
    private int _lingering;
    private bool _isClosed;

    /// <summary>Continues the connection on a thread that becomes its own.</summary>
    public void Run(SocketConnection connection)
    {
        ConnectionThread? free = null;
        lock (_lock)
        {
            if (_free.Count > 0)
            {
                free = _free[^1];
                _free.RemoveAt(_free.Count - 1);
            }
        }
        if (free is not null)
        {
            free.Give(connection);
            return;
        }
        try
        {
            new ConnectionThread(this, connection).Start();
        }
        catch (Exception error) when (error is OutOfMemoryException or IOException)
        {
            // The system gives no more threads, or descriptors: the pool's threads do as well, one message each.
            ThreadPool.UnsafeQueueUserWorkItem(static waiting => waiting.Continue(), connection, preferLocal: false);
        }
    }

    /// <summary>Lets free threads end at once, and others when their connection no longer needs them.</summary>
    public void Close()
    {
        ConnectionThread[] free;
        lock (_lock)
        {
            _isClosed = true;
            free = [.. _free];
            _free.Clear();
        }
        foreach (ConnectionThread thread in free) thread.Give(null);
    }

    /// <summary>True if the thread may wait for its connection; to be given back with <see cref="EndLingering"/>.</summary>
    internal bool TryLinger()
    {
        if (Interlocked.Increment(ref _lingering) <= mostLingering) return true;
        Interlocked.Decrement(ref _lingering);
        return false;
    }

    /// <summary>True if every connection with a thread could have a processor to itself, and one would be left for the clients.</summary>
    internal bool MaySpin => Volatile.Read(ref _lingering) < Environment.ProcessorCount;

    internal void EndLingering() => Interlocked.Decrement(ref _lingering);

    /// <summary>The thread has nothing to do; false: it shall end.</summary>
    internal bool TryKeep(ConnectionThread thread)
    {
        lock (_lock)
        {
            if (_isClosed) return false;
            _free.Add(thread);
            return true;
        }
    }

    /// <summary>The thread has waited long enough; false: someone is about to give it a connection.</summary>
    internal bool TryRemove(ConnectionThread thread)
    {
        lock (_lock) return _free.Remove(thread);
    }
}

// What it owns is disposed where its thread ends.
#pragma warning disable CA1001
/// <summary>A thread that serves one connection at a time.</summary>
internal sealed class ConnectionThread
#pragma warning restore CA1001
{
    [ThreadStatic]
    private static ConnectionThread? s_current;

    private readonly ConnectionThreads _owner;
    private readonly WakeEvent _wake = new();
    private readonly object _gate = new();
    private SocketConnection? _connection;
    private bool _isGiven;
    private bool _isLingering;

    /// <exception cref="IOException">There is no descriptor left.</exception>
    public ConnectionThread(ConnectionThreads owner, SocketConnection connection) => (_owner, _connection) = (owner, connection);

    /// <summary>True if the thread at hand belongs to the connection: it may wait here.</summary>
    public static bool IsOf(SocketConnection connection) => s_current is { } current && ReferenceEquals(current._connection, connection);

    /// <summary>True if the thread at hand may wait for its connection's next message.</summary>
    public static bool MayLinger => s_current is { _isLingering: true };

    /// <summary>True if the thread at hand may look for its connection's next message without pause.</summary>
    public static bool MaySpin => s_current is { _isLingering: true } current && current._owner.MaySpin;

    public void Start() => new Thread(Run) { IsBackground = true, Name = "SQL connection" }.UnsafeStart();

    /// <summary>Wakes the free thread; with null it ends.</summary>
    public void Give(SocketConnection? connection)
    {
        lock (_gate)
        {
            _connection = connection;
            _isGiven = true;
            Monitor.Pulse(_gate);
        }
    }

    private void Run()
    {
        s_current = this;
        _wake.BecomeThisThreads();
        do
        {
            _isLingering = _owner.TryLinger();
            _connection!.Continue();
            if (_isLingering) _owner.EndLingering();
            _connection = null;
        }
        while (_owner.TryKeep(this) && IsGivenAnother());
        _wake.Dispose();
    }

    private bool IsGivenAnother()
    {
        // A plain wait: a semaphore would spin first, at the cost of whoever has something to do.
        lock (_gate)
        {
            TimeSpan time = ConnectionThreads.KeepFor;
            while (!_isGiven)
            {
                if (!Monitor.Wait(_gate, time) && !_isGiven && _owner.TryRemove(this)) return false;
                // If it can't be removed, someone has taken it and is about to give.
                time = Timeout.InfiniteTimeSpan;
            }
            _isGiven = false;
            return _connection is not null;
        }
    }
}
