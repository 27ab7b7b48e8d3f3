using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>jsonb changed: ||, -, #-, jsonb_set, jsonb_insert, jsonb_strip_nulls.</summary>
internal static class JsonbEditFunctions
{
    private enum Edit { Delete, Replace, ReplaceOrAdd, InsertBefore, InsertAfter }

    public static void Register(FunctionLibrary library)
    {
        library.Strict("jsonb_concat", static (in a, r, _) => Concatenate(JsonbFunctions.Value(a, 0), JsonbFunctions.Value(a, 1), r));
        library.Strict("jsonb_delete", static (in a, r, _) => Delete(a, r));
        library.Strict("jsonb_delete_array", static (in a, r, _) => DeleteAll(a, r));
        library.Strict("jsonb_delete_idx", static (in a, r, _) => DeleteIndex(JsonbFunctions.Value(a, 0), a.Get<int>(1), r));
        library.Strict("jsonb_delete_path", static (in a, r, _) => AtPath(a, r, default, Edit.Delete));
        library.Strict("jsonb_set", static (in a, r, _) => AtPath(a, r, JsonbFunctions.Value(a, 2), a.Get<bool>(3) ? Edit.ReplaceOrAdd : Edit.Replace));
        library.Strict("jsonb_insert", static (in a, r, _) => AtPath(a, r, JsonbFunctions.Value(a, 2), a.Get<bool>(3) ? Edit.InsertAfter : Edit.InsertBefore));
        library.Rowwise("jsonb_set_lax", SetLax);
        library.Strict("jsonb_strip_nulls", static (in a, r, _) =>
        {
            JsonbBuilder builder = JsonbType.Builder;
            StripNulls(JsonbFunctions.Value(a, 0), builder);
            builder.Finish(r);
        });
    }

    private static void Copy(JsonbValue value, ColumnBuilder result) => JsonbFunctions.Append(result, true, value, isText: false);

    private static void Concatenate(JsonbValue left, JsonbValue right, ColumnBuilder result)
    {
        if (left.IsContainer && left.Tag == right.Tag && (left.Count == 0 || right.Count == 0))
        {
            Copy(left.Count == 0 ? right : left, result);
            return;
        }
        JsonbBuilder builder = JsonbType.Builder;
        if (left.IsObject && right.IsObject)
        {
            builder.BeginObject();
            AddPairs(left, builder);
            AddPairs(right, builder);
        }
        else
        {
            builder.BeginArray();
            AddElements(left, builder);
            AddElements(right, builder);
        }
        builder.End();
        builder.Finish(result);
    }

    private static void AddPairs(JsonbValue value, JsonbBuilder builder)
    {
        for (int i = 0; i < value.Count; i++)
        {
            builder.Key(value.Key(i));
            builder.Value(value.ValueAt(i));
        }
    }

    private static void AddElements(JsonbValue value, JsonbBuilder builder)
    {
        if (!value.IsArray) builder.Value(value);
        else
            for (int i = 0; i < value.Count; i++) builder.Value(value.Element(i));
    }

    private static void Delete(in RowArguments arguments, ColumnBuilder result)
    {
        ReadOnlySpan<byte> name = arguments.Bytes(1);
        JsonbValue value = JsonbFunctions.Value(arguments, 0);
        CheckContainer(value, "cannot delete from scalar");
        JsonbBuilder builder = JsonbType.Builder;
        Begin(value, builder);
        for (int i = 0; i < value.Count; i++)
            if (!IsNamed(value, i, name)) AddPart(value, i, builder);
        builder.End();
        builder.Finish(result);
    }

