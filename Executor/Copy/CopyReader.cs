using System.Text;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Executor.Rows;

namespace VecSql.Executor.Copy;

/// <summary>
/// COPY FROM's bytes → batches. Fed with pieces of any size (<see cref="Feed"/>), ended by <see cref="Finish"/>; full batches are handed to the consumer, which borrows them for the call.
/// Errors carry "COPY t, line n, column c: …" as their context.
/// </summary>
public abstract class CopyReader
{
    // PostgreSQL shows no more of a line or value than this.
    private const int MaxShownBytes = 100;

    private readonly string _table;
    private readonly int _batchSize;
    private readonly Action<ColumnBatch> _consume;
    private readonly RowBuffer _rows;
    private readonly TypeHandler[] _handlers;

    private protected CopyReader(CopyOptions options, IReadOnlyList<CopyColumn> columns, string table, EvalContext context, int batchSize, Action<ColumnBatch> consume)
    {
        Options = options;
        Columns = columns;
        Context = context;
        _table = table;
        _batchSize = batchSize;
        _consume = consume;
        _handlers = [.. columns.Select(c => TypeHandlers.Of(c.Type.Oid, context.Catalog))];
        _rows = new RowBuffer([.. _handlers.Select(h => h.Kind)]);
    }

    /// <summary>A reader for the options' format.</summary>
    /// <param name="table">Its name, for errors.</param>
    public static CopyReader Create(CopyOptions options, IReadOnlyList<CopyColumn> columns, string table, EvalContext context, int batchSize, Action<ColumnBatch> consume) => options.Format switch
    {
        CopyFormat.Text => new CopyTextReader(options, columns, table, context, batchSize, consume),
        CopyFormat.Csv => new CopyCsvReader(options, columns, table, context, batchSize, consume),
        _ => new CopyBinaryReader(options, columns, table, context, batchSize, consume),
    };

    private protected CopyOptions Options { get; }
    private protected IReadOnlyList<CopyColumn> Columns { get; }
    private protected EvalContext Context { get; }

    /// <summary>Lines (or rows) begun so far.</summary>
    private protected long Line { get; set; }

    /// <summary>Rows read.</summary>
    public long RowCount { get; private set; }

    /// <summary>Takes the next bytes.</summary>
    /// <exception cref="SqlException">22P04, 22021 and the types' errors.</exception>
    public abstract void Feed(ReadOnlySpan<byte> bytes);

    /// <summary>The data ended: hands out what is left.</summary>
    public void Finish()
    {
        FinishData();
        Flush();
    }

    private protected abstract void FinishData();

    private protected void AppendText(int column, ReadOnlySpan<byte> value)
    {
        try
        {
            _handlers[column].ParseText(value, Columns[column].Type, _rows.Builders[column], Context);
        }
        catch (SqlException e)
        {
            throw e.In($"{AtLine()}, column {Columns[column].Name}: \"{Shown(value)}\"");
        }
    }

    private protected void AppendBinary(int column, ReadOnlySpan<byte> value)
    {
        try
        {
            _handlers[column].ReadBinary(value, Columns[column].Type, _rows.Builders[column], Context);
        }
        catch (SqlException e)
        {
            throw e.In($"{AtLine()}, column {Columns[column].Name}");
        }
    }

    private protected void AppendNull(int column) => _rows.Builders[column].AppendNull();

    private protected void EndRow()
    {
        _rows.AddRows(1);
        RowCount++;
        if (_rows.Count >= _batchSize) Flush();
    }

    private protected SqlException BadFormat(string message, string? hint = null) => new SqlException(SqlState.BadCopyFileFormat, message, hint: hint).In(AtLine());
    private protected SqlException BadFormat(string message, ReadOnlySpan<byte> line) => new SqlException(SqlState.BadCopyFileFormat, message).In($"{AtLine()}: \"{Shown(line)}\"");
    private protected string AtLine() => $"COPY {_table}, line {Line}";

    private void Flush()
    {
        Context.Cancellation.ThrowIfCancellationRequested();
        if (_rows.Count == 0) return;
        _consume(_rows.ToBatch());
        _rows.Reset();
    }

    private static string Shown(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= MaxShownBytes) return Encoding.UTF8.GetString(bytes);
        int end = MaxShownBytes;
        while (end > 0 && (bytes[end] & 0xC0) == 0x80) end--;
        return Encoding.UTF8.GetString(bytes[..end]) + "...";
    }
}
