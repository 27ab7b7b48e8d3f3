using VecSql.Arrow;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Storage.Contracts;
using VecSql.Storage.Databases;
using VecSql.Storage.Files;
using VecSql.Storage.Memtables;
using VecSql.Storage.Segments;
using VecSql.Storage.Tables;
using VecSql.Vectors;
using VecSql.Vectors.Graph;
using VecSql.Vectors.Memory;

namespace VecSql.Storage.Indexes;

/// <summary>Nearest neighbours by HNSW graphs.</summary>
internal sealed class HnswMethod : IndexMethod
{
    public override string Name => "hnsw";

    public override IndexStore Open(IndexObject index, TableObject table, CatalogSnapshot catalog, StorageOptions options, DatabaseStore database)
    {
        (HnswOptions hnsw, VectorForm form) = HnswOptionsReader.Read(index);
        return new HnswIndex(index, new IndexKeySource(index, table, catalog, options.IndexExpressions), hnsw, form, options);
    }
}

/// <summary>
/// A vector index: a graph that grows over each memtable, with copies of its vectors; a graph file over each segment, whose vectors are read where they lie in the segment.
/// </summary>
internal sealed class HnswIndex(IndexObject definition, IndexKeySource source, HnswOptions hnsw, VectorForm form, StorageOptions options) : IndexStore(definition)
{
    /// <summary>Without a worker, inserters link their rows when there are so many.</summary>
    private const int FewUnlinked = 256;

    private const int UnlinkedBytes = 2 << 20;

    /// <summary>Rows that the worker links between two looks at what else there is to do, for each of its threads.</summary>
    private const int LinkedAtOnce = 256;

    /// <summary>A graph with a smaller share of nodes that go on living is not taken over: what it costs to mend, and what it loses, is worth a new one.</summary>
    private const double LeastLiving = 0.4;

    /// <summary>Nor one that has a smaller share of the new one's rows.</summary>
    private const double LeastShare = 0.1;

    public HnswOptions Options => hnsw;
    public VectorForm Form => form;

    /// <summary>The column that is the key as it is, of every row; 0: keys are expressions, or a predicate leaves rows out.</summary>
    private short PlainColumn => Definition.Predicate is null ? Definition.Keys[0].Column : (short)0;

    /// <summary>Whether the segment's own column can serve as the graph's store: float32 vectors of fixed dimensions, of every row.</summary>
    private bool LieInPlace(Segment segment) => form.Rows == RowForm.Float32 && SegmentVectors.LieInPlace(segment, PlainColumn, form.Dimensions);

    public override void EnsurePart(RowRange range)
    {
        if (range is Memtable && range.FindPart(Oid) is null) range.SetPart(Oid, new GrowingVectorPart(hnsw, form));
    }

    public override void Add(Memtable memtable, int start, int count, IUniqueArbiter? unique)
    {
        var adder = new Adder((GrowingVectorPart)memtable.FindPart(Oid)!);
        while (count > 0)
        {
            int now = Math.Min(count, RowRange.BlockRows - start % RowRange.BlockRows);
            source.Visit(memtable, start, now, ref adder);
            start += now;
            count -= now;
        }
        // Rows met in recovery wait for the worker: a start must not wait for a graph.
        if (unique is not null) LimitUnlinked(adder.Part, count);
    }

    /// <summary>
    /// Back-pressure: beyond the bound, who inserts links as many rows as were inserted, or waits for those who are at it. Without a worker the bound is small, and inserters do it all.
    /// </summary>
    private void LimitUnlinked(GrowingVectorPart part, int inserted)
    {
        if (!options.HasBackgroundWork)
        {
            if (part.UnlinkedRows >= FewUnlinked) part.Link(int.MaxValue, options.BuildThreads);
            return;
        }
        int most = MostUnlinked;
        for (int due = inserted + FewUnlinked; due > 0 && part.UnlinkedRows > most;)
        {
            int linked = part.Link(Math.Min(due, FewUnlinked), 1);
            if (linked == 0) part.WaitForLinks(most, milliseconds: 10);
            due -= Math.Max(GrowingVectorPart.FewRows, linked);
        }
    }

