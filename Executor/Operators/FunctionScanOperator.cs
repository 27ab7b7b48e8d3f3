using VecSql.Core.Columns;
using VecSql.Executor.Rows;

namespace VecSql.Executor.Operators;

/// <summary>Set-returning functions side by side; the shorter ones are padded with NULL.</summary>
internal sealed class FunctionScanOperator(ExecutionState state, RunningFunction[] functions, bool withOrdinality, PhysicalKind[] kinds) : Operator(state)
{
    private readonly RowBuffer _output = new(kinds, 16);
    private readonly int[] _counts = new int[functions.Length];
    private long _ordinal;

    protected override void OpenCore()
    {
        _ordinal = 0;
        foreach (RunningFunction function in functions)
        {
            function.Prepare([], Selection.All(1));
            function.Open(0);
        }
    }

    protected override ColumnBatch? NextCore()
    {
        _output.Reset();
        int rows = 0;
        for (int i = 0, column = 0; i < functions.Length; column += functions[i++].ColumnCount)
        {
            // Side by side, all must have come equally far.
            ReadOnlySpan<ColumnBuilder> builders = _output.Builders.Slice(column, functions[i].ColumnCount);
            _counts[i] = functions.Length == 1 ? functions[i].FillSome(builders, State.Options.BatchSize) : functions[i].Fill(builders, State.Options.BatchSize);
            rows = Math.Max(rows, _counts[i]);
        }
        if (rows == 0) return null;
        for (int i = 0, column = 0; i < functions.Length; column += functions[i++].ColumnCount)
        {
            foreach (ColumnBuilder builder in _output.Builders.Slice(column, functions[i].ColumnCount))
                for (int row = _counts[i]; row < rows; row++) builder.AppendNull();
        }
        if (withOrdinality)
        {
            ColumnBuilder<long> ordinals = (ColumnBuilder<long>)_output.Builders[^1];
            for (int row = 0; row < rows; row++) ordinals.Append(++_ordinal);
        }
        _output.AddRows(rows);
        return _output.ToBatch();
    }

    public override void Dispose()
    {
        foreach (RunningFunction function in functions) function.Dispose();
        base.Dispose();
    }
}
