using VecSql.Core.Columns;
using VecSql.Executor.Expressions;
using VecSql.Executor.Rows;
using VecSql.Planner.Physical;
using VecSql.Storage.Contracts;

namespace VecSql.Executor.Operators;

/// <summary>
/// SELECT … FOR UPDATE and its kin. Locks no more rows than its consumer asked for (a LIMIT above tells how many), so that queue workers with SKIP LOCKED leave rows to each other.
/// A row that a concurrent transaction changed is run through the query again in its newest version.
/// </summary>
internal sealed class LockRowsOperator(ExecutionState state, LockRows plan, Operator input, RowRecheck recheck, PhysicalKind[] kinds) : Operator(state)
{
    private readonly RowBuffer _output = new(kinds, 16);
    private readonly SelectionBuffer _selection = new();
    private readonly long[] _id = new long[1], _current = new long[1];
    private readonly RowLockResult[] _result = new RowLockResult[1];
    private ColumnBatch? _batch;
    private int _place;
    private long _wanted = long.MaxValue;

    public override void HintRows(long rows) => _wanted = rows;

    protected override void OpenCore()
    {
        input.Open();
        _batch = null;
    }

    protected override ColumnBatch? NextCore()
    {
        _output.Reset();
        while (_output.Count < State.Options.BatchSize && _wanted > 0)
        {
            if (_batch is null || _place == _batch.Count)
            {
                // Rows that are locked go out before more are asked for.
                if (_output.Count > 0) break;
                _batch = input.Next();
                if (_batch is null) break;
                _place = 0;
            }
            int before = _output.Count;
            LockRow(_batch, _batch.Selection[_place++]);
            _wanted -= _output.Count - before;
        }
        return _output.Count == 0 ? null : _output.ToBatch();
    }

    private void LockRow(ColumnBatch batch, int row)
    {
        bool isMoved = false;
        foreach (PhysicalRowLock rowLock in plan.Locks)
        {
            Column<long> ids = (Column<long>)batch[rowLock.RowIdOrdinal];
            // An outer join's missing row has nothing to lock.
            if (ids.IsNull(row)) continue;
            _id[0] = ids[row];
            State.Transaction.LockRows(rowLock.Table.Oid, _id, (RowLockStrength)(int)rowLock.Strength, (LockWaitPolicy)(int)rowLock.Wait, _result, _current, isSelect: true);
            if (_result[0] is RowLockResult.Gone or RowLockResult.Skipped) return;
            isMoved |= _result[0] == RowLockResult.Moved;
            recheck.Set(rowLock.Table.Oid, _result[0] == RowLockResult.Moved ? _current[0] : _id[0]);
        }
        if (!isMoved)
        {
            int[] one = _selection.Take(1);
            one[0] = row;
            _output.Append(batch.Columns, Selection.Of(one, 1));
            return;
        }
        foreach (ColumnBatch fresh in recheck.Run()) _output.Append(fresh);
    }

    public override void Dispose()
    {
        input.Dispose();
        recheck.Dispose();
        base.Dispose();
    }
}

/// <summary>The query below a row lock, run again for given row versions: each scan of a locked table yields just its row, if that still meets the scan's conditions.</summary>
internal sealed class RowRecheck(ExecutionState state, Func<RowRecheck, Operator> build) : IDisposable
{
    private readonly Dictionary<uint, long> _rows = [];
    private Operator? _plan;

    public void Set(uint table, long rowId) => _rows[table] = rowId;

    public bool TryGetRow(uint table, out long rowId) => _rows.TryGetValue(table, out rowId);

    public IEnumerable<ColumnBatch> Run()
    {
        _plan ??= build(this);
        _plan.Open();
        while (_plan.Next() is { } batch)
        {
            state.CheckCancelled();
            yield return batch;
        }
    }

    public void Dispose() => _plan?.Dispose();
}

/// <summary>A scan reduced to one row: fetched by number, kept if it meets the filter and lies in the index range.</summary>
internal sealed class SingleRowOperator(ExecutionState state, uint table, RowRecheck source, RowFetcher fetcher, IndexRangeTest? range) : Operator(state)
{
    private bool _isDone;

    protected override void OpenCore() => _isDone = false;

    protected override ColumnBatch? NextCore()
    {
        if (_isDone || !source.TryGetRow(table, out long rowId)) return null;
        _isDone = true;
        if (range is not null && !range.Holds(State.Reader(table), rowId)) return null;
        ColumnBatch batch = fetcher.Fetch(State.Reader(table), [rowId]);
        return batch.Count == 0 ? null : batch;
    }
}

/// <summary>Whether a row lies in an index scan's ranges, by its own key columns.</summary>
internal sealed class IndexRangeTest(ExecutionState state, IndexScan plan, IndexKeyRange ranges)
{
    private readonly short[] _attributes = [.. plan.Index.Keys.Select(k => k.Column)];
    private readonly RowBuffer _keys = new([.. plan.Index.Keys.Select(k => state.KindOf(k.Type))], 1);
    private readonly IndexKeyEncoder _encoder = new(plan.Index, state.Catalog);
    private readonly ByteBuffer _key = new();

    /// <summary>Expressions as keys would have to be evaluated over the whole row.</summary>
    public static bool CanTest(IndexScan plan) => plan.Index.Keys.All(k => k.Column > 0);

    public bool Holds(ITableReader reader, long rowId)
    {
        _keys.Reset();
        reader.Fetch([rowId], _attributes, _keys.Builders);
        _keys.AddRows(1);
        _key.Clear();
        _encoder.Encode(_keys.Columns, 0, _attributes.Length, _key);
        ranges.Start();
        while (ranges.TryNext(out KeyRange range))
        {
            if (range.Low is not null && _key.WrittenSpan.SequenceCompareTo(range.Low) < 0) continue;
            if (range.High is null || _key.WrittenSpan.SequenceCompareTo(range.High) < 0) return true;
        }
        return false;
    }
}
