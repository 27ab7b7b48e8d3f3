using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Storage.Contracts;
using VecSql.Storage.Databases;
using VecSql.Vectors;
using VecSql.Vectors.Calibration;
using VecSql.Vectors.Ivf;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Search;

namespace VecSql.Storage.Indexes;

/// <summary>Nearest neighbours by lists around centers.</summary>
internal sealed class IvfFlatMethod : IndexMethod
{
    public override string Name => "ivfflat";

    public override IndexStore Open(IndexObject index, TableObject table, CatalogSnapshot catalog, StorageOptions options, DatabaseStore database)
    {
        VectorForm form = VectorForm.Read(index);
        var ivf = new IvfOptions { Metric = MetricOf(index.Keys[0].OperatorClass), Lists = ReadLists(index) };
        return new VectorIndex(index, new IndexKeySource(index, table, catalog, options.IndexExpressions), new IvfFlatStructures(ivf), form, options);
    }

    private static int ReadLists(IndexObject index)
    {
        int lists = IvfOptions.DefaultLists;
        foreach ((string name, string value) in index.Options)
        {
            if (name != "lists") throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized parameter \"{name}\"");
            lists = VectorForm.ReadNumber(name, value, IvfOptions.MinLists, IvfOptions.MaxLists);
        }
        return lists;
    }

    private static DistanceMetric MetricOf(string? operatorClass) => operatorClass switch
    {
        null or "vector_l2_ops" => DistanceMetric.L2,
        "vector_ip_ops" => DistanceMetric.InnerProduct,
        "vector_cosine_ops" => DistanceMetric.Cosine,
        "halfvec_l2_ops" => DistanceMetric.HalfL2,
        "halfvec_ip_ops" => DistanceMetric.HalfInnerProduct,
        "halfvec_cosine_ops" => DistanceMetric.HalfCosine,
        "bit_hamming_ops" => DistanceMetric.Hamming,
        _ => throw new SqlException(SqlState.UndefinedObject, $"operator class \"{operatorClass}\" does not exist for access method \"ivfflat\""),
    };
}

/// <summary>
/// Lists: those of a segment are built with it. A memtable's rows are scanned until there are many; then they are divided, new rows are added to the lists now and then, and once the
/// rows have multiplied the centers are learned anew.
/// </summary>
internal sealed class IvfFlatStructures(IvfOptions options) : VectorStructures
{
    /// <summary>A scan of so many rows is quick enough.</summary>
    private const int MinDivided = 8192;

    /// <summary>New rows are added to the lists once they are this share of those.</summary>
    private const int GrowthShare = 8;

    /// <summary>How many times more rows there are when the centers are learned anew.</summary>
    private const int RetrainFactor = 8;

    public override DistanceMetric Metric => options.Metric;

    public override int EffortOf(VectorSearchRequest request, RecallTable recall, int k, int linked) => request.Probes;

    public override IVectorStructure Build(IVectorStore store, int count, BuildContext context, Action<int>? progress) =>
        IvfLists.Build(store, count, options, Math.Max(1, context.Threads), progress, phase => context.Phase?.Invoke(phase == IvfPhase.KMeans ? "performing k-means" : "assigning tuples"), context.Cancellation);

    public override IVectorStructure Open(ReadOnlyMemory<byte> file, IVectorStore store) => IvfLists.Open(file, store);

    public override int UnlinkedRows(int linked) => Math.Max(MinDivided, linked / GrowthShare);

    public override int MostUnlinkedRows(int linked, int rowBytes) => 2 * UnlinkedRows(linked);

    public override int RowsAtOnce => int.MaxValue;

    public override bool GrowsAlone(IVectorStructure? structure, int end) => true;

    public override IVectorStructure Grow(IVectorStructure? structure, IVectorStore store, int first, int end, int threads, Action? breathe)
    {
        var lists = (IvfLists?)structure;
        return lists is null || (lists.TrainedRows <= end / RetrainFactor && lists.Lists < options.Lists)
            ? IvfLists.Build(store, end, options, threads)
            : lists.Extend(end, threads);
    }
}
