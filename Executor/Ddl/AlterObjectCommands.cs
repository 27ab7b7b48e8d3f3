using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using RelationKind = VecSql.Core.Catalog.RelationKind;

namespace VecSql.Executor.Ddl;

/// <summary>ALTER … OWNER TO and SET SCHEMA; COMMENT ON.</summary>
internal sealed class AlterObjectCommands(DdlContext context)
{
    private readonly ObjectLookup _lookup = new(context);

    public string ChangeOwner(AlterOwnerStatement statement)
    {
        ChangeOwner(_lookup.Find(statement.Object), statement.Owner);
        return "ALTER " + ObjectLookup.Words(statement.Object.Kind).ToUpperInvariant();
    }

    public void ChangeOwner(CatalogObject target, RoleSpecification owner)
    {
        new Ownership(context).Check(target);
        RoleObject role = Roles.Find(context, owner);
        if (!new Ownership(context).IsMember(Roles.Find(context, context.CurrentUser), role.Oid) && !Roles.Find(context, context.CurrentUser).IsSuperuser)
            throw new SqlException(SqlState.InsufficientPrivilege, $"must be member of role \"{role.Name}\"");
        if (target is SequenceObject { OwnerTable: not 0 } sequence && context.Catalog.Find<TableObject>(sequence.OwnerTable) is { } owning && owning.Owner != role.Oid)
            throw new SqlException(SqlState.FeatureNotSupported, $"cannot change owner of sequence \"{sequence.Name}\"", detail: $"Sequence \"{sequence.Name}\" is linked to table \"{owning.Name}\".");
        SetOwner(target, role.Oid);
    }

    /// <summary>The object's owner, and that of its parts.</summary>
    public void SetOwner(CatalogObject target, uint owner)
    {
        context.Transaction.Put(target with { Owner = owner });
        foreach (CatalogObject part in PartsOf(target).ToArray()) context.Transaction.Put(part with { Owner = owner });
    }

    private IEnumerable<CatalogObject> PartsOf(CatalogObject target)
    {
        if (target is TypeObject type)
        {
            if (context.Catalog.Find<TypeObject>(type.ArrayTypeOid) is { } array) yield return array;
            if (context.Catalog.Find<TableObject>(type.RelationOid) is { } relation) yield return relation;
        }
        if (target is not TableObject table) yield break;
        foreach (IndexObject index in context.Catalog.IndexesOf(table.Oid)) yield return index;
        foreach (SequenceObject sequence in context.Catalog.Relations.OfType<SequenceObject>().Where(s => s.OwnerTable == table.Oid)) yield return sequence;
        if (context.Catalog.Find<TypeObject>(table.RowTypeOid) is { } row) yield return row;
        if (context.Catalog.Find<TypeObject>(table.RowArrayTypeOid) is { } rows) yield return rows;
    }

