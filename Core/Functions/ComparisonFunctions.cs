using System.Numerics;
using System.Runtime.InteropServices;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Kernels;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>
/// Comparison of every type of this room: typed loops for numbers, and loops over bytes for text, name, bytea, bpchar. All six operators and the three-way form.
/// </summary>
internal static class ComparisonFunctions
{
    private static readonly string[] Suffixes = ["eq", "ne", "lt", "le", "gt", "ge"];

    public static void Register(FunctionLibrary library)
    {
        Integers<short, short, short>(library, "int2", "btint2cmp");
        Integers<int, int, int>(library, "int4", "btint4cmp");
        Integers<long, long, long>(library, "int8", "btint8cmp");
        Integers<short, int, int>(library, "int24", "btint24cmp");
        Integers<int, short, int>(library, "int42", "btint42cmp");
        Integers<short, long, long>(library, "int28", "btint28cmp");
        Integers<long, short, long>(library, "int82", "btint82cmp");
        Integers<int, long, long>(library, "int48", "btint48cmp");
        Integers<long, int, long>(library, "int84", "btint84cmp");
        Integers<uint, uint, uint>(library, "oid", "btoidcmp");
        Integers<byte, byte, byte>(library, "char", "btcharcmp");
        Ordered<OrderOfUnsigned, long, long>(library, "xid8", "xid8cmp");
        Ordered<OrderOfBool, bool, bool>(library, "bool", "btboolcmp");
        Ordered<OrderOfUuid, UuidValue, UuidValue>(library, "uuid_", "uuid_cmp");
        Ordered<OrderOfFloats<float, float>, float, float>(library, "float4", "btfloat4cmp");
        Ordered<OrderOfFloats<double, double>, double, double>(library, "float8", "btfloat8cmp");
        Ordered<OrderOfFloats<float, double>, float, double>(library, "float48", "btfloat48cmp");
        Ordered<OrderOfFloats<double, float>, double, float>(library, "float84", "btfloat84cmp");
        library.Add("xideq", new XidEquals(false));
        library.Add("xidneq", new XidEquals(true));
        library.Binary<IntegersCompare<uint, uint, uint, IsEqual>, uint, uint, bool>("cideq");

        foreach (string suffix in Suffixes)
        {
            ByteComparison plain = new(suffix, BlanksAside: false);
            library.Add("name" + suffix, plain);
            library.Add("name" + suffix + "text", plain);
            library.Add("text" + suffix + "name", plain);
            library.Add("bytea" + suffix, plain);
            library.Add("bpchar" + suffix, new ByteComparison(suffix, BlanksAside: true));
            library.Add(suffix is "eq" or "ne" ? "text" + suffix : "text_" + suffix, plain);
            if (suffix is "eq" or "ne") continue;
            library.Add("text_pattern_" + suffix, plain);
            library.Add("bpchar_pattern_" + suffix, new ByteComparison(suffix, BlanksAside: true));
        }
        foreach (string key in (string[])["bttextcmp", "btnamecmp", "btnametextcmp", "bttextnamecmp", "byteacmp", "bttext_pattern_cmp"])
            library.Strict(key, CompareBytes);
        library.Strict("bpcharcmp", CompareBlanksAside);
        library.Strict("btbpchar_pattern_cmp", CompareBlanksAside);
        library.Binary<Largest<IntegersOrder<uint, uint, uint>, uint>, uint, uint, uint>("oidlarger");
        library.Binary<Smallest<IntegersOrder<uint, uint, uint>, uint>, uint, uint, uint>("oidsmaller");
        library.Binary<Largest<OrderOfUnsigned, long>, long, long, long>("xid8_larger");
        library.Binary<Smallest<OrderOfUnsigned, long>, long, long, long>("xid8_smaller");
        library.Binary<Largest<OrderOfFloats<float, float>, float>, float, float, float>("float4larger");
        library.Binary<Smallest<OrderOfFloats<float, float>, float>, float, float, float>("float4smaller");
        library.Binary<Largest<OrderOfFloats<double, double>, double>, double, double, double>("float8larger");
        library.Binary<Smallest<OrderOfFloats<double, double>, double>, double, double, double>("float8smaller");
        library.Strict("text_larger", static (in a, r, _) => Append(r, a.Bytes(0).SequenceCompareTo(a.Bytes(1)) >= 0 ? a.Bytes(0) : a.Bytes(1)));
        library.Strict("text_smaller", static (in a, r, _) => Append(r, a.Bytes(0).SequenceCompareTo(a.Bytes(1)) <= 0 ? a.Bytes(0) : a.Bytes(1)));
        library.Strict("bpchar_larger", static (in a, r, _) => Append(r, BlanksAside(a) >= 0 ? a.Bytes(0) : a.Bytes(1)));
        library.Strict("bpchar_smaller", static (in a, r, _) => Append(r, BlanksAside(a) <= 0 ? a.Bytes(0) : a.Bytes(1)));
    }

