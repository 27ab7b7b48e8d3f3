using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Vectors;
using VecSql.Vectors.Graph;
using VecSql.Vectors.Quantization;

namespace VecSql.Storage.Indexes;

/// <summary>What CREATE INDEX … USING hnsw says, checked as pgvector checks it.</summary>
internal static class HnswOptionsReader
{
    /// <exception cref="SqlException">22023, 54000, 0A000.</exception>
    public static (HnswOptions Options, VectorForm Form) Read(IndexObject index)
    {
        VectorForm form = VectorForm.Read(index);
        int m = 16, efConstruction = 64;
        VectorQuantization quantization = ReadQuantization("auto");
        foreach ((string name, string value) in index.Options)
        {
            switch (name)
            {
                case "m":
                    m = VectorForm.ReadNumber(name, value, HnswOptions.MinM, HnswOptions.MaxM);
                    break;
                case "ef_construction":
                    efConstruction = VectorForm.ReadNumber(name, value, HnswOptions.MinEfConstruction, HnswOptions.MaxEfConstruction);
                    break;
                case "quantization":
                    quantization = ReadQuantization(value);
                    break;
                default:
                    throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized parameter \"{name}\"");
            }
        }
        if (efConstruction < 2 * m) throw new SqlException(SqlState.InvalidParameterValue, "ef_construction must be greater than or equal to 2 * m");
        return (new HnswOptions { Metric = MetricOf(index.Keys[0].OperatorClass), M = m, EfConstruction = efConstruction, Quantization = quantization }, form);
    }

    private static DistanceMetric MetricOf(string? operatorClass) => operatorClass switch
    {
        null or "vector_l2_ops" => DistanceMetric.L2,
        "vector_ip_ops" => DistanceMetric.InnerProduct,
        "vector_cosine_ops" => DistanceMetric.Cosine,
        "vector_l1_ops" => DistanceMetric.L1,
        "halfvec_l2_ops" => DistanceMetric.HalfL2,
        "halfvec_ip_ops" => DistanceMetric.HalfInnerProduct,
        "halfvec_cosine_ops" => DistanceMetric.HalfCosine,
        "halfvec_l1_ops" => DistanceMetric.HalfL1,
        "sparsevec_l2_ops" => DistanceMetric.SparseL2,
        "sparsevec_ip_ops" => DistanceMetric.SparseInnerProduct,
        "sparsevec_cosine_ops" => DistanceMetric.SparseCosine,
        "sparsevec_l1_ops" => DistanceMetric.SparseL1,
        "int8vec_l2_ops" => DistanceMetric.Int8L2,
        "int8vec_ip_ops" => DistanceMetric.Int8InnerProduct,
        "int8vec_cosine_ops" => DistanceMetric.Int8Cosine,
        "int8vec_l1_ops" => DistanceMetric.Int8L1,
        "bit_hamming_ops" => DistanceMetric.Hamming,
        "bit_jaccard_ops" => DistanceMetric.Jaccard,
        _ => throw new SqlException(SqlState.UndefinedObject, $"operator class \"{operatorClass}\" does not exist for access method \"hnsw\""),
    };

    /// <summary>The codes to begin with: a build takes finer ones, or none, where they would cost recall on its rows.</summary>
    private static VectorQuantization ReadQuantization(string value) => value switch
    {
        "auto" => VectorQuantization.Auto,
        "none" => VectorQuantization.None,
        "sq4" => VectorQuantization.Sq4,
        "sq8" => VectorQuantization.Sq8,
        ['r', 'a', 'b', 'i', 't', 'q', >= '1' and <= '8' and var bits] => VectorQuantization.RaBitQ1 + (bits - '1'),
        _ => throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for enum option \"quantization\": {value}",
            detail: "Valid values are \"auto\", \"none\", \"sq4\", \"sq8\" and \"rabitq1\" to \"rabitq8\"."),
    };
}