    private static void DeleteAll(in RowArguments arguments, ColumnBuilder result)
    {
        JsonbValue value = JsonbFunctions.Value(arguments, 0);
        CheckContainer(value, "cannot delete from scalar");
        ArrayView names = ArrayView.Rent(TypeOid.TextArray);
        names.Open((BytesColumn)arguments.Column(1), arguments.Row);
        if (names.Dimensions > 1) throw new SqlException(SqlState.ArraySubscriptError, "wrong number of array subscripts");
        JsonbBuilder builder = JsonbType.Builder;
        Begin(value, builder);
        for (int i = 0; i < value.Count; i++)
        {
            bool isKept = true;
            for (int n = 0; n < names.Count && isKept; n++) isKept = names.Elements.IsNull(n) || !IsNamed(value, i, ((BytesColumn)names.Elements)[n]);
            if (isKept) AddPart(value, i, builder);
        }
        names.Return();
        builder.End();
        builder.Finish(result);
    }

    private static void DeleteIndex(JsonbValue value, int index, ColumnBuilder result)
    {
        CheckContainer(value, "cannot delete from scalar");
        if (value.IsObject) throw new SqlException(SqlState.InvalidParameterValue, "cannot delete from object using integer index");
        long place = index < 0 ? (long)value.Count + index : index;
        JsonbBuilder builder = JsonbType.Builder;
        builder.BeginArray();
        for (int i = 0; i < value.Count; i++)
            if (i != place) builder.Value(value.Element(i));
        builder.End();
        builder.Finish(result);
    }

    private static bool IsNamed(JsonbValue container, int index, ReadOnlySpan<byte> name) => container.IsObject
        ? container.Key(index).SequenceEqual(name)
        : container.Element(index) is { Tag: JsonbTag.String } element && element.Text.SequenceEqual(name);

    private static void Begin(JsonbValue container, JsonbBuilder builder)
    {
        if (container.IsObject) builder.BeginObject();
        else builder.BeginArray();
    }

    private static void AddPart(JsonbValue container, int index, JsonbBuilder builder)
    {
        if (container.IsObject) builder.Key(container.Key(index));
        builder.Value(container.IsObject ? container.ValueAt(index) : container.Element(index));
    }

    private static void CheckContainer(JsonbValue value, string message)
    {
        if (!value.IsContainer) throw new SqlException(SqlState.InvalidParameterValue, message);
    }

    private static void AtPath(in RowArguments arguments, ColumnBuilder result, JsonbValue change, Edit edit)
    {
        JsonbValue value = JsonbFunctions.Value(arguments, 0);
        ArrayView path = new(TypeOid.TextArray);
        path.Open((BytesColumn)arguments.Column(1), arguments.Row);
        if (path.Dimensions > 1) throw new SqlException(SqlState.ArraySubscriptError, "wrong number of array subscripts");
        CheckContainer(value, edit == Edit.Delete ? "cannot delete path in scalar" : "cannot set path in scalar");
        if (path.Count == 0 || (value.Count == 0 && edit is Edit.Delete or Edit.Replace))
        {
            Copy(value, result);
            return;
        }
        JsonbBuilder builder = JsonbType.Builder;
        Change(value, path, 0, change, edit, builder);
        builder.Finish(result);
    }

    private static void Change(JsonbValue value, ArrayView path, int level, JsonbValue change, Edit edit, JsonbBuilder builder)
    {
        StackGuard.Check();
        if (!value.IsContainer)
        {
            builder.Value(value);
            return;
        }
        if (path.Elements.IsNull(level)) throw new SqlException(SqlState.NullValueNotAllowed, $"path element at position {level + 1} is null");
        ReadOnlySpan<byte> step = ((BytesColumn)path.Elements)[level];
        Begin(value, builder);
        if (value.IsObject) ChangePair(value, step, path, level, change, edit, builder);
        else ChangeElement(value, step, path, level, change, edit, builder);
        builder.End();
    }

