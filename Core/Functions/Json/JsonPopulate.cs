using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>json into typed values: json_populate_record, json_to_recordset and their kin.</summary>
internal static class JsonPopulate
{
    public static void Register(FunctionLibrary library)
    {
        foreach (bool isBinary in (bool[])[false, true])
        {
            string prefix = isBinary ? "jsonb_" : "json_";
            library.Add(prefix + "populate_record", new TypedRowFunction((in a, r, t, c) => Populate(a, r, t, c, isBinary), isStrict: false));
            library.Add(prefix + "populate_recordset", new Recordset(isBinary, null));
            library.Add(prefix + "to_record", new JsonToRows(isBinary, isSet: false, [], []));
            library.Add(prefix + "to_recordset", new JsonToRows(isBinary, isSet: true, [], []));
        }
    }

    /// <summary>json as jsonb.</summary>
    internal static byte[] Binary(ReadOnlySpan<byte> value, bool isBinary)
    {
        if (isBinary) return value.ToArray();
        JsonbBuilder builder = JsonbType.Builder;
        builder.Parse(value);
        ByteBuffer output = new(value.Length);
        builder.Finish(output);
        return output.WrittenSpan.ToArray();
    }

    private static RecordType RowTypeOf(SqlType type, EvalContext context, string function) =>
        TypeHandlers.Find(type.Oid, context.Catalog) is RecordType { Columns.Count: > 0 } row
        ? row
        : throw new SqlException(SqlState.FeatureNotSupported, $"could not determine row type for result of {function}",
            hint: "Provide a non-null record argument, or call the function in the FROM clause using a column definition list.");

    private static void Populate(in RowArguments arguments, ColumnBuilder result, CallTypes types, EvalContext context, bool isBinary)
    {
        if (TypeHandlers.Find(types.Argument(0), context.Catalog) is not RecordType)
            throw new SqlException(SqlState.DatatypeMismatch, $"first argument of {(isBinary ? "jsonb" : "json")}_populate_record must be a row type");
        if (arguments.IsNull(1))
        {
            result.AppendFrom(arguments.Column(0), arguments.Row);
            return;
        }
        JsonbValue value = JsonbValue.Open(Binary(arguments.Bytes(1), isBinary));
        RowView? basis = null;
        if (!arguments.IsNull(0))
        {
            basis = new RowView();
            basis.Open((BytesColumn)arguments.Column(0), arguments.Row);
        }
        AppendRow(value, types.Result, basis, result, context, isBinary ? "jsonb_populate_record" : "json_populate_record");
    }

    private static void AppendRow(JsonbValue value, SqlType type, RowView? basis, ColumnBuilder result, EvalContext context, string function)
    {
        IReadOnlyList<ColumnObject> columns = RowTypeOf(type, context, function).Columns;
        if (!value.IsObject) throw NotAnObject(value);
        Column[] fields = new Column[columns.Count];
        for (int f = 0; f < fields.Length; f++)
        {
            ColumnBuilder field = ColumnBuilder.Create(TypeHandlers.KindOf(columns[f].Type.Oid, context.Catalog), 1);
            if (value.TryGet(System.Text.Encoding.UTF8.GetBytes(columns[f].Name), out JsonbValue part)) Append(part, columns[f].Type, field, context, basis is not null && f < basis.Count ? basis[f] : null);
            else if (basis is not null && f < basis.Count) field.AppendFrom(basis[f], 0);
            else field.AppendNull();
            fields[f] = field.Build();
        }
        BytesColumnBuilder output = (BytesColumnBuilder)result;
        RowFormat.Write(output.Output, type.Oid, fields, 0, [.. columns.Select(c => c.Type)]);
        output.EndValue();
    }

    private static RowView? ViewOf(Column? row)
    {
        if (row is null || row.IsNull(0)) return null;
        RowView view = new();
        view.Open((BytesColumn)row, 0);
        return view;
    }

    internal static SqlException NotAnObject(JsonbValue value) =>
        new(SqlState.InvalidParameterValue, $"cannot call populate_composite on {(value.IsArray ? "an array" : "a scalar")}");

    /// <summary>Appends a json value as a value of the type: json null as NULL, arrays and rows by their parts, everything else through its text.</summary>
    /// <param name="basis">A row's fields where the json lacks them, as one row of a column.</param>
    internal static void Append(JsonbValue value, SqlType type, ColumnBuilder result, EvalContext context, Column? basis = null)
    {
        StackGuard.Check();
        if (value.Tag == JsonbTag.Null && type.Oid is not (TypeOid.Json or TypeOid.Jsonb))
        {
            result.AppendNull();
            return;
        }
        TypeHandler handler = TypeHandlers.Of(type.Oid, context.Catalog);
        if (type.Oid == TypeOid.Jsonb) JsonbFunctions.Append(result, value.Tag != JsonbTag.Null, value, isText: false);
        else if (handler is ArrayType array && value.Tag != JsonbTag.String) AppendArray(value, type, array, result, context);
        else if (handler is RecordType && value.Tag != JsonbTag.String) AppendRow(value, type, ViewOf(basis), result, context, "jsonb_populate_record");
        else
        {
            ByteBuffer text = new(64);
            if (value.Tag == JsonbTag.String && type.Oid != TypeOid.Json) text.Write(value.Text);
            else JsonText.Write(value, text);
            if (type.Oid == TypeOid.Json && value.Tag == JsonbTag.Null) result.AppendNull();
            else handler.ParseText(text.WrittenSpan, type, result, context);
        }
    }

