using System.Collections.Immutable;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Parser.Ast;
using VecSql.Planner;
using VecSql.Storage.Contracts;
using RelationKind = VecSql.Core.Catalog.RelationKind;

namespace VecSql.Executor.Ddl;

/// <summary>CREATE [OR REPLACE] VIEW; CREATE and REFRESH MATERIALIZED VIEW (a table that its query fills).</summary>
internal sealed class ViewCommands(DdlContext context)
{
    private readonly CatalogNames _names = new(context);

    public string Create(CreateViewStatement statement)
    {
        ImmutableSortedDictionary<string, string> options = ReadOptions(statement.Options);
        if (statement.CheckOption != CheckOption.None) options = options.SetItem("check_option", statement.CheckOption == CheckOption.Local ? "local" : "cascaded");
        SelectStatement query = statement.IsRecursive ? Recursive(statement) : statement.Query;
        QueryPlan plan = context.Planner.Plan(query, [], context.Planning());
        if (plan.ParameterTypes.Count > 0) throw new SqlException(SqlState.UndefinedParameter, "there is no parameter $1");
        ImmutableArray<ColumnObject> columns = CreateTableAsCommand.ColumnsOf(plan, statement.Columns, statement.Span.Start, "CREATE VIEW specifies more column names than columns");
        StoredQuery stored = new StoredQueries(context).Store(query);
        bool isTemporary = statement.Persistence == Persistence.Temporary;
        if (!isTemporary && stored.DependsOn.Any(IsTemporary))
        {
            isTemporary = true;
            context.Skip(SqlState.SuccessfulCompletion, $"view \"{statement.Name.Name}\" will be a temporary view");
        }
        uint schema = _names.CreationSchema(statement.Name, isTemporary);
        if (context.Catalog.FindRelation(schema, statement.Name.Name) is { } existing)
        {
            if (!statement.OrReplace) throw new SqlException(SqlState.DuplicateTable, $"relation \"{statement.Name.Name}\" already exists");
            Replace(existing, columns, stored, options);
            CheckUpdatable(context.Catalog.Find<TableObject>(existing.Oid)!);
            return "CREATE VIEW";
        }
        _names.CheckNewType(schema, statement.Name.Name);
        TableObject view = new()
        {
            Oid = context.Transaction.AllocateOid(), Name = statement.Name.Name, Schema = schema, Owner = context.CurrentRole, RelationKind = RelationKind.View, Persistence = isTemporary ? 't' : 'p',
            Columns = columns, Definition = stored.Text, DependsOn = [.. stored.DependsOn], Options = options, RowTypeOid = context.Transaction.AllocateOid(),
            RowArrayTypeOid = context.Transaction.AllocateOid(),
        };
        CheckUpdatable(view);
        context.Transaction.Put(view);
        RowTypes.Put(context, view);
        return "CREATE VIEW";
    }

    private void CheckUpdatable(TableObject view)
    {
        if (view.Options.ContainsKey("check_option") && QueryPlanner.WhyNotUpdatable(view, context.Planning()) is { } problem)
            throw new SqlException(SqlState.FeatureNotSupported, "WITH CHECK OPTION is supported only on automatically updatable views", hint: problem);
    }

    public string CreateMaterialized(CreateMaterializedViewStatement statement)
    {
        if (statement.Options.FirstOrDefault(o => o.Name == "incremental") is { } incremental && incremental.Value?.Text is not ("false" or "off" or "0"))
            throw SqlException.NotSupported("an incrementally maintained materialized view (WITH (incremental))", incremental.Span.Start);
        if (statement.Tablespace is not null and not "pg_default") throw SqlException.NotSupported("tablespaces", statement.Span.Start);
        if (statement.AccessMethod is not null and not "heap") throw new SqlException(SqlState.UndefinedObject, $"access method \"{statement.AccessMethod}\" does not exist");
        uint schema = _names.CreationSchema(statement.Name, isTemporary: false);
        if (context.Catalog.FindRelation(schema, statement.Name.Name) is not null)
        {
            if (!statement.IfNotExists) throw new SqlException(SqlState.DuplicateTable, $"relation \"{statement.Name.Name}\" already exists");
            context.Skip(SqlState.DuplicateTable, $"relation \"{statement.Name.Name}\" already exists, skipping");
            return "CREATE MATERIALIZED VIEW";
        }
        _names.CheckNewType(schema, statement.Name.Name);
        StatementAccess.Check(statement.Query, context.Planner, context.Planning(), context.CurrentUser);
        QueryPlan plan = context.Planner.Plan(statement.Query, [], context.Planning());
        StoredQuery stored = new StoredQueries(context).Store(statement.Query);
        if (stored.DependsOn.Any(IsTemporary)) throw new SqlException(SqlState.FeatureNotSupported, "materialized views must not use temporary tables or views");
        TableObject view = new()
        {
            Oid = context.Transaction.AllocateOid(), Name = statement.Name.Name, Schema = schema, Owner = context.CurrentRole, RelationKind = RelationKind.MaterializedView,
            Columns = CreateTableAsCommand.ColumnsOf(plan, statement.Columns, statement.Span.Start), Definition = stored.Text, DependsOn = [.. stored.DependsOn], IsPopulated = statement.WithData,
            Options = TableOptions.Read([.. statement.Options.Where(o => o.Name != "incremental")]), RowTypeOid = context.Transaction.AllocateOid(), RowArrayTypeOid = context.Transaction.AllocateOid(),
        };
        context.Transaction.Put(view);
        RowTypes.Put(context, view);
        if (!statement.WithData) return "CREATE MATERIALIZED VIEW";
        return $"SELECT {CreateTableAsCommand.Fill(context, view.Oid, plan)}";
    }

