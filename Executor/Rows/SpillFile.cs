using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Executor.Rows;

/// <summary>
/// Rows of one operator on disk, in runs. A run is a chain of blocks; a block is its length and up to <see cref="ColumnBatch.MaxRows"/> rows, column by column:
/// <code>
/// int32 bytes that follow | int32 rows | for each column: byte hasNulls, [validity bitmap], values (fixed width) or int32 offsets[rows+1], data
/// </code>
/// The file has no name that outlives it: it is deleted when it is closed. Written by one thread; runs may be read by several.
/// </summary>
internal sealed class SpillFile(ExecutionState state, PhysicalKind[] kinds) : IDisposable
{
    private const int WriteBufferBytes = 1 << 16;

    private readonly List<Run> _runs = [];
    private readonly RowBuffer _compact = new(kinds);
    private readonly ByteBuffer _buffer = new(WriteBufferBytes);
    private SafeFileHandle? _file;
    private long _written;

    public int RunCount => _runs.Count;
    public long SizeBytes => _written + _buffer.Length;
    public long RowsIn(int run) => _runs[run].Rows;

    /// <summary>Starts a new run; what is written next belongs to it. Returns its number.</summary>
    public int BeginRun()
    {
        _runs.Add(new Run { Start = SizeBytes, End = SizeBytes });
        return _runs.Count - 1;
    }

    /// <summary>Appends the selected rows of the first columns to the newest run.</summary>
    public void Write(ReadOnlySpan<Column> columns, Selection rows)
    {
        if (rows.Count == 0) return;
        _compact.Reset();
        _compact.Append(columns, rows);
        WriteBlock(_compact);
    }

    public void Write(ColumnBatch batch) => Write(batch.Columns, batch.Selection);

