using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>Comparison of dates, times, timestamps and intervals, within and across types.</summary>
internal static class DateTimeComparisons
{
    public static void Register(FunctionLibrary library)
    {
        ComparisonFunctions.Integers<int, int, int>(library, "date_", "date_cmp");
        ComparisonFunctions.Integers<long, long, long>(library, "time_", "time_cmp");
        ComparisonFunctions.Integers<long, long, long>(library, "timestamp_", "timestamp_cmp");
        ComparisonFunctions.Ordered<OrderOfTimeTz, TimeTzValue, TimeTzValue>(library, "timetz_", "timetz_cmp");
        ComparisonFunctions.Ordered<OrderOfIntervals, IntervalValue, IntervalValue>(library, "interval_", "interval_cmp");
        Extremes<ComparisonFunctions.IntegersOrder<int, int, int>, int>(library, "date");
        Extremes<ComparisonFunctions.IntegersOrder<long, long, long>, long>(library, "time");
        Extremes<ComparisonFunctions.IntegersOrder<long, long, long>, long>(library, "timestamp");
        Extremes<OrderOfTimeTz, TimeTzValue>(library, "timetz");
        Extremes<OrderOfIntervals, IntervalValue>(library, "interval");

        Across<int, long>(library, "date", "timestamp", static (date, timestamp, _) => TimestampMath.Compare(date, timestamp));
        Across<int, long>(library, "date", "timestamptz", TimestampMath.CompareWithInstant);
        Across<long, long>(library, "timestamp", "timestamptz", TimestampMath.CompareLocal);
    }

    private delegate int CrossOrder<TLeft, TRight>(TLeft left, TRight right, EvalContext context);

    private static void Extremes<TOrder, T>(FunctionLibrary library, string prefix) where TOrder : struct, IBinaryOperator<T, T, int> where T : unmanaged
    {
        library.Binary<ComparisonFunctions.Largest<TOrder, T>, T, T, T>(prefix + "_larger");
        library.Binary<ComparisonFunctions.Smallest<TOrder, T>, T, T, T>(prefix + "_smaller");
    }

    /// <summary>All operators of two types, in both directions.</summary>
    private static void Across<TLeft, TRight>(FunctionLibrary library, string left, string right, CrossOrder<TLeft, TRight> order) where TLeft : unmanaged where TRight : unmanaged
    {
        foreach ((string name, Func<int, bool> test) in ((string, Func<int, bool>)[])[("eq", static o => o == 0), ("ne", static o => o != 0), ("lt", static o => o < 0),
            ("le", static o => o <= 0), ("gt", static o => o > 0), ("ge", static o => o >= 0)])
        {
            library.Strict($"{left}_{name}_{right}", (in a, r, c) => ((ColumnBuilder<bool>)r).Append(test(order(a.Get<TLeft>(0), a.Get<TRight>(1), c))));
            library.Strict($"{right}_{name}_{left}", (in a, r, c) => ((ColumnBuilder<bool>)r).Append(test(-order(a.Get<TLeft>(1), a.Get<TRight>(0), c))));
        }
        library.Strict($"{left}_cmp_{right}", (in a, r, c) => ((ColumnBuilder<int>)r).Append(order(a.Get<TLeft>(0), a.Get<TRight>(1), c)));
        library.Strict($"{right}_cmp_{left}", (in a, r, c) => ((ColumnBuilder<int>)r).Append(-order(a.Get<TLeft>(1), a.Get<TRight>(0), c)));
    }

    internal readonly struct OrderOfTimeTz : IBinaryOperator<TimeTzValue, TimeTzValue, int>
    {
        public static int Apply(TimeTzValue left, TimeTzValue right) => TimeTzType.Order(left, right);
    }

    internal readonly struct OrderOfIntervals : IBinaryOperator<IntervalValue, IntervalValue, int>
    {
        public static int Apply(IntervalValue left, IntervalValue right) => IntervalType.Order(left, right);
    }
}
