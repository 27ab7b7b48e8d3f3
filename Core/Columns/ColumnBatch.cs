using VecSql.Core.Errors;

namespace VecSql.Core.Columns;

/// <summary>
/// Up to <see cref="MaxRows"/> rows on their way through the executor: columns of equal length and the rows among them that count.
/// A filter sets a selection and copies nothing. Valid until the producer's next batch.
/// </summary>
public sealed class ColumnBatch
{
    /// <summary>Rows in a full batch.</summary>
    public const int MaxRows = 2048;

    private readonly Column[] _columns;

    /// <param name="columns">All of length <paramref name="rowCount"/>. The array is not copied.</param>
    public ColumnBatch(Column[] columns, int rowCount) : this(columns, rowCount, Selection.All(rowCount)) { }

    public ColumnBatch(Column[] columns, int rowCount, Selection selection)
    {
        foreach (Column column in columns) Invariant.Check(column.Length >= rowCount);
        _columns = columns;
        RowCount = rowCount;
        Selection = selection;
    }

    public ReadOnlySpan<Column> Columns => _columns;
    public Column this[int column] => _columns[column];
    public int ColumnCount => _columns.Length;

    /// <summary>Physical rows, selected or not.</summary>
    public int RowCount { get; }

    /// <summary>The rows that count.</summary>
    public Selection Selection { get; }

    /// <summary>Rows that count.</summary>
    public int Count => Selection.Count;

    /// <summary>The same columns with other rows selected.</summary>
    public ColumnBatch Select(Selection selection) => new(_columns, RowCount, selection);
}
