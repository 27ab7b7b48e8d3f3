namespace VecSql.Vectors.Search;

/// <summary>A result: a node and its distance as the kernel orders it (L2 squared).</summary>
public readonly record struct Neighbor(int Id, float Distance);

/// <summary>What a search did; counters are added to, so one value may cover several searches.</summary>
public struct SearchStats
{
    /// <summary>Distances computed, of rows or codes, to find candidates.</summary>
    public long Distances;

    /// <summary>Candidates found by codes whose rows were read for their true distance.</summary>
    public long Reranked;

    /// <summary>Nodes whose neighbours were read.</summary>
    public long Hops;

    /// <summary>Lists whose rows were looked through.</summary>
    public long Lists;

    /// <summary>Nodes that the filter was asked about.</summary>
    public long FilterChecks;

    /// <summary>Searches that ended as an exact scan.</summary>
    public int ExactScans;
}

/// <summary>Which nodes may be results. Called often and from the inner loop: pure, cheap, no locks. Nodes that fail still serve as bridges.</summary>
public interface INodeFilter
{
    bool Accept(int id);
}

/// <summary>Every node.</summary>
public readonly struct AllNodes : INodeFilter
{
    public bool Accept(int id) => true;
}

/// <summary>Every node but one.</summary>
public readonly struct AllBut(int absent) : INodeFilter
{
    public bool Accept(int id) => id != absent;
}

/// <summary>Bit id of the bitmap (word id/64, bit id%64); ids beyond its end fail.</summary>
public readonly struct BitmapFilter(ulong[] words) : INodeFilter
{
    public bool Accept(int id)
    {
        int word = id >> 6;
        return (uint)word < (uint)words.Length && (words[word] & (1UL << id)) != 0;
    }
}

/// <summary>Those that both accept, for example visible rows and a predicate's bitmap.</summary>
public readonly struct BothFilters<TFirst, TSecond>(TFirst first, TSecond second) : INodeFilter
    where TFirst : struct, INodeFilter
    where TSecond : struct, INodeFilter
{
    public bool Accept(int id) => first.Accept(id) && second.Accept(id);
}
