using System.Runtime.InteropServices;
using VecSql.Arrow;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Storage.Catalogs;
using VecSql.Storage.Contracts;
using VecSql.Storage.Files;
using VecSql.Storage.Manifests;
using VecSql.Storage.Memtables;
using VecSql.Storage.Tables;

namespace VecSql.Storage.Segments;

/// <summary>
/// A flushed range: an Arrow file, mapped and read in place, with deletions in memory beside it. Its checksum is verified before the first value is handed out.
/// The mapping is let go by the finalizer, after the last reader: a reader's ranges keep their segments alive.
/// </summary>
internal sealed class Segment : RowRange, IDisposable
{
    private readonly IFileSystem _files;
    private readonly ArrowSource _source;
    private readonly ArrowRecordBatch[] _batches;
    private readonly SegmentZones _zones;
    private readonly int _batchShift;
    private readonly bool _isDense;
    private readonly bool[] _hasVerifiedRows;
    private readonly long[]?[] _deleted;
    private readonly long _endRowId;
    private readonly BlockChecks? _checks;
    private readonly Lock _verifyLock = new();
    private volatile bool _isVerified;
    private volatile SqlException? _damage;
    private int _deletedVersion;
    private int _deadRows;

    private Segment(IFileSystem files, ArrowSource source, ArrowFileReader reader, SegmentZones zones, SegmentManifest manifest, TableLayout layout)
        : base(manifest.FirstRowId, layout)
    {
        _files = files;
        _source = source;
        _zones = zones;
        Manifest = manifest;
        _endRowId = manifest.EndRowId;
        _batchShift = int.Log2(zones.RowsPerBatch);
        _batches = new ArrowRecordBatch[reader.BatchCount];
        _hasVerifiedRows = new bool[reader.BatchCount];
        long rows = 0;
        for (int i = 0; i < _batches.Length; i++)
        {
            _batches[i] = reader.ReadBatch(i);
            if (i < _batches.Length - 1 && _batches[i].Length != zones.RowsPerBatch) throw new ArrowFormatException($"batch {i} has {_batches[i].Length} rows");
            rows += _batches[i].Length;
        }
        if (rows != manifest.RowCount || rows == 0) throw new ArrowFormatException($"{rows} rows instead of {manifest.RowCount}");
        _deleted = new long[]?[(manifest.RowCount + BlockRows - 1) / BlockRows];
        // Only worth its while where a segment is wide, and searched in places.
        if (zones.Blocks is { } blocks && source is MappedFile && layout.Columns.ToArray().Any(c => SegmentColumns.DimensionsOf(c) > 0)) _checks = new BlockChecks(source, manifest.Data.Path, blocks);
        _isDense = RowIdColumn(0)[0] == FirstRowId && RowIdColumn(_batches.Length - 1)[^1] == FirstRowId + RowCount - 1;
    }

    /// <summary>As it stands in the manifest, but for what changes: deletions and indexes.</summary>
    public SegmentManifest Manifest { get; private set; }
    public long Id => Manifest.Id;
    public int BatchCount => _batches.Length;
    public int BatchShift => _batchShift;
    public override long EndRowId => _endRowId;
    public override int RowCount => Manifest.RowCount;
    public override long MemoryBytes => _deleted.Sum(b => b is null ? 0L : BlockRows * sizeof(long));
    public override long DiskBytes => Manifest.Data.SizeBytes + Manifest.Zones.SizeBytes + (Manifest.Deletions?.SizeBytes ?? 0);

    /// <summary>Deletion stamps changed since the deletion vector was written. Under the table's stamp lock.</summary>
    public bool HasNewDeletions => _deletedVersion != 0;

    /// <summary>Opens a segment's files; touches only their ends.</summary>
    /// <exception cref="SqlException">XX001, with the file's name.</exception>
    public static Segment Open(IFileSystem files, SegmentManifest manifest)
    {
        SegmentZones zones = OpenZones(files, manifest.Zones);
        ArrowSource source = ObjectFiles.Open(files, manifest.Data);
        try
        {
            var reader = new ArrowFileReader(source);
            var segment = new Segment(files, source, reader, zones, manifest, SegmentColumns.LayoutOf(reader.Schema));
            if (manifest.Deletions is not null) segment.LoadDeletions(manifest.Deletions);
            return segment;
        }
        catch (ArrowFormatException e)
        {
            (source as IDisposable)?.Dispose();
            throw Damage.In(manifest.Data.Path, e.Message);
        }
    }

