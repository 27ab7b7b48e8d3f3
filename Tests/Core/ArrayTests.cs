using System.Text;
using System.Text.RegularExpressions;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Functions;
using VecSql.Core.Types;

namespace VecSql.Tests.Core;

public sealed partial class ArrayTests
{
    private const uint I = TypeOid.Int4Array;
    private static readonly EvalContext Context = Contexts.Default();

    [GeneratedRegex(@"\[([^\]]*)\]")]
    private static partial Regex Subscript();

    [Fact]
    public void Subscripts_slices_and_assignments_are_those_of_PostgreSQL()
    {
        StringBuilder wrong = new();
        foreach (string line in Calls.Expectations("subscripts.tsv"))
        {
            string[] f = line.Split('\t');
            List<SubscriptForm> forms = [];
            List<Column> bounds = [];
            foreach (Match m in Subscript().Matches(f[1]))
            {
                string[] parts = m.Groups[1].Value.Split(':');
                forms.Add(new SubscriptForm(parts.Length == 2, parts.Length == 2 && parts[0].Length > 0, parts[^1].Length > 0));
                bounds.AddRange(parts.Where(p => p.Length > 0).Select(p => Calls.Parse(TypeOid.Int4, p == "NULL" ? null : p, Context)));
            }
            bool isSlice = forms.Exists(x => x.IsSlice);
            Column array = Calls.Parse(I, f[0] == "\\N" ? null : f[0], Context);
            Column value = Calls.Parse(isSlice ? I : TypeOid.Int4, f[2] == "\\N" ? null : f[2], Context);
            string assigned = Evaluate(new ArrayAssignment(TypeOid.Int4, [.. forms]), I, [array, value, .. bounds]);
            string read = isSlice ? Evaluate(new ArraySlice(I, [.. forms]), I, [array, .. bounds]) : Evaluate(new ArraySubscript(I), TypeOid.Int4, [array, .. bounds]);
            if (assigned != f[3]) wrong.AppendLine($"{line}: assignment gives {assigned}");
            if (read != f[4]) wrong.AppendLine($"{line}: reading gives {read}");
        }
        Assert.True(wrong.Length == 0, wrong.ToString());
    }

    private static string Evaluate(ScalarFunction function, uint type, Column[] arguments)
    {
        try
        {
            ColumnBuilder result = ColumnBuilder.Create(TypeHandlers.KindOf(type));
            function.Evaluate(arguments, Selection.All(1), result, Context);
            return Calls.Format(result.Build(), 0, type, Context) ?? "\\N";
        }
        catch (SqlException e)
        {
            return "!" + Calls.Describe(e);
        }
    }

    [Fact]
    public void Constructors_build_vectors_and_nested_arrays()
    {
        Column one = Calls.Parse(TypeOid.Int4, "1", Context), none = Calls.Parse(TypeOid.Int4, null, Context);
        ScalarFunction flat = new ArrayConstructor(isNested: false).Specialize([SqlType.Int4, SqlType.Int4], new SqlType(I));
        Assert.Equal("{1,NULL}", Evaluate(flat, I, [one, none]));
        Assert.Equal("{}", Evaluate(flat, I, []));
        ScalarFunction nested = new ArrayConstructor(isNested: true).Specialize([new SqlType(I)], new SqlType(I));
        Column Array(string? text) => Calls.Parse(I, text, Context);
        Assert.Equal("{{1,2},{3,4}}", Evaluate(nested, I, [Array("{1,2}"), Array("{3,4}")]));
        Assert.Equal("{}", Evaluate(nested, I, [Array("{}"), Array(null)]));
        Assert.Equal("!2202E: multidimensional arrays must have array expressions with matching dimensions", Evaluate(nested, I, [Array("{1}"), Array("{}")]));
        Assert.Equal("!2202E: multidimensional arrays must have array expressions with matching dimensions", Evaluate(nested, I, [Array("{1}"), Array("{1,2}")]));
        Assert.Equal("!54000: number of array dimensions (7) exceeds the maximum allowed (6)", Evaluate(nested, I, [Array("{{{{{{1}}}}}}")]));
    }

    [Fact]
    public void Elements_are_taken_apart_and_put_together()
    {
        BytesColumnBuilder builder = new();
        foreach (string? text in (string?[])["{1,2}", null, "{}", "[3:4]={NULL,5}"]) builder.AppendFrom(Calls.Parse(I, text, Context), 0);
        BytesColumn arrays = (BytesColumn)builder.Build();
        ArrayElements elements = new(I);
        Column flat = elements.Flatten(arrays, Selection.All(4), PhysicalKind.Int32);
        Assert.Equal(4, flat.Length);
        Assert.Equal((2, 4), elements.RangeOf(3));
        BytesColumnBuilder asText = new();
        new ToTextFunction(SqlType.Int4).Evaluate([flat], Selection.All(4), asText, Context);
        BytesColumnBuilder result = new();
        elements.Rebuild(arrays, Selection.All(4), asText.Build(), TypeOid.Text, result);
        List<string?> texts = [.. Enumerable.Range(0, 4).Select(i => Calls.Format(result.Build(), i, TypeOid.TextArray, Context))];
        Assert.Equal(new List<string?> { "{1,2}", null, "{}", "[3:4]={NULL,5}" }, texts);
    }

