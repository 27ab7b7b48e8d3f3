using System.Collections.Immutable;
using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Statistics;
using VecSql.Parser;
using VecSql.Parser.Ast;
using VecSql.Planner;
using RelationKind = VecSql.Core.Catalog.RelationKind;

namespace VecSql.Tests.Planner;

/// <summary>A catalog made from CREATE TABLE, CREATE INDEX and CREATE VIEW statements, with statistics that a test sets: all that the planner sees of a database.</summary>
internal sealed class PlannerDatabase : IStatisticsSource
{
    private uint _nextOid = 16384;

    public PlannerDatabase(string ddl = "")
    {
        Catalog = CatalogSnapshot.Empty.With(new SchemaObject { Oid = WellKnownOid.PgCatalogSchema, Name = "pg_catalog" }).With(new SchemaObject { Oid = WellKnownOid.PublicSchema, Name = "public" });
        if (Builtins.FindType("vector") is not null)
            Catalog = Catalog.With(new ExtensionObject { Oid = 16000, Name = "vector", Schema = WellKnownOid.PublicSchema, Version = "0.8.0" });
        foreach (ParsedStatement statement in SqlParser.Parse(ddl)) Execute(statement.Statement, ddl);
    }

    public CatalogSnapshot Catalog { get; private set; }
    public Dictionary<string, double> Rows { get; } = [];
    public Dictionary<(string Table, string Column), ColumnStatistics> Columns { get; } = [];
    public Dictionary<string, string> Settings { get; } = [];

    public PlanningContext Context => new()
    {
        Catalog = Catalog, SearchPath = [WellKnownOid.PgCatalogSchema, WellKnownOid.PublicSchema], Statistics = this, Setting = name => Settings.GetValueOrDefault(name),
        Constants = new EvalContext { Display = new DisplaySettings(), Catalog = Catalog, Clock = TimeProvider.System, Random = new Random(1), Session = new PlannerSession() },
    };

    public TableObject Table(string name) => (TableObject)Catalog.FindRelation(WellKnownOid.PublicSchema, name)!;

    public QueryPlan Plan(string sql, params uint[] parameterTypes) => new QueryPlanner().Plan(SqlParser.Parse(sql)[0].Statement, parameterTypes, Context);

    /// <summary>EXPLAIN (COSTS OFF).</summary>
    public string Explain(string sql, params uint[] parameterTypes) =>
        string.Join('\n', VecSql.Planner.Explain.PlanExplainer.Explain(Plan(sql, parameterTypes), Context, new VecSql.Planner.Explain.ExplainOptions { Costs = false }));

    public SqlException Refused(string sql, params uint[] parameterTypes) => Assert.Throws<SqlException>(() => Plan(sql, parameterTypes));

    public double EstimateRows(uint table) => Rows.GetValueOrDefault(Catalog.Find<TableObject>(table)!.Name, 1000);

    public ColumnStatistics? FindColumn(uint table, short column)
    {
        TableObject found = Catalog.Find<TableObject>(table)!;
        return Columns.GetValueOrDefault((found.Name, found.Columns[column - 1].Name));
    }

    private void Execute(Statement statement, string text)
    {
        switch (statement)
        {
            case CreateTableStatement create: AddTable(create, text); break;
            case CreateIndexStatement index: AddIndex(index, text); break;
            case CreateViewStatement view: AddView(view, text); break;
            case CreateEnumStatement labels:
                Catalog = Catalog.With(new TypeObject
                {
                    Oid = _nextOid++, Name = labels.Name.Name, Schema = WellKnownOid.PublicSchema, Kind = 'e', Labels = [.. labels.Labels.Select((l, i) => new EnumLabel(_nextOid++, l, i))],
                });
                break;
            default: throw Invariant.Unreachable(statement);
        }
    }

    private static string TextOf(SyntaxNode node, string text) => text.Substring(node.Span.Start, node.Span.Length);

