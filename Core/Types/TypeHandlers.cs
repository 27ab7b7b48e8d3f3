using System.Collections.Frozen;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>
/// The handler of each built-in type. To add a type: its file, and one line here. Arrays of any type, enums, domains and composites are found by their catalog entry.
/// </summary>
public static partial class TypeHandlers
{
    private static readonly FrozenDictionary<uint, TypeHandler> Handlers = CreateAll().ToFrozenDictionary();

    /// <summary>The handler of the type.</summary>
    /// <exception cref="SqlException">0A000: the type has no handler; 42704: there is no such type.</exception>
    public static TypeHandler Of(uint typeOid, CatalogSnapshot? catalog = null) => Find(typeOid, catalog)
        ?? throw (Builtins.FindType(typeOid) is { } known
            ? SqlException.NotSupported($"type {known.Name}")
            : new SqlException(SqlState.UndefinedObject, $"type with OID {typeOid} does not exist"));

    /// <summary>The handler, or null if there is none.</summary>
    public static TypeHandler? Find(uint typeOid, CatalogSnapshot? catalog = null) => Handlers.TryGetValue(typeOid, out TypeHandler? handler) ? handler : FindDerived(typeOid, catalog);

    public static PhysicalKind KindOf(uint typeOid, CatalogSnapshot? catalog = null) => Of(typeOid, catalog).Kind;
}
