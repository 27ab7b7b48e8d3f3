using VecSql.Core.Catalog;
using VecSql.Core.Types;

namespace VecSql.Executor.Ddl;

/// <summary>What depends on an object, read from the catalog itself: parts of it (which go silently with it) and others (which need CASCADE).</summary>
internal sealed class Dependencies(CatalogSnapshot catalog)
{
    public IEnumerable<(CatalogObject Dependent, bool IsPart)> Of(CatalogObject target) => target switch
    {
        TableObject table => OfTable(table),
        SequenceObject sequence => OfSequence(sequence),
        SchemaObject schema => catalog.Objects.Where(o => o.SchemaOid == schema.Oid).Select(o => (o, IsPart(o))),
        TypeObject type => OfType(type),
        ExtensionObject extension => OfExtension(extension),
        _ => [],
    };

    /// <summary>True for what exists only as a part of another object: indexes, row types, array types, sequences of columns.</summary>
    public bool IsPart(CatalogObject candidate) => candidate switch
    {
        IndexObject => true,
        SequenceObject sequence => sequence.OwnerTable != 0,
        TypeObject { Kind: 'b' } => true,
        TypeObject { Kind: 'c' } type => catalog.Find<TableObject>(type.RelationOid) is { RelationKind: not RelationKind.CompositeType },
        TableObject { RelationKind: RelationKind.CompositeType } => true,
        _ => false,
    };

    private IEnumerable<(CatalogObject, bool)> OfTable(TableObject table)
    {
        foreach (IndexObject index in catalog.IndexesOf(table.Oid)) yield return (index, true);
        foreach (SequenceObject sequence in catalog.Relations.OfType<SequenceObject>().Where(s => s.OwnerTable == table.Oid)) yield return (sequence, true);
        if (catalog.Find<TypeObject>(table.RowTypeOid) is { } row) yield return (row, true);
        if (catalog.Find<TypeObject>(table.RowArrayTypeOid) is { } array) yield return (array, true);
        foreach (TableObject view in catalog.Relations.OfType<TableObject>().Where(t => t.DependsOn.Contains(table.Oid))) yield return (view, false);
    }

    private IEnumerable<(CatalogObject, bool)> OfSequence(SequenceObject sequence)
    {
        foreach (TableObject table in catalog.Relations.OfType<TableObject>())
            if (sequence.OwnerTable == table.Oid && table.Columns[sequence.OwnerColumn - 1] is { IsDropped: false } column && column.OwnedSequence == sequence.Oid) yield return (table, false);
    }

    private IEnumerable<(CatalogObject, bool)> OfType(TypeObject type)
    {
        if (catalog.Find<TypeObject>(type.ArrayTypeOid) is { } array) yield return (array, true);
        if (type.Kind == 'c' && catalog.Find<TableObject>(type.RelationOid) is { RelationKind: RelationKind.CompositeType } relation) yield return (relation, true);
        foreach (TableObject table in catalog.Relations.OfType<TableObject>())
            if (table.LiveColumns.Any(c => c.Type.Oid == type.Oid || c.Type.Oid == type.ArrayTypeOid)) yield return (table, false);
    }

    private IEnumerable<(CatalogObject, bool)> OfExtension(ExtensionObject extension)
    {
        HashSet<uint> types = [.. Builtins.Types.Where(t => t.Extension == extension.Name).Select(t => t.Oid)];
        foreach (TableObject table in catalog.Relations.OfType<TableObject>())
            if (table.LiveColumns.Any(c => types.Contains(c.Type.Oid))) yield return (table, false);
    }
}

/// <summary>Objects as messages name them: "table a", "view b".</summary>
internal static class ObjectText
{
    public static string Of(CatalogObject target) => target switch
    {
        TableObject { RelationKind: RelationKind.View } => $"view {target.Name}",
        TableObject { RelationKind: RelationKind.MaterializedView } => $"materialized view {target.Name}",
        TableObject { RelationKind: RelationKind.CompositeType } => $"composite type {target.Name}",
        TableObject => $"table {target.Name}",
        IndexObject => $"index {target.Name}",
        SequenceObject => $"sequence {target.Name}",
        SchemaObject => $"schema {target.Name}",
        TypeObject => $"type {target.Name}",
        ExtensionObject => $"extension {target.Name}",
        _ => target.Name,
    };
}
