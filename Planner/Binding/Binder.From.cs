using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.SystemTables;
using VecSql.Core.Types;
using VecSql.Parser;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>FROM: tables, views, subqueries and their aliases.</summary>
internal sealed partial class Binder
{
    private const int MaxViewDepth = 64;

    /// <summary>A FROM item's plan and what it brings into the namespace.</summary>
    private sealed record BoundFrom(LogicalPlan Plan, List<NamespaceItem> Items);

    /// <summary>Binds the list and fills the level's namespace. No items: one row of no columns.</summary>
    private LogicalPlan BindFrom(IReadOnlyList<Ast.FromItem> items, QueryLevel level)
    {
        LogicalPlan? plan = null;
        foreach (Ast.FromItem item in items)
        {
            BoundFrom bound = BindFromItem(item, level);
            CheckAliases(level.Namespace, bound.Items);
            plan = plan is null ? bound.Plan : JoinPlans(JoinKind.Cross, plan, bound.Plan, null);
            foreach (NamespaceItem visible in bound.Items)
            {
                visible.IsLateralOnly = true;
                visible.IsLateralAllowed = true;
            }
            level.Namespace.AddRange(bound.Items);
        }
        foreach (NamespaceItem item in level.Namespace) item.IsLateralOnly = false;
        return plan ?? new Values([[]], []);
    }

    /// <summary>A join, dependent if the right side needs columns of the left.</summary>
    private static LogicalPlan JoinPlans(JoinKind kind, LogicalPlan left, LogicalPlan right, BoundExpression? condition)
    {
        HashSet<int> free = FreeColumns.Of(right);
        return free.Count > 0 && left.Output.Any(c => free.Contains(c.Id)) ? new Apply(kind, left, right, condition) : new Join(kind, left, right, condition);
    }

    private BoundFrom BindFromItem(Ast.FromItem item, QueryLevel level)
    {
        CheckStack(item.Span.Start);
        return item switch
        {
            Ast.TableRef e => Single(BindTable(e, level), level),
            Ast.SubqueryRef e => Single(BindSubqueryItem(e, level), level),
            Ast.FunctionRef e => Single(BindFunctionItem(e, level), level),
            Ast.JoinRef e => BindJoin(e, level),
            Ast.XmlTableRef e => throw SqlException.NotSupported("XMLTABLE", e.Span.Start),
            _ => throw Invariant.Unreachable(item),
        };
    }

    private BoundFrom Single((LogicalPlan Plan, NamespaceItem Item) bound, QueryLevel level)
    {
        level.AllItems.Add(bound.Item);
        Own(bound.Plan.Output, level);
        return new BoundFrom(bound.Plan, [bound.Item]);
    }

    private void Own(IEnumerable<LogicalColumn> columns, QueryLevel level)
    {
        foreach (LogicalColumn column in columns)
        {
            level.FromColumns.Add(column.Id);
            _columnLevels[column.Id] = level;
        }
    }

    private static void CheckAliases(List<NamespaceItem> existing, List<NamespaceItem> added)
    {
        foreach (NamespaceItem a in added)
        {
            if (!a.IsRelationVisible) continue;
            foreach (NamespaceItem b in existing)
            {
                if (!b.IsRelationVisible || a.Name != b.Name) continue;
                // The same name in two schemas is allowed while neither has an alias.
                if (a.RelationOid != 0 && b.RelationOid != 0 && a.Schema != 0 && b.Schema != 0 && a.RelationOid != b.RelationOid) continue;
                throw Error(SqlState.DuplicateAlias, $"table name \"{a.Name}\" specified more than once", -1);
            }
        }
    }

    /// <summary>Names an item's columns by the alias's column list.</summary>
    private static List<NamedColumn> Rename(List<NamedColumn> columns, Ast.TableAlias? alias, string name)
    {
        if (alias is null || alias.Columns.Count == 0) return columns;
        if (alias.Columns.Count > columns.Count)
            throw Error(SqlState.InvalidColumnReference, $"table \"{name}\" has {columns.Count} columns available but {alias.Columns.Count} columns specified", -1);
        return [.. columns.Select((c, i) => i < alias.Columns.Count ? c with { Name = alias.Columns[i], IsOwnName = false } : c)];
    }

    private static List<NamedColumn> Named(IEnumerable<LogicalColumn> columns, bool isOwnName = false) =>
        [.. columns.Select(c => new NamedColumn(c.Name, Reference(c)) { TableOid = c.TableOid, TableColumn = c.TableColumn, IsOwnName = isOwnName })];

