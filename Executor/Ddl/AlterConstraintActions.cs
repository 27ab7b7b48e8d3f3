using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Parser.Ast;

namespace VecSql.Executor.Ddl;

/// <summary>ALTER TABLE's actions on constraints. The table's lock is held.</summary>
internal sealed class AlterConstraintActions(DdlContext context, TableObject table)
{
    /// <summary>False if the action isn't about a constraint.</summary>
    public bool TryRun(AlterTableAction action)
    {
        switch (action)
        {
            case AddConstraint add:
                TableConstraints constraints = new(context, table.Oid) { VerifiesRows = true };
                constraints.Add(add.Constraint);
                constraints.AddForeignKeys();
                return true;
            case DropConstraint drop:
                Drop(drop);
                return true;
            case ValidateConstraint validate:
                Validate(Find(validate.Name));
                return true;
            case AlterConstraint change:
                Change(Find(change.Name), change.Attributes);
                return true;
            default:
                return false;
        }
    }

    private ConstraintObject Find(string name) => table.Constraints.FirstOrDefault(c => c.Name == name)
        ?? throw new SqlException(SqlState.UndefinedObject, $"constraint \"{name}\" of relation \"{table.Name}\" does not exist");

    private void Drop(DropConstraint action)
    {
        if (table.Constraints.FirstOrDefault(c => c.Name == action.Name) is { } constraint)
        {
            new CascadingDrop(context).Run([new ConstraintTarget(table, constraint)], action.Behavior);
            return;
        }
        if (!action.IfExists) throw new SqlException(SqlState.UndefinedObject, $"constraint \"{action.Name}\" of relation \"{table.Name}\" does not exist");
        context.Skip(SqlState.SuccessfulCompletion, $"constraint \"{action.Name}\" of relation \"{table.Name}\" does not exist, skipping");
    }

    private void Validate(ConstraintObject constraint)
    {
        if (constraint.Kind is not (ConstraintKind.Check or ConstraintKind.ForeignKey))
            throw new SqlException(SqlState.WrongObjectType, $"constraint \"{constraint.Name}\" of relation \"{table.Name}\" is not a foreign key or check constraint");
        if (constraint.IsValidated) return;
        new RowVerification(context).Constraint(table, constraint);
        Put(constraint with { IsValidated = true });
    }

    private void Change(ConstraintObject constraint, ConstraintAttributes attributes)
    {
        if (constraint.Kind != ConstraintKind.ForeignKey)
            throw new SqlException(SqlState.WrongObjectType, $"constraint \"{constraint.Name}\" of relation \"{table.Name}\" is not a foreign key constraint");
        bool isDeferred = attributes.InitiallyDeferred ?? false;
        Put(constraint with { IsDeferrable = attributes.IsDeferrable ?? isDeferred, IsInitiallyDeferred = isDeferred });
    }

    private void Put(ConstraintObject changed) => context.Transaction.Put(table with { Constraints = table.Constraints.Replace(table.Constraints.First(c => c.Oid == changed.Oid), changed) });
}
