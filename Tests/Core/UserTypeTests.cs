using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Functions;
using VecSql.Core.Types;

namespace VecSql.Tests.Core;

/// <summary>Enums, domains, composite types, records, and objects by name.</summary>
public sealed class UserTypeTests
{
    private const uint Mood = 20001, Moods = 20002, Short = 20003, Pair = 20004, PairRelation = 20005, Table = 20006, TableRow = 20007, TableRows = 20008, Other = 20009, Hidden = 20010;

    private static EvalContext Context(params EnumLabel[] extra)
    {
        ColumnObject Column(short number, string name, SqlType type) => new() { Number = number, Name = name, Type = type };
        CatalogSnapshot catalog = CatalogSnapshot.Empty
            .WithShared(SharedCatalog.Empty.With(new RoleObject { Oid = 10, Name = "postgres" }))
            .With(new SchemaObject { Oid = WellKnownOid.PublicSchema, Name = "public" })
            .With(new SchemaObject { Oid = Other, Name = "other" })
            .With(new TypeObject { Oid = Mood, Name = "mood", Schema = WellKnownOid.PublicSchema, Kind = 'e', ArrayTypeOid = Moods,
                Labels = [new EnumLabel(30001, "sad", 1), new EnumLabel(30002, "ok", 2), new EnumLabel(30003, "happy day", 3), .. extra] })
            .With(new TypeObject { Oid = Moods, Name = "_mood", Schema = WellKnownOid.PublicSchema, Kind = 'b', ElementTypeOid = Mood })
            .With(new TypeObject { Oid = Short, Name = "Short", Schema = Other, Kind = 'd', BaseType = new SqlType(TypeOid.Varchar, 7) })
            .With(new TypeObject { Oid = Pair, Name = "pair", Schema = WellKnownOid.PublicSchema, Kind = 'c', RelationOid = PairRelation })
            .With(new TableObject { Oid = PairRelation, Name = "pair", Schema = WellKnownOid.PublicSchema, RelationKind = RelationKind.CompositeType,
                Columns = [Column(1, "number", SqlType.Int4), Column(2, "word", SqlType.Text), Column(3, "feeling", new SqlType(Mood))] })
            .With(new TableObject { Oid = Table, Name = "Items", Schema = WellKnownOid.PublicSchema, RelationKind = RelationKind.Table, RowTypeOid = TableRow, RowArrayTypeOid = TableRows,
                Columns = [Column(1, "id", SqlType.Int8)] })
            .With(new TableObject { Oid = Hidden, Name = "hidden", Schema = Other, RelationKind = RelationKind.Table, Columns = [] });
        return new EvalContext { Display = new DisplaySettings(), Catalog = catalog, Clock = TimeProvider.System, Random = new Random(1), Session = new FakeSession() };
    }

    [Fact]
    public void Enums_are_read_by_label_and_ordered_by_sort_number()
    {
        EvalContext context = Context(new EnumLabel(30004, "meh", 1.5f));
        Assert.Equal("happy day", Calls.RoundTrip(Mood, "happy day", context: context));
        Assert.Equal("meh", Calls.BinaryRoundTrip(Mood, "meh", context));
        Assert.Equal("22P02: invalid input value for enum mood: \"glad\"", Calls.Describe(Calls.Fails(() => Calls.RoundTrip(Mood, "glad", context: context))));
        Assert.Equal("t", Calls.Call(context, "<", TypeOid.Bool, (Mood, "meh"), (Mood, "ok")));
        Assert.Equal("ok", Calls.Call(context, "enum_larger", Mood, (Mood, "meh"), (Mood, "ok")));
        Assert.Equal("sad", Calls.Call(context, "enum_first", Mood, (Mood, null)));
        Assert.Equal("{sad,meh,ok,\"happy day\"}", Calls.Call(context, "enum_range", Moods, (Mood, null)));
        Assert.Equal("{meh,ok}", Calls.Call(context, "enum_range", Moods, (Mood, "meh"), (Mood, "ok")));
        Assert.Equal("{sad,NULL,meh}", Calls.RoundTrip(Moods, "{sad,NULL,meh}", context: context));
        TypeHandler handler = TypeHandlers.Of(Mood, context.Catalog);
        ByteBuffer meh = new(), ok = new();
        handler.EncodeKey(Calls.Parse(Mood, "meh", context), 0, meh);
        handler.EncodeKey(Calls.Parse(Mood, "ok", context), 0, ok);
        Assert.True(meh.WrittenSpan.SequenceCompareTo(ok.WrittenSpan) < 0);
    }

    [Fact]
    public void Domains_read_as_their_base_type_with_its_modifier()
    {
        EvalContext context = Context();
        Assert.Equal("abc", Calls.RoundTrip(Short, "abc", context: context));
        Assert.Equal("22001: value too long for type character varying(3)", Calls.Describe(Calls.Fails(() => Calls.RoundTrip(Short, "abcd", context: context))));
    }

