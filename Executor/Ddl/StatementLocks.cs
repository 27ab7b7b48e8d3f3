using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Storage.Contracts;
using RelationKind = VecSql.Core.Catalog.RelationKind;

namespace VecSql.Executor.Ddl;

/// <summary>
/// Locks the tables that a catalog-changing statement names before it looks at them. Who waited looks the name up again: it may mean another table by then, or none. The commands'
/// own locks of the same tables are no wait then.
/// </summary>
internal static class StatementLocks
{
    public static void Take(Statement statement, DdlContext context)
    {
        CatalogNames names = new(context);
        bool hasEverWaited = false;
        foreach ((QualifiedName name, TableLockMode mode) in Targets(statement))
        {
            bool hasWaited = true;
            while (hasWaited && names.FindRelation(name) is { } found && Table(found, context) is { } table)
            {
                // What the role may not change isn't held against others either; the command says so.
                if (mode > TableLockMode.RowExclusive && !Roles.Find(context, context.CurrentUser).IsSuperuser && found.Owner != context.CurrentRole) break;
                hasWaited = context.Transaction.LockTable(table, mode, LockWaitPolicy.Wait);
                hasEverWaited |= hasWaited;
                if (!hasWaited && CommandOf(statement) is { } command && context.IsInUse(table))
                    throw new SqlException(SqlState.ObjectInUse, $"cannot {command} \"{context.Catalog.Find<RelationObject>(table)!.Name}\" because it is being used by active queries in this session");
            }
        }
        // What was committed meanwhile must be seen by what the command checks.
        if (hasEverWaited) context.Transaction.BeginStatement(context.Execution.LockTimeoutMs, context.Eval.Cancellation);
    }

    /// <summary>What may not be done to a table that a cursor of the same session reads.</summary>
    private static string? CommandOf(Statement statement) => statement switch
    {
        AlterTableStatement => "ALTER TABLE",
        DropStatement { Kind: ObjectKind.Index } => "DROP INDEX",
        DropStatement => "DROP TABLE",
        TruncateStatement => "TRUNCATE",
        CreateIndexStatement => "CREATE INDEX",
        _ => null,
    };

    /// <summary>The table whose lock counts: an index's is its table's.</summary>
    private static uint? Table(RelationObject relation, DdlContext context) => relation switch
    {
        TableObject { RelationKind: RelationKind.Table or RelationKind.MaterializedView or RelationKind.View } table => table.Oid,
        IndexObject index when context.Catalog.Find<TableObject>(index.Table) is { } table => table.Oid,
        _ => null,
    };

    private static IEnumerable<(QualifiedName Name, TableLockMode Mode)> Targets(Statement statement) => statement switch
    {
        AlterTableStatement alter => [(alter.Table.Name, TableLockMode.AccessExclusive), .. alter.Actions.OfType<AddConstraint>().SelectMany(a => Referenced(a.Constraint)),
            .. alter.Actions.OfType<AddColumn>().SelectMany(a => a.Column.Constraints).SelectMany(Referenced)],
        CreateTableStatement create => [.. create.Elements.OfType<TableConstraint>().SelectMany(Referenced), .. create.Elements.OfType<ColumnDefinition>().SelectMany(c => c.Constraints).SelectMany(Referenced)],
        DropStatement { Kind: ObjectKind.Table or ObjectKind.View or ObjectKind.MaterializedView or ObjectKind.Index } drop =>
            drop.Objects.Where(o => o.Name is not null).Select(o => (o.Name!, TableLockMode.AccessExclusive)),
        TruncateStatement truncate => truncate.Tables.Select(t => (t.Name, TableLockMode.AccessExclusive)),
        CreateIndexStatement index => [(index.Table, index.Concurrently ? TableLockMode.ShareUpdateExclusive : TableLockMode.Share)],
        RenameStatement { Object: { Kind: ObjectKind.Table or ObjectKind.View or ObjectKind.MaterializedView or ObjectKind.Column, Name: { } name } } => [(name, TableLockMode.AccessExclusive)],
        _ => [],
    };

    /// <summary>A foreign key's parent: no one may change its rows while the key is being made.</summary>
    private static IEnumerable<(QualifiedName, TableLockMode)> Referenced(SyntaxNode constraint) => constraint switch
    {
        ForeignKeyConstraint key => [(key.Reference.Table, TableLockMode.ShareRowExclusive)],
        ReferencesConstraint key => [(key.Reference.Table, TableLockMode.ShareRowExclusive)],
        _ => [],
    };
}
