using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Storage.Contracts;

namespace VecSql.Executor.Ddl;

/// <summary>DROP of tables, views, indexes, sequences, schemas, types, extensions: with what depends on them if CASCADE, refused otherwise.</summary>
internal sealed class DropCommand(DdlContext context)
{
    private readonly CatalogNames _names = new(context);

    public string Run(DropStatement statement)
    {
        List<CatalogObject> targets = [];
        foreach (ObjectReference reference in statement.Objects)
            if (Find(statement, reference) is { } found) targets.Add(found);
        HashSet<uint> dropped = [.. targets.Select(t => t.Oid)];
        Dependencies dependencies = new(context.Catalog);
        List<CatalogObject> cascade = [];
        foreach (CatalogObject target in targets) Collect(target, dependencies, dropped, cascade, statement, target);
        if (cascade.Count > 0) TellCascade(cascade);
        foreach (CatalogObject victim in cascade.Concat(targets)) Remove(victim);
        return Tag(statement.Kind);
    }

    private CatalogObject? Find(DropStatement statement, ObjectReference reference)
    {
        QualifiedName name = reference.Name!;
        (CatalogObject? found, string noun) = statement.Kind switch
        {
            ObjectKind.Table => (_names.FindRelation(name) as CatalogObject, "table"),
            ObjectKind.View => (_names.FindRelation(name), "view"),
            ObjectKind.MaterializedView => (_names.FindRelation(name), "materialized view"),
            ObjectKind.Index => (_names.FindRelation(name), "index"),
            ObjectKind.Sequence => (_names.FindRelation(name), "sequence"),
            ObjectKind.Schema => (context.Catalog.FindSchema(name.Name), "schema"),
            ObjectKind.Type or ObjectKind.Domain => (_names.FindType(name), "type"),
            ObjectKind.Extension => (context.Catalog.FindExtension(name.Name), "extension"),
            _ => throw SqlException.NotSupported($"DROP {statement.Kind}", statement.Span.Start),
        };
        if (found is not null)
        {
            CheckKind(statement.Kind, found, name, noun);
            return found;
        }
        string display = CatalogNames.Display(name);
        (string state, string message) = statement.Kind switch
        {
            ObjectKind.Schema => (SqlState.InvalidSchemaName, $"schema \"{display}\" does not exist"),
            ObjectKind.Type or ObjectKind.Domain => (SqlState.UndefinedObject, $"type \"{display}\" does not exist"),
            ObjectKind.Extension => (SqlState.UndefinedObject, $"extension \"{display}\" does not exist"),
            ObjectKind.Index => (SqlState.UndefinedObject, $"index \"{display}\" does not exist"),
            _ => (SqlState.UndefinedTable, $"{noun} \"{display}\" does not exist"),
        };
        if (!statement.IfExists) throw new SqlException(state, message);
        context.Skip(SqlState.SuccessfulCompletion, message + ", skipping");
        return null;
    }

    private static void CheckKind(ObjectKind kind, CatalogObject found, QualifiedName name, string noun)
    {
        bool fits = (kind, found) switch
        {
            (ObjectKind.Table, TableObject { RelationKind: Core.Catalog.RelationKind.Table }) => true,
            (ObjectKind.View, TableObject { RelationKind: Core.Catalog.RelationKind.View }) => true,
            (ObjectKind.MaterializedView, TableObject { RelationKind: Core.Catalog.RelationKind.MaterializedView }) => true,
            (ObjectKind.Index, IndexObject) or (ObjectKind.Sequence, SequenceObject) or (ObjectKind.Schema, _) or (ObjectKind.Type, _) or (ObjectKind.Extension, _) => true,
            (ObjectKind.Domain, TypeObject { Kind: 'd' }) => true,
            _ => false,
        };
        if (fits) return;
        string article = noun is "index" ? "an" : "a";
        string hint = found switch
        {
            TableObject { RelationKind: Core.Catalog.RelationKind.View } => "Use DROP VIEW to remove a view.",
            TableObject { RelationKind: Core.Catalog.RelationKind.MaterializedView } => "Use DROP MATERIALIZED VIEW to remove a materialized view.",
            TableObject => "Use DROP TABLE to remove a table.",
            IndexObject => "Use DROP INDEX to remove an index.",
            SequenceObject => "Use DROP SEQUENCE to remove a sequence.",
            _ => "Use DROP TYPE to remove a type.",
        };
        throw new SqlException(SqlState.WrongObjectType, $"\"{name.Name}\" is not {article} {noun}", hint: hint);
    }

