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

    /// <summary>One to eight bits for each dimension, each row's step the best for it (extended RaBitQ).</summary>
    RaBitQ1 = 11,
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
        >= VectorQuantization.RaBitQ1 and <= VectorQuantization.RaBitQ8 => kind - VectorQuantization.RaBitQ1 + 1,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no codes"),
    };

    /// <summary>Whether rows are rounded with a step of their own.</summary>
    public static bool IsRaBitQ(this VectorQuantization kind) => kind is >= VectorQuantization.RaBitQ1 and <= VectorQuantization.RaBitQ8;

    /// <summary>Whether a file may say so.</summary>
    public static bool IsStored(this VectorQuantization kind) => Enum.IsDefined(kind) && kind is not (VectorQuantization.None or VectorQuantization.Auto);

    /// <summary>What is tried where a kind would cost recall: about half as many bits more.</summary>
    public static VectorQuantization Finer(this VectorQuantization kind) => kind switch
    {
        VectorQuantization.Sq4 => VectorQuantization.Sq8,
        VectorQuantization.Sq8 or VectorQuantization.RaBitQ8 => VectorQuantization.None,
        _ => VectorQuantization.RaBitQ1 - 1 + Math.Min(8, kind.Bits() + Math.Max(1, kind.Bits() / 2)),
    };
}
