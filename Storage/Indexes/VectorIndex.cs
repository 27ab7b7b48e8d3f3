using VecSql.Arrow;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Storage.Contracts;
using VecSql.Storage.Files;
using VecSql.Storage.Memtables;
using VecSql.Storage.Segments;
using VecSql.Storage.Tables;
using VecSql.Vectors;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Search;

namespace VecSql.Storage.Indexes;

/// <summary>
/// A vector index: a structure (a graph, or lists) that grows over each memtable, with copies of its vectors; a file of one over each segment, whose vectors are read where they lie in
/// the segment.
/// </summary>
internal sealed class VectorIndex(IndexObject definition, IndexKeySource source, VectorStructures structures, VectorForm form, StorageOptions options) : IndexStore(definition)
{
    /// <summary>Without a worker, inserters link their rows when there are so many.</summary>
    private const int FewUnlinked = 256;

    public VectorStructures Structures => structures;
    public VectorForm Form => form;

    /// <summary>The column that is the key as it is, of every row; 0: keys are expressions, or a predicate leaves rows out.</summary>
    private short PlainColumn => Definition.Predicate is null ? Definition.Keys[0].Column : (short)0;

    /// <summary>Whether the segment's own column can serve as the structure's store: float32 vectors of fixed dimensions, of every row.</summary>
    private bool LieInPlace(Segment segment) => form.Rows == RowForm.Float32 && SegmentVectors.LieInPlace(segment, PlainColumn, form.Dimensions);

    public override void EnsurePart(RowRange range)
    {
        if (range is Memtable && range.FindPart(Oid) is null) range.SetPart(Oid, new GrowingVectorPart(structures, form));
    }

    public override void Add(Memtable memtable, int start, int count, IUniqueArbiter? unique)
    {
        int inserted = count;
        var adder = new Adder((GrowingVectorPart)memtable.FindPart(Oid)!);
        while (count > 0)
        {
            int now = Math.Min(count, RowRange.BlockRows - start % RowRange.BlockRows);
            source.Visit(memtable, start, now, ref adder);
            start += now;
            count -= now;
        }
        // Rows met in recovery wait for the worker: a start must not wait for a structure.
        if (unique is not null) LimitUnlinked(adder.Part, inserted);
    }

    /// <summary>
    /// Back-pressure: beyond the bound, who inserts links as many rows as were inserted, or waits for those who are at it. Without a worker the bound is small, and inserters do it all.
    /// </summary>
    private void LimitUnlinked(GrowingVectorPart part, int inserted)
    {
        if (!options.HasBackgroundWork)
        {
            if (part.UnlinkedRows >= Math.Max(FewUnlinked, structures.UnlinkedRows(part.LinkedEnd))) part.Link(int.MaxValue, options.BuildThreads);
            return;
        }
        int most = structures.MostUnlinkedRows(part.LinkedEnd, form.RowBytes);
        for (int due = inserted + FewUnlinked; due > 0 && part.UnlinkedRows > most;)
        {
            int linked = part.Link(structures.RowsAtOnce, 1);
            if (linked == 0) part.WaitForLinks(most, milliseconds: 10);
            due -= Math.Max(FewUnlinked / 4, linked);
        }
    }

    public override bool DoLeftWork(Memtable memtable, int threads, Action breathe) =>
        memtable.FindPart(Oid) is GrowingVectorPart { IsRetiring: false } part && part.UnlinkedRows >= structures.UnlinkedRows(part.LinkedEnd)
        && part.Link((int)Math.Min((long)structures.RowsAtOnce * threads, int.MaxValue), threads, breathe) > 0;

    public override void Resume(RowRange source) => (source.FindPart(Oid) as GrowingVectorPart)?.Resume();

    public override bool WantsFewSegments => true;

    public override void FinishMemtable(Memtable memtable) => ((GrowingVectorPart)memtable.FindPart(Oid)!).Link(int.MaxValue, options.BuildThreads);

