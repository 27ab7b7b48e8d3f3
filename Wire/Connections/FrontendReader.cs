using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using VecSql.Core.Errors;
using VecSql.Wire.Messages;

namespace VecSql.Wire.Connections;

/// <summary>
/// Takes messages out of the client's byte stream. Memory grows with the bytes that have arrived, never with a length that was only announced, and a connection
/// that waits for its client holds none.
/// </summary>
internal sealed class FrontendReader(PipeReader input, ConnectionLifetime lifetime) : IDisposable
{
    private const int HeaderBytes = 1 + sizeof(int);

    /// <summary>Longer payloads are taken from the pipe piece by piece.</summary>
    private const int PieceBytes = 64 * 1024;

    /// <summary>Longer arrays aren't pooled: they are rare, and a pool would keep them.</summary>
    private const int PooledBytes = 1024 * 1024;

    private byte[] _payload = [];
    private bool _isPooled;
    private bool _isWoken;
    private readonly Lock _wakeLock = new();
    private bool _isDisposed;

    /// <summary>Reads the next message of an authenticated client.</summary>
    /// <param name="onIdle">Called when the client has sent nothing yet, before waiting.</param>
    /// <exception cref="SqlException">08P01, fatal: no such message, or a length out of bounds.</exception>
    /// <exception cref="OperationCanceledException">The connection stops.</exception>
    public ValueTask<FrontendMessage> ReadAsync(Action? onIdle = null) => ReadAsync(isAuthenticating: false, onIdle);

    /// <summary>Reads a SASL message; any other is a fatal violation.</summary>
    public ValueTask<FrontendMessage> ReadSaslAsync() => ReadAsync(isAuthenticating: true, null);

    /// <summary>Interrupts a pending read, or the next one; from any thread.</summary>
    public void Wake()
    {
        lock (_wakeLock)
        {
            if (!_isDisposed) input.CancelPendingRead();
        }
    }

    private ValueTask<FrontendMessage> ReadAsync(bool isAuthenticating, Action? onIdle)
    {
        // Most messages came together with the one before, or come while the thread waits for them: no state machine for these.
        ValueTask<ReadResult> next = NextBytesAsync(onIdle);
        if (!next.IsCompletedSuccessfully) return ReadOnAsync(next, isAuthenticating, onIdle);
        ReadResult read = next.Result;
        return !read.IsCanceled && TryTake(read.Buffer, isAuthenticating, out FrontendMessage message)
            ? new ValueTask<FrontendMessage>(message)
            : ReadOnAsync(new ValueTask<ReadResult>(read), isAuthenticating, onIdle);
    }

    private async ValueTask<FrontendMessage> ReadOnAsync(ValueTask<ReadResult> next, bool isAuthenticating, Action? onIdle)
    {
        while (true)
        {
            ReadResult read = await CheckedAsync(next);
            ReadOnlySequence<byte> bytes = read.Buffer;
            if (_isWoken)
            {
                input.AdvanceTo(bytes.Start);
                _isWoken = false;
                return FrontendMessage.Of(ReadOutcome.Woken);
            }
            if (TryTake(bytes, isAuthenticating, out FrontendMessage message)) return message;
            if (bytes.Length >= HeaderBytes)
            {
                (byte type, int size) = ReadHeader(bytes, isAuthenticating);
                if (size > PieceBytes && !read.IsCompleted)
                {
                    input.AdvanceTo(bytes.GetPosition(HeaderBytes));
                    return await ReadPiecesAsync(type, size);
                }
            }
            input.AdvanceTo(bytes.Start, bytes.End);
            if (read.IsCompleted) return FrontendMessage.Of(ReadOutcome.End);
            next = NextBytesAsync(onIdle);
        }
    }

