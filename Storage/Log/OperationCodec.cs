using System.Buffers.Binary;
using System.Text;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Storage.Memtables;

namespace VecSql.Storage.Log;

/// <summary>What an operation is. Written to disk: numbers only grow.</summary>
internal enum OperationKind : byte { Insert = 1, Delete = 2, PutObject = 3, DropObject = 4, Truncate = 5, AttachIndex = 6 }

/// <summary>An operation as read from the log. Columns are views of the log's bytes.</summary>
internal abstract record LoggedOperation
{
    public sealed record Insert(uint Table, long FirstRowId, int Count, TableLayout Layout, Column[] Columns) : LoggedOperation;
    public sealed record Delete(uint Table, long[] RowIds) : LoggedOperation;
    public sealed record PutObject(byte[] Json) : LoggedOperation;
    public sealed record DropObject(uint Oid) : LoggedOperation;
    public sealed record Truncate(uint Table, long BelowRowId) : LoggedOperation;

    /// <summary>An index over a segment was built: its file, as JSON.</summary>
    public sealed record AttachIndex(byte[] Json) : LoggedOperation;
}

/// <summary>Operations of transactions as bytes; drawn in docs/formats/log.md.</summary>
internal static class OperationCodec
{
    /// <summary>An insert's rows are cut into operations of about this size.</summary>
    public const int PieceBytes = 4 << 20;

    /// <summary>Rows of a memtable, without those that were given up. Returns the number of operations written.</summary>
    public static int WriteInsert(ByteBuffer output, uint table, Memtable memtable, int start, int count)
    {
        int operations = 0;
        int end = start + count;
        while (start < end)
        {
            if (memtable.CreatedAt(start) == RowStamp.Aborted)
            {
                start++;
                continue;
            }
            int chunkEnd = Math.Min(end, (start / MemtableChunk.Rows + 1) * MemtableChunk.Rows);
            int stop = start + 1;
            while (stop < chunkEnd && memtable.CreatedAt(stop) != RowStamp.Aborted) stop++;
            while (stop - start > 1 && EncodedBytes(memtable, start, stop - start) > PieceBytes) stop = start + (stop - start) / 2;
            WritePiece(output, table, memtable, start, stop - start);
            operations++;
            start = stop;
        }
        return operations;
    }

    public static long EncodedBytes(Memtable memtable, int start, int count)
    {
        long bytes = 0;
        while (count > 0)
        {
            int now = Math.Min(count, MemtableChunk.Rows - start % MemtableChunk.Rows);
            for (int place = 0; place < memtable.Layout.Count; place++) bytes += memtable.ColumnAt(place, start).EncodedBytes(start % MemtableChunk.Rows, now);
            start += now;
            count -= now;
        }
        return bytes;
    }

    private static void WritePiece(ByteBuffer output, uint table, Memtable memtable, int start, int count)
    {
        output.WriteByte((byte)OperationKind.Insert);
        output.WriteUInt32LittleEndian(table);
        output.WriteInt64LittleEndian(memtable.RowIdAt(start));
        output.WriteInt32LittleEndian(count);
        output.WriteInt16LittleEndian((short)memtable.Layout.Count);
        for (int place = 0; place < memtable.Layout.Count; place++)
        {
            LayoutColumn column = memtable.Layout.Columns[place];
            output.WriteInt16LittleEndian(column.Number);
            output.WriteUInt32LittleEndian(column.Type.Oid);
            output.WriteInt32LittleEndian(column.Type.Modifier);
            output.WriteByte((byte)column.Kind);
            memtable.ColumnAt(place, start).Encode(start % MemtableChunk.Rows, count, output);
        }
    }

    public static void WriteDelete(ByteBuffer output, uint table, ReadOnlySpan<long> rowIds)
    {
        output.WriteByte((byte)OperationKind.Delete);
        output.WriteUInt32LittleEndian(table);
        output.WriteInt32LittleEndian(rowIds.Length);
        foreach (long rowId in rowIds) output.WriteInt64LittleEndian(rowId);
    }

    public static void WriteJson(ByteBuffer output, OperationKind kind, ReadOnlySpan<byte> json)
    {
        output.WriteByte((byte)kind);
        output.WriteInt32LittleEndian(json.Length);
        output.Write(json);
    }

    public static void WriteDropObject(ByteBuffer output, uint oid)
    {
        output.WriteByte((byte)OperationKind.DropObject);
        output.WriteUInt32LittleEndian(oid);
    }

    public static void WriteTruncate(ByteBuffer output, uint table, long belowRowId)
    {
        output.WriteByte((byte)OperationKind.Truncate);
        output.WriteUInt32LittleEndian(table);
        output.WriteInt64LittleEndian(belowRowId);
    }