    /// <summary>What must go with the object; refuses if something else depends on it and CASCADE wasn't said.</summary>
    private void Collect(CatalogObject target, Dependencies dependencies, HashSet<uint> dropped, List<CatalogObject> cascade, DropStatement statement, CatalogObject root)
    {
        foreach ((CatalogObject dependent, bool isPart) in dependencies.Of(target))
        {
            if (!dropped.Add(dependent.Oid)) continue;
            if (!isPart && statement.Behavior == DropBehavior.Restrict)
            {
                throw new SqlException(SqlState.DependentObjectsStillExist, $"cannot drop {ObjectText.Of(root)} because other objects depend on it",
                    detail: $"{ObjectText.Of(dependent)} depends on {ObjectText.Of(target)}", hint: "Use DROP ... CASCADE to drop the dependent objects too.");
            }
            cascade.Insert(0, dependent);
            Collect(dependent, dependencies, dropped, cascade, statement, root);
        }
        if (target is TableObject table) CheckForeignKeys(table, dropped, statement, root);
    }

    private void CheckForeignKeys(TableObject table, HashSet<uint> dropped, DropStatement statement, CatalogObject root)
    {
        foreach (TableObject other in context.Catalog.Relations.OfType<TableObject>().Where(t => t.Oid != table.Oid && !dropped.Contains(t.Oid)))
        {
            foreach (ConstraintObject constraint in other.Constraints.Where(c => c.ReferencedTable == table.Oid))
            {
                if (statement.Behavior == DropBehavior.Restrict)
                {
                    throw new SqlException(SqlState.DependentObjectsStillExist, $"cannot drop {ObjectText.Of(root)} because other objects depend on it",
                        detail: $"constraint {constraint.Name} on table {other.Name} depends on table {table.Name}", hint: "Use DROP ... CASCADE to drop the dependent objects too.");
                }
                TableObject current = context.Catalog.Find<TableObject>(other.Oid)!;
                context.Skip(SqlState.SuccessfulCompletion, $"drop cascades to constraint {constraint.Name} on table {other.Name}");
                context.Transaction.Put(current with { Constraints = current.Constraints.RemoveAll(c => c.Oid == constraint.Oid) });
            }
        }
    }

    private void TellCascade(List<CatalogObject> cascade)
    {
        Dependencies all = new(context.Catalog);
        List<CatalogObject> told = [.. cascade.Where(c => !all.IsPart(c))];
        if (told.Count == 1) context.Skip(SqlState.SuccessfulCompletion, $"drop cascades to {ObjectText.Of(told[0])}");
        else if (told.Count > 1)
        {
            context.Notice(new Core.Environment.Notice("NOTICE", SqlState.SuccessfulCompletion, $"drop cascades to {told.Count} other objects",
                string.Join('\n', told.Select(c => $"drop cascades to {ObjectText.Of(c)}"))));
        }
    }

    private void Remove(CatalogObject victim)
    {
        if (context.Catalog.Find<CatalogObject>(victim.Oid) is null) return;
        if (victim is IndexObject index && context.Catalog.Find<TableObject>(index.Table) is { } table)
        {
            ConstraintObject? constraint = table.Constraints.FirstOrDefault(c => c.IndexOid == index.Oid && c.Kind is ConstraintKind.PrimaryKey or ConstraintKind.Unique && c.IndexOid == index.Oid);
            context.Transaction.LockTable(table.Oid, TableLockMode.AccessExclusive, LockWaitPolicy.Wait);
            _ = constraint;
        }
        if (victim is TableObject dropped and not { RelationKind: Core.Catalog.RelationKind.View or Core.Catalog.RelationKind.CompositeType })
            context.Transaction.LockTable(dropped.Oid, TableLockMode.AccessExclusive, LockWaitPolicy.Wait);
        if (victim is SequenceObject { OwnerTable: not 0 } sequence) ForgetDefault(sequence);
        context.Transaction.Drop(victim.Oid);
    }

    /// <summary>DROP SEQUENCE … CASCADE of a serial column's sequence takes the default along.</summary>
    private void ForgetDefault(SequenceObject sequence)
    {
        if (context.Catalog.Find<TableObject>(sequence.OwnerTable) is not { } table) return;
        ColumnObject column = table.Columns[sequence.OwnerColumn - 1];
        if (column.OwnedSequence != sequence.Oid) return;
        context.Transaction.Put(table with { Columns = table.Columns.SetItem(sequence.OwnerColumn - 1, column with { Default = null, OwnedSequence = 0 }) });
    }

    private static string Tag(ObjectKind kind) => "DROP " + kind switch
    {
        ObjectKind.MaterializedView => "MATERIALIZED VIEW",
        _ => kind.ToString().ToUpperInvariant(),
    };
}
