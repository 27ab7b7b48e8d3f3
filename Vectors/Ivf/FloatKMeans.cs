using VecSql.Vectors.Memory;

namespace VecSql.Vectors.Ivf;

/// <summary>
/// Learns centers from a sample of rows. 1. Draw rows; shift them by their mean under L2, scale them to length one for the metrics that know directions only. 2. Seed by k-means++ over
/// some of the sample (Arthur &amp; Vassilvitskii 2007), or, for very many lists, by rows at random. 3. Lloyd's iterations: each row to its nearest center, each center to the mean of
/// its rows; a center without rows begins anew within the largest list. Sums run in a fixed order, so threads don't change the outcome.
/// </summary>
internal sealed unsafe class FloatKMeans
{
    private const int MinSample = 10_000, SamplePerList = 40, MaxIterations = 10;
    private const long MaxSampleBytes = 1L << 30;

    /// <summary>Multiplications that seeding may take, about.</summary>
    private const double SeedingWork = 4e9;

    /// <summary>Ends when fewer than one row in so many changes its list.</summary>
    private const int Settled = 200;

    private readonly IvfOptions _options;
    private readonly int _n, _threads;
    private readonly CancellationToken _cancellation;
    private readonly bool _isSpherical;
    private readonly float[] _rows;
    private readonly float[] _origin;
    private RowSample _random;

    private FloatKMeans(IvfOptions options, IVectorStore store, int count, int threads, CancellationToken cancellation)
    {
        (_options, _threads, _cancellation) = (options, threads, cancellation);
        _isSpherical = IvfCenters.IsSpherical(options.Metric);
        _random = new RowSample(options.Seed);
        _n = IvfCenters.StrideOf(options.Metric, store.Dimensions) / sizeof(float);
        long wanted = Math.Max(MinSample, (long)options.Lists * SamplePerList);
        int[] drawn = _random.Draw((int)Math.Clamp(MaxSampleBytes / sizeof(float) / _n, 1, wanted), count);
        _rows = GC.AllocateUninitializedArray<float>(checked(drawn.Length * _n), pinned: true);
        VectorRows rows = store.Rows;
        foreach (int id in drawn)
        {
            Span<float> target = _rows.AsSpan(SampleCount * _n, _n);
            FloatCenters.Read(options.Metric, new ReadOnlySpan<float>(rows.Row(id), rows.Dimensions), [], target);
            if (!FloatCenters.HasPlace(options.Metric, target)) continue;
            if (_isSpherical && VectorMath.Norm(target) > 0) VectorMath.Normalize(target, target);
            SampleCount++;
        }
        _origin = _isSpherical ? [] : Shift();
    }

    /// <summary>Rows of the sample that have a place in the metric.</summary>
    private int SampleCount { get; }

    private ReadOnlySpan<float> Sample(int i) => _rows.AsSpan(i * _n, _n);

    /// <param name="lists">Centers wanted; there are fewer if the sample has fewer different rows, but one.</param>
    public static FloatCenters Train(IvfOptions options, int lists, IVectorStore store, int count, int threads, CancellationToken cancellation)
    {
        var means = new FloatKMeans(options, store, count, threads, cancellation);
        float[] centers = means.Seed(lists, out int seeded);
        int found = Math.Max(1, seeded);
        if (seeded > 1) means.Improve(centers, seeded);
        float[] kept = GC.AllocateUninitializedArray<float>(found * means._n, pinned: true);
        centers.AsSpan(0, kept.Length).CopyTo(kept);
        fixed (float* pointer = kept) return new FloatCenters(options.Metric, found, store.Dimensions, (byte*)pointer, kept, means._origin);
    }

    private float[] Shift()
    {
        double[] sum = new double[_n];
        for (int i = 0; i < SampleCount; i++) ElementWise.AddTo(sum, Sample(i));
        float[] origin = new float[_n];
        for (int d = 0; d < _n; d++) origin[d] = (float)(sum[d] / Math.Max(1, SampleCount));
        // Means of finite rows may still overflow a float's range when shifted: such sets are compared as they are.
        if (!VectorMath.IsFinite(origin)) return [];
        for (int i = 0; i < SampleCount; i++) ElementWise.Subtract(Sample(i), origin, _rows.AsSpan(i * _n, _n));
        return origin;
    }

