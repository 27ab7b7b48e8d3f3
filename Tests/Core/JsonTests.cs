using System.Text;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Functions;
using VecSql.Core.Types;

namespace VecSql.Tests.Core;

public sealed class JsonTests
{
    private const uint Pair = 21001, PairRelation = 21002, Pairs = 21003;

    private static EvalContext Context()
    {
        ColumnObject Column(short number, string name, SqlType type) => new() { Number = number, Name = name, Type = type };
        CatalogSnapshot catalog = CatalogSnapshot.Empty
            .With(new TypeObject { Oid = Pair, Name = "pair", Schema = WellKnownOid.PublicSchema, Kind = 'c', RelationOid = PairRelation, ArrayTypeOid = Pairs })
            .With(new TypeObject { Oid = Pairs, Name = "_pair", Schema = WellKnownOid.PublicSchema, Kind = 'b', ElementTypeOid = Pair })
            .With(new TableObject { Oid = PairRelation, Name = "pair", Schema = WellKnownOid.PublicSchema, RelationKind = RelationKind.CompositeType,
                Columns = [Column(1, "a", SqlType.Int4), Column(2, "b", new SqlType(TypeOid.TextArray)), Column(3, "c", new SqlType(TypeOid.Jsonb))] });
        return new EvalContext { Display = new DisplaySettings(), Catalog = catalog, Clock = TimeProvider.System, Random = new Random(1), Session = new FakeSession() };
    }

    private static List<string> Rows(EvalContext context, string name, uint type, string? text, uint rowType = TypeOid.Record, params uint[] columns)
    {
        BuiltinFunction signature = Builtins.FindFunctions(name)[0];
        TableFunction function = FunctionLibrary.Default.FindTable(signature)!.Specialize([new SqlType(rowType), new SqlType(type)], new SqlType(rowType));
        Column json = Calls.Parse(type, text, context);
        Column[] arguments = signature.ArgumentTypes.Length == 1 ? [json] : [Calls.Parse(rowType, null, context), json];
        List<string> rows = [];
        using TableFunctionCursor cursor = function.Open(new RowArguments(arguments, 0), context);
        ColumnBuilder[] result = [.. columns.Select(c => ColumnBuilder.Create(TypeHandlers.KindOf(c, context.Catalog)))];
        int count = cursor.Next(result, 100, context);
        for (int i = 0; i < count; i++) rows.Add(string.Join('|', columns.Select((c, n) => Calls.Format(result[n].Build(), i, c, context) ?? "NULL")));
        Assert.Equal(0, cursor.Next(result, 100, context));
        return rows;
    }

    [Fact]
    public void Parts_become_rows()
    {
        EvalContext context = Context();
        Assert.Equal(["1", "\"x\"", "[2, 3]", "null"], Rows(context, "jsonb_array_elements", TypeOid.Jsonb, "[1,\"x\",[2,3],null]", columns: TypeOid.Jsonb));
        Assert.Equal(["1", "x", "[2, 3]", "NULL"], Rows(context, "jsonb_array_elements_text", TypeOid.Jsonb, "[1,\"x\",[2,3],null]", columns: TypeOid.Text));
        Assert.Equal(["1", "\"x\"", "[2,  3]", "null"], Rows(context, "json_array_elements", TypeOid.Json, "[1, \"x\", [2,  3],null ]", columns: TypeOid.Json));
        Assert.Equal(["1", "x\n", "NULL"], Rows(context, "json_array_elements_text", TypeOid.Json, "[1,\"x\\n\",null]", columns: TypeOid.Text));
        Assert.Equal(["b|1", "aa|{\"c\": null}"], Rows(context, "jsonb_each", TypeOid.Jsonb, "{\"aa\":{\"c\":null},\"b\":1}", columns: [TypeOid.Text, TypeOid.Jsonb]));
        Assert.Equal(["aa|{\"c\":null}", "b|1", "b|2"], Rows(context, "json_each", TypeOid.Json, "{\"aa\":{\"c\":null},\"b\":1,\"b\":2}", columns: [TypeOid.Text, TypeOid.Json]));
        Assert.Equal(["a|NULL", "b|q"], Rows(context, "jsonb_each_text", TypeOid.Jsonb, "{\"a\":null,\"b\":\"q\"}", columns: [TypeOid.Text, TypeOid.Text]));
        Assert.Equal(["b", "aa"], Rows(context, "jsonb_object_keys", TypeOid.Jsonb, "{\"aa\":1,\"b\":1}", columns: TypeOid.Text));
        Assert.Equal(["aa", "b"], Rows(context, "json_object_keys", TypeOid.Json, "{\"aa\":1,\"b\":1}", columns: TypeOid.Text));
        Assert.Empty(Rows(context, "json_object_keys", TypeOid.Json, null, columns: TypeOid.Text));
    }

