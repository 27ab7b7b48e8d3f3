using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace VecSql.Wire.Sockets;

/// <summary>
/// What the client sends. On the connection's own thread a read waits there and completes before it returns; elsewhere, or when the client is idle, it is left pending and
/// completes on a thread of the connection. Holds a buffer only while there is something in it or a thread waits.
/// </summary>
internal sealed class SocketReader(SocketConnection connection) : PipeReader, IValueTaskSource<ReadResult>
{
    private const int SmallBuffer = 8 * 1024, LargeBuffer = 256 * 1024;
    private const int SpinsBetweenLooks = 8;

    /// <summary>A client that took no longer to send its last message is likely to be as quick again.</summary>
    private static readonly TimeSpan PromptAnswer = TimeSpan.FromMicroseconds(200);
    private static readonly long SpinTicks = Stopwatch.Frequency / 20_000;

    private byte[]? _buffer;
    private int _start, _end, _examined;
    private int _nextSize = SmallBuffer;
    private bool _isEnded;
    private volatile bool _isCanceled;

    /// <summary>More is likely to be there: receive without waiting first.</summary>
    private bool _isLikelyReady;

    /// <summary>The last wait for the client was short.</summary>
    private bool _isPrompt;

    private ManualResetValueTaskSourceCore<ReadResult> _pending;
    private CancellationToken _pendingStop;
    private CancellationTokenRegistration _pendingInterrupt;

    /// <summary>The pending read, or the next one, shall return.</summary>
    public bool IsCanceled => _isCanceled;

    public override void CancelPendingRead()
    {
        _isCanceled = true;
        connection.Interrupt();
    }

    public override bool TryRead(out ReadResult result)
    {
        bool isThere = _end > _examined || _isEnded || _isCanceled;
        result = isThere ? Take() : default;
        return isThere;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (TryRead(out ReadResult result)) return new ValueTask<ReadResult>(result);
        bool isOwnThread = ConnectionThread.IsOf(connection);
        if (isOwnThread)
        {
            try
            {
                using CancellationTokenRegistration interrupt = Register(cancellationToken);
                if (TryFill(cancellationToken)) return new ValueTask<ReadResult>(Take());
            }
            catch (Exception error) when (error is IOException or OperationCanceledException)
            {
                return ValueTask.FromException<ReadResult>(error);
            }
        }
        _pending.Reset();
        short version = _pending.Version;
        _pendingStop = cancellationToken;
        _pendingInterrupt = Register(cancellationToken);
        // From here on another thread may go on with the read.
        if (isOwnThread) connection.Park(cancellationToken);
        else connection.RunOnOwnThread();
        return new ValueTask<ReadResult>(this, version);
    }

    /// <summary>Goes on with the pending read on the thread at hand, and with whoever waits for it.</summary>
    public void Continue()
    {
        ReadResult result = default;
        Exception? failure = null;
        _isLikelyReady = true;
        try
        {
            if (!TryFill(_pendingStop))
            {
                connection.Park(_pendingStop);
                return;
            }
            result = Take();
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            failure = error;
        }
        _pendingInterrupt.Dispose();
        (_pendingInterrupt, _pendingStop) = (default, default);
        if (failure is null) _pending.SetResult(result);
        else _pending.SetException(failure);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_start == _end) return;
        (_start, _examined) = (consumed.GetInteger(), examined.GetInteger());
        if (_start == _end) _start = _end = _examined = 0;
    }

    public override void Complete(Exception? exception = null)
    {
        (_start, _end, _examined, _isEnded) = (0, 0, 0, true);
        ReturnBuffer();
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token) => _pending.GetResult(token);
    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _pending.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _pending.OnCompleted(continuation, state, token, flags);

    private CancellationTokenRegistration Register(CancellationToken stop) =>
        stop.CanBeCanceled ? stop.UnsafeRegister(static state => ((SocketConnection)state!).Interrupt(), connection) : default;

    /// <summary>Waits for something to report; false if the client is idle for so long that the thread shall go.</summary>
    private bool TryFill(CancellationToken stop)
    {
        int linger = connection.LingerMilliseconds;
        while (true)
        {
            if (_isCanceled) return true;
            stop.ThrowIfCancellationRequested();
            if ((_isLikelyReady || linger == 0) && TryReceive()) return true;
            // The system puts acknowledging off, to send it along with an answer; a client that sends much hears none, and may wait for it to go on.
            if (_nextSize > SmallBuffer) LinuxCalls.AcknowledgeAtOnce(connection.Descriptor);
            if (linger > 0 && TrySpin(stop)) return true;
            long began = Stopwatch.GetTimestamp();
            if (linger == 0 || !connection.Wait(isToRead: true, linger, stop))
            {
                _isPrompt = false;
                if (_start == _end) ReturnBuffer();
                _nextSize = SmallBuffer;
                return false;
            }
            _isLikelyReady = true;
            _isPrompt = Stopwatch.GetElapsedTime(began) < PromptAnswer;
        }
    }

    /// <summary>
    /// Looks for the next message of a client that answers at once, for a moment, without letting the processor go: to be woken takes longer than most short statements.
    /// Only while there are fewer connections than processors, so that no one is kept from running.
    /// </summary>
    private bool TrySpin(CancellationToken stop)
    {
        if (!_isPrompt || !ConnectionThread.MaySpin) return false;
        long end = Stopwatch.GetTimestamp() + SpinTicks;
        while (!_isCanceled && !stop.IsCancellationRequested && Stopwatch.GetTimestamp() < end)
        {
            if (TryReceive()) return true;
            Thread.SpinWait(SpinsBetweenLooks);
        }
        return false;
    }

    private bool TryReceive()
    {
        MakeRoom();
        int room = _buffer!.Length - _end;
        int count = LinuxCalls.Receive(connection.Descriptor, _buffer.AsSpan(_end));
        _isLikelyReady = count == room;
        if (count < 0) return false;
        _end += count;
        _isEnded = count == 0;
        // Who fills a buffer at once is likely to go on.
        if (count == room && _nextSize < LargeBuffer) _nextSize *= 2;
        else if (count < SmallBuffer && _nextSize > SmallBuffer) _nextSize /= 2;
        return true;
    }

    /// <summary>A message grows the buffer until it is whole: its reader takes long ones in pieces.</summary>
    private void MakeRoom()
    {
        if (_start == _end && _buffer is not null && _buffer.Length != _nextSize) ReturnBuffer();
        _buffer ??= ArrayPool<byte>.Shared.Rent(_nextSize);
        if (_end < _buffer.Length) return;
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end, _examined) = (0, _end - _start, _examined - _start);
            return;
        }
        byte[] larger = ArrayPool<byte>.Shared.Rent(2 * _buffer.Length);
        _buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    private void ReturnBuffer()
    {
        if (_buffer is null) return;
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
        if (_start == _end) _start = _end = _examined = 0;
    }

    private ReadResult Take()
    {
        bool wasCanceled = _isCanceled;
        if (wasCanceled) _isCanceled = false;
        return new ReadResult(_buffer is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(_buffer, _start, _end - _start), wasCanceled, _isEnded);
    }
}
