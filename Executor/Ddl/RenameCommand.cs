using System.Collections.Immutable;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Storage.Contracts;
using AstKind = VecSql.Parser.Ast.RelationKind;
using RelationKind = VecSql.Core.Catalog.RelationKind;

namespace VecSql.Executor.Ddl;

/// <summary>ALTER … RENAME, of objects, columns and constraints. Stored texts follow; where one can't, the statement is refused.</summary>
internal sealed class RenameCommand(DdlContext context)
{
    private readonly CatalogNames _names = new(context);
    private readonly StoredTexts _texts = new(context);
    private readonly StoredQueries _queries = new(context);

    public string Run(RenameStatement statement)
    {
        ObjectReference reference = statement.Object;
        switch (reference.Kind)
        {
            case ObjectKind.Column or ObjectKind.Attribute:
                RenameColumn(statement);
                return reference.Kind == ObjectKind.Attribute ? "ALTER TYPE" : "ALTER " + Words(statement.RelationKind);
            case ObjectKind.Constraint:
                RenameConstraint(statement);
                return "ALTER TABLE";
            case ObjectKind.DomainConstraint:
                RenameDomainConstraint(reference, statement.NewName);
                return "ALTER DOMAIN";
            case ObjectKind.Table or ObjectKind.View or ObjectKind.MaterializedView or ObjectKind.Index or ObjectKind.Sequence:
                if (FindRelation(reference.Name!, statement.IfExists) is { } relation) Rename(relation, reference.Kind, statement.NewName);
                return "ALTER " + ObjectLookup.Words(reference.Kind).ToUpperInvariant();
            case ObjectKind.Role:
                return RenameRole(Roles.Find(context, reference.Name!.Name), statement.NewName);
            case ObjectKind.Database:
                return RenameDatabase(reference, statement.NewName);
            case ObjectKind.Schema or ObjectKind.Type or ObjectKind.Domain or ObjectKind.Function or ObjectKind.Procedure or ObjectKind.Routine:
                RenameObject(new ObjectLookup(context).Find(reference), statement.NewName);
                return "ALTER " + ObjectLookup.Words(reference.Kind).ToUpperInvariant();
            default:
                throw SqlException.NotSupported($"ALTER {ObjectLookup.Words(reference.Kind).ToUpperInvariant()} … RENAME", statement.Span.Start);
        }
    }

    private static string Words(AstKind kind) => kind == AstKind.MaterializedView ? "MATERIALIZED VIEW" : kind == AstKind.CompositeType ? "TYPE" : kind.ToString().ToUpperInvariant();

    private RelationObject? FindRelation(QualifiedName name, bool ifExists)
    {
        if (_names.FindRelation(name) is { } found) return found;
        if (!ifExists) return _names.Relation(name);
        context.Skip(SqlState.SuccessfulCompletion, $"relation \"{CatalogNames.Display(name)}\" does not exist, skipping");
        return null;
    }

    private void Rename(RelationObject relation, ObjectKind kind, string newName)
    {
        // ALTER TABLE renames anything of pg_class; the others are particular.
        bool fits = kind switch
        {
            ObjectKind.View => relation.Kind == RelationKind.View,
            ObjectKind.MaterializedView => relation.Kind == RelationKind.MaterializedView,
            ObjectKind.Sequence => relation.Kind == RelationKind.Sequence,
            ObjectKind.Index => relation.Kind is RelationKind.Index or RelationKind.Table,
            _ => relation.Kind != RelationKind.CompositeType,
        };
        if (!fits) throw new SqlException(SqlState.WrongObjectType, $"\"{relation.Name}\" is not a {ObjectLookup.Words(kind)}");
        new Ownership(context).Check(relation);
        Move(relation, relation.Schema, newName);
    }

