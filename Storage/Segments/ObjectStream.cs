using VecSql.Storage.Files;

namespace VecSql.Storage.Segments;

/// <summary>An object being written, as a stream: write only, forward only, gathered into large writes.</summary>
internal sealed class ObjectStream(ObjectWriter writer) : Stream
{
    private readonly byte[] _buffer = new byte[1 << 20];
    private int _used;

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => writer.Length + _used;
    public override long Position { get => Length; set => throw new InvalidOperationException("the stream can't seek"); }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (buffer.Length > _buffer.Length - _used) Flush();
        if (buffer.Length >= _buffer.Length)
        {
            writer.Write(buffer);
            return;
        }
        buffer.CopyTo(_buffer.AsSpan(_used));
        _used += buffer.Length;
    }

    public override void Flush()
    {
        if (_used == 0) return;
        writer.Write(_buffer.AsSpan(0, _used));
        _used = 0;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new InvalidOperationException("the stream can't read");
    public override long Seek(long offset, SeekOrigin origin) => throw new InvalidOperationException("the stream can't seek");
    public override void SetLength(long value) => throw new InvalidOperationException("the stream can't be cut");
}
