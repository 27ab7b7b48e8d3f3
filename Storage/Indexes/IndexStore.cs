using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Storage.Contracts;
using VecSql.Storage.Files;
using VecSql.Storage.Memtables;
using VecSql.Storage.Segments;
using VecSql.Storage.Tables;

namespace VecSql.Storage.Indexes;

/// <summary>
/// An index of a table: one part per range. Rows are added to a memtable's part when they are appended, whatever becomes of their transaction; who reads an index checks visibility.
/// </summary>
internal abstract class IndexStore(IndexObject definition) : IDisposable
{
    public IndexObject Definition => definition;
    public uint Oid => definition.Oid;

    /// <summary>Makes the part of a range if it has none yet: empty for a new memtable.</summary>
    public abstract void EnsurePart(RowRange range);

    /// <summary>Adds rows just appended to a memtable.</summary>
    /// <param name="unique">Decides about equal keys; null in recovery, where all was decided before.</param>
    public abstract void Add(Memtable memtable, int start, int count, IUniqueArbiter? unique);

    /// <summary>Writes the index's file over a segment. Null: the index has nothing to keep there.</summary>
    public abstract ObjectReference? WriteFile(Segment segment, string path, BuildContext context);

    /// <summary>Opens the file as the segment's part.</summary>
    /// <exception cref="Core.Errors.SqlException">XX001.</exception>
    public abstract IndexPart OpenFile(Segment segment, ObjectReference file);

    /// <summary>Called when a build has added all rows of a memtable.</summary>
    public virtual void FinishMemtable(Memtable memtable) { }

    /// <summary>Does a part of the work that inserts have left: rows of a memtable that can be found, but not yet fast. False if there is nothing to do.</summary>
    /// <param name="breathe">To be called every millisecond or so, by every thread that works.</param>
    public virtual bool DoLeftWork(Memtable memtable, int threads, Action breathe) => false;

    /// <summary>Ranges that were given to <see cref="WriteFile"/> as sources stay after all.</summary>
    public virtual void Resume(RowRange source) { }

    /// <summary>True if a search costs by the number of segments: a build then merges them first.</summary>
    public virtual bool WantsFewSegments => false;

    /// <summary>A row of a unique index whose key another row has, too; null if there is none.</summary>
    public virtual long? FindDuplicate(TableReader reader) => null;

    /// <summary>Measures what searches go by, where that isn't known yet; in the background.</summary>
    /// <param name="breathe">To be called every millisecond or so.</param>
    public virtual void Calibrate(RowRange[] ranges, Action breathe, CancellationToken cancellation) { }

    /// <summary>What the index tells of itself, but for its size.</summary>
    /// <param name="efSearch">Candidates of the searches that recall is asked for.</param>
    public virtual IndexState Describe(TableReader reader, int efSearch) => new() { Parts = reader.Ranges.Count(r => r.FindPart(Oid) is not null) };

    public abstract IIndexCursor Seek(TableReader reader, in KeyRange range, bool descending);
    public abstract IVectorSearch OpenVectorSearch(TableReader reader);

    public virtual void Dispose() { }
}

/// <summary>How an index build is to be done.</summary>
/// <param name="Progress">Told of rows done.</param>
internal sealed record BuildContext(int Threads, Action<long>? Progress, CancellationToken Cancellation)
{
    /// <summary>Told what begins, as pg_stat_progress_create_index words it.</summary>
    public Action<string>? Phase { get; init; }

    /// <summary>The ranges whose living rows the segment holds: what an index has of them may serve again. Empty: rows are all there is.</summary>
    public IReadOnlyList<RowRange> Sources { get; init; } = [];

    /// <summary>Set by the build of a structure over vectors.</summary>
    public StructureFacts? Facts { get; set; }
}

/// <summary>What a transaction says about a row with an equal key in a unique index.</summary>
internal interface IUniqueArbiter
{
    /// <summary>Where other rows may be.</summary>
    RowRange[] Ranges { get; }

    /// <summary>True if the row is dead for good, or deleted by this transaction. False if it conflicts. Sets <paramref name="waitFor"/> if another transaction must end first.</summary>
    bool IsGone(long rowId, out long waitFor);

    /// <summary>True if no snapshot, now or later, sees the row.</summary>
    bool IsDeadForAll(long rowId);

    /// <summary>Waits until the transaction, on which the row's fate depends, ended or undid something.</summary>
    void WaitFor(long rowId, long transaction);

    /// <summary>The row conflicts with another for good: throws, or marks it as given up.</summary>
    void Conflict(IndexStore index, Memtable memtable, int position, long otherRowId);
}