    /// <summary>Gives a relation another name or schema, with its row type, and the texts that name it.</summary>
    public void Move(RelationObject relation, uint newSchema, string newName)
    {
        string oldSchemaName = context.SchemaName(relation.Schema), schemaName = context.SchemaName(newSchema);
        if (relation is TableObject { RelationKind: RelationKind.Table or RelationKind.MaterializedView })
            context.Transaction.LockTable(relation.Oid, TableLockMode.AccessExclusive, LockWaitPolicy.Wait);
        if (context.Catalog.FindRelation(newSchema, newName) is not null)
            throw new SqlException(SqlState.DuplicateTable, $"relation \"{newName}\" already exists" + (newSchema == relation.Schema ? "" : $" in schema \"{schemaName}\""));
        _texts.Change(v => v.DependsOn.Contains(relation.Oid), v => _queries.RenameRelation(v, relation.Oid, schemaName, newName), () =>
        {
            if (relation is TableObject table) _names.CheckNewType(newSchema, newName);
            context.Transaction.Put(relation with { Name = newName } is var renamed && relation.Schema == newSchema ? renamed : WithSchema(renamed, newSchema));
            if (context.Catalog.Find<TableObject>(relation.Oid) is { } moved) MoveRowTypes(moved);
        }, $"renaming {new ObjectText(context).Of(relation)}");
        _texts.RewriteExpressions(text => StoredExpressions.RenameRelation(text, oldSchemaName, relation.Name, schemaName, newName));
        if (relation is IndexObject index) RenameKeyOf(index, newName);
    }

    private static RelationObject WithSchema(RelationObject relation, uint schema) => relation switch
    {
        TableObject table => table with { Schema = schema },
        IndexObject index => index with { Schema = schema },
        SequenceObject sequence => sequence with { Schema = schema },
        _ => throw Invariant.Unreachable(relation),
    };

    private void MoveRowTypes(TableObject table)
    {
        if (context.Catalog.Find<TypeObject>(table.RowTypeOid) is { } row) context.Transaction.Put(row with { Name = table.Name, Schema = table.Schema });
        if (context.Catalog.Find<TypeObject>(table.RowArrayTypeOid) is not null) RowTypes.PutArray(context, table.RowArrayTypeOid, table.RowTypeOid, table.Name, table.Schema, table.Owner);
    }

    /// <summary>A constraint and its index have one name.</summary>
    private void RenameKeyOf(IndexObject index, string newName)
    {
        TableObject table = context.Catalog.Find<TableObject>(index.Table)!;
        if (table.Constraints.FirstOrDefault(c => c.IndexOid == index.Oid && c.Kind is ConstraintKind.PrimaryKey or ConstraintKind.Unique) is { } constraint && constraint.IndexOid == index.Oid)
            context.Transaction.Put(table with { Constraints = table.Constraints.Replace(constraint, constraint with { Name = newName }) });
    }

    private void RenameConstraint(RenameStatement statement)
    {
        if (FindRelation(statement.Object.Table!, statement.IfExists) is not TableObject table) return;
        new Ownership(context).Check(table);
        string name = statement.Object.Name!.Name;
        ConstraintObject constraint = table.Constraints.FirstOrDefault(c => c.Name == name)
            ?? throw new SqlException(SqlState.UndefinedObject, $"constraint \"{name}\" for table \"{table.Name}\" does not exist");
        if (table.Constraints.Any(c => c.Name == statement.NewName))
            throw new SqlException(SqlState.DuplicateObject, $"constraint \"{statement.NewName}\" for relation \"{table.Name}\" already exists");
        if (constraint.Kind is ConstraintKind.PrimaryKey or ConstraintKind.Unique && context.Catalog.Find<IndexObject>(constraint.IndexOid) is { } index) Move(index, index.Schema, statement.NewName);
        else context.Transaction.Put(table with { Constraints = table.Constraints.Replace(constraint, constraint with { Name = statement.NewName }) });
    }

