using VecSql.Core.Catalog;
using VecSql.Core.SystemTables;

namespace VecSql.Core.Functions;

/// <summary>obj_description and its kin.</summary>
internal static class CommentFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Strict("obj_description(oid,name)", static (in a, r, c) => Answers.Text(r, PgDescription.Find(a.Get<uint>(0), ClassOf(Answers.String(a, 1)), 0, c.Catalog)));
        library.Strict("obj_description(oid)", static (in a, r, c) => Answers.Text(r, PgDescription.Find(a.Get<uint>(0), null, 0, c.Catalog)));
        library.Strict("col_description(oid,int4)", static (in a, r, c) => Answers.Text(r, PgDescription.Find(a.Get<uint>(0), WellKnownOid.PgClass, a.Get<int>(1), c.Catalog)));
        library.Strict("shobj_description(oid,name)", static (in a, r, c) =>
            Answers.Text(r, c.Catalog.Shared.Find<CatalogObject>(a.Get<uint>(0)) is { Comment: { } text } found && found.ClassOid == ClassOf(Answers.String(a, 1)) ? text : null));
    }

    /// <summary>A catalog's number by its name; one that there isn't has no comments.</summary>
    private static uint ClassOf(string name) => SystemRelations.Find(WellKnownOid.PgCatalogSchema, name)?.Oid ?? 0;
}
