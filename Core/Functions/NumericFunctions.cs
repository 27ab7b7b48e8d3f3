using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Kernels;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>A binary operation on stored numerics; writes the stored result.</summary>
internal interface INumericOperator
{
    static abstract void Apply(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, ByteBuffer output);
}

/// <summary>A strict function numeric × numeric → numeric: one compiled loop for each operator, no allocation for narrow and wide values.</summary>
internal sealed class NumericBinaryFunction<TOperator> : ScalarFunction where TOperator : struct, INumericOperator
{
    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        BytesColumn left = (BytesColumn)arguments[0], right = (BytesColumn)arguments[1];
        BytesValues leftValues = left.Values, rightValues = right.Values;
        BytesColumnBuilder builder = (BytesColumnBuilder)result;
        builder.Reset();
        ByteBuffer output = builder.Output;
        // Numbers of a hundred thousand digits take their time: cancellation is asked for by what was written.
        int checkAt = CheckBytes;
        bool mayHaveNulls = left.MayHaveNulls || right.MayHaveNulls;
        if (selection.IsAll && !mayHaveNulls)
        {
            for (int row = 0; row < selection.Count; row++)
            {
                TOperator.Apply(leftValues[row], rightValues[row], output);
                builder.EndValue();
                if (output.Length >= checkAt) checkAt = Check(output, context);
            }
            return;
        }
        for (int i = 0; i < selection.Count; i++)
        {
            int row = selection[i];
            builder.SkipTo(row);
            if (mayHaveNulls && (left.IsNull(row) || right.IsNull(row)))
            {
                builder.AppendNull();
                continue;
            }
            TOperator.Apply(leftValues[row], rightValues[row], output);
            builder.EndValue();
            if (output.Length >= checkAt) checkAt = Check(output, context);
        }
    }

    private const int CheckBytes = 256 << 10;

    private static int Check(ByteBuffer output, EvalContext context)
    {
        context.Cancellation.ThrowIfCancellationRequested();
        return output.Length + CheckBytes;
    }
}

/// <summary>A strict comparison of numerics.</summary>
internal sealed class NumericComparison<TComparison> : ScalarFunction where TComparison : struct, IComparison
{
    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        BytesColumn left = (BytesColumn)arguments[0], right = (BytesColumn)arguments[1];
        BytesValues leftValues = left.Values, rightValues = right.Values;
        Span<bool> output = ((ColumnBuilder<bool>)result).Fill(Rows.Needed(selection));
        result.IntersectValidity(left, right);
        bool mayHaveNulls = left.MayHaveNulls || right.MayHaveNulls;
        for (int i = 0; i < selection.Count; i++)
        {
            int row = selection[i];
            if (mayHaveNulls && (left.IsNull(row) || right.IsNull(row))) continue;
            output[row] = TComparison.Holds(NumericArithmetic.Compare(leftValues[row], rightValues[row]), 0);
        }
    }
}

/// <summary>numeric: arithmetic, rounding, roots and powers, comparison, casts.</summary>
internal static class NumericFunctions
{
    private delegate NumericValue UnaryKernel(in NumericValue value);
    private delegate NumericValue BinaryKernel(in NumericValue left, in NumericValue right);

