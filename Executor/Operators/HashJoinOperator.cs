using VecSql.Core.Columns;
using VecSql.Core.Types;
using VecSql.Executor.Expressions;
using VecSql.Executor.Rows;
using VecSql.Planner.Logical;

namespace VecSql.Executor.Operators;

/// <summary>
/// Hash join. Steps:
/// 1. The right input goes into a <see cref="HashJoinTable"/>. If it outgrows its memory, it is parted by key hash on disk instead. Its keys are published to scans on the left
///    (<see cref="RuntimeFilter"/>) before the left input is opened.
/// 2. In memory: left batches probe it. On disk: the left input is parted alike, then part after part is joined, each in memory (parted again while it is too large).
/// 3. At the end (of each part), right and full joins give the right rows without a partner.
/// </summary>
internal sealed partial class HashJoinOperator : Operator
{
    private readonly Operator _left, _right;
    private readonly Evaluator[] _leftKeys, _rightKeys;
    private readonly HashJoinSpec _spec;
    private readonly HashJoinProbe _probe;
    private readonly HashJoinTable _table;
    private readonly RuntimeFilter?[] _filters;
    private readonly MemoryAccount _memory;
    private readonly KeyHasher _leftHasher, _rightHasher;
    private readonly Column[] _keyColumns;
    private readonly Stack<Part> _parts = [];
    private Part? _part;
    private ColumnBatch? _ordered;
    private int _orderedAt;
    private bool _isBuilt, _isProbing, _isRightReusable, _rightHasNulls, _rightHasRows;

    public HashJoinOperator(ExecutionState state, Operator left, Operator right, Evaluator[] leftKeys, Evaluator[] rightKeys, IReadOnlyList<SqlType> leftKeyTypes,
        IReadOnlyList<SqlType> rightKeyTypes, HashJoinSpec spec, RuntimeFilter?[] filters) : base(state)
    {
        _left = left;
        _right = right;
        _leftKeys = leftKeys;
        _rightKeys = rightKeys;
        _spec = spec;
        _filters = filters;
        _table = new HashJoinTable(state, spec.RightKinds, rightKeyTypes, spec.NeedsRightRows);
        _probe = new HashJoinProbe(state, spec, _table);
        _memory = state.OpenAccount();
        _leftHasher = new KeyHasher(state, leftKeyTypes);
        _rightHasher = new KeyHasher(state, rightKeyTypes);
        _keyColumns = new Column[leftKeys.Length];
    }

    protected override void OpenCore()
    {
        ClearParts();
        _ordered = null;
        _isProbing = false;
        // A right side that depends on no outer row is built once, however often the join is run (inside LATERAL).
        if (!_isRightReusable) _isBuilt = false;
    }

    protected override ColumnBatch? NextCore()
    {
        if (!_isBuilt) Build();
        if (!_isProbing)
        {
            _isProbing = true;
            if (_left is not LeftFirst) _left.Open();
            _probe.Begin();
            if (_parts.Count > 0)
            {
                PartLeft();
                if (!NextPart()) return null;
            }
        }
        while (true)
        {
            State.CheckCancelled();
            if (_probe.Next() is { } output) return output;
            ColumnBatch? batch = _part is null ? (_parts.Count == 0 ? NextLeft() : null) : _part.LeftReader!.Next();
            if (batch is not null) _probe.Take(batch, Evaluate(_leftKeys, batch));
            else if (_probe.NextUnmatched() is { } unmatched) return unmatched;
            else if (_part is null || !NextPart()) return null;
        }
    }

    /// <summary>The probe gives a batch's rows without a partner after the others: where order matters, rows are probed one by one then.</summary>
    private ColumnBatch? NextLeft()
    {
        if (!_spec.KeepsLeftOrder || !_spec.GivesUnmatchedLeft) return _left.Next();
        if (_ordered is null || _orderedAt == _ordered.Count)
        {
            _ordered = _left.Next();
            _orderedAt = 0;
        }
        return _ordered?.Select(Selection.Of([_ordered.Selection[_orderedAt++]], 1));
    }

    private Column[] Evaluate(Evaluator[] keys, ColumnBatch batch)
    {
        for (int i = 0; i < keys.Length; i++) _keyColumns[i] = keys[i].Evaluate(batch.Columns, batch.Selection);
        return _keyColumns;
    }

    private void Build()
    {
        foreach (RuntimeFilter? filter in _filters) filter?.Clear();
        if (_left is LeftFirst left)
        {
            left.Open();
            left.Read();
        }
        _right.Open();
        _table.Clear();
        Partitions? partitions = null;
        _rightHasNulls = _rightHasRows = false;
        while (_right.Next() is { } batch)
        {
            _rightHasRows = true;
            Column[] keys = Evaluate(_rightKeys, batch);
            if (partitions is not null)
            {
                NoteNulls(keys, batch.Selection);
                partitions.Write(batch.Columns, batch.Selection, _rightHasher.Hash(keys, batch.Selection));
                continue;
            }
            _table.Add(batch.Columns, keys, batch.Selection);
            _memory.Set(_table.MemoryBytes);
            if (_memory.IsOver && _spec.NeedsRightRows && !_spec.KeepsLeftOrder) partitions = PartTable(0);
        }
        _rightHasNulls |= _table.HasNullKeys;
        _isBuilt = true;
        if (partitions is null)
        {
            _table.Finish(_spec.GivesUnmatchedRight);
            for (int i = 0; i < _filters.Length; i++) _filters[i]?.Publish(_table.Keys, i);
            _probe.SetNullRule(_rightHasRows, _rightHasNulls);
            _isRightReusable = _spec.IsRightInvariant && !_spec.GivesUnmatchedRight;
            return;
        }
        _parts.Push(new Part { Right = partitions });
        _isRightReusable = false;
        if (Statistics is { } statistics) statistics.Details["Batches"] = Partitions.Fanout.ToString();
    }

    private void NoteNulls(Column[] keys, Selection rows)
    {
        foreach (Column key in keys)
        {
            if (!key.MayHaveNulls || _rightHasNulls) continue;
            for (int i = 0; i < rows.Count && !_rightHasNulls; i++) _rightHasNulls = key.IsNull(rows[i]);
        }
    }

    public override void Dispose()
    {
        ClearParts();
        _memory.Clear();
        _left.Dispose();
        _right.Dispose();
        base.Dispose();
    }
}

/// <summary>What a hash join is to do.</summary>
internal sealed record HashJoinSpec(JoinKind Kind, PhysicalKind[] LeftKinds, PhysicalKind[] RightKinds, Evaluator? Residual, bool IsNullAware, bool IsRightInvariant, bool KeepsLeftOrder)
{
    public bool GivesRight => Kind is not (JoinKind.Semi or JoinKind.Anti);
    public bool NeedsRightRows => GivesRight || Residual is not null;
    public bool GivesUnmatchedLeft => Kind is JoinKind.Left or JoinKind.Full;
    public bool GivesUnmatchedRight => Kind is JoinKind.Right or JoinKind.Full;
}
