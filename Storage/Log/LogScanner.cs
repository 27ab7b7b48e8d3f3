using System.Buffers.Binary;
using VecSql.Arrow;
using VecSql.Core.Errors;
using VecSql.Storage.Files;

namespace VecSql.Storage.Log;

/// <summary>
/// Reads a log file frame by frame. A bad frame ends the log if it was never acknowledged: when no frame behind it says that it had been durable. Otherwise the file is
/// damaged, and the log is refused rather than cut: what was acknowledged must not vanish silently.
/// </summary>
internal sealed class LogScanner
{
    private readonly ArrowSource _source;
    private readonly string _path;
    private long _offset;
    private long _nextLsn;

    /// <exception cref="SqlException">XX001: the file's head is damaged.</exception>
    public LogScanner(ArrowSource source, string path, LogFileName name)
    {
        _source = source;
        _path = path;
        if (source.LengthBytes < LogFormat.FileHeaderBytes
            || !LogFormat.TryReadFileHeader(source.Slice(0, LogFormat.FileHeaderBytes).Span, name.Epoch, name.Number, out long firstLsn))
            throw Damage.In(path, "it has no log file header");
        _offset = LogFormat.FileHeaderBytes;
        _nextLsn = firstLsn;
        FirstLsn = firstLsn;
    }

    public long FirstLsn { get; }

    /// <summary>One more than the last frame read.</summary>
    public long NextLsn => _nextLsn;

    /// <summary>Where the next frame begins; at the end, the length of the good part.</summary>
    public long Offset => _offset;

    /// <summary>True if bytes behind the good part must be cut off.</summary>
    public bool HasTornTail { get; private set; }

    /// <summary>The next frame; its body's offset is given. False at the end of the log.</summary>
    /// <exception cref="SqlException">XX001: a frame that had been durable is damaged.</exception>
    public bool TryRead(out FrameHeader header, out long bodyOffset)
    {
        bodyOffset = _offset + LogFormat.FrameHeaderBytes;
        if (TryReadAt(_offset, out header) && header.Lsn == _nextLsn)
        {
            _offset = bodyOffset + header.BodyLength;
            _nextLsn++;
            return true;
        }
        if (_offset == _source.LengthBytes) return false;
        HasTornTail = true;
        RefuseIfAcknowledged();
        return false;
    }

    public ReadOnlySpan<byte> Body(long bodyOffset, int length) => _source.Slice(bodyOffset, length).Span;

    private bool TryReadAt(long offset, out FrameHeader header)
    {
        header = default;
        long rest = _source.LengthBytes - offset;
        if (rest < LogFormat.FrameHeaderBytes) return false;
        int length = BinaryPrimitives.ReadInt32LittleEndian(_source.Slice(offset + 4, 4).Span);
        if (length < 0 || length > rest - LogFormat.FrameHeaderBytes) return false;
        return LogFormat.TryReadFrame(_source.Slice(offset, LogFormat.FrameHeaderBytes + length).Span, out header);
    }

    private void RefuseIfAcknowledged()
    {
        const int Window = 1 << 20;
        Span<byte> magic = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(magic, LogFormat.FrameMagic);
        for (long start = _offset; start < _source.LengthBytes - LogFormat.FrameHeaderBytes; start += Window)
        {
            // Three bytes more, so that no magic is missed between two windows.
            ReadOnlySpan<byte> bytes = _source.Slice(start, (int)Math.Min(Window + 3, _source.LengthBytes - start)).Span;
            for (int at = bytes.IndexOf(magic); at >= 0;)
            {
                if (TryReadAt(start + at, out FrameHeader later) && later.Lsn > _nextLsn && later.DurableLsn >= _nextLsn)
                    throw Damage.In(_path, $"frame {_nextLsn} at offset {_offset} is bad, although later ones show that it was written");
                int next = bytes[(at + 1)..].IndexOf(magic);
                at = next < 0 ? -1 : at + 1 + next;
            }
        }
    }
}
