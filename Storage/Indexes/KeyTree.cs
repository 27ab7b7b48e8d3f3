using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace VecSql.Storage.Indexes;

/// <summary>
/// Encoded keys in order, in memory: a B+ tree of (key, row number), equal keys by row number. Key bytes lie in an arena that only grows, so a span of a key stays valid.
/// A lock guards each call; cursors copy entries out in small groups and find their place again by their last key.
/// </summary>
internal sealed class KeyTree
{
    private const int NodeEntries = 64;
    private const int PageBytes = 1 << 16;

    private sealed class Node(bool isLeaf)
    {
        public readonly ulong[] Prefixes = new ulong[NodeEntries];
        public readonly KeyEntry[] Entries = new KeyEntry[NodeEntries];
        public readonly Node[]? Children = isLeaf ? null : new Node[NodeEntries + 1];
        public Node? Next, Previous;
        public int Count;
    }

    private readonly Lock _lock = new();
    private byte[][] _pages = [];
    private int _pageCount;
    private int _pageUsed = PageBytes;
    private Node _root = new(isLeaf: true);
    private long _nodeCount = 1;
    private long _pageBytes;
    private int _count;

    public int Count => Volatile.Read(ref _count);
    public long MemoryBytes => _nodeCount * (NodeEntries * 32 + 100) + _pageBytes;

    public void Insert(ReadOnlySpan<byte> key, long rowId)
    {
        lock (_lock)
        {
            var entry = new KeyEntry(Store(key), rowId);
            ulong prefix = KeyPrefix.Of(key);
            if (_root.Count == NodeEntries)
            {
                var root = new Node(isLeaf: false);
                root.Children![0] = _root;
                SplitChild(root, 0, prefix, key, entry);
                _root = root;
                _nodeCount++;
            }
            Node node = _root;
            while (node.Children is not null)
            {
                int child = ChildOf(node, prefix, key, rowId);
                if (node.Children[child].Count == NodeEntries)
                {
                    // Full nodes are split on the way down, so that a parent always has room.
                    SplitChild(node, child, prefix, key, entry);
                    child = ChildOf(node, prefix, key, rowId);
                }
                node = node.Children[child];
            }
            InsertAt(node, LowerBound(node, prefix, key, rowId), prefix, entry, null);
            _count++;
        }
    }

    /// <summary>Takes an entry out; its key's bytes stay in the arena. Leaves may get empty: they are passed over.</summary>
    public void Remove(ReadOnlySpan<byte> key, long rowId)
    {
        lock (_lock)
        {
            ulong prefix = KeyPrefix.Of(key);
            (Node leaf, int at) = Seek(prefix, key, rowId);
            if (at == leaf.Count || Compare(leaf, at, prefix, key, rowId) != 0) return;
            leaf.Count--;
            _count--;
            Array.Copy(leaf.Prefixes, at + 1, leaf.Prefixes, at, leaf.Count - at);
            Array.Copy(leaf.Entries, at + 1, leaf.Entries, at, leaf.Count - at);
        }
    }

    /// <summary>Rows with exactly this key; returns how many (at most the span's length).</summary>
    public int FindEqual(ReadOnlySpan<byte> key, Span<long> rowIds)
    {
        lock (_lock)
        {
            int found = 0;
            ulong prefix = KeyPrefix.Of(key);
            (Node? leaf, int at) = Seek(prefix, key, long.MinValue);
            while (leaf is not null && found < rowIds.Length)
            {
                if (at == leaf.Count)
                {
                    leaf = leaf.Next;
                    at = 0;
                    continue;
                }
                if (leaf.Prefixes[at] != prefix || !KeyOf(leaf.Entries[at]).SequenceEqual(key)) break;
                rowIds[found++] = leaf.Entries[at++].RowId;
            }
            return found;
        }
    }

    /// <summary>Entries in ascending order from the first that is not below (key, rowId).</summary>
    public int CopyAscending(ReadOnlySpan<byte> key, long rowId, Span<KeyEntry> entries)
    {
        lock (_lock)
        {
            int copied = 0;
            (Node? leaf, int at) = Seek(KeyPrefix.Of(key), key, rowId);
            while (leaf is not null && copied < entries.Length)
            {
                int now = Math.Min(leaf.Count - at, entries.Length - copied);
                leaf.Entries.AsSpan(at, now).CopyTo(entries[copied..]);
                copied += now;
                leaf = leaf.Next;
                at = 0;
            }
            return copied;
        }
    }

    /// <summary>Entries in descending order from the last that is below (key, rowId); from the very last if <paramref name="fromEnd"/>.</summary>
    public int CopyDescending(ReadOnlySpan<byte> key, long rowId, bool fromEnd, Span<KeyEntry> entries)
    {
        lock (_lock)
        {
            int copied = 0;
            (Node? leaf, int at) = fromEnd ? Last() : Seek(KeyPrefix.Of(key), key, rowId);
            while (leaf is not null && copied < entries.Length)
            {
                while (at > 0 && copied < entries.Length) entries[copied++] = leaf.Entries[--at];
                if (at > 0) break;
                leaf = leaf.Previous;
                at = leaf?.Count ?? 0;
            }
            return copied;
        }
    }