    /// <summary>Appends all rows of a buffer of the file's columns.</summary>
    public void WriteBlock(RowBuffer rows)
    {
        int start = _buffer.Length;
        _buffer.WriteInt32LittleEndian(0);
        _buffer.WriteInt32LittleEndian(rows.Count);
        foreach (Column column in rows.Columns) WriteColumn(column, rows.Count);
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.Written[start..], _buffer.Length - start - sizeof(int));
        Run run = _runs[^1];
        run.End = SizeBytes;
        run.Rows += rows.Count;
        if (_buffer.Length >= WriteBufferBytes) Flush();
    }

    /// <summary>Reads a run from its start; rows written to it later are read too.</summary>
    public RunReader Read(int run) => new(this, _runs[run]);

    private void WriteColumn(Column column, int rows)
    {
        bool hasNulls = column.MayHaveNulls;
        _buffer.WriteByte(hasNulls ? (byte)1 : (byte)0);
        if (hasNulls) _buffer.Write(column.Validity[..((rows + 7) >> 3)]);
        switch (column)
        {
            case Column<bool> c: WriteValues(c, rows); break;
            case Column<byte> c: WriteValues(c, rows); break;
            case Column<short> c: WriteValues(c, rows); break;
            case Column<int> c: WriteValues(c, rows); break;
            case Column<long> c: WriteValues(c, rows); break;
            case Column<uint> c: WriteValues(c, rows); break;
            case Column<float> c: WriteValues(c, rows); break;
            case Column<double> c: WriteValues(c, rows); break;
            case Column<IntervalValue> c: WriteValues(c, rows); break;
            case Column<UuidValue> c: WriteValues(c, rows); break;
            case Column<TimeTzValue> c: WriteValues(c, rows); break;
            case BytesColumn c:
                BytesValues values = c.Values;
                int end = 0;
                _buffer.WriteInt32LittleEndian(0);
                for (int row = 0; row < rows; row++) _buffer.WriteInt32LittleEndian(end += values[row].Length);
                for (int row = 0; row < rows; row++) _buffer.Write(values[row]);
                break;
            default: throw Invariant.Unreachable(column);
        }
    }

    private void WriteValues<T>(Column<T> column, int rows) where T : unmanaged => _buffer.Write(MemoryMarshal.AsBytes(column.Values[..rows]));

    private void Flush()
    {
        if (_buffer.Length == 0) return;
        try
        {
            _file ??= OpenFile();
            RandomAccess.Write(_file, _buffer.WrittenSpan, _written);
        }
        catch (IOException e)
        {
            throw new SqlException(SqlState.DiskFull, $"could not write to temporary file: {e.Message}", inner: e);
        }
        _written += _buffer.Length;
        _buffer.Clear();
    }

    private SafeFileHandle OpenFile()
    {
        Directory.CreateDirectory(state.Options.TempDirectory);
        string path = Path.Combine(state.Options.TempDirectory, $"vecsql-spill-{Guid.NewGuid():N}.tmp");
        return File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, FileOptions.DeleteOnClose);
    }

    public void Dispose() => _file?.Dispose();

    /// <summary>A run's place in the file.</summary>
    internal sealed class Run
    {
        public long Start { get; init; }
        public long End { get; set; }
        public long Rows { get; set; }
    }

    /// <summary>Reads a run block by block; a batch is valid until the next one.</summary>
    internal sealed class RunReader(SpillFile owner, Run run)
    {
        private readonly byte[] _length = new byte[sizeof(int)];
        private byte[] _block = [];
        private long _position = run.Start;

        public ColumnBatch? Next()
        {
            if (_position >= run.End) return null;
            owner.Flush();
            Read(_length);
            int bytes = BinaryPrimitives.ReadInt32LittleEndian(_length);
            if (bytes < sizeof(int) || bytes > run.End - _position) throw new SqlException(SqlState.DataCorrupted, "a temporary file is damaged");
            if (_block.Length < bytes) _block = new byte[bytes];
            Read(_block.AsSpan(0, bytes));
            return owner.Decode(_block.AsMemory(0, bytes));
        }

        private void Read(Span<byte> target)
        {
            while (target.Length > 0)
            {
                int read = RandomAccess.Read(owner._file!, target, _position);
                if (read == 0) throw new SqlException(SqlState.DataCorrupted, "a temporary file ends early");
                _position += read;
                target = target[read..];
            }
        }
    }

    private ColumnBatch Decode(ReadOnlyMemory<byte> block)
    {
        int rows = BinaryPrimitives.ReadInt32LittleEndian(block.Span);
        int place = sizeof(int);
        Column[] columns = new Column[kinds.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            ReadOnlyMemory<byte> validity = default;
            if (block.Span[place++] != 0)
            {
                validity = block.Slice(place, (rows + 7) >> 3);
                place += validity.Length;
            }
            int width = PhysicalKinds.WidthOf(kinds[i]);
            if (width == 0)
            {
                ReadOnlyMemory<byte> offsets = block.Slice(place, (rows + 1) * sizeof(int));
                place += offsets.Length;
                int length = BinaryPrimitives.ReadInt32LittleEndian(offsets.Span[(rows * sizeof(int))..]);
                columns[i] = new BytesColumn(offsets, block.Slice(place, length), validity, rows);
                place += length;
            }
            else
            {
                columns[i] = FixedColumns.Create(kinds[i], block.Slice(place, rows * width), validity, rows);
                place += rows * width;
            }
        }
        return new ColumnBatch(columns, rows);
    }
}

internal static class FixedColumns
{
    public static Column Create(PhysicalKind kind, ReadOnlyMemory<byte> values, ReadOnlyMemory<byte> validity, int rows) => kind switch
    {
        PhysicalKind.Bool => new Column<bool>(values, validity, rows),
        PhysicalKind.Byte => new Column<byte>(values, validity, rows),
        PhysicalKind.Int16 => new Column<short>(values, validity, rows),
        PhysicalKind.Int32 => new Column<int>(values, validity, rows),
        PhysicalKind.Int64 => new Column<long>(values, validity, rows),
        PhysicalKind.UInt32 => new Column<uint>(values, validity, rows),
        PhysicalKind.Float32 => new Column<float>(values, validity, rows),
        PhysicalKind.Float64 => new Column<double>(values, validity, rows),
        PhysicalKind.Interval => new Column<IntervalValue>(values, validity, rows),
        PhysicalKind.Uuid => new Column<UuidValue>(values, validity, rows),
        PhysicalKind.TimeTz => new Column<TimeTzValue>(values, validity, rows),
        _ => throw Invariant.Unreachable(kind),
    };
}
