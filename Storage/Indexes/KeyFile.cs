using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VecSql.Arrow;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Storage.Contracts;
using VecSql.Storage.Files;
using VecSql.Storage.Segments;

namespace VecSql.Storage.Indexes;

/// <summary>Gathers the keys of a segment's rows, sorts them, and writes the file that <see cref="KeyFilePart"/> reads. Drawn in docs/formats/keyfile.md.</summary>
internal sealed class KeyFileBuilder
{
    public const int HeaderBytes = 64;
    public static ReadOnlySpan<byte> Magic => "VECSQLKF"u8;

    private readonly ByteBuffer _keys = new(1 << 16);
    private readonly List<int> _offsets = [0];
    private readonly List<int> _positions = [];
    private readonly List<ulong> _prefixes = [];

    public void Add(ReadOnlySpan<byte> key, int position)
    {
        _keys.Write(key);
        _offsets.Add(_keys.Length);
        _positions.Add(position);
        _prefixes.Add(KeyPrefix.Of(key));
    }

    public ObjectReference Write(IFileSystem files, string path)
    {
        int count = _positions.Count;
        int[] order = new int[count];
        for (int i = 0; i < count; i++) order[i] = i;
        order.AsSpan().Sort(Compare);
        using var writer = new ObjectWriter(files, path);
        using var stream = new ObjectStream(writer);
        var header = new byte[HeaderBytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), 1);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), count);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(20), _keys.Length);
        stream.Write(header);
        Span<byte> four = stackalloc byte[4];
        int offset = 0;
        for (int i = 0; i <= count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(four, offset);
            stream.Write(four);
            if (i < count) offset += KeyAt(order[i]).Length;
        }
        foreach (int place in order)
        {
            BinaryPrimitives.WriteInt32LittleEndian(four, _positions[place]);
            stream.Write(four);
        }
        foreach (int place in order) stream.Write(KeyAt(place));
        stream.Flush();
        return writer.Publish();
    }

    private ReadOnlySpan<byte> KeyAt(int place) => _keys.WrittenSpan[_offsets[place].._offsets[place + 1]];

    private int Compare(int left, int right)
    {
        int order = _prefixes[left].CompareTo(_prefixes[right]);
        if (order != 0) return order;
        order = KeyAt(left).SequenceCompareTo(KeyAt(right));
        return order != 0 ? order : _positions[left].CompareTo(_positions[right]);
    }
}

/// <summary>A segment's sorted keys, mapped. The prefix of every 64th key is kept in memory, so that a search touches few pages.</summary>
internal sealed class KeyFilePart : KeyPart
{
    private const int FenceStep = 64;

    private readonly Segment _segment;
    private readonly ObjectReference _reference;
    private readonly ArrowSource _source;
    private readonly ReadOnlyMemory<byte> _offsets;
    private readonly ReadOnlyMemory<byte> _positions;
    private readonly ReadOnlyMemory<byte> _keys;
    private readonly Lock _fenceLock = new();
    private volatile ulong[]? _fences;

    /// <exception cref="SqlException">XX001.</exception>
    public KeyFilePart(IFileSystem files, ObjectReference reference, Segment segment)
    {
        _segment = segment;
        _reference = reference;
        _source = ObjectFiles.Open(files, reference);
        if (_source.LengthBytes < KeyFileBuilder.HeaderBytes) throw Damage.In(reference.Path, "it is no key file");
        ReadOnlySpan<byte> header = _source.Slice(0, KeyFileBuilder.HeaderBytes).Span;
        if (!header[..8].SequenceEqual(KeyFileBuilder.Magic) || BinaryPrimitives.ReadUInt16LittleEndian(header[8..]) != 1) throw Damage.In(reference.Path, "it is no key file");
        Count = BinaryPrimitives.ReadInt32LittleEndian(header[16..]);
        int keyBytes = BinaryPrimitives.ReadInt32LittleEndian(header[20..]);
        if (Count < 0 || keyBytes < 0 || _source.LengthBytes != KeyFileBuilder.HeaderBytes + (Count * 2L + 1) * sizeof(int) + keyBytes)
            throw Damage.In(reference.Path, "its parts don't fit its length");
        _offsets = _source.Slice(KeyFileBuilder.HeaderBytes, (Count + 1) * sizeof(int));
        _positions = _source.Slice(KeyFileBuilder.HeaderBytes + _offsets.Length, Count * sizeof(int));
        _keys = _source.Slice(KeyFileBuilder.HeaderBytes + _offsets.Length + _positions.Length, keyBytes);
    }

