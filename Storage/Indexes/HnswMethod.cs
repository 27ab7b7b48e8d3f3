using VecSql.Core.Catalog;
using VecSql.Storage.Contracts;
using VecSql.Storage.Databases;
using VecSql.Vectors;
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
    /// <summary>Many small inserts link together, on all threads.</summary>
    private const int MostUnlinked = 256;

    /// <summary>A graph that begins with so many rows has codes chosen by them; one that grows from few has none.</summary>
    private const int QuantizedRows = 4096;

    public override DistanceMetric Metric => options.Metric;

    public override int EffortOf(VectorSearchRequest request) => request.EfSearch;

    public override IVectorStructure Build(IVectorStore store, int count, BuildContext context, Action<int>? progress) =>
        HnswGraph.Build(store, count, options, Math.Max(1, context.Threads), progress, context.Cancellation);

    public override IVectorStructure Open(ReadOnlyMemory<byte> file, IVectorStore store) => HnswGraph.Open(file, store);

    public override int UnlinkedRows(int linked) => MostUnlinked;

    public override IVectorStructure Grow(IVectorStructure? structure, IVectorStore store, int first, int end, int threads)
    {
        if (structure is null && end >= QuantizedRows) return HnswGraph.Build(store, end, options, threads);
        HnswGraph graph = (HnswGraph?)structure ?? new HnswGraph(options with { Quantization = VectorQuantization.None }, store);
        graph.InsertRange(first, end, threads);
        return graph;
    }
}
