using VecSql.Core.Columns;
using VecSql.Executor.Expressions;
using VecSql.Storage.Contracts;

namespace VecSql.Executor.Operators;

/// <summary>Row numbers → batch of the columns asked for, then the row number if wanted, filtered. Its buffers are used again for each batch.</summary>
internal sealed class RowFetcher
{
    private readonly short[] _attributes;
    private readonly ColumnBuilder[] _builders;
    private readonly ColumnBuilder<long>? _rowIds;
    private readonly Evaluator? _filter;

    public RowFetcher(IReadOnlyList<short> attributes, PhysicalKind[] kinds, bool withRowId, Evaluator? filter)
    {
        _attributes = [.. attributes];
        _builders = new ColumnBuilder[_attributes.Length];
        for (int i = 0; i < _builders.Length; i++) _builders[i] = ColumnBuilder.Create(kinds[i], 1);
        _rowIds = withRowId ? new ColumnBuilder<long>(1) : null;
        _filter = filter;
    }

    /// <param name="extra">A further last column that the filter doesn't see, or null.</param>
    /// <returns>The rows that pass; possibly none.</returns>
    public ColumnBatch Fetch(ITableReader reader, ReadOnlySpan<long> rowIds, Column? extra = null)
    {
        foreach (ColumnBuilder builder in _builders) builder.Reset();
        if (_attributes.Length > 0) reader.Fetch(rowIds, _attributes, _builders);
        int width = _builders.Length + (_rowIds is null ? 0 : 1);
        Column[] columns = new Column[width + (extra is null ? 0 : 1)];
        for (int i = 0; i < _builders.Length; i++) columns[i] = _builders[i].Build();
        if (_rowIds is not null)
        {
            rowIds.CopyTo(_rowIds.Fill(rowIds.Length));
            columns[_builders.Length] = _rowIds.Build();
        }
        if (extra is not null) columns[width] = extra;
        Selection rows = Selection.All(rowIds.Length);
        if (_filter is not null) rows = _filter.Filter(columns, rows);
        return new ColumnBatch(columns, rowIds.Length, rows);
    }
}
