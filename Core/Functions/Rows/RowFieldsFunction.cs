using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>A set of composite values as one column for each field: what unnest over rows gives in FROM. A null value gives nulls.</summary>
public sealed class RowFieldsFunction(TableFunction rows) : TableFunction
{
    public override TableFunctionCursor Open(in RowArguments arguments, EvalContext context) => new Cursor(rows.Open(arguments, context));

    private sealed class Cursor(TableFunctionCursor values) : TableFunctionCursor
    {
        private readonly BytesColumnBuilder[] _values = [new(16)];
        private readonly RowView _view = new();

        public override int Next(ReadOnlySpan<ColumnBuilder> result, int maxRows, EvalContext context)
        {
            _values[0].Reset();
            int count = values.Next(_values, maxRows, context);
            BytesColumn column = (BytesColumn)_values[0].Build();
            for (int row = 0; row < count; row++)
            {
                if (column.IsNull(row))
                {
                    foreach (ColumnBuilder field in result) field.AppendNull();
                    continue;
                }
                _view.Open(column, row);
                for (int i = 0; i < result.Length; i++) Append(i, result[i]);
            }
            return count;
        }

        private void Append(int field, ColumnBuilder result)
        {
            // A composite type may have got a column after the row was made.
            if (field >= _view.Count) result.AppendNull();
            else result.AppendFrom(_view[field], 0);
        }

        public override void Dispose()
        {
            values.Dispose();
            base.Dispose();
        }
    }
}