    public override int PositionOf(long rowId)
    {
        if (rowId < FirstRowId || rowId >= _endRowId) return -1;
        if (_isDense) return rowId - FirstRowId < RowCount ? (int)(rowId - FirstRowId) : -1;
        int batch = 0, high = _batches.Length - 1;
        while (batch < high)
        {
            int middle = (batch + high + 1) >>> 1;
            if (RowIdColumn(middle)[0] <= rowId) batch = middle;
            else high = middle - 1;
        }
        int at = RowIdColumn(batch).BinarySearch(rowId);
        return at < 0 ? -1 : (batch << _batchShift) + at;
    }

    public override long RowIdAt(int position) => _isDense ? FirstRowId + position : RowIdColumn(position >> _batchShift)[position & ((1 << _batchShift) - 1)];

    public override long CreatedAt(int position) => CreatedColumn(position >> _batchShift)[position & ((1 << _batchShift) - 1)];

    public override long DeletedAt(int position) =>
        Volatile.Read(ref _deleted[position / BlockRows]) is { } block ? Volatile.Read(ref block[position % BlockRows]) : RowStamp.None;

    public override int DeadRows => Volatile.Read(ref _deadRows);

    public override bool Sees(in Snapshot snapshot, int position) =>
        (snapshot.Position >= _zones.MaxCreated || snapshot.Happened(CreatedAt(position)))
        && (Volatile.Read(ref _deleted[position / BlockRows]) is not { } deleted || !snapshot.Happened(Volatile.Read(ref deleted[position % BlockRows])));

    public override void SetDeleted(int position, long stamp)
    {
        ref long[]? block = ref _deleted[position / BlockRows];
        if (block is null) Volatile.Write(ref block, new long[BlockRows]);
        ref long before = ref block![position % BlockRows];
        _deadRows += (before == RowStamp.None ? 1 : 0) - (stamp == RowStamp.None ? 1 : 0);
        Volatile.Write(ref before, stamp);
        _deletedVersion++;
    }

    public override int SelectVisible(int start, int count, in Snapshot snapshot, int[] offsets)
    {
        EnsureRows(start >> _batchShift);
        bool allCreated = snapshot.Position >= _zones.MaxCreated;
        long[]? deleted = Volatile.Read(ref _deleted[start / BlockRows]);
        if (allCreated && deleted is null) return count;
        ReadOnlySpan<long> created = CreatedColumn(start >> _batchShift).Slice(start & ((1 << _batchShift) - 1), count);
        int selected = 0;
        for (int i = 0; i < count; i++)
            if ((allCreated || snapshot.Happened(created[i])) && (deleted is null || !snapshot.Happened(deleted[start % BlockRows + i])))
                offsets[selected++] = i;
        return selected;
    }

    /// <summary>True if the snapshot certainly sees every row.</summary>
    public bool IsWhollyVisible(in Snapshot snapshot)
    {
        if (snapshot.Position < _zones.MaxCreated) return false;
        foreach (long[]? block in _deleted)
            if (block is not null)
                return false;
        return true;
    }

    public override Column View(int place, int start, int count)
    {
        int batch = start >> _batchShift, first = start & ((1 << _batchShift) - 1);
        EnsureRows(batch);
        ArrowArray array = _batches[batch].Columns[place];
        if (!_isVerified) EnsureValues(array, Layout.Columns[place], first, count);
        return SegmentColumns.View(Layout.Columns[place], array, first, count);
    }

    public override void CopyRowIds(int start, Span<long> rowIds) =>
        RowIdColumn(start >> _batchShift).Slice(start & ((1 << _batchShift) - 1), rowIds.Length).CopyTo(rowIds);

    public override bool MayHold(int start, IReadOnlyList<ColumnBound> bounds)
    {
        BatchZones zones = _zones.Batches[start >> _batchShift];
        foreach (ColumnBound bound in bounds)
            foreach (ColumnZone zone in zones.Columns)
                if (zone.Column == bound.Column && !zone.MayHold(bound))
                    return false;
        return true;
    }

    /// <summary>
    /// A batch's array of a column, for indexes that read values in place. Where the file's blocks have checksums of their own, values are verified later, in the background: not for those
    /// that hand values out, but for those to whom a wrong one is no more than a poor neighbour.
    /// </summary>
    public ArrowArray ArrayOf(int place, int batch)
    {
        ArrowArray array = _batches[batch].Columns[place];
        if (_checks is null) EnsureVerified();
        else if (!_isVerified)
        {
            EnsureStructure(batch);
            EnsureBuffer(array.Buffers[0]);
        }
        return array;
    }