    /// <summary>The bytes of an entry that this tree gave out. Needs no lock.</summary>
    public ReadOnlySpan<byte> KeyOf(KeyEntry entry)
    {
        byte[] page = Volatile.Read(ref _pages)[entry.Reference >> 32];
        int offset = (int)entry.Reference;
        int length = BinaryPrimitives.ReadInt32LittleEndian(page.AsSpan(offset));
        return page.AsSpan(offset + sizeof(int), length);
    }

    private long Store(ReadOnlySpan<byte> key)
    {
        int needed = key.Length + sizeof(int);
        if (_pageUsed + needed > PageBytes || needed > PageBytes)
        {
            if (_pageCount == _pages.Length)
            {
                var grown = new byte[Math.Max(4, _pages.Length * 2)][];
                _pages.CopyTo(grown, 0);
                Volatile.Write(ref _pages, grown);
            }
            int size = Math.Max(PageBytes, needed);
            _pages[_pageCount++] = new byte[size];
            _pageBytes += size;
            _pageUsed = 0;
        }
        byte[] page = _pages[_pageCount - 1];
        int offset = _pageUsed;
        BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(offset), key.Length);
        key.CopyTo(page.AsSpan(offset + sizeof(int)));
        _pageUsed += needed;
        return (long)(_pageCount - 1) << 32 | (uint)offset;
    }

    /// <summary>Where the first entry not below (key, rowId) is.</summary>
    private (Node Leaf, int At) Seek(ulong prefix, ReadOnlySpan<byte> key, long rowId)
    {
        Node node = _root;
        while (node.Children is not null) node = node.Children[ChildOf(node, prefix, key, rowId)];
        return (node, LowerBound(node, prefix, key, rowId));
    }

    /// <summary>The child before the first separator that is above: an entry equal to a separator belongs into the child that it begins.</summary>
    private int ChildOf(Node node, ulong prefix, ReadOnlySpan<byte> key, long rowId)
    {
        int child = LowerBound(node, prefix, key, rowId);
        return child < node.Count && Compare(node, child, prefix, key, rowId) == 0 ? child + 1 : child;
    }

    private (Node Leaf, int At) Last()
    {
        Node node = _root;
        while (node.Children is not null) node = node.Children[node.Count];
        return (node, node.Count);
    }

    /// <summary>Cuts a full child in two; the separator is the smallest entry of the right half.</summary>
    private void SplitChild(Node parent, int place, ulong prefix, ReadOnlySpan<byte> key, KeyEntry entry)
    {
        Node left = parent.Children![place];
        bool isLeaf = left.Children is null;
        var right = new Node(isLeaf) { Next = left.Next, Previous = left };
        _nodeCount++;
        if (left.Next is not null) left.Next.Previous = right;
        // Keys that come in order fill nodes to the brim.
        bool isAppend = left.Next is null && Compare(left, NodeEntries - 1, prefix, key, entry.RowId) < 0;
        left.Next = right;
        if (isLeaf && isAppend)
        {
            InsertAt(parent, place, prefix, entry, right);
            return;
        }
        int keep = isAppend ? NodeEntries - 1 : NodeEntries / 2;
        InsertAt(parent, place, left.Prefixes[keep], left.Entries[keep], right);
        // A leaf's separator stays in the right half; an inner node's goes up.
        int from = isLeaf ? keep : keep + 1;
        int count = NodeEntries - from;
        Array.Copy(left.Prefixes, from, right.Prefixes, 0, count);
        Array.Copy(left.Entries, from, right.Entries, 0, count);
        if (!isLeaf) Array.Copy(left.Children!, from, right.Children!, 0, count + 1);
        right.Count = count;
        left.Count = keep;
    }

    private static void InsertAt(Node node, int at, ulong prefix, KeyEntry entry, Node? child)
    {
        int moved = node.Count - at;
        Array.Copy(node.Prefixes, at, node.Prefixes, at + 1, moved);
        Array.Copy(node.Entries, at, node.Entries, at + 1, moved);
        if (child is not null)
        {
            Array.Copy(node.Children!, at + 1, node.Children!, at + 2, moved);
            node.Children![at + 1] = child;
        }
        node.Prefixes[at] = prefix;
        node.Entries[at] = entry;
        node.Count++;
    }

    private int LowerBound(Node node, ulong prefix, ReadOnlySpan<byte> key, long rowId)
    {
        int low = 0, high = node.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (Compare(node, middle, prefix, key, rowId) < 0) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private int Compare(Node node, int at, ulong prefix, ReadOnlySpan<byte> key, long rowId)
    {
        ulong other = node.Prefixes[at];
        if (other != prefix) return other < prefix ? -1 : 1;
        int order = KeyOf(node.Entries[at]).SequenceCompareTo(key);
        return order != 0 ? order : node.Entries[at].RowId.CompareTo(rowId);
    }
}

/// <summary>An entry of a <see cref="KeyTree"/>: where its key is, and its row.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct KeyEntry(long Reference, long RowId);

/// <summary>The first eight bytes of a key, so that most comparisons need no more. The null byte in front, alike in nearly all keys, is folded in.</summary>
internal static class KeyPrefix
{
    public static ulong Of(ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty || key[0] == 0) return 0;
        if (key[0] != 1) return ulong.MaxValue;
        key = key[1..];
        if (key.Length >= 8) return BinaryPrimitives.ReadUInt64BigEndian(key);
        ulong prefix = 0;
        for (int i = 0; i < key.Length; i++) prefix |= (ulong)key[i] << (56 - 8 * i);
        return prefix;
    }
}
