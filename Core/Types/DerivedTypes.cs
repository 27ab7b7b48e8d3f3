using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using VecSql.Core.Catalog;

namespace VecSql.Core.Types;

/// <summary>
/// Handlers of types that are made from others: arrays of built-in types for good, users' types (arrays, enums, domains, composites) for one version of the catalog.
/// </summary>
internal static class DerivedTypes
{
    private static readonly ConcurrentDictionary<uint, TypeHandler> BuiltinArrays = new();
    private static readonly ConditionalWeakTable<CatalogSnapshot, UserTypes> OfCatalogs = [];

    private static readonly RecordType AnyRecord = new(null, null);

    public static TypeHandler? Find(uint typeOid, CatalogSnapshot? catalog)
    {
        // Fields of a record may be of users' types, so the handler knows the catalog.
        if (typeOid is TypeOid.Record or TypeOid.RecordArray && catalog is not null) return Of(catalog).Find(typeOid);
        if (typeOid == TypeOid.Record) return AnyRecord;
        if (Builtins.FindType(typeOid) is { } known)
        {
            if (BuiltinArrays.TryGetValue(typeOid, out TypeHandler? array)) return array;
            if (known is not { Subscript: TypeNames.ArraySubscriptHandler, Storage: not 'p' } || TypeHandlers.Find(known.Element) is not { } element) return null;
            return BuiltinArrays.GetOrAdd(typeOid, new ArrayType(known.Element, element, known.Delimiter));
        }
        return catalog is null ? null : Of(catalog).Find(typeOid);
    }

    /// <summary>The table, view or composite type whose row type has this number.</summary>
    public static TableObject? FindRowType(uint typeOid, CatalogSnapshot catalog) => Of(catalog).RowTypes.GetValueOrDefault(typeOid);

    /// <summary>The row type whose array has this number.</summary>
    public static uint? RowTypeOfArray(uint arrayType, CatalogSnapshot catalog) => Of(catalog).RowArrays.TryGetValue(arrayType, out uint row) ? row : null;

    private static UserTypes Of(CatalogSnapshot catalog) => OfCatalogs.GetValue(catalog, static c => new UserTypes(c));

    /// <summary>The users' types of one version of a catalog.</summary>
    private sealed class UserTypes
    {
        private readonly ConcurrentDictionary<uint, TypeHandler?> _handlers = new();
        private readonly CatalogSnapshot _catalog;

        public UserTypes(CatalogSnapshot catalog)
        {
            _catalog = catalog;
            foreach (RelationObject relation in catalog.Relations)
            {
                if (relation is not TableObject table) continue;
                if (table.RowTypeOid != 0) RowTypes[table.RowTypeOid] = table;
                if (table.RowArrayTypeOid != 0) RowArrays[table.RowArrayTypeOid] = table.RowTypeOid;
            }
        }

        public Dictionary<uint, TableObject> RowTypes { get; } = [];
        public Dictionary<uint, uint> RowArrays { get; } = [];

        public TypeHandler? Find(uint typeOid) => _handlers.TryGetValue(typeOid, out TypeHandler? known) ? known : _handlers[typeOid] = Make(typeOid);

        private TypeHandler? Make(uint typeOid)
        {
            if (typeOid == TypeOid.Record) return new RecordType(null, _catalog);
            if (typeOid == TypeOid.RecordArray) return new ArrayType(TypeOid.Record, new RecordType(null, _catalog), ',');
            if (_catalog.Find<TypeObject>(typeOid) is { } type)
            {
                switch (type.Kind)
                {
                    case 'e': return new EnumType(type);
                    case 'd' when TypeHandlers.Find(type.BaseType.Oid, _catalog) is { } inner: return new DomainType(inner, type.BaseType);
                    case 'c' when _catalog.Find<TableObject>(type.RelationOid) is { } relation: return new RecordType(relation, _catalog);
                    case 'b' when type.ElementTypeOid != 0 && TypeHandlers.Find(type.ElementTypeOid, _catalog) is { } element:
                        return new ArrayType(type.ElementTypeOid, element, ',');
                }
            }
            if (RowTypes.TryGetValue(typeOid, out TableObject? table)) return new RecordType(table, _catalog);
            if (RowArrays.TryGetValue(typeOid, out uint row) && TypeHandlers.Find(row, _catalog) is { } rowHandler) return new ArrayType(row, rowHandler, ',');
            return null;
        }
    }
}
