using VecSql.Core.Columns;
using VecSql.Core.Types;
using VecSql.Executor.Rows;

namespace VecSql.Executor.Operators;

/// <summary>
/// The groups of one grouping set: their keys and their aggregates' states. When they outgrow the memory, all groups are saved to disk, parted by their keys' hashes, and grouping starts
/// afresh; at the end the saved states of one part after another are merged.
/// </summary>
internal sealed class AggregationSet : IDisposable
{
    private readonly ExecutionState _state;
    private readonly int[] _members;
    private readonly SqlType[] _keyTypes;
    private readonly KeyTable? _keys;
    private readonly AggregateRunner[] _runners;
    private readonly bool _maySpill;
    private readonly MemoryAccount _memory;
    private readonly KeyHasher _hasher;
    private readonly Column[] _keyColumns;
    private readonly Stack<Part> _parts = [];
    private int[] _groups = [];
    private bool _isFinished;

    /// <param name="members">Places in the operator's groups.</param>
    public AggregationSet(ExecutionState state, int[] members, IReadOnlyList<SqlType> groupTypes, AggregateInput[] inputs)
    {
        _state = state;
        _members = members;
        _keyTypes = [.. members.Select(m => groupTypes[m])];
        _keys = members.Length == 0 ? null : KeyTable.Create(state, _keyTypes);
        _runners = [.. inputs.Select(i => new AggregateRunner(state, i))];
        _maySpill = _keys is not null && inputs.All(i => i.IsPlain);
        _memory = state.OpenAccount();
        _hasher = new KeyHasher(state, _keyTypes);
        _keyColumns = new Column[members.Length];
    }

    public ReadOnlySpan<int> Members => _members;

    /// <summary>Groups in memory. Without keys there is always one.</summary>
    public int GroupCount => _keys?.Count ?? 1;
    public bool HasSpilled { get; private set; }

    public void Clear()
    {
        _keys?.Clear();
        foreach (AggregateRunner runner in _runners) runner.Clear();
        while (_parts.Count > 0) _parts.Pop().Dispose();
        _memory.Clear();
        HasSpilled = _isFinished = false;
    }

    /// <summary>Takes in a batch whose groups are evaluated and whose aggregate inputs are prepared.</summary>
    public void Add(ReadOnlySpan<Column> groups, Selection rows)
    {
        if (_groups.Length < rows.Count) _groups = new int[Math.Max(rows.Count, 64)];
        Span<int> numbers = _groups.AsSpan(0, rows.Count);
        if (_keys is not null)
        {
            for (int i = 0; i < _members.Length; i++) _keyColumns[i] = groups[_members[i]];
            _keys.FindOrAdd(_keyColumns, rows, numbers);
        }
        int count = GroupCount;
        foreach (AggregateRunner runner in _runners) runner.Update(rows, numbers, count);
        Account();
        if (_memory.IsOver && _maySpill) SpillGroups();
    }

    /// <summary>Adds another set's groups (a parallel worker's): its input is finished and it didn't spill.</summary>
    public void Merge(AggregationSet other)
    {
        int[] map = new int[other.GroupCount];
        RowBuffer keys = new(_state.KindsOf(_keyTypes), 16);
        if (_keys is not null)
        {
            for (int i = 0; i < _members.Length; i++) other._keys!.AppendKeys(i, 0, other.GroupCount, keys.Builders[i]);
            keys.AddRows(other.GroupCount);
            _keys.FindOrAdd(keys.Columns, Selection.All(other.GroupCount), map);
        }
        for (int i = 0; i < _runners.Length; i++)
        {
            _runners[i].State.EnsureGroups(GroupCount);
            other._runners[i].State.EnsureGroups(other.GroupCount);
            _runners[i].State.Merge(other._runners[i].State, map, _state.Context);
        }
        Account();
        if (_memory.IsOver && _maySpill) SpillGroups();
    }

    /// <summary>All input was taken in: groups (of the first part, if on disk) can be read.</summary>
    public void Finish()
    {
        if (HasSpilled) SpillGroups();
        else
        {
            foreach (AggregateRunner runner in _runners) runner.FinishInput(GroupCount);
        }
    }

    /// <summary>Loads the next groups to be read. First the ones in memory, if none are on disk. False if there are no more.</summary>
    public bool NextGroups()
    {
        if (!HasSpilled)
        {
            bool isFirst = !_isFinished;
            _isFinished = true;
            return isFirst;
        }
        while (_parts.Count > 0)
        {
            Part part = _parts.Peek();
            if (part.Place == Partitions.Fanout)
            {
                _parts.Pop().Dispose();
                continue;
            }
            int place = part.Place++;
            if (part.Groups.RowsIn(place) > 0 && TryLoad(part, place)) return true;
        }
        return false;
    }