    public int Count { get; }
    public override long DiskBytes => _reference.SizeBytes;
    public override long MemoryBytes => (_fences?.Length ?? 0) * sizeof(ulong);

    public override int FindEqual(ReadOnlySpan<byte> key, Span<long> rowIds)
    {
        int found = 0;
        for (int at = LowerBound(key, afterEqual: false); at < Count && found < rowIds.Length && KeyAt(at).SequenceEqual(key); at++) rowIds[found++] = RowIdAt(at);
        return found;
    }

    public override PartCursor Open(in KeyRange range, bool descending)
    {
        Fences();
        int first = range.Low is null ? 0 : LowerBound(range.Low, afterEqual: !range.LowInclusive);
        int end = range.High is null ? Count : LowerBound(range.High, afterEqual: range.HighInclusive);
        return new Cursor(this, first, end, descending);
    }

    ~KeyFilePart() => Release();

    protected override void Release() => (_source as IDisposable)?.Dispose();

    /// <summary>Verifies the checksum, the first time that the file is used.</summary>
    public ulong[] Fences()
    {
        if (_fences is { } known) return known;
        lock (_fenceLock)
        {
            if (_fences is { } now) return now;
            ObjectFiles.Verify(_source, _reference);
            CheckOffsets();
            var fences = new ulong[(Count + FenceStep - 1) / FenceStep];
            for (int i = 0; i < fences.Length; i++) fences[i] = KeyPrefix.Of(KeyAt(i * FenceStep));
            _fences = fences;
            return fences;
        }
    }

    public ReadOnlySpan<byte> KeyAt(int at)
    {
        ReadOnlySpan<int> offsets = MemoryMarshal.Cast<byte, int>(_offsets.Span);
        return _keys.Span[offsets[at]..offsets[at + 1]];
    }

    public long RowIdAt(int at) => _segment.RowIdAt(MemoryMarshal.Cast<byte, int>(_positions.Span)[at]);

    private void CheckOffsets()
    {
        ReadOnlySpan<int> offsets = MemoryMarshal.Cast<byte, int>(_offsets.Span);
        ReadOnlySpan<int> positions = MemoryMarshal.Cast<byte, int>(_positions.Span);
        for (int i = 0; i < Count; i++)
            if (offsets[i] < 0 || offsets[i] > offsets[i + 1] || (uint)positions[i] >= (uint)_segment.RowCount)
                throw Damage.In(_reference.Path, $"entry {i} is out of range");
        if (offsets[Count] != _keys.Length) throw Damage.In(_reference.Path, "the last key ends elsewhere");
    }

    private int LowerBound(ReadOnlySpan<byte> key, bool afterEqual)
    {
        ulong[] fences = Fences();
        ulong prefix = KeyPrefix.Of(key);
        int block = fences.AsSpan().BinarySearch(new PrefixBelow(prefix));
        // The block before the first fence that is not below: the key may begin inside it.
        int low = Math.Max(0, ~block - 1) * FenceStep;
        int high = Count;
        block = fences.AsSpan().BinarySearch(new PrefixAbove(prefix));
        if (~block < fences.Length) high = ~block * FenceStep;
        ReadOnlySpan<int> offsets = MemoryMarshal.Cast<byte, int>(_offsets.Span);
        ReadOnlySpan<byte> keys = _keys.Span;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            int order = keys[offsets[middle]..offsets[middle + 1]].SequenceCompareTo(key);
            if (order < 0 || order == 0 && afterEqual) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    // Never equal: the result is always the complement of the place.
    private readonly struct PrefixBelow(ulong prefix) : IComparable<ulong>
    {
        public int CompareTo(ulong other) => other < prefix ? 1 : -1;
    }

    private readonly struct PrefixAbove(ulong prefix) : IComparable<ulong>
    {
        public int CompareTo(ulong other) => other <= prefix ? 1 : -1;
    }

    private sealed class Cursor(KeyFilePart part, int first, int end, bool descending) : PartCursor
    {
        private int _at = descending ? end : first - 1;

        public override ReadOnlySpan<byte> Key => part.KeyAt(_at);
        public override long RowId => part.RowIdAt(_at);
        public override bool MoveNext() => descending ? --_at >= first : ++_at < end;
    }
}
