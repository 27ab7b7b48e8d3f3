using VecSql.Core.Columns;
using VecSql.Executor.Expressions;
using VecSql.Executor.Rows;
using VecSql.Planner.Logical;

namespace VecSql.Executor.Operators;

/// <summary>
/// Joins left batches with a table: <see cref="Take"/> a batch, then ask <see cref="Next"/> for output until it gives null. If each left row has at most one match and no residual
/// condition stands in the way, the left columns are passed on under a selection; else pairs are copied out.
/// </summary>
internal sealed class HashJoinProbe(ExecutionState state, HashJoinSpec spec, HashJoinTable table)
{
    private readonly SelectionBuffer _selection = new(), _nullKeys = new();
    private readonly RowBuffer _pairs = new([.. spec.LeftKinds, .. spec.RightKinds], 16);
    private readonly ColumnBuilder[] _beside = [.. spec.RightKinds.Select(k => ColumnBuilder.Create(k, 16))];
    private readonly Column[] _leftNulls = SparseGather.Nulls(spec.LeftKinds), _rightNulls = SparseGather.Nulls(spec.RightKinds);
    private int[] _matches = [], _pairLeft = [], _pairRight = [];
    private bool[] _hasPartner = [];
    private ColumnBatch? _batch;
    private int _place, _chain;
    private bool _givesRest;
    private int _nextUnmatched;
    private bool _dropsNulls, _dropsAll;

    /// <summary>Starts a table: no batch is taken yet.</summary>
    public void Begin()
    {
        _batch = null;
        _nextUnmatched = 0;
    }

    /// <summary>NOT IN: over an empty right side every row passes; with a null among the right keys, none; a null left key never does.</summary>
    public void SetNullRule(bool hasRows, bool hasNulls)
    {
        _dropsNulls = spec.IsNullAware && hasRows;
        _dropsAll = spec.IsNullAware && hasNulls;
    }

    public void Take(ColumnBatch batch, Column[] keys)
    {
        if (_dropsAll) return;
        if (_dropsNulls)
        {
            Selection present = HashJoinTable.WithoutNulls(keys, batch.Selection, _nullKeys);
            if (present.Count == 0) return;
            batch = batch.Select(present);
        }
        if (_matches.Length < batch.Count)
        {
            int size = Math.Max(batch.Count, 64);
            _matches = new int[size];
            _hasPartner = new bool[size];
        }
        table.Find(keys, batch.Selection, _matches.AsSpan(0, batch.Count));
        Array.Clear(_hasPartner, 0, batch.Count);
        _batch = batch;
        _place = 0;
        _chain = batch.Count > 0 ? _matches[0] : -1;
        _givesRest = spec.GivesUnmatchedLeft;
    }

    public ColumnBatch? Next()
    {
        if (_batch is null) return null;
        if (!spec.GivesRight) return spec.Residual is null ? FilterByMatch() : FilterByResidual();
        return table.IsUnique && spec.Residual is null && !spec.GivesUnmatchedRight ? LayBeside() : NextPairs();
    }

    /// <summary>After the last left batch: right rows without a partner (right and full joins).</summary>
    public ColumnBatch? NextUnmatched()
    {
        if (!spec.GivesUnmatchedRight) return null;
        int[] rows = _selection.Take(state.Options.BatchSize);
        int count = 0;
        for (; _nextUnmatched < table.RowCount && count < state.Options.BatchSize; _nextUnmatched++)
            if (!table.Matched[_nextUnmatched]) rows[count++] = _nextUnmatched;
        if (count == 0) return null;
        Column[] columns = new Column[_leftNulls.Length + _beside.Length];
        _leftNulls.CopyTo(columns, 0);
        for (int i = 0; i < _beside.Length; i++)
        {
            _beside[i].Reset();
            _beside[i].AppendFrom(table.Columns[i], Selection.Of(rows, count));
            columns[_leftNulls.Length + i] = _beside[i].Build();
        }
        return new ColumnBatch(columns, count);
    }

    /// <summary>Semi and anti joins by key alone.</summary>
    private ColumnBatch? FilterByMatch()
    {
        ColumnBatch batch = _batch!;
        _batch = null;
        for (int i = 0; i < batch.Count; i++) _hasPartner[i] = _matches[i] >= 0;
        return SelectByPartner(batch, spec.Kind == JoinKind.Semi);
    }