    /// <summary>Appends keys and results of groups start … start+count-1 to the output's builders.</summary>
    public void Append(int start, int count, ReadOnlySpan<ColumnBuilder> groups, ReadOnlySpan<ColumnBuilder> aggregates)
    {
        for (int i = 0; i < _members.Length; i++) _keys!.AppendKeys(i, start, count, groups[_members[i]]);
        for (int i = 0; i < _runners.Length; i++) _runners[i].State.Finish(start, count, aggregates[i], _state.Context);
    }

    private void Account()
    {
        long bytes = _keys?.MemoryBytes ?? 0;
        foreach (AggregateRunner runner in _runners) bytes += runner.State.MemoryBytes;
        _memory.Set(bytes);
    }

    private PhysicalKind[] SavedKinds => [.. _state.KindsOf(_keyTypes), .. _runners.Select(_ => PhysicalKind.Bytes)];

    private void SpillGroups()
    {
        if (!HasSpilled) _parts.Push(new Part(new Partitions(_state, SavedKinds, 0), 0));
        HasSpilled = true;
        SaveGroups(_parts.Peek().Groups);
    }

    private void SaveGroups(Partitions target)
    {
        RowBuffer saved = new(SavedKinds);
        ulong[] hashes = new ulong[ColumnBatch.MaxRows];
        for (int start = 0; start < GroupCount; start += ColumnBatch.MaxRows)
        {
            _state.CheckCancelled();
            int count = Math.Min(ColumnBatch.MaxRows, GroupCount - start);
            saved.Reset();
            for (int i = 0; i < _members.Length; i++) _keys!.AppendKeys(i, start, count, saved.Builders[i]);
            for (int i = 0; i < _runners.Length; i++)
            {
                BytesColumnBuilder states = (BytesColumnBuilder)saved.Builders[_members.Length + i];
                for (int group = start; group < start + count; group++)
                {
                    _runners[i].State.Save(group, states.Output);
                    states.EndValue();
                }
            }
            saved.AddRows(count);
            Column[] columns = saved.Columns;
            _hasher.Hash(columns.AsSpan(0, _members.Length), Selection.All(count)).CopyTo(hashes);
            target.Write(columns, Selection.All(count), hashes);
        }
        _keys!.Clear();
        foreach (AggregateRunner runner in _runners) runner.Clear();
        _memory.Clear();
    }

    private bool TryLoad(Part part, int place)
    {
        _keys!.Clear();
        foreach (AggregateRunner runner in _runners) runner.Clear();
        SpillFile.RunReader reader = part.Groups.Read(place);
        while (reader.Next() is { } batch)
        {
            _state.CheckCancelled();
            Restore(batch);
            Account();
            if (!_memory.IsOver || part.Depth + 1 >= Partitions.MaxDepth || _state.Options.ForceSpill) continue;
            Part deeper = new(new Partitions(_state, SavedKinds, part.Depth + 1), part.Depth + 1);
            _parts.Push(deeper);
            SaveGroups(deeper.Groups);
            while (reader.Next() is { } rest) deeper.Groups.Write(rest.Columns, rest.Selection, _hasher.Hash(rest.Columns[.._members.Length], rest.Selection));
            return false;
        }
        return true;
    }

    private void Restore(ColumnBatch batch)
    {
        if (_groups.Length < batch.Count) _groups = new int[batch.Count];
        Span<int> numbers = _groups.AsSpan(0, batch.Count);
        _keys!.FindOrAdd(batch.Columns[.._members.Length], batch.Selection, numbers);
        for (int i = 0; i < _runners.Length; i++)
        {
            _runners[i].State.EnsureGroups(GroupCount);
            BytesColumn states = (BytesColumn)batch[_members.Length + i];
            for (int row = 0; row < batch.Count; row++) _runners[i].State.Restore(numbers[row], states[row], _state.Context);
        }
    }

    public void Dispose()
    {
        while (_parts.Count > 0) _parts.Pop().Dispose();
        foreach (AggregateRunner runner in _runners) runner.Dispose();
        _memory.Clear();
    }

    private sealed class Part(Partitions groups, int depth) : IDisposable
    {
        public Partitions Groups => groups;
        public int Depth => depth;
        public int Place { get; set; }
        public void Dispose() => groups.Dispose();
    }
}