    private static void Append(ColumnBuilder result, ReadOnlySpan<byte> value) => ((BytesColumnBuilder)result).Append(value);

    private static int BlanksAside(in RowArguments arguments) => BpcharType.Trim(arguments.Bytes(0)).SequenceCompareTo(BpcharType.Trim(arguments.Bytes(1)));

    private static void CompareBytes(in RowArguments arguments, ColumnBuilder result, EvalContext context) =>
        ((ColumnBuilder<int>)result).Append(Math.Sign(arguments.Bytes(0).SequenceCompareTo(arguments.Bytes(1))));

    private static void CompareBlanksAside(in RowArguments arguments, ColumnBuilder result, EvalContext context) =>
        ((ColumnBuilder<int>)result).Append(Math.Sign(BlanksAside(arguments)));

    internal static void Integers<TLeft, TRight, TWide>(FunctionLibrary library, string prefix, string threeWay)
        where TLeft : unmanaged, IBinaryInteger<TLeft> where TRight : unmanaged, IBinaryInteger<TRight> where TWide : unmanaged, IBinaryInteger<TWide>
    {
        library.Binary<IntegersCompare<TLeft, TRight, TWide, IsEqual>, TLeft, TRight, bool>(prefix + "eq");
        library.Binary<IntegersCompare<TLeft, TRight, TWide, IsNotEqual>, TLeft, TRight, bool>(prefix + "ne");
        library.Binary<IntegersCompare<TLeft, TRight, TWide, IsLess>, TLeft, TRight, bool>(prefix + "lt");
        library.Binary<IntegersCompare<TLeft, TRight, TWide, IsLessOrEqual>, TLeft, TRight, bool>(prefix + "le");
        library.Binary<IntegersCompare<TLeft, TRight, TWide, IsGreater>, TLeft, TRight, bool>(prefix + "gt");
        library.Binary<IntegersCompare<TLeft, TRight, TWide, IsGreaterOrEqual>, TLeft, TRight, bool>(prefix + "ge");
        library.Binary<IntegersOrder<TLeft, TRight, TWide>, TLeft, TRight, int>(threeWay);
    }

    internal static void Ordered<TOrder, TLeft, TRight>(FunctionLibrary library, string prefix, string threeWay)
        where TOrder : struct, IBinaryOperator<TLeft, TRight, int> where TLeft : unmanaged where TRight : unmanaged
    {
        library.Binary<ByOrder<TOrder, TLeft, TRight, IsEqual>, TLeft, TRight, bool>(prefix + "eq");
        library.Binary<ByOrder<TOrder, TLeft, TRight, IsNotEqual>, TLeft, TRight, bool>(prefix + "ne");
        library.Binary<ByOrder<TOrder, TLeft, TRight, IsLess>, TLeft, TRight, bool>(prefix + "lt");
        library.Binary<ByOrder<TOrder, TLeft, TRight, IsLessOrEqual>, TLeft, TRight, bool>(prefix + "le");
        library.Binary<ByOrder<TOrder, TLeft, TRight, IsGreater>, TLeft, TRight, bool>(prefix + "gt");
        library.Binary<ByOrder<TOrder, TLeft, TRight, IsGreaterOrEqual>, TLeft, TRight, bool>(prefix + "ge");
        library.Binary<TOrder, TLeft, TRight, int>(threeWay);
    }

    internal readonly struct IntegersCompare<TLeft, TRight, TWide, TComparison> : IBinaryOperator<TLeft, TRight, bool>
        where TLeft : unmanaged, IBinaryInteger<TLeft> where TRight : unmanaged, IBinaryInteger<TRight> where TWide : unmanaged, IBinaryInteger<TWide>
        where TComparison : struct, IComparison
    {
        public static bool Apply(TLeft left, TRight right) => TComparison.Holds(TWide.CreateTruncating(left), TWide.CreateTruncating(right));

        /// <summary>Both sides of the wide type, or one narrower value for all rows.</summary>
        public static bool TryApply(ReadOnlySpan<TLeft> left, ReadOnlySpan<TRight> right, Span<bool> result)
        {
            if (result.IsEmpty) return true;
            if (typeof(TLeft) != typeof(TWide) && left.Length != 1 || typeof(TRight) != typeof(TWide) && right.Length != 1) return false;
            TWide leftOne = TWide.CreateTruncating(left[0]), rightOne = TWide.CreateTruncating(right[0]);
            return CompareKernels.TryCompare<TWide, TComparison>(
                typeof(TLeft) == typeof(TWide) ? MemoryMarshal.Cast<TLeft, TWide>(left) : new ReadOnlySpan<TWide>(in leftOne),
                typeof(TRight) == typeof(TWide) ? MemoryMarshal.Cast<TRight, TWide>(right) : new ReadOnlySpan<TWide>(in rightOne),
                result);
        }
    }

