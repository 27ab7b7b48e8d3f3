using System.Collections.Immutable;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Storage.Contracts;
using AstKind = VecSql.Parser.Ast.RelationKind;
using RelationKind = VecSql.Core.Catalog.RelationKind;

namespace VecSql.Executor.Ddl;

/// <summary>ALTER TABLE | VIEW | MATERIALIZED VIEW | INDEX | SEQUENCE | TYPE: what isn't about single columns or constraints is done here.</summary>
internal sealed class AlterTableCommand(DdlContext context)
{
    private readonly CatalogNames _names = new(context);

    public string Run(AlterTableStatement statement)
    {
        string noun = statement.Kind switch
        {
            AstKind.MaterializedView => "MATERIALIZED VIEW",
            AstKind.ForeignTable => throw SqlException.NotSupported("ALTER FOREIGN TABLE", statement.Span.Start),
            AstKind.CompositeType => "TYPE",
            _ => statement.Kind.ToString().ToUpperInvariant(),
        };
        string tag = "ALTER " + noun;
        QualifiedName name = statement.Table.Name;
        if (_names.FindRelation(name) is null && statement.IfExists)
        {
            context.Skip(SqlState.SuccessfulCompletion, $"relation \"{CatalogNames.Display(name)}\" does not exist, skipping");
            return tag;
        }
        RelationObject relation = statement.Kind == AstKind.CompositeType ? CompositeType(name) : _names.Relation(name);
        CheckKind(statement.Kind, relation);
        new Ownership(context).Check(relation);
        if (relation is TableObject { RelationKind: RelationKind.Table or RelationKind.MaterializedView })
            context.Transaction.LockTable(relation.Oid, TableLockMode.AccessExclusive, LockWaitPolicy.Wait);
        // PostgreSQL's passes: what is dropped, then what is changed, then what is added, whatever the order of writing.
        foreach (AlterTableAction action in statement.Actions.OrderBy(PassOf)) Run(action, Current(relation.Oid), statement);
        return tag;
    }

    private RelationObject Current(uint oid) => context.Catalog.Find<RelationObject>(oid) ?? throw new InvariantException($"relation {oid} doesn't exist");

    private static int PassOf(AlterTableAction action) => action switch
    {
        DropColumn or DropConstraint or DropColumnIdentity or DropColumnExpression or AlterColumnNotNull { IsSet: false } => 0,
        AlterColumnType => 1,
        AddColumn => 2,
        AddConstraint { Constraint: ForeignKeyConstraint } => 5,
        AddConstraint => 4,
        _ => 3,
    };

    private void Run(AlterTableAction action, RelationObject relation, AlterTableStatement statement)
    {
        int position = action.Span.Start >= 0 ? action.Span.Start : statement.Span.Start;
        switch (action)
        {
            case ChangeOwner change:
                new AlterObjectCommands(context).ChangeOwner(relation, change.Owner);
                return;
            case SetOptions set:
                context.Transaction.Put(relation with { Options = ChangeOptions(relation, set) });
                return;
            case SetTablespace tablespace:
                if (tablespace.Tablespace != "pg_default") throw SqlException.NotSupported("tablespaces", position);
                return;
            case SetLogged logged when relation is TableObject { RelationKind: RelationKind.Table } or SequenceObject:
                if (relation.Persistence == (logged.IsLogged ? 'p' : 'u')) return;
                throw SqlException.NotSupported("ALTER TABLE … SET LOGGED and SET UNLOGGED", position);
            case AlterColumnStatistics or AlterColumnOptions when relation is IndexObject:
                return;
        }
        if (relation is not TableObject table) throw NotFor(relation, action, position);
        bool isAllowed = table.RelationKind switch
        {
            RelationKind.Table => true,
            RelationKind.View => action is AlterColumnDefault,
            RelationKind.MaterializedView => action is AlterColumnStatistics or AlterColumnOptions or AlterColumnStorage or ClusterOn,
            _ => action is AddColumn or DropColumn or AlterColumnType,
        };
        if (!isAllowed) throw NotFor(relation, action, position);
        if (new AlterColumnActions(context, table).TryRun(action) || new AlterConstraintActions(context, table).TryRun(action)) return;
        RunOther(action, table, position);
    }

