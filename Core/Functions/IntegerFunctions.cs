using System.Numerics;
using VecSql.Core.Errors;

namespace VecSql.Core.Functions;

/// <summary>int2, int4, int8: arithmetic with PostgreSQL's overflow errors, comparison, bits.</summary>
internal static class IntegerFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Binary<Add<int, Int4Errors>, int, int, int>("int4pl");
        library.Binary<Add<long, Int8Errors>, long, long, long>("int8pl");
        library.Binary<Equal<int>, int, int, bool>("int4eq");
    }

    internal interface IOverflowErrors
    {
        static abstract SqlException OutOfRange();
    }

    internal readonly struct Int4Errors : IOverflowErrors
    {
        public static SqlException OutOfRange() => new(SqlState.NumericValueOutOfRange, "integer out of range");
    }

    internal readonly struct Int8Errors : IOverflowErrors
    {
        public static SqlException OutOfRange() => new(SqlState.NumericValueOutOfRange, "bigint out of range");
    }

    internal readonly struct Add<T, TErrors> : IBinaryOperator<T, T, T> where T : unmanaged, IBinaryInteger<T> where TErrors : struct, IOverflowErrors
    {
        public static T Apply(T left, T right)
        {
            T sum = unchecked(left + right);
            if (T.IsNegative((left ^ sum) & (right ^ sum))) throw TErrors.OutOfRange();
            return sum;
        }
    }

    internal readonly struct Equal<T> : IBinaryOperator<T, T, bool> where T : unmanaged, IEquatable<T>
    {
        public static bool Apply(T left, T right) => left.Equals(right);
    }
}