    [Fact]
    public void Unnest_and_subscripts_give_rows()
    {
        Assert.Equal(["1", "2", null, "4"], Rows("unnest", TypeOid.Int4, Calls.Parse(I, "{{1,2},{NULL,4}}", Context)));
        Assert.Empty(Rows("unnest", TypeOid.Int4, Calls.Parse(I, null, Context)));
        Column two = Calls.Parse(TypeOid.Int4, "1", Context), yes = Calls.Parse(TypeOid.Bool, "t", Context), array = Calls.Parse(I, "[5:7]={1,2,3}", Context);
        Assert.Equal(["5", "6", "7"], Rows("generate_subscripts", TypeOid.Int4, array, two));
        Assert.Equal(["7", "6", "5"], Rows("generate_subscripts", TypeOid.Int4, array, two, yes));
        Assert.Equal(["a", "", "b"], Rows("string_to_table", TypeOid.Text, Calls.Parse(TypeOid.Text, "a,,b", Context), Calls.Parse(TypeOid.Text, ",", Context)));
    }

    private static List<string?> Rows(string name, uint type, params Column[] arguments)
    {
        BuiltinFunction signature = Builtins.FindFunctions(name).First(f => f.ArgumentTypes.Length == arguments.Length && FunctionLibrary.Default.FindTable(f) is not null);
        TableFunction function = FunctionLibrary.Default.FindTable(signature)!.Specialize([.. arguments.Select(_ => new SqlType(I))], new SqlType(type));
        List<string?> rows = [];
        using TableFunctionCursor cursor = function.Open(new RowArguments(arguments, 0), Context);
        ColumnBuilder result = ColumnBuilder.Create(TypeHandlers.KindOf(type));
        for (int count; (count = cursor.Next([result], 2, Context)) > 0; result.Reset())
            for (int i = 0; i < count; i++) rows.Add(Calls.Format(result.Build(), i, type, Context));
        return rows;
    }

    [Fact]
    public void Keys_sort_as_arrays_do()
    {
        string[] texts = ["{}", "{1}", "{1,2}", "{2}", "{1,NULL}", "{NULL}", "{{1,2}}", "[2:3]={1,2}", "{-1,5}", "{{1},{2}}", "{1,2,3}"];
        TypeHandler handler = TypeHandlers.Of(I);
        foreach (string left in texts)
            foreach (string right in texts)
            {
                Column a = Calls.Parse(I, left, Context), b = Calls.Parse(I, right, Context);
                ByteBuffer keyA = new(), keyB = new();
                handler.EncodeKey(a, 0, keyA);
                handler.EncodeKey(b, 0, keyB);
                int order = Math.Sign(handler.Compare(a, 0, b, 0));
                Assert.True(order == Math.Sign(keyA.WrittenSpan.SequenceCompareTo(keyB.WrittenSpan)), $"{left} and {right}");
                if (order == 0) Assert.Equal(handler.Hash(a, 0), handler.Hash(b, 0));
            }
    }

    [Fact]
    public void Float_arrays_are_read_as_spans()
    {
        ArrayView view = new(TypeOid.Float4Array);
        view.Open((BytesColumn)Calls.Parse(TypeOid.Float4Array, "{1.5,2,-3}", Context), 0);
        Assert.Equal([1.5f, 2f, -3f], ((Column<float>)view.Elements).Values.ToArray());
    }