    [Theory]
    [InlineData("(1,a,sad)", "(1,a,sad)")]
    [InlineData(" (1,,) ", "(1,,)")]
    [InlineData("(1,\"\",ok)", "(1,\"\",ok)")]
    [InlineData("(1,\"a \"\"b\"\", c\",\"happy day\")", "(1,\"a \"\"b\"\", c\",\"happy day\")")]
    [InlineData("( 2 , x y,ok)", "(2,\" x y\",ok)")]
    [InlineData("(1,a\\,b,ok)", "(1,\"a,b\",ok)")]
    public void Composites_are_read_and_written(string text, string expected)
    {
        EvalContext context = Context();
        Assert.Equal(expected, Calls.RoundTrip(Pair, text, context: context));
        Assert.Equal(expected, Calls.BinaryRoundTrip(Pair, text, context));
    }

    [Theory]
    [InlineData("1,a,ok", "Missing left parenthesis.")]
    [InlineData("(1,a)", "Too few columns.")]
    [InlineData("(1,a,ok,4)", "Too many columns.")]
    [InlineData("(1,a,ok)x", "Junk after right parenthesis.")]
    [InlineData("(1,a", "Unexpected end of input.")]
    public void Malformed_composites_are_refused(string text, string detail) =>
        Assert.Equal($"22P02: malformed record literal: \"{text}\" | {detail}", Calls.Describe(Calls.Fails(() => Calls.RoundTrip(Pair, text, context: Context()))));

    [Fact]
    public void Records_are_built_compared_and_taken_apart()
    {
        EvalContext context = Context();
        SqlType[] types = [SqlType.Int4, SqlType.Text];
        Column Row(string? number, string? word)
        {
            BytesColumnBuilder result = new();
            new RowConstructor(SqlType.Record, types, ["n", "w"]).Evaluate([Calls.Parse(TypeOid.Int4, number, context), Calls.Parse(TypeOid.Text, word, context)], Selection.All(1), result, context);
            return result.Build();
        }
        Assert.Equal("(1,\"a b\")", Calls.Format(Row("1", "a b"), 0, TypeOid.Record, context));
        Assert.Equal("(,)", Calls.Format(Row(null, null), 0, TypeOid.Record, context));
        TypeHandler handler = TypeHandlers.Of(TypeOid.Record, context.Catalog);
        Assert.True(handler.Compare(Row("1", "a"), 0, Row("1", "b"), 0) < 0);
        Assert.True(handler.Compare(Row("1", null), 0, Row("1", "b"), 0) > 0);
        Assert.Equal(handler.Hash(Row("1", "b"), 0), handler.Hash(Row("1", "b"), 0));
        ColumnBuilder word = new BytesColumnBuilder();
        new RowField(1).Evaluate([Row("1", "x")], Selection.All(1), word, context);
        Assert.Equal("x", Calls.Format(word.Build(), 0, TypeOid.Text, context));
        foreach ((string? n, string? w, bool isNull, bool isNotNull) in ((string?, string?, bool, bool)[])[(null, null, true, false), ("1", null, false, false), ("1", "x", false, true)])
        {
            ColumnBuilder<bool> answer = new();
            new RowNullTest(false).Evaluate([Row(n, w)], Selection.All(1), answer, context);
            Assert.Equal(isNull, ((Column<bool>)answer.Build())[0]);
            new RowNullTest(true).Evaluate([Row(n, w)], Selection.All(1), answer, context);
            Assert.Equal(isNotNull, ((Column<bool>)answer.Build())[0]);
        }
        RowView view = new();
        view.Open((BytesColumn)Row("1", "x"), 0);
        Assert.Equal(["n", "w"], view.ReadNames()!);
        Assert.Equal("0A000: input of anonymous composite types is not implemented", Calls.Describe(Calls.Fails(() => Calls.RoundTrip(TypeOid.Record, "(1)", context: context))));
    }

