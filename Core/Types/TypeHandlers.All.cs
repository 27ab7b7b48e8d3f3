using VecSql.Core.Catalog;

namespace VecSql.Core.Types;

public static partial class TypeHandlers
{
    private static Dictionary<uint, TypeHandler> CreateAll() => new()
    {
        [TypeOid.Bool] = new BoolType(),
        [TypeOid.Bytea] = new ByteaType(),
        [TypeOid.Char] = new CharType(),
        [TypeOid.Name] = new NameType(),
        [TypeOid.Int8] = new Int8Type(),
        [TypeOid.Int2] = new Int2Type(),
        [TypeOid.Int4] = new Int4Type(),
        [TypeOid.Text] = new TextType(),
        [TypeOid.Oid] = new OidType(),
        [TypeOid.Xid] = new XidType(),
        [TypeOid.Cid] = new XidType(),
        [TypeOid.Xid8] = new Xid8Type(),
        [TypeOid.Float4] = new Float4Type(),
        [TypeOid.Float8] = new Float8Type(),
        [TypeOid.Unknown] = new TextType(),
        [TypeOid.CString] = new TextType(),
        [TypeOid.Date] = new DateType(),
        [TypeOid.Time] = new TimeType(),
        [TypeOid.Timestamp] = new TimestampType(hasZone: false),
        [TypeOid.TimestampTz] = new TimestampType(hasZone: true),
        [TypeOid.Interval] = new IntervalType(),
        [TypeOid.TimeTz] = new TimeTzType(),
        [TypeOid.Numeric] = new NumericType(),
        [TypeOid.Bpchar] = new BpcharType(),
        [TypeOid.Varchar] = new VarcharType(),
        [TypeOid.Void] = new VoidType(),
        [TypeOid.Uuid] = new UuidType(),
        [TypeOid.Bit] = new BitType(isVarying: false),
        [TypeOid.Varbit] = new BitType(isVarying: true),
        [TypeOid.Int2Vector] = new NumberVectorType(TypeOid.Int2),
        [TypeOid.OidVector] = new NumberVectorType(TypeOid.Oid),
        [TypeOid.Tid] = new TidType(),
        [TypeOid.AclItem] = new AclItemType(),
        [TypeOid.PgNodeTree] = new TextType(),
        [TypeOid.Vector] = new VectorType(),
        [TypeOid.HalfVec] = new HalfVecType(),
        [TypeOid.SparseVec] = new SparseVecType(),
        [TypeOid.Int8Vec] = new Int8VecType(),
        [TypeOid.Json] = new JsonType(),
        [TypeOid.Jsonb] = new JsonbType(),
        [TypeOid.TsVector] = new TextVectorType(),
        [TypeOid.TsQuery] = new TextQueryType(),
        [TypeOid.RegConfig] = new RegType(RegKind.Configuration),
        [TypeOid.RegDictionary] = new RegType(RegKind.Dictionary),
        [TypeOid.RegClass] = new RegType(RegKind.Class),
        [TypeOid.RegType] = new RegType(RegKind.Type),
        [TypeOid.RegProc] = new RegType(RegKind.Procedure),
        [TypeOid.RegProcedure] = new RegType(RegKind.ProcedureWithTypes),
        [TypeOid.RegOper] = new RegType(RegKind.Operator),
        [TypeOid.RegOperator] = new RegType(RegKind.OperatorWithTypes),
        [TypeOid.RegNamespace] = new RegType(RegKind.Namespace),
        [TypeOid.RegRole] = new RegType(RegKind.Role),
        [TypeOid.RegCollation] = new RegType(RegKind.Collation),
    };

    /// <summary>Types that are made from others: arrays, enums, domains, composites.</summary>
    private static TypeHandler? FindDerived(uint typeOid, CatalogSnapshot? catalog) => DerivedTypes.Find(typeOid, catalog);
}
