using VecSql.Core.Columns;

namespace VecSql.Executor.Rows;

/// <summary>Rows that an operator keeps or puts together: a builder for each column. Built columns are valid until the next change.</summary>
internal sealed class RowBuffer
{
    private readonly ColumnBuilder[] _builders;
    private readonly Column[] _columns;
    private bool _isBuilt;

    public RowBuffer(PhysicalKind[] kinds, int capacity = 64)
    {
        _builders = new ColumnBuilder[kinds.Length];
        for (int i = 0; i < kinds.Length; i++) _builders[i] = ColumnBuilder.Create(kinds[i], capacity);
        _columns = new Column[kinds.Length];
    }

    public int Count { get; private set; }
    public int Width => _builders.Length;

    /// <summary>For appending values directly; then <see cref="AddRows"/>.</summary>
    public ReadOnlySpan<ColumnBuilder> Builders => _builders;

    /// <summary>All rows. Built when first asked for after a change.</summary>
    public Column[] Columns
    {
        get
        {
            if (_isBuilt) return _columns;
            for (int i = 0; i < _builders.Length; i++) _columns[i] = _builders[i].Build();
            _isBuilt = true;
            return _columns;
        }
    }

    /// <summary>Bytes held, about.</summary>
    public long MemoryBytes
    {
        get
        {
            long bytes = 0;
            foreach (ColumnBuilder builder in _builders)
            {
                bytes += builder is BytesColumnBuilder variable
                    ? variable.Output.Length + (long)builder.Count * sizeof(int)
                    : (long)builder.Count * PhysicalKinds.WidthOf(builder.Kind);
            }
            return bytes;
        }
    }

    public void Reset()
    {
        foreach (ColumnBuilder builder in _builders) builder.Reset();
        Count = 0;
        _isBuilt = false;
    }

    /// <summary>Counts rows that were appended to the builders.</summary>
    public void AddRows(int count)
    {
        Count += count;
        _isBuilt = false;
    }

    /// <summary>Copies the selected rows of the first <see cref="Width"/> columns.</summary>
    public void Append(ReadOnlySpan<Column> columns, Selection rows)
    {
        for (int i = 0; i < _builders.Length; i++) _builders[i].AppendFrom(columns[i], rows);
        AddRows(rows.Count);
    }

    public void Append(ColumnBatch batch) => Append(batch.Columns, batch.Selection);

    public void AppendRow(ReadOnlySpan<Column> columns, int row)
    {
        for (int i = 0; i < _builders.Length; i++) _builders[i].AppendFrom(columns[i], row);
        AddRows(1);
    }

    /// <summary>All rows as a batch.</summary>
    public ColumnBatch ToBatch() => new([.. Columns], Count);
}
