using System.Collections.Frozen;
using VecSql.Core.TextSearch;

namespace VecSql.Server.Settings;

/// <summary>Every setting that SET, SHOW and pg_settings know. To add one: one line here.</summary>
public static class SettingDefinitions
{
    public const string ServerVersion = "15.0";

    private const string Client = "Client Connection Defaults / Statement Behavior";
    private const string Locale = "Client Connection Defaults / Locale and Formatting";
    private const string Compatibility = "Version and Platform Compatibility / Previous PostgreSQL Versions";
    private const string Preset = "Preset Options";
    private const string Planner = "Query Tuning / Planner Method Configuration";
    private const string Cost = "Query Tuning / Planner Cost Constants";
    private const string Resources = "Resource Usage / Memory";
    private const string Connections = "Connections and Authentication / Connection Settings";
    private const string Vector = "Customized Options / Vector Search";

    private static readonly string[] Isolations = ["serializable", "repeatable read", "read committed", "read uncommitted"];
    private static readonly string[] Messages = ["debug5", "debug4", "debug3", "debug2", "debug1", "debug", "log", "notice", "warning", "error"];

    public static IReadOnlyList<SettingDefinition> All { get; } =
    [
        Text("application_name", "", "Reporting and Logging / What to Log", "Sets the application name to be reported in statistics and logs.") with { IsReported = true },
        Flag("array_nulls", true, Compatibility, "Enable input of NULL elements in arrays."),
        Choice("backslash_quote", "safe_encoding", ["safe_encoding", "on", "off"], Compatibility, "Sets whether \"\\'\" is allowed in string literals."),
        FixedNumber("block_size", 8192, "Shows the size of a disk block."),
        Choice("bytea_output", "hex", ["escape", "hex"], Client, "Sets the output format for bytea."),
        Flag("check_function_bodies", true, Client, "Check routine bodies during CREATE FUNCTION and CREATE PROCEDURE."),
        Text("client_encoding", "UTF8", Locale, "Sets the client's character set encoding.") with { IsReported = true, Normalize = SettingNormalizers.ClientEncoding },
        Choice("client_min_messages", "notice", Messages, Client, "Sets the message levels that are sent to the client."),
        Choice("constraint_exclusion", "partition", ["partition", "on", "off"], "Query Tuning / Other Planner Options", "Enables the planner to use constraints to optimize queries."),
        Number("cpu_index_tuple_cost", "0.005", Cost, "Sets the planner's estimate of the cost of processing each index entry during an index scan."),
        Number("cpu_operator_cost", "0.0025", Cost, "Sets the planner's estimate of the cost of processing each operator or function call."),
        Number("cpu_tuple_cost", "0.01", Cost, "Sets the planner's estimate of the cost of processing each tuple (row)."),
        Text("DateStyle", "ISO, MDY", Locale, "Sets the display format for date and time values.") with { IsReported = true },
        Whole("deadlock_timeout", 200, 1, int.MaxValue, "Lock Management", "Sets the time to wait on a lock before checking for deadlock.", "ms") with { Context = SettingContext.Superuser },
        Whole("default_statistics_target", 100, 1, 10000, "Query Tuning / Other Planner Options", "Sets the default statistics target."),
        Text("default_table_access_method", "heap", Client, "Sets the default table access method for new tables."),
        Text("default_tablespace", "", Client, "Sets the default tablespace to create tables and indexes in."),
        Text(TextSearchSetting.Name, TextSearchSetting.Default, Locale, "Sets default text search configuration.") with { Normalize = TextSearchSetting.Normalize },
        Choice("default_toast_compression", "pglz", ["pglz", "lz4"], Client, "Sets the default compression method for compressible values."),
        Flag("default_transaction_deferrable", false, Client, "Sets the default deferrable status of new transactions."),
        Choice("default_transaction_isolation", "read committed", Isolations, Client, "Sets the transaction isolation level of each new transaction."),
        Flag("default_transaction_read_only", false, Client, "Sets the default read-only status of new transactions.") with { IsReported = true },
        Whole("effective_cache_size", 524288, 1, int.MaxValue, Cost, "Sets the planner's assumption about the total size of the data caches.", "8kB"),
        .. PlannerSwitches(),
        .. AcceptedSettings.Read(),
        Flag("escape_string_warning", true, Compatibility, "Warn about backslash escapes in ordinary string literals."),
        Whole("extra_float_digits", 1, -15, 3, Locale, "Sets the number of digits displayed for floating-point values."),
        Whole("from_collapse_limit", 8, 1, int.MaxValue, "Query Tuning / Other Planner Options", "Sets the FROM-list size beyond which subqueries are not collapsed."),
        Flag("geqo", true, "Query Tuning / Genetic Query Optimizer", "Enables genetic query optimization."),
        Whole("geqo_threshold", 12, 2, int.MaxValue, "Query Tuning / Genetic Query Optimizer", "Sets the threshold of FROM items beyond which GEQO is used."),
        Whole("gin_fuzzy_search_limit", 0, 0, int.MaxValue, Client, "Sets the maximum allowed result for exact search by GIN."),
        Whole("hnsw.ef_search", 40, 1, 1000, Vector, "Sets the size of the dynamic candidate list for search"),
        Choice("hnsw.iterative_scan", "off", ["off", "relaxed_order", "strict_order"], Vector, "Sets the mode for iterative scans"),
        Whole("hnsw.max_scan_tuples", 20000, 1, int.MaxValue, Vector, "Sets the max number of tuples to visit for iterative scans"),
        Number("hnsw.scan_mem_multiplier", "1", Vector, "Sets the multiple of work_mem to use for iterative scans") with { Minimum = 1, Maximum = 1000 },
        Whole("idle_in_transaction_session_timeout", 0, 0, int.MaxValue, Client, "Sets the maximum allowed idle time between queries, when in a transaction.", "ms"),
        Whole("idle_session_timeout", 0, 0, int.MaxValue, Client, "Sets the maximum allowed idle time between queries, when not in a transaction.", "ms"),
        Internal("in_hot_standby", "off", "Shows whether hot standby is currently active.") with { IsReported = true, Type = SettingType.Bool },
        Internal("integer_datetimes", "on", "Shows whether datetimes are integer based.") with { IsReported = true, Type = SettingType.Bool },
        Choice("IntervalStyle", "postgres", ["postgres", "postgres_verbose", "sql_standard", "iso_8601"], Locale, "Sets the display format for interval values.") with { IsReported = true },
        Internal("is_superuser", "on", "Shows whether the current user is a superuser.") with { IsReported = true, Type = SettingType.Bool },
        Choice("ivfflat.iterative_scan", "off", ["off", "relaxed_order"], Vector, "Sets the mode for iterative scans"),
        Whole("ivfflat.max_probes", 32768, 1, 32768, Vector, "Sets the max number of probes for iterative scans"),
        Whole("ivfflat.probes", 1, 1, 32768, Vector, "Sets the number of probes"),
        Flag("jit", false, Planner, "Allow JIT compilation. Expressions here are always compiled loops; accepted for compatibility."),
        Whole("join_collapse_limit", 8, 1, int.MaxValue, "Query Tuning / Other Planner Options", "Sets the FROM-list size beyond which JOIN constructs are not flattened."),
        Internal("lc_collate", "C.UTF-8", "Shows the collation order locale."),
        Internal("lc_ctype", "C.UTF-8", "Shows the character classification and case conversion locale."),
        Text("lc_messages", "C.UTF-8", Locale, "Sets the language in which messages are displayed.") with { Context = SettingContext.Superuser },
        Text("lc_monetary", "C.UTF-8", Locale, "Sets the locale for formatting monetary amounts."),
        Text("lc_numeric", "C.UTF-8", Locale, "Sets the locale for formatting numbers."),
        Text("lc_time", "C.UTF-8", Locale, "Sets the locale for formatting date and time values."),
        Whole("lock_timeout", 0, 0, int.MaxValue, Client, "Sets the maximum allowed duration of any wait for a lock.", "ms"),
        Whole("maintenance_work_mem", 65536, 1024, int.MaxValue, Resources, "Sets the maximum memory to be used for maintenance operations.", "kB"),
        Whole("max_connections", 1000, 1, 262143, Connections, "Sets the maximum number of concurrent connections.") with { Context = SettingContext.Postmaster },
        FixedNumber("max_function_args", 100, "Shows the maximum number of function arguments."),
        FixedNumber("max_identifier_length", 63, "Shows the maximum identifier length."),
        FixedNumber("max_index_keys", 32, "Shows the maximum number of index keys."),
        Whole("max_parallel_maintenance_workers", 2, 0, 1024, "Resource Usage / Asynchronous Behavior", "Sets the maximum number of parallel processes per maintenance operation."),
        Whole("max_parallel_workers", 8, 0, 1024, "Resource Usage / Asynchronous Behavior", "Sets the maximum number of parallel workers that can be active at one time."),
        Whole("max_parallel_workers_per_gather", 2, 0, 1024, "Resource Usage / Asynchronous Behavior", "Sets the maximum number of parallel processes per executor node."),
        Whole("max_stack_depth", 2048, 100, int.MaxValue, Resources, "Sets the maximum stack depth, in kilobytes.", "kB") with { Context = SettingContext.Superuser },
        Number("parallel_setup_cost", "1000", Cost, "Sets the planner's estimate of the cost of starting up worker processes for parallel query."),
        Number("parallel_tuple_cost", "0.1", Cost, "Sets the planner's estimate of the cost of passing each tuple (row) from worker to leader backend."),
        Choice("password_encryption", "scram-sha-256", ["scram-sha-256"], "Connections and Authentication / Authentication", "Chooses the algorithm for encrypting passwords."),
        Choice("plan_cache_mode", "auto", ["auto", "force_generic_plan", "force_custom_plan"], "Query Tuning / Other Planner Options", "Controls the planner's selection of custom or generic plan."),
        Flag("quote_all_identifiers", false, Compatibility, "When generating SQL fragments, quote all identifiers."),
        Number("random_page_cost", "4", Cost, "Sets the planner's estimate of the cost of a nonsequentially fetched disk page."),
        Text("role", "none", Client, "Sets the current role."),
        Flag("row_security", true, Client, "Enable row security."),
        Text("search_path", "\"$user\", public", Client, "Sets the schema search order for names that are not schema-qualified."),
        Number("seq_page_cost", "1", Cost, "Sets the planner's estimate of the cost of a sequentially fetched disk page."),
        Internal("server_encoding", "UTF8", "Shows the server (database) character set encoding.") with { IsReported = true },
        Internal("server_version", ServerVersion, "Shows the server version.") with { IsReported = true },
        FixedNumber("server_version_num", 150000, "Shows the server version as an integer."),
        Text("session_authorization", "", "Ungrouped", "Sets the session user name.") with { IsReported = true, Context = SettingContext.User },
        Choice("session_replication_role", "origin", ["origin", "replica", "local"], Client, "Sets the session's behavior for triggers and rewrite rules.") with { Context = SettingContext.Superuser },
        Flag("standard_conforming_strings", true, Compatibility, "Causes '...' strings to treat backslashes literally.") with { IsReported = true },
        Whole("statement_timeout", 0, 0, int.MaxValue, Client, "Sets the maximum allowed duration of any statement.", "ms"),
        Choice("synchronous_commit", "on", ["local", "remote_write", "remote_apply", "on", "off"], "Write-Ahead Log / Settings", "Sets the current transaction's synchronization level."),
        Flag("synchronize_seqscans", true, Compatibility, "Enable synchronized sequential scans."),
        Text("temp_tablespaces", "", Client, "Sets the tablespace(s) to use for temporary tables and sort files."),
        Text("TimeZone", "UTC", Locale, "Sets the time zone for displaying and interpreting time stamps.") with { IsReported = true },
        Flag("track_activities", true, "Statistics / Cumulative Query and Index Statistics", "Collects information about executing commands.") with { Context = SettingContext.Superuser },
        Flag("transaction_deferrable", false, Client, "Whether to defer a read-only serializable transaction."),
        Choice("transaction_isolation", "read committed", Isolations, Client, "Sets the current transaction's isolation level."),
        Flag("transaction_read_only", false, Client, "Sets the current transaction's read-only status."),
        Flag("transform_null_equals", false, Compatibility, "Treats \"expr=NULL\" as \"expr IS NULL\"."),
        Text("vecsql.disabled_rules", "", Vector, "Names of the planner's rules that are left out, for finding faults.") with { Normalize = SettingNormalizers.RuleNames },
        Whole(ServerSettings.IndexMemory, 0, -1, int.MaxValue, Resources, "Bound of the memory in which vector indexes keep what searches read of their files, for the whole server. 0 or -1: none, files are mapped.", "kB") with { Context = SettingContext.Superuser },
        Whole(ServerSettings.IndexThreads, Math.Max(1, Environment.ProcessorCount / 2), 1, 1024, Resources, "Threads for index work in the background, for the whole server.") with { Context = SettingContext.Superuser },
        Whole(ServerSettings.MaintenanceShare, 25, 1, 100, Resources, "Percent of a processor that a thread of background index work takes while statements want it, for the whole server.") with { Context = SettingContext.Superuser },
        Number("vecsql.target_recall", "0", Vector, "Sets the share of the true nearest rows that a vector search is to find on average, in place of hnsw.ef_search. 0 means that hnsw.ef_search counts.") with { Maximum = 1 },
        Choice("vecsql.view_consistency", "latest", ["latest", "strong"], Vector, "Whether a read of an incremental view waits until the view covers the read's snapshot."),
        Whole("work_mem", 65536, 64, int.MaxValue, Resources, "Sets the maximum memory to be used for query workspaces before they spill to disk.", "kB"),
        Choice("xmloption", "content", ["content", "document"], Client, "Sets whether XML data is to be considered as documents or content fragments."),
    ];

