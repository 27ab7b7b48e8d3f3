using System.Collections.Immutable;
using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Types;
using VecSql.Tests.Core;

namespace VecSql.Tests.Catalog;

/// <summary>SQL text of catalog objects, over a catalog made by hand. Expected texts are PostgreSQL's.</summary>
public sealed class DefinitionTests
{
    private const uint Shop = 20001, Customers = 20010, Orders = 20020, Primary = 20011, ByName = 20012, Nearest = 20013;

    private static readonly EvalContext Context = new()
    {
        Display = new DisplaySettings(), Catalog = Make(), Clock = TimeProvider.System, Random = new Random(1), Session = new FakeSession(),
    };

    [Theory]
    [InlineData(Primary, "CREATE UNIQUE INDEX customers_pkey ON public.customers USING btree (id)")]
    [InlineData(ByName, "CREATE INDEX \"By name\" ON public.customers USING btree (lower(name) DESC, id NULLS FIRST) INCLUDE (email) WHERE (id > 10)")]
    [InlineData(Nearest, "CREATE INDEX nearest ON public.customers USING hnsw (place vector_l2_ops) WITH (m='16')")]
    public void Indexes(uint oid, string expected) => Assert.Equal(expected, Call("pg_get_indexdef", (TypeOid.Oid, oid.ToString())));

    [Theory]
    [InlineData(Primary, 1, "id")]
    [InlineData(ByName, 1, "lower(name)")]
    [InlineData(ByName, 3, "email")]
    [InlineData(ByName, 4, null)]
    public void Columns_of_indexes(uint oid, int column, string? expected) =>
        Assert.Equal(expected, Call("pg_get_indexdef", (TypeOid.Oid, oid.ToString()), (TypeOid.Int4, column.ToString()), (TypeOid.Bool, "f")));

    [Theory]
    [InlineData(20101, false, "PRIMARY KEY (id)")]
    [InlineData(20102, false, "CHECK (((id > 0) AND (name <> ''::text)))")]
    [InlineData(20102, true, "CHECK (id > 0 AND name <> ''::text)")]
    [InlineData(20103, false, "FOREIGN KEY (customer) REFERENCES customers(id) MATCH FULL ON UPDATE SET NULL ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED NOT VALID")]
    public void Constraints(int oid, bool isPretty, string expected) =>
        Assert.Equal(expected, Call("pg_get_constraintdef", (TypeOid.Oid, oid.ToString()), (TypeOid.Bool, isPretty ? "t" : "f")));

    [Theory]
    [InlineData("((a)::text = 'x'::text)", "a::text = 'x'::text")]
    [InlineData("((a > 0) OR ((b > 0) AND (c > 0)))", "a > 0 OR ((b > 0) AND (c > 0))")]
    [InlineData("(a || ')'::text)", "a || ')'::text")]
    [InlineData("(a) + (b)", "(a) + (b)")]
    [InlineData("f(a)", "f(a)")]
    public void Pretty_takes_needless_parentheses_away(string stored, string expected) =>
        Assert.Equal(expected, Call("pg_get_expr", (TypeOid.PgNodeTree, stored), (TypeOid.Oid, Customers.ToString()), (TypeOid.Bool, "t")));

    [Theory]
    [InlineData("nextval('public.numbers'::regclass)", "nextval('numbers'::regclass)")]
    [InlineData("nextval('shop.orders'::regclass)", "nextval('shop.orders'::regclass)")]
    public void Relations_in_defaults_are_named_as_the_search_path_finds_them(string stored, string expected) =>
        Assert.Equal(expected, Call("pg_get_expr", (TypeOid.PgNodeTree, stored), (TypeOid.Oid, Customers.ToString())));

    [Theory]
    [InlineData("pg_table_is_visible", Customers, "t")]
    [InlineData("pg_table_is_visible", Orders, "f")]
    [InlineData("pg_table_is_visible", 99999u, null)]
    [InlineData("pg_type_is_visible", TypeOid.Int4, "t")]
    public void Visibility(string function, uint oid, string? expected) => Assert.Equal(expected, Calls.Call(Context, function, TypeOid.Bool, (TypeOid.Oid, oid.ToString())));

    private static string? Call(string function, params (uint, string?)[] arguments) => Calls.Call(Context, function, TypeOid.Text, arguments);

    private static CatalogSnapshot Make()
    {
        TableObject customers = new()
        {
            Oid = Customers, Name = "customers", Schema = WellKnownOid.PublicSchema, RelationKind = RelationKind.Table,
            Columns = [Column(1, "id", TypeOid.Int4), Column(2, "name", TypeOid.Text), Column(3, "email", TypeOid.Text), Column(4, "place", TypeOid.Vector)],
            Constraints =
            [
                new ConstraintObject { Oid = 20101, Name = "customers_pkey", Kind = ConstraintKind.PrimaryKey, Columns = [1], IndexOid = Primary },
                new ConstraintObject { Oid = 20102, Name = "customers_check", Kind = ConstraintKind.Check, Expression = "((id > 0) AND (name <> ''::text))" },
            ],
        };
        TableObject orders = new()
        {
            Oid = Orders, Name = "orders", Schema = Shop, RelationKind = RelationKind.Table, Columns = [Column(1, "customer", TypeOid.Int4)],
            Constraints =
            [
                new ConstraintObject
                {
                    Oid = 20103, Name = "orders_customer_fkey", Kind = ConstraintKind.ForeignKey, Columns = [1], ReferencedTable = Customers, ReferencedColumns = [1], IndexOid = Primary, MatchType = 'f',
                    OnUpdate = ReferentialAction.SetNull, OnDelete = ReferentialAction.Cascade, IsDeferrable = true, IsInitiallyDeferred = true, IsValidated = false,
                },
            ],
        };
        return CatalogSnapshot.Empty
            .With(new SchemaObject { Oid = WellKnownOid.PublicSchema, Name = "public" }).With(new SchemaObject { Oid = Shop, Name = "shop" })
            .With(new ExtensionObject { Oid = 20002, Name = "vector", Schema = WellKnownOid.PublicSchema, Version = "0.8.1" })
            .With(customers).With(orders).With(new SequenceObject { Oid = 20030, Name = "numbers", Schema = WellKnownOid.PublicSchema })
            .With(new IndexObject
            {
                Oid = Primary, Name = "customers_pkey", Schema = WellKnownOid.PublicSchema, Table = Customers, Method = "btree", IsUnique = true, IsPrimary = true,
                Keys = [new IndexKey { Column = 1, Type = SqlType.Int4 }],
            })
            .With(new IndexObject
            {
                Oid = ByName, Name = "By name", Schema = WellKnownOid.PublicSchema, Table = Customers, Method = "btree", Included = [3], Predicate = "(id > 10)",
                Keys = [new IndexKey { Expression = "lower(name)", Type = SqlType.Text, Descending = true, NullsFirst = true }, new IndexKey { Column = 1, Type = SqlType.Int4, NullsFirst = true }],
            })
            .With(new IndexObject
            {
                Oid = Nearest, Name = "nearest", Schema = WellKnownOid.PublicSchema, Table = Customers, Method = "hnsw", Keys = [new IndexKey { Column = 4, Type = new SqlType(TypeOid.Vector, 3), OperatorClass = "vector_l2_ops" }],
                Options = ImmutableSortedDictionary<string, string>.Empty.Add("m", "16"),
            });
    }

    private static ColumnObject Column(short number, string name, uint type) => new() { Number = number, Name = name, Type = new SqlType(type) };
}
