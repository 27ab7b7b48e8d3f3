using System.Buffers;
using System.IO.Pipelines;

namespace VecSql.Wire.Sockets;

/// <summary>What goes to the client: sent on the thread at hand, which waits while the client doesn't receive. A flush returns when everything is with the system.</summary>
internal sealed class SocketWriter(SocketConnection connection) : PipeWriter
{
    /// <summary>What was written piece by piece; <see cref="WriteAsync"/> has no need of it.</summary>
    private ArrayBufferWriter<byte>? _written;

    public override Memory<byte> GetMemory(int sizeHint = 0) => (_written ??= new ArrayBufferWriter<byte>()).GetMemory(sizeHint);
    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    public override void Advance(int bytes) => _written!.Advance(bytes);

    /// <exception cref="IOException">The connection is broken.</exception>
    /// <exception cref="OperationCanceledException">Cancelled while the client didn't receive; a part may have been sent.</exception>
    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (_written is null) return Send(source.Span, cancellationToken);
        _written.Write(source.Span);
        return FlushAsync(cancellationToken);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        ReadOnlyMemory<byte> written = _written?.WrittenMemory ?? default;
        _written = null;
        return Send(written.Span, cancellationToken);
    }

    public override void CancelPendingFlush() => throw new NotSupportedException("A flush is interrupted by its cancellation token.");

    /// <summary>What wasn't flushed is dropped.</summary>
    public override void Complete(Exception? exception = null) => _written = null;

    private ValueTask<FlushResult> Send(ReadOnlySpan<byte> bytes, CancellationToken stop)
    {
        try
        {
            stop.ThrowIfCancellationRequested();
            while (!bytes.IsEmpty)
            {
                int count = LinuxCalls.Send(connection.Descriptor, bytes);
                if (count < 0) WaitForClient(stop);
                else bytes = bytes[count..];
            }
            return default;
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            return ValueTask.FromException<FlushResult>(error);
        }
    }

    private void WaitForClient(CancellationToken stop)
    {
        using CancellationTokenRegistration interrupt =
            stop.UnsafeRegister(static state => ((SocketConnection)state!).Interrupt(), connection);
        connection.Wait(isToRead: false, Timeout.Infinite, stop);
        stop.ThrowIfCancellationRequested();
    }
}