    public string Refresh(RefreshMaterializedViewStatement statement)
    {
        if (_names.Relation(statement.Name) is not TableObject { RelationKind: RelationKind.MaterializedView } view)
            throw new SqlException(SqlState.FeatureNotSupported, $"\"{statement.Name.Name}\" is not a materialized view");
        new Ownership(context).Check(view);
        if (statement.Concurrently)
        {
            if (!statement.WithData) throw new SqlException(SqlState.SyntaxError, "REFRESH options CONCURRENTLY and WITH NO DATA cannot be used together");
            if (!view.IsPopulated) throw new SqlException(SqlState.FeatureNotSupported, "CONCURRENTLY cannot be used when the materialized view is not populated");
            if (!context.Catalog.IndexesOf(view.Oid).Any(i => i.IsUnique && i.Predicate is null && i.Keys.All(k => k.Column != 0)))
            {
                throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"cannot refresh materialized view \"{context.SchemaName(view.Schema)}.{view.Name}\" concurrently",
                    hint: "Create a unique index with no WHERE clause on one or more columns of the materialized view.");
            }
        }
        // CONCURRENTLY promises readers that they need not wait: they read the rows of their snapshot, which truncation leaves alone.
        context.Transaction.LockTable(view.Oid, statement.Concurrently ? TableLockMode.Exclusive : TableLockMode.AccessExclusive, LockWaitPolicy.Wait);
        QueryPlan plan = context.Planner.Plan(StoredQueries.Parse(view.Definition!), [], context.Planning());
        context.Transaction.Truncate(view.Oid);
        context.Transaction.Put(view with { IsPopulated = statement.WithData });
        if (statement.WithData) CreateTableAsCommand.Fill(context, view.Oid, plan);
        return "REFRESH MATERIALIZED VIEW";
    }

    /// <summary>OR REPLACE: the old columns must stay, new ones may follow.</summary>
    private void Replace(RelationObject existing, ImmutableArray<ColumnObject> columns, StoredQuery stored, ImmutableSortedDictionary<string, string> options)
    {
        if (existing is not TableObject { RelationKind: RelationKind.View } view) throw new SqlException(SqlState.WrongObjectType, $"\"{existing.Name}\" is not a view");
        new Ownership(context).Check(view);
        if (columns.Length < view.Columns.Length) throw new SqlException(SqlState.InvalidTableDefinition, "cannot drop columns from view");
        for (int i = 0; i < view.Columns.Length; i++)
        {
            ColumnObject before = view.Columns[i], after = columns[i];
            if (before.Name != after.Name)
            {
                throw new SqlException(SqlState.InvalidTableDefinition, $"cannot change name of view column \"{before.Name}\" to \"{after.Name}\"",
                    hint: "Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.");
            }
            if (before.Type != after.Type)
            {
                throw new SqlException(SqlState.InvalidTableDefinition,
                    $"cannot change data type of view column \"{before.Name}\" from {TypeNames.Display(before.Type, context.Catalog)} to {TypeNames.Display(after.Type, context.Catalog)}");
            }
        }
        if (Reaches(stored.DependsOn, view.Oid, [])) throw new SqlException(SqlState.InvalidObjectDefinition, $"infinite recursion detected in rules for relation \"{view.Name}\"");
        context.Transaction.Put(view with
        {
            Columns = [.. columns.Select((c, i) => i < view.Columns.Length ? view.Columns[i] : c)], Definition = stored.Text, DependsOn = [.. stored.DependsOn], Options = options,
        });
    }

    private bool Reaches(IEnumerable<uint> from, uint target, HashSet<uint> seen)
    {
        foreach (uint oid in from)
            if (oid == target || seen.Add(oid) && context.Catalog.Find<TableObject>(oid) is { } relation && Reaches(relation.DependsOn, target, seen)) return true;
        return false;
    }

    private bool IsTemporary(uint oid) => context.Catalog.Find<RelationObject>(oid) is { Persistence: 't' };

    /// <summary>CREATE RECURSIVE VIEW v (a) AS q is a view of WITH RECURSIVE v (a) AS (q) SELECT a FROM v.</summary>
    private static SelectStatement Recursive(CreateViewStatement statement)
    {
        CommonTableExpression table = new(statement.Name.Name, statement.Columns, statement.Query);
        SelectCore all = new([.. statement.Columns.Select(c => new SelectItem(new ColumnRef([c], false), null))]) { From = [new TableRef(new QualifiedName([statement.Name.Name]))] };
        return new SelectStatement(all) { With = new WithClause([table], IsRecursive: true) };
    }

    private static ImmutableSortedDictionary<string, string> ReadOptions(IReadOnlyList<Option> options)
    {
        ImmutableSortedDictionary<string, string>.Builder result = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (Option option in options)
        {
            if (option.Name == "check_option" && option.Value?.Text is not ("local" or "cascaded"))
            {
                throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for enum option \"check_option\": {option.Value?.Text}", detail: "Valid values are \"local\" and \"cascaded\".");
            }
            if (option.Name is not ("check_option" or "security_barrier" or "security_invoker")) throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized parameter \"{option.Name}\"");
            result[option.Name] = option.Value?.Text ?? "true";
        }
        return result.ToImmutable();
    }
}