    private static void ChangePair(JsonbValue value, ReadOnlySpan<byte> key, ArrayView path, int level, JsonbValue change, Edit edit, JsonbBuilder builder)
    {
        bool isLast = level == path.Count - 1;
        int found = value.IndexOf(key);
        for (int i = 0; i < value.Count; i++)
        {
            if (i != found)
            {
                AddPart(value, i, builder);
                continue;
            }
            if (isLast && edit is Edit.InsertBefore or Edit.InsertAfter)
                throw new SqlException(SqlState.InvalidParameterValue, "cannot replace existing key",
                    hint: "Try using the function jsonb_set to replace key value.");
            if (isLast && edit == Edit.Delete) continue;
            builder.Key(key);
            if (isLast) builder.Value(change);
            else Change(value.ValueAt(i), path, level + 1, change, edit, builder);
        }
        if (found >= 0 || !isLast || edit is Edit.Delete or Edit.Replace) return;
        builder.Key(key);
        builder.Value(change);
    }

    private static void ChangeElement(JsonbValue value, ReadOnlySpan<byte> step, ArrayView path, int level, JsonbValue change, Edit edit, JsonbBuilder builder)
    {
        if (!JsonbFunctions.TryIndex(step, out int index))
            throw new SqlException(SqlState.InvalidTextRepresentation,
                $"path element at position {level + 1} is not an integer: \"{Utf8Text.ToString(step)}\"");
        bool isLast = level == path.Count - 1, adds = edit is Edit.ReplaceOrAdd or Edit.InsertBefore or Edit.InsertAfter;
        long place = index < 0 ? (long)value.Count + index : index;
        // What lies before the array goes to its begin, what lies behind it to its end.
        bool isDone = false;
        if (isLast && adds && (place < 0 || value.Count == 0))
        {
            builder.Value(change);
            isDone = true;
        }
        for (int i = 0; i < value.Count; i++)
        {
            if (i != place || isDone) builder.Value(value.Element(i));
            else if (!isLast) Change(value.Element(i), path, level + 1, change, edit, builder);
            else
            {
                isDone = true;
                if (edit is Edit.InsertBefore or Edit.Replace or Edit.ReplaceOrAdd) builder.Value(change);
                if (edit is Edit.InsertBefore or Edit.InsertAfter) builder.Value(value.Element(i));
                if (edit == Edit.InsertAfter) builder.Value(change);
            }
        }
        if (isLast && adds && !isDone) builder.Value(change);
    }

    /// <summary>jsonb_set whose NULL new value is treated as the last argument says.</summary>
    private static void SetLax(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        if (arguments.IsNull(0) || arguments.IsNull(1) || arguments.IsNull(3))
        {
            result.AppendNull();
            return;
        }
        if (arguments.IsNull(4)) throw WrongTreatment();
        Edit edit = arguments.Get<bool>(3) ? Edit.ReplaceOrAdd : Edit.Replace;
        if (!arguments.IsNull(2))
        {
            AtPath(arguments, result, JsonbFunctions.Value(arguments, 2), edit);
            return;
        }
        switch (Utf8Text.ToString(arguments.Bytes(4)))
        {
            case "raise_exception":
                throw new SqlException(SqlState.NullValueNotAllowed, "JSON value must not be null",
                    detail: "Exception was raised because null_value_treatment is \"raise_exception\".",
                    hint: "To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed.");
            case "use_json_null":
                AtPath(arguments, result, new JsonbValue(JsonbTag.Null, default), edit);
                break;
            case "delete_key":
                AtPath(arguments, result, default, Edit.Delete);
                break;
            case "return_target":
                Copy(JsonbFunctions.Value(arguments, 0), result);
                break;
            default: throw WrongTreatment();
        }
    }

    private static SqlException WrongTreatment() =>
        new(SqlState.InvalidParameterValue, "null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\"");

    private static void StripNulls(JsonbValue value, JsonbBuilder builder)
    {
        StackGuard.Check();
        if (!value.IsContainer)
        {
            builder.Value(value);
            return;
        }
        Begin(value, builder);
        for (int i = 0; i < value.Count; i++)
        {
            JsonbValue part = value.IsObject ? value.ValueAt(i) : value.Element(i);
            if (value.IsObject && part.Tag == JsonbTag.Null) continue;
            if (value.IsObject) builder.Key(value.Key(i));
            StripNulls(part, builder);
        }
        builder.End();
    }
}
