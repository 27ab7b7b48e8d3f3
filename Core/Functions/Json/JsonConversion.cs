using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>Any value as json text, or as part of a jsonb value in the making: to_json and all that builds on it.</summary>
internal static class JsonConversion
{
    private enum Category { Text, Bool, Number, Time, Json, Jsonb, Array, Row }

    private static Category CategoryOf(ref SqlType type, CatalogSnapshot catalog)
    {
        if (TypeHandlers.Find(type.Oid, catalog) is DomainType domain) type = domain.BaseType;
        switch (type.Oid)
        {
            case TypeOid.Bool: return Category.Bool;
            case TypeOid.Int2 or TypeOid.Int4 or TypeOid.Int8 or TypeOid.Float4 or TypeOid.Float8 or TypeOid.Numeric: return Category.Number;
            case TypeOid.Date or TypeOid.Timestamp or TypeOid.TimestampTz: return Category.Time;
            case TypeOid.Json: return Category.Json;
            case TypeOid.Jsonb: return Category.Jsonb;
            case TypeOid.Record: return Category.Row;
        }
        return TypeHandlers.Find(type.Oid, catalog) switch { ArrayType => Category.Array, RecordType => Category.Row, _ => Category.Text };
    }

    /// <summary>True of arrays, rows and json: what can't be an object's key, and what json_agg puts on a line of its own.</summary>
    public static bool IsStructured(SqlType type, CatalogSnapshot catalog) => CategoryOf(ref type, catalog) is Category.Array or Category.Row;

    /// <summary>Appends a value as json text. <paramref name="breaks"/>: elements or fields of the outermost level on lines of their own.</summary>
    public static void Write(Column column, int row, SqlType type, ByteBuffer output, EvalContext context, bool breaks = false)
    {
        StackGuard.Check();
        if (column.IsNull(row))
        {
            output.Write("null"u8);
            return;
        }
        switch (CategoryOf(ref type, context.Catalog))
        {
            case Category.Bool:
                output.Write(((Column<bool>)column)[row] ? "true"u8 : "false"u8);
                break;
            case Category.Json:
                output.Write(((BytesColumn)column)[row]);
                break;
            case Category.Jsonb:
                JsonText.Write(JsonbValue.Open(((BytesColumn)column)[row]), output);
                break;
            case Category.Array:
                WriteArray(column, row, type, output, context, breaks);
                break;
            case Category.Row:
                WriteRow(column, row, output, context, breaks);
                break;
            default:
                ReadOnlySpan<byte> text = TextOf(column, row, type, context, out bool isNumber);
                if (isNumber) output.Write(text);
                else JsonText.WriteString(text, output);
                break;
        }
    }

    /// <summary>Adds a value to a jsonb value in the making.</summary>
    public static void Build(Column column, int row, SqlType type, JsonbBuilder builder, EvalContext context)
    {
        StackGuard.Check();
        if (column.IsNull(row))
        {
            builder.Null();
            return;
        }
        switch (CategoryOf(ref type, context.Catalog))
        {
            case Category.Bool:
                builder.Bool(((Column<bool>)column)[row]);
                break;
            case Category.Json:
                builder.Parse(((BytesColumn)column)[row]);
                break;
            case Category.Jsonb:
                builder.Value(JsonbValue.Open(((BytesColumn)column)[row]));
                break;
            case Category.Array:
                BuildArray(column, row, type, builder, context);
                break;
            case Category.Row:
                BuildRow(column, row, builder, context);
                break;
            default:
                ReadOnlySpan<byte> text = TextOf(column, row, type, context, out bool isNumber);
                if (isNumber) builder.Number(NumericText.Parse(text));
                else builder.String(text);
                break;
        }
    }

    /// <summary>The value's output text as it stands in json: numbers bare (but not NaN and infinity), times in ISO 8601.</summary>
    private static ReadOnlySpan<byte> TextOf(Column column, int row, SqlType type, EvalContext context, out bool isNumber)
    {
        Category category = CategoryOf(ref type, context.Catalog);
        ByteBuffer text = new(64);
        TypeHandlers.Of(type.Oid, context.Catalog).FormatText(column, row, type, text, category == Category.Time ? Iso(context) : context);
        isNumber = category == Category.Number && text.WrittenSpan.IndexOfAnyInRange((byte)'A', (byte)'Z') < 0;
        if (category != Category.Time) return text.WrittenSpan;
        bool isBeforeChrist = text.WrittenSpan.EndsWith(" BC"u8);
        if (isBeforeChrist) text.Truncate(text.Length - 3);
        int space = text.WrittenSpan.IndexOf((byte)' ');
        if (space > 0) text.Written[space] = (byte)'T';
        // The zone has minutes always: +00 becomes +00:00.
        if (type.Oid == TypeOid.TimestampTz && space > 0 && text.WrittenSpan.LastIndexOfAny((byte)'+', (byte)'-') is var sign && sign > space && text.Length - sign == 3)
            text.Write(":00"u8);
        if (isBeforeChrist) text.Write(" BC"u8);
        return text.WrittenSpan;
    }