    [Fact]
    public void Vectors_and_arrays_convert()
    {
        Assert.Equal("{1,2.5}", Calls.Call("vector_to_float4", TypeOid.Float4Array, (TypeOid.Vector, "[1,2.5]"), (TypeOid.Int4, "-1"), (TypeOid.Bool, "f")));
        string? FromArray(uint type, string text, int modifier = -1) =>
            Calls.Call("array_to_vector", TypeOid.Vector, (type, text), (TypeOid.Int4, modifier.ToString()), (TypeOid.Bool, "f"));
        foreach (uint type in (uint[])[TypeOid.Int4Array, TypeOid.Float4Array, TypeOid.Float8Array]) Assert.Equal("[1,2,3]", FromArray(type, "{1,2,3}", 3));
        Assert.Equal("[0,-0]", FromArray(TypeOid.Float8Array, "{1e-46,-1e-46}"));
        string Error(string text, int modifier = -1) => Calls.Describe(Calls.Fails(() => FromArray(TypeOid.Float8Array, text, modifier)));
        Assert.Equal("22000: expected 2 dimensions, not 3", Error("{1,2,3}", 2));
        Assert.Equal("22004: array must not contain nulls", Error("{NULL}"));
        Assert.Equal("22000: NaN not allowed in vector", Error("{NaN}"));
        Assert.Equal("22000: infinite value not allowed in vector", Error("{4e38,-4e38}"));
        Assert.Equal("22000: vector must have at least 1 dimension", Error("{}"));
        Assert.Equal("22000: array must be 1-D", Error("{{1}}"));
        string? State(string function, string state, (uint, string?) second) => Calls.Call(function, TypeOid.Float8Array, (TypeOid.Float8Array, state), second);
        Assert.Equal("{1,1,2,3}", State("vector_accum", "{0}", (TypeOid.Vector, "[1,2,3]")));
        Assert.Equal("{1,1,2,3}", State("vector_accum", "{0,0,0,0}", (TypeOid.Vector, "[1,2,3]")));
        Assert.Equal("{4,6}", State("vector_combine", "{1,2}", (TypeOid.Float8Array, "{3,4}")));
        Assert.Equal("XX000: vector_accum: expected state array", Calls.Describe(Calls.Fails(() => State("vector_accum", "{}", (TypeOid.Vector, "[1]")))));
        Assert.Equal("22000: expected 1 dimensions, not 3", Calls.Describe(Calls.Fails(() => State("vector_accum", "{0,0}", (TypeOid.Vector, "[1,2,3]")))));
        Assert.Equal("22000: vector must have at least 1 dimension", Calls.Describe(Calls.Fails(() => State("vector_combine", "{0}", (TypeOid.Float8Array, "{0}")))));
        Assert.Equal("[1,2]", Calls.Call("vector_avg", TypeOid.Vector, (TypeOid.Float8Array, "{2,2,4}")));
        Assert.Equal("{\"[1,2,3]\",[4]}", Calls.RoundTrip(TypeOid.VectorArray, "{\"[1,2,3]\", \"[4]\"}"));
    }

    [Fact]
    public void Malformed_binary_is_refused()
    {
        static string Read(params byte[] bytes) => Calls.Describe(Calls.Fails(() =>
        {
            TypeHandlers.Of(I).ReadBinary(bytes, new SqlType(I), new BytesColumnBuilder(), Context);
            return null;
        }));
        byte[] head = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 23];
        Assert.Equal("08P01: insufficient data left in message", Read(0, 0));
        Assert.Equal("54000: number of array dimensions (9) exceeds the maximum allowed (6)", Read([0, 0, 0, 9, .. head[4..]]));
        Assert.Equal("22P03: invalid array flags", Read([0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 23]));
        Assert.Equal("42804: binary data has array element type 25 (text) instead of expected 23 (integer)", Read([0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 25]));
        // A hundred million elements are declared and none is there.
        Assert.Equal("08P01: insufficient data left in message", Read([.. head, 5, 0xF5, 0xE1, 0, 0, 0, 0, 1]));
        Assert.Equal("54000: array size exceeds the maximum allowed (134217727)", Read([.. head, 0x7F, 0, 0, 0, 0, 0, 0, 1]));
        Assert.Equal("22P03: insufficient data left in message", Read([.. head, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9]));
    }

    [Fact]
    public void Int2vectors_are_arrays_that_count_from_0()
    {
        const uint keys = TypeOid.Int2Vector;
        Assert.Equal("[0:1]", Calls.Call("array_dims", TypeOid.Text, (keys, "3 5")));
        Assert.Equal("1", Calls.Call("array_upper", TypeOid.Int4, (keys, "3 5"), (TypeOid.Int4, "1")));
        Assert.Equal("3,5", Calls.Call("array_to_string", TypeOid.Text, (keys, "3 5"), (TypeOid.Text, ",")));
        Assert.Equal("1", Calls.Call("array_position", TypeOid.Int4, (keys, "3 5"), (TypeOid.Int2, "5")));
        Assert.Equal("5", Evaluate(new ArraySubscript(keys), TypeOid.Int2, [Calls.Parse(keys, "3 5", Context), Calls.Parse(TypeOid.Int4, "1", Context)]));
        BytesColumn column = (BytesColumn)Calls.Parse(keys, "3 5", Context);
        ArrayElements elements = new(keys);
        Column flat = elements.Flatten(column, Selection.All(1), PhysicalKind.Int16);
        BytesColumnBuilder array = new();
        elements.Rebuild(column, Selection.All(1), flat, TypeOid.Int2, array);
        Assert.Equal("[0:1]={3,5}", Calls.Format(array.Build(), 0, TypeOid.Int2Array, Context));
    }
}
