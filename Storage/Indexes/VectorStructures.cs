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

    /// <summary>The effort that finds as many living rows where only this share lives.</summary>
    public virtual int EffortAmong(int effort, int k, double living) => effort;

    /// <summary>Over a store's first <paramref name="count"/> rows.</summary>
    /// <param name="progress">Told now and then, by any thread, of rows done in all.</param>
    public abstract IVectorStructure Build(IVectorStore store, int count, BuildContext context, Action<int>? progress);

    /// <summary>Opens a file where it lies.</summary>
    /// <exception cref="VectorFormatException">Damaged, or of another store.</exception>
    public abstract IVectorStructure Open(ReadOnlyMemory<byte> file, IVectorStore store);

    /// <summary>So many newest rows of a memtable are scanned rather than linked.</summary>
    /// <param name="linked">Rows that are linked already.</param>
    public abstract int UnlinkedRows(int linked);

    /// <summary>Beyond so many, inserters link too.</summary>
    /// <param name="rowBytes">What scanning a row reads.</param>
    public abstract int MostUnlinkedRows(int linked, int rowBytes);

    /// <summary>Rows that one call of <see cref="Grow"/> should link, so that what else there is to do doesn't wait long.</summary>
    public abstract int RowsAtOnce { get; }

    /// <summary>True if no one may grow the structure beside the next call of <see cref="Grow"/>.</summary>
    public abstract bool GrowsAlone(IVectorStructure? structure, int end);

    /// <summary>Extends a memtable's structure (null: there is none yet) by rows of its store; in place, or as a new one beside which the old goes on.</summary>
    /// <param name="first">Rows below are in the structure.</param>
    /// <param name="breathe">To be called every millisecond or so by every thread that works; null: there is no need.</param>
    public abstract IVectorStructure Grow(IVectorStructure? structure, IVectorStore store, int first, int end, int threads, Action? breathe);

    /// <summary>A structure over a new segment's rows from one that has some of them; null if one is better built from nothing.</summary>
    /// <param name="newIds">By the known one's nodes: the row in the store, −1 if it is left out.</param>
    public virtual IVectorStructure? Rebuild(IVectorStructure known, int[] newIds, IVectorStore store, int count, BuildContext context, Action<int>? progress) => null;
}
