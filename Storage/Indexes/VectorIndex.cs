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
using VecSql.Vectors.Calibration;
using VecSql.Vectors.Graph;
using VecSql.Vectors.Quantization;
using VecSql.Vectors.Search;

namespace VecSql.Storage.Indexes;

/// <summary>
/// A vector index: a structure (a graph, or lists) that grows over each memtable, with copies of its vectors; a file of one over each segment, whose vectors are read where they lie in
/// the segment.
/// </summary>
internal sealed class VectorIndex(IndexObject definition, IndexKeySource source, VectorStructures structures, VectorForm form, StorageOptions options) : IndexStore(definition)
{
    public VectorStructures Structures => structures;
    public VectorForm Form => form;

    /// <summary>The column that is the key as it is, of every row; 0: keys are expressions, or a predicate leaves rows out.</summary>
    private short PlainColumn => Definition.Predicate is null ? Definition.Keys[0].Column : (short)0;

    /// <summary>Whether the segment's own column can serve as the structure's store: float32 vectors of fixed dimensions, of every row.</summary>
    private bool LieInPlace(Segment segment) => form.Rows == RowForm.Float32 && SegmentVectors.LieInPlace(segment, PlainColumn, form.Dimensions);

    public override void EnsurePart(RowRange range)
    {
        if (range is Memtable && range.FindPart(Oid) is null) range.SetPart(Oid, new GrowingVectorPart(structures, form, options.BuildThreads));
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
        // Rows met in recovery are found by exact scan until their memtable is flushed, soon: a start must not wait for a graph.
        if (unique is not null) adder.Part.Link();
    }

    public override bool WantsFewSegments => true;

    public override void FinishMemtable(Memtable memtable) => ((GrowingVectorPart)memtable.FindPart(Oid)!).Link();

    public override ObjectReference? WriteFile(Segment segment, string path, BuildContext context)
    {
        if (!LieInPlace(segment)) return StoredVectors.Write(segment, source, structures, form, options.Files, path, context);
        using SegmentVectors vectors = SegmentVectors.Open(segment, PlainColumn, form.Dimensions);
        int done = 0;
        Action<int>? progress = context.Progress is null ? null : total => context.Progress(total - Interlocked.Exchange(ref done, total));
        using IVectorStructure built = structures.Build(vectors.Store, segment.RowCount, context, progress);
        using var writer = new ObjectWriter(options.Files, path);
        using var stream = new ObjectStream(writer);
        built.WriteTo(stream);
        stream.Flush();
        context.Graph = FactsOf(built, vectors.Store.Count - NullsOf(segment, PlainColumn), context);
        return writer.Publish();
    }

    public override IndexPart OpenFile(Segment segment, ObjectReference file)
    {
        ArrowSource opened = ObjectFiles.Open(options.Files, file);
        return LieInPlace(segment)
            ? new SegmentVectorPart(opened, segment, file, PlainColumn, form.Dimensions, structures)
            : new StoredVectorPart(opened, file, form, segment.RowCount, structures);
    }

    /// <summary>What is written down of a structure just built; null if it is no graph.</summary>
    internal static GraphFacts? FactsOf(IVectorStructure built, int vectors, BuildContext context) => built is HnswGraph graph
        ? new GraphFacts(vectors, graph.LinkedCount, NameOf(graph.Quantization), StoredRecall.Of(RecallCalibration.Measure(graph, graph.Limit, Math.Max(1, context.Threads), context.Cancellation)))
        : null;

    internal static string NameOf(VectorQuantization quantization) => quantization.ToString().ToLowerInvariant();

    private static int NullsOf(Segment segment, short column)
    {
        int place = segment.Layout.PlaceOf(column);
        return Enumerable.Range(0, segment.BatchCount).Sum(batch => segment.ArrayOf(place, batch).NullCount);
    }

    public override void Calibrate(RowRange[] ranges, CancellationToken cancellation)
    {
        foreach (RowRange range in ranges)
            if (range.FindPart(Oid) is VectorPart part)
                part.Calibrate(Databases.DatabaseStore.MicrosOf(options.Clock), cancellation);
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