    [Theory]
    [InlineData("jsonb_array_elements", TypeOid.Jsonb, "{}", "22023: cannot extract elements from an object")]
    [InlineData("jsonb_array_elements", TypeOid.Jsonb, "1", "22023: cannot extract elements from a scalar")]
    [InlineData("json_array_elements", TypeOid.Json, "{}", "22023: cannot call json_array_elements on a non-array")]
    [InlineData("json_array_elements_text", TypeOid.Json, "1", "22023: cannot call json_array_elements_text on a scalar")]
    [InlineData("jsonb_each", TypeOid.Jsonb, "[]", "22023: cannot call jsonb_each on a non-object")]
    [InlineData("json_each", TypeOid.Json, "[]", "22023: cannot deconstruct an array as an object")]
    [InlineData("json_each_text", TypeOid.Json, "1", "22023: cannot deconstruct a scalar")]
    [InlineData("jsonb_object_keys", TypeOid.Jsonb, "[]", "22023: cannot call jsonb_object_keys on an array")]
    [InlineData("json_object_keys", TypeOid.Json, "1", "22023: cannot call json_object_keys on a scalar")]
    public void Values_of_the_wrong_kind_are_refused(string name, uint type, string text, string expected) =>
        Assert.Equal(expected, Calls.Describe(Calls.Fails(() => Rows(Contexts.Default(), name, type, text, columns: [TypeOid.Text, TypeOid.Text]))));

    [Fact]
    public void Records_are_populated()
    {
        EvalContext context = Context();
        string? Populate(string function, uint type, string? basis, string json) => Calls.Call(context, function, Pair, (Pair, basis), (type, json));
        Assert.Equal("(1,\"{x,NULL,2}\",\"{\"\"q\"\": 1}\")", Populate("jsonb_populate_record", TypeOid.Jsonb, null, "{\"a\":\"1\",\"b\":[\"x\",null,2],\"c\":{\"q\":1},\"z\":0}"));
        Assert.Equal("(5,,)", Populate("jsonb_populate_record", TypeOid.Jsonb, "(5,{},)", "{\"b\":null}"));
        Assert.Equal("(1,\"{{a,b},{c,d}}\",)", Populate("jsonb_populate_record", TypeOid.Jsonb, null, "{\"a\":1,\"b\":[[\"a\",\"b\"],[\"c\",\"d\"]]}"));
        Assert.Equal("22P02: invalid input syntax for type integer: \"x\"", Calls.Describe(Calls.Fails(() => Populate("jsonb_populate_record", TypeOid.Jsonb, null, "{\"a\":\"x\"}"))));
        Assert.Equal("22023: cannot call populate_composite on an array", Calls.Describe(Calls.Fails(() => Populate("jsonb_populate_record", TypeOid.Jsonb, null, "[]"))));
        Assert.Equal("22P02: expected JSON array", Calls.Describe(Calls.Fails(() => Populate("jsonb_populate_record", TypeOid.Jsonb, null, "{\"b\":1}"))));
        foreach ((string json, string error) in ((string, string)[])[("{}", "cannot call jsonb_populate_recordset on a non-array"), ("[1]", "argument of jsonb_populate_recordset must be an array of objects")])
            Assert.Equal("22023: " + error, Calls.Describe(Calls.Fails(() => Rows(context, "jsonb_populate_recordset", TypeOid.Jsonb, json, Pair, TypeOid.Int4))));
        Assert.Equal(["1|NULL|NULL", "NULL|{q}|2"], Rows(context, "jsonb_populate_recordset", TypeOid.Jsonb, "[{\"a\":1},{\"b\":[\"q\"],\"c\":2}]", Pair, TypeOid.Int4, TypeOid.TextArray, TypeOid.Jsonb));
        JsonToRows rows = new(isBinary: false, isSet: true, [SqlType.Int4, SqlType.Text], ["x", "y"]);
        ColumnBuilder[] result = [new ColumnBuilder<int>(), new BytesColumnBuilder()];
        using TableFunctionCursor cursor = rows.Open(new RowArguments([Calls.Parse(TypeOid.Json, "[{\"x\":1,\"y\":true},{}]", context)], 0), context);
        Assert.Equal(2, cursor.Next(result, 10, context));
        Assert.Equal("true", Calls.Format(result[1].Build(), 0, TypeOid.Text, context));
        Assert.True(result[0].Build().IsNull(1));
    }

