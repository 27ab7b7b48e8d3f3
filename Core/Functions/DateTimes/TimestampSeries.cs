using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>generate_series(start, stop, step) of timestamps and instants.</summary>
internal sealed class TimestampSeries(bool hasZone) : TableFunction
{
    public static void Register(FunctionLibrary library)
    {
        library.Add("generate_series_timestamp", new TimestampSeries(hasZone: false));
        library.Add("generate_series_timestamptz", new TimestampSeries(hasZone: true));
    }

    public override TableFunctionCursor Open(in RowArguments arguments, EvalContext context)
    {
        if (arguments.AnyNull()) return new EmptyCursor();
        IntervalValue step = arguments.Get<IntervalValue>(2);
        int direction = Int128.Sign(IntervalType.Span(step));
        if (direction == 0) throw new SqlException(SqlState.InvalidParameterValue, "step size cannot equal zero");
        return new Cursor(arguments.Get<long>(0), arguments.Get<long>(1), step, direction, hasZone ? ZoneCatalog.Of(context.Display) : null);
    }

    private sealed class Cursor(long first, long last, IntervalValue step, int direction, Zone? zone) : TableFunctionCursor
    {
        private long _next = first;

        public override int Next(ReadOnlySpan<ColumnBuilder> result, int maxRows, EvalContext context)
        {
            ColumnBuilder<long> output = (ColumnBuilder<long>)result[0];
            int count = 0;
            for (; count < maxRows && (direction > 0 ? _next <= last : _next >= last); count++)
            {
                output.Append(_next);
                _next = TimestampMath.Add(_next, step, zone);
            }
            return count;
        }
    }
}