    private void RenameDomainConstraint(ObjectReference reference, string newName)
    {
        TypeObject domain = _names.FindType(reference.Table!) ?? throw new SqlException(SqlState.UndefinedObject, $"type \"{CatalogNames.Display(reference.Table!)}\" does not exist");
        ConstraintObject check = domain.Checks.FirstOrDefault(c => c.Name == reference.Name!.Name)
            ?? throw new SqlException(SqlState.UndefinedObject, $"constraint \"{reference.Name!.Name}\" for domain {domain.Name} does not exist");
        context.Transaction.Put(domain with { Checks = domain.Checks.Replace(check, check with { Name = newName }) });
    }

    private void RenameColumn(RenameStatement statement)
    {
        RelationObject? relation = statement.Object.Kind == ObjectKind.Attribute || statement.RelationKind == AstKind.CompositeType
            ? _names.FindRelation(statement.Object.Table!) ?? throw new SqlException(SqlState.UndefinedTable, $"relation \"{CatalogNames.Display(statement.Object.Table!)}\" does not exist")
            : FindRelation(statement.Object.Table!, statement.IfExists);
        if (relation is null) return;
        if (relation is not TableObject table) throw new SqlException(SqlState.WrongObjectType, $"cannot rename columns of relation \"{relation.Name}\"");
        new Ownership(context).Check(table);
        string oldName = statement.Object.Name!.Name, newName = statement.NewName;
        ColumnObject column = table.LiveColumns.FirstOrDefault(c => c.Name == oldName) ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{oldName}\" does not exist");
        if (TableColumns.IsSystemColumn(newName)) throw new SqlException(SqlState.DuplicateColumn, $"column name \"{newName}\" conflicts with a system column name");
        if (table.LiveColumns.Any(c => c.Name == newName)) throw new SqlException(SqlState.DuplicateColumn, $"column \"{newName}\" of relation \"{table.Name}\" already exists");
        if (table.RelationKind is RelationKind.Table or RelationKind.MaterializedView) context.Transaction.LockTable(table.Oid, TableLockMode.AccessExclusive, LockWaitPolicy.Wait);
        _texts.Change(v => v.DependsOn.Contains(table.Oid), v => _queries.RenameColumn(v, table, column.Number, newName), () =>
        {
            TableObject current = context.Catalog.Find<TableObject>(table.Oid)!;
            context.Transaction.Put(current with { Columns = current.Columns.SetItem(column.Number - 1, current.Columns[column.Number - 1] with { Name = newName }) });
            _texts.RewriteOwn(table.Oid, text => StoredExpressions.RenameColumn(text, oldName, newName));
        }, $"renaming column {oldName} of {new ObjectText(context).Of(table)}");
    }

    private string RenameRole(RoleObject role, string newName)
    {
        new Ownership(context).RequireSuperuser("permission denied to rename role");
        if (role.Oid == context.CurrentRole || role.Name == context.Eval.Session.SessionUser) throw new SqlException(SqlState.FeatureNotSupported, "session user cannot be renamed");
        if (context.Catalog.Shared.FindRole(newName) is not null) throw new SqlException(SqlState.DuplicateObject, $"role \"{newName}\" already exists");
        Roles.CheckName(newName);
        context.Transaction.Put(role with { Name = newName });
        foreach (CatalogObject target in context.Catalog.Objects.Where(o => o.Acl.Length > 0 || o is TableObject).ToArray())
        {
            CatalogObject changed = target.Acl.Length == 0 ? target : target with { Acl = Renamed(target.Acl, role.Name, newName) };
            if (changed is TableObject table && table.Columns.Any(c => c.Acl.Length > 0))
                changed = table with { Columns = [.. table.Columns.Select(c => c.Acl.Length == 0 ? c : c with { Acl = Renamed(c.Acl, role.Name, newName) })] };
            if (!ReferenceEquals(changed, target)) context.Transaction.Put(changed);
        }
        return "ALTER ROLE";
    }

    /// <summary>Access lists name roles.</summary>
    private static ImmutableArray<string> Renamed(ImmutableArray<string> acl, string oldName, string newName) => [.. acl.Select(text =>
    {
        AclEntry entry = AclEntry.Parse(text);
        return (entry with { Grantee = entry.Grantee == oldName ? newName : entry.Grantee, Grantor = entry.Grantor == oldName ? newName : entry.Grantor }).Format();
    })];

    private string RenameDatabase(ObjectReference reference, string newName)
    {
        CatalogObject database = new ObjectLookup(context).Find(reference);
        new Ownership(context).Check(database);
        if (context.Catalog.Shared.FindDatabase(newName) is not null) throw new SqlException(SqlState.DuplicateDatabase, $"database \"{newName}\" already exists");
        if (database.Oid == context.Store.DatabaseOid) throw new SqlException(SqlState.FeatureNotSupported, "current database cannot be renamed");
        new DatabaseCommands(context).RequireUnused((DatabaseObject)database);
        context.Transaction.Put(database with { Name = newName });
        return "ALTER DATABASE";
    }

    private void RenameObject(CatalogObject target, string newName)
    {
        new Ownership(context).Check(target);
        string oldName = target.Name;
        switch (target)
        {
            case SchemaObject schema:
                if (newName.StartsWith("pg_", StringComparison.Ordinal))
                    throw new SqlException(SqlState.ReservedName, $"unacceptable schema name \"{newName}\"", -1, "The prefix \"pg_\" is reserved for system schemas.");
                if (context.Catalog.FindSchema(newName) is not null) throw new SqlException(SqlState.DuplicateSchema, $"schema \"{newName}\" already exists");
                _texts.Change(_ => true, v => StoredQueries.RenameSchema(v.Definition!, oldName, newName), () => context.Transaction.Put(schema with { Name = newName }), $"renaming schema {oldName}");
                _texts.RewriteExpressions(text => StoredExpressions.RenameSchema(text, oldName, newName));
                break;
            case TypeObject { Kind: 'c' } row when context.Catalog.Find<TableObject>(row.RelationOid) is { } relation:
                if (relation.RelationKind != RelationKind.CompositeType)
                    throw new SqlException(SqlState.WrongObjectType, $"{oldName} is a table's row type", hint: "Use ALTER TABLE instead.");
                MoveNamed(target, row.Schema, newName, () => Move(relation, relation.Schema, newName));
                break;
            case TypeObject type:
                MoveNamed(type, type.Schema, newName, () => PutType(type with { Name = newName }));
                break;
            case FunctionObject function:
                FunctionCommands.RequireFree(context, function.Schema, newName, function.ArgumentTypes);
                MoveNamed(function, function.Schema, newName, () => context.Transaction.Put(function with { Name = newName }));
                break;
            default:
                throw Invariant.Unreachable(target);
        }
    }

    public void PutType(TypeObject type)
    {
        if (context.Catalog.FindType(type.Schema, type.Name) is not null) throw new SqlException(SqlState.DuplicateObject, $"type \"{type.Name}\" already exists");
        context.Transaction.Put(type);
        if (type.ArrayTypeOid != 0) RowTypes.PutArray(context, type.ArrayTypeOid, type.Oid, type.Name, type.Schema, type.Owner);
    }

    /// <summary>Changes the name or schema of a type or function, with the texts that name it.</summary>
    public void MoveNamed(CatalogObject target, uint newSchema, string newName, Action change)
    {
        string oldName = target.Name, oldSchema = context.SchemaName(target.SchemaOid), schema = context.SchemaName(newSchema);
        _texts.Change(v => v.DependsOn.Contains(target.Oid), v => StoredQueries.RenameObject(v.Definition!, oldSchema, oldName, schema, newName), change, $"renaming {new ObjectText(context).Of(target)}");
        _texts.RewriteExpressions(text => StoredExpressions.RenameObject(text, oldSchema, oldName, schema, newName));
    }
}
