namespace VecSql.Core.Types;

/// <summary>An operator class that an index on vectors may name.</summary>
/// <param name="Name">vector_l2_ops …</param>
/// <param name="AccessMethod">hnsw, ivfflat or btree.</param>
/// <param name="TypeOid">The type it indexes.</param>
/// <param name="Operator">The operator that ORDER BY must use; for btree "&lt;".</param>
/// <param name="Metric">l2, ip (negative inner product), cosine, l1, hamming, jaccard; empty for btree.</param>
/// <param name="IsDefault">Used if CREATE INDEX names none.</param>
public sealed record VectorOperatorClass(string Name, string AccessMethod, uint TypeOid, string Operator, string Metric, bool IsDefault);

/// <summary>pgvector's operator classes, and those of int8vec. Their places give their numbers in the catalog: new ones go to the end.</summary>
public static class VectorOperatorClasses
{
    public static IReadOnlyList<VectorOperatorClass> All { get; } =
    [
        new("vector_l2_ops", "hnsw", TypeOid.Vector, "<->", "l2", IsDefault: false),
        new("vector_ip_ops", "hnsw", TypeOid.Vector, "<#>", "ip", IsDefault: false),
        new("vector_cosine_ops", "hnsw", TypeOid.Vector, "<=>", "cosine", IsDefault: false),
        new("vector_l1_ops", "hnsw", TypeOid.Vector, "<+>", "l1", IsDefault: false),
        new("vector_l2_ops", "ivfflat", TypeOid.Vector, "<->", "l2", IsDefault: true),
        new("vector_ip_ops", "ivfflat", TypeOid.Vector, "<#>", "ip", IsDefault: false),
        new("vector_cosine_ops", "ivfflat", TypeOid.Vector, "<=>", "cosine", IsDefault: false),
        new("vector_ops", "btree", TypeOid.Vector, "<", "", IsDefault: true),
        new("halfvec_l2_ops", "hnsw", TypeOid.HalfVec, "<->", "l2", IsDefault: false),
        new("halfvec_ip_ops", "hnsw", TypeOid.HalfVec, "<#>", "ip", IsDefault: false),
        new("halfvec_cosine_ops", "hnsw", TypeOid.HalfVec, "<=>", "cosine", IsDefault: false),
        new("halfvec_l1_ops", "hnsw", TypeOid.HalfVec, "<+>", "l1", IsDefault: false),
        new("halfvec_l2_ops", "ivfflat", TypeOid.HalfVec, "<->", "l2", IsDefault: false),
        new("halfvec_ip_ops", "ivfflat", TypeOid.HalfVec, "<#>", "ip", IsDefault: false),
        new("halfvec_cosine_ops", "ivfflat", TypeOid.HalfVec, "<=>", "cosine", IsDefault: false),
        new("halfvec_ops", "btree", TypeOid.HalfVec, "<", "", IsDefault: true),
        new("sparsevec_l2_ops", "hnsw", TypeOid.SparseVec, "<->", "l2", IsDefault: false),
        new("sparsevec_ip_ops", "hnsw", TypeOid.SparseVec, "<#>", "ip", IsDefault: false),
        new("sparsevec_cosine_ops", "hnsw", TypeOid.SparseVec, "<=>", "cosine", IsDefault: false),
        new("sparsevec_l1_ops", "hnsw", TypeOid.SparseVec, "<+>", "l1", IsDefault: false),
        new("sparsevec_ops", "btree", TypeOid.SparseVec, "<", "", IsDefault: true),
        new("bit_hamming_ops", "hnsw", TypeOid.Bit, "<~>", "hamming", IsDefault: false),
        new("bit_jaccard_ops", "hnsw", TypeOid.Bit, "<%>", "jaccard", IsDefault: false),
        new("bit_hamming_ops", "ivfflat", TypeOid.Bit, "<~>", "hamming", IsDefault: false),
        new("int8vec_l2_ops", "hnsw", TypeOid.Int8Vec, "<->", "l2", IsDefault: false),
        new("int8vec_ip_ops", "hnsw", TypeOid.Int8Vec, "<#>", "ip", IsDefault: false),
        new("int8vec_cosine_ops", "hnsw", TypeOid.Int8Vec, "<=>", "cosine", IsDefault: false),
        new("int8vec_l1_ops", "hnsw", TypeOid.Int8Vec, "<+>", "l1", IsDefault: false),
        new("int8vec_ops", "btree", TypeOid.Int8Vec, "<", "", IsDefault: true),
    ];

    /// <summary>The class of that name for the access method and type, or null.</summary>
    public static VectorOperatorClass? Find(string accessMethod, uint typeOid, string name)
    {
        foreach (VectorOperatorClass candidate in All)
            if (candidate.AccessMethod == accessMethod && candidate.TypeOid == typeOid && candidate.Name == name) return candidate;
        return null;
    }

    /// <summary>The default class, or null: hnsw has none for vectors.</summary>
    public static VectorOperatorClass? FindDefault(string accessMethod, uint typeOid)
    {
        foreach (VectorOperatorClass candidate in All)
            if (candidate.AccessMethod == accessMethod && candidate.TypeOid == typeOid && candidate.IsDefault) return candidate;
        return null;
    }
}
