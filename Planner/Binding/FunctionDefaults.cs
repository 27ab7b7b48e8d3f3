using VecSql.Core.Catalog;

namespace VecSql.Planner.Binding;

/// <summary>Defaults of built-in functions' last arguments, as SQL (pg_proc keeps trees, not text).</summary>
internal static class FunctionDefaults
{
    private static readonly Dictionary<string, string[]> ByName = new()
    {
        ["jsonb_insert"] = ["false"],
        ["jsonb_set"] = ["true"],
        ["jsonb_set_lax"] = ["true", "'use_json_null'"],
        ["jsonb_path_query"] = ["'{}'", "false"],
        ["jsonb_path_query_tz"] = ["'{}'", "false"],
        ["jsonb_path_exists"] = ["'{}'", "false"],
        ["jsonb_path_exists_tz"] = ["'{}'", "false"],
        ["jsonb_path_match"] = ["'{}'", "false"],
        ["jsonb_path_match_tz"] = ["'{}'", "false"],
        ["jsonb_path_query_array"] = ["'{}'", "false"],
        ["jsonb_path_query_array_tz"] = ["'{}'", "false"],
        ["jsonb_path_query_first"] = ["'{}'", "false"],
        ["jsonb_path_query_first_tz"] = ["'{}'", "false"],
        ["is_normalized"] = ["'NFC'"],
        ["normalize"] = ["'NFC'"],
        ["pg_prewarm"] = ["'buffer'", "'main'", "NULL", "NULL"],
        ["parse_ident"] = ["true"],
        ["pg_terminate_backend"] = ["0"],
        ["json_populate_record"] = ["false"],
        ["json_populate_recordset"] = ["false"],
        ["pg_create_logical_replication_slot"] = ["false", "false"],
        ["pg_create_physical_replication_slot"] = ["false", "false"],
        ["pg_logical_slot_get_changes"] = ["'{}'"],
        ["pg_logical_slot_get_binary_changes"] = ["'{}'"],
        ["pg_logical_slot_peek_changes"] = ["'{}'"],
        ["pg_logical_slot_peek_binary_changes"] = ["'{}'"],
        ["pg_backup_start"] = ["false"],
        ["pg_backup_stop"] = ["true"],
        ["quantize_int8"] = ["127"],
        ["measure_recall"] = ["10", "200"],
        ["pg_promote"] = ["true", "60"],
        ["hybrid_search"] = ["10", "NULL", "60", "1", "1", "NULL", "'web'", "NULL", "NULL", "NULL"],
        ["make_interval"] = ["0", "0", "0", "0", "0", "0", "0.0"],
    };

    /// <summary>The default of the argument at a place, or null if it has none that is known.</summary>
    public static string? Find(BuiltinFunction function, int place)
    {
        if (!ByName.TryGetValue(function.Name, out string[]? defaults)) return null;
        int index = place - (function.ArgumentTypes.Length - defaults.Length);
        return index >= 0 && index < defaults.Length ? defaults[index] : null;
    }
}
