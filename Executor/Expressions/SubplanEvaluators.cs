using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Executor.Rows;

namespace VecSql.Executor.Expressions;

/// <summary>A subquery that gives one value for given slots: EXISTS, or a scalar.</summary>
internal abstract class ValueSubplanEvaluator(SubplanRunner runner, PhysicalKind kind) : Evaluator
{
    private readonly RowBuffer _kept = new([kind], 16);
    private readonly ColumnBuilder _result = ColumnBuilder.Create(kind, 16);
    private int _keptCount;
    private Column? _constant;

    /// <summary>Runs the plan and appends its one value.</summary>
    protected abstract void Run(SubplanRunner runner, ColumnBuilder result);

    public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows)
    {
        if (_constant is not null) return _constant;
        _result.Reset();
        if (!runner.IsCorrelated)
        {
            if (rows.Count == 0) return _result.Build();
            Run(runner, _result);
            return _constant = _result.BuildConstant(ColumnBatch.MaxRows);
        }
        runner.Prepare(input, rows);
        for (int i = 0; i < rows.Count; i++)
        {
            int row = rows[i];
            runner.SetSlots(row);
            int place = runner.Find(ref _keptCount, _kept.Reset);
            if (place < 0)
            {
                place = ~place;
                Run(runner, _kept.Builders[0]);
                _kept.AddRows(1);
            }
            _result.SkipTo(row);
            _result.AppendFrom(_kept.Columns[0], place);
        }
        return _result.Build();
    }
}

internal sealed class ScalarSubplanEvaluator(SubplanRunner runner, PhysicalKind kind) : ValueSubplanEvaluator(runner, kind)
{
    protected override void Run(SubplanRunner runner, ColumnBuilder result)
    {
        runner.Open();
        int before = result.Count;
        while (runner.Next() is { } batch)
        {
            if (batch.Count > 1 || result.Count > before)
                throw new SqlException(SqlState.CardinalityViolation, "more than one row returned by a subquery used as an expression");
            result.AppendFrom(batch[0], batch.Selection[0]);
        }
        if (result.Count == before) result.AppendNull();
    }
}

internal sealed class ExistsSubplanEvaluator(SubplanRunner runner) : ValueSubplanEvaluator(runner, PhysicalKind.Bool)
{
    protected override void Run(SubplanRunner runner, ColumnBuilder result)
    {
        runner.Open();
        ((ColumnBuilder<bool>)result).Append(runner.Next() is not null);
    }
}

/// <summary>left op ANY (query) or ALL: the query's rows are kept while its slots stay the same; each left row is compared with them batch by batch.</summary>
internal sealed class QuantifiedSubplanEvaluator(SubplanRunner runner, Evaluator[] left, Evaluator comparison, bool isAll, PhysicalKind[] leftKinds, PhysicalKind[] rowKinds, RowStore store) : Evaluator
{
    private readonly ColumnBuilder<bool> _result = new(16);
    private readonly Column[] _left = new Column[left.Length];
    private readonly RowBuffer _leftRow = new(leftKinds, 1);
    private byte[]? _lastSlots;
    private bool _isRead;

    public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows)
    {
        for (int i = 0; i < left.Length; i++) _left[i] = left[i].Evaluate(input, rows);
        if (runner.IsCorrelated) runner.Prepare(input, rows);
        Column[] pair = new Column[left.Length + rowKinds.Length];
        _result.Reset();
        for (int i = 0; i < rows.Count; i++)
        {
            int row = rows[i];
            ReadRows(row);
            _result.SkipTo(row);
            _leftRow.Reset();
            for (int column = 0; column < left.Length; column++)
            {
                _leftRow.Builders[column].AppendFrom(_left[column], row);
                pair[column] = _leftRow.Builders[column].BuildConstant(ColumnBatch.MaxRows);
            }
            if (Decide(pair) is { } value) _result.Append(value);
            else _result.AppendNull();
        }
        return _result.Build();
    }

    /// <summary>ANY: true if one is true, else unknown if one is unknown. ALL: false if one is false, else unknown if one is unknown.</summary>
    private bool? Decide(Column[] pair)
    {
        bool anyUnknown = false;
        RowStore.Cursor cursor = store.Read();
        while (cursor.Next() is { } batch)
        {
            batch.Columns.CopyTo(pair.AsSpan(left.Length));
            Column<bool> holds = (Column<bool>)comparison.Evaluate(pair, batch.Selection);
            for (int i = 0; i < batch.Count; i++)
            {
                int row = batch.Selection[i];
                if (holds.IsNull(row)) anyUnknown = true;
                else if (holds[row] != isAll) return !isAll;
            }
        }
        return anyUnknown ? null : isAll;
    }

    private void ReadRows(int row)
    {
        if (runner.IsCorrelated)
        {
            runner.SetSlots(row);
            if (!runner.HaveSlotsChanged(ref _lastSlots)) return;
        }
        else if (_isRead) return;
        _isRead = true;
        store.Clear();
        runner.Open();
        while (runner.Next() is { } batch) store.Append(batch);
    }
}

/// <summary>ARRAY(query): the first column's values as an array, empty if there are no rows.</summary>
internal sealed class ArraySubplanEvaluator(SubplanRunner runner, ArrayBuilder builder) : ValueSubplanEvaluator(runner, PhysicalKind.Bytes)
{
    protected override void Run(SubplanRunner runner, ColumnBuilder result)
    {
        builder.Reset();
        runner.Open();
        while (runner.Next() is { } batch)
            for (int i = 0; i < batch.Count; i++) builder.Append(batch[0], batch.Selection[i]);
        builder.WriteTo(result);
    }
}

/// <summary>ARRAY(query) over arrays: they become the inner dimensions.</summary>
internal sealed class ArrayStackSubplanEvaluator(SubplanRunner runner, ArrayStack stack, ArrayBuilder empty) : ValueSubplanEvaluator(runner, PhysicalKind.Bytes)
{
    protected override void Run(SubplanRunner runner, ColumnBuilder result)
    {
        stack.Reset();
        runner.Open();
        while (runner.Next() is { } batch)
        {
            for (int i = 0; i < batch.Count; i++)
            {
                stack.Check((BytesColumn)batch[0], batch.Selection[i]);
                stack.Append((BytesColumn)batch[0], batch.Selection[i]);
            }
        }
        if (stack.IsEmpty) empty.WriteTo(result);
        else stack.WriteTo(result);
    }
}

/// <summary>(query) as a row value: its one row, null if there is none.</summary>
internal sealed class RowSubplanEvaluator(SubplanRunner runner, SqlType[] types, uint rowType) : ValueSubplanEvaluator(runner, PhysicalKind.Bytes)
{
    protected override void Run(SubplanRunner runner, ColumnBuilder result)
    {
        BytesColumnBuilder rows = (BytesColumnBuilder)result;
        int before = rows.Count;
        runner.Open();
        while (runner.Next() is { } batch)
        {
            if (batch.Count > 1 || rows.Count > before)
                throw new SqlException(SqlState.CardinalityViolation, "more than one row returned by a subquery used as an expression");
            RowFormat.Write(rows.Output, rowType, batch.Columns, batch.Selection[0], types);
            rows.EndValue();
        }
        if (rows.Count == before) rows.AppendNull();
    }
}
