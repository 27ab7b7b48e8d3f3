using System.Numerics;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>generate_series of integers and numeric.</summary>
internal static class SeriesFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Add("generate_series_int4", new IntegerSeries<int>());
        library.Add("generate_series_step_int4", new IntegerSeries<int>());
        library.Add("generate_series_int8", new IntegerSeries<long>());
        library.Add("generate_series_step_int8", new IntegerSeries<long>());
        library.Add("generate_series_numeric", new NumericSeries());
        library.Add("generate_series_step_numeric", new NumericSeries());
    }

    private static SqlException ZeroStep() => new(SqlState.InvalidParameterValue, "step size cannot equal zero");

    private sealed class IntegerSeries<T> : TableFunction where T : unmanaged, IBinaryInteger<T>
    {
        public override TableFunctionCursor Open(in RowArguments arguments, EvalContext context)
        {
            if (arguments.AnyNull()) return new EmptyCursor();
            T step = arguments.Count > 2 ? arguments.Get<T>(2) : T.One;
            if (T.IsZero(step)) throw ZeroStep();
            return new Cursor(arguments.Get<T>(0), arguments.Get<T>(1), step);
        }

        private sealed class Cursor(T first, T last, T step) : TableFunctionCursor
        {
            private T _next = first;
            private bool _atEnd = T.IsNegative(step) ? first < last : first > last;

            public override int Next(ReadOnlySpan<ColumnBuilder> result, int maxRows, EvalContext context)
            {
                ColumnBuilder<T> output = (ColumnBuilder<T>)result[0];
                int count = 0;
                while (count < maxRows && !_atEnd)
                {
                    output.Append(_next);
                    count++;
                    T next = unchecked(_next + step);
                    // Past the end, or past the type's range.
                    _atEnd = T.IsNegative(step) ? next < last || next > _next : next > last || next < _next;
                    _next = next;
                }
                return count;
            }
        }
    }

    private sealed class NumericSeries : TableFunction
    {
        public override TableFunctionCursor Open(in RowArguments arguments, EvalContext context)
        {
            if (arguments.AnyNull()) return new EmptyCursor();
            NumericValue first = NumericFunctions.Value(arguments, 0), last = NumericFunctions.Value(arguments, 1);
            NumericValue step = arguments.Count > 2 ? NumericFunctions.Value(arguments, 2) : new NumericValue(Int128.One, 0);
            CheckBound(first, "start value");
            CheckBound(last, "stop value");
            CheckBound(step, "step size");
            if (step.Sign == 0) throw ZeroStep();
            return new Cursor(first, last, step);
        }

        private static void CheckBound(in NumericValue value, string what)
        {
            if (!value.IsFinite) throw new SqlException(SqlState.InvalidParameterValue, $"{what} cannot be {(value.IsNaN ? "NaN" : "infinity")}");
        }

        private sealed class Cursor(NumericValue first, NumericValue last, NumericValue step) : TableFunctionCursor
        {
            private NumericValue _next = first;
            private bool _isPastEnd;

            public override int Next(ReadOnlySpan<ColumnBuilder> result, int maxRows, EvalContext context)
            {
                ByteBuffer output = ((BytesColumnBuilder)result[0]).Output;
                int count = 0, end = output.Length + MaxBytesAtOnce;
                for (; count < maxRows && output.Length < end && !_isPastEnd && (step.Sign > 0 ? _next <= last : _next >= last); count++)
                {
                    NumericType.Append((BytesColumnBuilder)result[0], _next);
                    context.Cancellation.ThrowIfCancellationRequested();
                    Advance();
                }
                return count;
            }

            private void Advance()
            {
                try
                {
                    _next = NumericArithmetic.Add(_next, step);
                }
                catch (SqlException e) when (e.SqlState == SqlState.NumericValueOutOfRange)
                {
                    // What is past all numbers is past the last one.
                    _isPastEnd = true;
                }
            }

            /// <summary>A number may have 60 kB: who wants just the first few needn't wait for a batch of them.</summary>
            private const int MaxBytesAtOnce = 1 << 20;
        }
    }
}

/// <summary>No rows.</summary>
internal sealed class EmptyCursor : TableFunctionCursor
{
    public override int Next(ReadOnlySpan<ColumnBuilder> result, int maxRows, EvalContext context) => 0;
}
