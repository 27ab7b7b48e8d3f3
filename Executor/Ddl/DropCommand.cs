using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Parser.Ast;

namespace VecSql.Executor.Ddl;

/// <summary>DROP of tables, views, indexes, sequences, schemas, types, domains, functions, extensions: with what depends on them if CASCADE, refused otherwise.</summary>
internal sealed class DropCommand(DdlContext context)
{
    private readonly ObjectLookup _lookup = new(context);
    private readonly ObjectText _text = new(context);

    public string Run(DropStatement statement)
    {
        List<DropTarget> targets = [];
        foreach (ObjectReference reference in statement.Objects)
        {
            if (Find(reference, statement.IfExists) is not { } found) continue;
            new Ownership(context).Check(found);
            RefuseParts(found, statement);
            if (targets.All(t => t.Key != new ObjectTarget(found).Key)) targets.Add(new ObjectTarget(found));
        }
        new CascadingDrop(context).Run(targets, statement.Behavior);
        return "DROP " + ObjectLookup.Words(statement.Kind).ToUpperInvariant();
    }

    private CatalogObject? Find(ObjectReference reference, bool ifExists)
    {
        try
        {
            return _lookup.Find(reference, isDrop: true);
        }
        catch (SqlException e) when (ifExists && e.SqlState is SqlState.UndefinedTable or SqlState.UndefinedObject or SqlState.InvalidSchemaName or SqlState.UndefinedFunction)
        {
            context.Skip(SqlState.SuccessfulCompletion, e.Message + ", skipping");
            return null;
        }
    }

    /// <summary>What belongs to something else goes with that, not by itself.</summary>
    private void RefuseParts(CatalogObject found, DropStatement statement)
    {
        (string Part, string Whole)? required = found switch
        {
            IndexObject index when ConstraintOf(index) is var (table, constraint) => (_text.Of(index), $"constraint {constraint.Name} on {_text.Of(table)}"),
            SequenceObject { IsInternal: true } sequence when context.Catalog.Find<TableObject>(sequence.OwnerTable) is { } table =>
                (_text.Of(sequence), $"column {table.Columns[sequence.OwnerColumn - 1].Name} of {_text.Of(table)}"),
            TypeObject { Kind: 'c' } row when context.Catalog.Find<TableObject>(row.RelationOid) is { RelationKind: not Core.Catalog.RelationKind.CompositeType } table => (_text.Of(row), _text.Of(table)),
            TypeObject { Kind: 'b', ElementTypeOid: not 0 } array when context.Catalog.Find<TypeObject>(array.ElementTypeOid) is { } element => (_text.Of(array), _text.Of(element)),
            _ => null,
        };
        if (required is not { } both || statement.Objects.Count > 1 && found is TypeObject { Kind: 'b' }) return;
        throw new SqlException(SqlState.DependentObjectsStillExist, $"cannot drop {both.Part} because {both.Whole} requires it", hint: $"You can drop {both.Whole} instead.");
    }

    private (TableObject Table, ConstraintObject Constraint)? ConstraintOf(IndexObject index) =>
        context.Catalog.Find<TableObject>(index.Table) is { } table
        && table.Constraints.FirstOrDefault(c => c.IndexOid == index.Oid && c.Kind is ConstraintKind.PrimaryKey or ConstraintKind.Unique) is { } constraint && constraint.IndexOid == index.Oid
            ? (table, constraint) : null;
}
