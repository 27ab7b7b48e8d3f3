using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Storage.Contracts;

namespace VecSql.Executor.Ddl;

/// <summary>Drops things with what depends on them, if CASCADE was said; refuses with a list of the dependents (2BP01) otherwise.</summary>
internal sealed class CascadingDrop(DdlContext context)
{
    private const int MaxListed = 100;
    private readonly Dependencies _dependencies = new(context);
    private readonly ObjectText _text = new(context);
    private readonly HashSet<(char, uint, uint)> _seen = [];
    private readonly List<(DropTarget Target, DropTarget On, bool IsPart)> _found = [];

    public void Run(IReadOnlyList<DropTarget> targets, DropBehavior behavior)
    {
        foreach (DropTarget target in targets) _seen.Add(target.Key);
        foreach (DropTarget target in targets) Collect(target);
        List<(DropTarget Target, DropTarget On, bool IsPart)> others = [.. _found.Where(f => !f.IsPart && !IsPartOfDropped(f.Target))];
        if (others.Count > 0 && behavior == DropBehavior.Restrict) throw Refusal(targets, others);
        Tell(others);
        // Dependents first.
        for (int i = _found.Count - 1; i >= 0; i--) Remove(_found[i].Target);
        foreach (DropTarget target in targets) Remove(target);
    }

    private void Collect(DropTarget target)
    {
        (DropTarget Dependent, bool IsPart)[] direct = [.. _dependencies.Of(target).Where(d => _seen.Add(d.Dependent.Key))];
        foreach ((DropTarget dependent, bool isPart) in direct)
        {
            _found.Add((dependent, target, isPart));
            Collect(dependent);
        }
    }

    /// <summary>A constraint or column of a table that goes anyway needs no word.</summary>
    private bool IsPartOfDropped(DropTarget target) => target switch
    {
        ColumnTarget column => _seen.Contains(('o', column.Table.Oid, 0)),
        DefaultTarget @default => _seen.Contains(('o', @default.Table.Oid, 0)) || _seen.Contains(('c', @default.Table.Oid, (uint)@default.Column.Number)),
        ConstraintTarget constraint => _seen.Contains(('o', constraint.Table.Oid, 0)),
        _ => false,
    };

    private SqlException Refusal(IReadOnlyList<DropTarget> targets, List<(DropTarget Target, DropTarget On, bool IsPart)> others)
    {
        string message = targets.Count == 1 ? $"cannot drop {_text.Of(targets[0])} because other objects depend on it" : "cannot drop desired object(s) because other objects depend on them";
        string detail = string.Join('\n', others.Take(MaxListed).Select(o => $"{_text.Of(o.Target)} depends on {_text.Of(o.On)}"));
        if (others.Count > MaxListed) detail += $"\nand {others.Count - MaxListed} other objects (see server log for list)";
        return new SqlException(SqlState.DependentObjectsStillExist, message, detail: detail, hint: "Use DROP ... CASCADE to drop the dependent objects too.");
    }

    private void Tell(List<(DropTarget Target, DropTarget On, bool IsPart)> others)
    {
        if (others.Count == 1) context.Skip(SqlState.SuccessfulCompletion, $"drop cascades to {_text.Of(others[0].Target)}");
        else if (others.Count > 1)
        {
            context.Notice(new Notice("NOTICE", SqlState.SuccessfulCompletion, $"drop cascades to {others.Count} other objects",
                string.Join('\n', others.Take(MaxListed).Select(o => $"drop cascades to {_text.Of(o.Target)}"))));
        }
    }

    private void Remove(DropTarget target)
    {
        switch (target)
        {
            case ObjectTarget { Object: var victim }:
                RemoveObject(victim);
                break;
            case ColumnTarget { Column: var column } when Table(target) is { } table && !table.Columns[column.Number - 1].IsDropped:
                Lock(table);
                context.Transaction.Put(Dependencies.Without(table, column));
                break;
            case DefaultTarget { Column: var column } when Table(target) is { } table:
                context.Transaction.Put(table with { Columns = table.Columns.SetItem(column.Number - 1, table.Columns[column.Number - 1] with { Default = null, OwnedSequence = 0, Identity = '\0' }) });
                break;
            case ConstraintTarget { Constraint: var constraint } when Table(target) is { } table:
                Lock(table);
                context.Transaction.Put(table with { Constraints = table.Constraints.RemoveAll(c => c.Oid == constraint.Oid) });
                break;
        }
    }

    private TableObject? Table(DropTarget target) => context.Catalog.Find<TableObject>(target.Key.Kind == 'k' ? ((ConstraintTarget)target).Table.Oid : target.Key.Object);

    private void Lock(TableObject table) => context.Transaction.LockTable(table.Oid, TableLockMode.AccessExclusive, LockWaitPolicy.Wait);

    private void RemoveObject(CatalogObject victim)
    {
        if (context.Catalog.Find<CatalogObject>(victim.Oid) is null) return;
        if (victim is IndexObject index && context.Catalog.Find<TableObject>(index.Table) is { } table) Lock(table);
        if (victim is TableObject { RelationKind: Core.Catalog.RelationKind.Table or Core.Catalog.RelationKind.MaterializedView } dropped) Lock(dropped);
        if (context.Catalog.Find<CatalogObject>(victim.Oid) is not null) context.Transaction.Drop(victim.Oid);
    }
}
