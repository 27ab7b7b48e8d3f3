using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Executor.Expressions;

/// <summary>A row to a composite type: fields of other types go through their text.</summary>
internal sealed class RowCoercionEvaluator(Evaluator operand, SqlType target, SqlType[] types, TypeHandler[] handlers, ExecutionState state) : Evaluator
{
    private readonly BytesColumnBuilder _result = new(16);
    private readonly RowView _view = new();
    private readonly ByteBuffer _text = new();
    private readonly ColumnBuilder[] _fields = [.. handlers.Select(h => ColumnBuilder.Create(h.Kind, 1))];

    public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows)
    {
        BytesColumn values = (BytesColumn)operand.Evaluate(input, rows);
        Column[] columns = new Column[_fields.Length];
        _result.Reset();
        for (int i = 0; i < rows.Count; i++)
        {
            _result.SkipTo(rows[i]);
            if (values.IsNull(rows[i]))
            {
                _result.AppendNull();
                continue;
            }
            _view.Open(values, rows[i]);
            if (_view.Count != _fields.Length)
                throw new SqlException(SqlState.CannotCoerce, "cannot cast type record to the composite type", detail: _view.Count < _fields.Length ? "Input has too few columns." : "Input has too many columns.");
            for (int field = 0; field < columns.Length; field++) columns[field] = Convert(field, state.Context);
            RowFormat.Write(_result.Output, target.Oid, columns, 0, types);
            _result.EndValue();
        }
        return _result.Build();
    }

    private Column Convert(int field, EvalContext context)
    {
        SqlType source = _view.TypeOf(field);
        if (source.Oid == types[field].Oid) return _view[field];
        _fields[field].Reset();
        if (_view.IsNull(field)) _fields[field].AppendNull();
        else
        {
            _text.Clear();
            state.HandlerOf(source).FormatText(_view[field], 0, source, _text, context);
            handlers[field].ParseText(_text.WrittenSpan, types[field], _fields[field], context);
        }
        return _fields[field].Build();
    }
}
