using VecSql.Core.Columns;

namespace VecSql.Core.Functions;

/// <summary>The order of a type's stored values, as a type.</summary>
internal interface IStoredOrder
{
    static abstract int Compare(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y);
}

/// <summary>The comparison functions that each of pgvector's types has: TYPE_lt and its kin.</summary>
internal static class VectorComparisons
{
    public static void Register<TOrder>(FunctionLibrary library, string type) where TOrder : struct, IStoredOrder
    {
        library.Strict(type + "_cmp", static (in a, r, _) => StringFunctions.Int(r, Compare<TOrder>(a)));
        library.Strict(type + "_lt", static (in a, r, _) => StringFunctions.Bool(r, Compare<TOrder>(a) < 0));
        library.Strict(type + "_le", static (in a, r, _) => StringFunctions.Bool(r, Compare<TOrder>(a) <= 0));
        library.Strict(type + "_eq", static (in a, r, _) => StringFunctions.Bool(r, Compare<TOrder>(a) == 0));
        library.Strict(type + "_ne", static (in a, r, _) => StringFunctions.Bool(r, Compare<TOrder>(a) != 0));
        library.Strict(type + "_ge", static (in a, r, _) => StringFunctions.Bool(r, Compare<TOrder>(a) >= 0));
        library.Strict(type + "_gt", static (in a, r, _) => StringFunctions.Bool(r, Compare<TOrder>(a) > 0));
    }

    private static int Compare<TOrder>(in RowArguments arguments) where TOrder : struct, IStoredOrder => Math.Sign(TOrder.Compare(arguments.Bytes(0), arguments.Bytes(1)));
}
