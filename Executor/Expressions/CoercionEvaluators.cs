using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Executor.Expressions;

/// <summary>The source type's output function, then the target type's input function.</summary>
internal sealed class ThroughTextEvaluator(Evaluator operand, SqlType source, TypeHandler sourceHandler, SqlType target, TypeHandler targetHandler, EvalContext context) : Evaluator
{
    private readonly ColumnBuilder _result = ColumnBuilder.Create(targetHandler.Kind, 16);
    private readonly ByteBuffer _text = new();

    public override bool IsStatementConstant => operand.IsStatementConstant;

    public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows)
    {
        Column column = operand.Evaluate(input, rows);
        _result.Reset();
        if (column.IsConstant && rows.Count > 0)
        {
            Append(column, 0);
            return _result.BuildConstant(ColumnBatch.MaxRows);
        }
        for (int i = 0; i < rows.Count; i++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            _result.SkipTo(rows[i]);
            Append(column, rows[i]);
        }
        return _result.Build();
    }

    private void Append(Column column, int row)
    {
        if (column.IsNull(row))
        {
            _result.AppendNull();
            return;
        }
        _text.Clear();
        sourceHandler.FormatText(column, row, source, _text, context);
        targetHandler.ParseText(_text.WrittenSpan, target, _result, context);
    }
}

/// <summary>A value under a domain: NOT NULL and CHECKs are tested, the value passes unchanged.</summary>
internal sealed class DomainEvaluator(Evaluator operand, string domain, bool notNull, (string Name, Evaluator Check)[] checks) : Evaluator
{
    public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows)
    {
        Column column = operand.Evaluate(input, rows);
        if (notNull && column.MayHaveNulls)
        {
            for (int i = 0; i < rows.Count; i++)
                if (column.IsNull(rows[i])) throw new SqlException(SqlState.NotNullViolation, $"domain {domain} does not allow null values") { DataTypeName = domain };
        }
        foreach ((string name, Evaluator check) in checks)
        {
            Column<bool> holds = (Column<bool>)check.Evaluate([column], rows);
            for (int i = 0; i < rows.Count; i++)
            {
                if (!holds.IsNull(rows[i]) && !holds[rows[i]])
                    throw new SqlException(SqlState.CheckViolation, $"value for domain {domain} violates check constraint \"{name}\"") { DataTypeName = domain, ConstraintName = name };
            }
        }
        return column;
    }
}
