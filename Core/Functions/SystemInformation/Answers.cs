using VecSql.Core.Columns;

namespace VecSql.Core.Functions;

/// <summary>Appending results of functions that ask the catalog; null where there is no such object.</summary>
internal static class Answers
{
    public static void Text(ColumnBuilder result, string? value)
    {
        if (value is null)
        {
            result.AppendNull();
            return;
        }
        BytesColumnBuilder bytes = (BytesColumnBuilder)result;
        bytes.Output.WriteText(value);
        bytes.EndValue();
    }

    public static void Value<T>(ColumnBuilder result, T? value) where T : unmanaged
    {
        if (value is { } known) ((ColumnBuilder<T>)result).Append(known);
        else result.AppendNull();
    }

    public static string String(in RowArguments arguments, int argument) => Types.Utf8Text.ToString(arguments.Bytes(argument));
}

/// <summary>Rows that were all known when the function was called.</summary>
/// <param name="count">How many.</param>
/// <param name="write">Appends row n, one value to each column.</param>
internal sealed class RowsCursor(int count, Action<int, ColumnBuilder[]> write) : TableFunctionCursor
{
    private int _next;

    public override int Next(ReadOnlySpan<ColumnBuilder> result, int maxRows, Environment.EvalContext context)
    {
        int start = _next;
        ColumnBuilder[] columns = result.ToArray();
        for (; _next < count && _next - start < maxRows; _next++) write(_next, columns);
        return _next - start;
    }
}

/// <summary>A set-returning function over a small set that the catalog gives.</summary>
internal sealed class CatalogSet(CatalogSet.Opener open) : TableFunction
{
    public delegate RowsCursor Opener(in RowArguments arguments, Environment.EvalContext context);

    public override TableFunctionCursor Open(in RowArguments arguments, Environment.EvalContext context) => arguments.AnyNull() ? new EmptyCursor() : open(arguments, context);
}