    private (LogicalPlan, NamespaceItem) BindTable(Ast.TableRef table, QueryLevel level)
    {
        if (table.Name.Catalog is { } catalog && catalog != _context.Constants.Session.DatabaseName)
            throw Error(SqlState.FeatureNotSupported, $"cross-database references are not implemented: \"{string.Join('.', table.Name.Parts)}\"", table.Span.Start);
        if (table.Name.Schema is null && FindCte(table.Name.Name, level) is { } cte)
        {
            if (table.Sample is not null) throw NotSampled(table);
            return BindCteReference(cte, table, level);
        }
        object? source = FindSource(table.Name);
        NoteRelation(table, source);
        if (table.Sample is not null && source is not (null or TableObject { RelationKind: RelationKind.Table or RelationKind.MaterializedView }))
            throw NotSampled(table);
        return source switch
        {
            SystemTable system => BindSystemTable(system, table),
            SystemView view => BindView(view.Sql, view.Name, view.Schema, null, view.Oid, table),
            TableObject stored => BindStored(stored, table),
            SequenceObject sequence => BindSystemTable(new SequenceTable(sequence), table),
            IndexObject index => throw Error(SqlState.WrongObjectType, $"cannot open relation \"{index.Name}\"", table.Span.Start, "This operation is not supported for indexes."),
            _ => throw UndefinedRelation(table.Name),
        };
    }

    private static SqlException NotSampled(Ast.TableRef table) => Error(SqlState.FeatureNotSupported, "TABLESAMPLE clause can only be applied to tables and materialized views", table.Span.Start);

    private void NoteRelation(Ast.TableRef table, object? source)
    {
        if (Resolutions is null) return;
        (uint oid, uint schema) = source switch
        {
            SystemTable system => (system.Oid, system.Schema),
            SystemView view => (view.Oid, view.Schema),
            RelationObject relation => (relation.Oid, relation.Schema),
            _ => default,
        };
        string? name = schema switch
        {
            0 => null,
            WellKnownOid.PgCatalogSchema => "pg_catalog",
            WellKnownOid.InformationSchema => "information_schema",
            WellKnownOid.VecSqlSchema => "vecsql",
            _ => _context.Catalog.Find<SchemaObject>(schema)?.Name,
        };
        if (name is not null) Resolutions.Relations[table] = new ResolvedRelation(oid, name);
    }

    /// <summary>A system table, system view or stored relation by name.</summary>
    private object? FindSource(Ast.QualifiedName name)
    {
        if (name.Schema is { } schemaName)
        {
            uint? schema = _context.Catalog.FindSchema(schemaName)?.Oid ?? schemaName switch
            {
                "pg_catalog" => WellKnownOid.PgCatalogSchema,
                "information_schema" => WellKnownOid.InformationSchema,
                "vecsql" => WellKnownOid.VecSqlSchema,
                _ => null,
            };
            return schema is { } found ? FindIn(found, name.Name) : null;
        }
        if (!_context.SearchPath.Contains(WellKnownOid.PgCatalogSchema) && FindIn(WellKnownOid.PgCatalogSchema, name.Name) is { } system) return system;
        foreach (uint schema in _context.SearchPath)
            if (FindIn(schema, name.Name) is { } relation)
                return relation;
        return null;
    }

    private object? FindIn(uint schema, string name) =>
        (object?)SystemTableRegistry.Find(schema, name) ?? (object?)SystemViews.Find(schema, name) ?? _context.Catalog.FindRelation(schema, name);

    private (LogicalPlan, NamespaceItem) BindSystemTable(SystemTable system, Ast.TableRef table)
    {
        _relations.Add(system.Oid);
        List<LogicalColumn> columns = [.. system.Columns.Select((c, i) => NewColumn(c.Name, c.Type, system.Oid, (short)(i + 1)))];
        string name = table.Alias?.Name ?? system.Name;
        NamespaceItem item = new(name, Rename(Named(columns, isOwnName: true), table.Alias, name)) { Schema = table.Alias is null ? system.Schema : 0, RelationOid = system.Oid };
        return (new SystemTableScan(system, columns, [.. Enumerable.Range(0, columns.Count)]), item);
    }