    private static EvalContext Iso(EvalContext context) => context.Display.DateFormat == DateStyleFormat.Iso ? context : new EvalContext
    {
        Display = context.Display with { DateFormat = DateStyleFormat.Iso }, Catalog = context.Catalog, Clock = context.Clock, Random = context.Random,
        Session = context.Session, Cancellation = context.Cancellation,
    };

    private static void WriteArray(Column column, int row, SqlType type, ByteBuffer output, EvalContext context, bool breaks)
    {
        ArrayView view = ArrayView.Rent(type.Oid);
        view.Open((BytesColumn)column, row);
        int next = 0;
        if (view.Count == 0) output.Write("[]"u8);
        else WriteDimension(view, 0, ref next, output, context, breaks);
        view.Return();
    }

    private static void WriteDimension(ArrayView view, int dimension, ref int next, ByteBuffer output, EvalContext context, bool breaks)
    {
        output.WriteByte((byte)'[');
        for (int i = 0; i < view.Lengths[dimension]; i++)
        {
            if (i > 0) output.Write(breaks ? ",\n "u8 : ","u8);
            if (dimension + 1 < view.Dimensions) WriteDimension(view, dimension + 1, ref next, output, context, breaks: false);
            else Write(view.Elements, next++, new SqlType(view.ElementType), output, context);
        }
        output.WriteByte((byte)']');
    }

    private static void BuildArray(Column column, int row, SqlType type, JsonbBuilder builder, EvalContext context)
    {
        ArrayView view = ArrayView.Rent(type.Oid);
        view.Open((BytesColumn)column, row);
        int next = 0;
        BuildDimension(view, 0, ref next, builder, context);
        view.Return();
    }

    private static void BuildDimension(ArrayView view, int dimension, ref int next, JsonbBuilder builder, EvalContext context)
    {
        builder.BeginArray();
        for (int i = 0; view.Count > 0 && i < view.Lengths[dimension]; i++)
        {
            if (dimension + 1 < view.Dimensions) BuildDimension(view, dimension + 1, ref next, builder, context);
            else Build(view.Elements, next++, new SqlType(view.ElementType), builder, context);
        }
        builder.End();
    }

    private static void WriteRow(Column column, int row, ByteBuffer output, EvalContext context, bool breaks)
    {
        RowView view = RowView.Rent();
        view.Open((BytesColumn)column, row);
        string[] names = NamesOf(view, context);
        output.WriteByte((byte)'{');
        for (int f = 0; f < view.Count; f++)
        {
            if (f > 0) output.Write(breaks ? ",\n "u8 : ","u8);
            JsonText.WriteString(System.Text.Encoding.UTF8.GetBytes(names[f]), output);
            output.WriteByte((byte)':');
            Write(view[f], 0, view.TypeOf(f), output, context);
        }
        output.WriteByte((byte)'}');
        view.Return();
    }

    private static void BuildRow(Column column, int row, JsonbBuilder builder, EvalContext context)
    {
        RowView view = RowView.Rent();
        view.Open((BytesColumn)column, row);
        string[] names = NamesOf(view, context);
        builder.BeginObject();
        for (int f = 0; f < view.Count; f++)
        {
            builder.Key(System.Text.Encoding.UTF8.GetBytes(names[f]));
            Build(view[f], 0, view.TypeOf(f), builder, context);
        }
        builder.End();
        view.Return();
    }

    private static string[] NamesOf(RowView view, EvalContext context)
    {
        if (view.ReadNames() is { } names) return names;
        IReadOnlyList<ColumnObject> columns = TypeHandlers.Find(view.RowType, context.Catalog) is RecordType known ? known.Columns : [];
        return [.. Enumerable.Range(0, view.Count).Select(f => f < columns.Count ? columns[f].Name : $"f{f + 1}")];
    }
}
