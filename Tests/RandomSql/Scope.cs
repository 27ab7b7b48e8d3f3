namespace VecSql.Tests.RandomSql;

/// <summary>Something that an expression may name.</summary>
/// <param name="Sql">A column, or a grouping expression as it was written.</param>
/// <param name="Plain">A column's bare reference, which subqueries may name as well.</param>
internal sealed record Reference(string Sql, Kind Kind, bool Plain = true);

/// <summary>What expressions of one clause may use.</summary>
internal sealed class Scope
{
    public List<Reference> References { get; init; } = [];
    public Scope? Outer { get; init; }

    /// <summary>Where the arguments of aggregates live; null where aggregates aren't allowed.</summary>
    public Scope? AggregateArguments { get; init; }

    public bool Windows { get; init; }

    public Scope WithoutWindows() => new() { References = References, Outer = Outer, AggregateArguments = AggregateArguments };

    /// <summary>The scope of a subquery's own clauses sees this one's bare columns.</summary>
    public Scope AsOuter() => new() { References = References.Where(r => r.Plain).ToList(), Outer = Outer };

    /// <summary>All references of a type, the nearer ones first and more often.</summary>
    public List<string> Candidates(Kind kind)
    {
        List<string> found = [];
        for (Scope? scope = this; scope is not null; scope = scope.Outer)
        {
            List<string> here = scope.References.Where(r => r.Kind == kind).Select(r => r.Sql).ToList();
            found.AddRange(here);
            if (scope == this) found.AddRange(here);
        }
        return found;
    }

    /// <summary>Types that have columns here.</summary>
    public List<Kind> Kinds => References.Select(r => r.Kind).ToList();
}
