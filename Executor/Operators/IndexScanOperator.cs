using VecSql.Core.Columns;
using VecSql.Executor.Expressions;
using VecSql.Planner.Physical;
using VecSql.Storage.Contracts;

namespace VecSql.Executor.Operators;

/// <summary>Reads rows through an index. Opened anew for each outer row of an index nested loop, so nothing big is made in <see cref="OpenCore"/>.</summary>
internal sealed class IndexScanOperator : Operator
{
    // The first fetch is small, for the common look-up of few rows under a LIMIT or in a nested loop.
    private const int FirstFetch = 32;

    private readonly IndexScan _plan;
    private readonly IndexKeyRange _range;
    private readonly RowFetcher _fetcher;
    private long[] _rowIds;
    private ITableReader? _reader;
    private IIndexCursor? _cursor;
    private int _fetchSize;

    public IndexScanOperator(ExecutionState state, IndexScan plan, IndexKeyRange range, Evaluator? filter) : base(state)
    {
        _plan = plan;
        _range = range;
        _fetcher = new RowFetcher(plan.Columns, state.KindsOf(plan.OutputTypes), plan.WithRowId, filter);
        _rowIds = new long[Math.Min(FirstFetch, state.Options.BatchSize)];
    }

    protected override void OpenCore()
    {
        CloseCursor();
        _reader ??= State.Reader(_plan.Table.Oid);
        _range.Start();
        _fetchSize = Math.Min(FirstFetch, State.Options.BatchSize);
    }

    protected override ColumnBatch? NextCore()
    {
        while (true)
        {
            if (_cursor is null)
            {
                if (!_range.TryNext(out KeyRange range)) return null;
                _cursor = _reader!.Seek(_plan.Index.Oid, range, _plan.Descending);
            }
            int count;
            while ((count = _cursor.Next(NextRowIds())) > 0)
            {
                _fetchSize = Math.Min(_fetchSize * 4, State.Options.BatchSize);
                ColumnBatch batch = _fetcher.Fetch(_reader!, _rowIds.AsSpan(0, count));
                if (Statistics is { } statistics) statistics.RowsRemoved += count - batch.Count;
                if (batch.Count > 0) return batch;
                State.CheckCancelled();
            }
            CloseCursor();
        }
    }

    private Span<long> NextRowIds()
    {
        if (_rowIds.Length < _fetchSize) _rowIds = new long[_fetchSize];
        return _rowIds.AsSpan(0, _fetchSize);
    }

    private void CloseCursor()
    {
        _cursor?.Dispose();
        _cursor = null;
    }

    public override void Dispose()
    {
        CloseCursor();
        base.Dispose();
    }
}
