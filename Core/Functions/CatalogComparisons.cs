using VecSql.Core.Columns;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>Comparison of tid and oidvector, types of the catalogs.</summary>
internal static class CatalogComparisons
{
    public static void Register(FunctionLibrary library)
    {
        foreach (string suffix in (string[])["eq", "ne", "lt", "le", "gt", "ge"]) library.Add("tid" + suffix, new ByteComparison(suffix, BlanksAside: false));
        library.Strict("bttidcmp", static (in a, r, _) => StringFunctions.Int(r, Math.Sign(a.Bytes(0).SequenceCompareTo(a.Bytes(1)))));
        library.Strict("tidlarger", static (in a, r, _) => StringFunctions.Append(r, a.Bytes(0).SequenceCompareTo(a.Bytes(1)) >= 0 ? a.Bytes(0) : a.Bytes(1)));
        library.Strict("tidsmaller", static (in a, r, _) => StringFunctions.Append(r, a.Bytes(0).SequenceCompareTo(a.Bytes(1)) <= 0 ? a.Bytes(0) : a.Bytes(1)));
        library.Strict("oidvectoreq", static (in a, r, _) => StringFunctions.Bool(r, Compare(a) == 0));
        library.Strict("oidvectorne", static (in a, r, _) => StringFunctions.Bool(r, Compare(a) != 0));
        library.Strict("oidvectorlt", static (in a, r, _) => StringFunctions.Bool(r, Compare(a) < 0));
        library.Strict("oidvectorle", static (in a, r, _) => StringFunctions.Bool(r, Compare(a) <= 0));
        library.Strict("oidvectorgt", static (in a, r, _) => StringFunctions.Bool(r, Compare(a) > 0));
        library.Strict("oidvectorge", static (in a, r, _) => StringFunctions.Bool(r, Compare(a) >= 0));
        library.Strict("btoidvectorcmp", static (in a, r, _) => StringFunctions.Int(r, Math.Sign(Compare(a))));
        library.Strict("booland_statefunc", static (in a, r, _) => StringFunctions.Bool(r, a.Get<bool>(0) && a.Get<bool>(1)));
        library.Strict("boolor_statefunc", static (in a, r, _) => StringFunctions.Bool(r, a.Get<bool>(0) || a.Get<bool>(1)));
    }

    private static int Compare(in RowArguments arguments) => NumberVectorType.CompareStored(arguments.Bytes(0), arguments.Bytes(1), 4);
}
