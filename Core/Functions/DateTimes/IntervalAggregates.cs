using VecSql.Core.Columns;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>sum and avg of intervals: the parts are summed by themselves, in 128 bits, so that rows can be taken out again.</summary>
internal static class IntervalAggregates
{
    public static void Register(FunctionLibrary library)
    {
        library.Add("sum(interval)", new FixedAggregate<Sum, State, IntervalValue, IntervalValue>());
        library.Add("avg(interval)", new FixedAggregate<Average, State, IntervalValue, IntervalValue>());
    }

    internal struct State
    {
        public long Count;
        public long Months;
        public long Days;
        public Int128 Micros;

        public void Add(IntervalValue value, int sign)
        {
            Count += sign;
            Months += sign * (long)value.Months;
            Days += sign * (long)value.Days;
            Micros += sign * (Int128)value.Micros;
        }

        public void Merge(in State other)
        {
            Count += other.Count;
            Months += other.Months;
            Days += other.Days;
            Micros += other.Micros;
        }

        public readonly IntervalValue Total()
        {
            bool fits = Months is >= int.MinValue and <= int.MaxValue && Days is >= int.MinValue and <= int.MaxValue && Micros >= long.MinValue && Micros <= long.MaxValue;
            return fits ? new IntervalValue((int)Months, (int)Days, (long)Micros) : throw DateTimeErrors.IntervalOutOfRange();
        }
    }

    internal readonly struct Sum : IAccumulator<State, IntervalValue, IntervalValue>
    {
        public static bool CanRetract => true;
        public static void Add(ref State state, IntervalValue value) => state.Add(value, 1);
        public static void Retract(ref State state, IntervalValue value) => state.Add(value, -1);
        public static void Merge(ref State state, in State other) => state.Merge(other);

        public static bool Finish(in State state, out IntervalValue result)
        {
            result = state.Count == 0 ? default : state.Total();
            return state.Count > 0;
        }
    }

    internal readonly struct Average : IAccumulator<State, IntervalValue, IntervalValue>
    {
        public static bool CanRetract => true;
        public static void Add(ref State state, IntervalValue value) => state.Add(value, 1);
        public static void Retract(ref State state, IntervalValue value) => state.Add(value, -1);
        public static void Merge(ref State state, in State other) => state.Merge(other);

        public static bool Finish(in State state, out IntervalValue result)
        {
            result = state.Count == 0 ? default : IntervalMath.Divide(state.Total(), state.Count);
            return state.Count > 0;
        }
    }
}