    private float[] Seed(int lists, out int seeded)
    {
        float[] centers = GC.AllocateUninitializedArray<float>(checked(lists * _n), pinned: true);
        centers.AsSpan().Clear();
        double affordable = SeedingWork / ((double)lists * _n);
        if (affordable < lists)
        {
            int[] drawn = _random.Draw(lists, SampleCount);
            for (int c = 0; c < drawn.Length; c++) Sample(drawn[c]).CopyTo(centers.AsSpan(c * _n));
            seeded = drawn.Length;
            return centers;
        }
        int[] pool = _random.Draw((int)Math.Min(affordable, 4.0 * lists + 64), SampleCount);
        double[] squared = new double[pool.Length];
        squared.AsSpan().Fill(double.MaxValue);
        seeded = 0;
        int next = pool.Length == 0 ? -1 : _random.Next(pool.Length);
        while (seeded < lists && next >= 0)
        {
            _cancellation.ThrowIfCancellationRequested();
            Sample(pool[next]).CopyTo(centers.AsSpan(seeded * _n));
            next = NextSeed(pool, squared, centers.AsSpan(seeded++ * _n, _n));
        }
        return centers;
    }

    /// <summary>Draws a row of the pool by its squared distance from the nearest center so far, or gives −1 if all coincide with one.</summary>
    private int NextSeed(int[] pool, double[] squared, ReadOnlySpan<float> newest)
    {
        double total = 0;
        for (int i = 0; i < pool.Length; i++)
        {
            squared[i] = Math.Min(squared[i], VectorMath.L2SquaredDistance(Sample(pool[i]), newest));
            total += squared[i];
        }
        if (!(total > 0)) return -1;
        double at = _random.NextUnit() * total;
        int last = -1;
        for (int i = 0; i < pool.Length; i++)
        {
            if (squared[i] == 0) continue;
            last = i;
            if ((at -= squared[i]) < 0) break;
        }
        return last;
    }

    private void Improve(float[] centers, int count)
    {
        int[] nearest = new int[SampleCount], before = new int[SampleCount];
        before.AsSpan().Fill(-1);
        for (int iteration = 0; iteration < MaxIterations; iteration++)
        {
            Assign(centers, count, nearest);
            int changed = 0;
            for (int i = 0; i < nearest.Length; i++)
                if (nearest[i] != before[i]) changed++;
            if (changed * (long)Settled < SampleCount) return;
            Move(centers, count, nearest);
            (nearest, before) = (before, nearest);
        }
    }

    private void Assign(float[] centers, int count, int[] nearest)
    {
        fixed (float* c = centers, rows = _rows)
        fixed (int* result = nearest)
        {
            float[] offsets = FloatCenters.OffsetsOf(_options.Metric, c, count, _n);
            nint centerAt = (nint)c, rowsAt = (nint)rows, resultAt = (nint)result;
            ParallelRanges.Run(SampleCount, 8 * CenterLoop.BlockRows, _threads, (first, end) =>
            {
                float* best = stackalloc float[CenterLoop.BlockRows];
                fixed (float* o = offsets)
                    for (; first < end; first += CenterLoop.BlockRows)
                        CenterLoop.Nearest((float*)rowsAt + ((nint)first * _n), Math.Min(CenterLoop.BlockRows, end - first), _n, (float*)centerAt, o, count, (int*)resultAt + first, best);
            }, _cancellation);
        }
    }

    private void Move(float[] centers, int count, int[] nearest)
    {
        double[] sums = new double[(long)count * _n];
        int[] sizes = new int[count];
        for (int i = 0; i < nearest.Length; i++)
        {
            if (nearest[i] < 0) continue;
            sizes[nearest[i]]++;
            ElementWise.AddTo(sums.AsSpan(nearest[i] * _n, _n), Sample(i));
        }
        for (int c = 0; c < count; c++)
        {
            Span<float> center = centers.AsSpan(c * _n, _n);
            if (sizes[c] == 0)
            {
                Restart(center, sizes, nearest);
                continue;
            }
            for (int d = 0; d < _n; d++) center[d] = (float)(sums[(c * _n) + d] / sizes[c]);
            if (_isSpherical && VectorMath.Norm(center) > 0) VectorMath.Normalize(center, center);
        }
    }

    /// <summary>Puts a center without rows onto a row of the largest list, whose rows the two then share.</summary>
    private void Restart(Span<float> center, int[] sizes, int[] nearest)
    {
        int largest = sizes.AsSpan().IndexOf(sizes.Max());
        for (int tries = 0; tries < 1000; tries++)
        {
            int i = _random.Next(nearest.Length);
            if (nearest[i] != largest) continue;
            Sample(i).CopyTo(center);
            sizes[largest] /= 2;
            return;
        }
    }
}