    private void AddTable(CreateTableStatement create, string text)
    {
        List<ColumnObject> columns = [];
        List<ConstraintObject> constraints = [];
        List<IndexObject> indexes = [];
        uint oid = _nextOid++;
        string name = create.Name.Name;
        void AddUnique(bool isPrimary, IEnumerable<string> names)
        {
            List<ColumnObject> keys = [.. names.Select(n => columns.Find(c => c.Name == n)!)];
            string indexName = isPrimary ? name + "_pkey" : $"{name}_{string.Join('_', keys.Select(k => k.Name))}_key";
            uint indexOid = _nextOid++;
            indexes.Add(new IndexObject
            {
                Oid = indexOid, Name = indexName, Schema = WellKnownOid.PublicSchema, Table = oid, Method = "btree", IsUnique = true, IsPrimary = isPrimary,
                Keys = [.. keys.Select(k => new IndexKey { Column = k.Number, Type = k.Type })],
            });
            constraints.Add(new ConstraintObject
            {
                Oid = _nextOid++, Name = indexName, Kind = isPrimary ? ConstraintKind.PrimaryKey : ConstraintKind.Unique, Columns = [.. keys.Select(k => k.Number)], IndexOid = indexOid,
            });
        }
        foreach (TableElement element in create.Elements)
        {
            switch (element)
            {
                case ColumnDefinition column:
                    ColumnObject made = new() { Number = (short)(columns.Count + 1), Name = column.Name, Type = new QueryPlanner().ResolveType(column.Type!, Context) };
                    foreach (ColumnConstraint constraint in column.Constraints) made = Apply(made, constraint, text, constraints, name);
                    columns.Add(made);
                    if (column.Constraints.OfType<UniqueColumnConstraint>().FirstOrDefault() is { } own) AddUnique(own.IsPrimaryKey, [column.Name]);
                    break;
                case UniqueTableConstraint unique: AddUnique(unique.IsPrimaryKey, unique.Columns); break;
                case CheckTableConstraint check:
                    constraints.Add(new ConstraintObject { Oid = _nextOid++, Name = name + "_check", Kind = ConstraintKind.Check, Expression = TextOf(check.Condition, text) });
                    break;
            }
        }
        Catalog = Catalog.With(new TableObject
        {
            Oid = oid, Name = name, Schema = WellKnownOid.PublicSchema, RelationKind = RelationKind.Table, Columns = [.. columns], Constraints = [.. constraints],
            RowTypeOid = _nextOid++, RowArrayTypeOid = _nextOid++,
        });
        foreach (IndexObject index in indexes) Catalog = Catalog.With(index);
    }

    private ColumnObject Apply(ColumnObject column, ColumnConstraint constraint, string text, List<ConstraintObject> constraints, string table)
    {
        switch (constraint)
        {
            case NotNullConstraint: return column with { NotNull = true };
            case UniqueColumnConstraint { IsPrimaryKey: true }: return column with { NotNull = true };
            case DefaultConstraint value: return column with { Default = TextOf(value.Value, text) };
            case GeneratedConstraint generated: return column with { IsGenerated = true, Default = TextOf(generated.Expression, text) };
            case IdentityConstraint identity: return column with { Identity = identity.IsAlways ? 'a' : 'd', OwnedSequence = _nextOid++, NotNull = true };
            case CheckColumnConstraint check:
                constraints.Add(new ConstraintObject { Oid = _nextOid++, Name = $"{table}_{column.Name}_check", Kind = ConstraintKind.Check, Expression = TextOf(check.Condition, text) });
                return column;
            default: return column;
        }
    }

    private void AddIndex(CreateIndexStatement create, string text)
    {
        TableObject table = Table(create.Table.Name);
        ImmutableArray<IndexKey> keys =
        [
            .. create.Elements.Select(e =>
            {
                ColumnObject? column = e.Column is null ? null : table.Columns.First(c => c.Name == e.Column);
                return new IndexKey
                {
                    Column = column?.Number ?? 0, Expression = e.Expression is null ? null : TextOf(e.Expression, text),
                    Type = column?.Type ?? new QueryPlanner().BindTableExpression(e.Expression!, table, null, Context).Type,
                    OperatorClass = e.OperatorClass?.Name, Descending = e.Direction == SortDirection.Descending,
                    NullsFirst = e.Nulls == NullsOrder.First || e.Nulls == NullsOrder.Default && e.Direction == SortDirection.Descending,
                };
            }),
        ];
        Catalog = Catalog.With(new IndexObject
        {
            Oid = _nextOid++, Name = create.Name!, Schema = WellKnownOid.PublicSchema, Table = table.Oid, Method = create.AccessMethod ?? "btree", Keys = keys, IsUnique = create.IsUnique,
            Predicate = create.Where is null ? null : TextOf(create.Where, text),
        });
    }

    private void AddView(CreateViewStatement create, string text)
    {
        QueryPlan plan = new QueryPlanner().Plan(create.Query, [], Context);
        Catalog = Catalog.With(new TableObject
        {
            Oid = _nextOid++, Name = create.Name.Name, Schema = WellKnownOid.PublicSchema, RelationKind = RelationKind.View, Definition = TextOf(create.Query, text),
            Columns = [.. plan.Columns.Select((c, i) => new ColumnObject { Number = (short)(i + 1), Name = i < create.Columns.Count ? create.Columns[i] : c.Name, Type = c.Type })],
        });
    }
}
