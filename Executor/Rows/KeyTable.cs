using System.Numerics;
using VecSql.Core.Columns;
using VecSql.Core.Types;

namespace VecSql.Executor.Rows;

/// <summary>
/// Numbers the distinct keys of rows: 0, 1, 2 … in the order of their first appearance. The base of hash joins, grouping, DISTINCT and set operations. Null equals null.
/// </summary>
internal abstract class KeyTable
{
    public static KeyTable Create(ExecutionState state, IReadOnlyList<SqlType> types)
    {
        if (types.Count == 1 && state.KindOf(types[0]) is PhysicalKind.Int16 or PhysicalKind.Int32 or PhysicalKind.Int64 or PhysicalKind.UInt32)
            return new IntegerKeyTable(state.KindOf(types[0]));
        return new HashedKeyTable([.. types.Select(t => KeyColumn.Create(t, state))]);
    }

    /// <summary>Distinct keys so far.</summary>
    public abstract int Count { get; }
    public abstract long MemoryBytes { get; }

    /// <summary>groups[i] = number of the key of row rows[i]; new keys are added.</summary>
    public abstract void FindOrAdd(ReadOnlySpan<Column> keys, Selection rows, Span<int> groups);

    /// <summary>groups[i] = number of the key of row rows[i]; negative if there is none.</summary>
    public abstract void Find(ReadOnlySpan<Column> keys, Selection rows, Span<int> groups);

    /// <summary>The hash of each group's key: for partitioning.</summary>
    public abstract ulong HashOf(int group);

    /// <summary>Appends one key column of groups start … start+count-1.</summary>
    public abstract void AppendKeys(int column, int start, int count, ColumnBuilder result);

    public abstract void Clear();

    /// <summary>The same keys for another thread, for <see cref="Find"/> only and as long as no key is added.</summary>
    public abstract KeyTable ForReader();
}

/// <summary>Keys of any types: open addressing over hashes; keys are compared column by column for all rows of a batch that hit a group with the same hash.</summary>
internal sealed class HashedKeyTable(KeyColumn[] columns) : KeyTable
{
    private const int MinSlots = 64;

    // High half: the hash's high half; low half: group + 1, 0 for empty.
    private ulong[] _slots = new ulong[MinSlots];
    private ulong[] _hashOfGroup = new ulong[MinSlots];
    private ulong[] _hashes = [];
    private int[] _pending = [], _places = [], _candidates = [], _candidateGroups = [], _newRows = [];
    private bool[] _matches = [];
    private int _count;

    public override int Count => _count;

    public override long MemoryBytes
    {
        get
        {
            long bytes = (_slots.Length + (long)_hashOfGroup.Length) * sizeof(ulong);
            foreach (KeyColumn column in columns)
                bytes += column.Keys is BytesColumnBuilder variable ? variable.Output.Length + 4L * _count : (long)_count * PhysicalKinds.WidthOf(column.Keys.Kind);
            return bytes;
        }
    }

    public override ulong HashOf(int group) => _hashOfGroup[group];

    public override void FindOrAdd(ReadOnlySpan<Column> keys, Selection rows, Span<int> groups)
    {
        if (rows.Count == 0) return;
        Prepare(keys, rows);
        Reserve(_count + rows.Count);
        Resolve(keys, rows, groups, adds: true);
    }

    public override void Find(ReadOnlySpan<Column> keys, Selection rows, Span<int> groups)
    {
        if (rows.Count == 0) return;
        Prepare(keys, rows);
        Resolve(keys, rows, groups, adds: false);
    }

    public override void AppendKeys(int column, int start, int count, ColumnBuilder result)
    {
        Column keys = columns[column].Keys.Build();
        for (int group = start; group < start + count; group++) result.AppendFrom(keys, group);
    }

    public override void Clear()
    {
        foreach (KeyColumn column in columns) column.Keys.Reset();
        _slots = new ulong[MinSlots];
        _hashOfGroup = new ulong[MinSlots];
        _count = 0;
    }

    public override KeyTable ForReader()
    {
        HashedKeyTable reader = (HashedKeyTable)MemberwiseClone();
        reader.ForgetScratch();
        // Building the keys' columns again, as comparing does, writes the same words once more: readers don't disturb each other.
        foreach (KeyColumn column in columns) column.Keys.Build();
        return reader;
    }