    /// <summary>Takes a message that is there as a whole.</summary>
    private bool TryTake(ReadOnlySequence<byte> bytes, bool isAuthenticating, out FrontendMessage message)
    {
        message = default;
        if (bytes.Length < HeaderBytes) return false;
        (byte type, int size) = ReadHeader(bytes, isAuthenticating);
        if (bytes.Length - HeaderBytes < size) return false;
        Rent(size);
        bytes.Slice(HeaderBytes, size).CopyTo(_payload);
        input.AdvanceTo(bytes.GetPosition(HeaderBytes + size));
        message = new FrontendMessage(ReadOutcome.Message, type, _payload.AsMemory(0, size));
        return true;
    }

    private static (byte Type, int Size) ReadHeader(ReadOnlySequence<byte> bytes, bool isAuthenticating)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        bytes.Slice(0, HeaderBytes).CopyTo(header);
        byte type = header[0];
        int length = BinaryPrimitives.ReadInt32BigEndian(header[1..]);
        if (isAuthenticating && type != Frontend.SaslResponse) throw Fatal($"expected SASL response, got message type {type}");
        int limit = isAuthenticating ? Frontend.SaslLimit : Frontend.LengthLimit(type);
        if (limit == 0) throw Fatal($"invalid frontend message type {type}");
        if (length < sizeof(int) || length > limit) throw Fatal("invalid message length");
        return (type, length - sizeof(int));
    }

    /// <summary>A long payload: as much memory as has arrived, doubled when it is full.</summary>
    private async ValueTask<FrontendMessage> ReadPiecesAsync(byte type, int size)
    {
        int filled = 0;
        Rent(PieceBytes);
        while (filled < size)
        {
            ReadResult read = await CheckedAsync(NextBytesAsync(null));
            ReadOnlySequence<byte> piece = read.Buffer.Length > size - filled ? read.Buffer.Slice(0, size - filled) : read.Buffer;
            int count = (int)piece.Length;
            if (count > _payload.Length - filled) Grow(filled, Math.Max(filled + count, (int)Math.Min(size, 2L * _payload.Length)));
            piece.CopyTo(_payload.AsSpan(filled));
            filled += count;
            input.AdvanceTo(piece.End);
            if (read.IsCompleted && filled < size) return FrontendMessage.Of(ReadOutcome.End);
        }
        return new FrontendMessage(ReadOutcome.Message, type, _payload.AsMemory(0, size));
    }

    private ValueTask<ReadResult> NextBytesAsync(Action? onIdle)
    {
        if (input.TryRead(out ReadResult read)) return new ValueTask<ReadResult>(read);
        if (onIdle is not null)
        {
            Release();
            onIdle();
        }
        return input.ReadAsync();
    }

    private async ValueTask<ReadResult> CheckedAsync(ValueTask<ReadResult> next)
    {
        try
        {
            ReadResult read = await next;
            if (read.IsCanceled)
            {
                _isWoken = true;
                lifetime.Stop.ThrowIfCancellationRequested();
            }
            return read;
        }
        catch (IOException)
        {
            // Reset by the peer, or TLS cut short: the same as gone.
            lifetime.ClientIsGone();
            throw new OperationCanceledException(lifetime.Stop);
        }
    }

    private void Rent(int size)
    {
        if (_payload.Length >= size) return;
        Release();
        _isPooled = size <= PooledBytes;
        _payload = _isPooled ? ArrayPool<byte>.Shared.Rent(Math.Max(size, 256)) : GC.AllocateUninitializedArray<byte>(size);
    }

    private void Grow(int filled, int size)
    {
        byte[] old = _payload;
        bool wasPooled = _isPooled;
        _isPooled = size <= PooledBytes;
        _payload = _isPooled ? ArrayPool<byte>.Shared.Rent(size) : GC.AllocateUninitializedArray<byte>(size);
        old.AsSpan(0, filled).CopyTo(_payload);
        if (wasPooled) ArrayPool<byte>.Shared.Return(old);
    }

    private void Release()
    {
        if (_isPooled) ArrayPool<byte>.Shared.Return(_payload);
        _payload = [];
        _isPooled = false;
    }

    public void Dispose()
    {
        lock (_wakeLock) _isDisposed = true;
        Release();
    }

    internal static SqlException Fatal(string message) => new(SqlState.ProtocolViolation, message) { IsFatal = true };
}
