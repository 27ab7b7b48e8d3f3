using System.Collections.Concurrent;
using VecSql.Vectors.Kernels;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Quantization;
using VecSql.Vectors.Search;

namespace VecSql.Vectors.Graph;

/// <summary>
/// New graphs from old ones, at a fraction of what inserting costs. 1. Every surviving node keeps its lists, under its new id; a chain of duplicates whose head is left out goes on behind its
/// next member. 2. Where a list lost neighbours, it is chosen anew from those it kept and from what lies behind the lost ones (as Singh et al. repair theirs, arXiv 2105.09613).
/// 3. Codes are chosen for the rows there are now. 4. Rows that were in no graph are inserted.
/// </summary>
public sealed unsafe partial class HnswGraph
{
    /// <summary>Nodes left out that are looked through for one list.</summary>
    private const int MostBridges = 48;

    /// <summary>
    /// A graph over the store's first <paramref name="count"/> rows, taking over the nodes of another that has many of them. Rows must be the same under their new ids.
    /// </summary>
    /// <param name="source">Of the same metric and m, over rows of the same form. Nothing is inserted into it meanwhile. Verified first, if it was opened from bytes.</param>
    /// <param name="newIds">By the source's ids: the row's id in the store, −1 if it is left out; ids beyond its end are left out. No two are equal.</param>
    /// <exception cref="OperationCanceledException">Cancelled; the half-built graph's memory is freed.</exception>
    /// <exception cref="VectorFormatException">The source's file is damaged.</exception>
    public static HnswGraph BuildFrom(HnswGraph source, ReadOnlyMemory<int> newIds, IVectorStore store, int count, HnswOptions options, int threads, Action<int>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)store.Count, nameof(count));
        if (store.Dimensions != source.Store.Dimensions || options.Metric != source.Options.Metric || options.M != source.Options.M)
            throw new ArgumentException("graphs of another form");
        if (source._header is not null) source.Verify();
        int expected = Math.Max(count, options.ExpectedNodes);
        HnswGraph graph = new(options with { ExpectedNodes = expected }, store, CodeQuality.Choose(options.Quantization, options.Metric, store, count, expected));
        bool built = false;
        try
        {
            int[] rest = new Copy(source, graph, newIds, count, threads, cancellation).Run();
            Action<int>? told = progress is null ? null : done => progress(count - rest.Length + done);
            InBatches(rest.Length, threads, (place, context) => graph.Insert(rest[place], context), told, cancellation);
            graph.Finish(threads, cancellation);
            built = true;
            return graph;
        }
        finally
        {
            if (!built) graph.Dispose();
        }
    }

    /// <summary>The levels of nodes by the first of their upper blocks: each node's blocks lie together, and no block is no one's.</summary>
    private byte[] LevelsByBlock()
    {
        byte[] levels = new byte[_upperBlockCount];
        for (int id = 0; id < _limit; id++)
        {
            int block = *(int*)_upperIndex.At(id);
            HnswHeader.Require(block >= -1 && block < _upperBlockCount, $"upper block of node {id}");
            if (block < 0) continue;
            HnswHeader.Require(levels[block] == 0, $"upper block of node {id} is another's");
            levels[block] = 1;
        }
        int end = _upperBlockCount;
        for (int block = end - 1; block >= 0; block--)
        {
            if (levels[block] == 0) continue;
            HnswHeader.Require(end - block <= MaxLevel, $"{end - block} levels from upper block {block} on");
            levels[block] = (byte)(end - block);
            end = block;
        }
        HnswHeader.Require(end == 0, "upper blocks of no node");
        return levels;
    }

    private int LevelOf(int id, byte[] levelsByBlock) => *(int*)_upperIndex.At(id) is >= 0 and var block ? levelsByBlock[block] : 0;

    /// <summary>One copy in its making.</summary>
    private sealed class Copy(HnswGraph source, HnswGraph target, ReadOnlyMemory<int> newIds, int count, int threads, CancellationToken cancellation)
    {
        private readonly int _limit = source.Limit;

        /// <summary>By old id: the new id of who stands there now; −1: no one. Members of chains stand nowhere.</summary>
        private readonly int[] _places = new int[source.Limit];
        private readonly byte[] _levels = source.LevelsByBlock();

        /// <summary>Old ids of nodes that have no neighbour left: they are inserted like new ones.</summary>
        private readonly ConcurrentBag<int> _orphans = [];

        private readonly ConcurrentBag<(int Id, int Layer)> _repaired = [];

        /// <summary>Returns the rows that aren't in the graph yet.</summary>
        public int[] Run()
        {
            bool[] isIn = new bool[count];
            target._records.EnsureCapacity(count);
            target._upperIndex.EnsureCapacity(count);
            target._codes?.EnsureCapacity(count);
            FindPlaces(isIn);
            if (target._codes is { } codes)
                InBatches(count, threads, (id, context) => { if (isIn[id]) codes.Encode(id, target._store.Rows.Row(id), context.Rotated); }, null, cancellation);
            InBatches(_limit, threads, (old, context) => CopyList(old, 0, context), null, cancellation);
            LinkBack(0);
            foreach (int old in _orphans)
            {
                isIn[_places[old]] = false;
                _places[old] = -1;
            }
            CopyUpperLayers();
            int linked = 0;
            List<int> rest = [];
            VectorRows rows = target._store.Rows;
            for (int id = 0; id < count; id++)
            {
                if (!isIn[id]) rest.Add(id);
                else if (target.IsIndexable(new ReadOnlySpan<float>(rows.Row(id), rows.Dimensions))) linked++;
            }
            target._linked = linked;
            target._limit = count;
            if (linked == 0) target._entry = NoEntry;
            return [.. rest];
        }

        private void FindPlaces(bool[] isIn)
        {
            ulong[] members = new ulong[(_limit + 63) / 64];
            for (int old = 0; old < _limit; old++)
                if (GraphView.IsChainLink(List(old)[0]) && GraphView.DecodeChainLink(List(old)[0]) is var next)
                    members[next >> 6] |= 1UL << next;
            for (int old = 0; old < _limit; old++)
            {
                bool isMember = (members[old >> 6] & (1UL << old)) != 0;
                _places[old] = isMember ? -1 : KeepChain(old, isIn);
            }
        }

        /// <summary>The first living node of a chain, which may be a single node; those behind it hang on it.</summary>
        private int KeepChain(int head, bool[] isIn)
        {
            int first = -1, last = -1;
            for (int old = head; ;)
            {
                if (NewIdOf(old) is >= 0 and var id)
                {
                    isIn[id] = true;
                    if (first < 0) first = id;
                    else *target.ListOf(last, 0) = GraphView.EncodeChainLink(id);
                    last = id;
                }
                int link = List(old)[0];
                if (!GraphView.IsChainLink(link)) return first;
                old = GraphView.DecodeChainLink(link);
            }
        }

        private int NewIdOf(int old) => old < newIds.Length ? newIds.Span[old] : -1;

        private int* List(int old) => (int*)source._records.At(old);

        private int* UpperList(int old, int layer) => *(int*)source._upperIndex.At(old) is >= 0 and var block && layer <= _levels[block] ? (int*)source._upperBlocks.At(block + layer - 1) : null;

        private void CopyUpperLayers()
        {
            int entry = -1, entryLevel = -1;
            VectorRows rows = target._store.Rows;
            var reaching = new List<(int Old, int Level)>();
            for (int old = 0; old < _limit; old++)
            {
                int id = _places[old];
                if (id < 0) continue;
                int block = *(int*)source._upperIndex.At(old), level = block < 0 ? 0 : _levels[block];
                // A node without neighbours may be one without a place in the metric, or the only one.
                if (level > entryLevel && (*target.ListOf(id, 0) != GraphView.End || target.IsIndexable(new ReadOnlySpan<float>(rows.Row(id), rows.Dimensions)))) (entry, entryLevel) = (id, level);
                if (block < 0) continue;
                target.AllocateUpperBlocks(id, level);
                reaching.Add((old, level));
            }
            InBatches(reaching.Count, threads, (i, context) =>
            {
                for (int layer = 1; layer <= reaching[i].Level; layer++) CopyList(reaching[i].Old, layer, context);
            }, null, cancellation);
            LinkBack(1);
            if (entry >= 0) target._entry = PackEntry(entry, entryLevel);
        }

        private void CopyList(int old, int layer, SearchContext context)
        {
            int id = _places[old];
            if (id < 0) return;
            int* from = layer == 0 ? List(old) : UpperList(old, layer);
            int* to = target.ListOf(id, layer);
            int capacity = layer == 0 ? 2 * target._options.M : target._options.M;
            int start = GraphView.IsChainLink(to[0]) ? 1 : 0, kept = start, before = 0;
            for (int i = layer == 0 && GraphView.IsChainLink(from[0]) ? 1 : 0; i < capacity && from[i] != GraphView.End; i++)
            {
                before++;
                int neighbor = _places[from[i]];
                if (neighbor >= 0 && kept < capacity) to[kept++] = neighbor;
            }
            if (kept - start < before)
            {
                Repair(old, layer, to + start, kept - start, Math.Min(Math.Max(before, target._options.M), capacity - start), context);
                _repaired.Add((id, layer));
            }
            if (layer == 0 && before > 0 && to[0] == GraphView.End) _orphans.Add(old);
        }

        /// <summary>Those that repaired nodes chose hear of it, as those that a new node chose do: else nodes that few choose would lose all ways to them.</summary>
        private void LinkBack(int lowest)
        {
            (int Id, int Layer)[] repaired = [.. _repaired.Where(r => r.Layer >= lowest)];
            InBatches(repaired.Length, threads, (i, context) =>
            {
                LinkBackAction action = new(target, context, repaired[i].Id, repaired[i].Layer);
                KernelDispatch.Run(target._options.Metric, target._store.RowsAreUnit, ref action);
            }, null, cancellation);
        }

        /// <summary>Chooses a list anew from its living neighbours and those of the nodes that were left out.</summary>
        private void Repair(int old, int layer, int* list, int kept, int wanted, SearchContext context)
        {
            context.Begin(count, 1);
            context.Visit(_places[old]);
            for (int i = 0; i < kept; i++) context.Visit(list[i]);
            int capacity = layer == 0 ? 2 * target._options.M : target._options.M;
            int* bridges = stackalloc int[MostBridges];
            int found = 0;
            bridges[found++] = old;
            for (int next = 0; next < found; next++)
            {
                int* behind = layer == 0 ? List(bridges[next]) : UpperList(bridges[next], layer);
                if (behind == null) continue;
                for (int i = layer == 0 && GraphView.IsChainLink(behind[0]) ? 1 : 0; i < capacity && behind[i] != GraphView.End; i++)
                {
                    int neighbor = _places[behind[i]];
                    if (neighbor >= 0) context.Visit(neighbor);
                    else if (found < MostBridges && !new ReadOnlySpan<int>(bridges, found).Contains(behind[i])) bridges[found++] = behind[i];
                }
            }
            ChooseAction action = new(target, context, _places[old], list, wanted);
            KernelDispatch.Run(target._options.Metric, target._store.RowsAreUnit, ref action);
        }
    }

    private readonly struct LinkBackAction(HnswGraph graph, SearchContext context, int id, int layer) : IKernelAction
    {
        public void Run<TKernel>()
            where TKernel : struct, IDistanceKernel
        {
            int capacity = layer == 0 ? 2 * graph._options.M : graph._options.M, count = 0;
            int* list = graph.ListOf(id, layer), chosen = stackalloc int[capacity];
            for (int i = layer == 0 && GraphView.IsChainLink(list[0]) ? 1 : 0; i < capacity && list[i] != GraphView.End; i++) chosen[count++] = list[i];
            for (int i = 0; i < count; i++)
                if (!new ReadOnlySpan<int>(graph.ListOf(chosen[i], layer), capacity).Contains(id))
                    graph.LinkBack<TKernel>(context, chosen[i], id, layer);
        }
    }

    /// <summary>Writes the best neighbours among the context's visited nodes, the first of which is the node itself.</summary>
    private readonly struct ChooseAction(HnswGraph graph, SearchContext context, int id, int* list, int wanted) : IKernelAction
    {
        public void Run<TKernel>()
            where TKernel : struct, IDistanceKernel
        {
            VectorRows rows = graph._store.Rows;
            int count = context.TouchedCount - 1;
            context.Selection.EnsureLength(Math.Max(1, count));
            ulong* candidates = context.Selection.Pointer;
            RowDistance<TKernel> distance = new(rows, rows.Row(id));
            for (int i = 0; i < count; i++) candidates[i] = Candidate.Make(distance.To(context.Touched[i + 1]), context.Touched[i + 1]);
            new Span<ulong>(candidates, count).Sort();
            context.Chosen.EnsureLength(Math.Max(1, wanted));
            int kept = SelectDiverse<TKernel>(rows, candidates, count, wanted, context.Chosen.Pointer);
            for (int i = 0; i < wanted; i++) list[i] = i < kept ? context.Chosen.Pointer[i] : GraphView.End;
        }
    }
}
