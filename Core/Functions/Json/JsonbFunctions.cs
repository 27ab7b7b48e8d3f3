using System.Globalization;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>What is asked of jsonb: comparison, containment, fields and elements, casts.</summary>
internal static class JsonbFunctions
{
    public static void Register(FunctionLibrary library)
    {
        Compare(library, "jsonb_eq", static o => o == 0);
        Compare(library, "jsonb_ne", static o => o != 0);
        Compare(library, "jsonb_lt", static o => o < 0);
        Compare(library, "jsonb_le", static o => o <= 0);
        Compare(library, "jsonb_gt", static o => o > 0);
        Compare(library, "jsonb_ge", static o => o >= 0);
        library.Strict("jsonb_cmp", static (in a, r, _) => ((ColumnBuilder<int>)r).Append(Math.Sign(JsonbOrder.Compare(Value(a, 0), Value(a, 1)))));
        library.Strict("jsonb_contains", static (in a, r, _) => Bool(r, JsonbOrder.Contains(Value(a, 0), Value(a, 1))));
        library.Strict("jsonb_contained", static (in a, r, _) => Bool(r, JsonbOrder.Contains(Value(a, 1), Value(a, 0))));
        library.Strict("jsonb_exists", static (in a, r, _) => Bool(r, Exists(Value(a, 0), a.Bytes(1))));
        library.Strict("jsonb_exists_any", static (in a, r, _) => Bool(r, ExistsOf(a, isAll: false)));
        library.Strict("jsonb_exists_all", static (in a, r, _) => Bool(r, ExistsOf(a, isAll: true)));
        library.Strict("jsonb_object_field", static (in a, r, _) => Append(r, Value(a, 0).TryGet(a.Bytes(1), out JsonbValue v), v, isText: false));
        library.Strict("jsonb_object_field_text", static (in a, r, _) => Append(r, Value(a, 0).TryGet(a.Bytes(1), out JsonbValue v), v, isText: true));
        library.Strict("jsonb_array_element", static (in a, r, _) => Append(r, TryElement(Value(a, 0), a.Get<int>(1), out JsonbValue v), v, isText: false));
        library.Strict("jsonb_array_element_text", static (in a, r, _) => Append(r, TryElement(Value(a, 0), a.Get<int>(1), out JsonbValue v), v, isText: true));
        library.Strict("jsonb_extract_path", static (in a, r, _) => Append(r, TryPath(a, out JsonbValue v), v, isText: false));
        library.Strict("jsonb_extract_path_text", static (in a, r, _) => Append(r, TryPath(a, out JsonbValue v), v, isText: true));
        library.Strict("jsonb_typeof", static (in a, r, _) => ((BytesColumnBuilder)r).Append(TypeName(Value(a, 0).Tag)));
        library.Strict("jsonb_array_length", static (in a, r, _) => ((ColumnBuilder<int>)r).Append(ArrayLength(Value(a, 0))));
        library.Strict("jsonb_pretty", static (in a, r, _) =>
        {
            JsonText.WritePretty(Value(a, 0), 0, ((BytesColumnBuilder)r).Output);
            ((BytesColumnBuilder)r).EndValue();
        });
        RegisterCasts(library);
    }

    private static void RegisterCasts(FunctionLibrary library)
    {
        library.Strict("jsonb_bool", static (in a, r, _) =>
        {
            JsonbValue value = Value(a, 0);
            Bool(r, value.Tag is JsonbTag.True or JsonbTag.False ? value.Tag == JsonbTag.True : throw CannotCast(value.Tag, "boolean"));
        });
        library.Strict("jsonb_numeric", static (in a, r, _) => ((BytesColumnBuilder)r).Append(Number(a, "numeric").Payload));
        library.Strict("jsonb_int2",
            static (in a, r, _) => ((ColumnBuilder<short>)r).Append((short)NumericCast.ToInteger(Number(a, "smallint").Number, short.MinValue, short.MaxValue, "smallint")));
        library.Strict("jsonb_int4",
            static (in a, r, _) => ((ColumnBuilder<int>)r).Append((int)NumericCast.ToInteger(Number(a, "integer").Number, int.MinValue, int.MaxValue, "integer")));
        library.Strict("jsonb_int8",
            static (in a, r, _) => ((ColumnBuilder<long>)r).Append(NumericCast.ToInteger(Number(a, "bigint").Number, long.MinValue, long.MaxValue, "bigint")));
        library.Strict("jsonb_float4", static (in a, r, _) => ((ColumnBuilder<float>)r).Append(NumericCast.ToSingle(Number(a, "real").Number)));
        library.Strict("jsonb_float8", static (in a, r, _) => ((ColumnBuilder<double>)r).Append(NumericCast.ToDouble(Number(a, "double precision").Number)));
    }

