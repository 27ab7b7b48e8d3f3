using System.Globalization;
using System.Runtime.InteropServices;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Executor.Expressions;
using VecSql.Planner.Physical;
using VecSql.Storage.Contracts;

namespace VecSql.Executor.Operators;

/// <summary>
/// Rows in the order of a vector index. Storage chooses how (graph, filtered walk, exact scan) by what it counts; this operator evaluates the query and the filter: row by row for
/// candidates, or for the whole table by the plan for matches. Rows come until the consumer has enough or there are no more.
/// </summary>
internal sealed class VectorIndexScanOperator : Operator, IRowFilter
{
    private const int UnknownLimit = 64;

    /// <summary>What a unit of the planner's costs takes here, about: measured with scans by a comparison of integers.</summary>
    private const double CostUnitNs = 120;

    private readonly VectorIndexScan _plan;
    private readonly Evaluator _query;
    private readonly Evaluator? _limit;
    private readonly RowFetcher _fetcher;
    private readonly RowFetcher? _filterFetcher;
    private readonly Operator? _matches;
    private ITableReader? _reader;
    private IVectorSearch? _search;
    private long[] _rowIds = [];
    private double[] _distances = [];
    private bool _isStarted, _isSearching;

    // Of the searches before this one, for EXPLAIN ANALYZE: an operator below a lateral join runs many.
    private VectorSearchStats _before;
    private long _searches;

    public VectorIndexScanOperator(ExecutionState state, VectorIndexScan plan, Evaluator query, Evaluator? limit, RowFetcher? filterFetcher, Operator? matches) : base(state)
    {
        _plan = plan;
        _query = query;
        _limit = limit;
        _filterFetcher = filterFetcher;
        _matches = matches;
        _fetcher = new RowFetcher(plan.Columns, state.KindsOf(plan.OutputTypes), plan.WithRowId, filter: null);
    }

    double IRowFilter.CollectNs => _plan.Matches!.Estimate.TotalCost * CostUnitNs;

    protected override void OpenCore()
    {
        CloseRun();
        _reader ??= State.Reader(_plan.Table.Oid);
        _isStarted = false;
    }

    protected override ColumnBatch? NextCore()
    {
        if (!_isStarted)
        {
            _isStarted = true;
            Start();
        }
        if (!_isSearching) return null;
        int count = _search!.Next(_rowIds, _distances);
        if (Statistics is not null) Report(Statistics);
        return count == 0 ? null : _fetcher.Fetch(_reader!, _rowIds.AsSpan(0, count));
    }

    /// <summary>Tests candidates against WHERE.</summary>
    void IRowFilter.Test(ReadOnlySpan<long> rowIds, Span<bool> accepted)
    {
        accepted[..rowIds.Length].Clear();
        for (int start = 0; start < rowIds.Length; start += ColumnBatch.MaxRows)
        {
            State.CheckCancelled();
            Selection passed = _filterFetcher!.Fetch(_reader!, rowIds[start..Math.Min(start + ColumnBatch.MaxRows, rowIds.Length)]).Selection;
            for (int i = 0; i < passed.Count; i++) accepted[start + passed[i]] = true;
        }
    }

    ReadOnlyMemory<long> IRowFilter.CollectMatches()
    {
        long[] rows = new long[256];
        int count = 0;
        bool isAscending = true;
        _matches!.Open();
        while (_matches.Next() is { } batch)
        {
            if (count + batch.Count > rows.Length) Array.Resize(ref rows, Math.Max(rows.Length * 2, count + batch.Count));
            Column<long> ids = (Column<long>)batch[0];
            for (int i = 0; i < batch.Count; i++)
            {
                long id = ids[batch.Selection[i]];
                isAscending &= count == 0 || id > rows[count - 1];
                rows[count++] = id;
            }
        }
        if (!isAscending) rows.AsSpan(0, count).Sort();
        return rows.AsMemory(0, count);
    }

    private void Start()
    {
        int limit = UnknownLimit;
        if (_limit is not null)
        {
            Column wanted = _limit.EvaluateScalar();
            // LIMIT NULL is no limit.
            limit = wanted.IsNull(0) ? int.MaxValue : (int)Math.Clamp(((Column<long>)wanted)[0], 0, int.MaxValue);
            if (limit == 0) return;
        }
        Column query = _query.EvaluateScalar();
        int batch = Math.Min(Math.Max(limit, 1), State.Options.BatchSize);
        if (_rowIds.Length != batch)
        {
            _rowIds = new long[batch];
            _distances = new double[batch];
        }
        _search ??= _reader!.OpenVectorSearch(_plan.Index.Oid);
        _isSearching = true;
        _searches++;
        _search.Begin(new VectorSearchRequest
        {
            Query = query.IsNull(0) ? null : ((BytesColumn)query)[0].ToArray(),
            Limit = limit,
            EfSearch = State.Options.EfSearch,
            Probes = State.Options.Probes,
            TargetRecall = State.Options.TargetRecall,
            Filter = _filterFetcher is null ? null : this,
            IsFilterImplied = _plan.IsFilterImplied,
            Selectivity = _plan.SelectivityByParameters?.Invoke(State.Context.Parameters) ?? _plan.Selectivity,
            Cancellation = State.Context.Cancellation,
        });
    }

    /// <summary>Ends the search that runs, if any; its counts are kept.</summary>
    private void CloseRun()
    {
        if (_isSearching && Statistics is not null) _before = Total();
        _isSearching = false;
    }

    /// <summary>Counts over all searches so far; the rest is the last one's.</summary>
    private VectorSearchStats Total()
    {
        VectorSearchStats last = _search!.Stats;
        return last with
        {
            Hops = _before.Hops + last.Hops, Distances = _before.Distances + last.Distances, Tested = _before.Tested + last.Tested, Rejected = _before.Rejected + last.Rejected,
            Reranked = _before.Reranked + last.Reranked, Lists = _before.Lists + last.Lists, Effort = Math.Max(_before.Effort, last.Effort),
        };
    }

    private bool IsLists => _plan.Index.Method == "ivfflat";

    private void Report(OperatorStatistics statistics)
    {
        VectorSearchStats stats = Total();
        if (_searches > 1) statistics.Count("Searches", _searches);
        statistics.Details["Strategy"] = stats.Strategy.Length == 0 ? "none" : stats.Strategy;
        if (stats.Matches >= 0) statistics.Details["Matches"] = stats.Matches.ToString();
        if (IsLists) statistics.Count("Lists Probed", stats.Lists);
        else statistics.Count("Graph Nodes Expanded", stats.Hops);
        statistics.Count("Distances", stats.Distances);
        if (_filterFetcher is not null && !_plan.IsFilterImplied) statistics.Count("Rows Tested", stats.Tested);
        if (!IsLists && stats.Effort > 0)
        {
            double target = State.Options.TargetRecall;
            statistics.Details["Ef Search"] = target > 0 ? string.Create(CultureInfo.InvariantCulture, $"{stats.Effort} (target_recall {target:0.####})") : stats.Effort.ToString();
            statistics.Details["Quantization"] = stats.Quantization ?? "none";
            statistics.Count("Rows Reranked", stats.Reranked);
        }
        if (!double.IsNaN(stats.ExpectedRecall)) statistics.Details["Recall Expected"] = stats.ExpectedRecall.ToString("0.000", CultureInfo.InvariantCulture);
        statistics.Details[IsLists ? "Indexed Parts" : "Graphs"] = stats.Structures.ToString();
        statistics.RowsRemoved = stats.Rejected;
    }

    public override void Dispose()
    {
        _search?.Dispose();
        _matches?.Dispose();
        base.Dispose();
    }
}
