using System.Numerics;
using System.Runtime.CompilerServices;
using VecSql.Core.Errors;

namespace VecSql.Core.Functions;

/// <summary>int2, int4, int8: arithmetic with PostgreSQL's overflow errors, bits, greatest common divisors. Mixed widths work in the wider type.</summary>
internal static class IntegerFunctions
{
    public static void Register(FunctionLibrary library)
    {
        RegisterWidth<short, Int2Width>(library, "int2");
        RegisterWidth<int, Int4Width>(library, "int4");
        RegisterWidth<long, Int8Width>(library, "int8");
        RegisterMixed<short, int, int, Int4Width>(library, "int24");
        RegisterMixed<int, short, int, Int4Width>(library, "int42");
        RegisterMixed<short, long, long, Int8Width>(library, "int28");
        RegisterMixed<long, short, long, Int8Width>(library, "int82");
        RegisterMixed<int, long, long, Int8Width>(library, "int48");
        RegisterMixed<long, int, long, Int8Width>(library, "int84");
        library.Unary<Increment<int, Int4Width>, int, int>("int4inc");
        library.Unary<Increment<long, Int8Width>, long, long>("int8inc");
        library.Unary<Decrement<long, Int8Width>, long, long>("int8dec");
        library.Binary<Gcd<int, Int4Width>, int, int, int>("int4gcd");
        library.Binary<Gcd<long, Int8Width>, long, long, long>("int8gcd");
        library.Binary<Lcm<int, Int4Width>, int, int, int>("int4lcm");
        library.Binary<Lcm<long, Int8Width>, long, long, long>("int8lcm");
    }

    private static void RegisterWidth<T, TWidth>(FunctionLibrary library, string prefix)
        where T : unmanaged, IBinaryInteger<T>, ISignedNumber<T>, IMinMaxValue<T> where TWidth : struct, IIntegerWidth<T>
    {
        RegisterMixed<T, T, T, TWidth>(library, prefix);
        library.Binary<Modulo<T>, T, T, T>(prefix + "mod");
        library.Unary<Negate<T, TWidth>, T, T>(prefix + "um");
        library.Unary<Itself<T>, T, T>(prefix + "up");
        library.Unary<Absolute<T, TWidth>, T, T>(prefix + "abs");
        library.Binary<And<T>, T, T, T>(prefix + "and");
        library.Binary<Or<T>, T, T, T>(prefix + "or");
        library.Binary<Xor<T>, T, T, T>(prefix + "xor");
        library.Unary<Not<T>, T, T>(prefix + "not");
        library.Binary<ShiftLeft<T>, T, int, T>(prefix + "shl");
        library.Binary<ShiftRight<T>, T, int, T>(prefix + "shr");
        library.Binary<Larger<T>, T, T, T>(prefix + "larger");
        library.Binary<Smaller<T>, T, T, T>(prefix + "smaller");
    }

    private static void RegisterMixed<TLeft, TRight, TWide, TWidth>(FunctionLibrary library, string prefix)
        where TLeft : unmanaged, IBinaryInteger<TLeft> where TRight : unmanaged, IBinaryInteger<TRight>
        where TWide : unmanaged, IBinaryInteger<TWide>, IMinMaxValue<TWide> where TWidth : struct, IIntegerWidth<TWide>
    {
        library.Binary<Add<TLeft, TRight, TWide, TWidth>, TLeft, TRight, TWide>(prefix + "pl");
        library.Binary<Subtract<TLeft, TRight, TWide, TWidth>, TLeft, TRight, TWide>(prefix + "mi");
        library.Binary<Multiply<TLeft, TRight, TWide, TWidth>, TLeft, TRight, TWide>(prefix + "mul");
        library.Binary<Divide<TLeft, TRight, TWide, TWidth>, TLeft, TRight, TWide>(prefix + "div");
    }

    internal static SqlException DivisionByZero() => new(SqlState.DivisionByZero, "division by zero");

    /// <summary>What differs between the widths: the error and how to multiply exactly.</summary>
    internal interface IIntegerWidth<T>
    {
        static abstract SqlException OutOfRange();
        static abstract T Multiply(T left, T right);
    }