    private void RunOther(AlterTableAction action, TableObject table, int position)
    {
        switch (action)
        {
            // They tune what VecSql decides by itself (row identity in a change stream is always the whole row): accepted, so that scripts and dumps go on.
            case SetReplicaIdentity { Kind: ReplicaIdentityKind.Index } or ClusterOn { Index: not null }:
                string name = action is ClusterOn cluster ? cluster.Index! : ((SetReplicaIdentity)action).Index!;
                if (context.Catalog.FindRelation(table.Schema, name) is not IndexObject index || index.Table != table.Oid)
                    throw new SqlException(SqlState.UndefinedObject, $"index \"{name}\" for table \"{table.Name}\" does not exist");
                return;
            case SetReplicaIdentity or ClusterOn:
                return;
            case SetAccessMethod method:
                if (method.AccessMethod != "heap") throw new SqlException(SqlState.UndefinedObject, $"access method \"{method.AccessMethod}\" does not exist");
                return;
            case AlterRowSecurity { Change: RowSecurityChange.Disable or RowSecurityChange.NoForce }:
                return;
            case AlterRowSecurity: throw SqlException.NotSupported("row-level security", position);
            case AlterInheritance: throw SqlException.NotSupported("table inheritance (INHERIT)", position);
            case AlterOfType: throw SqlException.NotSupported("ALTER TABLE … OF", position);
            case AttachPartition or DetachPartition: throw SqlException.NotSupported("table partitioning", position);
            case OtherTableAction { Words: var words } when words.Contains("WITHOUT OIDS", StringComparison.OrdinalIgnoreCase): return;
            case OtherTableAction other: throw SqlException.NotSupported("ALTER TABLE … " + other.Words, position);
            default: throw SqlException.NotSupported("ALTER TABLE … " + action.GetType().Name, position);
        }
    }

    private TableObject CompositeType(QualifiedName name)
    {
        TypeObject type = _names.FindType(name) ?? throw new SqlException(SqlState.UndefinedObject, $"type \"{CatalogNames.Display(name)}\" does not exist");
        return context.Catalog.Find<TableObject>(type.RelationOid) is { RelationKind: RelationKind.CompositeType } relation
            ? relation : throw new SqlException(SqlState.WrongObjectType, $"\"{name.Name}\" is not a composite type");
    }

    private static void CheckKind(AstKind kind, RelationObject relation)
    {
        bool fits = kind switch
        {
            AstKind.View => relation.Kind == RelationKind.View,
            AstKind.MaterializedView => relation.Kind == RelationKind.MaterializedView,
            AstKind.Index => relation.Kind == RelationKind.Index,
            AstKind.Sequence => relation.Kind == RelationKind.Sequence,
            AstKind.Table => relation.Kind != RelationKind.CompositeType,
            _ => true,
        };
        if (fits) return;
        string noun = kind == AstKind.MaterializedView ? "materialized view" : kind.ToString().ToLowerInvariant();
        throw new SqlException(SqlState.WrongObjectType, relation.Kind == RelationKind.CompositeType ? $"\"{relation.Name}\" is a composite type" : $"\"{relation.Name}\" is not {(kind == AstKind.Index ? "an" : "a")} {noun}",
            hint: relation.Kind == RelationKind.CompositeType ? "Use ALTER TYPE instead." : null);
    }

    private static SqlException NotFor(RelationObject relation, AlterTableAction action, int position)
    {
        string words = string.Concat(action.GetType().Name.Select((c, i) => i > 0 && char.IsUpper(c) ? " " + c : c.ToString())).ToUpperInvariant();
        string plural = relation.Kind == RelationKind.Index ? "indexes" : ObjectText.Noun(relation.Kind) + "s";
        return new SqlException(SqlState.WrongObjectType, $"ALTER action {words} cannot be performed on relation \"{relation.Name}\"", position, $"This operation is not supported for {plural}.");
    }

    private static ImmutableSortedDictionary<string, string> ChangeOptions(RelationObject relation, SetOptions set)
    {
        ImmutableSortedDictionary<string, string> changed = relation switch
        {
            IndexObject index => set.IsReset ? ImmutableSortedDictionary<string, string>.Empty : IndexOptions.Read(set.Options, index.Method),
            TableObject { RelationKind: RelationKind.View } => set.Options.ToImmutableSortedDictionary(o => o.Name, o => o.Value?.Text ?? "true", StringComparer.Ordinal),
            _ => set.IsReset ? ImmutableSortedDictionary<string, string>.Empty : TableOptions.Read(set.Options),
        };
        return set.IsReset ? relation.Options.RemoveRange(set.Options.Select(o => o.Namespace is null ? o.Name : $"{o.Namespace}.{o.Name}")) : relation.Options.SetItems(changed);
    }
}
