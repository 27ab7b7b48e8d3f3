using System.Numerics;
using VecSql.Core.Errors;

namespace VecSql.Core.Functions;

/// <summary>float4, float8: arithmetic with PostgreSQL's errors when a finite input gives an infinite or vanishing result.</summary>
internal static class FloatFunctions
{
    public static void Register(FunctionLibrary library)
    {
        Arithmetic<float, float, float>(library, "float4");
        Arithmetic<double, double, double>(library, "float8");
        Arithmetic<float, double, double>(library, "float48");
        Arithmetic<double, float, double>(library, "float84");
        library.Unary<Negate<float>, float, float>("float4um");
        library.Unary<Negate<double>, double, double>("float8um");
        library.Unary<Absolute<float>, float, float>("float4abs");
        library.Unary<Absolute<double>, double, double>("float8abs");
        library.Unary<IntegerFunctions.Itself<float>, float, float>("float4up");
        library.Unary<IntegerFunctions.Itself<double>, double, double>("float8up");
    }

    internal static SqlException Overflow() => new(SqlState.NumericValueOutOfRange, "value out of range: overflow");
    internal static SqlException Underflow() => new(SqlState.NumericValueOutOfRange, "value out of range: underflow");

    private static void Arithmetic<TLeft, TRight, TWide>(FunctionLibrary library, string prefix)
        where TLeft : unmanaged, INumber<TLeft> where TRight : unmanaged, INumber<TRight> where TWide : unmanaged, IBinaryFloatingPointIeee754<TWide>
    {
        library.Binary<Add<TLeft, TRight, TWide>, TLeft, TRight, TWide>(prefix + "pl");
        library.Binary<Subtract<TLeft, TRight, TWide>, TLeft, TRight, TWide>(prefix + "mi");
        library.Binary<Multiply<TLeft, TRight, TWide>, TLeft, TRight, TWide>(prefix + "mul");
        library.Binary<Divide<TLeft, TRight, TWide>, TLeft, TRight, TWide>(prefix + "div");
    }

    internal readonly struct Add<TLeft, TRight, TWide> : IBinaryOperator<TLeft, TRight, TWide>
        where TLeft : unmanaged, INumber<TLeft> where TRight : unmanaged, INumber<TRight> where TWide : unmanaged, IBinaryFloatingPointIeee754<TWide>
    {
        public static TWide Apply(TLeft left, TRight right)
        {
            TWide l = TWide.CreateTruncating(left), r = TWide.CreateTruncating(right), sum = l + r;
            if (TWide.IsInfinity(sum) && !TWide.IsInfinity(l) && !TWide.IsInfinity(r)) throw Overflow();
            return sum;
        }
    }

    internal readonly struct Subtract<TLeft, TRight, TWide> : IBinaryOperator<TLeft, TRight, TWide>
        where TLeft : unmanaged, INumber<TLeft> where TRight : unmanaged, INumber<TRight> where TWide : unmanaged, IBinaryFloatingPointIeee754<TWide>
    {
        public static TWide Apply(TLeft left, TRight right)
        {
            TWide l = TWide.CreateTruncating(left), r = TWide.CreateTruncating(right), difference = l - r;
            if (TWide.IsInfinity(difference) && !TWide.IsInfinity(l) && !TWide.IsInfinity(r)) throw Overflow();
            return difference;
        }
    }

    internal readonly struct Multiply<TLeft, TRight, TWide> : IBinaryOperator<TLeft, TRight, TWide>
        where TLeft : unmanaged, INumber<TLeft> where TRight : unmanaged, INumber<TRight> where TWide : unmanaged, IBinaryFloatingPointIeee754<TWide>
    {
        public static TWide Apply(TLeft left, TRight right)
        {
            TWide l = TWide.CreateTruncating(left), r = TWide.CreateTruncating(right), product = l * r;
            if (TWide.IsInfinity(product) && !TWide.IsInfinity(l) && !TWide.IsInfinity(r)) throw Overflow();
            if (TWide.IsZero(product) && !TWide.IsZero(l) && !TWide.IsZero(r)) throw Underflow();
            return product;
        }
    }

    internal readonly struct Divide<TLeft, TRight, TWide> : IBinaryOperator<TLeft, TRight, TWide>
        where TLeft : unmanaged, INumber<TLeft> where TRight : unmanaged, INumber<TRight> where TWide : unmanaged, IBinaryFloatingPointIeee754<TWide>
    {
        public static TWide Apply(TLeft left, TRight right)
        {
            TWide l = TWide.CreateTruncating(left), r = TWide.CreateTruncating(right);
            if (TWide.IsZero(r) && !TWide.IsNaN(l)) throw IntegerFunctions.DivisionByZero();
            TWide quotient = l / r;
            if (TWide.IsInfinity(quotient) && !TWide.IsInfinity(l)) throw Overflow();
            if (TWide.IsZero(quotient) && !TWide.IsZero(l) && !TWide.IsInfinity(r)) throw Underflow();
            return quotient;
        }
    }

    internal readonly struct Negate<T> : IUnaryOperator<T, T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public static T Apply(T value) => -value;
    }

    internal readonly struct Absolute<T> : IUnaryOperator<T, T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public static T Apply(T value) => T.Abs(value);
    }
}