    public override ObjectReference? WriteFile(Segment segment, string path, BuildContext context)
    {
        // What is built on a wrong value would outlive the value: all is read anyway.
        segment.EnsureVerified();
        if (!LieInPlace(segment)) return StoredVectors.Write(segment, source, this, options.Files, path, context);
        using SegmentVectors vectors = SegmentVectors.Open(segment, PlainColumn, form.Dimensions);
        using IVectorStructure built = BuildStructure(vectors.Store, segment.RowCount, segment.PositionOf, context);
        using var writer = new ObjectWriter(options.Files, path);
        using var stream = new ObjectStream(writer);
        built.WriteTo(stream);
        stream.Flush();
        context.Facts = structures.FactsOf(built, vectors.Store.Count - NullsOf(segment, PlainColumn), context);
        return writer.Publish();
    }

    /// <summary>A structure over a new segment's rows: from the largest over one of its sources, if that has a fair part of them, or from nothing.</summary>
    /// <param name="nodeOf">A row's node in the store by the row's number; −1 if it isn't there.</param>
    public IVectorStructure BuildStructure(IVectorStore store, int count, Func<long, int> nodeOf, BuildContext context)
    {
        int done = 0;
        Action<int>? progress = context.Progress is null ? null : total => context.Progress(total - Interlocked.Exchange(ref done, total));
        RowRange? largest = null;
        int most = 0;
        foreach (RowRange range in context.Sources)
        {
            if (range.FindPart(Oid) is not VectorPart part || part.LinkedEnd <= most) continue;
            (largest, most) = (range, part.LinkedEnd);
        }
        IVectorStructure? structure = null;
        if (largest is Memtable) structure = ((GrowingVectorPart)largest.FindPart(Oid)!).Retire(Take);
        else if (largest?.FindPart(Oid) is VectorPart { Structure: { } known }) structure = Take(known);
        return structure ?? structures.Build(store, count, context, progress);

        IVectorStructure? Take(IVectorStructure known)
        {
            var part = (VectorPart)largest!.FindPart(Oid)!;
            int[] newIds = new int[Math.Min(part.LinkedEnd, known.Limit)];
            for (int node = 0; node < newIds.Length; node++)
            {
                int position = part.PositionOf(node);
                newIds[node] = position < 0 ? -1 : nodeOf(largest.RowIdAt(position));
            }
            return structures.Rebuild(known, newIds, store, count, context, progress);
        }
    }

    public override IndexPart OpenFile(Segment segment, ObjectReference file)
    {
        ArrowSource opened = ObjectFiles.Open(options.Files, file);
        return LieInPlace(segment)
            ? new SegmentVectorPart(opened, segment, file, PlainColumn, form.Dimensions, structures, options.LaterChecks)
            : new StoredVectorPart(opened, file, form, segment.RowCount, structures, options.LaterChecks);
    }

    private static int NullsOf(Segment segment, short column)
    {
        int place = segment.Layout.PlaceOf(column);
        return Enumerable.Range(0, segment.BatchCount).Sum(batch => segment.ArrayOf(place, batch).NullCount);
    }

    public override void Calibrate(RowRange[] ranges, Action breathe, CancellationToken cancellation)
    {
        foreach (RowRange range in ranges)
            if (range.FindPart(Oid) is VectorPart part)
                part.Calibrate(structures, Databases.DatabaseStore.MicrosOf(options.Clock), breathe, cancellation);
    }

    public override IndexState Describe(TableReader reader, int efSearch) => VectorIndexState.Of(this, reader, efSearch);

    public override IIndexCursor Seek(TableReader reader, in KeyRange range, bool descending) => throw new InvariantException($"index {Oid} has no order");

    public override IVectorSearch OpenVectorSearch(TableReader reader) => new VectorSearch(this, reader);

    private readonly struct Adder(GrowingVectorPart part) : IKeyVisitor
    {
        public GrowingVectorPart Part => part;

        public void Visit(Column[] keys, Selection rows, int first)
        {
            var vectors = (BytesColumn)keys[0];
            for (int i = 0; i < rows.Count; i++)
                if (!vectors.IsNull(rows[i]))
                    part.Append(first + rows[i], vectors[rows[i]]);
        }
    }
}
