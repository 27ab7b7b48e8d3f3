using VecSql.Core.Columns;

namespace VecSql.Executor.Expressions;

/// <summary>
/// A bound expression ready to run over batches. Has buffers of its own, so it belongs to one thread; made by <see cref="EvaluatorBuilder"/>.
/// </summary>
internal abstract class Evaluator
{
    private SelectionBuffer? _passed;

    /// <summary>
    /// Computes the expression for the selected rows.
    /// Guarantees: the result has at least as many rows as the last selected one + 1; rows outside the selection are unspecified, and no error of theirs shows.
    /// A constant result has at least <see cref="ColumnBatch.MaxRows"/> rows. Valid until the next call, or as long as <paramref name="input"/>.
    /// </summary>
    public abstract Column Evaluate(ReadOnlySpan<Column> input, Selection rows);

    /// <summary>The selected rows for which the (boolean) expression is true. Valid until the next call, or as long as <paramref name="rows"/>.</summary>
    public virtual Selection Filter(ReadOnlySpan<Column> input, Selection rows) =>
        rows.Count == 0 ? rows : (_passed ??= new SelectionBuffer()).WhereTrue(Evaluate(input, rows), rows);

    /// <summary>True if the value is the same throughout the statement: literals, parameters and what is computed from them without volatile functions.</summary>
    public virtual bool IsStatementConstant => false;

    /// <summary>The value as a constant (no input columns): for limits, bounds and keys.</summary>
    public Column EvaluateScalar() => Evaluate([], Selection.All(1));
}