    [Fact]
    public void Rows_become_objects()
    {
        EvalContext context = Context();
        Assert.Equal("{\"a\":1,\"b\":[\"x\"],\"c\":[2]}", Calls.Call(context, "row_to_json", TypeOid.Json, (Pair, "(1,{x},[2])")));
        Assert.Equal("{\"a\":1,\n \"b\":null,\n \"c\":null}", Calls.Call(context, "row_to_json", TypeOid.Json, (Pair, "(1,,)"), (TypeOid.Bool, "t")));
        Assert.Equal("[{\"a\": 1, \"b\": null, \"c\": null}]", Calls.Call(context, "to_jsonb", TypeOid.Jsonb, (Pairs, "{\"(1,,)\"}")));
        BytesColumnBuilder row = new();
        Column one = Calls.Parse(TypeOid.Int4, "1", context);
        new RowConstructor(SqlType.Record, [SqlType.Int4, SqlType.Int4], ["x", "y z"]).Evaluate([one, one], Selection.All(1), row, context);
        BytesColumnBuilder result = new();
        FunctionLibrary.Default.FindScalar(Builtins.FindFunctions("to_json")[0])!.Specialize([SqlType.Record], new SqlType(TypeOid.Json)).Evaluate([row.Build()], Selection.All(1), result, context);
        Assert.Equal("{\"x\":1,\"y z\":1}", Calls.Format(result.Build(), 0, TypeOid.Json, context));
    }

    [Fact]
    public void Object_aggregates_name_their_pairs()
    {
        EvalContext context = Context();
        foreach ((string name, uint type, string expected) in ((string, uint, string)[])[("json_object_agg", TypeOid.Json, "{ \"b\" : 1, \"a\" : 1, \"b\" : 1 }"), ("jsonb_object_agg", TypeOid.Jsonb, "{\"a\": 1, \"b\": 1}")])
        {
            AggregateFunction function = FunctionLibrary.Default.FindAggregate(Builtins.FindFunctions(name)[0])!.Specialize([SqlType.Text, SqlType.Int4], new SqlType(type));
            AggregateState state = function.CreateState();
            state.EnsureGroups(2);
            foreach (string key in (string[])["b", "a", "b"])
                state.Update([Calls.Parse(TypeOid.Text, key, context), Calls.Parse(TypeOid.Int4, "1", context)], Selection.All(1), [0], context);
            BytesColumnBuilder result = new();
            state.Finish(0, 2, result, context);
            Assert.Equal(expected, Calls.Format(result.Build(), 0, type, context));
            Assert.Null(Calls.Format(result.Build(), 1, type, context));
            Assert.Equal("22023: field name must not be null", Calls.Describe(Calls.Fails(() =>
            {
                state.Update([Calls.Parse(TypeOid.Text, null, context), Calls.Parse(TypeOid.Int4, "1", context)], Selection.All(1), [0], context);
                return null;
            })));
        }
    }

