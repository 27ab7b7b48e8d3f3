using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>to_json, json_build_object, json_object and their kin, of both types; and the aggregates.</summary>
internal static class JsonBuildFunctions
{
    public static void Register(FunctionLibrary library)
    {
        Json(library, "to_json", static (in a, o, t, c) => JsonConversion.Write(a.Column(0), a.Row, t.Arguments[0], o, c));
        Json(library, "array_to_json", static (in a, o, t, c) => JsonConversion.Write(a.Column(0), a.Row, t.Arguments[0], o, c));
        Json(library, "array_to_json_pretty", static (in a, o, t, c) => JsonConversion.Write(a.Column(0), a.Row, t.Arguments[0], o, c, a.Get<bool>(1)));
        Json(library, "row_to_json", static (in a, o, t, c) => JsonConversion.Write(a.Column(0), a.Row, t.Arguments[0], o, c));
        Json(library, "row_to_json_pretty", static (in a, o, t, c) => JsonConversion.Write(a.Column(0), a.Row, t.Arguments[0], o, c, a.Get<bool>(1)));
        Json(library, "json_build_array", BuildArray, isStrict: false);
        Json(library, "json_build_array_noargs", static (in _, o, _, _) => o.Write("[]"u8));
        Json(library, "json_build_object", BuildObject, isStrict: false);
        Json(library, "json_build_object_noargs", static (in _, o, _, _) => o.Write("{}"u8));
        Json(library, "json_object", WriteObject);
        Json(library, "json_object_two_arg", WriteObject);
        Jsonb(library, "to_jsonb", static (in a, b, t, c) => JsonConversion.Build(a.Column(0), a.Row, t.Arguments[0], b, c));
        Jsonb(library, "jsonb_build_array", BuildArrayB, isStrict: false);
        Jsonb(library, "jsonb_build_array_noargs", BuildArrayB);
        Jsonb(library, "jsonb_build_object", BuildObjectB, isStrict: false);
        Jsonb(library, "jsonb_build_object_noargs", BuildObjectB);
        Jsonb(library, "jsonb_object", BuildFromTexts);
        Jsonb(library, "jsonb_object_two_arg", BuildFromTexts);
        library.Add("json_agg(anyelement)", new JsonAggregate(isBinary: false, isObject: false));
        library.Add("jsonb_agg(anyelement)", new JsonAggregate(isBinary: true, isObject: false));
        library.Add("json_object_agg(any,any)", new JsonAggregate(isBinary: false, isObject: true));
        library.Add("jsonb_object_agg(any,any)", new JsonAggregate(isBinary: true, isObject: true));
    }

    private delegate void Writer(in RowArguments arguments, ByteBuffer output, CallTypes types, EvalContext context);

    private delegate void Maker(in RowArguments arguments, JsonbBuilder builder, CallTypes types, EvalContext context);

    private static void Json(FunctionLibrary library, string key, Writer write, bool isStrict = true) =>
        library.Add(key, new TypedRowFunction((in a, r, t, c) =>
    {
        BytesColumnBuilder result = (BytesColumnBuilder)r;
        write(a, result.Output, t, c);
        result.EndValue();
    }, isStrict));

    private static void Jsonb(FunctionLibrary library, string key, Maker make, bool isStrict = true) => library.Add(key, new TypedRowFunction((in a, r, t, c) =>
    {
        JsonbBuilder builder = JsonbType.Builder;
        make(a, builder, t, c);
        builder.Finish(r);
    }, isStrict));

    private static void BuildArray(in RowArguments arguments, ByteBuffer output, CallTypes types, EvalContext context)
    {
        output.WriteByte((byte)'[');
        for (int i = 0; i < arguments.Count; i++)
        {
            if (i > 0) output.Write(", "u8);
            JsonConversion.Write(arguments.Column(i), arguments.Row, types.Arguments[i], output, context);
        }
        output.WriteByte((byte)']');
    }

    private static void BuildArrayB(in RowArguments arguments, JsonbBuilder builder, CallTypes types, EvalContext context)
    {
        builder.BeginArray();
        for (int i = 0; i < arguments.Count; i++) JsonConversion.Build(arguments.Column(i), arguments.Row, types.Arguments[i], builder, context);
        builder.End();
    }

