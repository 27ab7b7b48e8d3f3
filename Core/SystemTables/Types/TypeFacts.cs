using VecSql.Core.Catalog;
using VecSql.Core.Types;

namespace VecSql.Core.SystemTables;

/// <summary>How values of a type are said to be stored: what pg_type and pg_attribute both show.</summary>
internal readonly record struct TypeFacts(short Length, bool ByValue, char Alignment, char Storage, uint Collation)
{
    private static readonly TypeFacts Variable = new(-1, false, 'i', 'x', 0);

    public static TypeFacts Of(uint type, CatalogSnapshot catalog)
    {
        if (Builtins.FindType(type) is { } known) return new TypeFacts(known.Length, known.ByValue, known.Alignment, known.Storage, known.Collation);
        return catalog.Find<TypeObject>(type) switch
        {
            { Kind: 'e' } => new TypeFacts(4, true, 'i', 'p', 0),
            { Kind: 'd' } domain => Of(domain.BaseType.Oid, catalog),
            { Kind: 'c' } => Variable with { Alignment = 'd' },
            { Kind: 'b' } array => Variable with { Alignment = Of(array.ElementTypeOid, catalog).Alignment == 'd' ? 'd' : 'i', Collation = Of(array.ElementTypeOid, catalog).Collation },
            _ => type == 0 ? default(TypeFacts) with { Alignment = 'i', Storage = 'p' } : Variable,
        };
    }
}
