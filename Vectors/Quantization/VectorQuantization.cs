namespace VecSql.Vectors.Quantization;

/// <summary>How a graph's rows are abridged for walking; results are always ranked by the full rows. The numbers are persisted: they only grow.</summary>
public enum VectorQuantization
{
    /// <summary>Walks read the rows themselves.</summary>
    None = 0,

    /// <summary>Eight bits for each dimension.</summary>
    Sq8 = 1,

    /// <summary>Four bits for each dimension.</summary>
    Sq4 = 2,
}
