using VecSql.Core.Columns;
using VecSql.Core.Types;
using VecSql.Executor.Expressions;
using VecSql.Executor.Rows;

namespace VecSql.Executor.Operators;

/// <summary>
/// DISTINCT, streaming: each row's first occurrence passes. When the keys outgrow their memory, rows with new keys go to disk, parted by hash, and the parts are made distinct one by one at
/// the end. DISTINCT ON keeps its input's order, so its keys stay in memory.
/// </summary>
internal sealed class DistinctOperator(ExecutionState state, Operator input, Evaluator[]? on, IReadOnlyList<SqlType> keyTypes, PhysicalKind[] kinds) : Operator(state)
{
    private readonly FirstRows _first = new(KeyTable.Create(state, keyTypes));
    private readonly MemoryAccount _memory = state.OpenAccount();
    private readonly KeyHasher _hasher = new(state, keyTypes);
    private readonly SelectionBuffer _unseen = new();
    private readonly Stack<Part> _parts = [];
    private readonly Column[] _keys = new Column[keyTypes.Count];
    private int[] _groups = [];
    private Part? _part;
    private bool _isInputDone;

    protected override void OpenCore()
    {
        input.Open();
        ClearParts();
        _first.Keys.Clear();
        _isInputDone = false;
    }

    protected override ColumnBatch? NextCore()
    {
        while (true)
        {
            State.CheckCancelled();
            ColumnBatch? batch = _isInputDone ? NextFromDisk() : input.Next();
            if (batch is null)
            {
                if (_isInputDone) return null;
                _isInputDone = true;
                continue;
            }
            Column[] keys = Keys(batch);
            if (_part?.Deeper is { } spill)
            {
                WriteUnseen(spill, batch, keys);
                continue;
            }
            Selection first = _first.Take(keys, batch.Selection);
            _memory.Set(_first.Keys.MemoryBytes);
            if (on is null && _memory.IsOver && (_part is null || _part.Depth < Partitions.MaxDepth) && !(State.Options.ForceSpill && _part is { Depth: > 0 })) StartSpill();
            if (first.Count > 0) return batch.Select(first);
        }
    }

    private Column[] Keys(ColumnBatch batch)
    {
        for (int i = 0; i < _keys.Length; i++) _keys[i] = on is null ? batch[i] : on[i].Evaluate(batch.Columns, batch.Selection);
        return _keys;
    }

    /// <summary>From now on rows with keys that aren't in the table go to disk.</summary>
    private void StartSpill()
    {
        int depth = _part?.Depth ?? 0;
        Part deeper = new(new Partitions(State, kinds, depth)) { Depth = depth + 1 };
        _part ??= new Part(null) { Depth = 0 };
        _part.Deeper = deeper;
    }

    private void WriteUnseen(Part spill, ColumnBatch batch, Column[] keys)
    {
        if (_groups.Length < batch.Count) _groups = new int[Math.Max(batch.Count, 64)];
        _first.Keys.Find(keys, batch.Selection, _groups.AsSpan(0, batch.Count));
        int[] unseen = _unseen.Take(batch.Count);
        int count = 0;
        for (int i = 0; i < batch.Count; i++)
        {
            unseen[count] = batch.Selection[i];
            if (_groups[i] < 0) count++;
        }
        Selection rows = Selection.Of(unseen, count);
        if (count > 0) spill.Rows!.Write(batch.Columns, rows, _hasher.Hash(keys, rows));
    }

    /// <summary>The next batch of the part being read; at its end, what it sent deeper, then the next part.</summary>
    private ColumnBatch? NextFromDisk()
    {
        while (true)
        {
            if (_part?.Reader?.Next() is { } batch) return batch;
            if (_part?.Deeper is { } deeper)
            {
                _part.Deeper = null;
                _parts.Push(deeper);
            }
            if (_parts.Count == 0) return null;
            Part top = _parts.Peek();
            if (top.Place == Partitions.Fanout)
            {
                _part = null;
                _parts.Pop().Dispose();
                continue;
            }
            _first.Keys.Clear();
            _part = new Part(null) { Depth = top.Depth, Reader = top.Rows!.Read(top.Place++) };
        }
    }

    private void ClearParts()
    {
        while (_parts.Count > 0) _parts.Pop().Dispose();
        _part?.Deeper?.Dispose();
        _part = null;
        _memory.Clear();
    }

    public override void Dispose()
    {
        ClearParts();
        input.Dispose();
        base.Dispose();
    }

    /// <summary>Rows on disk, or one part of them being read.</summary>
    private sealed class Part(Partitions? rows) : IDisposable
    {
        public Partitions? Rows => rows;
        public int Depth { get; init; }
        public int Place { get; set; }
        public SpillFile.RunReader? Reader { get; init; }
        public Part? Deeper { get; set; }

        public void Dispose()
        {
            rows?.Dispose();
            Deeper?.Dispose();
        }
    }
}
