using System.Diagnostics;
using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Executor.Expressions;

/// <summary>A literal or parameter.</summary>
internal sealed class ConstantEvaluator(Column value) : Evaluator
{
    private readonly Column _value = value.Repeat(ColumnBatch.MaxRows);

    public override bool IsStatementConstant => true;
    public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows) => _value;
}

/// <summary>A column of the input.</summary>
internal sealed class InputEvaluator(int ordinal) : Evaluator
{
    public int Ordinal => ordinal;

    /// <summary>How the column is stored, as its type says; tested in Debug builds.</summary>
    public PhysicalKind? Kind { get; init; }

    public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows)
    {
        CheckInDebug(input[ordinal]);
        return input[ordinal];
    }

    [Conditional("DEBUG")]
    private void CheckInDebug(Column column) => Invariant.Check(Kind is null || column.Kind == Kind);
}

/// <summary>A value of the enclosing query's current row.</summary>
internal sealed class SlotEvaluator(ExecutionState state, int slot) : Evaluator
{
    public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows)
    {
        Column? value = state.Slots[slot];
        Invariant.Check(value is not null);
        return value;
    }
}

/// <summary>Where the operand of the CASE in the making stands.</summary>
internal sealed class CaseOperandCell
{
    public Column? Value { get; set; }
}

internal sealed class CaseOperandEvaluator(CaseOperandCell cell) : Evaluator
{
    public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows)
    {
        Invariant.Check(cell.Value is not null);
        return cell.Value;
    }
}