    private ColumnBatch? SelectByPartner(ColumnBatch batch, bool wanted)
    {
        int[] rows = _selection.Take(batch.Count);
        int count = 0;
        for (int i = 0; i < batch.Count; i++)
        {
            rows[count] = batch.Selection[i];
            if (_hasPartner[i] == wanted) count++;
        }
        return count == 0 ? null : count == batch.Count ? batch : batch.Select(Selection.Of(rows, count));
    }

    /// <summary>Semi and anti joins with a residual: all pairs are tried, then the left rows are told apart.</summary>
    private ColumnBatch? FilterByResidual()
    {
        ColumnBatch batch = _batch!;
        while (CollectPairs(skipsMatched: true) is { Count: > 0 } pairs) MarkPairs(pairs);
        _batch = null;
        return SelectByPartner(batch, spec.Kind == JoinKind.Semi);
    }

    /// <summary>One match at most: right values are laid beside the left batch.</summary>
    private ColumnBatch? LayBeside()
    {
        ColumnBatch batch = _batch!;
        _batch = null;
        Selection rows = batch.Selection;
        if (spec.Kind == JoinKind.Inner)
        {
            int[] matched = _selection.Take(batch.Count);
            int count = 0;
            for (int i = 0; i < batch.Count; i++)
            {
                if (_matches[i] < 0) continue;
                _matches[count] = _matches[i];
                matched[count++] = rows[i];
            }
            if (count == 0) return null;
            if (count < rows.Count) rows = Selection.Of(matched, count);
        }
        int leftCount = spec.LeftKinds.Length;
        Column[] columns = new Column[leftCount + _beside.Length];
        batch.Columns.CopyTo(columns);
        for (int i = 0; i < _beside.Length; i++)
        {
            SparseGather.Fill(_beside[i], table.Columns[i], rows, _matches);
            columns[leftCount + i] = _beside[i].Build();
        }
        return new ColumnBatch(columns, Selections.Extent(rows), rows);
    }

    private ColumnBatch? NextPairs()
    {
        while (CollectPairs(skipsMatched: false) is { Count: > 0 } pairs)
        {
            Selection passed = MarkPairs(pairs);
            if (passed.Count > 0) return pairs.Select(passed);
            state.CheckCancelled();
        }
        ColumnBatch batch = _batch!;
        _batch = null;
        if (!_givesRest) return null;
        ColumnBatch? rest = SelectByPartner(batch, wanted: false);
        return rest is null ? null : new ColumnBatch([.. rest.Columns[..spec.LeftKinds.Length], .. _rightNulls], rest.RowCount, rest.Selection);
    }

    /// <summary>Copies out up to a batch of pairs with equal keys.</summary>
    private ColumnBatch CollectPairs(bool skipsMatched)
    {
        int limit = state.Options.BatchSize, count = 0;
        if (_pairLeft.Length < limit)
        {
            _pairLeft = new int[limit];
            _pairRight = new int[limit];
        }
        ColumnBatch batch = _batch!;
        while (_place < batch.Count && count < limit)
        {
            if (_chain < 0 || (skipsMatched && _hasPartner[_place]))
            {
                _place++;
                _chain = _place < batch.Count ? _matches[_place] : -1;
                continue;
            }
            _pairLeft[count] = _place;
            _pairRight[count++] = _chain;
            _chain = table.NextMatch(_chain);
        }
        _pairs.Reset();
        int[] leftRows = _selection.Take(limit);
        for (int i = 0; i < count; i++) leftRows[i] = batch.Selection[_pairLeft[i]];
        int leftCount = spec.LeftKinds.Length;
        for (int i = 0; i < leftCount; i++) _pairs.Builders[i].AppendFrom(batch[i], Selection.Of(leftRows, count));
        for (int i = 0; i < spec.RightKinds.Length; i++) _pairs.Builders[leftCount + i].AppendFrom(table.Columns[i], Selection.Of(_pairRight, count));
        _pairs.AddRows(count);
        return _pairs.ToBatch();
    }

    /// <summary>Tests the residual and notes which rows found a partner.</summary>
    private Selection MarkPairs(ColumnBatch pairs)
    {
        Selection passed = spec.Residual is null ? pairs.Selection : spec.Residual.Filter(pairs.Columns, pairs.Selection);
        for (int i = 0; i < passed.Count; i++)
        {
            _hasPartner[_pairLeft[passed[i]]] = true;
            if (spec.GivesUnmatchedRight) table.Matched[_pairRight[passed[i]]] = true;
        }
        return passed;
    }
}