    internal readonly struct IntegersOrder<TLeft, TRight, TWide> : IBinaryOperator<TLeft, TRight, int>
        where TLeft : unmanaged, IBinaryInteger<TLeft> where TRight : unmanaged, IBinaryInteger<TRight> where TWide : unmanaged, IBinaryInteger<TWide>
    {
        public static int Apply(TLeft left, TRight right)
        {
            TWide l = TWide.CreateTruncating(left), r = TWide.CreateTruncating(right);
            return l < r ? -1 : l > r ? 1 : 0;
        }
    }

    internal readonly struct ByOrder<TOrder, TLeft, TRight, TComparison> : IBinaryOperator<TLeft, TRight, bool>
        where TOrder : struct, IBinaryOperator<TLeft, TRight, int> where TLeft : unmanaged where TRight : unmanaged where TComparison : struct, IComparison
    {
        public static bool Apply(TLeft left, TRight right) => TComparison.Holds(TOrder.Apply(left, right), 0);
    }

    internal readonly struct OrderOfUnsigned : IBinaryOperator<long, long, int>
    {
        public static int Apply(long left, long right) => ((ulong)left).CompareTo((ulong)right);
    }

    internal readonly struct OrderOfBool : IBinaryOperator<bool, bool, int>
    {
        public static int Apply(bool left, bool right) => left.CompareTo(right);
    }

    internal readonly struct OrderOfUuid : IBinaryOperator<UuidValue, UuidValue, int>
    {
        public static int Apply(UuidValue left, UuidValue right) => left.CompareTo(right);
    }

    internal readonly struct OrderOfFloats<TLeft, TRight> : IBinaryOperator<TLeft, TRight, int>
        where TLeft : unmanaged, INumber<TLeft> where TRight : unmanaged, INumber<TRight>
    {
        public static int Apply(TLeft left, TRight right) => FloatOrder.Compare(double.CreateTruncating(left), double.CreateTruncating(right));
    }

    internal readonly struct Largest<TOrder, T> : IBinaryOperator<T, T, T> where TOrder : struct, IBinaryOperator<T, T, int> where T : unmanaged
    {
        public static T Apply(T left, T right) => TOrder.Apply(left, right) > 0 ? left : right;
    }

    internal readonly struct Smallest<TOrder, T> : IBinaryOperator<T, T, T> where TOrder : struct, IBinaryOperator<T, T, int> where T : unmanaged
    {
        public static T Apply(T left, T right) => TOrder.Apply(left, right) < 0 ? left : right;
    }
}

/// <summary>xid = xid and xid = integer: one name in PostgreSQL, two widths here.</summary>
internal sealed class XidEquals(bool negated) : ScalarFunction
{
    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        Span<bool> output = ((ColumnBuilder<bool>)result).Fill(Rows.Needed(selection));
        result.IntersectValidity(arguments[0], arguments[1]);
        for (int i = 0; i < selection.Count; i++)
        {
            int row = selection[i];
            uint right = arguments[1] is Column<int> integers ? unchecked((uint)integers[row]) : ((Column<uint>)arguments[1])[row];
            output[row] = ((Column<uint>)arguments[0])[row] == right != negated;
        }
    }
}

/// <summary>One of the six comparisons over bytes; with <paramref name="BlanksAside"/>, trailing blanks don't count.</summary>
internal sealed class ByteComparison(string suffix, bool BlanksAside) : ScalarFunction
{
    private enum Test { Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual }

    private readonly Test _test = suffix switch
    {
        "eq" => Test.Equal,
        "ne" => Test.NotEqual,
        "lt" => Test.Less,
        "le" => Test.LessOrEqual,
        "gt" => Test.Greater,
        _ => Test.GreaterOrEqual,
    };

    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        BytesColumn left = (BytesColumn)arguments[0], right = (BytesColumn)arguments[1];
        BytesValues leftValues = left.Values, rightValues = right.Values;
        Span<bool> output = ((ColumnBuilder<bool>)result).Fill(Rows.Needed(selection));
        result.IntersectValidity(left, right);
        for (int i = 0; i < selection.Count; i++)
        {
            int row = selection[i];
            ReadOnlySpan<byte> l = leftValues[row], r = rightValues[row];
            if (BlanksAside)
            {
                l = BpcharType.Trim(l);
                r = BpcharType.Trim(r);
            }
            output[row] = _test switch
            {
                Test.Equal => l.SequenceEqual(r),
                Test.NotEqual => !l.SequenceEqual(r),
                Test.Less => l.SequenceCompareTo(r) < 0,
                Test.LessOrEqual => l.SequenceCompareTo(r) <= 0,
                Test.Greater => l.SequenceCompareTo(r) > 0,
                _ => l.SequenceCompareTo(r) >= 0,
            };
        }
    }
}
