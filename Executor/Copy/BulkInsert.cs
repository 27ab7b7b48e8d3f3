using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Executor.Expressions;
using VecSql.Executor.Modification;
using VecSql.Executor.Rows;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using VecSql.Storage.Contracts;

namespace VecSql.Executor.Copy;

/// <summary>COPY FROM's target: rows of the data's columns become whole rows (defaults, generated columns), are checked and inserted.</summary>
public sealed class BulkInsert : IDisposable
{
    private readonly ExecutionState _state;
    private readonly TargetTable _target;
    private readonly RowChecks _checks;
    private readonly ForeignKeyChecks _foreignKeys;
    private readonly int[] _source;
    private readonly Evaluator?[] _defaults;
    private readonly Column[] _nulls;
    private readonly Evaluator? _where;

    /// <param name="columns">Attribute numbers of the data's columns, in its order.</param>
    /// <param name="defaults">For each live column of the table, what it gets if the data doesn't have it; null: NULL.</param>
    /// <param name="where">Which rows are taken, over the table's live columns; null: all.</param>
    public BulkInsert(TargetTable target, IReadOnlyList<short> columns, IReadOnlyList<BoundExpression?> defaults, BoundExpression? where, ITransaction transaction, EvalContext context, ExecutionOptions options)
    {
        _state = new ExecutionState(transaction, context, options, 0);
        _target = target;
        EvaluatorBuilder expressions = new(_state) { BuildSubplan = e => throw Invariant.Unreachable(e) };
        _checks = new RowChecks(_state, target, expressions);
        _foreignKeys = new ForeignKeyChecks(_state, target.Table);
        ColumnObject[] live = [.. target.Table.LiveColumns];
        short[] numbers = [.. columns];
        _nulls = SparseGather.Nulls(_state.KindsOf([.. live.Select(c => c.Type)]));
        _source = [.. live.Select(c => Array.IndexOf(numbers, c.Number))];
        _where = expressions.BuildOptional(where);
        _defaults = [.. live.Select((_, i) => _source[i] >= 0 ? null : expressions.BuildOptional(defaults[i]))];
    }

    public long RowCount { get; private set; }

    /// <summary>Inserts the selected rows of a batch of the data's columns.</summary>
    /// <exception cref="SqlException">23502, 23505, 23514.</exception>
    public void Insert(ColumnBatch rows)
    {
        Column[] columns = new Column[_source.Length];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = _source[i] >= 0 ? rows[_source[i]] : _defaults[i]?.Evaluate(rows.Columns, rows.Selection) ?? _nulls[i];
        ColumnBatch taken = new(columns, Selections.Extent(rows.Selection), rows.Selection);
        if (_where is not null)
        {
            taken = taken.Select(_where.Filter(taken.Columns, taken.Selection));
            if (taken.Count == 0) return;
        }
        ColumnBatch whole = _checks.Apply(taken);
        _state.Transaction.Insert(_target.Table.Oid, whole);
        _foreignKeys.Inserted(whole);
        RowCount += whole.Count;
    }

    /// <summary>All rows are in: foreign keys are checked.</summary>
    /// <exception cref="SqlException">23503.</exception>
    public void Finish() => _state.Actions.Finish();

    public void Dispose() => _state.Dispose();
}
