using System.Collections.Immutable;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Parser.Ast;

namespace VecSql.Executor.Ddl;

/// <summary>
/// CREATE TABLE: columns, then the sequences that serial and identity columns own, then the table, then what refers to it (keys with their indexes, checks, foreign keys).
/// </summary>
internal sealed class CreateTableCommand(DdlContext context)
{
    private readonly CatalogNames _names = new(context);
    private readonly StoredExpressions _expressions = new(context);

    public string Run(CreateTableStatement statement)
    {
        RefuseUnsupported(statement);
        bool isTemporary = statement.Persistence == Persistence.Temporary;
        uint schema = _names.CreationSchema(statement.Name, isTemporary);
        if (context.Catalog.FindRelation(schema, statement.Name.Name) is not null)
        {
            if (!statement.IfNotExists) throw new SqlException(SqlState.DuplicateTable, $"relation \"{statement.Name.Name}\" already exists");
            context.Skip(SqlState.DuplicateTable, $"relation \"{statement.Name.Name}\" already exists, skipping");
            return "CREATE TABLE";
        }
        _names.CheckNewType(schema, statement.Name.Name);
        IReadOnlyList<TableElement> elements = new LikeExpansion(context).Expand(statement.Elements, out List<Action<TableObject>> afterwards);
        TableObject table = Define(statement, elements, schema);
        context.Transaction.Put(table);
        RowTypes.Put(context, table);
        TableConstraints constraints = new(context, table.Oid);
        foreach (ColumnDefinition column in elements.OfType<ColumnDefinition>()) constraints.AddColumnConstraints(column);
        foreach (TableConstraint constraint in elements.OfType<TableConstraint>()) constraints.Add(constraint);
        constraints.AddForeignKeys();
        foreach (Action<TableObject> action in afterwards) action(context.Catalog.Find<TableObject>(table.Oid)!);
        return "CREATE TABLE";
    }

    private TableObject Define(CreateTableStatement statement, IReadOnlyList<TableElement> elements, uint schema)
    {
        TableColumns columns = new(context, schema, statement.Name.Name);
        uint oid = context.Transaction.AllocateOid();
        foreach (ColumnDefinition definition in elements.OfType<ColumnDefinition>()) columns.Add(definition, oid);
        TableObject table = new()
        {
            Oid = oid,
            Name = statement.Name.Name,
            Schema = schema,
            Owner = context.CurrentRole,
            RelationKind = Core.Catalog.RelationKind.Table,
            Persistence = statement.Persistence switch { Persistence.Temporary => 't', Persistence.Unlogged => 'u', _ => 'p' },
            Columns = columns.Columns,
            RowTypeOid = context.Transaction.AllocateOid(),
            RowArrayTypeOid = context.Transaction.AllocateOid(),
            Options = TableOptions.Read(statement.Options),
        };
        // Generated columns see the other columns, so they are bound once all are known.
        ImmutableArray<ColumnObject> bound = table.Columns;
        foreach (ColumnDefinition definition in elements.OfType<ColumnDefinition>())
        {
            if (definition.Constraints.OfType<GeneratedConstraint>().FirstOrDefault() is not { } generated) continue;
            int at = table.Columns.Select((c, i) => (c, i)).First(p => p.c.Name == definition.Name).i;
            bound = bound.SetItem(at, bound[at] with { Default = _expressions.Generated(generated.Expression, table, bound[at].Type), IsGenerated = true });
        }
        return table with { Columns = bound };
    }

    private static void RefuseUnsupported(CreateTableStatement statement)
    {
        int position = statement.Span.Start;
        if (statement.Inherits.Count > 0) throw SqlException.NotSupported("table inheritance (INHERITS)", statement.Inherits[0].Span.Start);
        if (statement.PartitionBy is not null || statement.PartitionOf is not null) throw SqlException.NotSupported("table partitioning", position);
        if (statement.OfType is not null) throw SqlException.NotSupported("CREATE TABLE OF", statement.OfType.Span.Start);
        if (statement.OnCommit is OnCommitAction.DeleteRows or OnCommitAction.Drop) throw SqlException.NotSupported("ON COMMIT DELETE ROWS and ON COMMIT DROP", position);
        if (statement.Tablespace is not null and not "pg_default") throw SqlException.NotSupported("tablespaces", position);
        if (statement.AccessMethod is not null and not "heap")
            throw new SqlException(SqlState.UndefinedObject, $"access method \"{statement.AccessMethod}\" does not exist", position);
    }
}
