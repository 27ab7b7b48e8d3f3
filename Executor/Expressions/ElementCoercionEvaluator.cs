using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Executor.Expressions;

/// <summary>Converts each element of an array; the shape stays.</summary>
internal sealed class ElementCoercionEvaluator(Evaluator operand, uint sourceType, Evaluator coercion, uint elementType, PhysicalKind elementKind) : Evaluator
{
    private readonly BytesColumnBuilder _result = new(16);
    private readonly ArrayView _view = new(sourceType);
    private readonly ArrayBuilder _builder = new(elementType, elementKind);

    public override bool IsStatementConstant => operand.IsStatementConstant;

    public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows)
    {
        BytesColumn arrays = (BytesColumn)operand.Evaluate(input, rows);
        _result.Reset();
        if (arrays.IsConstant && rows.Count > 0)
        {
            Append(arrays, 0);
            return _result.BuildConstant(ColumnBatch.MaxRows);
        }
        for (int i = 0; i < rows.Count; i++)
        {
            _result.SkipTo(rows[i]);
            Append(arrays, rows[i]);
        }
        return _result.Build();
    }

    private void Append(BytesColumn arrays, int row)
    {
        if (arrays.IsNull(row))
        {
            _result.AppendNull();
            return;
        }
        _view.Open(arrays, row);
        _builder.Reset();
        Selection all = Selection.All(_view.Count);
        if (_view.Count > 0) _builder.Append(coercion.Evaluate([_view.Elements], all), 0, _view.Count);
        _builder.WriteTo(_result, _view.Dimensions == 0 ? [0] : _view.Lengths, _view.Dimensions == 0 ? [1] : _view.LowerBounds);
    }
}