    public static void Register(FunctionLibrary library)
    {
        library.Add("numeric_add", new NumericBinaryFunction<AddOperator>());
        library.Add("numeric_sub", new NumericBinaryFunction<SubtractOperator>());
        library.Add("numeric_mul", new NumericBinaryFunction<MultiplyOperator>());
        library.Add("numeric_eq", new NumericComparison<IsEqual>());
        library.Add("numeric_ne", new NumericComparison<IsNotEqual>());
        library.Add("numeric_lt", new NumericComparison<IsLess>());
        library.Add("numeric_le", new NumericComparison<IsLessOrEqual>());
        library.Add("numeric_gt", new NumericComparison<IsGreater>());
        library.Add("numeric_ge", new NumericComparison<IsGreaterOrEqual>());
        library.Strict("numeric_cmp", static (in a, r, _) => ((ColumnBuilder<int>)r).Append(Math.Sign(NumericArithmetic.Compare(a.Bytes(0), a.Bytes(1)))));
        Binary(library, "numeric_div", NumericArithmetic.Divide);
        Binary(library, "numeric_mod", NumericArithmetic.Modulo);
        Binary(library, "numeric_div_trunc", NumericArithmetic.DivideTruncated);
        Binary(library, "numeric_gcd", NumericArithmetic.Gcd);
        Binary(library, "numeric_lcm", NumericArithmetic.Lcm);
        Binary(library, "numeric_power", NumericMath.Power);
        Binary(library, "numeric_log", NumericMath.Log);
        Binary(library, "numeric_larger", static (in l, in r) => l.CompareTo(r) > 0 ? l : r);
        Binary(library, "numeric_smaller", static (in l, in r) => l.CompareTo(r) < 0 ? l : r);
        Unary(library, "numeric_abs", NumericArithmetic.Absolute);
        Unary(library, "numeric_uminus", NumericArithmetic.Negate);
        Unary(library, "numeric_uplus", static (in v) => v);
        Unary(library, "numeric_sign", static (in v) => v.IsNaN ? v : new NumericValue((Int128)v.Sign, 0));
        Unary(library, "numeric_ceil", NumericArithmetic.Ceiling);
        Unary(library, "numeric_floor", NumericArithmetic.Floor);
        Unary(library, "numeric_inc", static (in v) => NumericArithmetic.Add(v, new NumericValue(Int128.One, 0)));
        Unary(library, "numeric_sqrt", NumericMath.Sqrt);
        Unary(library, "numeric_exp", NumericMath.Exp);
        Unary(library, "numeric_ln", NumericMath.Ln);
        Unary(library, "log(numeric)", static (in v) => NumericMath.Log(new NumericValue((Int128)10, 0), v));
        Unary(library, "log10(numeric)", static (in v) => NumericMath.Log(new NumericValue((Int128)10, 0), v));
        Unary(library, "round(numeric)", static (in v) => NumericArithmetic.Round(v, 0));
        Unary(library, "trunc(numeric)", static (in v) => NumericArithmetic.Truncate(v, 0));
        Unary(library, "numeric_trim_scale", NumericArithmetic.TrimScale);
        library.Strict("numeric_round", static (in a, r, _) => Append(r, NumericArithmetic.Round(Value(a, 0), ClampScale(a.Get<int>(1)))));
        library.Strict("numeric_trunc", static (in a, r, _) => Append(r, NumericArithmetic.Truncate(Value(a, 0), ClampScale(a.Get<int>(1)))));
        library.Strict("numeric", static (in a, r, _) => Append(r, NumericType.Fit(Value(a, 0), a.Get<int>(1))));
        library.Strict("numeric_fac", static (in a, r, _) => Append(r, NumericArithmetic.Factorial(a.Get<long>(0))));
        library.Strict("numeric_scale", static (in a, r, _) => Scale(Value(a, 0), r, minimal: false));
        library.Strict("numeric_min_scale", static (in a, r, _) => Scale(Value(a, 0), r, minimal: true));
        library.Strict("width_bucket_numeric", WidthBucket);
        RegisterCasts(library);
    }

