using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Executor.Expressions;
using VecSql.Planner.Logical;

namespace VecSql.Executor.Modification;

/// <summary>What every new row of a table must go through: generated columns are computed, then NOT NULL and CHECK are tested.</summary>
internal sealed class RowChecks
{
    private readonly ExecutionState _state;
    private readonly TableObject _table;
    private readonly ColumnObject[] _columns;
    private readonly (int Ordinal, Evaluator Expression)[] _generated;
    private readonly (string Name, Evaluator Condition, bool IsViewOption)[] _checks;

    public RowChecks(ExecutionState state, TargetTable target, EvaluatorBuilder expressions)
    {
        _state = state;
        _table = target.Table;
        _columns = [.. target.Table.LiveColumns];
        _generated = [.. target.Generated.Select(g => (g.Ordinal, expressions.Build(g.Expression)))];
        _checks = [.. target.Checks.Select(c => (c.ConstraintName, expressions.Build(c.Condition), c.IsViewOption))];
    }

    public IReadOnlyList<ColumnObject> Columns => _columns;

    /// <summary>The rows with generated columns filled in, checked. Valid until the next call or as long as the input.</summary>
    /// <exception cref="SqlException">23502, 23514, 44000.</exception>
    public ColumnBatch Apply(ColumnBatch rows)
    {
        if (_generated.Length > 0)
        {
            Column[] columns = [.. rows.Columns];
            foreach ((int ordinal, Evaluator expression) in _generated) columns[ordinal] = expression.Evaluate(rows.Columns, rows.Selection);
            rows = new ColumnBatch(columns, Selections.Extent(rows.Selection), rows.Selection);
        }
        for (int i = 0; i < _columns.Length; i++)
            if (_columns[i].NotNull && rows[i].MayHaveNulls) CheckNotNull(rows, i);
        foreach ((string name, Evaluator condition, bool isViewOption) in _checks)
        {
            if (isViewOption) CheckView(rows, name, condition);
            else Check(rows, name, condition);
        }
        return rows;
    }

    private void CheckNotNull(ColumnBatch rows, int ordinal)
    {
        Column column = rows[ordinal];
        for (int i = 0; i < rows.Count; i++)
        {
            if (!column.IsNull(rows.Selection[i])) continue;
            throw new SqlException(SqlState.NotNullViolation, $"null value in column \"{_columns[ordinal].Name}\" of relation \"{_table.Name}\" violates not-null constraint",
                detail: Describe(rows.Columns, rows.Selection[i])) { SchemaName = SchemaName, TableName = _table.Name, ColumnName = _columns[ordinal].Name };
        }
    }

    private void Check(ColumnBatch rows, string name, Evaluator condition)
    {
        Column<bool> holds = (Column<bool>)condition.Evaluate(rows.Columns, rows.Selection);
        for (int i = 0; i < rows.Count; i++)
        {
            int row = rows.Selection[i];
            if (holds.IsNull(row) || holds[row]) continue;
            throw new SqlException(SqlState.CheckViolation, $"new row for relation \"{_table.Name}\" violates check constraint \"{name}\"",
                detail: Describe(rows.Columns, row)) { SchemaName = SchemaName, TableName = _table.Name, ConstraintName = name };
        }
    }

    private void CheckView(ColumnBatch rows, string view, Evaluator condition)
    {
        Column<bool> holds = (Column<bool>)condition.Evaluate(rows.Columns, rows.Selection);
        for (int i = 0; i < rows.Count; i++)
        {
            int row = rows.Selection[i];
            if (!holds.IsNull(row) && holds[row]) continue;
            throw new SqlException(SqlState.WithCheckOptionViolation, $"new row violates check option for view \"{view}\"", detail: Describe(rows.Columns, row));
        }
    }

    private string? SchemaName => _state.Catalog.Find<SchemaObject>(_table.Schema)?.Name;

    private string Describe(ReadOnlySpan<Column> columns, int row) =>
        $"Failing row contains ({RowText.Format(columns[.._columns.Length], row, [.. _columns.Select(c => c.Type)], _state)}).";
}