    [Theory]
    [InlineData(TypeOid.RegClass, "\"Items\"", "\"Items\"")]
    [InlineData(TypeOid.RegClass, "public.\"Items\"", "\"Items\"")]
    [InlineData(TypeOid.RegClass, "other.hidden", "other.hidden")]
    [InlineData(TypeOid.RegClass, "PG_NAMESPACE", "pg_namespace")]
    [InlineData(TypeOid.RegClass, "999999", "999999")]
    [InlineData(TypeOid.RegClass, "-", "-")]
    [InlineData(TypeOid.RegType, "varchar(10)", "character varying")]
    [InlineData(TypeOid.RegType, "character varying(3)[]", "character varying[]")]
    [InlineData(TypeOid.RegType, "timestamp(3) with time zone", "timestamp with time zone")]
    [InlineData(TypeOid.RegType, "\"char\"", "\"char\"")]
    [InlineData(TypeOid.RegType, "char", "character")]
    [InlineData(TypeOid.RegType, "int[][]", "integer[]")]
    [InlineData(TypeOid.RegType, "pg_catalog.int4", "integer")]
    [InlineData(TypeOid.RegType, "double   precision", "double precision")]
    [InlineData(TypeOid.RegType, "INT", "integer")]
    [InlineData(TypeOid.RegType, "mood", "mood")]
    [InlineData(TypeOid.RegType, "mood[]", "mood[]")]
    [InlineData(TypeOid.RegType, "other.\"Short\"", "other.\"Short\"")]
    [InlineData(TypeOid.RegType, "\"Items\"[]", "\"Items\"[]")]
    [InlineData(TypeOid.RegProc, "now", "now")]
    [InlineData(TypeOid.RegProcedure, "abs(int4)", "abs(integer)")]
    [InlineData(TypeOid.RegProcedure, "array_in(cstring,oid,integer)", "array_in(cstring,oid,integer)")]
    [InlineData(TypeOid.RegOperator, "+(int4,int4)", "+(integer,integer)")]
    [InlineData(TypeOid.RegOperator, "-(none,int4)", "-(NONE,integer)")]
    [InlineData(TypeOid.RegNamespace, "pg_catalog", "pg_catalog")]
    [InlineData(TypeOid.RegRole, "postgres", "postgres")]
    [InlineData(TypeOid.RegCollation, "\"C\"", "\"C\"")]
    public void Objects_are_read_and_written_by_name(uint type, string text, string expected)
    {
        Assert.Equal(expected, Calls.RoundTrip(type, text, context: Context()));
        Assert.Equal(expected, Calls.BinaryRoundTrip(type, text, Context()));
    }

    [Theory]
    [InlineData(TypeOid.RegClass, "nosuch", "42P01: relation \"nosuch\" does not exist")]
    [InlineData(TypeOid.RegClass, "items", "42P01: relation \"items\" does not exist")]
    [InlineData(TypeOid.RegClass, "nosuch.t", "3F000: schema \"nosuch\" does not exist")]
    [InlineData(TypeOid.RegClass, "a.b.c.d", "42601: improper relation name (too many dotted names): a.b.c.d")]
    [InlineData(TypeOid.RegClass, "", "42602: invalid name syntax")]
    [InlineData(TypeOid.RegType, "nosuch", "42704: type \"nosuch\" does not exist")]
    [InlineData(TypeOid.RegProc, "nosuch", "42883: function \"nosuch\" does not exist")]
    [InlineData(TypeOid.RegProc, "abs", "42725: more than one function named \"abs\"")]
    [InlineData(TypeOid.RegProcedure, "abs(text)", "42883: function \"abs(text)\" does not exist")]
    [InlineData(TypeOid.RegProcedure, "abs(nosuch)", "42704: type \"nosuch\" does not exist")]
    [InlineData(TypeOid.RegProcedure, "abs", "22P02: expected a left parenthesis")]
    [InlineData(TypeOid.RegOper, "+", "42725: more than one operator named +")]
    [InlineData(TypeOid.RegOper, "@@@@", "42883: operator does not exist: @@@@")]
    [InlineData(TypeOid.RegNamespace, "nosuch", "3F000: schema \"nosuch\" does not exist")]
    [InlineData(TypeOid.RegRole, "nosuch", "42704: role \"nosuch\" does not exist")]
    [InlineData(TypeOid.RegCollation, "C", "42704: collation \"c\" for encoding \"UTF8\" does not exist")]
    public void Unknown_objects_are_errors(uint type, string text, string expected) =>
        Assert.Equal(expected, Calls.Describe(Calls.Fails(() => Calls.RoundTrip(type, text, context: Context()))));

    [Theory]
    [InlineData(1042, -1, "bpchar")]
    [InlineData(1042, null, "character")]
    [InlineData(1560, -1, "\"bit\"")]
    [InlineData(1560, 3, "bit(3)")]
    [InlineData(1700, 655366, "numeric(10,2)")]
    [InlineData(1043, 14, "character varying(10)")]
    [InlineData(1015, 14, "character varying(10)[]")]
    [InlineData(18, -1, "\"char\"")]
    [InlineData(1186, -1, "interval")]
    [InlineData(22, -1, "int2vector")]
    [InlineData(2287, -1, "record[]")]
    [InlineData(2276, -1, "\"any\"")]
    [InlineData(0, null, "-")]
    [InlineData(99999, null, "???")]
    [InlineData(9001, 3, "vector(3)")]
    [InlineData(20001, null, "mood")]
    [InlineData(20008, null, "\"Items\"[]")]
    public void Types_are_formatted(int type, int? modifier, string expected) =>
        Assert.Equal(expected, Calls.Call(Context(), "format_type", TypeOid.Text, (TypeOid.Oid, type.ToString()), (TypeOid.Int4, modifier?.ToString())));

    [Fact]
    public void Names_that_find_nothing_are_null()
    {
        Assert.Null(Calls.Call(Context(), "to_regclass", TypeOid.RegClass, (TypeOid.Text, "nosuch.t")));
        Assert.Equal("mood", Calls.Call(Context(), "to_regtype", TypeOid.RegType, (TypeOid.Text, "mood")));
        Assert.Null(Calls.Call(Context(), "to_regproc", TypeOid.RegProc, (TypeOid.Text, "abs")));
    }
}
