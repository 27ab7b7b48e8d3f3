using VecSql.Arrow;
using VecSql.Core.Columns;
using VecSql.Storage.Catalogs;
using VecSql.Storage.Files;
using VecSql.Storage.Memtables;
using VecSql.Storage.Tables;

namespace VecSql.Storage.Segments;

/// <summary>
/// Writes the living rows of ranges into one segment, in order of their numbers: 1. collect a batch in buffers, 2. note its zones, 3. write it as an Arrow record batch,
/// 4. in the end, the zones' file. Nothing is left behind if it fails.
/// </summary>
internal sealed class SegmentWriter
{
    private const int LargestBatchRows = 1 << 16;
    private const int SmallestBatchRows = RowRange.BlockRows;
    private const int LargestDataBytes = 1 << 29;

    private readonly IFileSystem _files;
    private readonly TableLayout _layout;
    private readonly IReadOnlyList<string> _names;
    private readonly IReadOnlyList<RowRange> _sources;
    private readonly long _horizon;
    private readonly Action<long>? _progress;
    private readonly CancellationToken _cancellation;

    /// <param name="horizon">Rows deleted before it are dropped: no snapshot needs them.</param>
    public SegmentWriter(IFileSystem files, TableLayout layout, IReadOnlyList<string> names, IReadOnlyList<RowRange> sources, long horizon, Action<long>? progress,
        CancellationToken cancellation)
    {
        (_files, _layout, _names, _sources, _horizon, _progress, _cancellation) = (files, layout, names, sources, horizon, progress, cancellation);
    }

    /// <summary>Null if no row is left.</summary>
    public (ObjectReference Data, ObjectReference Zones, SegmentZones Content)? Write(string dataPath, string zonesPath)
    {
        for (int batchRows = LargestBatchRows; ; batchRows /= 2)
        {
            // A fixed-size batch's size is known; a variable one's shows.
            if (batchRows > SmallestBatchRows && _layout.Columns.ToArray().Any(c => (long)SegmentColumns.DimensionsOf(c) * sizeof(float) * batchRows > LargestDataBytes)) continue;
            using var writer = new ObjectWriter(_files, dataPath);
            SegmentZones? zones = WriteBatches(writer, batchRows);
            if (zones is null) continue;
            if (zones.RowCount == 0) return null;
            ObjectReference data = writer.Publish();
            zones = zones with { Blocks = writer.EndBlocks() };
            return (data, ObjectFiles.Put(_files, zonesPath, CatalogJson.WriteDocument(zones)), zones);
        }
    }

    /// <summary>Null if a batch's values are too many bytes.</summary>
    private SegmentZones? WriteBatches(ObjectWriter writer, int batchRows)
    {
        using var stream = new ObjectStream(writer);
        ArrowSchema schema = SegmentColumns.SchemaOf(_layout, _names);
        using var file = new ArrowFileWriter(stream, schema, leaveOpen: true);
        var batch = new Batch(_layout, batchRows);
        var zones = new List<BatchZones>();
        long maxCreated = 0;
        int total = 0;
        int[] kept = new int[RowRange.BlockRows];
        foreach (RowRange source in _sources)
        {
            int rowCount = source.RowCount;
            for (int start = 0; start < rowCount; start += RowRange.BlockRows)
            {
                _cancellation.ThrowIfCancellationRequested();
                int count = Math.Min(RowRange.BlockRows, rowCount - start);
                int keptCount = SelectLiving(source, start, count, kept, ref maxCreated);
                for (int from = 0; from < keptCount;)
                {
                    int now = batch.Append(source, start, count, kept, from, keptCount);
                    from += now;
                    total += now;
                    if (batch.DataBytes > LargestDataBytes && batchRows > SmallestBatchRows) return null;
                    if (batch.Count == batchRows) WriteBatch(file, schema, ref batch, zones, batchRows);
                }
                _progress?.Invoke(keptCount);
            }
        }
        if (batch.Count > 0) WriteBatch(file, schema, ref batch, zones, batchRows);
        file.Finish();
        stream.Flush();
        return new SegmentZones { RowsPerBatch = batchRows, RowCount = total, MaxCreated = maxCreated, Batches = zones };
    }

    private void WriteBatch(ArrowFileWriter file, ArrowSchema schema, ref Batch batch, List<BatchZones> zones, int batchRows)
    {
        file.Write(batch.ToArrow(schema));
        zones.Add(batch.Zones());
        batch = new Batch(_layout, batchRows);
    }

    private int SelectLiving(RowRange source, int start, int count, int[] kept, ref long maxCreated)
    {
        int keptCount = 0;
        for (int i = 0; i < count; i++)
        {
            long created = source.CreatedAt(start + i);
            long deleted = source.DeletedAt(start + i);
            if (created == RowStamp.Aborted || deleted > 0 && deleted <= _horizon) continue;
            maxCreated = Math.Max(maxCreated, created);
            kept[keptCount++] = i;
        }
        return keptCount;
    }

    private sealed class Batch(TableLayout layout, int capacity)
    {
        private readonly MemtableColumn[] _columns = [.. layout.Columns.ToArray().Select(c => new MemtableColumn(c.Kind, capacity))];
        private readonly long[] _rowIds = new long[capacity];
        private readonly long[] _created = new long[capacity];

        public int Count { get; private set; }
        public long DataBytes => _columns.Length == 0 ? 0 : _columns.Max(c => (long)c.DataLength);

        public int Append(RowRange source, int start, int length, int[] kept, int from, int keptCount)
        {
            int count = Math.Min(keptCount - from, capacity - Count);
            Selection rows = Selection.Of(kept, keptCount);
            for (int place = 0; place < _columns.Length; place++) _columns[place].Append(source.View(place, start, length), rows, from, Count, count);
            for (int i = 0; i < count; i++)
            {
                _rowIds[Count + i] = source.RowIdAt(start + kept[from + i]);
                _created[Count + i] = source.CreatedAt(start + kept[from + i]);
            }
            Count += count;
            return count;
        }

        public ArrowRecordBatch ToArrow(ArrowSchema schema)
        {
            var arrays = new ArrowArray[_columns.Length + 2];
            for (int place = 0; place < _columns.Length; place++) arrays[place] = SegmentColumns.ToArrow(layout.Columns[place], _columns[place], Count);
            arrays[^2] = SegmentColumns.ToArrow(_rowIds, Count);
            arrays[^1] = SegmentColumns.ToArrow(_created, Count);
            return new ArrowRecordBatch(schema, Count, arrays);
        }

        public BatchZones Zones()
        {
            var zones = new BatchZones();
            for (int place = 0; place < _columns.Length; place++)
                if (ColumnZone.Of(layout.Columns[place], _columns[place].View(0, Count), Count) is { } zone)
                    zones.Columns.Add(zone);
            return zones;
        }
    }
}
