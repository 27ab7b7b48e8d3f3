using VecSql.Core.Catalog;

namespace VecSql.Executor.Ddl;

/// <summary>Something that can be dropped: an object, or a part of a table.</summary>
internal abstract record DropTarget
{
    /// <summary>Equal for the same thing, whatever version of it.</summary>
    public abstract (char Kind, uint Object, uint Part) Key { get; }
}

internal sealed record ObjectTarget(CatalogObject Object) : DropTarget
{
    public override (char, uint, uint) Key => ('o', Object.Oid, 0);
}

internal sealed record ColumnTarget(TableObject Table, ColumnObject Column) : DropTarget
{
    public override (char, uint, uint) Key => ('c', Table.Oid, (uint)Column.Number);
}

internal sealed record DefaultTarget(TableObject Table, ColumnObject Column) : DropTarget
{
    public override (char, uint, uint) Key => ('d', Table.Oid, (uint)Column.Number);
}

internal sealed record ConstraintTarget(TableObject Table, ConstraintObject Constraint) : DropTarget
{
    public override (char, uint, uint) Key => ('k', Constraint.Oid, 0);
}

/// <summary>Things as messages name them: "table a", "column b of table s.a"; a schema is said where the search path doesn't lead there.</summary>
internal sealed class ObjectText(DdlContext context)
{
    public string Of(DropTarget target) => target switch
    {
        ObjectTarget o => Of(o.Object),
        ColumnTarget c => $"column {c.Column.Name} of {Of(c.Table)}",
        DefaultTarget d => $"default value for column {d.Column.Name} of {Of(d.Table)}",
        ConstraintTarget k => $"constraint {k.Constraint.Name} on {Of(k.Table)}",
        _ => "",
    };

    public string Of(CatalogObject target) => Noun(target) + " " + Name(target);

    public static string Noun(CatalogObject target) => target switch
    {
        TableObject table => Noun(table.RelationKind),
        IndexObject => "index",
        SequenceObject => "sequence",
        SchemaObject => "schema",
        TypeObject => "type",
        ExtensionObject => "extension",
        FunctionObject => "function",
        RoleObject => "role",
        DatabaseObject => "database",
        _ => "object",
    };

    public static string Noun(RelationKind kind) => kind switch
    {
        RelationKind.View => "view",
        RelationKind.MaterializedView => "materialized view",
        RelationKind.CompositeType => "composite type",
        RelationKind.Index => "index",
        RelationKind.Sequence => "sequence",
        _ => "table",
    };

    private string Name(CatalogObject target)
    {
        string name = SqlIdentifier.Quote(target.Name);
        if (target is TypeObject) return Core.Types.TypeNames.Display(new Core.Types.SqlType(target.Oid), context.Catalog, context.Planning().SearchPath);
        if (target is FunctionObject function) name += "(" + string.Join(',', function.ArgumentTypes.Select(t => Core.Types.TypeNames.Display(new Core.Types.SqlType(t), context.Catalog))) + ")";
        if (target is ExtensionObject || target.SchemaOid == 0 || context.Catalog.Find<SchemaObject>(target.SchemaOid) is not { } schema) return name;
        return context.Planning().SearchPath.Contains(target.SchemaOid) ? name : SqlIdentifier.Quote(schema.Name) + "." + name;
    }
}
