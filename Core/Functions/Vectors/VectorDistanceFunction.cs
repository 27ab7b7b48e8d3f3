using VecSql.Core.Columns;
using VecSql.Core.Environment;

namespace VecSql.Core.Functions;

/// <summary>A distance of two stored values as a type, so that the loop over a batch is compiled for it. It holds them to equal dimensions.</summary>
internal interface IStoredDistance
{
    static abstract double Between(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y);
}

/// <summary>A distance over columns of vectors of any type: one loop for each metric; no copies.</summary>
internal sealed class VectorDistanceFunction<TDistance> : ScalarFunction where TDistance : struct, IStoredDistance
{
    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        BytesColumn left = (BytesColumn)arguments[0], right = (BytesColumn)arguments[1];
        BytesValues leftValues = left.Values, rightValues = right.Values;
        Span<double> output = ((ColumnBuilder<double>)result).Fill(Rows.Needed(selection));
        result.IntersectValidity(left, right);
        bool mayHaveNulls = left.MayHaveNulls || right.MayHaveNulls;
        for (int i = 0; i < selection.Count; i++)
        {
            int row = selection[i];
            if (mayHaveNulls && (left.IsNull(row) || right.IsNull(row))) continue;
            output[row] = TDistance.Between(leftValues[row], rightValues[row]);
        }
    }
}