    /// <summary>Reads the whole file once and compares its checksum.</summary>
    /// <exception cref="SqlException">XX001, now and ever after.</exception>
    public void EnsureVerified()
    {
        if (_isVerified) return;
        lock (_verifyLock)
        {
            ThrowIfDamaged();
            if (_isVerified) return;
            try
            {
                ObjectFiles.Verify(_source, Manifest.Data);
            }
            catch (SqlException e)
            {
                _damage = e;
                throw;
            }
            _isVerified = true;
        }
    }

    /// <summary>The rows' numbers and stamps in a batch, and how its arrays lie.</summary>
    private void EnsureRows(int batch)
    {
        if (_isVerified) return;
        if (_checks is null)
        {
            EnsureVerified();
            return;
        }
        ThrowIfDamaged();
        if (Volatile.Read(ref _hasVerifiedRows[batch])) return;
        EnsureStructure(batch);
        EnsureBuffer(_batches[batch].Columns[^2].Buffers[1]);
        EnsureBuffer(_batches[batch].Columns[^1].Buffers[1]);
        Volatile.Write(ref _hasVerifiedRows[batch], true);
    }

    /// <summary>What lies before a batch's first buffer and behind the one before it: its description; and the file's end.</summary>
    private void EnsureStructure(int batch)
    {
        ThrowIfDamaged();
        long from = batch == 0 ? 0 : EndOf(_batches[batch - 1]), to = _source.LengthBytes, last = EndOf(_batches[^1]);
        foreach (ArrowArray column in _batches[batch].Columns) Visit(column, (offset, _) => to = Math.Min(to, offset));
        EnsureBytes(from, to - from);
        EnsureBytes(last, _source.LengthBytes - last);
    }

    private static long EndOf(ArrowRecordBatch batch)
    {
        long end = 0;
        foreach (ArrowArray column in batch.Columns) Visit(column, (offset, length) => end = Math.Max(end, offset + length));
        return end;
    }

    private static void Visit(ArrowArray array, Action<long, long> visit)
    {
        foreach (ReadOnlyMemory<byte> buffer in array.Buffers)
            if (buffer.Length > 0)
                visit(OffsetOf(buffer), buffer.Length);
        foreach (ArrowArray child in array.Children) Visit(child, visit);
    }

    private static long OffsetOf(ReadOnlyMemory<byte> buffer) =>
        MappedFile.TryGetAddress(buffer, out nint address, out MappedFile? file) ? address - file!.AddressOf(0, 0) : throw new InvariantException("a buffer outside of its file");

    /// <summary>What a view of some rows reads.</summary>
    private void EnsureValues(ArrowArray array, LayoutColumn column, int start, int count)
    {
        if (_checks is null) return;
        EnsureBuffer(array.Buffers[0]);
        int width = PhysicalKinds.WidthOf(column.Kind), stride = SegmentColumns.DimensionsOf(column) * sizeof(float);
        if (stride > 0) EnsureBuffer(array.Children[0].Buffers[1].Slice(start * stride, count * stride));
        else if (width > 0 && column.Kind != PhysicalKind.Bool) EnsureBuffer(array.Buffers[1].Slice(start * width, count * width));
        else
        {
            EnsureBuffer(array.Buffers[1]);
            if (column.Kind == PhysicalKind.Bool) return;
            ReadOnlySpan<int> offsets = MemoryMarshal.Cast<byte, int>(array.Buffers[1].Span);
            int from = offsets[start], to = offsets[start + count];
            EnsureBuffer(from >= 0 && from <= to && to <= array.Buffers[2].Length ? array.Buffers[2][from..to] : array.Buffers[2]);
        }
    }

    private void EnsureBuffer(ReadOnlyMemory<byte> buffer)
    {
        if (buffer.Length > 0) EnsureBytes(OffsetOf(buffer), buffer.Length);
    }

    private void EnsureBytes(long offset, long lengthBytes)
    {
        try
        {
            _checks!.Verify(offset, lengthBytes);
        }
        catch (SqlException e)
        {
            _damage = e;
            throw;
        }
    }

    private void ThrowIfDamaged()
    {
        if (_damage is { } damage) throw new SqlException(damage.SqlState, damage.Message, inner: damage);
    }

    /// <summary>Scans every batch for what Arrow's format demands.</summary>
    /// <exception cref="ArrowFormatException">Names the first thing found wrong.</exception>
    public void ValidateBatches()
    {
        foreach (ArrowRecordBatch batch in _batches) batch.Validate();
    }

