using VecSql.Core.Catalog;
using VecSql.Core.Types;

namespace VecSql.Planner.Binding;

/// <summary>Where a conversion is asked for; each allows what the ones before it allow.</summary>
internal enum CoercionContext { Implicit, Assignment, Explicit }

internal enum CoercionPath { None, Relabel, Function, ThroughText, Array }

/// <summary>Which conversions there are between types: PostgreSQL's rules over pg_cast. Knows nothing of expressions.</summary>
internal sealed class CoercionRules(TypeCatalog types, CatalogSnapshot catalog)
{
    public const uint AnyMultirange = 4537, AnyCompatibleRange = 5080, AnyCompatibleMultirange = 4538;

    public static bool IsPolymorphic(uint type) => type is TypeOid.AnyElement or TypeOid.AnyArray or TypeOid.AnyNonArray or TypeOid.AnyEnum or TypeOid.AnyRange or AnyMultirange
        || IsCompatibleFamily(type);

    public static bool IsCompatibleFamily(uint type) => type is TypeOid.AnyCompatible or TypeOid.AnyCompatibleArray or TypeOid.AnyCompatibleNonArray or AnyCompatibleRange or AnyCompatibleMultirange;

    /// <summary>The cast's row, unless it belongs to an extension that isn't installed.</summary>
    public BuiltinCast? FindCast(uint source, uint target) =>
        Builtins.FindCast(source, target) is { } cast && (cast.Extension is null || catalog.FindExtension(cast.Extension) is not null) ? cast : null;

    /// <summary>How a value of one type becomes another's.</summary>
    public CoercionPath FindPath(uint target, uint source, CoercionContext context, out uint function)
    {
        function = 0;
        target = types.BaseOf(target);
        source = types.BaseOf(source);
        if (source == target) return CoercionPath.Relabel;
        if (FindCast(source, target) is { } cast)
        {
            CoercionContext needed = cast.Context switch { 'i' => CoercionContext.Implicit, 'a' => CoercionContext.Assignment, _ => CoercionContext.Explicit };
            if (context < needed) return CoercionPath.None;
            function = cast.Function;
            return cast.Method switch { 'f' => CoercionPath.Function, 'i' => CoercionPath.ThroughText, _ => CoercionPath.Relabel };
        }
        if (target is not (TypeOid.OidVector or TypeOid.Int2Vector) && types.Find(target)?.Element is { } targetElement and not 0 && types.ElementOf(source) is var sourceElement and not 0)
        {
            CoercionPath element = FindPath(targetElement, sourceElement, context, out function);
            if (element == CoercionPath.None) return CoercionPath.None;
            return CoercionPath.Array;
        }
        if (context >= CoercionContext.Assignment && types.CategoryOf(target) == 'S') return CoercionPath.ThroughText;
        if (context >= CoercionContext.Explicit && types.CategoryOf(source) == 'S') return CoercionPath.ThroughText;
        return CoercionPath.None;
    }

    public bool CanCoerce(uint input, uint target, CoercionContext context) => CanCoerce([input], [target], context);

    public bool CanCoerce(ReadOnlySpan<uint> inputs, ReadOnlySpan<uint> targets, CoercionContext context)
    {
        bool haveGenerics = false;
        for (int i = 0; i < inputs.Length; i++)
        {
            uint input = inputs[i], target = targets[i];
            if (input == target || target == TypeOid.Any) continue;
            if (IsPolymorphic(target))
            {
                haveGenerics = true;
                continue;
            }
            if (input == TypeOid.Unknown) continue;
            if (FindPath(target, input, context, out _) != CoercionPath.None) continue;
            if (input == TypeOid.Record && types.RelationOf(target) is not null) continue;
            if (target == TypeOid.Record && types.RelationOf(input) is not null) continue;
            if (target == TypeOid.RecordArray && types.RelationOf(types.ElementOf(input)) is not null) continue;
            return false;
        }
        return !haveGenerics || new PolymorphicTypes(types, this).Resolve(inputs, targets.ToArray(), 0, -1, throws: false, out _);
    }

    /// <summary>True if values can be passed as they are.</summary>
    public bool IsBinaryCoercible(uint source, uint target)
    {
        if (source == target || target is TypeOid.Any or TypeOid.AnyElement or TypeOid.AnyCompatible) return true;
        source = types.BaseOf(source);
        if (source == target) return true;
        if (target is TypeOid.AnyArray or TypeOid.AnyCompatibleArray) return types.IsArray(source);
        if (target is TypeOid.AnyNonArray or TypeOid.AnyCompatibleNonArray) return !types.IsArray(source);
        if (target == TypeOid.AnyEnum) return types.Find(source)?.Kind == 'e';
        if (target == TypeOid.Record) return types.RelationOf(source) is not null;
        return FindCast(source, target) is { Method: 'b', Context: 'i' };
    }

    /// <summary>The function that applies a modifier to a value of the type (varchar(n), numeric(p,s)); 0 if it has none.</summary>
    public uint FindLengthCoercion(uint type) => FindCast(type, type)?.Function ?? 0;

    /// <summary>The type that CASE, UNION and the like give to operands of these types; 0 if they don't match (then the culprit's place is given).</summary>
    public uint CommonType(ReadOnlySpan<uint> inputs, out int culprit, out uint chosenBefore)
    {
        culprit = -1;
        uint first = inputs[0];
        chosenBefore = first;
        bool allSame = first != TypeOid.Unknown;
        foreach (uint input in inputs) allSame &= input == first;
        if (allSame) return first;
        uint chosen = types.BaseOf(first);
        for (int i = 1; i < inputs.Length; i++)
        {
            uint next = types.BaseOf(inputs[i]);
            if (next == TypeOid.Unknown || next == chosen) continue;
            if (chosen == TypeOid.Unknown)
            {
                chosen = next;
                continue;
            }
            if (types.CategoryOf(next) != types.CategoryOf(chosen))
            {
                culprit = i;
                chosenBefore = chosen;
                return 0;
            }
            if (!types.IsPreferred(chosen) && CanCoerce(chosen, next, CoercionContext.Implicit) && !CanCoerce(next, chosen, CoercionContext.Implicit)) chosen = next;
        }
        return chosen == TypeOid.Unknown ? TypeOid.Text : chosen;
    }
}
