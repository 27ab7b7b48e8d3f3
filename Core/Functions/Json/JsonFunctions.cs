using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>What is asked of json, which is text: parts are found by reading it from its beginning, and are given as they were written.</summary>
internal static class JsonFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Strict("json_object_field", static (in a, r, _) => Append(r, a.Bytes(0), Field(a.Bytes(0), 0, a.Bytes(1)), isText: false));
        library.Strict("json_object_field_text", static (in a, r, _) => Append(r, a.Bytes(0), Field(a.Bytes(0), 0, a.Bytes(1)), isText: true));
        library.Strict("json_array_element", static (in a, r, _) => Append(r, a.Bytes(0), Element(a.Bytes(0), a.Get<int>(1)), isText: false));
        library.Strict("json_array_element_text", static (in a, r, _) => Append(r, a.Bytes(0), Element(a.Bytes(0), a.Get<int>(1)), isText: true));
        library.Strict("json_extract_path", static (in a, r, _) => AppendPath(a, r, isText: false));
        library.Strict("json_extract_path_text", static (in a, r, _) => AppendPath(a, r, isText: true));
        library.Strict("json_typeof", static (in a, r, _) => ((BytesColumnBuilder)r).Append(TypeName(a.Bytes(0))));
        library.Strict("json_array_length", static (in a, r, _) => ((ColumnBuilder<int>)r).Append(ArrayLength(a.Bytes(0))));
        library.Strict("json_strip_nulls", static (in a, r, _) => StripNulls(a.Bytes(0), (BytesColumnBuilder)r));
    }

    /// <summary>A part of a json text.</summary>
    private readonly record struct Part(int Start, int End)
    {
        public bool IsFound => End > Start;
    }

    private static void Append(ColumnBuilder result, ReadOnlySpan<byte> json, Part part, bool isText)
    {
        if (!part.IsFound) result.AppendNull();
        else if (isText) AppendText(json[part.Start..part.End], (BytesColumnBuilder)result);
        else ((BytesColumnBuilder)result).Append(json[part.Start..part.End]);
    }

    /// <summary>A value as text: null as NULL, a string without quotes and escapes.</summary>
    internal static void AppendText(ReadOnlySpan<byte> value, BytesColumnBuilder result)
    {
        if (value.SequenceEqual("null"u8))
        {
            result.AppendNull();
            return;
        }
        if (value[0] == (byte)'"') new JsonReader(value, decodes: false).Decode(value[1..^1], result.Output);
        else result.Output.Write(value);
        result.EndValue();
    }

    /// <summary>The value of an object's key, the last of equal ones, as offsets from <paramref name="offset"/> on.</summary>
    private static Part Field(ReadOnlySpan<byte> json, int offset, ReadOnlySpan<byte> key)
    {
        JsonReader reader = new(json, decodes: false);
        if (reader.Next() != JsonToken.BeginObject) return default;
        ByteBuffer? scratch = null;
        Part found = default;
        while (reader.Next() == JsonToken.Key)
        {
            bool isSame = IsKey(reader, key, ref scratch);
            JsonToken first = reader.Next();
            int start = reader.TokenStart, end = reader.SkipRest(first);
            if (isSame) found = new Part(offset + start, offset + end);
        }
        return found;
    }

    private static bool IsKey(JsonReader reader, ReadOnlySpan<byte> key, ref ByteBuffer? scratch)
    {
        ReadOnlySpan<byte> raw = reader.RawString;
        if (raw.IndexOf((byte)'\\') < 0) return raw.SequenceEqual(key);
        scratch ??= new ByteBuffer();
        scratch.Clear();
        reader.Decode(raw, scratch);
        return scratch.WrittenSpan.SequenceEqual(key);
    }

    private static Part Element(ReadOnlySpan<byte> json, int index, int offset = 0)
    {
        JsonReader reader = new(json, decodes: false);
        if (reader.Next() != JsonToken.BeginArray) return default;
        if (index < 0)
        {
            index += ArrayLength(json);
            if (index < 0) return default;
        }
        for (int i = 0; ; i++)
        {
            JsonToken first = reader.Next();
            if (first == JsonToken.EndArray) return default;
            int start = reader.TokenStart, end = reader.SkipRest(first);
            if (i == index) return new Part(offset + start, offset + end);
        }
    }

    private static void AppendPath(in RowArguments arguments, ColumnBuilder result, bool isText)
    {
        ReadOnlySpan<byte> json = arguments.Bytes(0);
        ArrayView path = ArrayView.Rent(TypeOid.TextArray);
        path.Open((BytesColumn)arguments.Column(1), arguments.Row);
        JsonReader whole = new(json, decodes: false);
        JsonToken first = whole.Next();
        int start = whole.TokenStart;
        Part part = new(start, whole.SkipRest(first));
        for (int i = 0; i < path.Count && part.IsFound; i++)
        {
            ReadOnlySpan<byte> inside = json[part.Start..part.End];
            if (path.Elements.IsNull(i)) part = default;
            else
            {
                ReadOnlySpan<byte> step = ((BytesColumn)path.Elements)[i];
                if (inside[0] == (byte)'{') part = Field(inside, part.Start, step);
                else part = inside[0] == (byte)'[' && JsonbFunctions.TryIndex(step, out int index) ? Element(inside, index, part.Start) : default;
            }
        }
        path.Return();
        if (path.Count == 0 && !isText) ((BytesColumnBuilder)result).Append(json);
        else Append(result, json, part, isText);
    }

    private static ReadOnlySpan<byte> TypeName(ReadOnlySpan<byte> json) => new JsonReader(json, decodes: false).Next() switch
    {
        JsonToken.BeginObject => "object"u8,
        JsonToken.BeginArray => "array"u8,
        JsonToken.String => "string"u8,
        JsonToken.Number => "number"u8,
        JsonToken.Null => "null"u8,
        _ => "boolean"u8,
    };

    private static int ArrayLength(ReadOnlySpan<byte> json)
    {
        JsonReader reader = new(json, decodes: false);
        JsonToken token = reader.Next();
        if (token != JsonToken.BeginArray)
            throw new SqlException(SqlState.InvalidParameterValue,
                token == JsonToken.BeginObject ? "cannot get array length of a non-array" : "cannot get array length of a scalar");
        int count = 0;
        while ((token = reader.Next()) != JsonToken.EndArray)
        {
            reader.SkipRest(token);
            count++;
        }
        return count;
    }

    /// <summary>Copies without spaces and without pairs whose value is null.</summary>
    private static void StripNulls(ReadOnlySpan<byte> json, BytesColumnBuilder result)
    {
        JsonReader reader = new(json, decodes: false);
        ByteBuffer output = result.Output, text = new(32), key = new(32);
        bool needsComma = false, hasKey = false;
        for (JsonToken token = reader.Next(); token != JsonToken.End; token = reader.Next())
        {
            if (token == JsonToken.Key)
            {
                key.Clear();
                text.Clear();
                reader.Decode(reader.RawString, text);
                JsonText.WriteString(text.WrittenSpan, key);
                key.WriteByte((byte)':');
                hasKey = true;
                continue;
            }
            if (token == JsonToken.Null && hasKey)
            {
                hasKey = false;
                continue;
            }
            bool isEnd = token is JsonToken.EndObject or JsonToken.EndArray;
            if (needsComma && !isEnd) output.WriteByte((byte)',');
            if (hasKey) output.Write(key.WrittenSpan);
            hasKey = false;
            if (token == JsonToken.String)
            {
                text.Clear();
                reader.Decode(reader.RawString, text);
                JsonText.WriteString(text.WrittenSpan, output);
            }
            else output.Write(reader.Token);
            needsComma = token is not (JsonToken.BeginObject or JsonToken.BeginArray);
        }
        result.EndValue();
    }
}
