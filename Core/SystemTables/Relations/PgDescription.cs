using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_description: comments on the database's own objects.</summary>
internal sealed class PgDescription() : SystemTable("pg_description")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach ((uint oid, uint classOid, int part, string text) in All(context.Catalog))
        {
            rows.Add(oid).Add(classOid).Add(part).Add(text);
            rows.EndRow();
        }
    }

    /// <summary>The comment on one object (or on a column, by number); null if there is none.</summary>
    public static string? Find(uint oid, uint? classOid, int part, CatalogSnapshot catalog)
    {
        foreach ((uint owner, uint ownerClass, int ownerPart, string text) in All(catalog))
            if (owner == oid && ownerPart == part && (classOid is null || classOid == ownerClass)) return text;
        return null;
    }

    private static IEnumerable<(uint Oid, uint ClassOid, int Part, string Text)> All(CatalogSnapshot catalog)
    {
        foreach ((uint oid, _, string? comment) in SystemRelations.Schemas)
            if (comment is not null) yield return (oid, WellKnownOid.PgNamespace, 0, comment);
        yield return (PgExtension.Own, WellKnownOid.PgExtension, 0, "VecSql's own state");
        foreach (CatalogObject item in catalog.Objects)
        {
            if (item.Comment is { } text) yield return (item.Oid, item.ClassOid, 0, text);
            if (item is ExtensionObject && item.Comment is null && AvailableExtension.Find(item.Name) is { } known) yield return (item.Oid, WellKnownOid.PgExtension, 0, known.Comment);
            if (item is not TableObject table) continue;
            foreach (ColumnObject column in table.Columns)
                if (column is { Comment: { } columnText, IsDropped: false }) yield return (table.Oid, WellKnownOid.PgClass, column.Number, columnText);
            foreach (ConstraintObject constraint in table.Constraints)
                if (constraint.Comment is { } constraintText) yield return (constraint.Oid, WellKnownOid.PgConstraint, 0, constraintText);
        }
    }
}