    internal readonly struct Int2Width : IIntegerWidth<short>
    {
        public static SqlException OutOfRange() => new(SqlState.NumericValueOutOfRange, "smallint out of range");

        public static short Multiply(short left, short right)
        {
            int product = left * right;
            return product == (short)product ? (short)product : throw OutOfRange();
        }
    }

    internal readonly struct Int4Width : IIntegerWidth<int>
    {
        public static SqlException OutOfRange() => new(SqlState.NumericValueOutOfRange, "integer out of range");

        public static int Multiply(int left, int right)
        {
            long product = (long)left * right;
            return product == (int)product ? (int)product : throw OutOfRange();
        }
    }

    internal readonly struct Int8Width : IIntegerWidth<long>
    {
        public static SqlException OutOfRange() => new(SqlState.NumericValueOutOfRange, "bigint out of range");

        public static long Multiply(long left, long right)
        {
            long high = Math.BigMul(left, right, out long low);
            return high == low >> 63 ? low : throw OutOfRange();
        }
    }

    internal readonly struct Add<TLeft, TRight, TWide, TWidth> : IBinaryOperator<TLeft, TRight, TWide>
        where TLeft : unmanaged, IBinaryInteger<TLeft> where TRight : unmanaged, IBinaryInteger<TRight>
        where TWide : unmanaged, IBinaryInteger<TWide> where TWidth : struct, IIntegerWidth<TWide>
    {
        public static TWide Apply(TLeft left, TRight right)
        {
            TWide l = TWide.CreateTruncating(left), r = TWide.CreateTruncating(right), sum = unchecked(l + r);
            if (TWide.IsNegative((l ^ sum) & (r ^ sum))) throw TWidth.OutOfRange();
            return sum;
        }
    }

    internal readonly struct Subtract<TLeft, TRight, TWide, TWidth> : IBinaryOperator<TLeft, TRight, TWide>
        where TLeft : unmanaged, IBinaryInteger<TLeft> where TRight : unmanaged, IBinaryInteger<TRight>
        where TWide : unmanaged, IBinaryInteger<TWide> where TWidth : struct, IIntegerWidth<TWide>
    {
        public static TWide Apply(TLeft left, TRight right)
        {
            TWide l = TWide.CreateTruncating(left), r = TWide.CreateTruncating(right), difference = unchecked(l - r);
            if (TWide.IsNegative((l ^ r) & (l ^ difference))) throw TWidth.OutOfRange();
            return difference;
        }
    }

    internal readonly struct Multiply<TLeft, TRight, TWide, TWidth> : IBinaryOperator<TLeft, TRight, TWide>
        where TLeft : unmanaged, IBinaryInteger<TLeft> where TRight : unmanaged, IBinaryInteger<TRight>
        where TWide : unmanaged, IBinaryInteger<TWide> where TWidth : struct, IIntegerWidth<TWide>
    {
        public static TWide Apply(TLeft left, TRight right) => TWidth.Multiply(TWide.CreateTruncating(left), TWide.CreateTruncating(right));
    }

    internal readonly struct Divide<TLeft, TRight, TWide, TWidth> : IBinaryOperator<TLeft, TRight, TWide>
        where TLeft : unmanaged, IBinaryInteger<TLeft> where TRight : unmanaged, IBinaryInteger<TRight>
        where TWide : unmanaged, IBinaryInteger<TWide>, IMinMaxValue<TWide> where TWidth : struct, IIntegerWidth<TWide>
    {
        public static TWide Apply(TLeft left, TRight right)
        {
            TWide l = TWide.CreateTruncating(left), r = TWide.CreateTruncating(right);
            if (TWide.IsZero(r)) throw DivisionByZero();
            if (r == -TWide.One && l == TWide.MinValue) throw TWidth.OutOfRange();
            return l / r;
        }
    }

    internal readonly struct Modulo<T> : IBinaryOperator<T, T, T> where T : unmanaged, IBinaryInteger<T>
    {
        public static T Apply(T left, T right)
        {
            if (T.IsZero(right)) throw DivisionByZero();
            // The processor traps on minimum % -1.
            return right == -T.One ? T.Zero : left % right;
        }
    }

