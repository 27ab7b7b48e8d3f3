using System.Numerics;
using VecSql.Core.Columns;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>sum and avg of integers and floats; bool_and, bool_or; bit_and, bit_or, bit_xor of integers.</summary>
internal static class SumAggregates
{
    public static void Register(FunctionLibrary library)
    {
        library.Add("sum(int2)", new FixedAggregate<SumToLong<short>, LongSum, short, long>());
        library.Add("sum(int4)", new FixedAggregate<SumToLong<int>, LongSum, int, long>());
        library.Add("sum(float4)", new FixedAggregate<SumFloat<float>, FloatSum<float>, float, float>());
        library.Add("sum(float8)", new FixedAggregate<SumFloat<double>, FloatSum<double>, double, double>());
        foreach (string key in (string[])["bool_and(bool)", "every(bool)"])
            library.Add(key, new FixedAggregate<BoolFold<AllTrue>, BoolState, bool, bool>());
        library.Add("bool_or(bool)", new FixedAggregate<BoolFold<AnyTrue>, BoolState, bool, bool>());
        Bits<short>(library, "int2");
        Bits<int>(library, "int4");
        Bits<long>(library, "int8");
    }

    private static void Bits<T>(FunctionLibrary library, string type) where T : unmanaged, IBinaryInteger<T>
    {
        library.Add($"bit_and({type})", new FixedAggregate<BitFold<T, IntegerFunctions.And<T>>, BitState<T>, T, T>());
        library.Add($"bit_or({type})", new FixedAggregate<BitFold<T, IntegerFunctions.Or<T>>, BitState<T>, T, T>());
        library.Add($"bit_xor({type})", new FixedAggregate<BitFold<T, IntegerFunctions.Xor<T>>, BitState<T>, T, T>());
    }

    internal struct LongSum
    {
        public Int128 Sum;
        public long Count;
    }

    /// <summary>The running sum is wider than the result, so that only the result's range matters and rows can be taken out.</summary>
    internal readonly struct SumToLong<T> : IAccumulator<LongSum, T, long> where T : unmanaged, IBinaryInteger<T>
    {
        public static bool CanRetract => true;

        public static void Add(ref LongSum state, T value)
        {
            state.Sum += long.CreateTruncating(value);
            state.Count++;
        }

        public static void Retract(ref LongSum state, T value)
        {
            state.Sum -= long.CreateTruncating(value);
            state.Count--;
        }

        public static void Merge(ref LongSum state, in LongSum other)
        {
            state.Sum += other.Sum;
            state.Count += other.Count;
        }

        public static bool Finish(in LongSum state, out long result)
        {
            result = (long)state.Sum;
            if (result != state.Sum) throw IntegerFunctions.Int8Width.OutOfRange();
            return state.Count > 0;
        }
    }

    internal struct FloatSum<T> where T : unmanaged
    {
        public T Sum;
        public bool Any;
    }

    internal readonly struct SumFloat<T> : IAccumulator<FloatSum<T>, T, T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public static bool CanRetract => false;

        public static void Add(ref FloatSum<T> state, T value)
        {
            state.Sum = state.Any ? FloatFunctions.Add<T, T, T>.Apply(state.Sum, value) : value;
            state.Any = true;
        }

        public static void Retract(ref FloatSum<T> state, T value) => throw Errors.Invariant.Unreachable(state);

        public static void Merge(ref FloatSum<T> state, in FloatSum<T> other)
        {
            if (other.Any) Add(ref state, other.Sum);
        }

        public static bool Finish(in FloatSum<T> state, out T result)
        {
            result = state.Sum;
            return state.Any;
        }
    }

    internal struct BoolState
    {
        public long True;
        public long False;
    }

    internal interface IBoolResult
    {
        static abstract bool Of(in BoolState state);
    }

    internal readonly struct AllTrue : IBoolResult { public static bool Of(in BoolState state) => state.False == 0; }
    internal readonly struct AnyTrue : IBoolResult { public static bool Of(in BoolState state) => state.True > 0; }

    internal readonly struct BoolFold<TResult> : IAccumulator<BoolState, bool, bool> where TResult : struct, IBoolResult
    {
        public static bool CanRetract => true;
        public static void Add(ref BoolState state, bool value) => Count(ref state, value, 1);
        public static void Retract(ref BoolState state, bool value) => Count(ref state, value, -1);

        private static void Count(ref BoolState state, bool value, int weight)
        {
            if (value) state.True += weight;
            else state.False += weight;
        }

        public static void Merge(ref BoolState state, in BoolState other)
        {
            state.True += other.True;
            state.False += other.False;
        }

        public static bool Finish(in BoolState state, out bool result)
        {
            result = TResult.Of(state);
            return state.True + state.False > 0;
        }
    }

    internal struct BitState<T> where T : unmanaged
    {
        public T Value;
        public bool Any;
    }

    internal readonly struct BitFold<T, TOperator> : IAccumulator<BitState<T>, T, T> where T : unmanaged where TOperator : struct, IBinaryOperator<T, T, T>
    {
        public static bool CanRetract => false;

        public static void Add(ref BitState<T> state, T value)
        {
            state.Value = state.Any ? TOperator.Apply(state.Value, value) : value;
            state.Any = true;
        }

        public static void Retract(ref BitState<T> state, T value) => throw Errors.Invariant.Unreachable(state);

        public static void Merge(ref BitState<T> state, in BitState<T> other)
        {
            if (other.Any) Add(ref state, other.Value);
        }

        public static bool Finish(in BitState<T> state, out T result)
        {
            result = state.Value;
            return state.Any;
        }
    }
}