    private void ForgetScratch()
    {
        _hashes = [];
        _pending = _places = _candidates = _candidateGroups = _newRows = [];
        _matches = [];
    }

    private void Prepare(ReadOnlySpan<Column> keys, Selection rows)
    {
        if (_hashes.Length < rows.Count)
        {
            int size = Math.Max(rows.Count, 64);
            _hashes = new ulong[size];
            _pending = new int[size];
            _places = new int[size];
            _candidates = new int[size];
            _candidateGroups = new int[size];
            _newRows = new int[size];
            _matches = new bool[size];
        }
        for (int i = 0; i < columns.Length; i++) columns[i].Hash(keys[i], rows, _hashes.AsSpan(0, rows.Count), i == 0);
        if (columns.Length == 0) _hashes.AsSpan(0, rows.Count).Clear();
    }

    /// <summary>
    /// Rounds until no row is pending: (1) each walks to its next slot that is empty or has its hash; (2) keys of new groups are appended; (3) candidates are compared,
    /// and those that differ go on from the next slot.
    /// </summary>
    private void Resolve(ReadOnlySpan<Column> keys, Selection rows, Span<int> groups, bool adds)
    {
        int mask = _slots.Length - 1;
        int pending = rows.Count;
        for (int i = 0; i < pending; i++)
        {
            _pending[i] = i;
            _places[i] = (int)_hashes[i] & mask;
        }
        while (pending > 0)
        {
            int candidates = 0, added = 0;
            for (int p = 0; p < pending; p++)
            {
                int i = _pending[p];
                ulong tag = _hashes[i] >> 32;
                int place = _places[i];
                ulong slot;
                while ((slot = _slots[place]) != 0 && slot >> 32 != tag) place = (place + 1) & mask;
                _places[i] = place;
                if (slot != 0)
                {
                    groups[i] = (int)(uint)slot - 1;
                    _candidates[candidates++] = i;
                }
                else if (!adds) groups[i] = -1;
                else
                {
                    int group = _count++;
                    _slots[place] = tag << 32 | (uint)(group + 1);
                    _hashOfGroup[group] = _hashes[i];
                    groups[i] = group;
                    _newRows[added++] = rows[i];
                }
            }
            if (added > 0)
                for (int c = 0; c < columns.Length; c++) columns[c].Keys.AppendFrom(keys[c], Selection.Of(_newRows, added));
            pending = Verify(keys, rows, groups, candidates, mask);
        }
    }

    private int Verify(ReadOnlySpan<Column> keys, Selection rows, Span<int> groups, int candidates, int mask)
    {
        if (candidates == 0 || columns.Length == 0) return 0;
        // _newRows is free again: it takes the candidates' row numbers.
        for (int c = 0; c < candidates; c++)
        {
            _newRows[c] = rows[_candidates[c]];
            _candidateGroups[c] = groups[_candidates[c]];
        }
        Span<bool> matches = _matches.AsSpan(0, candidates);
        matches.Fill(true);
        for (int c = 0; c < columns.Length; c++) columns[c].Compare(keys[c], _newRows.AsSpan(0, candidates), _candidateGroups.AsSpan(0, candidates), matches);
        int pending = 0;
        for (int c = 0; c < candidates; c++)
        {
            if (matches[c]) continue;
            int i = _candidates[c];
            _places[i] = (_places[i] + 1) & mask;
            _pending[pending++] = i;
        }
        return pending;
    }

    private void Reserve(int groups)
    {
        if (_hashOfGroup.Length < groups) Array.Resize(ref _hashOfGroup, (int)BitOperations.RoundUpToPowerOf2((uint)groups));
        if ((long)groups * 3 <= _slots.Length * 2L) return;
        ulong[] slots = new ulong[BitOperations.RoundUpToPowerOf2((uint)groups * 2)];
        int mask = slots.Length - 1;
        for (int group = 0; group < _count; group++)
        {
            ulong hash = _hashOfGroup[group];
            int place = (int)hash & mask;
            while (slots[place] != 0) place = (place + 1) & mask;
            slots[place] = hash >> 32 << 32 | (uint)(group + 1);
        }
        _slots = slots;
    }
}
