using VecSql.Core.Catalog;

namespace VecSql.Core.Types;

public static partial class TypeHandlers
{
    private static Dictionary<uint, TypeHandler> CreateAll() => new()
    {
        [TypeOid.Int4] = new Int4Type(),
    };

    /// <summary>Types that are made from others: arrays, enums, domains, composites.</summary>
    private static TypeHandler? FindDerived(uint typeOid, CatalogSnapshot? catalog)
    {
        _ = typeOid;
        _ = catalog;
        return null;
    }
}
