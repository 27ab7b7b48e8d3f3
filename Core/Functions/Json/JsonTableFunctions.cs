using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>json's parts as rows: array elements, pairs, keys; of both types.</summary>
internal static class JsonTableFunctions
{
    private enum Parts { Elements, Pairs, Keys }

    public static void Register(FunctionLibrary library)
    {
        foreach (bool isBinary in (bool[])[false, true])
        {
            string prefix = isBinary ? "jsonb_" : "json_";
            foreach (bool isText in (bool[])[false, true])
            {
                string suffix = isText ? "_text" : "";
                library.Add(prefix + "array_elements" + suffix, new Function(prefix + "array_elements" + suffix, Parts.Elements, isBinary, isText));
                library.Add(prefix + "each" + suffix, new Function(prefix + "each" + suffix, Parts.Pairs, isBinary, isText));
            }
            library.Add(prefix + "object_keys", new Function(prefix + "object_keys", Parts.Keys, isBinary, true));
        }
    }

    private sealed class Function(string name, Parts parts, bool isBinary, bool isText) : TableFunction
    {
        public override TableFunctionCursor Open(in RowArguments arguments, EvalContext context)
        {
            BytesColumnBuilder keys = new(16), values = new(16);
            if (!arguments.IsNull(0))
            {
                if (isBinary) Collect(JsonbFunctions.Value(arguments, 0), keys, values);
                else Collect(arguments.Bytes(0), keys, values);
            }
            return new ColumnsCursor(parts switch { Parts.Elements => [values.Build()], Parts.Keys => [keys.Build()], _ => [keys.Build(), values.Build()] });
        }

        private void Collect(JsonbValue value, BytesColumnBuilder keys, BytesColumnBuilder values)
        {
            if (parts == Parts.Elements ? !value.IsArray : !value.IsObject) throw Refuse(value.IsObject, value.IsArray);
            for (int i = 0; i < value.Count; i++)
            {
                if (value.IsObject) keys.Append(value.Key(i));
                if (parts != Parts.Keys) JsonbFunctions.Append(values, true, value.IsObject ? value.ValueAt(i) : value.Element(i), isText);
            }
        }

        private void Collect(ReadOnlySpan<byte> json, BytesColumnBuilder keys, BytesColumnBuilder values)
        {
            JsonReader reader = new(json, decodes: false);
            JsonToken token = reader.Next();
            if (token != (parts == Parts.Elements ? JsonToken.BeginArray : JsonToken.BeginObject))
                throw Refuse(token == JsonToken.BeginObject, token == JsonToken.BeginArray);
            while ((token = reader.Next()) is not (JsonToken.EndObject or JsonToken.EndArray))
            {
                if (token == JsonToken.Key)
                {
                    reader.Decode(reader.RawString, keys.Output);
                    keys.EndValue();
                    token = reader.Next();
                }
                int start = reader.TokenStart, end = reader.SkipRest(token);
                if (parts == Parts.Keys) continue;
                if (isText) JsonFunctions.AppendText(json[start..end], values);
                else values.Append(json[start..end]);
            }
        }

        /// <summary>PostgreSQL words each of these for itself.</summary>
        private SqlException Refuse(bool isObject, bool isArray)
        {
            string kind = isObject ? "object" : isArray ? "array" : "scalar";
            string message = parts switch
            {
                Parts.Elements when isBinary => isObject ? "cannot extract elements from an object" : "cannot extract elements from a scalar",
                Parts.Elements => $"cannot call {name} on a {(isObject ? "non-array" : "scalar")}",
                Parts.Pairs when isBinary => $"cannot call {name} on a non-object",
                Parts.Pairs => isArray ? "cannot deconstruct an array as an object" : "cannot deconstruct a scalar",
                _ => $"cannot call {name} on {(isArray ? "an" : "a")} {kind}",
            };
            return new SqlException(SqlState.InvalidParameterValue, message);
        }
    }
}

/// <summary>Rows of several columns, handed out in portions.</summary>
internal sealed class ColumnsCursor(Column[] columns) : TableFunctionCursor
{
    private int _next;

    public override int Next(ReadOnlySpan<ColumnBuilder> result, int maxRows, EvalContext context)
    {
        int count = Math.Min(maxRows, columns[0].Length - _next);
        for (int c = 0; c < result.Length; c++)
            for (int i = 0; i < count; i++) result[c].AppendFrom(columns[c], _next + i);
        _next += count;
        return count;
    }
}
