namespace VecSql.Vectors;

/// <summary>What "near" means, and between rows of which form (<see cref="RowForms"/>). The numbers are persisted in graph files: they only grow.</summary>
public enum DistanceMetric
{
    /// <summary>Euclidean; graphs compare the squared distance.</summary>
    L2 = 1,

    /// <summary>Negative inner product.</summary>
    InnerProduct = 2,

    /// <summary>1 − cosine of the angle, in [0, 2]. A zero vector has no angle and is never linked.</summary>
    Cosine = 3,

    /// <summary>Taxicab: the sum of absolute differences.</summary>
    L1 = 4,

    HalfL2 = 5,
    HalfInnerProduct = 6,
    HalfCosine = 7,
    HalfL1 = 8,

    /// <summary>Bits that differ.</summary>
    Hamming = 9,

    /// <summary>1 − common bits / bits set in either; 1 if none is common.</summary>
    Jaccard = 10,

    SparseL2 = 11,
    SparseInnerProduct = 12,
    SparseCosine = 13,
    SparseL1 = 14,

    Int8L2 = 15,
    Int8InnerProduct = 16,
    Int8Cosine = 17,
    Int8L1 = 18,
}

/// <summary>What a row's 32-bit words are.</summary>
public enum RowForm
{
    /// <summary>A float each.</summary>
    Float32 = 0,

    /// <summary>Two halves each; the last may be padded with zero.</summary>
    Float16 = 1,

    /// <summary>32 bits each, padded with zeros.</summary>
    Bits = 2,

    /// <summary>Two words that hold the address of a <see cref="Memory.SparseRow"/>.</summary>
    Sparse = 3,

    /// <summary>Four signed bytes each, padded with zeros.</summary>
    Int8 = 4,
}

/// <summary>
/// Stores, graphs and searches carry rows and queries as runs of 32-bit words, typed as floats; only the kernels of a metric know what those are, so every loop serves all forms.
/// Dimensions of a store are its words: the vector's own dimensions for float32 rows alone.
/// </summary>
public static class RowForms
{
    public static RowForm Of(DistanceMetric metric) => metric switch
    {
        <= DistanceMetric.L1 => RowForm.Float32,
        <= DistanceMetric.HalfL1 => RowForm.Float16,
        <= DistanceMetric.Jaccard => RowForm.Bits,
        <= DistanceMetric.SparseL1 => RowForm.Sparse,
        _ => RowForm.Int8,
    };

    /// <summary>Bytes that one distance between rows of so many words reads, about.</summary>
    public static int RowBytes(DistanceMetric metric, int words) => Of(metric) == RowForm.Sparse ? 512 : words * sizeof(float);

    /// <summary>Words of a row with so many dimensions.</summary>
    public static int Words(RowForm form, int dimensions) => form switch
    {
        RowForm.Float32 => dimensions,
        RowForm.Float16 => (dimensions + 1) / 2,
        RowForm.Bits => (dimensions + 31) / 32,
        RowForm.Int8 => (dimensions + 3) / 4,
        _ => sizeof(long) / sizeof(float),
    };
}
