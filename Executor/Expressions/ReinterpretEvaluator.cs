using System.Runtime.CompilerServices;
using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Executor.Expressions;

/// <summary>The same 32 bits under another type that is stored as another kind: integer as oid and back. PostgreSQL calls the types binary compatible.</summary>
internal static class ReinterpretEvaluator
{
    public static Evaluator Create(Evaluator operand, PhysicalKind from, PhysicalKind to) => (from, to) switch
    {
        (PhysicalKind.Int32, PhysicalKind.UInt32) => new Reinterpreted<int, uint>(operand),
        (PhysicalKind.UInt32, PhysicalKind.Int32) => new Reinterpreted<uint, int>(operand),
        _ => throw new InvariantException($"a relabelling from {from} to {to}"),
    };

    private sealed class Reinterpreted<TFrom, TTo>(Evaluator operand) : Evaluator where TFrom : unmanaged where TTo : unmanaged
    {
        private readonly ColumnBuilder<TTo> _result = new(16);

        public override bool IsStatementConstant => operand.IsStatementConstant;

        public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows)
        {
            Column<TFrom> column = (Column<TFrom>)operand.Evaluate(input, rows);
            if (column.IsConstant)
            {
                _result.Reset();
                if (column.IsNull(0)) _result.AppendNull();
                else _result.Append(Unsafe.BitCast<TFrom, TTo>(column[0]));
                return _result.BuildConstant(ColumnBatch.MaxRows);
            }
            ReadOnlySpan<TFrom> values = column.Values;
            Span<TTo> output = _result.Fill(rows.Count == 0 ? 0 : rows[rows.Count - 1] + 1);
            _result.IntersectValidity(column);
            for (int i = 0; i < rows.Count; i++) output[rows[i]] = Unsafe.BitCast<TFrom, TTo>(values[rows[i]]);
            return _result.Build();
        }
    }
}
