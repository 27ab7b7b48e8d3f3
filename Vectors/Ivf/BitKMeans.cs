using System.Runtime.InteropServices;
using VecSql.Vectors.Memory;

namespace VecSql.Vectors.Ivf;

/// <summary>As <see cref="FloatKMeans"/> for rows of bits: the distance is Hamming's, and the middle of rows has each bit as most of them do.</summary>
internal sealed unsafe class BitKMeans
{
    private const int MinSample = 10_000, SamplePerList = 40, MaxIterations = 10;

    /// <summary>Words compared while seeding, about.</summary>
    private const double SeedingWork = 1e9;

    private readonly int _words, _stride, _threads;
    private readonly CancellationToken _cancellation;
    private readonly VectorRows _rows;
    private readonly int[] _sample;
    private RowSample _random;

    private BitKMeans(IvfOptions options, IVectorStore store, int count, int threads, CancellationToken cancellation)
    {
        (_threads, _cancellation) = (threads, cancellation);
        _random = new RowSample(options.Seed);
        _words = store.Dimensions;
        _stride = IvfCenters.StrideOf(options.Metric, _words);
        _rows = store.Rows;
        _sample = _random.Draw((int)Math.Max(MinSample, Math.Min((long)options.Lists * SamplePerList, int.MaxValue)), count);
    }

    public static BitCenters Train(IvfOptions options, int lists, IVectorStore store, int count, int threads, CancellationToken cancellation)
    {
        var means = new BitKMeans(options, store, count, threads, cancellation);
        byte[] centers = GC.AllocateArray<byte>(checked(lists * means._stride), pinned: true);
        fixed (byte* pointer = centers)
        {
            int seeded = means.Seed(pointer, lists);
            if (seeded > 1) means.Improve(pointer, seeded, centers);
            return new BitCenters(Math.Max(1, seeded), means._words, pointer, centers);
        }
    }

    private byte* Row(int i) => (byte*)_rows.Row(_sample[i]);

    private void Copy(int i, byte* center) => NativeMemory.Copy(Row(i), center, (nuint)_words * sizeof(float));

    private int Seed(byte* centers, int lists)
    {
        double affordable = SeedingWork / ((double)lists * _words);
        int[] pool = _random.Draw((int)Math.Min(Math.Max(affordable, lists), 4.0 * lists + 64), _sample.Length);
        if (affordable < lists)
        {
            int taken = Math.Min(lists, pool.Length);
            for (int c = 0; c < taken; c++) Copy(pool[c], centers + ((nint)c * _stride));
            return taken;
        }
        long[] squared = new long[pool.Length];
        squared.AsSpan().Fill(long.MaxValue);
        int seeded = 0, next = pool.Length == 0 ? -1 : _random.Next(pool.Length);
        while (seeded < lists && next >= 0)
        {
            _cancellation.ThrowIfCancellationRequested();
            byte* center = centers + ((nint)seeded++ * _stride);
            Copy(pool[next], center);
            double total = 0;
            for (int i = 0; i < pool.Length; i++)
            {
                long distance = BitKernels.Hamming(Row(pool[i]), center, _words * sizeof(float));
                squared[i] = Math.Min(squared[i], distance * distance);
                total += squared[i];
            }
            double at = _random.NextUnit() * total;
            next = -1;
            for (int i = 0; i < pool.Length && total > 0; i++)
            {
                if (squared[i] == 0) continue;
                next = i;
                if ((at -= squared[i]) < 0) break;
            }
        }
        return seeded;
    }

    private void Improve(byte* centers, int count, byte[] owner)
    {
        int[] nearest = new int[_sample.Length], before = new int[_sample.Length];
        before.AsSpan().Fill(-1);
        var current = new BitCenters(count, _words, centers, owner);
        for (int iteration = 0; iteration < MaxIterations; iteration++)
        {
            ParallelRanges.Run(_sample.Length, 256, _threads, (first, end) =>
            {
                for (int i = first; i < end; i++) nearest[i] = current.NearestOf(Row(i), out _);
            }, _cancellation);
            int changed = 0;
            for (int i = 0; i < nearest.Length; i++)
                if (nearest[i] != before[i]) changed++;
            if (changed * 200L < nearest.Length) return;
            Move(centers, count, nearest);
            (nearest, before) = (before, nearest);
        }
    }

    private void Move(byte* centers, int count, int[] nearest)
    {
        int[][] members = new int[count][];
        int[] sizes = new int[count];
        foreach (int c in nearest) sizes[c]++;
        for (int c = 0; c < count; c++) members[c] = new int[sizes[c]];
        sizes.AsSpan().Clear();
        for (int i = 0; i < nearest.Length; i++) members[nearest[i]][sizes[nearest[i]]++] = i;
        ParallelRanges.Run(count, 4, _threads, (first, end) =>
        {
            int[] ones = new int[_words * 32];
            for (int c = first; c < end; c++)
                if (members[c].Length > 0) TakeMajority(members[c], ones, centers + ((nint)c * _stride));
        }, _cancellation);
        int largest = sizes.AsSpan().IndexOf(sizes.Max());
        for (int c = 0; c < count; c++)
            if (sizes[c] == 0) Copy(members[largest][_random.Next(sizes[largest])], centers + ((nint)c * _stride));
    }

    private void TakeMajority(int[] rows, int[] ones, byte* center)
    {
        ones.AsSpan().Clear();
        foreach (int i in rows)
        {
            uint* row = (uint*)Row(i);
            for (int w = 0; w < _words; w++)
                for (uint bits = row[w]; bits != 0; bits &= bits - 1) ones[(w * 32) + System.Numerics.BitOperations.TrailingZeroCount(bits)]++;
        }
        for (int w = 0; w < _words; w++)
        {
            uint word = 0;
            for (int b = 0; b < 32; b++)
                if (2 * ones[(w * 32) + b] > rows.Length) word |= 1u << b;
            ((uint*)center)[w] = word;
        }
    }
}
