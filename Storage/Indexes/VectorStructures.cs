using VecSql.Storage.Contracts;
using VecSql.Vectors;
using VecSql.Vectors.Calibration;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Search;

namespace VecSql.Storage.Indexes;

/// <summary>What differs between index methods over vectors: how their structures are built, grown and opened, as the index's options say.</summary>
internal abstract class VectorStructures
{
    public abstract DistanceMetric Metric { get; }

    /// <summary>How far a search looks in one structure.</summary>
    /// <param name="recall">Of the structure: what a target of recall is reached by.</param>
    /// <param name="k">Rows wanted of it.</param>
    /// <param name="linked">Rows in it.</param>
    public abstract int EffortOf(VectorSearchRequest request, RecallTable recall, int k, int linked);

    /// <summary>The effort that finds as many living rows where only this share lives.</summary>
    public virtual int EffortAmong(int effort, int k, double living) => effort;

    /// <summary>Over a store's first <paramref name="count"/> rows.</summary>
    /// <param name="progress">Told now and then, by any thread, of rows done in all.</param>
    public abstract IVectorStructure Build(IVectorStore store, int count, BuildContext context, Action<int>? progress);

    /// <summary>What effort gives on the rows below <paramref name="linked"/>; null: this kind isn't measured.</summary>
    /// <param name="breathe">To be called every millisecond or so by every thread that works; null: there is no need.</param>
    /// <exception cref="OperationCanceledException"/>
    public virtual RecallTable? MeasureRecall(IVectorStructure structure, int linked, int threads, Action? breathe, CancellationToken cancellation) => null;

    /// <summary>The codes that searches read in place of rows, by name; null: this kind has none.</summary>
    public virtual string? QuantizationOf(IVectorStructure structure) => null;

    /// <summary>What is written down beside a file.</summary>
    /// <param name="vectors">Rows with a vector.</param>
    public StructureFacts FactsOf(IVectorStructure built, int vectors, BuildContext context)
    {
        RecallTable? recall = MeasureRecall(built, built.Limit, Math.Max(1, context.Threads), context.Progress is { } progress ? () => progress(0) : null, context.Cancellation);
        return new StructureFacts(vectors, built.LinkedCount, QuantizationOf(built), recall is null ? null : StoredRecall.Of(recall));
    }

    /// <summary>Opens a file where it lies.</summary>
    /// <exception cref="VectorFormatException">Damaged, or of another store.</exception>
    public abstract IVectorStructure Open(ReadOnlyMemory<byte> file, IVectorStore store);

    /// <summary>Whether searches of an opened structure read it by blocks, and not where it is mapped. Lists stay mapped.</summary>
    /// <param name="source">The file.</param>
    /// <param name="offset">Where the structure begins in it.</param>
    public virtual void Page(IVectorStructure structure, bool isPaged, IBlockSource source, long offset) { }

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
