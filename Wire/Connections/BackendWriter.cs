using System.IO.Pipelines;
using VecSql.Core.Columns;

namespace VecSql.Wire.Connections;

/// <summary>
/// Collects what goes to the client and hands it to the socket: when the protocol asks for it, or when enough has come together. A flush waits while the client
/// doesn't read. A connection that waits for its client holds no buffer.
/// </summary>
internal sealed class BackendWriter(PipeWriter output, ConnectionLifetime lifetime, BufferPool pool, int flushThreshold) : IDisposable
{
    private ByteBuffer? _buffer;
    private bool _isBroken;

    /// <summary>Whole messages are written here.</summary>
    public ByteBuffer Buffer => _buffer ??= pool.Rent();

    public int FlushThreshold => flushThreshold;

    /// <summary>Sends if enough has come together.</summary>
    public ValueTask FlushIfFullAsync() => _buffer is null || _buffer.Length < flushThreshold ? ValueTask.CompletedTask : FlushAsync();

    /// <exception cref="OperationCanceledException">The connection stops.</exception>
    public ValueTask FlushAsync() => FlushLastAsync(lifetime.Stop);

    /// <summary>Sends while <paramref name="stop"/> allows: for the last words of a connection that stops. Does nothing after a flush that was interrupted.</summary>
    public async ValueTask FlushLastAsync(CancellationToken stop)
    {
        if (_buffer is null || _buffer.Length == 0 || _isBroken) return;
        // Until the flush is through: what was cut off in between can't be continued.
        _isBroken = true;
        try
        {
            int sent = 0;
            while (sent < _buffer.Length)
            {
                // In pieces: the pipe takes memory for what it is given at once.
                int count = Math.Min(_buffer.Length - sent, Math.Max(flushThreshold, 4096));
                FlushResult result = await output.WriteAsync(_buffer.WrittenMemory.Slice(sent, count), stop);
                sent += count;
                if (result.IsCompleted) throw new IOException("The client is gone.");
            }
        }
        catch (Exception error) when (error is IOException or InvalidOperationException)
        {
            lifetime.ClientIsGone();
            throw new OperationCanceledException(lifetime.Stop);
        }
        _isBroken = false;
        if (_buffer.Length > BufferPool.LargestKept) _buffer = null;
        else _buffer.Clear();
    }

    /// <summary>Gives the buffer back if nothing is in it.</summary>
    public void Release()
    {
        if (_buffer is not { Length: 0 } empty) return;
        _buffer = null;
        pool.Return(empty);
    }

    public void Dispose() => _buffer = null;
}

/// <summary>Output buffers that idle connections don't need; bounded.</summary>
internal sealed class BufferPool
{
    /// <summary>A buffer that held more isn't kept.</summary>
    public const int LargestKept = 256 * 1024;

    private const int MostKept = 64;

    private readonly Lock _lock = new();
    private readonly Stack<ByteBuffer> _buffers = new(MostKept);

    public ByteBuffer Rent()
    {
        lock (_lock)
        {
            if (_buffers.TryPop(out ByteBuffer? buffer)) return buffer;
        }
        return new ByteBuffer(1024);
    }

    public void Return(ByteBuffer buffer)
    {
        buffer.Clear();
        lock (_lock)
        {
            if (_buffers.Count < MostKept) _buffers.Push(buffer);
        }
    }
}
