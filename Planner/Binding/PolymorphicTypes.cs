using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Planner.Binding;

/// <summary>
/// Binds anyelement, anyarray, anycompatible and their kin in a signature to the types of a call. Two families: the first wants equal types, "anycompatible" a common one.
/// </summary>
internal sealed class PolymorphicTypes(TypeCatalog types, CoercionRules rules)
{
    private uint _element, _array, _range, _multirange;
    private uint _common, _commonArray, _commonRange;
    private bool _haveNonArray, _haveEnum, _haveSimple, _haveCommon, _haveCommonNonArray, _allUnknown = true;

    /// <summary>Replaces polymorphic types in <paramref name="declared"/> and gives the result type.</summary>
    /// <returns>False if the call doesn't fit (only if it may not throw).</returns>
    public bool Resolve(ReadOnlySpan<uint> actual, uint[] declared, uint declaredResult, int position, bool throws, out uint result)
    {
        result = declaredResult;
        List<uint> compatible = [];
        string? problem = Collect(actual, declared, compatible, out string? detail) ?? Check(ref detail);
        problem ??= ResolveCommon(compatible, ref detail);
        if (problem is not null) return throws ? throw new SqlException(SqlState.DatatypeMismatch, problem, position, detail) : false;
        if (_haveSimple && _element == 0 && !(_array == TypeOid.AnyArray))
        {
            // All polymorphic arguments are untyped literals.
            if (!throws) return true;
            throw new SqlException(SqlState.DatatypeMismatch, "could not determine polymorphic type because input has type unknown", position);
        }
        if (!throws) return true;
        for (int i = 0; i < declared.Length && i < actual.Length; i++) declared[i] = Bind(declared[i], actual[i], position);
        result = Bind(declaredResult, 0, position);
        return true;
    }

    private string? Collect(ReadOnlySpan<uint> actual, uint[] declared, List<uint> compatible, out string? detail)
    {
        detail = null;
        for (int i = 0; i < actual.Length && i < declared.Length; i++)
        {
            uint type = actual[i];
            switch (declared[i])
            {
                case TypeOid.AnyElement or TypeOid.AnyNonArray or TypeOid.AnyEnum:
                    _haveSimple = true;
                    _haveNonArray |= declared[i] == TypeOid.AnyNonArray;
                    _haveEnum |= declared[i] == TypeOid.AnyEnum;
                    if (type == TypeOid.Unknown) break;
                    if (_element != 0 && type != _element) return Unlike("anyelement", _element, type, out detail);
                    _element = type;
                    break;
                case TypeOid.AnyArray:
                    _haveSimple = true;
                    if (type == TypeOid.Unknown) break;
                    type = types.BaseOf(type);
                    if (_array != 0 && type != _array) return Unlike("anyarray", _array, type, out detail);
                    _array = type;
                    break;
                case TypeOid.AnyRange:
                    _haveSimple = true;
                    if (type == TypeOid.Unknown) break;
                    type = types.BaseOf(type);
                    if (_range != 0 && type != _range) return Unlike("anyrange", _range, type, out detail);
                    _range = type;
                    break;
                case CoercionRules.AnyMultirange:
                    _haveSimple = true;
                    if (type == TypeOid.Unknown) break;
                    type = types.BaseOf(type);
                    if (_multirange != 0 && type != _multirange) return Unlike("anymultirange", _multirange, type, out detail);
                    _multirange = type;
                    break;
                case TypeOid.AnyCompatible or TypeOid.AnyCompatibleNonArray:
                    _haveCommon = true;
                    _haveCommonNonArray |= declared[i] == TypeOid.AnyCompatibleNonArray;
                    compatible.Add(type);
                    break;
                case TypeOid.AnyCompatibleArray:
                    _haveCommon = true;
                    if (type == TypeOid.Unknown)
                    {
                        compatible.Add(type);
                        break;
                    }
                    type = types.BaseOf(type);
                    if (types.ElementOf(type) == 0) return $"argument declared anycompatiblearray is not an array but type {types.Format(type)}";
                    _commonArray = type;
                    compatible.Add(types.ElementOf(type));
                    break;
                case CoercionRules.AnyCompatibleRange:
                    _haveCommon = true;
                    if (type == TypeOid.Unknown) break;
                    type = types.BaseOf(type);
                    if (_commonRange != 0 && type != _commonRange) return Unlike("anycompatiblerange", _commonRange, type, out detail);
                    if (RangeTypes.SubtypeOf(type) == 0) return $"argument declared anycompatiblerange is not a range type but type {types.Format(type)}";
                    _commonRange = type;
                    compatible.Add(RangeTypes.SubtypeOf(type));
                    break;
            }
        }
        return null;
    }