    /// <summary>What a search scans beside the graph is bounded in bytes: some 1 ms of its time.</summary>
    private int MostUnlinked => Math.Clamp(UnlinkedBytes / form.RowBytes, 512, 8192);

    public override bool DoLeftWork(Memtable memtable, int threads, Action breathe) =>
        memtable.FindPart(Oid) is GrowingVectorPart { IsRetiring: false } part && part.UnlinkedRows >= GrowingVectorPart.FewRows && part.Link(LinkedAtOnce * threads, threads, breathe) > 0;

    public override void Resume(RowRange source) => (source.FindPart(Oid) as GrowingVectorPart)?.Resume();

    public override bool WantsFewSegments => true;

    public override void FinishMemtable(Memtable memtable) => ((GrowingVectorPart)memtable.FindPart(Oid)!).Link(int.MaxValue, options.BuildThreads);

    public override ObjectReference? WriteFile(Segment segment, string path, BuildContext context)
    {
        if (!LieInPlace(segment)) return StoredVectors.Write(segment, source, this, options.Files, path, context);
        using SegmentVectors vectors = SegmentVectors.Open(segment, PlainColumn, form.Dimensions);
        using HnswGraph graph = BuildGraph(vectors.Store, segment.RowCount, segment.PositionOf, context);
        using var writer = new ObjectWriter(options.Files, path);
        using var stream = new ObjectStream(writer);
        graph.WriteTo(stream);
        stream.Flush();
        return writer.Publish();
    }

    /// <summary>A graph over a new segment's rows: from the largest graph over one of its sources, if that has a fair part of them, or from nothing.</summary>
    /// <param name="nodeOf">A row's node in the store by the row's number; −1 if it isn't there.</param>
    public HnswGraph BuildGraph(IVectorStore store, int count, Func<long, int> nodeOf, BuildContext context)
    {
        int done = 0, threads = Math.Max(1, context.Threads);
        Action<int>? progress = context.Progress is null ? null : total => context.Progress(total - Interlocked.Exchange(ref done, total));
        RowRange? largest = null;
        int most = 0;
        foreach (RowRange range in context.Sources)
        {
            if (range.FindPart(Oid) is not VectorPart part || part.LinkedEnd <= most) continue;
            (largest, most) = (range, part.LinkedEnd);
        }
        HnswGraph? graph = null;
        if (largest is Memtable) graph = ((GrowingVectorPart)largest.FindPart(Oid)!).Retire(Take);
        else if (largest?.FindPart(Oid) is VectorPart { Graph: { } known }) graph = Take(known);
        return graph ?? HnswGraph.Build(store, count, hnsw, threads, progress, context.Cancellation);

        HnswGraph? Take(HnswGraph known)
        {
            var part = (VectorPart)largest!.FindPart(Oid)!;
            int[] newIds = new int[Math.Min(part.LinkedEnd, known.Limit)];
            int living = 0;
            for (int node = 0; node < newIds.Length; node++)
            {
                int position = part.PositionOf(node);
                newIds[node] = position < 0 ? -1 : nodeOf(largest!.RowIdAt(position));
                if (newIds[node] >= 0) living++;
            }
            return living < newIds.Length * LeastLiving || living < count * LeastShare ? null : HnswGraph.BuildFrom(known, newIds, store, count, hnsw, threads, progress, context.Cancellation);
        }
    }

    public override IndexPart OpenFile(Segment segment, ObjectReference file)
    {
        ArrowSource opened = ObjectFiles.Open(options.Files, file);
        return LieInPlace(segment)
            ? new SegmentVectorPart(opened, segment, file, PlainColumn, form.Dimensions, hnsw.Metric, options.LaterChecks)
            : new StoredVectorPart(opened, file, form, segment.RowCount, hnsw.Metric, options.LaterChecks);
    }

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
