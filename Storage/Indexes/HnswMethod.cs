using VecSql.Core.Catalog;
using VecSql.Storage.Contracts;
using VecSql.Storage.Databases;
using VecSql.Vectors;
using VecSql.Vectors.Calibration;
using VecSql.Vectors.Graph;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Quantization;
using VecSql.Vectors.Search;

namespace VecSql.Storage.Indexes;

/// <summary>Nearest neighbours by HNSW graphs.</summary>
internal sealed class HnswMethod : IndexMethod
{
    public override string Name => "hnsw";

    public override IndexStore Open(IndexObject index, TableObject table, CatalogSnapshot catalog, StorageOptions options, DatabaseStore database)
    {
        (HnswOptions hnsw, VectorForm form) = HnswOptionsReader.Read(index);
        return new VectorIndex(index, new IndexKeySource(index, table, catalog, options.IndexExpressions), new HnswStructures(hnsw), form, options);
    }
}

/// <summary>Graphs: a memtable's grows in place.</summary>
internal sealed class HnswStructures(HnswOptions options) : VectorStructures
{
    /// <summary>Below, linking isn't worth its overhead.</summary>
    private const int FewUnlinked = 64;

    /// <summary>What a search scans beside the graph at most: some tenths of a millisecond of its time.</summary>
    private const int UnlinkedBytes = 2 << 20, LeastUnlinkedBound = 512, MostUnlinkedBound = 8192;

    /// <summary>A graph that has grown to so many rows gets codes, chosen by them.</summary>
    private const int QuantizedRows = 4096;

    /// <summary>A graph with a smaller share of nodes that go on living is not taken over: what it costs to mend, and what it loses, is worth a new one.</summary>
    private const double LeastLiving = 0.4;

    /// <summary>Nor one that has a smaller share of the new one's rows.</summary>
    private const double LeastShare = 0.1;

    public override DistanceMetric Metric => options.Metric;

    public override int EffortOf(VectorSearchRequest request, RecallTable recall, int k, int linked) =>
        request.TargetRecall > 0 ? recall.EfFor(request.TargetRecall, k, linked) : request.EfSearch;

    public override int EffortAmong(int effort, int k, double living) => (int)(Math.Max(effort, k) / living);

    public override IVectorStructure Build(IVectorStore store, int count, BuildContext context, Action<int>? progress) =>
        HnswGraph.Build(store, count, options, Math.Max(1, context.Threads), progress, context.Cancellation);

    public override RecallTable? MeasureRecall(IVectorStructure structure, int linked, int threads, Action? breathe, CancellationToken cancellation) =>
        RecallCalibration.Measure((HnswGraph)structure, linked, threads, breathe, cancellation);

    public override string? QuantizationOf(IVectorStructure structure) => ((HnswGraph)structure).Quantization.ToString().ToLowerInvariant();

    public override IVectorStructure Open(ReadOnlyMemory<byte> file, IVectorStore store) => HnswGraph.Open(file, store);

    public override void Page(IVectorStructure structure, bool isPaged, IBlockSource source, long offset) => ((HnswGraph)structure).Page(isPaged, source, offset);

    public override int UnlinkedRows(int linked) => FewUnlinked;

    public override int MostUnlinkedRows(int linked, int rowBytes) => Math.Clamp(UnlinkedBytes / rowBytes, LeastUnlinkedBound, MostUnlinkedBound);

    public override int RowsAtOnce => 256;

    public override bool GrowsAlone(IVectorStructure? structure, int end) => structure is null || WantsCodes((HnswGraph)structure);

    /// <summary>A graph that grew from few rows was told to have none.</summary>
    private bool WantsCodes(HnswGraph graph) =>
        options.Quantization != VectorQuantization.None && graph.Options.Quantization == VectorQuantization.None && graph.LinkedCount >= QuantizedRows;

    public override IVectorStructure Grow(IVectorStructure? structure, IVectorStore store, int first, int end, int threads, Action? breathe)
    {
        if (structure is null && end >= QuantizedRows) return HnswGraph.Build(store, end, options, threads);
        HnswGraph graph = (HnswGraph?)structure ?? new HnswGraph(options with { Quantization = VectorQuantization.None }, store);
        if (structure is not null && WantsCodes(graph)) graph = HnswGraph.BuildFrom(graph, Identity(first), store, first, options, threads);
        graph.InsertRange(first, end, threads, breathe is null ? null : _ => breathe());
        return graph;
    }

    public override IVectorStructure? Rebuild(IVectorStructure known, int[] newIds, IVectorStore store, int count, BuildContext context, Action<int>? progress)
    {
        int living = newIds.Count(id => id >= 0);
        return living < newIds.Length * LeastLiving || living < count * LeastShare
            ? null
            : HnswGraph.BuildFrom((HnswGraph)known, newIds, store, count, options, Math.Max(1, context.Threads), progress, context.Cancellation);
    }

    private static int[] Identity(int count)
    {
        int[] ids = new int[count];
        for (int i = 0; i < count; i++) ids[i] = i;
        return ids;
    }
}
