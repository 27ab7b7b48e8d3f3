using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.TextSearch;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>to_tsvector of json and jsonb: the strings among the values, not the keys. Between two of them a place is left out, so that no phrase goes from one to the other.</summary>
internal static class JsonTextFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Strict("json_string_to_tsvector", static (in a, r, c) => FromText(a.Bytes(0), TextSearchConfiguration.Current(c), r, c));
        library.Strict("json_string_to_tsvector_byid", static (in a, r, c) => FromText(a.Bytes(1), TextSearchConfiguration.Of(a.Get<uint>(0)), r, c));
        library.Strict("jsonb_string_to_tsvector", static (in a, r, c) => FromTree(JsonbFunctions.Value(a, 0), TextSearchConfiguration.Current(c), r, c));
        library.Strict("jsonb_string_to_tsvector_byid", static (in a, r, c) => FromTree(JsonbFunctions.Value(a, 1), TextSearchConfiguration.Of(a.Get<uint>(0)), r, c));
    }

    private static void FromText(ReadOnlySpan<byte> json, TextSearchConfiguration configuration, ColumnBuilder result, EvalContext context)
    {
        TextVectorBuilder builder = TextVectorBuilder.Own;
        ByteBuffer text = new();
        JsonReader reader = new(json, decodes: false);
        int place = 0;
        while (reader.Next() is var token and not JsonToken.End)
        {
            if (token != JsonToken.String) continue;
            text.Clear();
            reader.Decode(reader.RawString, text);
            place = Add(builder, text.WrittenSpan, configuration, place, context);
        }
        Write(builder, result);
    }

    private static void FromTree(JsonbValue root, TextSearchConfiguration configuration, ColumnBuilder result, EvalContext context)
    {
        TextVectorBuilder builder = TextVectorBuilder.Own;
        AddTree(builder, root, configuration, 0, context);
        Write(builder, result);
    }

    private static int AddTree(TextVectorBuilder builder, JsonbValue value, TextSearchConfiguration configuration, int place, EvalContext context)
    {
        StackGuard.Check();
        if (value.Tag == JsonbTag.String) return Add(builder, value.Text, configuration, place, context);
        for (int i = 0; i < value.Count; i++) place = AddTree(builder, value.IsObject ? value.ValueAt(i) : value.Element(i), configuration, place, context);
        return place;
    }

    private static int Add(TextVectorBuilder builder, ReadOnlySpan<byte> text, TextSearchConfiguration configuration, int place, EvalContext context)
    {
        int before = builder.Count;
        place = LexemeReader.AddTo(builder, text, configuration, place, context);
        return builder.Count > before ? place + 1 : place;
    }

    private static void Write(TextVectorBuilder builder, ColumnBuilder result) => builder.WriteTo(result, TextVector.MaxPositions - 1, sorts: false);
}