    private static void RegisterCasts(FunctionLibrary library)
    {
        library.Strict("int2_numeric", static (in a, r, _) => Append(r, new NumericValue((Int128)a.Get<short>(0), 0)));
        library.Strict("int4_numeric", static (in a, r, _) => Append(r, new NumericValue((Int128)a.Get<int>(0), 0)));
        library.Strict("int8_numeric", static (in a, r, _) => Append(r, new NumericValue((Int128)a.Get<long>(0), 0)));
        library.Strict("float4_numeric", static (in a, r, _) => Append(r, NumericCast.FromSingle(a.Get<float>(0))));
        library.Strict("float8_numeric", static (in a, r, _) => Append(r, NumericCast.FromDouble(a.Get<double>(0))));
        library.Strict("numeric_int2", static (in a, r, _) => ((ColumnBuilder<short>)r).Append((short)NumericCast.ToInteger(Value(a, 0), short.MinValue, short.MaxValue, "smallint")));
        library.Strict("numeric_int4", static (in a, r, _) => ((ColumnBuilder<int>)r).Append((int)NumericCast.ToInteger(Value(a, 0), int.MinValue, int.MaxValue, "integer")));
        library.Strict("numeric_int8", static (in a, r, _) => ((ColumnBuilder<long>)r).Append(NumericCast.ToInteger(Value(a, 0), long.MinValue, long.MaxValue, "bigint")));
        library.Strict("numeric_float4", static (in a, r, _) => ((ColumnBuilder<float>)r).Append(NumericCast.ToSingle(Value(a, 0))));
        library.Strict("numeric_float8", static (in a, r, _) => ((ColumnBuilder<double>)r).Append(NumericCast.ToDouble(Value(a, 0))));
    }

    internal static NumericValue Value(in RowArguments arguments, int argument) => NumericValue.Read(arguments.Bytes(argument));
    internal static void Append(ColumnBuilder result, in NumericValue value) => NumericType.Append((BytesColumnBuilder)result, value);

    private static void Unary(FunctionLibrary library, string key, UnaryKernel kernel) => library.Strict(key, (in a, r, _) => Append(r, kernel(Value(a, 0))));
    private static void Binary(FunctionLibrary library, string key, BinaryKernel kernel) => library.Strict(key, (in a, r, _) => Append(r, kernel(Value(a, 0), Value(a, 1))));

    /// <summary>Beyond these scales nothing is left to round, or to show.</summary>
    private static int ClampScale(int scale) => Math.Clamp(scale, -NumericValue.MaxWholeDigits - 1, NumericValue.MaxScale);

    private static void Scale(in NumericValue value, ColumnBuilder result, bool minimal)
    {
        if (!value.IsFinite) result.AppendNull();
        else ((ColumnBuilder<int>)result).Append(minimal ? NumericArithmetic.MinScale(value) : value.Scale);
    }

    private static void WidthBucket(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        NumericValue operand = Value(arguments, 0), low = Value(arguments, 1), high = Value(arguments, 2);
        int count = arguments.Get<int>(3);
        if (count <= 0) throw BucketError("count must be greater than zero");
        if (operand.IsNaN || low.IsNaN || high.IsNaN) throw BucketError("operand, lower bound, and upper bound cannot be NaN");
        if (low.IsInfinity || high.IsInfinity) throw BucketError("lower and upper bounds must be finite");
        int direction = low.CompareTo(high);
        if (direction == 0) throw BucketError("lower bound cannot equal upper bound");
        ((ColumnBuilder<int>)result).Append(direction < 0 ? Bucket(operand, low, high, count) : Bucket(NumericArithmetic.Negate(operand), NumericArithmetic.Negate(low), NumericArithmetic.Negate(high), count));
    }

    private static int Bucket(in NumericValue operand, in NumericValue low, in NumericValue high, int count)
    {
        if (operand < low) return 0;
        if (operand >= high) return count < int.MaxValue ? count + 1 : throw IntegerFunctions.Int4Width.OutOfRange();
        NumericValue offset = NumericArithmetic.Multiply(NumericArithmetic.Subtract(operand, low), new NumericValue((Int128)count, 0));
        return (int)NumericArithmetic.DivideTruncated(offset, NumericArithmetic.Subtract(high, low)).Small + 1;
    }

    internal static SqlException BucketError(string message) => new(SqlState.InvalidArgumentForWidthBucketFunction, message);

    private readonly struct AddOperator : INumericOperator
    {
        public static void Apply(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, ByteBuffer output) => NumericArithmetic.Add(left, right, output);
    }

    private readonly struct SubtractOperator : INumericOperator
    {
        public static void Apply(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, ByteBuffer output) => NumericArithmetic.Subtract(left, right, output);
    }

    private readonly struct MultiplyOperator : INumericOperator
    {
        public static void Apply(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, ByteBuffer output) => NumericArithmetic.Multiply(left, right, output);
    }
}
