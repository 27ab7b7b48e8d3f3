namespace VecSql.Vectors.Quantization;

/// <summary>How a graph's rows are abridged for walking; results are always ranked by the full rows. The numbers are persisted: they only grow.</summary>
public enum VectorQuantization
{
    /// <summary>Walks read the rows themselves.</summary>
    None = 0,

    /// <summary>Eight bits for each dimension, steps that reach to the largest element.</summary>
    Sq8 = 1,

    /// <summary>Four bits for each dimension, one step for all rows of a length.</summary>
    Sq4 = 2,

    /// <summary>One bit for each dimension of each neighbour, beside a node's list, and three for each dimension of a node: the fastest walks over large graphs, and the most memory.</summary>
    RaBitQ1 = 11,

    /// <summary>Two to eight bits for each dimension, each row's step the best for it (extended RaBitQ).</summary>
    RaBitQ2 = 12,
    RaBitQ3 = 13,
    RaBitQ4 = 14,
    RaBitQ5 = 15,
    RaBitQ6 = 16,
    RaBitQ7 = 17,
    RaBitQ8 = 18,

    /// <summary>What measures best on the rows at a build; never persisted.</summary>
    Auto = 100,
}

/// <summary>What follows from a kind of codes.</summary>
internal static class Quantizations
{
    /// <summary>Bits of an element of a node's code.</summary>
    public static int Bits(this VectorQuantization kind) => kind switch
    {
        VectorQuantization.Sq8 => 8,
        VectorQuantization.Sq4 => 4,
        VectorQuantization.RaBitQ1 => 3,
        >= VectorQuantization.RaBitQ2 and <= VectorQuantization.RaBitQ8 => kind - VectorQuantization.RaBitQ1 + 1,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no codes"),
    };

    /// <summary>Whether rows are rounded with a step of their own.</summary>
    public static bool IsRaBitQ(this VectorQuantization kind) => kind is >= VectorQuantization.RaBitQ1 and <= VectorQuantization.RaBitQ8;

    /// <summary>Whether lists have their neighbours' codes beside them.</summary>
    public static bool HasNeighborCodes(this VectorQuantization kind) => kind == VectorQuantization.RaBitQ1;

    /// <summary>Whether a file may say so.</summary>
    public static bool IsStored(this VectorQuantization kind) => Enum.IsDefined(kind) && kind is not (VectorQuantization.None or VectorQuantization.Auto);

    /// <summary>What is tried where a kind would cost recall: about half as many bits more.</summary>
    public static VectorQuantization Finer(this VectorQuantization kind) => kind switch
    {
        VectorQuantization.Sq4 => VectorQuantization.Sq8,
        VectorQuantization.Sq8 or VectorQuantization.RaBitQ8 => VectorQuantization.None,
        VectorQuantization.RaBitQ1 => VectorQuantization.RaBitQ4,
        _ => VectorQuantization.RaBitQ1 - 1 + Math.Min(8, kind.Bits() + Math.Max(1, kind.Bits() / 2)),
    };
}
