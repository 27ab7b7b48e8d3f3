using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>format_type, the to_reg functions and text → regclass.</summary>
internal static class NameFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Rowwise("format_type", FormatType);
        library.Strict("text_regclass", static (in a, r, c) => ((ColumnBuilder<uint>)r).Append(ParseClass(a.Bytes(0), c)));
        Add(library, "to_regclass", RegKind.Class);
        Add(library, "to_regtype", RegKind.Type);
        Add(library, "to_regproc", RegKind.Procedure);
        Add(library, "to_regprocedure", RegKind.ProcedureWithTypes);
        Add(library, "to_regoper", RegKind.Operator);
        Add(library, "to_regoperator", RegKind.OperatorWithTypes);
        Add(library, "to_regnamespace", RegKind.Namespace);
        Add(library, "to_regrole", RegKind.Role);
        Add(library, "to_regcollation", RegKind.Collation);
    }

    private static uint ParseClass(ReadOnlySpan<byte> text, EvalContext context) => ObjectNames.Find(RegKind.Class, Utf8Text.ToString(text), context);

    private static void Add(FunctionLibrary library, string key, RegKind kind) => library.Strict(key, (in a, r, c) =>
    {
        uint found = ObjectNames.TryFind(kind, Utf8Text.ToString(a.Bytes(0)), c, out _);
        if (found == 0) r.AppendNull();
        else ((ColumnBuilder<uint>)r).Append(found);
    });

    private static void FormatType(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        if (arguments.IsNull(0))
        {
            result.AppendNull();
            return;
        }
        bool hasModifier = !arguments.IsNull(1);
        SqlType type = new(arguments.Get<uint>(0), hasModifier ? arguments.Get<int>(1) : -1);
        BytesColumnBuilder text = (BytesColumnBuilder)result;
        text.Output.WriteText(TypeNames.Display(type, hasModifier, context.Catalog, context.Session.SearchPath));
        text.EndValue();
    }
}
