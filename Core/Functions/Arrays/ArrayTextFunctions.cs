using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>array_to_string, string_to_array and string_to_table.</summary>
internal static class ArrayTextFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Add("array_to_text", new TypedRowFunction(ToText, isStrict: true));
        library.Add("array_to_text_null", new TypedRowFunction(ToText, isStrict: false));
        library.Rowwise("text_to_array", ToArray);
        library.Rowwise("text_to_array_null", ToArray);
        library.Add("text_to_table", new SplitTable());
        library.Add("text_to_table_null", new SplitTable());
    }

    private static void ToText(in RowArguments arguments, ColumnBuilder result, CallTypes types, EvalContext context)
    {
        if (arguments.IsNull(0) || arguments.IsNull(1))
        {
            result.AppendNull();
            return;
        }
        ArrayView view = ArrayElementFunctions.Open(arguments, 0, types);
        TypeHandler handler = TypeHandlers.Of(view.ElementType, context.Catalog);
        BytesColumnBuilder text = (BytesColumnBuilder)result;
        bool showsNull = arguments.Count > 2 && !arguments.IsNull(2);
        bool isFirst = true;
        for (int i = 0; i < view.Count; i++)
        {
            bool isNull = view.Elements.IsNull(i);
            if (isNull && !showsNull) continue;
            if (!isFirst) text.Output.Write(arguments.Bytes(1));
            isFirst = false;
            if (isNull) text.Output.Write(arguments.Bytes(2));
            else handler.FormatText(view.Elements, i, new SqlType(view.ElementType), text.Output, context);
        }
        text.EndValue();
        view.Return();
    }

    private static void ToArray(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        if (arguments.IsNull(0))
        {
            result.AppendNull();
            return;
        }
        ArrayBuilder builder = ArrayBuilder.Rent(TypeOid.Text, PhysicalKind.Bytes);
        Split(arguments, (BytesColumnBuilder)builder.Elements);
        builder.WriteTo(result);
        builder.Return();
    }

    /// <summary>Fields between separators; without one (null), characters; with an empty one, the whole.</summary>
    internal static void Split(in RowArguments arguments, BytesColumnBuilder fields)
    {
        ReadOnlySpan<byte> rest = arguments.Bytes(0);
        if (rest.IsEmpty) return;
        bool hasNull = arguments.Count > 2 && !arguments.IsNull(2);
        ReadOnlySpan<byte> nullText = hasNull ? arguments.Bytes(2) : default;
        bool isByCharacter = arguments.IsNull(1);
        ReadOnlySpan<byte> separator = isByCharacter ? default : arguments.Bytes(1);
        while (true)
        {
            int end = isByCharacter ? Utf8Text.WidthOf(rest[0]) : separator.IsEmpty ? -1 : rest.IndexOf(separator);
            ReadOnlySpan<byte> field = end < 0 ? rest : rest[..end];
            if (hasNull && field.SequenceEqual(nullText)) fields.AppendNull();
            else fields.Append(field);
            if (end < 0) return;
            rest = rest[(end + separator.Length)..];
            if (isByCharacter && rest.IsEmpty) return;
        }
    }

    private sealed class SplitTable : TableFunction
    {
        public override TableFunctionCursor Open(in RowArguments arguments, EvalContext context)
        {
            BytesColumnBuilder fields = new(16);
            if (!arguments.IsNull(0)) Split(arguments, fields);
            return new ColumnCursor(fields.Build());
        }
    }
}

/// <summary>The rows of one column, handed out in portions.</summary>
internal sealed class ColumnCursor(Column rows) : TableFunctionCursor
{
    private int _next;

    public override int Next(ReadOnlySpan<ColumnBuilder> result, int maxRows, EvalContext context)
    {
        int count = Math.Min(maxRows, rows.Length - _next);
        for (int i = 0; i < count; i++) result[0].AppendFrom(rows, _next + i);
        _next += count;
        return count;
    }
}