    private static void BuildObject(in RowArguments arguments, ByteBuffer output, CallTypes types, EvalContext context)
    {
        CheckPairs(arguments.Count, "json_build_object");
        output.WriteByte((byte)'{');
        for (int i = 0; i < arguments.Count; i += 2)
        {
            if (i > 0) output.Write(", "u8);
            if (arguments.IsNull(i))
                throw new SqlException(SqlState.InvalidParameterValue, $"argument {i + 1} cannot be null", hint: "Object keys should be text.");
            JsonText.WriteString(KeyText(arguments.Column(i), arguments.Row, types.Arguments[i], context), output);
            output.Write(" : "u8);
            JsonConversion.Write(arguments.Column(i + 1), arguments.Row, types.Arguments[i + 1], output, context);
        }
        output.WriteByte((byte)'}');
    }

    private static void BuildObjectB(in RowArguments arguments, JsonbBuilder builder, CallTypes types, EvalContext context)
    {
        CheckPairs(arguments.Count, "jsonb_build_object");
        builder.BeginObject();
        for (int i = 0; i < arguments.Count; i += 2)
        {
            if (arguments.IsNull(i)) throw new SqlException(SqlState.InvalidParameterValue, $"argument {i + 1}: key must not be null");
            builder.Key(KeyText(arguments.Column(i), arguments.Row, types.Arguments[i], context));
            JsonConversion.Build(arguments.Column(i + 1), arguments.Row, types.Arguments[i + 1], builder, context);
        }
        builder.End();
    }

    private static void CheckPairs(int count, string function)
    {
        if (count % 2 != 0)
            throw new SqlException(SqlState.InvalidParameterValue, "argument list must have even number of elements",
                hint: $"The arguments of {function}() must consist of alternating keys and values.");
    }

    /// <summary>A scalar's output text: what names a pair.</summary>
    internal static ReadOnlySpan<byte> KeyText(Column column, int row, SqlType type, EvalContext context)
    {
        if (type.Oid is TypeOid.Json or TypeOid.Jsonb || JsonConversion.IsStructured(type, context.Catalog))
            throw new SqlException(SqlState.InvalidParameterValue, "key value must be scalar, not array, composite, or json");
        ByteBuffer text = new(32);
        if (type.Oid == TypeOid.Bool) text.Write(((Column<bool>)column)[row] ? "true"u8 : "false"u8);
        else TypeHandlers.Of(type.Oid, context.Catalog).FormatText(column, row, type, text, context);
        return text.WrittenSpan;
    }

    /// <summary>json_object(text[]), json_object(keys, values): calls back for each pair.</summary>
    private static void EachPair(in RowArguments arguments, Action<ByteText, ByteText> pair)
    {
        ArrayView first = new(TypeOid.TextArray), second = new(TypeOid.TextArray);
        first.Open((BytesColumn)arguments.Column(0), arguments.Row);
        if (arguments.Count > 1)
        {
            second.Open((BytesColumn)arguments.Column(1), arguments.Row);
            if (first.Dimensions > 1 || second.Dimensions > 1) throw new SqlException(SqlState.ArraySubscriptError, "wrong number of array subscripts");
            if (first.Count != second.Count) throw new SqlException(SqlState.ArraySubscriptError, "mismatched array dimensions");
        }
        else if (first.Dimensions == 1 && first.Count % 2 != 0) throw new SqlException(SqlState.ArraySubscriptError, "array must have even number of elements");
        else if (first.Dimensions == 2 && first.Lengths[1] != 2) throw new SqlException(SqlState.ArraySubscriptError, "array must have two columns");
        else if (first.Dimensions > 2) throw new SqlException(SqlState.ArraySubscriptError, "wrong number of array subscripts");
        int step = arguments.Count > 1 ? 1 : 2;
        for (int i = 0; i < first.Count; i += step)
        {
            if (first.Elements.IsNull(i)) throw new SqlException(SqlState.NullValueNotAllowed, "null value not allowed for object key");
            ByteText value = step == 1 ? new ByteText(second.Elements, i) : new ByteText(first.Elements, i + 1);
            pair(new ByteText(first.Elements, i), value);
        }
    }

    /// <summary>An element of a text array.</summary>
    private readonly record struct ByteText(Column Column, int Row)
    {
        public bool IsNull => Column.IsNull(Row);
        public ReadOnlySpan<byte> Bytes => ((BytesColumn)Column)[Row];
    }

    private static void WriteObject(in RowArguments arguments, ByteBuffer output, CallTypes types, EvalContext context)
    {
        bool isFirst = true;
        output.WriteByte((byte)'{');
        EachPair(arguments, (key, value) =>
        {
            if (!isFirst) output.Write(", "u8);
            isFirst = false;
            JsonText.WriteString(key.Bytes, output);
            output.Write(" : "u8);
            if (value.IsNull) output.Write("null"u8);
            else JsonText.WriteString(value.Bytes, output);
        });
        output.WriteByte((byte)'}');
    }

