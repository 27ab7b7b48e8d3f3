using System.Collections.Immutable;
using VecSql.Core.Errors;
using VecSql.Parser.Ast;

namespace VecSql.Executor.Ddl;

/// <summary>Storage parameters: WITH (…).</summary>
internal static class TableOptions
{
    /// <summary>PostgreSQL's parameters that tune what VecSql does by itself: accepted and kept, so that scripts and pg_dump go on.</summary>
    private static readonly string[] KnownPrefixes = ["autovacuum_", "toast", "log_autovacuum", "vacuum_"];
    private static readonly string[] Known = ["fillfactor", "parallel_workers", "user_catalog_table", "shard_key", "oids"];

    public static ImmutableSortedDictionary<string, string> Read(IReadOnlyList<Option> options)
    {
        ImmutableSortedDictionary<string, string>.Builder result = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (Option option in options)
        {
            bool isKnown = Known.Contains(option.Name) || option.Namespace == "toast" || KnownPrefixes.Any(p => option.Name.StartsWith(p, StringComparison.Ordinal));
            if (!isKnown) throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized parameter \"{option.Name}\"");
            string name = option.Namespace is null ? option.Name : $"{option.Namespace}.{option.Name}";
            if (!result.TryAdd(name, option.Value?.Text ?? "true"))
                throw new SqlException(SqlState.InvalidParameterValue, $"parameter \"{option.Name}\" specified more than once");
        }
        return result.ToImmutable();
    }
}