    internal readonly struct Negate<T, TWidth> : IUnaryOperator<T, T> where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T> where TWidth : struct, IIntegerWidth<T>
    {
        public static T Apply(T value) => value == T.MinValue ? throw TWidth.OutOfRange() : -value;
    }

    internal readonly struct Absolute<T, TWidth> : IUnaryOperator<T, T> where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T> where TWidth : struct, IIntegerWidth<T>
    {
        public static T Apply(T value) => value == T.MinValue ? throw TWidth.OutOfRange() : T.IsNegative(value) ? -value : value;
    }

    internal readonly struct Increment<T, TWidth> : IUnaryOperator<T, T> where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T> where TWidth : struct, IIntegerWidth<T>
    {
        public static T Apply(T value) => value == T.MaxValue ? throw TWidth.OutOfRange() : value + T.One;
    }

    internal readonly struct Decrement<T, TWidth> : IUnaryOperator<T, T> where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T> where TWidth : struct, IIntegerWidth<T>
    {
        public static T Apply(T value) => value == T.MinValue ? throw TWidth.OutOfRange() : value - T.One;
    }

    internal readonly struct And<T> : IBinaryOperator<T, T, T> where T : unmanaged, IBinaryInteger<T>
    {
        public static T Apply(T left, T right) => left & right;
    }

    internal readonly struct Or<T> : IBinaryOperator<T, T, T> where T : unmanaged, IBinaryInteger<T>
    {
        public static T Apply(T left, T right) => left | right;
    }

    internal readonly struct Xor<T> : IBinaryOperator<T, T, T> where T : unmanaged, IBinaryInteger<T>
    {
        public static T Apply(T left, T right) => left ^ right;
    }

    internal readonly struct Not<T> : IUnaryOperator<T, T> where T : unmanaged, IBinaryInteger<T>
    {
        public static T Apply(T value) => ~value;
    }

    /// <summary>The count is taken modulo 32 (int2, int4) or 64, as the processors do that PostgreSQL runs on.</summary>
    internal readonly struct ShiftLeft<T> : IBinaryOperator<T, int, T> where T : unmanaged, IBinaryInteger<T>
    {
        public static T Apply(T left, int right) => Unsafe.SizeOf<T>() == 8
            ? T.CreateTruncating(long.CreateTruncating(left) << right)
            : T.CreateTruncating(int.CreateTruncating(left) << right);
    }

    internal readonly struct ShiftRight<T> : IBinaryOperator<T, int, T> where T : unmanaged, IBinaryInteger<T>
    {
        public static T Apply(T left, int right) => Unsafe.SizeOf<T>() == 8
            ? T.CreateTruncating(long.CreateTruncating(left) >> right)
            : T.CreateTruncating(int.CreateTruncating(left) >> right);
    }

    internal readonly struct Larger<T> : IBinaryOperator<T, T, T> where T : unmanaged, IBinaryInteger<T>
    {
        public static T Apply(T left, T right) => T.Max(left, right);
    }

    internal readonly struct Smaller<T> : IBinaryOperator<T, T, T> where T : unmanaged, IBinaryInteger<T>
    {
        public static T Apply(T left, T right) => T.Min(left, right);
    }

    internal readonly struct Gcd<T, TWidth> : IBinaryOperator<T, T, T> where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T> where TWidth : struct, IIntegerWidth<T>
    {
        public static T Apply(T left, T right)
        {
            while (!T.IsZero(right))
            {
                // Minimum and -1: the remainder is 0, and the division would trap.
                (left, right) = (right, right == -T.One ? T.Zero : left % right);
            }
            return Absolute<T, TWidth>.Apply(left);
        }
    }

    internal readonly struct Lcm<T, TWidth> : IBinaryOperator<T, T, T> where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T> where TWidth : struct, IIntegerWidth<T>
    {
        public static T Apply(T left, T right)
        {
            if (T.IsZero(left) || T.IsZero(right)) return T.Zero;
            return Absolute<T, TWidth>.Apply(TWidth.Multiply(left / Gcd<T, TWidth>.Apply(left, right), right));
        }
    }

    internal readonly struct Itself<T> : IUnaryOperator<T, T> where T : unmanaged
    {
        public static T Apply(T value) => value;
    }
}