    private static void BuildFromTexts(in RowArguments arguments, JsonbBuilder builder, CallTypes types, EvalContext context)
    {
        builder.BeginObject();
        EachPair(arguments, (key, value) =>
        {
            builder.Key(key.Bytes);
            if (value.IsNull) builder.Null();
            else builder.String(value.Bytes);
        });
        builder.End();
    }

    /// <summary>json_agg, jsonb_agg and the object forms: rows are kept and written at the end.</summary>
    private sealed class JsonAggregate(bool isBinary, bool isObject, SqlType[]? types = null) : AggregateFunction
    {
        public override AggregateFunction Specialize(ReadOnlySpan<SqlType> argumentTypes, SqlType resultType) =>
            new JsonAggregate(isBinary, isObject, argumentTypes.ToArray());

        public override bool DependsOnOrder => true;

        public override AggregateState CreateState()
        {
            SqlType[] known = types ?? (isObject ? [SqlType.Text, SqlType.Text] : [SqlType.Text]);
            return new State(isBinary, isObject, known);
        }

        private sealed class State(bool isBinary, bool isObject, SqlType[] types) : AggregateState
        {
            private GroupedRows? _rows;
            private int _groups;

            public override long MemoryBytes => _rows?.MemoryBytes ?? 0;

            public override void EnsureGroups(int groupCount)
            {
                _groups = Math.Max(_groups, groupCount);
                _rows?.EnsureGroups(_groups);
            }

            /// <summary>Made when the catalog is at hand: kinds of users' types are known by it.</summary>
            private GroupedRows RowsFor(EvalContext context)
            {
                if (_rows is not null) return _rows;
                _rows = new GroupedRows([.. types.Select(t => TypeHandlers.KindOf(t.Oid, context.Catalog))]);
                _rows.EnsureGroups(_groups);
                return _rows;
            }

            public override void Update(ReadOnlySpan<Column> arguments, Selection selection, ReadOnlySpan<int> groups, EvalContext context)
            {
                GroupedRows rows = RowsFor(context);
                for (int i = 0; i < selection.Count; i++)
                {
                    if (isObject && arguments[0].IsNull(selection[i]))
                        throw new SqlException(SqlState.InvalidParameterValue, "field name must not be null");
                    rows.Add(groups[i], arguments, selection[i]);
                }
            }

            public override void Merge(AggregateState other, ReadOnlySpan<int> groups, EvalContext context)
            {
                if (((State)other)._rows is { } from) RowsFor(context).Merge(from, groups);
            }

            public override void Save(int group, ByteBuffer output) => _rows?.Save(group, output);

            public override void Restore(int group, ReadOnlySpan<byte> saved, EvalContext context)
            {
                if (!saved.IsEmpty) RowsFor(context).Restore(group, saved);
            }

            public override void Finish(int start, int count, ColumnBuilder result, EvalContext context)
            {
                for (int group = start; group < start + count; group++)
                {
                    if (_rows is null || _rows.CountOf(group) == 0) result.AppendNull();
                    else if (isBinary) Build(_rows, group, result, context);
                    else Write(_rows, group, (BytesColumnBuilder)result, context);
                }
            }

            private void Write(GroupedRows rows, int group, BytesColumnBuilder result, EvalContext context)
            {
                ByteBuffer output = result.Output;
                ReadOnlySpan<Column> columns = rows.Columns;
                bool breaks = !isObject && JsonConversion.IsStructured(types[0], context.Catalog), isFirst = true;
                output.Write(isObject ? "{ "u8 : "["u8);
                for (int row = rows.FirstOf(group); row >= 0; row = rows.After(row))
                {
                    if (!isFirst) output.Write(breaks && !columns[^1].IsNull(row) ? ", \n "u8 : ", "u8);
                    isFirst = false;
                    if (isObject)
                    {
                        JsonText.WriteString(KeyText(columns[0], row, types[0], context), output);
                        output.Write(" : "u8);
                    }
                    JsonConversion.Write(columns[^1], row, types[^1], output, context);
                }
                output.Write(isObject ? " }"u8 : "]"u8);
                result.EndValue();
            }

            private void Build(GroupedRows rows, int group, ColumnBuilder result, EvalContext context)
            {
                JsonbBuilder builder = new();
                ReadOnlySpan<Column> columns = rows.Columns;
                if (isObject) builder.BeginObject();
                else builder.BeginArray();
                for (int row = rows.FirstOf(group); row >= 0; row = rows.After(row))
                {
                    if (isObject) builder.Key(KeyText(columns[0], row, types[0], context));
                    JsonConversion.Build(columns[^1], row, types[^1], builder, context);
                }
                builder.End();
                builder.Finish(result);
            }
        }
    }
}
