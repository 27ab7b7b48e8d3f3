using VecSql.Core.Catalog;
using VecSql.Core.Types;

namespace VecSql.Executor.Ddl;

/// <summary>What depends on something, read from the catalog itself: parts of it (which go silently with it) and others (which need CASCADE).</summary>
internal sealed class Dependencies(DdlContext context)
{
    private readonly CatalogSnapshot _catalog = context.Catalog;
    private readonly StoredQueries _queries = new(context);
    private readonly StoredExpressions _expressions = new(context);

    public IEnumerable<(DropTarget Dependent, bool IsPart)> Of(DropTarget target) => target switch
    {
        ObjectTarget { Object: TableObject table } => OfTable(table),
        ObjectTarget { Object: SequenceObject sequence } => OfSequence(sequence),
        ObjectTarget { Object: SchemaObject schema } => _catalog.Objects.Where(o => o.SchemaOid == schema.Oid).OrderBy(o => o.Oid).Select(o => ((DropTarget)new ObjectTarget(o), IsPart(o))),
        ObjectTarget { Object: TypeObject type } => OfType(type),
        ObjectTarget { Object: ExtensionObject extension } => OfExtension(extension),
        ObjectTarget { Object: FunctionObject function } => OfFunction(function),
        ObjectTarget { Object: IndexObject index } => OfIndex(index),
        ColumnTarget column => OfColumn(column),
        ConstraintTarget constraint => OfConstraint(constraint),
        _ => [],
    };

    /// <summary>True for what exists only as a part of another object: indexes, row types, array types, sequences of columns.</summary>
    private bool IsPart(CatalogObject candidate) => candidate switch
    {
        IndexObject => true,
        SequenceObject sequence => sequence.OwnerTable != 0,
        TypeObject { Kind: 'b' } => true,
        TypeObject { Kind: 'c' } type => _catalog.Find<TableObject>(type.RelationOid) is { RelationKind: not RelationKind.CompositeType },
        TableObject { RelationKind: RelationKind.CompositeType } => true,
        _ => false,
    };

    private IEnumerable<TableObject> Tables => _catalog.Relations.OfType<TableObject>().OrderBy(t => t.Oid);

    private IEnumerable<(DropTarget, bool)> OfTable(TableObject table)
    {
        foreach (IndexObject index in _catalog.IndexesOf(table.Oid)) yield return (new ObjectTarget(index), true);
        foreach (SequenceObject sequence in _catalog.Relations.OfType<SequenceObject>().Where(s => s.OwnerTable == table.Oid)) yield return (new ObjectTarget(sequence), true);
        if (_catalog.Find<TypeObject>(table.RowTypeOid) is { } row) yield return (new ObjectTarget(row), true);
        if (_catalog.Find<TypeObject>(table.RowArrayTypeOid) is { } array) yield return (new ObjectTarget(array), true);
        foreach (TableObject other in Tables)
        {
            if (other.DependsOn.Contains(table.Oid)) yield return (new ObjectTarget(other), false);
            if (other.Oid == table.Oid) continue;
            foreach (ConstraintObject constraint in other.Constraints.Where(c => c.ReferencedTable == table.Oid)) yield return (new ConstraintTarget(other, constraint), false);
        }
    }

    private IEnumerable<(DropTarget, bool)> OfSequence(SequenceObject sequence)
    {
        foreach (TableObject table in Tables)
        {
            foreach (ColumnObject column in table.LiveColumns)
                if (column.Default is { } text && _expressions.NamesRelation(text, sequence)) yield return (new DefaultTarget(table, column), false);
            if (table.DependsOn.Contains(sequence.Oid)) yield return (new ObjectTarget(table), false);
        }
    }

    private IEnumerable<(DropTarget, bool)> OfType(TypeObject type)
    {
        if (_catalog.Find<TypeObject>(type.ArrayTypeOid) is { } array) yield return (new ObjectTarget(array), true);
        TableObject? own = type.Kind == 'c' ? _catalog.Find<TableObject>(type.RelationOid) : null;
        if (own is { RelationKind: RelationKind.CompositeType }) yield return (new ObjectTarget(own), true);
        foreach (TypeObject other in _catalog.Objects.OfType<TypeObject>().Where(t => t.Kind == 'd' && t.BaseType.Oid == type.Oid)) yield return (new ObjectTarget(other), false);
        foreach ((DropTarget, bool) user in UsersOf([type.Oid], type.Oid)) yield return user;
    }

    private IEnumerable<(DropTarget, bool)> OfExtension(ExtensionObject extension) =>
        UsersOf([.. Builtins.Types.Where(t => t.Extension == extension.Name).SelectMany(t => new[] { t.Oid, t.Array })], 0);

