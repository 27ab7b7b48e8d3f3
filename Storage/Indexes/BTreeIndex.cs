using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Storage.Contracts;
using VecSql.Storage.Databases;
using VecSql.Storage.Files;
using VecSql.Storage.Memtables;
using VecSql.Storage.Segments;
using VecSql.Storage.Tables;

namespace VecSql.Storage.Indexes;

/// <summary>Ordered keys. Hash indexes are kept the same way: what they promise is equality only.</summary>
internal sealed class BTreeMethod(string name) : IndexMethod
{
    public override string Name => name;

    public override IndexStore Open(IndexObject index, TableObject table, CatalogSnapshot catalog, StorageOptions options, DatabaseStore database) =>
        new BTreeIndex(index, new IndexKeySource(index, table, catalog, options.IndexExpressions), new IndexKeyEncoder(index, catalog), options.Files);
}

/// <summary>
/// An ordered index. Equal keys in a unique index are decided under one lock per index: whoever inserts looks, and inserts, before another can; who meets a row of an open
/// transaction lets go of the lock, waits for it, and looks again.
/// </summary>
internal sealed class BTreeIndex(IndexObject definition, IndexKeySource source, IndexKeyEncoder encoder, IFileSystem files) : IndexStore(definition)
{
    /// <summary>So many versions with one key are a row that is changed again and again: the dead among them are taken out.</summary>
    private const int CrowdedKey = 8;

    private readonly Lock _uniqueLock = new();

    public IndexKeySource Source => source;
    public IndexKeyEncoder Encoder => encoder;

    public override void EnsurePart(RowRange range)
    {
        if (range is Memtable && range.FindPart(Oid) is null) range.SetPart(Oid, new KeyTreePart());
    }

    public override void Add(Memtable memtable, int start, int count, IUniqueArbiter? unique)
    {
        var part = (KeyTreePart)memtable.FindPart(Oid)!;
        var adder = new Adder(this, memtable, part.Tree, Definition.IsUnique ? unique : null);
        while (count > 0)
        {
            int now = Math.Min(count, RowRange.BlockRows - start % RowRange.BlockRows);
            source.Visit(memtable, start, now, ref adder);
            start += now;
            count -= now;
        }
    }

    public override ObjectReference? WriteFile(Segment segment, string path, BuildContext context)
    {
        var collector = new Collector(this, new KeyFileBuilder());
        for (int start = 0; start < segment.RowCount; start += RowRange.BlockRows)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(RowRange.BlockRows, segment.RowCount - start);
            source.Visit(segment, start, count, ref collector);
            context.Progress?.Invoke(count);
        }
        return collector.Builder.Write(files, path);
    }

    public override IndexPart OpenFile(Segment segment, ObjectReference file) => new KeyFilePart(files, file, segment);

    public override long? FindDuplicate(TableReader reader)
    {
        if (!Definition.IsUnique) return null;
        var cursor = new MergedKeyCursor(this, reader, default, descending: false);
        while (cursor.NextDuplicate() is { } rowId)
            if (Definition.NullsNotDistinct || !HasNullKey(reader, rowId))
                return rowId;
        return null;
    }

    private bool HasNullKey(TableReader reader, long rowId)
    {
        RowRange range = TableStore.FindRange(reader.Ranges, rowId)!;
        var finder = new NullFinder();
        source.Visit(range, range.PositionOf(rowId), 1, ref finder);
        return finder.Found;
    }

    private struct NullFinder : IKeyVisitor
    {
        public bool Found { get; private set; }

        public void Visit(Column[] keys, Selection rows, int first)
        {
            if (rows.Count == 0) return;
            int row = rows[0];
            Found = Array.Exists(keys, k => k.IsNull(row));
        }
    }

    public override IIndexCursor Seek(TableReader reader, in KeyRange range, bool descending) => new MergedKeyCursor(this, reader, range, descending);

    public override IVectorSearch OpenVectorSearch(TableReader reader) => throw new InvariantException($"index {Oid} is no vector index");

    /// <summary>A row other than <paramref name="rowId"/> with this key that isn't gone; −1 if none. Tells whom to wait for if that can't be said yet.</summary>
    private static long FindConflict(RowRange[] ranges, uint index, ReadOnlySpan<byte> key, long rowId, IUniqueArbiter unique, out long waitFor)
    {
        waitFor = 0;
        Span<long> found = stackalloc long[2 * CrowdedKey];
        foreach (RowRange range in ranges)
        {
            if (range.FindPart(index) is not KeyPart part) continue;
            int count;
            while ((count = part.FindEqual(key, found)) == found.Length) found = new long[found.Length * 4];
            for (int i = count - 1; i >= 0; i--)
            {
                if (found[i] == rowId) continue;
                if (!unique.IsGone(found[i], out waitFor)) return found[i];
                if (count > CrowdedKey && part is KeyTreePart { Tree: var tree } && unique.IsDeadForAll(found[i])) tree.Remove(key, found[i]);
            }
        }
        return -1;
    }

    private readonly struct Collector(BTreeIndex index, KeyFileBuilder builder) : IKeyVisitor
    {
        private readonly ByteBuffer _key = new(64);

        public KeyFileBuilder Builder => builder;

        public void Visit(Column[] keys, Selection rows, int first)
        {
            for (int i = 0; i < rows.Count; i++)
            {
                _key.Clear();
                index.Encoder.Encode(keys, rows[i], index.Encoder.KeyCount, _key);
                builder.Add(_key.WrittenSpan, first + rows[i]);
            }
        }
    }

    private ref struct Adder(BTreeIndex index, Memtable memtable, KeyTree tree, IUniqueArbiter? unique) : IKeyVisitor
    {
        private readonly ByteBuffer _key = new(64);

        public void Visit(Column[] keys, Selection rows, int first)
        {
            for (int i = 0; i < rows.Count; i++)
            {
                _key.Clear();
                bool isComplete = index.Encoder.Encode(keys, rows[i], index.Encoder.KeyCount, _key);
                int position = first + rows[i];
                if (unique is null || !isComplete && !index.Definition.NullsNotDistinct) tree.Insert(_key.WrittenSpan, memtable.RowIdAt(position));
                else AddUnique(position);
            }
        }

        private void AddUnique(int position)
        {
            long rowId = memtable.RowIdAt(position);
            while (true)
            {
                long other, waitFor;
                lock (index._uniqueLock)
                {
                    other = FindConflict(unique!.Ranges, index.Oid, _key.WrittenSpan, rowId, unique, out waitFor);
                    if (other < 0)
                    {
                        tree.Insert(_key.WrittenSpan, rowId);
                        return;
                    }
                }
                if (waitFor == 0)
                {
                    unique.Conflict(index, memtable, position, other);
                    return;
                }
                unique.WaitFor(other, waitFor);
            }
        }
    }
}