    private (LogicalPlan, NamespaceItem) BindStored(TableObject stored, Ast.TableRef table)
    {
        switch (stored.RelationKind)
        {
            case RelationKind.View:
                return BindView(stored.Definition ?? throw new InvariantException("view without a definition"), stored.Name, stored.Schema, stored, stored.Oid, table);
            case RelationKind.CompositeType:
                throw Error(SqlState.WrongObjectType, $"cannot open relation \"{stored.Name}\"", table.Span.Start, "This operation is not supported for composite types.");
            case RelationKind.MaterializedView when !stored.IsPopulated:
                throw Error(SqlState.ObjectNotInPrerequisiteState, $"materialized view \"{stored.Name}\" has not been populated", -1, hint: "Use the REFRESH MATERIALIZED VIEW command.");
        }
        _relations.Add(stored.Oid);
        TableScan scan = MakeScan(stored, table.Alias?.Name ?? stored.Name);
        return (table.Sample is null ? scan : SampleOf(scan, table.Sample), ItemOf(scan, table));
    }

    /// <summary>A scan of all live columns and the row number; what isn't used is pruned later.</summary>
    private TableScan MakeScan(TableObject stored, string alias)
    {
        List<LogicalColumn> columns = [.. stored.LiveColumns.Select(c => NewColumn(c.Name, c.Type, stored.Oid, c.Number))];
        return new TableScan(stored, columns, NewColumn("rowid", SqlType.Int8), alias);
    }

    private static NamespaceItem ItemOf(TableScan scan, Ast.TableRef table)
    {
        string name = table.Alias?.Name ?? scan.Table.Name;
        return new NamespaceItem(name, Rename(Named(scan.Columns, isOwnName: true), table.Alias, name))
        {
            Schema = table.Alias is null ? scan.Table.Schema : 0, Table = scan.Table, RelationOid = scan.Table.Oid, RowId = scan.RowId,
        };
    }

    /// <summary>A view's query in its place, with nothing of the surrounding query in sight.</summary>
    private (LogicalPlan, NamespaceItem) BindView(string sql, string viewName, uint schema, TableObject? view, uint oid, Ast.TableRef table)
    {
        if (++_viewDepth > MaxViewDepth) throw Error(SqlState.StatementTooComplex, $"views are nested too deeply at \"{viewName}\"", table.Span.Start);
        _relations.Add(oid);
        IReadOnlyList<ParsedStatement> parsed = SqlParser.Parse(sql);
        Invariant.Check(parsed.Count == 1 && parsed[0].Statement is Ast.SelectStatement, "a view's definition is one SELECT");
        BoundQuery query;
        try
        {
            query = BindQuery((Ast.SelectStatement)parsed[0].Statement, null, new QueryOptions { ResolveUnknowns = true });
        }
        catch (SqlException e)
        {
            // Positions in the view's text would be taken for positions in the statement's.
            throw new SqlException(e.SqlState, e.Message, table.Span.Start, e.Detail, e.Hint, e) { Where = $"view \"{viewName}\"" };
        }
        _viewDepth--;
        List<ColumnObject>? declared = view is null ? null : [.. view.LiveColumns];
        List<NamedColumn> columns = [];
        for (int i = 0; i < query.Columns.Count; i++)
        {
            string columnName = declared is not null && i < declared.Count ? declared[i].Name : query.Columns[i].Name;
            short number = declared is not null && i < declared.Count ? declared[i].Number : (short)(i + 1);
            columns.Add(new NamedColumn(columnName, Reference(query.Columns[i])) { TableOid = oid, TableColumn = number, IsOwnName = true });
        }
        string name = table.Alias?.Name ?? viewName;
        return (query.Plan, new NamespaceItem(name, Rename(columns, table.Alias, name)) { Schema = table.Alias is null ? schema : 0, Table = view, RelationOid = oid });
    }

    private (LogicalPlan, NamespaceItem) BindSubqueryItem(Ast.SubqueryRef subquery, QueryLevel level)
    {
        if (subquery.Alias is null)
            throw Error(SqlState.SyntaxError, "subquery in FROM must have an alias", subquery.Span.Start, hint: "For example, FROM (SELECT ...) [AS] foo.");
        (bool before, ExpressionPlace place) = (level.IsLateralActive, level.Place);
        level.IsLateralActive = subquery.IsLateral;
        level.Place = ExpressionPlace.FromSubquery;
        // Without LATERAL the level's own items are hidden, those of enclosing levels are not.
        BoundQuery query = BindQuery(subquery.Query, level, new QueryOptions { ResolveUnknowns = true });
        (level.IsLateralActive, level.Place) = (before, place);
        string name = subquery.Alias.Name;
        return (query.Plan, new NamespaceItem(name, Rename(Named(query.Columns), subquery.Alias, name)));
    }
}
