using VecSql.Storage.Contracts;
using VecSql.Vectors;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Search;

namespace VecSql.Storage.Indexes;

/// <summary>What differs between index methods over vectors: how their structures are built, grown and opened, as the index's options say.</summary>
internal abstract class VectorStructures
{
    public abstract DistanceMetric Metric { get; }

    /// <summary>What the request says of the effort for this kind of structure.</summary>
    public abstract int EffortOf(VectorSearchRequest request);

    /// <summary>Over a store's first <paramref name="count"/> rows.</summary>
    /// <param name="progress">Told now and then, by any thread, of rows done in all.</param>
    public abstract IVectorStructure Build(IVectorStore store, int count, BuildContext context, Action<int>? progress);

    /// <summary>Opens a file where it lies.</summary>
    /// <exception cref="VectorFormatException">Damaged, or of another store.</exception>
    public abstract IVectorStructure Open(ReadOnlyMemory<byte> file, IVectorStore store);

    /// <summary>So many newest rows of a memtable are scanned rather than linked.</summary>
    /// <param name="linked">Rows that are linked already.</param>
    public abstract int UnlinkedRows(int linked);

    /// <summary>Extends a memtable's structure (null: there is none yet) by rows of its store; in place, or as a new one beside which the old goes on.</summary>
    /// <param name="first">Rows below are in the structure.</param>
    public abstract IVectorStructure Grow(IVectorStructure? structure, IVectorStore store, int first, int end, int threads);
}
