using System.Buffers.Binary;
using VecSql.Core.Checksums;
using VecSql.Vectors;
using VecSql.Vectors.Graph;
using VecSql.Vectors.Kernels;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Quantization;
using VecSql.Vectors.Search;

namespace VecSql.Tests.Vectors;

public sealed unsafe class QuantizationTests
{
    private static readonly VectorQuantization[] Kinds =
    [
        VectorQuantization.Sq8, VectorQuantization.Sq4, VectorQuantization.RaBitQ1, VectorQuantization.RaBitQ2, VectorQuantization.RaBitQ3, VectorQuantization.RaBitQ4, VectorQuantization.RaBitQ5,
        VectorQuantization.RaBitQ6, VectorQuantization.RaBitQ7, VectorQuantization.RaBitQ8,
    ];

    /// <summary>Where each kind would take too long.</summary>
    private static readonly VectorQuantization[] Some = [VectorQuantization.Sq8, VectorQuantization.Sq4, VectorQuantization.RaBitQ3, VectorQuantization.RaBitQ4];

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(64)]
    [InlineData(100)]
    [InlineData(784)]
    [InlineData(1000)]
    [InlineData(16_000)]
    public void A_rotation_keeps_products_and_spreads_single_elements(int dimensions)
    {
        RandomRotation rotation = new(dimensions);
        float[] x = Random(rotation.Dimensions, 1), y = Random(rotation.Dimensions, 2), single = new float[rotation.Dimensions];
        single[0] = 100;
        double before = Product(x, y), length = Product(x, x);
        Rotate(rotation, x);
        Rotate(rotation, y);
        Rotate(rotation, single);
        Assert.Equal(before, Product(x, y), 1e-4 * length);
        Assert.Equal(length, Product(x, x), 1e-4 * length);
        Assert.Equal(10_000, Product(single, single), 1e-4 * 10_000);
        Assert.InRange(single.Max(Math.Abs), 0, 100 * Math.Max(0.2, 8 / Math.Sqrt(rotation.Dimensions)));
    }

    [Fact]
    public void Products_with_bytes_agree_at_each_width()
    {
        foreach ((sbyte[] query, byte[][] codes, int n) in Operands(8))
        {
            fixed (sbyte* q = query)
            fixed (byte* a = codes[0], b = codes[1], c = codes[2], d = codes[3])
            {
                int[] expected = [.. codes.Select(code => Enumerable.Range(0, n).Sum(i => query[i] * code[i]))];
                Assert.Equal(expected[0], ByteLoop.Scalar(q, a, n));
                Assert.Equal(expected[0], ByteLoop.Sum(q, a, n));
                if (System.Runtime.Intrinsics.X86.Avx2.IsSupported)
                {
                    Assert.Equal(expected[0], ByteLoop.Wide256(q, a, n));
                    Assert.Equal(expected[0], ByteLoop.Widened256(q, a, n));
                }
                var four = ByteLoop.Sum(q, a, b, c, d, n);
                Assert.Equal(expected, (int[])[four[0], four[1], four[2], four[3]]);
            }
        }
    }

    [Fact]
    public void Products_with_planes_agree_at_each_width()
    {
        CheckPlanes<Bits2>();
        CheckPlanes<Bits3>();
        CheckPlanes<Bits4>();
        CheckPlanes<Bits5>();
        CheckPlanes<Bits6>();
        CheckPlanes<Bits7>();
    }

    private static void CheckPlanes<TBits>()
        where TBits : struct, IBitCount
    {
        foreach ((sbyte[] query, byte[][] elements, int n) in Operands(TBits.Bits))
        {
            int length = n / 8 * TBits.Bits;
            byte[][] codes = [.. elements.Select(_ => new byte[length])];
            int[] expected = [.. elements.Select(code => Enumerable.Range(0, n).Sum(i => query[i] * code[i]))];
            byte[] back = new byte[n];
            for (int i = 0; i < codes.Length; i++)
            {
                fixed (byte* e = elements[i], c = codes[i], p = back)
                {
                    Planes.Pack(e, c, n, TBits.Bits);
                    Planes.Unpack(c, p, n, TBits.Bits);
                }
                Assert.Equal(elements[i], back);
            }
            fixed (sbyte* q = query)
            fixed (byte* a = codes[0], b = codes[1], c = codes[2], d = codes[3])
            {
                Assert.Equal(expected[0], Planes.Product(q, a, n, TBits.Bits));
                Assert.Equal(expected[0], PlaneLoop<TBits>.Sum(q, a, n));
                if (System.Runtime.Intrinsics.X86.Avx2.IsSupported) Assert.Equal(expected[0], PlaneLoop<TBits>.Wide256(q, a, n));
                if (System.Runtime.Intrinsics.X86.Avx512BW.IsSupported) Assert.Equal(expected[0], PlaneLoop<TBits>.Wide512(q, a, n));
                var four = PlaneLoop<TBits>.Sum(q, a, b, c, d, n);
                Assert.Equal(expected, (int[])[four[0], four[1], four[2], four[3]]);
            }
        }
    }

    /// <summary>A query and four codes. Extremes of one sign overflow whatever is too narrow.</summary>
    private static IEnumerable<(sbyte[] Query, byte[][] Codes, int Dimensions)> Operands(int bits)
    {
        Random random = new(3);
        foreach (int n in (int[])[64, 128, 192, 256, 512, 576, 640, 832, 1024, 1536, 16_000, 16_384])
        {
            for (int round = 0; round < 4; round++)
            {
                sbyte[] query = [.. Enumerable.Range(0, n).Select(_ => round switch { 0 => (sbyte)127, 1 => (sbyte)-127, _ => (sbyte)random.Next(-127, 128) })];
                byte[][] codes = [.. Enumerable.Range(0, 4).Select(_ => (byte[])[.. Enumerable.Range(0, n).Select(_ => (byte)(round < 2 ? (1 << bits) - 1 : random.Next(1 << bits)))])];
                yield return (query, codes, n);
            }
        }
    }

    [Fact]
    public void Scans_of_signs_agree_at_each_width()
    {
        Random random = new(5);
        foreach (int groups in (int[])[16, 32, 64, 208, 260, 4000])
        {
            for (int round = 0; round < 3; round++)
            {
                byte[] codes = new byte[groups * 16], table = new byte[groups * 16];
                random.NextBytes(codes);
                random.NextBytes(table);
                if (round == 0) Array.Fill(table, (byte)255);
                int[] expected = new int[32], sums = new int[32];
                for (int group = 0; group < groups; group++)
                {
                    for (int j = 0; j < 32; j++)
                    {
                        int code = codes[(group * 16) + (j % 16)];
                        expected[j] += table[(group * 16) + (j < 16 ? code & 15 : code >> 4)];
                    }
                }
                fixed (byte* c = codes, t = table)
                fixed (int* s = sums)
                {
                    SignScan.Scalar(c, t, groups, s);
                    Assert.Equal(expected, sums);
                    if (System.Runtime.Intrinsics.X86.Avx2.IsSupported) SignScan.Wide256(c, t, groups, s);
                    Assert.Equal(expected, sums);
                    if (System.Runtime.Intrinsics.X86.Avx512BW.IsSupported) SignScan.Wide512(c, t, groups, s);
                    Assert.Equal(expected, sums);
                }
            }
        }
    }

    [Theory]
    [InlineData(DistanceMetric.L2)]
    [InlineData(DistanceMetric.InnerProduct)]
    [InlineData(DistanceMetric.Cosine)]
    public void Estimates_are_unbiased_and_within_their_bound(DistanceMetric metric)
    {
        foreach (int dimensions in (int[])[17, 100, 784])
        {
            using GrowableVectorStore store = new(dimensions, metric == DistanceMetric.Cosine);
            for (int i = 0; i < 300; i++) store.Append(Random(dimensions, 100 + i));
            foreach (VectorQuantization kind in Kinds)
            {
                using QuantizedRows codes = QuantizedRows.Create(kind, metric, store, store.Count, store.Count)!;
                using NativeBuffer<float> scratch = new();
                using SearchContext context = new();
                codes.EnsureCapacity(store.Count);
                for (int i = 0; i < store.Count; i++) codes.Encode(i, store.Rows.Row(i), scratch);
                double sum = 0, squares = 0;
                int outside = 0, farOutside = 0, pairs = 0;
                for (int i = 0; i < 100; i++)
                {
                    context.BindCodes(codes, store.Rows.Row(i), normalize: false);
                    Estimates estimates = new(store.Count);
                    CodeDispatch.Run(codes, context, ref estimates);
                    for (int j = 100; j < store.Count; j++)
                    {
                        double truth = Distance(metric, store[i], store[j]);
                        double error = (estimates.Values[j] - truth) / (Math.Abs(codes.FactorOf(j)) * context.QuantizedQuery.Spread);
                        sum += error;
                        squares += error * error;
                        pairs++;
                        if (Math.Abs(error) > 2) outside++;
                        if (Math.Abs(error) > 4) farOutside++;
                    }
                }
                // Errors are normal, about, with the deviation that rerankers go by: one in twenty beyond two, next to none beyond four.
                Assert.InRange(Math.Sqrt(squares / pairs), kind is VectorQuantization.Sq8 or >= VectorQuantization.RaBitQ7 ? 0.5 : 0.8, 1.15);
                Assert.InRange(Math.Abs(sum / pairs), 0, 0.1);
                Assert.InRange(outside, 0, pairs * 8 / 100);
                Assert.InRange(farOutside, 0, pairs / 1000);
            }
        }
    }

    [Fact]
    public void A_row_estimates_no_distance_from_itself()
    {
        using GrowableVectorStore store = new(65);
        for (int i = 0; i < 50; i++) store.Append(Random(65, i));
        foreach (VectorQuantization kind in Kinds)
        {
            using HnswGraph graph = HnswGraph.Build(store, 50, TestVectors.Options() with { Quantization = kind }, threads: 1);
            using SearchContext context = new();
            for (int i = 0; i < 50; i++)
            {
                context.BindCodes(graph.Codes!, store.Rows.Row(i), normalize: false);
                Estimates estimates = new(50);
                CodeDispatch.Run(graph.Codes!, context, ref estimates);
                Assert.InRange(estimates.Values[i], -0.02 * 65, 0.02 * 65);
            }
        }
    }

    [Fact]
    public void A_pool_is_a_sorted_list_of_the_nearest()
    {
        Random random = new(9);
        foreach (int capacity in (int[])[1, 2, 7, 8, 9, 16, 40, 100])
        {
            using SearchContext context = new(), other = new();
            context.Begin(1, capacity);
            other.Begin(1, capacity);
            CandidatePool narrow = other.Pool;
            List<ulong> model = [];
            for (int i = 0; i < 500; i++)
            {
                ulong candidate = Candidate.Make(random.Next(-50, 50), i);
                if (candidate < context.Pool.Bound)
                {
                    ulong evicted = context.Pool.Insert(candidate);
                    narrow.Size = Math.Min(narrow.Size + 1, capacity);
                    int place = narrow.Place(candidate);
                    Assert.Equal(candidate, narrow.Items[place]);
                    Assert.Equal(new Span<ulong>(context.Pool.Items, context.Pool.Size).ToArray(), new Span<ulong>(narrow.Items, narrow.Size).ToArray());
                    model.Add(candidate);
                    model.Sort();
                    Assert.Equal(model.Count > capacity ? model[^1] : ulong.MaxValue, evicted);
                    if (model.Count > capacity) model.RemoveAt(capacity);
                }
                else
                {
                    Assert.True(model.Count == capacity && candidate > model[^1]);
                }
                Assert.Equal(model, new Span<ulong>(context.Pool.Items, context.Pool.Size).ToArray());
                Assert.InRange(context.Pool.Cursor, 0, model.IndexOf(candidate) is var at && at < 0 ? int.MaxValue : at);
            }
        }
    }

    public static TheoryData<DistanceMetric, bool, int> Shapes()
    {
        TheoryData<DistanceMetric, bool, int> shapes = [];
        foreach (int dimensions in (int[])[1, 2, 33, 100])
        {
            shapes.Add(DistanceMetric.L2, false, dimensions);
            shapes.Add(DistanceMetric.InnerProduct, false, dimensions);
            if (dimensions == 1) continue;
            shapes.Add(DistanceMetric.Cosine, true, dimensions);
            shapes.Add(DistanceMetric.Cosine, false, dimensions);
        }
        shapes.Add(DistanceMetric.L1, false, 33);
        return shapes;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Codes_cost_no_recall(DistanceMetric metric, bool normalize, int dimensions)
    {
        TestVectors vectors = new(dimensions, clusters: 20);
        using GrowableVectorStore store = vectors.Store(1000, normalize);
        CheckRecall(store, metric, vectors.Query, 60);
    }

    [Fact]
    public void Sixteen_thousand_dimensions()
    {
        using GrowableVectorStore store = new(16_000);
        for (int i = 0; i < 60; i++) store.Append(Random(16_000, i));
        CheckRecall(store, DistanceMetric.L2, i => Random(16_000, 1000 + i), 5);
    }

    [Theory]
    [InlineData("equal")]
    [InlineData("duplicates")]
    [InlineData("zero")]
    [InlineData("line")]
    [InlineData("outlier")]
    [InlineData("far clusters")]
    [InlineData("one wide dimension")]
    [InlineData("tiny")]
    [InlineData("huge")]
    public void Hostile_sets_cost_no_recall(string shape)
    {
        TestVectors vectors = new(24, clusters: 10);
        float[] Row(int i)
        {
            float[] row = vectors.Row(i);
            switch (shape)
            {
                case "equal": return vectors.Row(0);
                case "duplicates": return vectors.Row(i % 200);
                case "zero" when i % 3 == 0: return new float[24];
                case "line": return [.. row.Select((_, d) => (float)i * (d + 1))];
                case "outlier" when i % 200 == 7: return [.. row.Select(x => x * 1e6f)];
                case "far clusters": return [.. row.Select((x, d) => x + (1e4f * ((i % 25 * (d + 7)) % 25)))];
                case "one wide dimension": row[5] *= 1e5f; return row;
                case "tiny": return [.. row.Select(x => x * 1e-15f)];
                case "huge": return [.. row.Select(x => x * 1e15f)];
                default: return row;
            }
        }
        foreach (DistanceMetric metric in (DistanceMetric[])[DistanceMetric.L2, DistanceMetric.InnerProduct, DistanceMetric.Cosine])
        {
            using GrowableVectorStore store = new(24, normalize: metric == DistanceMetric.Cosine);
            for (int i = 0; i < 600; i++) store.Append(Row(i));
            CheckRecall(store, metric, i => vectors.Query(i) is var q && shape is "equal" or "duplicates" ? q : Row(3000 + (7 * i)), 60);
        }
    }

    [Fact]
    public void Codes_that_blur_neighbours_are_not_used()
    {
        // Pairs of points a hair apart, pairs far apart: no grid over the whole extent tells a pair's two.
        Random random = new(6);
        using GrowableVectorStore store = new(16);
        for (int i = 0; i < 40; i++)
        {
            float[] center = [.. Random(16, i).Select(x => x * 1e5f)];
            for (int j = 0; j < 50; j++) store.Append([.. center.Select(x => x + (float)random.NextDouble())]);
        }
        using HnswGraph blurred = HnswGraph.Build(store, store.Count, TestVectors.Options() with { Quantization = VectorQuantization.Sq4 }, threads: 1);
        Assert.Equal(VectorQuantization.None, blurred.Quantization);
        Assert.Null(blurred.Codes);
    }

    [Fact]
    public void Filters_cursors_and_live_inserts_work_over_codes()
    {
        TestVectors vectors = new(48);
        foreach (VectorQuantization kind in Some)
        {
            using GrowableVectorStore store = vectors.Store(1500);
            using HnswGraph graph = HnswGraph.Build(store, 1500, TestVectors.Options() with { Quantization = kind }, threads: 2);
            Assert.True(graph.Quantization == kind || (kind.Bits() < 4 && graph.Quantization.Bits() > kind.Bits()));
            for (int i = 1500; i < 3000; i++) store.Append(vectors.Row(i));
            graph.InsertRange(1500, 3000, threads: 2);
            graph.Verify();
            Assert.InRange(TestVectors.MeanRecall(graph, vectors.Query, 100, 10, ef: 40), 0.97, 1);

            ulong[] bitmap = [.. Enumerable.Repeat(0x1111111111111111UL, 47)];
            Neighbor[] exact = new Neighbor[10], found = new Neighbor[10];
            SearchStats stats = default;
            double recall = 0;
            for (int i = 0; i < 50; i++)
            {
                float[] query = vectors.Query(i);
                Assert.Equal(10, ExactSearch.Search(store, DistanceMetric.L2, bitmap, query, 10, exact, ref stats));
                int count = FilteredSearch.Walk(graph, new BitmapFilter(bitmap), query, 10, 40, long.MaxValue, found, ref stats);
                Assert.All(found.Take(count), n => Assert.Equal(0, n.Id % 4));
                recall += TestVectors.Recall(exact, found.AsSpan(0, count));
            }
            Assert.InRange(recall / 50, 0.95, 1);

            using HnswCursor cursor = new(graph, vectors.Query(0), 40);
            Neighbor[] batch = new Neighbor[40];
            HashSet<int> seen = [];
            for (int count; (count = cursor.Next(batch, ref stats)) > 0;)
            {
                foreach (Neighbor neighbor in batch.Take(count))
                {
                    Assert.True(seen.Add(neighbor.Id));
                    Assert.Equal(Distance(DistanceMetric.L2, store[neighbor.Id], vectors.Query(0)), neighbor.Distance, 1e-3);
                }
            }
            Assert.Equal(3000, seen.Count);
        }
    }

    [Fact]
    public void Lists_with_codes_are_rewritten_under_readers()
    {
        const int First = 1200, Rows = 2400;
        TestVectors vectors = new(32, clusters: 10);
        using GrowableVectorStore store = vectors.Store(Rows);
        using HnswGraph graph = HnswGraph.Build(store, First, TestVectors.Options() with { Quantization = VectorQuantization.RaBitQ1, ExpectedNodes = Rows }, threads: 2);
        Assert.Equal(VectorQuantization.RaBitQ1, graph.Quantization);
        using CancellationTokenSource done = new();
        Exception? failure = null;
        Thread reader = new(() =>
        {
            try
            {
                Neighbor[] found = new Neighbor[10];
                SearchStats stats = default;
                for (int i = 0; !done.IsCancellationRequested; i++)
                {
                    float[] query = vectors.Query(i % 50);
                    Assert.Equal(10, graph.Search(query, 10, 40, found, ref stats));
                    Assert.Equal(10, found.Select(n => n.Id).Distinct().Count());
                    foreach (Neighbor neighbor in found) Assert.Equal(Distance(DistanceMetric.L2, store[neighbor.Id], query), neighbor.Distance, 1e-3);
                }
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        reader.Start();
        graph.InsertRange(First, Rows, threads: 2);
        done.Cancel();
        reader.Join();
        Assert.Null(failure);
        graph.Verify();
        Assert.InRange(TestVectors.MeanRecall(graph, vectors.Query, 50, 10, ef: 100), 0.97, 1);
        // What inserts left beside the lists is what a build would have put there: the file opens and finds the same.
        using HnswGraph opened = HnswGraph.Open(Write(graph), store);
        opened.Verify();
        Assert.InRange(TestVectors.MeanRecall(opened, vectors.Query, 50, 10, ef: 100), 0.97, 1);
    }

    [Fact]
    public void A_warm_search_over_codes_allocates_nothing()
    {
        TestVectors vectors = new(48);
        using GrowableVectorStore store = vectors.Store(500, normalize: true);
        foreach (VectorQuantization kind in Kinds)
        {
            HnswOptions options = TestVectors.Options(DistanceMetric.Cosine) with { Quantization = kind };
            using HnswGraph graph = HnswGraph.Build(store, 500, options, threads: 1);
            float[] query = vectors.Query(0);
            Neighbor[] found = new Neighbor[10];
            ulong[] bitmap = [.. Enumerable.Repeat(0x5555555555555555UL, 8)];
            SearchStats stats = default;
            for (int i = 0; i < 100; i++) Once();
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++) Once();
            Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

            void Once()
            {
                graph.Search(query, 10, 40, found, ref stats);
                FilteredSearch.Walk(graph, new BitmapFilter(bitmap), query, 10, 40, long.MaxValue, found, ref stats);
            }
        }
    }

    [Fact]
    public void What_files_rely_on_stands_still()
    {
        Assert.Equal([0, 1, 2, 11, 12, 13, 14, 15, 16, 17, 18, 100], Enum.GetValues<VectorQuantization>().Select(kind => (int)kind));
        // A rotation isn't stored: its image of a vector is part of the format. With one power of two, and with two that overlap.
        CheckRotation(64, [1.5625, -0.5625, -0.3125, 0.3125, 0.1875, 1.0625, 0.3125, -0.0625]);
        CheckRotation(192, [0.335, 0.349, -0.828, -0.518, 0.96, -0.349, 0.136, 0.622]);
        Assert.Equal(160, QuantizedRows.Stride(VectorQuantization.Sq4, 256));
        Assert.Equal(288, QuantizedRows.Stride(VectorQuantization.Sq8, 256));
        // A line where it is filled, else no padding to speak of.
        Assert.Equal([64, 40, 64, 72, 88, 104, 128, 136], Kinds[2..].Select(kind => QuantizedRows.Stride(kind, 128)));
    }

    [Fact]
    public void Files_keep_codes_and_damage_never_crashes()
    {
        TestVectors vectors = new(20, clusters: 10);
        using GrowableVectorStore store = vectors.Store(600);
        foreach (VectorQuantization kind in Kinds)
        {
            HnswOptions options = TestVectors.Options() with { M = 8, EfConstruction = 32, Quantization = kind };
            using HnswGraph graph = HnswGraph.Build(store, 600, options, threads: 1);
            byte[] file = Write(graph);
            Assert.Equal(graph.FileLength, file.Length);
            Assert.Equal(kind.IsRaBitQ() ? 3 : 2, BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(8)));
            using HnswGraph opened = HnswGraph.Open(file, store);
            opened.Verify();
            Assert.Equal(kind, opened.Quantization);
            Assert.Equal(file, Write(opened));
            using HnswGraph copy = TestVectors.Copy(opened, store);
            Assert.Equal(file, Write(copy));
            Neighbor[] a = new Neighbor[10], b = new Neighbor[10];
            SearchStats stats = default;
            for (int i = 0; i < 30; i++)
            {
                Assert.Equal(graph.Search(vectors.Query(i), 10, 30, a, ref stats), opened.Search(vectors.Query(i), 10, 30, b, ref stats));
                Assert.Equal(a, b);
            }

            foreach (int offset in (int[])[144, 148, 152, 156, 160, 164, 176, 180, 184, 188, .. kind.IsRaBitQ() ? (int[])[200, 204, 208, 212, 216, 220] : []])
            {
                foreach (int value in (int[])[int.MinValue, int.MaxValue, -1, 0, 77])
                {
                    byte[] wild = (byte[])file.Clone();
                    if (BinaryPrimitives.ReadInt32LittleEndian(wild.AsSpan(offset)) == value) continue;
                    BinaryPrimitives.WriteInt32LittleEndian(wild.AsSpan(offset), value);
                    BinaryPrimitives.WriteUInt32LittleEndian(wild.AsSpan(252), Crc32C.Compute(wild.AsSpan(0, 252)));
                    Assert.Throws<VectorFormatException>(() => HnswGraph.Open(wild, store));
                }
            }
            foreach (int length in (int[])[256, file.Length - 64]) Assert.Throws<VectorFormatException>(() => HnswGraph.Open(file.AsMemory(0, length), store));

            Random random = new(8);
            for (int round = 0; round < 60; round++)
            {
                byte[] damaged = (byte[])file.Clone();
                for (int i = 0; i < 400; i++)
                {
                    int at = (256 / 4) + random.Next((file.Length - 256) / 4);
                    uint value = random.Next(4) switch { 0 => 0x7FC00000u, 1 => 0xFF800000u, 2 => (uint)random.Next(600), _ => (uint)random.NextInt64() };
                    BinaryPrimitives.WriteUInt32LittleEndian(damaged.AsSpan(at * 4), value);
                }
                using HnswGraph broken = HnswGraph.Open(damaged, store);
                Assert.Throws<VectorFormatException>(broken.Verify);
                for (int i = 0; i < 5; i++)
                {
                    int count = broken.Search(vectors.Query(i), 10, 30, a, ref stats);
                    Assert.All(a.Take(count), n => Assert.InRange(n.Id, 0, 599));
                    using HnswCursor cursor = new(broken, vectors.Query(i), 30);
                    Assert.InRange(cursor.Next(a, ref stats), 0, 10);
                }
            }
        }
    }

    [Fact]
    public void Entry_points_are_kept_and_their_damage_never_crashes()
    {
        const int Rows = 2100;
        TestVectors vectors = new(16, clusters: 10);
        using GrowableVectorStore store = vectors.Store(Rows);
        using HnswGraph graph = HnswGraph.Build(store, Rows, TestVectors.Options() with { M = 8, EfConstruction = 32, Quantization = VectorQuantization.Auto }, threads: 1);
        byte[] file = Write(graph);
        int count = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(200)), section = (int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(208));
        Assert.InRange(count, Rows / 16, Rows / 4);
        Assert.Equal(1, BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(204)));
        using HnswGraph opened = HnswGraph.Open(file, store);
        opened.Verify();
        Assert.Equal(file, Write(opened));
        using HnswGraph copy = TestVectors.Copy(opened, store);
        Assert.Equal(file, Write(copy));
        Neighbor[] a = new Neighbor[10], b = new Neighbor[10];
        SearchStats stats = default;
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(graph.Search(vectors.Query(i), 10, 30, a, ref stats), opened.Search(vectors.Query(i), 10, 30, b, ref stats));
            Assert.Equal(a, b);
        }
        foreach ((int offset, int value) in ((int, int)[])[(200, 0), (200, 1025), (200, -1), (204, 0), (204, 31)])
        {
            byte[] wild = (byte[])file.Clone();
            BinaryPrimitives.WriteInt32LittleEndian(wild.AsSpan(offset), value);
            BinaryPrimitives.WriteUInt32LittleEndian(wild.AsSpan(252), Crc32C.Compute(wild.AsSpan(0, 252)));
            Assert.Throws<VectorFormatException>(() => HnswGraph.Open(wild, store));
        }
        foreach (uint value in (uint[])[uint.MaxValue, 0x7FC00000, 0xFF80FF80, Rows, 5])
        {
            byte[] damaged = (byte[])file.Clone();
            for (int at = section; at < file.Length - 4; at += 4) BinaryPrimitives.WriteUInt32LittleEndian(damaged.AsSpan(at), value);
            using HnswGraph broken = HnswGraph.Open(damaged, store);
            Assert.Throws<VectorFormatException>(broken.Verify);
            for (int i = 0; i < 5; i++) Assert.Equal(10, broken.Search(vectors.Query(i), 10, 30, a, ref stats));
        }
        // A graph that begins with nothing has no rows to choose by.
        using HnswGraph growing = new(TestVectors.Options() with { Quantization = VectorQuantization.RaBitQ1 }, store);
        Assert.Equal(VectorQuantization.RaBitQ4, growing.Quantization);
    }

    /// <summary>At the same ef, found over codes as over rows, but for one in a hundred where a search is a usual one; a set whose codes aren't used passes as well.</summary>
    private static void CheckRecall(GrowableVectorStore store, DistanceMetric metric, Func<int, float[]> query, int queries)
    {
        HnswOptions options = TestVectors.Options(metric) with { M = 8, EfConstruction = 48 };
        (int Ef, double Less)[] fine = [(10, 0.03), (30, 0.0101)], coarse = [(100, 0.05)];
        using HnswGraph plain = HnswGraph.Build(store, store.Count, options, threads: 1);
        double[] reference = [.. new[] { 10, 30, 100 }.Select(ef => TestVectors.MeanRecall(plain, query, queries, 10, ef))];
        foreach (VectorQuantization kind in Some)
        {
            using HnswGraph graph = HnswGraph.Build(store, store.Count, options with { Quantization = kind }, threads: 1);
            graph.Verify();
            foreach ((int ef, double less) in kind.Bits() < 4 ? coarse : fine)
            {
                double without = reference[ef switch { 10 => 0, 30 => 1, _ => 2 }], recall = TestVectors.MeanRecall(graph, query, queries, 10, ef);
                Assert.True(recall >= without - less, $"{metric} {kind} (in use: {graph.Quantization}) ef {ef}: {recall:F4}, without codes {without:F4}");
            }
        }
    }

    private struct Estimates(int count) : IDistanceAction
    {
        public readonly float[] Values = new float[count];

        public readonly void RunOver<TDistance>(TDistance distance)
            where TDistance : struct, INodeDistance
        {
            float[] batch = new float[Values.Length + 3];
            int[] ids = [.. Enumerable.Range(0, Values.Length)];
            fixed (int* p = ids)
            fixed (float* d = batch) distance.To(p, ids.Length, d);
            for (int i = 0; i < Values.Length; i++)
            {
                Values[i] = distance.To(i);
                Assert.Equal(Values[i], batch[i], 1e-4f * (1 + Math.Abs(Values[i])));
            }
        }
    }

    private static byte[] Write(HnswGraph graph)
    {
        using MemoryStream stream = new();
        graph.WriteTo(stream);
        return stream.ToArray();
    }

    private static float[] Random(int dimensions, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, dimensions).Select(_ => (float)((random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.4) * 2))];
    }

    private static void CheckRotation(int dimensions, double[] expected)
    {
        float[] vector = new float[dimensions];
        vector[0] = 8;
        Rotate(new RandomRotation(dimensions), vector);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], vector[i], 1e-3);
    }

    private static void Rotate(RandomRotation rotation, float[] vector)
    {
        fixed (float* p = vector) rotation.Apply(p);
    }

    private static double Product(float[] x, float[] y) => x.Zip(y, (a, b) => (double)a * b).Sum();

    private static double Distance(DistanceMetric metric, ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++) sum += metric == DistanceMetric.L2 ? ((double)x[i] - y[i]) * ((double)x[i] - y[i]) : (double)x[i] * y[i];
        return metric switch { DistanceMetric.L2 => sum, DistanceMetric.Cosine => 1 - sum, _ => -sum };
    }

    private static double Length(ReadOnlySpan<float> x, ReadOnlySpan<float> center)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++) sum += ((double)x[i] - center[i]) * ((double)x[i] - center[i]);
        return Math.Sqrt(sum);
    }
}