    /// <summary>Columns of these types, and views and functions that name them.</summary>
    private IEnumerable<(DropTarget, bool)> UsersOf(HashSet<uint> types, uint named)
    {
        foreach (TableObject table in Tables)
        {
            if (named != 0 && table.DependsOn.Contains(named)) yield return (new ObjectTarget(table), false);
            else if (table.RelationKind is RelationKind.View or RelationKind.MaterializedView)
            {
                if (table.LiveColumns.Any(c => types.Contains(c.Type.Oid))) yield return (new ObjectTarget(table), false);
            }
            else
            {
                foreach (ColumnObject column in table.LiveColumns.Reverse())
                    if (types.Contains(column.Type.Oid)) yield return (new ColumnTarget(table, column), false);
            }
        }
        foreach (FunctionObject function in _catalog.Objects.OfType<FunctionObject>())
            if (types.Contains(function.ReturnType.Oid) || function.ArgumentTypes.Any(types.Contains)) yield return (new ObjectTarget(function), false);
    }

    private IEnumerable<(DropTarget, bool)> OfFunction(FunctionObject function)
    {
        foreach (TableObject table in Tables)
        {
            if (table.DependsOn.Contains(function.Oid)) yield return (new ObjectTarget(table), false);
            foreach (ColumnObject column in table.LiveColumns)
                if (column.Default is { } text && StoredExpressions.NamesFunction(text, function.Name)) yield return (new DefaultTarget(table, column), false);
            foreach (ConstraintObject check in table.Constraints)
                if (check.Expression is { } text && StoredExpressions.NamesFunction(text, function.Name)) yield return (new ConstraintTarget(table, check), false);
        }
    }

    private IEnumerable<(DropTarget, bool)> OfColumn(ColumnTarget target)
    {
        (TableObject table, ColumnObject column) = target;
        foreach (TableObject other in Tables)
            foreach (ConstraintObject foreign in other.Constraints.Where(c => c.ReferencedTable == table.Oid && c.ReferencedColumns.Contains(column.Number) && (other.Oid != table.Oid || !c.Columns.Contains(column.Number))))
                yield return (new ConstraintTarget(other, foreign), false);
        foreach (SequenceObject sequence in _catalog.Relations.OfType<SequenceObject>().Where(s => s.OwnerTable == table.Oid && s.OwnerColumn == column.Number))
            yield return (new ObjectTarget(sequence), true);
        foreach (ConstraintObject constraint in table.Constraints)
        {
            bool isPart = constraint.Kind == ConstraintKind.Check ? StoredExpressions.NamesColumn(constraint.Expression!, column.Name)
                : constraint.Columns.Contains(column.Number) || (_catalog.Find<IndexObject>(constraint.IndexOid) is { } key && key.Table == table.Oid && key.Included.Contains(column.Number));
            if (isPart) yield return (new ConstraintTarget(table, constraint), true);
        }
        foreach (IndexObject index in _catalog.IndexesOf(table.Oid).Where(i => UsesColumn(i, column)))
            if (table.Constraints.All(c => c.IndexOid != index.Oid || c.Kind == ConstraintKind.ForeignKey)) yield return (new ObjectTarget(index), true);
        foreach (ColumnObject generated in table.LiveColumns.Where(c => c.IsGenerated && c.Number != column.Number && StoredExpressions.NamesColumn(c.Default!, column.Name)))
            yield return (new ColumnTarget(table, generated), false);
        CatalogSnapshot without = _catalog.With(Without(table, column));
        foreach (TableObject view in Tables.Where(t => t.Definition is not null && t.DependsOn.Contains(table.Oid)))
            if (_queries.ColumnsUsed(view, table.Oid, _catalog) is not { } used || used.Contains(column.Number) || _queries.ColumnsUsed(view, table.Oid, without) is null)
                yield return (new ObjectTarget(view), false);
    }

    public static bool UsesColumn(IndexObject index, ColumnObject column) => index.Keys.Any(k => k.Column == column.Number
        || k.Expression is { } text && StoredExpressions.NamesColumn(text, column.Name)) || index.Included.Contains(column.Number)
        || index.Predicate is { } predicate && StoredExpressions.NamesColumn(predicate, column.Name);

    /// <summary>The table as it is once the column is dropped.</summary>
    public static TableObject Without(TableObject table, ColumnObject column) => table with
    {
        Columns = table.Columns.SetItem(column.Number - 1, column with
        {
            Name = $"........pg.dropped.{column.Number}........", IsDropped = true, Default = null, NotNull = false, Identity = '\0', IsGenerated = false, OwnedSequence = 0, Comment = null,
        }),
    };

    private IEnumerable<(DropTarget, bool)> OfConstraint(ConstraintTarget target)
    {
        if (target.Constraint.Kind is not (ConstraintKind.PrimaryKey or ConstraintKind.Unique)) yield break;
        if (_catalog.Find<IndexObject>(target.Constraint.IndexOid) is { } index) yield return (new ObjectTarget(index), true);
    }

    /// <summary>Foreign keys stand on the index of what they refer to.</summary>
    private IEnumerable<(DropTarget, bool)> OfIndex(IndexObject index)
    {
        foreach (TableObject other in Tables)
            foreach (ConstraintObject foreign in other.Constraints.Where(c => c.Kind == ConstraintKind.ForeignKey && c.IndexOid == index.Oid))
                yield return (new ConstraintTarget(other, foreign), false);
    }
}
