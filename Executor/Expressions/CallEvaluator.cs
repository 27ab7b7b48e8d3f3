using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Functions;

namespace VecSql.Executor.Expressions;

/// <summary>A call of a scalar function. If no argument varies in the batch it is made once; if none varies in the statement, once for all.</summary>
internal sealed class CallEvaluator(ScalarFunction function, Evaluator[] arguments, PhysicalKind kind, bool isVolatile, EvalContext context) : Evaluator
{
    private readonly Column[] _columns = new Column[arguments.Length];
    private readonly ColumnBuilder _result = ColumnBuilder.Create(kind, 16);
    private readonly bool _isStatementConstant = !isVolatile && Array.TrueForAll(arguments, a => a.IsStatementConstant);
    private Column? _constant;

    public override bool IsStatementConstant => _isStatementConstant;

    public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows)
    {
        if (_constant is not null) return _constant;
        bool varies = isVolatile;
        for (int i = 0; i < arguments.Length; i++)
        {
            Column column = arguments[i].Evaluate(input, rows);
            varies |= !column.IsConstant;
            _columns[i] = column;
        }
        if (varies || rows.Count == 0)
        {
            function.Evaluate(_columns, rows, _result, context);
            return _result.Build();
        }
        function.Evaluate(_columns, Selection.All(1), _result, context);
        Column constant = _result.BuildConstant(ColumnBatch.MaxRows);
        if (_isStatementConstant) _constant = constant;
        return constant;
    }
}
