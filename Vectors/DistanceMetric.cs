namespace VecSql.Vectors;

/// <summary>What "near" means. The numbers are persisted in graph files: they only grow.</summary>
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
}
