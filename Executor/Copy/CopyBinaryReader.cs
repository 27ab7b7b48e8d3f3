using System.Buffers.Binary;
using VecSql.Core.Columns;
using VecSql.Core.Environment;

namespace VecSql.Executor.Copy;

/// <summary>COPY's binary format: signature, flags, extension; rows of counted, length-prefixed values; −1 at the end.</summary>
internal sealed class CopyBinaryReader(CopyOptions options, IReadOnlyList<CopyColumn> columns, string table, EvalContext context, int batchSize, Action<ColumnBatch> consume)
    : CopyReader(options, columns, table, context, batchSize, consume)
{
    private const int HeaderBytes = 19;
    private const int MaxValueBytes = 1 << 30;

    internal static readonly byte[] Signature = [0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0x00];

    private readonly ByteBuffer _pending = new(1 << 16);
    private bool _isHeaderRead, _isEnded;

    public override void Feed(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        _pending.Write(bytes);
        ReadOnlySpan<byte> data = _pending.WrittenSpan;
        int used = _isHeaderRead ? 0 : ReadHeader(data);
        while (_isHeaderRead && !_isEnded && TryReadRow(data[used..], out int length)) used += length;
        if (_isEnded && used < data.Length) throw BadFormat("received copy data after EOF marker");
        int left = data.Length - used;
        data[used..].CopyTo(_pending.Written);
        _pending.Truncate(left);
    }

    private protected override void FinishData()
    {
        if (!_isHeaderRead) throw BadFormat("COPY file signature not recognized");
        // Without the end mark the data may simply stop, between rows.
        if (!_isEnded && _pending.Length > 0) throw BadFormat("unexpected EOF in COPY data");
    }

    private int ReadHeader(ReadOnlySpan<byte> data)
    {
        int known = Math.Min(data.Length, Signature.Length);
        if (!data[..known].SequenceEqual(Signature.AsSpan(0, known))) throw BadFormat("COPY file signature not recognized");
        if (data.Length < HeaderBytes) return 0;
        int flags = BinaryPrimitives.ReadInt32BigEndian(data[11..]);
        if ((flags & 1 << 16) != 0) throw BadFormat("invalid COPY file header (WITH OIDS)");
        if ((flags & ~0xFFFF) != 0) throw BadFormat("unrecognized critical flags in COPY file header");
        int extension = BinaryPrimitives.ReadInt32BigEndian(data[15..]);
        if (extension is < 0 or > MaxValueBytes) throw BadFormat("invalid COPY file header (wrong length)");
        if (data.Length < HeaderBytes + extension) return 0;
        _isHeaderRead = true;
        return HeaderBytes + extension;
    }

    /// <summary>Reads a row if it is whole.</summary>
    private bool TryReadRow(ReadOnlySpan<byte> data, out int length)
    {
        length = 0;
        if (data.Length < sizeof(short)) return false;
        int fields = BinaryPrimitives.ReadInt16BigEndian(data);
        if (fields == -1)
        {
            _isEnded = true;
            length = sizeof(short);
            return true;
        }
        if (fields != Columns.Count)
        {
            Line++;
            throw BadFormat($"row field count is {fields}, expected {Columns.Count}");
        }
        int place = sizeof(short);
        for (int column = 0; column < fields; column++)
        {
            if (data.Length < place + sizeof(int)) return false;
            int size = BinaryPrimitives.ReadInt32BigEndian(data[place..]);
            if (size is < -1 or > MaxValueBytes) throw BadFormat("invalid field size");
            place += sizeof(int) + Math.Max(size, 0);
            if (data.Length < place) return false;
        }
        Line++;
        length = place;
        place = sizeof(short);
        for (int column = 0; column < fields; column++)
        {
            int size = BinaryPrimitives.ReadInt32BigEndian(data[place..]);
            place += sizeof(int);
            if (size < 0) AppendNull(column);
            else AppendBinary(column, data.Slice(place, size));
            place += Math.Max(size, 0);
        }
        EndRow();
        return true;
    }
}
