using System.Runtime.InteropServices;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Executor.Expressions;
using VecSql.Planner.Physical;
using VecSql.Storage.Contracts;

namespace VecSql.Executor.Operators;

/// <summary>
/// The nearest rows of a vector index. With a filter the strategy is chosen by real counts: if a cheap way to the matching rows yields few, they are searched exactly;
/// else the graph is walked with the filter in it. Either way rows come until the consumer has enough or there are no more.
/// </summary>
internal sealed class VectorIndexScanOperator : Operator, IRowFilter
{
    private const int UnknownLimit = 64;

    // Up to this many matches an exact scan beats a filtered walk, about; storage decides again with real counts.
    public const int DefaultMaxMatches = 20_000;

    private readonly VectorIndexScan _plan;
    private readonly Evaluator _query;
    private readonly Evaluator? _limit;
    private readonly RowFetcher _fetcher;
    private readonly RowFetcher? _filterFetcher;
    private readonly Operator? _matches;
    private readonly int _maxMatches;
    private readonly ColumnBuilder<double> _distanceColumn = new(16);
    private ITableReader? _reader;
    private IVectorSearch? _search;
    private long[] _rowIds = [];
    private double[] _distances = [];
    private int _found, _given;
    private bool _isStarted;

    public VectorIndexScanOperator(ExecutionState state, VectorIndexScan plan, Evaluator query, Evaluator? limit, RowFetcher? filterFetcher, Operator? matches, int maxMatches) : base(state)
    {
        _plan = plan;
        _query = query;
        _limit = limit;
        _filterFetcher = filterFetcher;
        _matches = matches;
        _maxMatches = maxMatches;
        _fetcher = new RowFetcher(plan.Columns, state.KindsOf(plan.OutputTypes), plan.WithRowId, filter: null);
    }

    protected override void OpenCore()
    {
        _search?.Dispose();
        _search = null;
        _reader ??= State.Reader(_plan.Table.Oid);
        _isStarted = false;
        _found = _given = 0;
    }

    protected override ColumnBatch? NextCore()
    {
        if (!_isStarted)
        {
            _isStarted = true;
            if (!Start()) return null;
        }
        if (_given == _found && !Continue()) return null;
        int count = Math.Min(_found - _given, State.Options.BatchSize);
        Column? distances = null;
        if (_plan.WithDistance)
        {
            _distances.AsSpan(_given, count).CopyTo(_distanceColumn.Fill(count));
            distances = _distanceColumn.Build();
        }
        ColumnBatch batch = _fetcher.Fetch(_reader!, _rowIds.AsSpan(_given, count), distances);
        _given += count;
        return batch;
    }

    /// <summary>Tests candidates of the graph walk against WHERE.</summary>
    void IRowFilter.Test(ReadOnlySpan<long> rowIds, Span<bool> accepted)
    {
        accepted[..rowIds.Length].Clear();
        // Walks may ask for many at once; a batch holds at most MaxRows.
        for (int start = 0; start < rowIds.Length; start += ColumnBatch.MaxRows)
        {
            State.CheckCancelled();
            Selection passed = _filterFetcher!.Fetch(_reader!, rowIds[start..Math.Min(start + ColumnBatch.MaxRows, rowIds.Length)]).Selection;
            for (int i = 0; i < passed.Count; i++) accepted[start + passed[i]] = true;
        }
    }

    private bool Start()
    {
        Column query = _query.EvaluateScalar();
        // As in pgvector: a NULL query orders nothing, and the index gives no rows.
        if (query.IsNull(0)) return false;
        int limit = UnknownLimit;
        if (_limit?.EvaluateScalar() is Column<long> value && !value.IsNull(0)) limit = (int)Math.Clamp(value[0], 0, 1 << 20);
        if (limit == 0) return false;
        if (_rowIds.Length < limit)
        {
            _rowIds = new long[limit];
            _distances = new double[limit];
        }
        _search = _reader!.OpenVectorSearch(_plan.Index.Oid);
        VectorSearchRequest request = new()
        {
            Query = ToFloats(((BytesColumn)query)[0], _plan.Query.Type.Oid),
            Limit = limit,
            EfSearch = State.Options.EfSearch,
            Filter = _filterFetcher is null ? null : this,
            Matches = _matches is null ? null : CollectMatches(),
            Selectivity = _plan.Selectivity,
            Cancellation = State.Context.Cancellation,
        };
        _found = _search.Search(request, _rowIds.AsSpan(0, limit), _distances.AsSpan(0, limit));
        _given = 0;
        Report();
        return true;
    }

    private bool Continue()
    {
        if (_search is null) return false;
        int wanted = Math.Min(Math.Max(_rowIds.Length, UnknownLimit), ColumnBatch.MaxRows);
        if (_rowIds.Length < wanted)
        {
            _rowIds = new long[wanted];
            _distances = new double[wanted];
        }
        _found = _search.Continue(_rowIds, _distances);
        _given = 0;
        Report();
        return _found > 0;
    }

    /// <summary>Row numbers that satisfy the filter, ascending; null if there are more than an exact scan is worth.</summary>
    private ReadOnlyMemory<long>? CollectMatches()
    {
        List<long> rows = [];
        _matches!.Open();
        while (_matches.Next() is { } batch)
        {
            if (rows.Count + batch.Count > _maxMatches) return null;
            Column<long> ids = (Column<long>)batch[0];
            for (int i = 0; i < batch.Count; i++) rows.Add(ids[batch.Selection[i]]);
        }
        rows.Sort();
        return rows.ToArray();
    }

    private void Report()
    {
        if (Statistics is not { } statistics) return;
        VectorSearchStats stats = _search!.Stats;
        statistics.Details["Strategy"] = stats.Strategy;
        statistics.Details["Candidates Visited"] = stats.Visited.ToString();
        statistics.Details["Rows Scored"] = stats.Scored.ToString();
        statistics.Details["Rows Filtered"] = stats.Filtered.ToString();
        statistics.Details["Graphs"] = stats.Graphs.ToString();
    }

    private static float[] ToFloats(ReadOnlySpan<byte> value, uint type)
    {
        switch (type)
        {
            case TypeOid.Vector:
                return MemoryMarshal.Cast<byte, float>(value).ToArray();
            case TypeOid.HalfVec:
                ReadOnlySpan<Half> halves = MemoryMarshal.Cast<byte, Half>(value);
                float[] floats = new float[halves.Length];
                for (int i = 0; i < floats.Length; i++) floats[i] = (float)halves[i];
                return floats;
            default:
                throw SqlException.NotSupported("index search over this vector type");
        }
    }

    public override void Dispose()
    {
        _search?.Dispose();
        _matches?.Dispose();
        base.Dispose();
    }
}
