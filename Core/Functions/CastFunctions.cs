using System.Numerics;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>Casts among booleans, integers, floats, oid and the character types, and the length coercions of varchar(n) and char(n).</summary>
internal static class CastFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Unary<Widen<short, int>, short, int>("i2toi4");
        library.Unary<Widen<short, long>, short, long>("int28");
        library.Unary<Widen<int, long>, int, long>("int48");
        library.Unary<Narrow<int, short, IntegerFunctions.Int2Width>, int, short>("i4toi2");
        library.Unary<Narrow<long, short, IntegerFunctions.Int2Width>, long, short>("int82");
        library.Unary<Narrow<long, int, IntegerFunctions.Int4Width>, long, int>("int84");
        library.Unary<Widen<short, double>, short, double>("i2tod");
        library.Unary<Widen<int, double>, int, double>("i4tod");
        library.Unary<Widen<long, double>, long, double>("i8tod");
        library.Unary<Widen<short, float>, short, float>("i2tof");
        library.Unary<Widen<int, float>, int, float>("i4tof");
        library.Unary<Widen<long, float>, long, float>("i8tof");
        library.Unary<Widen<float, double>, float, double>("ftod");
        library.Unary<DoubleToFloat, double, float>("dtof");
        library.Unary<Round<double, short, IntegerFunctions.Int2Width>, double, short>("dtoi2");
        library.Unary<Round<double, int, IntegerFunctions.Int4Width>, double, int>("dtoi4");
        library.Unary<Round<double, long, IntegerFunctions.Int8Width>, double, long>("dtoi8");
        library.Unary<Round<float, short, IntegerFunctions.Int2Width>, float, short>("ftoi2");
        library.Unary<Round<float, int, IntegerFunctions.Int4Width>, float, int>("ftoi4");
        library.Unary<Round<float, long, IntegerFunctions.Int8Width>, float, long>("ftoi8");
        library.Unary<IntToBool, int, bool>("int4_bool");
        library.Unary<BoolToInt, bool, int>("bool_int4");
        library.Unary<OidToLong, uint, long>("oidtoi8");
        library.Unary<LongToOid, long, uint>("i8tooid");
        library.Unary<CharToInt, byte, int>("chartoi4");
        library.Unary<IntToChar, int, byte>("i4tochar");
        library.Unary<LowHalf, long, uint>("xid8toxid");
        RegisterCharacterCasts(library);
    }

    private static void RegisterCharacterCasts(FunctionLibrary library)
    {
        library.Strict("booltext", static (in a, r, _) => Append(r, a.Get<bool>(0) ? "true"u8 : "false"u8));
        library.Strict("char_text", static (in a, r, _) => AppendChar(a, r));
        library.Strict("char_bpchar", static (in a, r, _) => AppendChar(a, r));
        library.Strict("text_char", static (in a, r, _) => ((ColumnBuilder<byte>)r).Append(CharType.Parse(a.Bytes(0))));
        library.Strict("name_text", static (in a, r, _) => Append(r, a.Bytes(0)));
        library.Strict("name_bpchar", static (in a, r, _) => Append(r, a.Bytes(0)));
        library.Strict("text_name", static (in a, r, _) => Append(r, Utf8Text.Clip(a.Bytes(0), NameType.MaxBytes)));
        library.Strict("bpchar_name", static (in a, r, _) => Append(r, BpcharType.Trim(Utf8Text.Clip(a.Bytes(0), NameType.MaxBytes))));
        library.Strict("varchar", static (in a, r, _) => Append(r, VarcharType.Fit(a.Bytes(0), a.Get<int>(1), a.Get<bool>(2))));
        library.Strict("bpchar", static (in a, r, _) => BpcharType.AppendFit(a.Bytes(0), a.Get<int>(1), a.Get<bool>(2), (BytesColumnBuilder)r));
    }

    private static void Append(ColumnBuilder result, ReadOnlySpan<byte> value) => ((BytesColumnBuilder)result).Append(value);

    private static void AppendChar(in RowArguments arguments, ColumnBuilder result)
    {
        CharType.Write(arguments.Get<byte>(0), ((BytesColumnBuilder)result).Output);
        ((BytesColumnBuilder)result).EndValue();
    }

    internal readonly struct Widen<TFrom, TTo> : IUnaryOperator<TFrom, TTo> where TFrom : unmanaged, INumber<TFrom> where TTo : unmanaged, INumber<TTo>
    {
        public static TTo Apply(TFrom value) => TTo.CreateTruncating(value);
    }

    internal readonly struct Narrow<TFrom, TTo, TWidth> : IUnaryOperator<TFrom, TTo>
        where TFrom : unmanaged, IBinaryInteger<TFrom> where TTo : unmanaged, IBinaryInteger<TTo> where TWidth : struct, IntegerFunctions.IIntegerWidth<TTo>
    {
        public static TTo Apply(TFrom value)
        {
            TTo narrow = TTo.CreateTruncating(value);
            return TFrom.CreateTruncating(narrow) == value ? narrow : throw TWidth.OutOfRange();
        }
    }

    /// <summary>To the nearest integer, halves to even.</summary>
    internal readonly struct Round<TFrom, TTo, TWidth> : IUnaryOperator<TFrom, TTo>
        where TFrom : unmanaged, IBinaryFloatingPointIeee754<TFrom> where TTo : unmanaged, IBinaryInteger<TTo>, IMinMaxValue<TTo>
        where TWidth : struct, IntegerFunctions.IIntegerWidth<TTo>
    {
        public static TTo Apply(TFrom value)
        {
            TFrom rounded = TFrom.Round(value, MidpointRounding.ToEven);
            // The minimum is a power of two, so exact in a float; the maximum is one less than its opposite.
            TFrom minimum = TFrom.CreateTruncating(TTo.MinValue);
            if (!(rounded >= minimum && rounded < -minimum)) throw TWidth.OutOfRange();
            return TTo.CreateTruncating(rounded);
        }
    }

    internal readonly struct DoubleToFloat : IUnaryOperator<double, float>
    {
        public static float Apply(double value)
        {
            float narrow = (float)value;
            if (float.IsInfinity(narrow) && !double.IsInfinity(value)) throw FloatFunctions.Overflow();
            if (narrow == 0 && value != 0) throw FloatFunctions.Underflow();
            return narrow;
        }
    }

    internal readonly struct IntToBool : IUnaryOperator<int, bool> { public static bool Apply(int value) => value != 0; }
    internal readonly struct BoolToInt : IUnaryOperator<bool, int> { public static int Apply(bool value) => value ? 1 : 0; }
    internal readonly struct OidToLong : IUnaryOperator<uint, long> { public static long Apply(uint value) => value; }
    internal readonly struct CharToInt : IUnaryOperator<byte, int> { public static int Apply(byte value) => (sbyte)value; }
    internal readonly struct LowHalf : IUnaryOperator<long, uint> { public static uint Apply(long value) => unchecked((uint)value); }

    internal readonly struct LongToOid : IUnaryOperator<long, uint>
    {
        public static uint Apply(long value) => value is >= 0 and <= uint.MaxValue ? (uint)value : throw new SqlException(SqlState.NumericValueOutOfRange, "OID out of range");
    }

    internal readonly struct IntToChar : IUnaryOperator<int, byte>
    {
        public static byte Apply(int value) =>
            value is >= sbyte.MinValue and <= sbyte.MaxValue ? unchecked((byte)value) : throw new SqlException(SqlState.NumericValueOutOfRange, "\"char\" out of range");
    }
}