    [Fact]
    public void Depth_is_limited()
    {
        foreach (uint type in (uint[])[TypeOid.Json, TypeOid.Jsonb])
        {
            string deep = new string('[', 1024) + new string(']', 1024);
            Assert.Equal(deep, Calls.RoundTrip(type, deep));
            Assert.Equal("54001: stack depth limit exceeded", Calls.Describe(Calls.Fails(() => Calls.RoundTrip(type, "[" + deep + "]"))));
            Assert.Equal("54001: stack depth limit exceeded", Calls.Describe(Calls.Fails(() => Calls.RoundTrip(type, new string('[', 1_000_000)))));
        }
    }

    private static string RandomJson(Random random, int depth)
    {
        switch (random.Next(depth > 4 ? 5 : 7))
        {
            case 0: return "null";
            case 1: return random.Next(2) == 0 ? "true" : "false";
            case 2: return random.Next(-1000, 1000).ToString();
            case 3: return (random.Next(-100000, 100000) / 100m).ToString(System.Globalization.CultureInfo.InvariantCulture);
            case 4: return "\"" + ((string[])["", "a", "ab", "é", "\\n", "b\\\"", "\\u0041", "z"])[random.Next(8)] + "\"";
            case 5: return "[" + string.Join(",", Enumerable.Range(0, random.Next(4)).Select(_ => RandomJson(random, depth + 1))) + "]";
            default: return "{" + string.Join(",", Enumerable.Range(0, random.Next(4)).Select(_ => $"\"{(char)('a' + random.Next(4))}{new string('x', random.Next(2))}\":{RandomJson(random, depth + 1)}")) + "}";
        }
    }

    [Fact]
    public void Random_values_survive_text_and_binary_and_order_agrees_with_keys_and_hashes()
    {
        EvalContext context = Contexts.Default();
        Random random = new(11);
        TypeHandler handler = TypeHandlers.Of(TypeOid.Jsonb);
        List<Column> values = [];
        for (int i = 0; i < 300; i++)
        {
            string text = Calls.RoundTrip(TypeOid.Jsonb, RandomJson(random, 0))!;
            Assert.Equal(text, Calls.RoundTrip(TypeOid.Jsonb, text));
            Assert.Equal(text, Calls.BinaryRoundTrip(TypeOid.Jsonb, text));
            values.Add(Calls.Parse(TypeOid.Jsonb, text, context));
        }
        foreach (Column a in values)
            foreach (Column b in values)
            {
                ByteBuffer keyA = new(), keyB = new();
                handler.EncodeKey(a, 0, keyA);
                handler.EncodeKey(b, 0, keyB);
                int order = Math.Sign(handler.Compare(a, 0, b, 0));
                Assert.Equal(order, Math.Sign(keyA.WrittenSpan.SequenceCompareTo(keyB.WrittenSpan)));
                if (order == 0) Assert.Equal(handler.Hash(a, 0), handler.Hash(b, 0));
            }
    }

    [Fact]
    public void Random_bytes_are_read_or_refused()
    {
        Random random = new(5);
        const string alphabet = "{}[]\",:\\u0123truefalsn-.eE \n";
        for (int i = 0; i < 3000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(1, 20)).Select(_ => alphabet[random.Next(alphabet.Length)]));
            string? json = TryRead(TypeOid.Json, text), jsonb = TryRead(TypeOid.Jsonb, text);
            Assert.True(jsonb is null || json is not null, text);
            bool isValid = true;
            try
            {
                using System.Text.Json.JsonDocument document = System.Text.Json.JsonDocument.Parse(text);
            }
            catch (System.Text.Json.JsonException)
            {
                isValid = false;
            }
            if (!text.Contains('\\', StringComparison.Ordinal)) Assert.True(isValid == (json is not null), text);
        }
    }

    private static string? TryRead(uint type, string text)
    {
        try
        {
            return Calls.RoundTrip(type, text);
        }
        catch (VecSql.Core.Errors.SqlException)
        {
            return null;
        }
    }
}