/// <summary>Keys of one range in order.</summary>
internal abstract class KeyPart : IndexPart
{
    /// <summary>Rows with exactly this key; at most as many as fit.</summary>
    public abstract int FindEqual(ReadOnlySpan<byte> key, Span<long> rowIds);

    /// <summary>Goes through a key range.</summary>
    public abstract PartCursor Open(in KeyRange range, bool descending);
}

/// <summary>Entries of one part in order, one after another.</summary>
internal abstract class PartCursor
{
    public abstract bool MoveNext();

    /// <summary>Valid until the next call of <see cref="MoveNext"/>.</summary>
    public abstract ReadOnlySpan<byte> Key { get; }
    public abstract long RowId { get; }

    protected static bool IsAbove(ReadOnlySpan<byte> key, in KeyRange range)
    {
        if (range.High is null) return false;
        int order = key.SequenceCompareTo(range.High);
        return order > 0 || order == 0 && !range.HighInclusive;
    }

    protected static bool IsBelow(ReadOnlySpan<byte> key, in KeyRange range)
    {
        if (range.Low is null) return false;
        int order = key.SequenceCompareTo(range.Low);
        return order < 0 || order == 0 && !range.LowInclusive;
    }
}

/// <summary>A memtable's part.</summary>
internal sealed class KeyTreePart : KeyPart
{
    public KeyTree Tree { get; } = new();
    public override long MemoryBytes => Tree.MemoryBytes;
    public override int FindEqual(ReadOnlySpan<byte> key, Span<long> rowIds) => Tree.FindEqual(key, rowIds);
    public override PartCursor Open(in KeyRange range, bool descending) => new Cursor(Tree, range, descending);

    private sealed class Cursor(KeyTree tree, KeyRange range, bool descending) : PartCursor
    {
        // The first group is small: most seeks are for one key.
        private KeyEntry[] _entries = new KeyEntry[8];
        private int _count = -1;
        private int _at;

        public override ReadOnlySpan<byte> Key => tree.KeyOf(_entries[_at]);
        public override long RowId => _entries[_at].RowId;

        public override bool MoveNext()
        {
            if (_count == 0) return false;
            if (_count < 0 || ++_at == _count) Refill();
            if (_count > 0 && (descending ? !IsBelow(Key, range) : !IsAbove(Key, range))) return true;
            _count = 0;
            return false;
        }

        private void Refill()
        {
            KeyEntry? last = _count < 0 ? null : _entries[_count - 1];
            if (last is not null && _entries.Length < 256) _entries = new KeyEntry[256];
            if (descending) _count = RefillDescending(last);
            else if (last is { } previous) _count = tree.CopyAscending(tree.KeyOf(previous), previous.RowId + 1, _entries);
            else _count = tree.CopyAscending(range.Low, range.LowInclusive || range.Low is null ? long.MinValue : long.MaxValue, _entries);
            _at = 0;
        }

        private int RefillDescending(KeyEntry? last)
        {
            if (last is { } previous) return tree.CopyDescending(tree.KeyOf(previous), previous.RowId, false, _entries);
            return tree.CopyDescending(range.High, range.HighInclusive ? long.MaxValue : long.MinValue, range.High is null, _entries);
        }
    }
}