    public string SetSchema(AlterObjectSchemaStatement statement)
    {
        string tag = "ALTER " + ObjectLookup.Words(statement.Object.Kind).ToUpperInvariant();
        CatalogObject target;
        try
        {
            target = _lookup.Find(statement.Object);
        }
        catch (SqlException e) when (statement.IfExists && e.SqlState == SqlState.UndefinedTable)
        {
            context.Skip(SqlState.SuccessfulCompletion, e.Message + ", skipping");
            return tag;
        }
        new Ownership(context).Check(target);
        uint schema = new CatalogNames(context).Schema(statement.NewSchema).Oid;
        if (target.SchemaOid == schema) return tag;
        if (schema == WellKnownOid.PgCatalogSchema) throw new SqlException(SqlState.InsufficientPrivilege, "permission denied for schema pg_catalog");
        RenameCommand mover = new(context);
        switch (target)
        {
            case SequenceObject { OwnerTable: not 0 } owned when context.Catalog.Find<TableObject>(owned.OwnerTable) is { } owner:
                throw new SqlException(SqlState.FeatureNotSupported, "cannot move an owned sequence into another schema", detail: $"Sequence \"{owned.Name}\" is linked to table \"{owner.Name}\".");
            case RelationObject relation:
                MoveRelation(relation, schema, mover);
                break;
            case TypeObject { Kind: 'c' } row when context.Catalog.Find<TableObject>(row.RelationOid) is { RelationKind: RelationKind.CompositeType } composite:
                mover.MoveNamed(row, schema, row.Name, () => mover.Move(composite, schema, composite.Name));
                break;
            case TypeObject { Kind: 'c' } table:
                throw new SqlException(SqlState.WrongObjectType, $"{table.Name} is a table's row type", hint: "Use ALTER TABLE instead.");
            case TypeObject type:
                mover.MoveNamed(type, schema, type.Name, () => mover.PutType(type with { Schema = schema }));
                break;
            case FunctionObject function:
                FunctionCommands.RequireFree(context, schema, function.Name, function.ArgumentTypes);
                mover.MoveNamed(function, schema, function.Name, () => context.Transaction.Put(function with { Schema = schema }));
                break;
            case ExtensionObject extension:
                context.Transaction.Put(extension with { Schema = schema });
                break;
            default:
                throw SqlException.NotSupported(tag + " … SET SCHEMA", statement.Span.Start);
        }
        return tag;
    }

    private void MoveRelation(RelationObject relation, uint schema, RenameCommand mover)
    {
        mover.Move(relation, schema, relation.Name);
        foreach (IndexObject index in context.Catalog.IndexesOf(relation.Oid).ToArray()) context.Transaction.Put(index with { Schema = schema });
        foreach (SequenceObject sequence in context.Catalog.Relations.OfType<SequenceObject>().Where(s => s.OwnerTable == relation.Oid).ToArray()) mover.Move(sequence, schema, sequence.Name);
    }

    public string Comment(CommentStatement statement)
    {
        ObjectReference reference = statement.Object;
        string? text = statement.Text is "" ? null : statement.Text;
        switch (reference.Kind)
        {
            case ObjectKind.Column:
                QualifiedName columnName = reference.Name!;
                QualifiedName tableName = reference.Table ?? new QualifiedName([.. columnName.Parts.SkipLast(1)]);
                if (new CatalogNames(context).Relation(tableName) is not TableObject table)
                    throw new SqlException(SqlState.WrongObjectType, $"cannot set comment on relation \"{tableName.Name}\"");
                new Ownership(context).Check(table);
                ColumnObject column = AlterColumnActions.Find(table, columnName.Name);
                context.Transaction.Put(table with { Columns = table.Columns.SetItem(column.Number - 1, column with { Comment = text }) });
                break;
            case ObjectKind.Constraint:
                TableObject owner = new CatalogNames(context).Table(reference.Table!);
                new Ownership(context).Check(owner);
                ConstraintObject constraint = owner.Constraints.FirstOrDefault(c => c.Name == reference.Name!.Name)
                    ?? throw new SqlException(SqlState.UndefinedObject, $"constraint \"{reference.Name!.Name}\" for table \"{owner.Name}\" does not exist");
                context.Transaction.Put(owner with { Constraints = owner.Constraints.Replace(constraint, constraint with { Comment = text }) });
                break;
            case ObjectKind.DomainConstraint:
                TypeObject domain = new CatalogNames(context).FindType(reference.Table!) ?? throw new SqlException(SqlState.UndefinedObject, $"type \"{CatalogNames.Display(reference.Table!)}\" does not exist");
                ConstraintObject check = domain.Checks.FirstOrDefault(c => c.Name == reference.Name!.Name)
                    ?? throw new SqlException(SqlState.UndefinedObject, $"constraint \"{reference.Name!.Name}\" for domain {domain.Name} does not exist");
                context.Transaction.Put(domain with { Checks = domain.Checks.Replace(check, check with { Comment = text }) });
                break;
            default:
                CatalogObject target = _lookup.Find(reference);
                new Ownership(context).Check(target);
                context.Transaction.Put(target with { Comment = text });
                break;
        }
        return "COMMENT";
    }
}