    private static readonly FrozenDictionary<string, SettingDefinition> ByName = All.ToFrozenDictionary(s => s.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Prefixes whose names are all known, as an extension reserves its own.</summary>
    private static readonly string[] ReservedPrefixes = ["hnsw", "ivfflat"];

    /// <summary>The prefix that keeps a name without a definition from being set; null if it may be.</summary>
    public static string? ReservedPrefixOf(string name) => Find(name) is null && name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot
        ? ReservedPrefixes.FirstOrDefault(p => p.Equals(name[..dot], StringComparison.OrdinalIgnoreCase)) : null;

    public static SettingDefinition? Find(string name) => ByName.GetValueOrDefault(name);

    private static IEnumerable<SettingDefinition> PlannerSwitches() =>
        new[] { "bitmapscan", "gathermerge", "hashagg", "hashjoin", "incremental_sort", "indexonlyscan", "indexscan", "material", "memoize", "mergejoin", "nestloop", "parallel_append",
            "parallel_hash", "partition_pruning", "seqscan", "sort", "tidscan" }
            .Select(what => Flag("enable_" + what, true, Planner, $"Enables the planner's use of {what} plans."));

    private static SettingDefinition Flag(string name, bool value, string category, string description) => new(name, SettingType.Bool, value ? "on" : "off", category, description);

    private static SettingDefinition Text(string name, string value, string category, string description) => new(name, SettingType.Text, value, category, description);

    private static SettingDefinition Choice(string name, string value, string[] values, string category, string description) =>
        new(name, SettingType.Enum, value, category, description) { Values = values };

    private static SettingDefinition Whole(string name, int value, int minimum, int maximum, string category, string description, string? unit = null) =>
        new(name, SettingType.Integer, value.ToString(), category, description) { Minimum = minimum, Maximum = maximum, Unit = unit };

    private static SettingDefinition Number(string name, string value, string category, string description) =>
        new(name, SettingType.Real, value, category, description) { Maximum = double.MaxValue };

    private static SettingDefinition FixedNumber(string name, int value, string description) =>
        Whole(name, value, value, value, Preset, description) with { Context = SettingContext.Internal };

    private static SettingDefinition Internal(string name, string value, string description) =>
        new(name, SettingType.Text, value, Preset, description) { Context = SettingContext.Internal };
}
