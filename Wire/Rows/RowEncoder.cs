using System.Buffers.Binary;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Wire.Messages;

namespace VecSql.Wire.Rows;

/// <summary>
/// Turns batches into DataRow messages. How each column is written is chosen once, when the result begins; nothing is allocated per row.
/// One for each result; not safe for concurrent use.
/// </summary>
internal sealed class RowEncoder
{
    private const int HeaderBytes = 1 + sizeof(int) + sizeof(short);

    private readonly ColumnFormatter[] _formatters;
    private readonly int _lengthLimit;

    /// <param name="context">Encodes values: the session's settings and catalog as the result begins.</param>
    /// <param name="lengthLimit">The largest length word of a row.</param>
    /// <exception cref="SqlException">0A000: a column's type can't be written; 22023: no such format.</exception>
    public RowEncoder(RowDescription description, EvalContext context, int lengthLimit = BackendMessages.LengthLimit)
    {
        Invariant.Check(description.Formats.Count == description.Columns.Count && description.Columns.Count <= short.MaxValue);
        _lengthLimit = lengthLimit;
        _formatters = new ColumnFormatter[description.Columns.Count];
        for (int i = 0; i < _formatters.Length; i++) _formatters[i] = ColumnFormatters.Create(description.Columns[i].Type, description.Formats[i], context);
    }

    /// <summary>Looks at a batch whose rows are encoded next.</summary>
    public void Bind(ColumnBatch batch)
    {
        Invariant.Check(batch.ColumnCount == _formatters.Length);
        for (int i = 0; i < _formatters.Length; i++) _formatters[i].Bind(batch[i]);
    }

    /// <summary>Encodes selected rows from place <paramref name="first"/> until the buffer holds <paramref name="enough"/> bytes, at least one; returns the next place.</summary>
    /// <exception cref="SqlException">54000: a row is too long. The buffer then ends with the row before it.</exception>
    public int Encode(Selection rows, int first, ByteBuffer output, int enough)
    {
        int place = first;
        do
        {
            int start = output.Length;
            try
            {
                EncodeRow(rows[place], output, start);
            }
            catch (Exception error)
            {
                // What was written of this row must not reach the client: an error message comes next.
                output.Truncate(start);
                if (error is OverflowException or ArgumentOutOfRangeException or OutOfMemoryException) throw BackendMessages.TooLong(output.Length, _lengthLimit);
                throw;
            }
            place++;
        }
        while (place < rows.Count && output.Length < enough);
        return place;
    }

    private void EncodeRow(int row, ByteBuffer output, int start)
    {
        Span<byte> header = output.Take(HeaderBytes);
        header[0] = (byte)'D';
        BinaryPrimitives.WriteInt16BigEndian(header[5..], (short)_formatters.Length);
        foreach (ColumnFormatter formatter in _formatters)
        {
            if (formatter.IsNull(row))
            {
                output.WriteInt32BigEndian(-1);
                continue;
            }
            // 64-bit sums: two values of a gigabyte each must not wrap around into a short length that the client believes.
            long soFar = (long)output.Length - start - 1;
            long least = formatter.LeastBytes(row);
            if (soFar + sizeof(int) + least > _lengthLimit) throw BackendMessages.TooLong(soFar, least);
            formatter.Write(row, output);
            long length = (long)output.Length - start - 1;
            if (length > _lengthLimit) throw BackendMessages.TooLong(soFar, length - soFar);
        }
        BinaryPrimitives.WriteInt32BigEndian(output.Written[(start + 1)..], output.Length - start - 1);
    }
}
