using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>unnest, generate_subscripts and _pg_expandarray.</summary>
internal static class ArrayTableFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Add("array_unnest", new Unnest(TypeOid.AnyArray));
        library.Add("pg_expandarray", new Expand(TypeOid.AnyArray));
        library.Add("generate_subscripts", new Subscripts(TypeOid.AnyArray));
        library.Add("generate_subscripts_nodir", new Subscripts(TypeOid.AnyArray));
    }

    /// <summary>The elements in order, one a row. Of rows (composite elements) each is still one value: the planner takes it apart.</summary>
    private sealed class Unnest(uint arrayType) : TableFunction
    {
        public override TableFunction Specialize(ReadOnlySpan<SqlType> argumentTypes, SqlType resultType) => new Unnest(argumentTypes[0].Oid);

        public override TableFunctionCursor Open(in RowArguments arguments, EvalContext context)
        {
            ArrayView view = new(arrayType);
            if (arguments.IsNull(0)) return new ColumnCursor(new BytesColumnBuilder(0).Build());
            view.Open(arguments.Bytes(0).ToArray());
            return new ColumnCursor(view.Elements);
        }
    }

    /// <summary>information_schema._pg_expandarray: elements of a one-dimensional array with their places from 1.</summary>
    private sealed class Expand(uint arrayType) : TableFunction
    {
        public override TableFunction Specialize(ReadOnlySpan<SqlType> argumentTypes, SqlType resultType) => new Expand(argumentTypes[0].Oid);

        public override TableFunctionCursor Open(in RowArguments arguments, EvalContext context)
        {
            ArrayView view = new(arrayType);
            if (arguments.IsNull(0)) return new RowsCursor(0, (_, _) => { });
            view.Open(arguments.Bytes(0).ToArray());
            Column elements = view.Elements;
            return new RowsCursor(view.Count, (row, columns) =>
            {
                columns[0].AppendFrom(elements, row);
                ((ColumnBuilder<int>)columns[1]).Append(row + 1);
            });
        }
    }

    private sealed class Subscripts(uint arrayType) : TableFunction
    {
        public override TableFunction Specialize(ReadOnlySpan<SqlType> argumentTypes, SqlType resultType) => new Subscripts(argumentTypes[0].Oid);

        public override TableFunctionCursor Open(in RowArguments arguments, EvalContext context)
        {
            if (arguments.AnyNull()) return new Cursor(1, 0, false);
            ArrayView view = new(arrayType);
            view.Open((BytesColumn)arguments.Column(0), arguments.Row);
            int dimension = arguments.Get<int>(1);
            return new Cursor(view.LowerBoundOf(dimension) ?? 1, view.UpperBoundOf(dimension) ?? 0, arguments.Count > 2 && arguments.Get<bool>(2));
        }

        private sealed class Cursor(int lower, int upper, bool isReverse) : TableFunctionCursor
        {
            private long _next = isReverse ? upper : lower;

            public override int Next(ReadOnlySpan<ColumnBuilder> result, int maxRows, EvalContext context)
            {
                ColumnBuilder<int> output = (ColumnBuilder<int>)result[0];
                int count = 0;
                for (; count < maxRows && _next >= lower && _next <= upper; count++)
                {
                    output.Append((int)_next);
                    _next += isReverse ? -1 : 1;
                }
                return count;
            }
        }
    }
}