    /// <summary>Just written by this process: its checksum was made from the bytes themselves.</summary>
    public void MarkVerified() => _isVerified = true;

    public void AddIndexFile(AttachedIndex file) => Manifest = Manifest with { Indexes = [.. Manifest.Indexes.Where(i => i.Index != file.Index), file] };

    public AttachedIndex? RemoveIndexFile(uint index)
    {
        AttachedIndex? file = Manifest.Indexes.FirstOrDefault(i => i.Index == index);
        if (file is not null) Manifest = Manifest with { Indexes = [.. Manifest.Indexes.Where(i => i.Index != index)] };
        return file;
    }

    /// <summary>Writes a deletion vector if there are new committed deletions; returns the file that it replaces. Under the table's maintenance lock.</summary>
    public ObjectReference? WriteDeletions(string path, Lock stampLock)
    {
        int[] positions;
        lock (stampLock)
        {
            if (!HasNewDeletions) return null;
            positions = CommittedDeletions(out bool isComplete);
            // Open transactions' deletions come with a later checkpoint.
            if (isComplete) _deletedVersion = 0;
        }
        if (positions.Length == Manifest.DeletedCount) return null;
        ObjectReference? old = Manifest.Deletions;
        Manifest = Manifest with { Deletions = ObjectFiles.Put(_files, path, DeletionVector.Write(positions)), DeletedCount = positions.Length };
        return old;
    }

    ~Segment() => (_source as IDisposable)?.Dispose();

    /// <summary>Lets the mapping go at once: only when no reader is left.</summary>
    public void Dispose()
    {
        (_source as IDisposable)?.Dispose();
        GC.SuppressFinalize(this);
    }

    public IEnumerable<ObjectReference> Objects
    {
        get
        {
            yield return Manifest.Data;
            yield return Manifest.Zones;
            if (Manifest.Deletions is not null) yield return Manifest.Deletions;
            foreach (AttachedIndex index in Manifest.Indexes) yield return index.File;
        }
    }

    /// <summary>Rows whose deletion every snapshot sees.</summary>
    public int DeletedBefore(long horizon) => _deleted.Sum(b => b?.Count(s => s > 0 && s <= horizon) ?? 0);

    private int[] CommittedDeletions(out bool isComplete)
    {
        isComplete = true;
        var positions = new List<int>();
        for (int block = 0; block < _deleted.Length; block++)
        {
            if (_deleted[block] is not { } stamps) continue;
            for (int i = 0; i < stamps.Length; i++)
            {
                if (stamps[i] > 0) positions.Add(block * BlockRows + i);
                else if (stamps[i] < 0) isComplete = false;
            }
        }
        return [.. positions];
    }

    private void LoadDeletions(ObjectReference reference)
    {
        ArrowSource source = ObjectFiles.Open(_files, reference);
        try
        {
            ObjectFiles.Verify(source, reference);
            foreach (int position in DeletionVector.Read(reference.Path, source.Slice(0, (int)source.LengthBytes).Span, RowCount)) SetDeleted(position, 1);
            _deletedVersion = 0;
        }
        finally
        {
            (source as IDisposable)?.Dispose();
        }
    }

    private static SegmentZones OpenZones(IFileSystem files, ObjectReference reference)
    {
        ArrowSource source = ObjectFiles.Open(files, reference);
        try
        {
            ObjectFiles.Verify(source, reference);
            SegmentZones zones = CatalogJson.ReadAs<SegmentZones>(source.Slice(0, (int)source.LengthBytes).Span);
            if (zones.RowsPerBatch < BlockRows || !int.IsPow2(zones.RowsPerBatch)) throw Damage.In(reference.Path, $"{zones.RowsPerBatch} rows per batch");
            return zones;
        }
        catch (System.Text.Json.JsonException e)
        {
            throw Damage.In(reference.Path, e.Message);
        }
        finally
        {
            (source as IDisposable)?.Dispose();
        }
    }

    private ReadOnlySpan<long> RowIdColumn(int batch) => MemoryMarshal.Cast<byte, long>(_batches[batch].Columns[^2].Buffers[1].Span)[.._batches[batch].Length];

    private ReadOnlySpan<long> CreatedColumn(int batch) => MemoryMarshal.Cast<byte, long>(_batches[batch].Columns[^1].Buffers[1].Span)[.._batches[batch].Length];
}
