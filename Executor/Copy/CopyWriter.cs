using System.Buffers.Binary;
using System.Text;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Executor.Copy;

/// <summary>Rows → COPY TO's bytes. Each call appends to the buffer; the caller sends and clears it.</summary>
public sealed class CopyWriter
{
    private readonly CopyOptions _options;
    private readonly IReadOnlyList<CopyColumn> _columns;
    private readonly EvalContext _context;
    private readonly TypeHandler[] _handlers;
    private readonly ByteBuffer _value = new();
    private readonly byte[] _special;

    public CopyWriter(CopyOptions options, IReadOnlyList<CopyColumn> columns, EvalContext context)
    {
        _options = options;
        _columns = columns;
        _context = context;
        _handlers = [.. columns.Select(c => TypeHandlers.Of(c.Type.Oid, context.Catalog))];
        _special = options.Format == CopyFormat.Csv
            ? [options.Delimiter, options.Quote, (byte)'\n', (byte)'\r']
            : [options.Delimiter, (byte)'\\', (byte)'\b', (byte)'\f', (byte)'\n', (byte)'\r', (byte)'\t', (byte)'\v'];
    }

    /// <summary>Rows written.</summary>
    public long RowCount { get; private set; }

    /// <summary>The header line, or the binary signature.</summary>
    public void WriteStart(ByteBuffer output)
    {
        if (_options.Format == CopyFormat.Binary)
        {
            output.Write(CopyBinaryReader.Signature);
            output.WriteInt64BigEndian(0);
            return;
        }
        if (_options.Header == CopyHeader.None) return;
        for (int i = 0; i < _columns.Count; i++)
        {
            if (i > 0) output.WriteByte(_options.Delimiter);
            WriteValue(Encoding.UTF8.GetBytes(_columns[i].Name), forcesQuote: false, output);
        }
        output.WriteByte((byte)'\n');
    }

    /// <param name="place">The row's place in the batch's selection.</param>
    public void WriteRow(ColumnBatch batch, int place, ByteBuffer output)
    {
        if (_options.Format == CopyFormat.Binary) WriteBinaryRow(batch, batch.Selection[place], output);
        else WriteTextRow(batch, batch.Selection[place], output);
        RowCount++;
    }

    /// <summary>The binary end mark.</summary>
    public void WriteEnd(ByteBuffer output)
    {
        if (_options.Format == CopyFormat.Binary) output.WriteInt16BigEndian(-1);
    }

    private void WriteBinaryRow(ColumnBatch batch, int row, ByteBuffer output)
    {
        output.WriteInt16BigEndian((short)_columns.Count);
        for (int i = 0; i < _columns.Count; i++)
        {
            int place = output.Length;
            output.WriteInt32BigEndian(-1);
            if (batch[i].IsNull(row)) continue;
            _handlers[i].WriteBinary(batch[i], row, _columns[i].Type, output, _context);
            BinaryPrimitives.WriteInt32BigEndian(output.Written[place..], output.Length - place - sizeof(int));
        }
    }

    private void WriteTextRow(ColumnBatch batch, int row, ByteBuffer output)
    {
        for (int i = 0; i < _columns.Count; i++)
        {
            if (i > 0) output.WriteByte(_options.Delimiter);
            if (batch[i].IsNull(row))
            {
                output.Write(_options.NullText);
                continue;
            }
            _value.Clear();
            _handlers[i].FormatText(batch[i], row, _columns[i].Type, _value, _context);
            WriteValue(_value.WrittenSpan, i < _options.ForceQuote.Length && _options.ForceQuote[i], output);
        }
        output.WriteByte((byte)'\n');
    }

    private void WriteValue(ReadOnlySpan<byte> value, bool forcesQuote, ByteBuffer output)
    {
        if (_options.Format == CopyFormat.Csv) WriteCsv(value, forcesQuote, output);
        else WriteEscaped(value, output);
    }

    private void WriteEscaped(ReadOnlySpan<byte> value, ByteBuffer output)
    {
        int place;
        while ((place = value.IndexOfAny(_special)) >= 0)
        {
            output.Write(value[..place]);
            output.WriteByte((byte)'\\');
            output.WriteByte(value[place] switch
            {
                (byte)'\b' => (byte)'b',
                (byte)'\f' => (byte)'f',
                (byte)'\n' => (byte)'n',
                (byte)'\r' => (byte)'r',
                (byte)'\t' => (byte)'t',
                (byte)'\v' => (byte)'v',
                byte other => other,
            });
            value = value[(place + 1)..];
        }
        output.Write(value);
    }

    private void WriteCsv(ReadOnlySpan<byte> value, bool forcesQuote, ByteBuffer output)
    {
        // What would read back as NULL, or as the end mark, is quoted too.
        bool quotes = forcesQuote || value.SequenceEqual(_options.NullText) || (_columns.Count == 1 && value.SequenceEqual("\\."u8)) || value.IndexOfAny(_special) >= 0;
        if (!quotes)
        {
            output.Write(value);
            return;
        }
        output.WriteByte(_options.Quote);
        foreach (byte b in value)
        {
            if (b == _options.Quote || b == _options.Escape) output.WriteByte(_options.Escape);
            output.WriteByte(b);
        }
        output.WriteByte(_options.Quote);
    }
}
