using VecSql.Core.Catalog;
using VecSql.Core.Types;

namespace VecSql.Planner.Binding;

/// <summary>A signature that a call might mean, with its types laid out for the call's arguments.</summary>
/// <param name="Types">One for each argument in the signature's order: VARIADIC expanded, defaults included.</param>
/// <param name="ArgumentPlaces">For named notation: the call's argument that stands at each place, -1 for a default; null if they stand in order.</param>
internal sealed record FunctionCandidate(BuiltinFunction Function, uint[] Types, bool IsVariadicExpanded, int DefaultsUsed, int[]? ArgumentPlaces, int PathPosition)
{
    /// <summary>Another signature, reached by defaults too, would serve as well.</summary>
    public bool IsAmbiguous { get; init; }

    /// <summary>A function that a user made.</summary>
    public FunctionObject? User { get; init; }

    /// <summary>Types of the given arguments, in the call's order.</summary>
    public uint[] CallTypes(int count)
    {
        if (ArgumentPlaces is null) return Types.Length == count ? Types : Types[..count];
        uint[] result = new uint[count];
        for (int i = 0; i < ArgumentPlaces.Length; i++)
            if (ArgumentPlaces[i] >= 0)
                result[ArgumentPlaces[i]] = Types[i];
        return result;
    }
}

/// <summary>PostgreSQL's choice among overloaded functions and operators (its manual, "Type Conversion": Functions, Operators).</summary>
internal sealed class OverloadResolver(TypeCatalog types, CoercionRules rules)
{
    /// <summary>The candidates that accept the arguments by implicit conversion.</summary>
    public List<T> Match<T>(ReadOnlySpan<uint> inputs, List<T> candidates, Func<T, uint[]> typesOf)
    {
        List<T> matching = [];
        foreach (T candidate in candidates)
            if (rules.CanCoerce(inputs, typesOf(candidate), CoercionContext.Implicit))
                matching.Add(candidate);
        return matching;
    }

    /// <summary>The best of several that all accept the arguments; default if there is no best.</summary>
    public T? Select<T>(ReadOnlySpan<uint> inputs, List<T> candidates, Func<T, uint[]> typesOf) where T : class
    {
        uint[] known = new uint[inputs.Length];
        int unknowns = 0;
        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i] == TypeOid.Unknown) unknowns++;
            known[i] = inputs[i] == TypeOid.Unknown ? TypeOid.Unknown : types.BaseOf(inputs[i]);
        }
        candidates = KeepBest(candidates, c => CountExact(known, typesOf(c)));
        if (candidates.Count == 1) return candidates[0];
        candidates = KeepBest(candidates, c => CountPreferred(known, typesOf(c)));
        if (candidates.Count == 1) return candidates[0];
        if (unknowns == 0) return null;
        if (ByCategory(known, candidates, typesOf) is { } narrowed) candidates = narrowed;
        if (candidates.Count == 1) return candidates[0];
        return unknowns < inputs.Length ? ByKnownType(known, candidates, typesOf) : null;
    }

    private static List<T> KeepBest<T>(List<T> candidates, Func<T, int> score)
    {
        int best = -1;
        List<T> kept = [];
        foreach (T candidate in candidates)
        {
            int matches = score(candidate);
            if (matches < best) continue;
            if (matches > best)
            {
                best = matches;
                kept.Clear();
            }
            kept.Add(candidate);
        }
        return kept;
    }

    private static int CountExact(uint[] inputs, uint[] candidate)
    {
        int matches = 0;
        for (int i = 0; i < inputs.Length; i++)
            if (inputs[i] != TypeOid.Unknown && inputs[i] == candidate[i])
                matches++;
        return matches;
    }

    private int CountPreferred(uint[] inputs, uint[] candidate)
    {
        int matches = 0;
        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i] == TypeOid.Unknown) continue;
            if (inputs[i] == candidate[i] || types.CategoryOf(inputs[i]) == types.CategoryOf(candidate[i]) && types.IsPreferred(candidate[i])) matches++;
        }
        return matches;
    }

    /// <summary>Takes untyped literals for strings where one candidate does, else for the category on which all agree.</summary>
    private List<T>? ByCategory<T>(uint[] inputs, List<T> candidates, Func<T, uint[]> typesOf)
    {
        char[] categories = new char[inputs.Length];
        bool[] hasPreferred = new bool[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i] != TypeOid.Unknown) continue;
            bool conflict = false;
            foreach (T candidate in candidates)
            {
                uint type = typesOf(candidate)[i];
                char category = types.CategoryOf(type);
                bool isPreferred = types.IsPreferred(type);
                if (categories[i] == '\0' || category == 'S' && categories[i] != 'S')
                {
                    categories[i] = category;
                    hasPreferred[i] = isPreferred;
                }
                else if (category == categories[i]) hasPreferred[i] |= isPreferred;
                else if (categories[i] != 'S') conflict = true;
            }
            if (conflict && categories[i] != 'S') return null;
        }
        List<T> kept = [];
        foreach (T candidate in candidates)
        {
            uint[] candidateTypes = typesOf(candidate);
            bool fits = true;
            for (int i = 0; i < inputs.Length && fits; i++)
            {
                if (inputs[i] != TypeOid.Unknown) continue;
                fits = types.CategoryOf(candidateTypes[i]) == categories[i] && (!hasPreferred[i] || types.IsPreferred(candidateTypes[i]));
            }
            if (fits) kept.Add(candidate);
        }
        return kept.Count > 0 ? kept : null;
    }

    /// <summary>If all typed arguments have one type, the untyped ones are tried as that.</summary>
    private T? ByKnownType<T>(uint[] inputs, List<T> candidates, Func<T, uint[]> typesOf) where T : class
    {
        uint type = TypeOid.Unknown;
        foreach (uint input in inputs)
        {
            if (input == TypeOid.Unknown) continue;
            if (type != TypeOid.Unknown && type != input) return null;
            type = input;
        }
        uint[] assumed = new uint[inputs.Length];
        Array.Fill(assumed, type);
        T? only = null;
        foreach (T candidate in candidates)
        {
            if (!rules.CanCoerce(assumed, typesOf(candidate), CoercionContext.Implicit)) continue;
            if (only is not null) return null;
            only = candidate;
        }
        return only;
    }
}