    internal static JsonbValue Value(in RowArguments arguments, int argument) => JsonbValue.Open(arguments.Bytes(argument));
    private static void Bool(ColumnBuilder result, bool value) => ((ColumnBuilder<bool>)result).Append(value);

    private static void Compare(FunctionLibrary library, string key, Func<int, bool> holds) =>
        library.Strict(key, (in a, r, _) => Bool(r, holds(JsonbOrder.Compare(Value(a, 0), Value(a, 1)))));

    /// <summary>Appends a part as jsonb, or as text (a json null as NULL, a string without quotes); NULL if it wasn't found.</summary>
    internal static void Append(ColumnBuilder result, bool isFound, JsonbValue value, bool isText)
    {
        BytesColumnBuilder output = (BytesColumnBuilder)result;
        if (!isFound || (isText && value.Tag == JsonbTag.Null))
        {
            output.AppendNull();
            return;
        }
        if (!isText)
        {
            output.Output.WriteUInt32LittleEndian((uint)value.Tag);
            output.Output.Write(value.Payload);
        }
        else if (value.Tag == JsonbTag.String) output.Output.Write(value.Text);
        else JsonText.Write(value, output.Output);
        output.EndValue();
    }

    /// <summary>A string among an object's keys, or among an array's strings (a scalar counts as an array of one).</summary>
    private static bool Exists(JsonbValue value, ReadOnlySpan<byte> text)
    {
        if (value.IsObject) return value.IndexOf(text) >= 0;
        if (!value.IsArray) return value.Tag == JsonbTag.String && value.Text.SequenceEqual(text);
        for (int i = 0; i < value.Count; i++)
            if (value.Element(i) is { Tag: JsonbTag.String } element && element.Text.SequenceEqual(text)) return true;
        return false;
    }

    private static bool ExistsOf(in RowArguments arguments, bool isAll)
    {
        ArrayView names = ArrayView.Rent(TypeOid.TextArray);
        names.Open((BytesColumn)arguments.Column(1), arguments.Row);
        bool answer = isAll;
        for (int i = 0; i < names.Count; i++)
        {
            if (names.Elements.IsNull(i)) continue;
            if (Exists(Value(arguments, 0), ((BytesColumn)names.Elements)[i]) != isAll) answer = !isAll;
        }
        names.Return();
        return answer;
    }

    /// <summary>An element of an array; a scalar is taken for an array of one.</summary>
    private static bool TryElement(JsonbValue value, int index, out JsonbValue element)
    {
        element = value;
        return value.IsContainer ? value.TryElement(index, out element) : index is 0 or -1;
    }

    private static bool TryPath(in RowArguments arguments, out JsonbValue value)
    {
        value = Value(arguments, 0);
        ArrayView path = ArrayView.Rent(TypeOid.TextArray);
        path.Open((BytesColumn)arguments.Column(1), arguments.Row);
        bool isFound = true;
        for (int i = 0; i < path.Count && isFound; i++)
        {
            if (path.Elements.IsNull(i))
            {
                isFound = false;
                break;
            }
            ReadOnlySpan<byte> step = ((BytesColumn)path.Elements)[i];
            isFound = value.IsObject ? value.TryGet(step, out value) : TryIndex(step, out int index) && value.TryElement(index, out value);
        }
        path.Return();
        return isFound;
    }

    /// <summary>A path's step as an index: spaces before, a sign, digits.</summary>
    internal static bool TryIndex(ReadOnlySpan<byte> step, out int index) =>
        int.TryParse(step, NumberStyles.AllowLeadingWhite | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out index);

    internal static ReadOnlySpan<byte> TypeName(JsonbTag tag) => tag switch
    {
        JsonbTag.Null => "null"u8,
        JsonbTag.False or JsonbTag.True => "boolean"u8,
        JsonbTag.Number => "number"u8,
        JsonbTag.String => "string"u8,
        JsonbTag.Array => "array"u8,
        _ => "object"u8,
    };

    private static int ArrayLength(JsonbValue value)
    {
        if (value.IsArray) return value.Count;
        throw new SqlException(SqlState.InvalidParameterValue,
            value.IsObject ? "cannot get array length of a non-array" : "cannot get array length of a scalar");
    }

    private static JsonbValue Number(in RowArguments arguments, string type)
    {
        JsonbValue value = Value(arguments, 0);
        return value.Tag == JsonbTag.Number ? value : throw CannotCast(value.Tag, type);
    }

    private static SqlException CannotCast(JsonbTag tag, string type) => new(SqlState.InvalidParameterValue,
        $"cannot cast jsonb {(tag == JsonbTag.Number ? "numeric" : Utf8Text.ToString(TypeName(tag)))} to type {type}");
}
