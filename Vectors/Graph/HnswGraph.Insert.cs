using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VecSql.Vectors.Kernels;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Search;

namespace VecSql.Vectors.Graph;

/// <summary>
/// Inserts. 1. Descend to the node's level. 2. On each layer from there down, find ef_construction candidates. 3. If one of them equals the new
/// vector, hang the node on its chain and stop. 4. Choose diverse neighbours. 5. Write the node's own lists, and only then link back from each
/// neighbour, under that neighbour's lock stripe; a full list is chosen anew. At most one stripe is held at a time, so there is no deadlock.
/// </summary>
public sealed unsafe partial class HnswGraph
{
    /// <summary>Squared distance of two directions below which they are one: the noise of scaling to length one in float32.</summary>
    private const double SameDirection = 1e-13;

    /// <summary>
    /// Links the row that the store holds for <paramref name="id"/>. Each id once; any order; several threads. False if the row has no place in
    /// the metric (a zero vector under cosine, a NaN or infinite element): the node then stays out and only an exact scan finds it.
    /// </summary>
    public bool Insert(int id)
    {
        SearchContext context = SearchContextPool.Shared.Rent();
        try
        {
            return Insert(id, context);
        }
        finally
        {
            SearchContextPool.Shared.Return(context);
        }
    }

    internal bool Insert(int id, SearchContext context)
    {
        if (!_isMutable) throw new InvalidOperationException("the graph is read-only");
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)_store.Count, nameof(id));
        InsertAction action = new(this, context, id);
        KernelDispatch.Run(_options.Metric, _store.RowsAreUnit, ref action);
        if (action.Linked) Interlocked.Increment(ref _linked);
        return action.Linked;
    }

    private struct InsertAction(HnswGraph graph, SearchContext context, int id) : IKernelAction
    {
        public bool Linked;

        public void Run<TKernel>()
            where TKernel : struct, IDistanceKernel => Linked = graph.InsertCore<TKernel>(id, context);
    }

    private bool InsertCore<TKernel>(int id, SearchContext context)
        where TKernel : struct, IDistanceKernel
    {
        _records.EnsureCapacity(id + 1);
        _upperIndex.EnsureCapacity(id + 1);
        _codes?.EnsureCapacity(id + 1);
        RaiseLimit(id + 1);
        VectorRows rows = _store.Rows;
        if (!IsIndexable(new ReadOnlySpan<float>(rows.Row(id), rows.Dimensions))) return false;
        _codes?.Encode(id, rows.Row(id), context.Rotated);
        int level = LevelOf(id);
        long entry = Volatile.Read(ref _entry);
        if (entry == NoEntry || level > (int)(entry >> 32))
        {
            // A new top is rare: whoever brings one waits for the last to be linked, so that the top layer is never two islands.
            lock (_entryLock)
            {
                entry = _entry;
                if (entry == NoEntry || level > (int)(entry >> 32))
                {
                    if (entry == NoEntry) AllocateUpperBlocks(id, level);
                    else if (!Link<TKernel>(id, level, entry, context)) return true;
                    Volatile.Write(ref _entry, PackEntry(id, level));
                    return true;
                }
            }
        }
        Link<TKernel>(id, level, entry, context);
        return true;
    }

    /// <summary>False if the node became a duplicate's link instead.</summary>
    private bool Link<TKernel>(int id, int level, long entry, SearchContext context)
        where TKernel : struct, IDistanceKernel
    {
        GraphView view = View;
        VectorRows rows = _store.Rows;
        if (_codes is not { } codes) return Link<TKernel, RowDistance<TKernel>>(id, level, entry, context, view, rows, new(rows, rows.Row(id)));
        context.BindCodes(codes, rows.Row(id), normalize: !_store.RowsAreUnit);
        LinkAction<TKernel> action = new(this, id, level, entry, context, view, rows);
        CodeDispatch.Run(codes, context, ref action);
        return action.Linked;
    }

    private ref struct LinkAction<TKernel>(HnswGraph graph, int id, int level, long entry, SearchContext context, GraphView view, VectorRows rows)
        : IDistanceAction
        where TKernel : struct, IDistanceKernel
    {
        public bool Linked;

        public void RunOver<TDistance>(TDistance distance)
            where TDistance : struct, INodeDistance => Linked = graph.Link<TKernel, TDistance>(id, level, entry, context, view, rows, distance);
    }

    private bool Link<TKernel, TDistance>(
        int id, int level, long entry, SearchContext context, in GraphView view, VectorRows rows, TDistance distance)
        where TKernel : struct, IDistanceKernel
        where TDistance : struct, INodeDistance
    {
        int nearest = (int)entry, entryLevel = (int)(entry >> 32), top = Math.Min(level, entryLevel);
        SearchStats stats = default;
        DropOverflow overflow = default;
        float nearestDistance = distance.To(nearest);
        BeamSearch.Descend(view, ref distance, entryLevel, top, ref nearest, ref nearestDistance, ref stats);

        int m = _options.M;
        Span<int> chosenCounts = stackalloc int[MaxLevel + 1];
        context.Chosen.EnsureLength((top + 1) * m);
        for (int layer = top; layer >= 0; layer--)
        {
            context.Begin(view.Limit, _options.EfConstruction);
            context.Visit(nearest);
            // A node that is inserted anew, after a copy left it without neighbours, may still be in others' lists.
            context.Visit(id);
            context.Pool.Insert(Candidate.Make(nearestDistance, nearest));
            BeamSearch.Run(view, ref distance, context, layer, walkChains: false, ref overflow, ref stats, CancellationToken.None);
            ref CandidatePool pool = ref context.Pool;
            (nearest, nearestDistance) = (Candidate.Id(pool.Items[0]), Candidate.Distance(pool.Items[0]));
            if (typeof(TDistance) != typeof(RowDistance<TKernel>)) Reranking.RankAll(new RowDistance<TKernel>(rows, rows.Row(id)), pool);
            if (layer == 0 && TryFindEqual<TKernel>(rows, id, pool, out int equal))
            {
                AddToChain(context, equal, id);
                return false;
            }
            chosenCounts[layer] = SelectDiverse<TKernel>(rows, pool.Items, pool.Size, m, context.Chosen.Pointer + (layer * m));
        }

        AllocateUpperBlocks(id, level);
        for (int layer = 0; layer <= top; layer++)
            new ReadOnlySpan<int>(context.Chosen.Pointer + (layer * m), chosenCounts[layer]).CopyTo(new Span<int>(ListOf(id, layer), m));
        if (_neighborCodes is { } lists) EncodeList(lists, id, context.Rotated);
        for (int layer = 0; layer <= top; layer++)
            for (int i = 0; i < chosenCounts[layer]; i++)
                LinkBack<TKernel>(context, context.Chosen.Pointer[(layer * m) + i], id, layer);
        return true;
    }

    /// <summary>
    /// Of candidates sorted by distance, keeps those that are nearer to the node than to any kept before: the neighbours then point in different
    /// directions, and what is left out is reached through them. Room that is left goes to those that are so nearly
    /// (<see cref="IDistanceKernel.Redundancy"/>): only then, or they would crowd the far directions out.
    /// </summary>
    private static int SelectDiverse<TKernel>(VectorRows rows, ulong* candidates, int count, int max, int* chosen)
        where TKernel : struct, IDistanceKernel
    {
        int kept = KeepDiverse<TKernel>(rows, candidates, count, 1, 0, max, chosen);
        return kept == max || TKernel.Redundancy == 1 ? kept : KeepDiverse<TKernel>(rows, candidates, count, TKernel.Redundancy, kept, max, chosen);
    }

    /// <summary>One pass; adds to the <paramref name="kept"/> that are there and returns how many there are then.</summary>
    private static int KeepDiverse<TKernel>(
        VectorRows rows, ulong* candidates, int count, float redundancy, int kept, int max, int* chosen)
        where TKernel : struct, IDistanceKernel
    {
        int before = kept;
        for (int i = 0; i < count && kept < max; i++)
        {
            int id = Candidate.Id(candidates[i]);
            if (new ReadOnlySpan<int>(chosen, before).Contains(id)) continue;
            float reach = Candidate.Distance(candidates[i]) * redundancy;
            float* row = rows.Row(id);
            bool diverse = true;
            for (int j = 0; j < kept && diverse; j++)
                diverse = !(TKernel.Between(row, rows.Row(chosen[j]), rows.KernelDimensions) < reach);
            if (diverse) chosen[kept++] = id;
        }
        return kept;
    }

    private void LinkBack<TKernel>(SearchContext context, int node, int neighbor, int layer)
        where TKernel : struct, IDistanceKernel
    {
        int* list = ListOf(node, layer);
        int capacity = layer == 0 ? 2 * _options.M : _options.M;
        ref int stripe = ref AcquireStripe(node);
        try
        {
            int start = GraphView.IsChainLink(list[0]) ? 1 : 0;
            int end = start;
            while (end < capacity && list[end] != GraphView.End) end++;
            if (end < capacity)
            {
                Volatile.Write(ref list[end], neighbor);
                if (layer == 0 && _neighborCodes is { } codes) EncodeList(codes, node, context.Rotated);
                return;
            }
            // Taken under the lock: the list may name nodes whose rows are younger than this insert.
            VectorRows rows = _store.Rows;
            int count = end - start;
            context.Selection.EnsureLength(count + 1);
            ulong* candidates = context.Selection.Pointer;
            RowDistance<TKernel> distance = new(rows, rows.Row(node));
            for (int i = 0; i < count; i++) distance.Prefetch(list[start + i]);
            for (int i = 0; i < count; i++) candidates[i] = Candidate.Make(distance.To(list[start + i]), list[start + i]);
            candidates[count] = Candidate.Make(distance.To(neighbor), neighbor);
            new Span<ulong>(candidates, count + 1).Sort();
            int* chosen = stackalloc int[capacity];
            int kept = SelectDiverse<TKernel>(rows, candidates, count + 1, count, chosen);
            // Readers may see old and new ids mixed: each is a true node, and a visited set absorbs repeats.
            for (int i = 0; i < count; i++) Volatile.Write(ref list[start + i], i < kept ? chosen[i] : GraphView.End);
            if (layer == 0 && _neighborCodes is { } lists) EncodeList(lists, node, context.Rotated);
        }
        finally
        {
            Volatile.Write(ref stripe, 0);
        }
    }

    /// <summary>Puts the node at the head of its twin's chain; a full list gives up its last neighbour for the link.</summary>
    private void AddToChain(SearchContext context, int twin, int id)
    {
        int* list = ListOf(twin, 0);
        int capacity = 2 * _options.M;
        ref int stripe = ref AcquireStripe(twin);
        try
        {
            int first = list[0];
            if (GraphView.IsChainLink(first))
            {
                ListOf(id, 0)[0] = first;
            }
            else if (first != GraphView.End)
            {
                int end = 1;
                while (end < capacity - 1 && list[end] != GraphView.End) end++;
                Volatile.Write(ref list[end], first);
            }
            Volatile.Write(ref list[0], GraphView.EncodeChainLink(id));
            if (_neighborCodes is { } codes) EncodeList(codes, twin, context.Rotated);
        }
        finally
        {
            Volatile.Write(ref stripe, 0);
        }
    }

    /// <summary>Looks among the nearest candidates for the same vector (under cosine: the same direction).</summary>
    private bool TryFindEqual<TKernel>(VectorRows rows, int id, in CandidatePool pool, out int equal)
        where TKernel : struct, IDistanceKernel
    {
        ReadOnlySpan<float> row = new(rows.Row(id), rows.Dimensions);
        float self = TKernel.Between(rows.Row(id), rows.Row(id), rows.KernelDimensions);
        float noise = _options.Metric is DistanceMetric.Cosine or DistanceMetric.HalfCosine or DistanceMetric.SparseCosine or DistanceMetric.Int8Cosine ? 1e-6f : 0;
        for (int i = 0; i < pool.Size; i++)
        {
            float reach = Candidate.Distance(pool.Items[i]);
            // Under inner product longer vectors come before an equal one.
            if (reach > self + noise) break;
            equal = Candidate.Id(pool.Items[i]);
            ReadOnlySpan<float> other = new(rows.Row(equal), rows.Dimensions);
            if (AreEqual(row, other)) return true;
        }
        equal = GraphView.End;
        return false;
    }

    private bool AreEqual(ReadOnlySpan<float> row, ReadOnlySpan<float> other) => RowForms.Of(_options.Metric) switch
    {
        RowForm.Float32 => _options.Metric == DistanceMetric.Cosine ? AreSameDirection(row, other) : row.SequenceEqual(other),
        RowForm.Sparse => Sparse(row).Bytes.SequenceEqual(Sparse(other).Bytes),
        _ => MemoryMarshal.AsBytes(row).SequenceEqual(MemoryMarshal.AsBytes(other)),
    };

    private static SparseRow Sparse(ReadOnlySpan<float> words)
    {
        fixed (float* p = words) return SparseRow.At(p);
    }

    private static bool AreSameDirection(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        double scaleX = 1 / VectorMath.Norm(x), scaleY = 1 / VectorMath.Norm(y), sum = 0;
        for (int i = 0; i < x.Length && sum <= SameDirection; i++)
        {
            double difference = (x[i] * scaleX) - (y[i] * scaleY);
            sum += difference * difference;
        }
        return sum <= SameDirection;
    }

    private bool IsIndexable(ReadOnlySpan<float> row) => _options.Metric switch
    {
        DistanceMetric.Cosine => VectorMath.IsFinite(row) && VectorMath.Norm(row) > 0,
        DistanceMetric.HalfCosine => HalfVectorMath.Norm(MemoryMarshal.Cast<float, Half>(row)) > 0,
        DistanceMetric.Int8Cosine => MemoryMarshal.AsBytes(row).ContainsAnyExcept((byte)0),
        DistanceMetric.SparseCosine => Sparse(row).Values.Length > 0,
        <= DistanceMetric.L1 => VectorMath.IsFinite(row),
        _ => true,
    };

    private int* ListOf(int id, int layer) => layer == 0
        ? (int*)_records.At(id)
        : (int*)_upperBlocks.At(Volatile.Read(ref *(int*)_upperIndex.At(id)) + layer - 1);

    private void AllocateUpperBlocks(int id, int level)
    {
        if (level == 0) return;
        int first = Interlocked.Add(ref _upperBlockCount, level) - level;
        _upperBlocks.EnsureCapacity(first + level);
        Volatile.Write(ref *(int*)_upperIndex.At(id), first);
    }

    private void RaiseLimit(int limit)
    {
        int seen = Volatile.Read(ref _limit);
        while (seen < limit)
        {
            int before = Interlocked.CompareExchange(ref _limit, limit, seen);
            if (before == seen) return;
            seen = before;
        }
    }

    /// <summary>Spins: a stripe is held for microseconds.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private ref int AcquireStripe(int node)
    {
        ref int stripe = ref _locks[(int)(((uint)node * 2654435769u) >> 20)];
        SpinWait spin = default;
        while (Interlocked.CompareExchange(ref stripe, 1, 0) != 0) spin.SpinOnce();
        return ref stripe;
    }
}