    private static void AppendArray(JsonbValue value, SqlType type, ArrayType handler, ColumnBuilder result, EvalContext context)
    {
        if (!value.IsArray) throw new SqlException(SqlState.InvalidTextRepresentation, "expected JSON array");
        SqlType element = new(TypeNames.ElementOf(type.Oid, context.Catalog) ?? TypeOid.Text, type.Modifier);
        List<int> lengths = [];
        // Arrays of a nested type are told from json's own by the element: json elements may themselves be arrays.
        bool descends = element.Oid is not (TypeOid.Json or TypeOid.Jsonb);
        for (JsonbValue inner = value; inner.IsArray && (lengths.Count == 0 || descends); inner = inner.Element(0))
        {
            ArrayFormat.CheckDimensions(lengths.Count + 1);
            lengths.Add(inner.Count);
            if (inner.Count == 0) break;
        }
        ArrayBuilder builder = new(element.Oid, handler.Element.Kind);
        AppendElements(value, 0, lengths, element, builder, context);
        int[] shape = [.. lengths];
        if (ArrayFormat.CountOf(shape) == 0) builder.Reset();
        builder.WriteTo(result, shape, [.. shape.Select(_ => 1)]);
    }

    private static void AppendElements(JsonbValue value, int depth, List<int> lengths, SqlType element, ArrayBuilder builder, EvalContext context)
    {
        if (!value.IsArray || value.Count != lengths[depth])
            throw new SqlException(SqlState.InvalidTextRepresentation, "malformed JSON array",
                detail: "Multidimensional arrays must have sub-arrays with matching dimensions.");
        for (int i = 0; i < value.Count; i++)
        {
            if (depth + 1 < lengths.Count) AppendElements(value.Element(i), depth + 1, lengths, element, builder, context);
            else Append(value.Element(i), element, builder.Elements, context);
        }
    }

    /// <summary>One row for each object of an array; columns are the composite type's fields.</summary>
    private sealed class Recordset(bool isBinary, SqlType? rowType) : TableFunction
    {
        public override TableFunction Specialize(ReadOnlySpan<SqlType> argumentTypes, SqlType resultType) => new Recordset(isBinary, resultType);

        public override TableFunctionCursor Open(in RowArguments arguments, EvalContext context)
        {
            string function = isBinary ? "jsonb_populate_recordset" : "json_populate_recordset";
            IReadOnlyList<ColumnObject> columns = RowTypeOf(rowType ?? SqlType.Record, context, function).Columns;
            RowView? basis = null;
            if (!arguments.IsNull(0))
            {
                basis = new RowView();
                basis.Open((BytesColumn)arguments.Column(0), arguments.Row);
            }
            return new JsonToRows(isBinary, isSet: true, [.. columns.Select(c => c.Type)], [.. columns.Select(c => c.Name)]) { Function = function, Basis = basis }
                .Open(arguments.Column(1), arguments.Row, context);
        }
    }
}

/// <summary>
/// json_to_record and json_to_recordset (and jsonb's): rows with the columns of the call's column definition list, which only the planner knows. The argument is the json.
/// </summary>
public sealed class JsonToRows(bool isBinary, bool isSet, SqlType[] types, string[] names) : TableFunction
{
    /// <summary>For errors.</summary>
    internal string Function { get; init; } = (isBinary ? "jsonb_" : "json_") + (isSet ? "to_recordset" : "to_record");

    /// <summary>What a field is that an object lacks; null: NULL.</summary>
    internal RowView? Basis { get; init; }

    public override TableFunctionCursor Open(in RowArguments arguments, EvalContext context) => Open(arguments.Column(0), arguments.Row, context);

    public override TableFunction WithColumns(IReadOnlyList<string> newNames, IReadOnlyList<SqlType> newTypes) => new JsonToRows(isBinary, isSet, [.. newTypes], [.. newNames]);

    internal TableFunctionCursor Open(Column json, int row, EvalContext context)
    {
        ColumnBuilder[] builders = [.. types.Select(t => ColumnBuilder.Create(TypeHandlers.KindOf(t.Oid, context.Catalog), 16))];
        if (!json.IsNull(row))
        {
            JsonbValue value = JsonbValue.Open(JsonPopulate.Binary(((BytesColumn)json)[row], isBinary));
            if (!isSet) AppendRow(value, builders, context);
            else
            {
                if (!value.IsArray) throw NotAnArray(value);
                for (int i = 0; i < value.Count; i++) AppendRow(value.Element(i), builders, context);
            }
        }
        return new ColumnsCursor([.. builders.Select(b => b.Build())]);
    }

    private SqlException NotAnArray(JsonbValue value) => new(SqlState.InvalidParameterValue,
        $"cannot call {Function} on {(!value.IsObject ? "a scalar" : isBinary ? "a non-array" : "an object")}");

    private void AppendRow(JsonbValue value, ColumnBuilder[] builders, EvalContext context)
    {
        if (!value.IsObject && isSet) throw new SqlException(SqlState.InvalidParameterValue, $"argument of {Function} must be an array of objects");
        if (!value.IsObject) throw JsonPopulate.NotAnObject(value);
        for (int c = 0; c < builders.Length; c++)
        {
            if (value.TryGet(System.Text.Encoding.UTF8.GetBytes(names[c]), out JsonbValue part)) JsonPopulate.Append(part, types[c], builders[c], context, Basis is not null && c < Basis.Count ? Basis[c] : null);
            else if (Basis is { } basis && c < basis.Count) builders[c].AppendFrom(basis[c], 0);
            else builders[c].AppendNull();
        }
    }
}
