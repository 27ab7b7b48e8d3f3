using VecSql.Core.Columns;

namespace VecSql.Planner.Expressions;

/// <summary>
/// Structural equality of expressions, positions aside. (Records compare lists by reference.) Subqueries are equal only if they are the same object.
/// </summary>
public sealed class ExpressionEquality : IEqualityComparer<BoundExpression>
{
    public static ExpressionEquality Instance { get; } = new();

    public bool Equals(BoundExpression? x, BoundExpression? y)
    {
        if (ReferenceEquals(x, y)) return true;
        if (x is null || y is null || x.GetType() != y.GetType() || x.Type != y.Type) return false;
        return (x, y) switch
        {
            (LiteralExpression a, LiteralExpression b) => SameValue(a.Value, b.Value),
            (ParameterExpression a, ParameterExpression b) => a.Index == b.Index,
            (ColumnExpression a, ColumnExpression b) => a.ColumnId == b.ColumnId,
            (InputExpression a, InputExpression b) => a.Ordinal == b.Ordinal,
            (CorrelatedExpression a, CorrelatedExpression b) => a.Slot == b.Slot,
            (CallExpression a, CallExpression b) => a.Signature.Oid == b.Signature.Oid && All(a.Arguments, b.Arguments),
            (AndExpression a, AndExpression b) => All(a.Operands, b.Operands),
            (OrExpression a, OrExpression b) => All(a.Operands, b.Operands),
            (NotExpression a, NotExpression b) => Equals(a.Operand, b.Operand),
            (IsNullExpression a, IsNullExpression b) => a.IsNegated == b.IsNegated && a.IsRowTest == b.IsRowTest && Equals(a.Operand, b.Operand),
            (IsBooleanExpression a, IsBooleanExpression b) => a.IsNegated == b.IsNegated && a.Test == b.Test && Equals(a.Operand, b.Operand),
            (DistinctFromExpression a, DistinctFromExpression b) => a.IsNegated == b.IsNegated && Equals(a.Left, b.Left) && Equals(a.Right, b.Right),
            (CaseExpression a, CaseExpression b) => Equals(a.Operand, b.Operand) && Equals(a.Else, b.Else) && a.Branches.Count == b.Branches.Count
                && a.Branches.Zip(b.Branches).All(p => Equals(p.First.Condition, p.Second.Condition) && Equals(p.First.Result, p.Second.Result)),
            (CaseOperandExpression, CaseOperandExpression) => true,
            (CoalesceExpression a, CoalesceExpression b) => All(a.Operands, b.Operands),
            (NullIfExpression a, NullIfExpression b) => Equals(a.Left, b.Left) && Equals(a.Right, b.Right),
            (ExtremeExpression a, ExtremeExpression b) => a.IsGreatest == b.IsGreatest && All(a.Operands, b.Operands),
            (CoercionExpression a, CoercionExpression b) => a.Kind == b.Kind && Equals(a.Operand, b.Operand),
            (ArrayExpression a, ArrayExpression b) => a.IsNested == b.IsNested && All(a.Elements, b.Elements),
            (SubscriptExpression a, SubscriptExpression b) => Equals(a.Array, b.Array) && a.Subscripts.Count == b.Subscripts.Count
                && a.Subscripts.Zip(b.Subscripts).All(p => p.First.IsSlice == p.Second.IsSlice && Equals(p.First.Lower, p.Second.Lower) && Equals(p.First.Upper, p.Second.Upper)),
            (RowExpression a, RowExpression b) => All(a.Fields, b.Fields),
            (FieldExpression a, FieldExpression b) => a.Field == b.Field && Equals(a.Row, b.Row),
            (RowCompareExpression a, RowCompareExpression b) => a.Comparison == b.Comparison && All(a.Left, b.Left) && All(a.Right, b.Right),
            (QuantifiedArrayExpression a, QuantifiedArrayExpression b) => a.IsAll == b.IsAll && a.Comparison.Signature.Oid == b.Comparison.Signature.Oid
                && Equals(a.Left, b.Left) && Equals(a.Array, b.Array),
            _ => false,
        };
    }

    public int GetHashCode(BoundExpression expression)
    {
        HashCode hash = new();
        hash.Add(expression.GetType());
        hash.Add(expression.Type);
        switch (expression)
        {
            case ColumnExpression c: hash.Add(c.ColumnId); break;
            case InputExpression i: hash.Add(i.Ordinal); break;
            case ParameterExpression p: hash.Add(p.Index); break;
            case CallExpression c:
                hash.Add(c.Signature.Oid);
                foreach (BoundExpression argument in c.Arguments) hash.Add(GetHashCode(argument));
                break;
        }
        return hash.ToHashCode();
    }

    public bool All(IReadOnlyList<BoundExpression> left, IReadOnlyList<BoundExpression> right)
    {
        if (left.Count != right.Count) return false;
        for (int i = 0; i < left.Count; i++)
            if (!Equals(left[i], right[i]))
                return false;
        return true;
    }

    private static bool SameValue(Column a, Column b)
    {
        if (a.Kind != b.Kind) return false;
        if (a.IsNull(0) || b.IsNull(0)) return a.IsNull(0) && b.IsNull(0);
        return (a, b) switch
        {
            (BytesColumn x, BytesColumn y) => x[0].SequenceEqual(y[0]),
            (Column<bool> x, Column<bool> y) => x[0] == y[0],
            (Column<byte> x, Column<byte> y) => x[0] == y[0],
            (Column<short> x, Column<short> y) => x[0] == y[0],
            (Column<int> x, Column<int> y) => x[0] == y[0],
            (Column<long> x, Column<long> y) => x[0] == y[0],
            (Column<uint> x, Column<uint> y) => x[0] == y[0],
            // Bits, so that NaN equals itself and the zeros differ.
            (Column<float> x, Column<float> y) => BitConverter.SingleToUInt32Bits(x[0]) == BitConverter.SingleToUInt32Bits(y[0]),
            (Column<double> x, Column<double> y) => BitConverter.DoubleToUInt64Bits(x[0]) == BitConverter.DoubleToUInt64Bits(y[0]),
            (Column<IntervalValue> x, Column<IntervalValue> y) => x[0].Equals(y[0]),
            (Column<UuidValue> x, Column<UuidValue> y) => x[0].Equals(y[0]),
            (Column<TimeTzValue> x, Column<TimeTzValue> y) => x[0].Equals(y[0]),
            _ => false,
        };
    }
}