    private string? Check(ref string? detail)
    {
        if (_array is not 0 and not TypeOid.AnyArray)
        {
            uint element = types.ElementOf(_array);
            if (element == 0) return $"argument declared anyarray is not an array but type {types.Format(_array)}";
            if (_element == 0) _element = element;
            else if (_element != element) return Inconsistent("anyarray", "anyelement", _array, _element, ref detail);
        }
        if (_multirange != 0)
        {
            uint range = RangeTypes.RangeOf(_multirange);
            if (range == 0) return $"argument declared anymultirange is not a multirange type but type {types.Format(_multirange)}";
            if (_range == 0) _range = range;
            else if (_range != range) return Inconsistent("anymultirange", "anyrange", _multirange, _range, ref detail);
        }
        if (_range != 0)
        {
            uint subtype = RangeTypes.SubtypeOf(_range);
            if (subtype == 0) return $"argument declared anyrange is not a range type but type {types.Format(_range)}";
            if (_element == 0) _element = subtype;
            else if (_element != subtype) return Inconsistent("anyrange", "anyelement", _range, _element, ref detail);
        }
        if (_element == 0) return null;
        if (_haveNonArray && types.IsArray(_element)) return $"type matched to anynonarray is an array type: {types.Format(_element)}";
        if (_haveEnum && types.Find(_element)?.Kind != 'e') return $"type matched to anyenum is not an enum type: {types.Format(_element)}";
        return null;
    }

    private string? ResolveCommon(List<uint> compatible, ref string? detail)
    {
        if (!_haveCommon) return null;
        _allUnknown = compatible.All(t => t == TypeOid.Unknown);
        if (_commonRange != 0) _common = RangeTypes.SubtypeOf(_commonRange);
        else _common = _allUnknown ? TypeOid.Text : rules.CommonType(compatible.ToArray(), out int culprit, out uint before) is var common and not 0 ? common : NoCommon(compatible[culprit], before, out detail);
        if (_common == 0) return "arguments of anycompatible family cannot be cast to a common type";
        foreach (uint type in compatible)
            if (type != TypeOid.Unknown && !rules.CanCoerce(type, _common, CoercionContext.Implicit)) return "arguments of anycompatible family cannot be cast to a common type";
        if (_haveCommonNonArray && types.IsArray(_common)) return $"type matched to anycompatiblenonarray is an array type: {types.Format(_common)}";
        if (_commonArray != 0 && types.ArrayOf(_common) == 0) return $"could not find array type for data type {types.Format(_common)}";
        return null;
    }

    private uint NoCommon(uint type, uint before, out string detail)
    {
        detail = $"{types.Format(before)} versus {types.Format(type)}";
        return 0;
    }

    private uint Bind(uint declared, uint actual, int position)
    {
        switch (declared)
        {
            case TypeOid.AnyElement or TypeOid.AnyNonArray or TypeOid.AnyEnum: return _element;
            case TypeOid.AnyArray: return _array != 0 ? _array : ArrayOf(_element, position);
            case TypeOid.AnyRange: return _range != 0 ? _range : throw Undetermined("anyrange", position);
            case CoercionRules.AnyMultirange: return _multirange != 0 ? _multirange : RangeTypes.MultirangeOf(_range) is var m and not 0 ? m : throw Undetermined("anymultirange", position);
            case TypeOid.AnyCompatible or TypeOid.AnyCompatibleNonArray: return _common;
            case TypeOid.AnyCompatibleArray: return ArrayOf(_common, position);
            case CoercionRules.AnyCompatibleRange: return _commonRange != 0 ? _commonRange : throw Undetermined("anycompatiblerange", position);
            default: return declared;
        }
    }

    private uint ArrayOf(uint element, int position) => types.ArrayOf(element) is var array and not 0
        ? array
        : throw new SqlException(SqlState.UndefinedObject, $"could not find array type for data type {types.Format(element)}", position);

    private static SqlException Undetermined(string name, int position) =>
        new(SqlState.DatatypeMismatch, $"could not determine polymorphic type {name} because input has type unknown", position);

    private string Unlike(string family, uint first, uint second, out string detail)
    {
        detail = $"{types.Format(first)} versus {types.Format(second)}";
        return $"arguments declared \"{family}\" are not all alike";
    }

    private string Inconsistent(string first, string second, uint firstType, uint secondType, ref string? detail)
    {
        detail = $"{types.Format(firstType)} versus {types.Format(secondType)}";
        return $"argument declared {first} is not consistent with argument declared {second}";
    }
}

/// <summary>PostgreSQL's range types: pg_range's fixed rows.</summary>
internal static class RangeTypes
{
    private static readonly (uint Range, uint Subtype, uint Multirange)[] All =
    [
        (3904, TypeOid.Int4, 4451), (3906, TypeOid.Numeric, 4532), (3908, TypeOid.Timestamp, 4533), (3910, TypeOid.TimestampTz, 4534), (3912, TypeOid.Date, 4535), (3926, TypeOid.Int8, 4536),
    ];

    public static uint SubtypeOf(uint range) => All.FirstOrDefault(r => r.Range == range).Subtype;
    public static uint RangeOf(uint multirange) => All.FirstOrDefault(r => r.Multirange == multirange).Range;
    public static uint MultirangeOf(uint range) => All.FirstOrDefault(r => r.Range == range).Multirange;
}
