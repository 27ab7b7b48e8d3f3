using System.Collections.Immutable;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Parser.Ast;

namespace VecSql.Executor.Ddl;

/// <summary>Storage parameters of indexes: which exist for a method, and their ranges.</summary>
internal static class IndexOptions
{
    private sealed record Known(string Method, string Name, int Low, int High);

    private static readonly Known[] Numbers =
    [
        new("btree", "fillfactor", 10, 100), new("hash", "fillfactor", 10, 100),
        new("hnsw", "m", 2, 100), new("hnsw", "ef_construction", 4, 1000), new("ivfflat", "lists", 1, 32768),
    ];

    private static readonly (string Method, string Name)[] Booleans = [("btree", "deduplicate_items")];

    /// <summary>Read by storage, which knows their values.</summary>
    private static readonly (string Method, string Name)[] Words = [("hnsw", "quantization")];

    public static ImmutableSortedDictionary<string, string> Read(IReadOnlyList<Option> options, string method)
    {
        ImmutableSortedDictionary<string, string>.Builder result = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (Option option in options)
        {
            string text = option.Value?.Text ?? "true";
            if (Numbers.FirstOrDefault(n => n.Method == method && n.Name == option.Name) is { } number) CheckNumber(number, text);
            else if (Booleans.Contains((method, option.Name)))
            {
                if (text is not ("true" or "false" or "on" or "off" or "yes" or "no" or "1" or "0"))
                    throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for boolean option \"{option.Name}\": {text}");
            }
            else if (!Words.Contains((method, option.Name))) throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized parameter \"{option.Name}\"");
            if (!result.TryAdd(option.Name, text)) throw new SqlException(SqlState.InvalidParameterValue, $"parameter \"{option.Name}\" specified more than once");
        }
        // pgvector's own limit: the candidate list must be able to fill a node.
        if (method == "hnsw" && Value("ef_construction", 64) < 2 * Value("m", 16))
            throw new SqlException(SqlState.InvalidParameterValue, "ef_construction must be greater than or equal to 2 * m");
        return result.ToImmutable();

        int Value(string name, int @default) => result.TryGetValue(name, out string? text) && StorageParameters.TryReadInteger(text, out int number) ? number : @default;
    }

    private static void CheckNumber(Known number, string text)
    {
        if (!StorageParameters.TryReadInteger(text, out int value))
            throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for integer option \"{number.Name}\": {text}");
        if (value < number.Low || value > number.High)
        {
            throw new SqlException(SqlState.InvalidParameterValue, $"value {text} out of bounds for option \"{number.Name}\"",
                detail: $"Valid values are between \"{number.Low}\" and \"{number.High}\".");
        }
    }
}
