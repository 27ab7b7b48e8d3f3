using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Planner;
using VecSql.Wire;

namespace VecSql.Server.Sessions;

/// <summary>
/// A cursor: rows are taken from its query as they are first fetched and kept, so that it can go back.
/// The position counts as in SQL: 0 before the first row, n on row n, Count + 1 after the last.
/// </summary>
public sealed class CursorPortal : Portal
{
    private readonly QueryPortal _query;
    private readonly MaterializedRows _rows;
    private readonly bool? _scroll;
    private long _position;
    private bool _isExhausted;

    public CursorPortal(SessionState session, QueryPlan plan, Column[] parameters, DeclareCursorStatement declared, string sql)
    {
        _query = new QueryPortal(session, plan, parameters);
        _rows = new MaterializedRows(MaterializedRows.KindsOf(plan.Columns.Select(c => c.Type), session.Catalog));
        _scroll = declared.Scroll;
        IsHeld = declared.WithHold;
        IsBinary = declared.IsBinary;
        Sql = sql;
        CreatedMicros = session.StatementMicros;
        SavepointDepth = session.Transactions.SavepointDepth;
        Columns = ResultColumns.Of(plan.Columns, session.Catalog);
        Description = ResultColumns.Describe(Columns, new short[] { (short)(IsBinary ? 1 : 0) });
    }

    public IReadOnlyList<ResultColumn> Columns { get; }
    public bool IsHeld { get; }
    public bool IsBinary { get; }

    /// <summary>Savepoints that were open when it was made: ROLLBACK TO an outer one closes it.</summary>
    public int SavepointDepth { get; set; }

    /// <summary>WITH HOLD, and its transaction has committed: it has all its rows.</summary>
    public bool IsKept { get; private set; }
    public bool IsScrollable => _scroll ?? true;
    public string Sql { get; }
    public long CreatedMicros { get; }

    /// <summary>Fixes what it shows: the rows that the current statement sees.</summary>
    public void Open() => _query.OpenAndKeepSnapshot();

    /// <summary>Takes all rows, so that the cursor outlives its transaction.</summary>
    public void Keep()
    {
        Ensure(long.MaxValue);
        IsKept = true;
    }

    /// <summary>Moves and gives the rows passed over, in the order of the movement; FORWARD 0 and RELATIVE 0 give the current row again.</summary>
    public MaterializedRows Fetch(FetchDirection direction, long count)
    {
        (direction, count) = (direction, count) switch
        {
            (FetchDirection.Forward, < 0) => (FetchDirection.Backward, -count),
            (FetchDirection.Backward, < 0) => (FetchDirection.Forward, -count),
            _ => (direction, count),
        };
        switch (direction)
        {
            case FetchDirection.Forward when count == 0: return One(_position);
            case FetchDirection.Forward: return Forward(count);
            case FetchDirection.Backward when count == 0: return One(_position);
            case FetchDirection.Backward: return Backward(count);
            case FetchDirection.Absolute: return MoveTo(count >= 0 ? count : FromEnd(count));
            case FetchDirection.Relative when count == 0: return One(_position);
            case FetchDirection.Relative: return MoveTo(Math.Max(0, _position + count));
            default: throw Invariant.Unreachable(direction);
        }
    }

    public override bool Reads(uint table) => !IsKept && _query.Reads(table);

    public override async ValueTask RunAsync(int maxRows, IResultSink sink, CancellationToken stop)
    {
        MaterializedRows rows = Forward(maxRows > 0 ? maxRows : long.MaxValue);
        await sink.BeginRowsAsync(Description!, stop);
        foreach (ColumnBatch batch in rows.Range(0, rows.Count)) await sink.WriteRowsAsync(batch, stop);
        if (maxRows > 0 && rows.Count == maxRows)
        {
            await sink.SuspendAsync(stop);
            return;
        }
        IsFinished = true;
        await sink.CompleteAsync($"SELECT {rows.Count}", stop);
    }

    public override void Dispose()
    {
        _query.Dispose();
        base.Dispose();
    }

    private MaterializedRows Forward(long count)
    {
        long last = count == FetchStatement.All || count > long.MaxValue - _position ? long.MaxValue : _position + count;
        Ensure(last);
        long start = Math.Min(_position, _rows.Count);
        long taken = Math.Max(0, Math.Min(last, _rows.Count) - start);
        MaterializedRows result = NewRows();
        foreach (ColumnBatch batch in _rows.Range(start, taken)) result.Add(batch);
        _position = last > _rows.Count ? _rows.Count + 1 : last;
        return result;
    }

    private MaterializedRows Backward(long count)
    {
        RequireScroll();
        MaterializedRows result = NewRows();
        long target = count == FetchStatement.All ? 0 : Math.Max(0, _position - count);
        for (long row = Math.Min(_position - 1, _rows.Count); row >= Math.Max(1, target); row--) result.Add(_rows.Row(row - 1));
        _position = target;
        return result;
    }

    private MaterializedRows MoveTo(long position)
    {
        if (position <= _position) RequireScroll();
        Ensure(position);
        _position = Math.Min(position, _rows.Count + 1);
        return One(_position);
    }

    private MaterializedRows One(long position)
    {
        MaterializedRows result = NewRows();
        if (position >= 1 && position <= _rows.Count) result.Add(_rows.Row(position - 1));
        return result;
    }

    private long FromEnd(long count)
    {
        RequireScroll();
        Ensure(long.MaxValue);
        return Math.Max(0, _rows.Count + 1 + count);
    }

    private void Ensure(long count)
    {
        while (!_isExhausted && _rows.Count < count)
        {
            ColumnBatch? batch = _query.Next((int)Math.Min(count - _rows.Count, ColumnBatch.MaxRows));
            if (batch is null) _isExhausted = true;
            else _rows.Add(batch);
        }
    }

    private MaterializedRows NewRows() => _rows.NewEmpty();

    private void RequireScroll()
    {
        if (_scroll == false)
            throw new SqlException(SqlState.ObjectNotInPrerequisiteState, "cursor can only scan forward", hint: "Declare it with SCROLL option to enable backward scan.");
    }
}
