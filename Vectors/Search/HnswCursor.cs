using VecSql.Vectors.Graph;
using VecSql.Vectors.Kernels;
using VecSql.Vectors.Memory;

namespace VecSql.Vectors.Search;

/// <summary>
/// A scan that goes on for as long as it is asked: the first batch is what a search with the same ef finds; each further one continues from the
/// candidates that the last had no room for, with the visited set kept. Distances rise within a batch and approximately from batch to batch; every
/// node comes at most once, and in the end every id below the graph's limit has come: those that no path reaches are scanned last.
/// For one thread. Holds scratch memory (a bit per node and what was seen) until <see cref="Dispose"/>. Nodes inserted after it began don't come.
/// </summary>
public sealed unsafe class HnswCursor : NeighborCursor
{
    private readonly HnswGraph _graph;
    private readonly int _ef;
    private readonly GraphView _view;
    private readonly VectorRows _rows;
    private readonly int _entry;
    private readonly int _entryLevel;
    private SearchContext? _context;
    private Phase _phase = Phase.Begin;
    private int _emitted;

    private enum Phase
    {
        Begin,
        Walk,
        Rest,
    }

    /// <param name="query">Copied.</param>
    /// <param name="ef">Size of a batch, 1 or more: larger ones are nearer to exact order.</param>
    public HnswCursor(HnswGraph graph, ReadOnlySpan<float> query, int ef)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ef, 1);
        graph.CheckQuery(query, 0, default);
        _graph = graph;
        _ef = ef;
        if (!graph.TrySnapshot(out _view, out _rows, out _entry, out _entryLevel)) _phase = Phase.Rest;
        _context = SearchContextPool.Shared.Rent();
        _context.Begin(_view.Limit, ef);
        _context.BindQuery(query, _rows.KernelDimensions, graph.Options.Metric == DistanceMetric.Cosine);
        if (_phase == Phase.Rest) ScanRest();
        else if (graph.Codes is { } codes)
        {
            _context.BindCodes(codes, _context.Query, normalize: false);
            graph.ChooseEntry(_context, ref _entry, ref _entryLevel);
        }
        _context.Rest();
    }

    public override int Next(Span<Neighbor> result, ref SearchStats stats, CancellationToken cancellation = default)
    {
        SearchContext context = _context ?? throw new ObjectDisposedException(nameof(HnswCursor));
        context.Read();
        int count = 0;
        while (count < result.Length)
        {
            if (_emitted == context.Pool.Size && !Advance(context, ref stats, cancellation)) break;
            ulong candidate = context.Pool.Items[_emitted++];
            result[count++] = new(Candidate.Id(candidate), Candidate.Distance(candidate));
        }
        context.Rest();
        return count;
    }

    public override void Dispose()
    {
        if (_context is null) return;
        SearchContextPool.Shared.Return(_context);
        _context = null;
    }

    /// <summary>Fills the pool with the next batch; false at the end.</summary>
    private bool Advance(SearchContext context, ref SearchStats stats, CancellationToken cancellation)
    {
        _emitted = 0;
        if (_phase == Phase.Begin)
        {
            WalkAction first = new(this, context, enter: true, ref stats, cancellation);
            KernelDispatch.Run(_graph.Options.Metric, _graph.Store.RowsAreUnit, ref first);
            context.Heapify();
            _phase = Phase.Walk;
            return true;
        }
        context.Pool.Clear();
        if (context.HeapSize == 0 && _phase == Phase.Walk) ScanRest();
        while (context.HeapSize > 0 && context.Pool.Size < _ef) context.Pool.Items[context.Pool.Size++] = context.PopHeap();
        if (context.Pool.Size == 0) return false;
        if (_phase == Phase.Walk)
        {
            WalkAction next = new(this, context, enter: false, ref stats, cancellation);
            KernelDispatch.Run(_graph.Options.Metric, _graph.Store.RowsAreUnit, ref next);
        }
        return true;
    }

    private void ScanRest()
    {
        _phase = Phase.Rest;
        RestAction action = new(this, _context!);
        KernelDispatch.Run(_graph.Options.Metric, _graph.Store.RowsAreUnit, ref action);
    }

    private ref struct WalkAction(HnswCursor cursor, SearchContext context, bool enter, ref SearchStats stats, CancellationToken cancellation)
        : IKernelAction, IDistanceAction
    {
        private readonly ref SearchStats _stats = ref stats;

        public void Run<TKernel>()
            where TKernel : struct, IDistanceKernel
        {
            RowDistance<TKernel> distance = new(cursor._rows, context.Query);
            if (cursor._graph.Codes is { } codes)
            {
                CodeDispatch.Run(codes, context, ref this);
                Reranking.RankAll(distance, context.Pool);
                _stats.Reranked += context.Pool.Size;
            }
            else
            {
                RunOver(distance);
            }
        }

        public void RunOver<TDistance>(TDistance distance)
            where TDistance : struct, INodeDistance
        {
            if (enter)
            {
                context.Pool.Insert(HnswGraph.Enter(cursor._view, ref distance, context, cursor._entry, cursor._entryLevel, ref _stats));
                AppendOverflow overflow = new(context);
                BeamSearch.Run(cursor._view, ref distance, context, 0, walkChains: true, ref overflow, ref _stats, cancellation);
            }
            else
            {
                HeapOverflow overflow = new(context);
                BeamSearch.Run(cursor._view, ref distance, context, 0, walkChains: true, ref overflow, ref _stats, cancellation);
            }
        }
    }

    /// <summary>Scores every id that no path led to, and leaves them in the heap as expanded: there is nowhere to go from them.</summary>
    private readonly struct RestAction(HnswCursor cursor, SearchContext context) : IKernelAction
    {
        public void Run<TKernel>()
            where TKernel : struct, IDistanceKernel
        {
            RowDistance<TKernel> distance = new(cursor._rows, context.Query);
            context.HeapSize = 0;
            for (int id = 0; id < cursor._view.Limit; id++)
                if (!context.IsVisited(id)) context.AppendHeap(Candidate.Make(distance.To(id), id) | Candidate.Expanded);
            context.Heapify();
        }
    }
}
