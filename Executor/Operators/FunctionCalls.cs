using VecSql.Core.Columns;
using VecSql.Core.Functions;
using VecSql.Executor.Expressions;
using VecSql.Planner.Expressions;

namespace VecSql.Executor.Operators;

/// <summary>A call of a set-returning function in progress: arguments from a row, result rows piece by piece.</summary>
internal sealed class RunningFunction(ExecutionState state, TableFunctionCall call, Evaluator[] arguments) : IDisposable
{
    private readonly Column[] _columns = new Column[arguments.Length];
    private TableFunctionCursor? _cursor;

    public int ColumnCount => call.ColumnTypes.Count;

    /// <summary>Computes the arguments for a batch.</summary>
    public void Prepare(ReadOnlySpan<Column> input, Selection rows)
    {
        for (int i = 0; i < arguments.Length; i++) _columns[i] = arguments[i].Evaluate(input, rows);
    }

    /// <summary>Starts the call with a row's arguments. A strict function gives no rows for a null one.</summary>
    public void Open(int row)
    {
        Close();
        RowArguments here = new(_columns, row);
        if (call.Signature.IsStrict && here.AnyNull()) return;
        _cursor = call.Function.Open(here, state.Context);
    }

    /// <summary>Appends up to <paramref name="maxRows"/> rows; fewer only at the end.</summary>
    public int Fill(ReadOnlySpan<ColumnBuilder> result, int maxRows)
    {
        int filled = 0;
        while (_cursor is not null && filled < maxRows)
        {
            state.CheckCancelled();
            int count = _cursor.Next(result, maxRows - filled, state.Context);
            if (count == 0) Close();
            filled += count;
        }
        return filled;
    }

    /// <summary>Appends what the function gives at once; 0 only at the end.</summary>
    public int FillSome(ReadOnlySpan<ColumnBuilder> result, int maxRows)
    {
        int count = _cursor?.Next(result, maxRows, state.Context) ?? 0;
        if (count == 0) Close();
        return count;
    }

    private void Close()
    {
        _cursor?.Dispose();
        _cursor = null;
    }

    public void Dispose() => Close();
}