    /// <summary>Reads all operations of a body.</summary>
    /// <exception cref="LogFormatException">The bytes are no operations.</exception>
    public static void ReadAll(ReadOnlyMemory<byte> body, List<LoggedOperation> result)
    {
        var reader = new LogReader(body);
        while (!reader.IsAtEnd) result.Add(ReadOne(ref reader));
    }

    private static LoggedOperation ReadOne(ref LogReader reader)
    {
        var kind = (OperationKind)reader.Byte();
        switch (kind)
        {
            case OperationKind.Insert: return ReadInsert(ref reader);
            case OperationKind.Delete:
                uint table = reader.UInt32();
                var rowIds = new long[reader.Count(sizeof(long))];
                for (int i = 0; i < rowIds.Length; i++) rowIds[i] = reader.Int64();
                return new LoggedOperation.Delete(table, rowIds);
            case OperationKind.PutObject: return new LoggedOperation.PutObject(reader.Bytes(reader.Count(1)).ToArray());
            case OperationKind.DropObject: return new LoggedOperation.DropObject(reader.UInt32());
            case OperationKind.Truncate: return new LoggedOperation.Truncate(reader.UInt32(), reader.Int64());
            case OperationKind.AttachIndex: return new LoggedOperation.AttachIndex(reader.Bytes(reader.Count(1)).ToArray());
            default: throw new LogFormatException($"operation of kind {(byte)kind}");
        }
    }

    private static LoggedOperation.Insert ReadInsert(ref LogReader reader)
    {
        uint table = reader.UInt32();
        long firstRowId = reader.Int64();
        int count = reader.Int32();
        if (count is < 1 or > MemtableChunk.Rows) throw new LogFormatException($"insert of {count} rows");
        int columnCount = reader.Int16();
        if (columnCount < 0) throw new LogFormatException($"insert of {columnCount} columns");
        var layout = new LayoutColumn[columnCount];
        var columns = new Column[columnCount];
        for (int i = 0; i < columnCount; i++)
        {
            layout[i] = new LayoutColumn(reader.Int16(), new Core.Types.SqlType(reader.UInt32(), reader.Int32()), (PhysicalKind)reader.Byte());
            if (layout[i].Kind is < PhysicalKind.Bool or > PhysicalKind.Bytes) throw new LogFormatException($"column of kind {(byte)layout[i].Kind}");
            ReadOnlyMemory<byte> validity = reader.Byte() != 0 ? reader.Bytes((count + 7) >> 3) : default;
            int width = PhysicalKinds.WidthOf(layout[i].Kind);
            if (width > 0)
            {
                columns[i] = ColumnViews.Fixed(layout[i].Kind, reader.Bytes(count * width), validity, count);
                continue;
            }
            ReadOnlyMemory<byte> offsets = reader.Bytes((count + 1) * sizeof(int));
            columns[i] = new BytesColumn(offsets, reader.Bytes(CheckOffsets(offsets.Span, count)), validity, count);
        }
        return new LoggedOperation.Insert(table, firstRowId, count, new TableLayout(layout), columns);
    }

    /// <summary>The data's length; offsets start at 0 and don't descend.</summary>
    private static int CheckOffsets(ReadOnlySpan<byte> offsets, int count)
    {
        int last = 0;
        for (int i = 0; i <= count; i++)
        {
            int offset = BinaryPrimitives.ReadInt32LittleEndian(offsets[(i * sizeof(int))..]);
            if (offset < last || i == 0 && offset != 0) throw new LogFormatException("offsets of values are not in order");
            last = offset;
        }
        return last;
    }
}

/// <summary>Bytes of a frame that passed its checksum and yet make no sense.</summary>
internal sealed class LogFormatException(string what) : Exception(what);

/// <summary>Reads little-endian values from a body; nothing is read beyond its end.</summary>
internal ref struct LogReader(ReadOnlyMemory<byte> body)
{
    private int _at;

    public readonly bool IsAtEnd => _at == body.Length;

    public byte Byte() => Bytes(1).Span[0];
    public short Int16() => BinaryPrimitives.ReadInt16LittleEndian(Bytes(2).Span);
    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Bytes(4).Span);
    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4).Span);
    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Bytes(8).Span);

    /// <summary>A count of things of the size that must still be there.</summary>
    public int Count(int elementBytes)
    {
        int count = Int32();
        if (count < 0 || (long)count * elementBytes > body.Length - _at) throw new LogFormatException($"{count} elements of {elementBytes} bytes in {body.Length - _at}");
        return count;
    }

    public ReadOnlyMemory<byte> Bytes(int count)
    {
        if (count < 0 || count > body.Length - _at) throw new LogFormatException($"{count} bytes of {body.Length - _at}");
        ReadOnlyMemory<byte> bytes = body.Slice(_at, count);
        _at += count;
        return bytes;
    }

    public ReadOnlyMemory<byte> Rest() => Bytes(body.Length - _at);

    public string Text(int bytes) => Encoding.UTF8.GetString(Bytes(bytes).Span);
}
