using VecSql.Core.Columns;
using VecSql.Core.Environment;

namespace VecSql.Core.Functions;

/// <summary>A strict function of one fixed-width argument: one compiled loop for each operator type.</summary>
public sealed class UnaryFunction<TOperator, TIn, TOut> : ScalarFunction
    where TOperator : struct, IUnaryOperator<TIn, TOut> where TIn : unmanaged where TOut : unmanaged
{
    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        Column<TIn> argument = (Column<TIn>)arguments[0];
        ReadOnlySpan<TIn> values = argument.Values;
        int mask = argument.IndexMask;
        Span<TOut> output = ((ColumnBuilder<TOut>)result).Fill(Rows.Needed(selection));
        result.IntersectValidity(argument);
        bool mayHaveNulls = argument.MayHaveNulls;
        if (selection.IsAll && !mayHaveNulls && mask != 0)
        {
            for (int row = 0; row < output.Length; row++) output[row] = TOperator.Apply(values[row]);
            return;
        }
        for (int i = 0; i < selection.Count; i++)
        {
            int row = selection[i];
            if (mayHaveNulls && argument.IsNull(row)) continue;
            output[row] = TOperator.Apply(values[row & mask]);
        }
    }
}

/// <summary>A strict function of two fixed-width arguments: one compiled loop for each operator type.</summary>
public sealed class BinaryFunction<TOperator, TLeft, TRight, TOut> : ScalarFunction
    where TOperator : struct, IBinaryOperator<TLeft, TRight, TOut> where TLeft : unmanaged where TRight : unmanaged where TOut : unmanaged
{
    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        Column<TLeft> left = (Column<TLeft>)arguments[0];
        Column<TRight> right = (Column<TRight>)arguments[1];
        ReadOnlySpan<TLeft> leftValues = left.Values;
        ReadOnlySpan<TRight> rightValues = right.Values;
        int leftMask = left.IndexMask, rightMask = right.IndexMask;
        Span<TOut> output = ((ColumnBuilder<TOut>)result).Fill(Rows.Needed(selection));
        result.IntersectValidity(left, right);
        bool mayHaveNulls = left.MayHaveNulls || right.MayHaveNulls;
        if (selection.IsAll && !mayHaveNulls)
        {
            if (TOperator.TryApply(leftMask == 0 ? leftValues[..1] : leftValues, rightMask == 0 ? rightValues[..1] : rightValues, output)) return;
            for (int row = 0; row < output.Length; row++) output[row] = TOperator.Apply(leftValues[row & leftMask], rightValues[row & rightMask]);
            return;
        }
        for (int i = 0; i < selection.Count; i++)
        {
            int row = selection[i];
            if (mayHaveNulls && (left.IsNull(row) || right.IsNull(row))) continue;
            output[row] = TOperator.Apply(leftValues[row & leftMask], rightValues[row & rightMask]);
        }
    }
}

/// <summary>Computes one row from its arguments and appends exactly one value (or null) to <paramref name="result"/>.</summary>
public delegate void RowKernel(in RowArguments arguments, ColumnBuilder result, EvalContext context);

/// <summary>A function written row by row: for everything whose work per row outweighs a delegate call (text, json, numeric, dates).</summary>
/// <param name="kernel">Called for each selected row; if <paramref name="isStrict"/>, only when no argument is null.</param>
/// <param name="isStrict">A null argument gives null without a call.</param>
public sealed class RowFunction(RowKernel kernel, bool isStrict) : ScalarFunction
{
    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        result.Reset();
        for (int i = 0; i < selection.Count; i++)
        {
            int row = selection[i];
            result.SkipTo(row);
            // A single row may be long work (numbers of 100,000 digits, regular expressions).
            context.Cancellation.ThrowIfCancellationRequested();
            RowArguments here = new(arguments, row);
            if (isStrict && here.AnyNull()) result.AppendNull();
            else kernel(here, result, context);
        }
    }
}

/// <summary>The arguments of one row.</summary>
public readonly ref struct RowArguments
{
    private readonly ReadOnlySpan<Column> _columns;
    private readonly int _row;

    public RowArguments(ReadOnlySpan<Column> columns, int row)
    {
        _columns = columns;
        _row = row;
    }

    public int Count => _columns.Length;
    public int Row => _row;
    public Column Column(int argument) => _columns[argument];
    public bool IsNull(int argument) => _columns[argument].IsNull(_row);
    public T Get<T>(int argument) where T : unmanaged => ((Column<T>)_columns[argument])[_row];
    public ReadOnlySpan<byte> Bytes(int argument) => ((BytesColumn)_columns[argument])[_row];

    public bool AnyNull()
    {
        foreach (Column column in _columns)
            if (column.IsNull(_row)) return true;
        return false;
    }
}

internal static class Rows
{
    /// <summary>Rows that a result must have to hold every selected one.</summary>
    public static int Needed(Selection selection) => selection.Count == 0 ? 0 : selection[selection.Count - 1] + 1;
}
