using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.SystemTables;

namespace VecSql.Core.Functions;

/// <summary>pg_relation_size and its kin: bytes on disk as the store counts them.</summary>
internal static class RelationSizeFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Strict("pg_relation_size", static (in a, r, c) => Answers.Value(r, Answers.String(a, 1) is "main" ? Own(a.Get<uint>(0), c) : Other(Answers.String(a, 1), a.Get<uint>(0), c)));
        library.Strict("pg_relation_size(regclass)", static (in a, r, c) => Answers.Value(r, Own(a.Get<uint>(0), c)));
        library.Strict("pg_table_size", static (in a, r, c) => Answers.Value(r, Own(a.Get<uint>(0), c)));
        library.Strict("pg_indexes_size", static (in a, r, c) => Answers.Value(r, Own(a.Get<uint>(0), c) is null ? null : (long?)Indexes(a.Get<uint>(0), c)));
        library.Strict("pg_total_relation_size", static (in a, r, c) => Answers.Value(r, Own(a.Get<uint>(0), c) + Indexes(a.Get<uint>(0), c)));
        library.Strict("pg_database_size_oid", static (in a, r, c) => Answers.Value(r, Database(c.Catalog.Shared.Find<DatabaseObject>(a.Get<uint>(0)), c)));
        library.Strict("pg_database_size_name", static (in a, r, c) => Answers.Value(r, Database(DatabaseByName(Answers.String(a, 0), c), c)));
        library.Strict("pg_tablespace_size_oid", static (in a, r, c) => Answers.Value(r, PgTablespace.NameOf(a.Get<uint>(0)) is null ? null : Tablespace(a.Get<uint>(0), c)));
        library.Strict("pg_tablespace_size_name", static (in a, r, c) => Answers.Value(r, Tablespace(TablespaceByName(Answers.String(a, 0)), c)));
        library.Strict("pg_tablespace_location", static (in a, r, _) => Answers.Text(r, PgTablespace.NameOf(a.Get<uint>(0)) is null ? null : ""));
        library.Strict("pg_relation_filenode", static (in a, r, c) => Answers.Value<uint>(r, c.Catalog.Find<RelationObject>(a.Get<uint>(0)) is null && SystemRelations.Find(a.Get<uint>(0)) is null ? null : a.Get<uint>(0)));
        library.Add("pg_tablespace_databases", new CatalogSet(static (in a, c) => Databases(a.Get<uint>(0), c)));
    }

    private static long? Own(uint relation, EvalContext context)
    {
        if (context.Catalog.Find<RelationObject>(relation) is { } own)
            return own.Kind is RelationKind.Table or RelationKind.MaterializedView or RelationKind.Index ? context.Session.Server.SizeOf(relation).Bytes : 0;
        return SystemRelations.Find(relation) is null ? null : 0;
    }

    private static long? Other(string fork, uint relation, EvalContext context)
    {
        if (fork is not ("fsm" or "vm" or "init"))
            throw new SqlException(SqlState.InvalidParameterValue, "invalid fork name", hint: "Valid fork names are \"main\", \"fsm\", \"vm\", and \"init\".");
        return Own(relation, context) is null ? null : 0;
    }

    private static long Indexes(uint table, EvalContext context) => context.Catalog.IndexesOf(table).Sum(i => context.Session.Server.SizeOf(i.Oid).Bytes);

    private static DatabaseObject DatabaseByName(string name, EvalContext context) =>
        context.Catalog.Shared.FindDatabase(name) ?? throw new SqlException(SqlState.InvalidCatalogName, $"database \"{name}\" does not exist");

    /// <summary>Of this database what its tables and indexes take; others aren't open to this session: null.</summary>
    private static long? Database(DatabaseObject? database, EvalContext context) => database is null || database.Oid != context.Session.DatabaseOid
        ? null
        : context.Catalog.Relations.Sum(r => Own(r.Oid, context) ?? 0);

    private static long? Tablespace(uint oid, EvalContext context) => oid == WellKnownOid.DefaultTablespace ? Database(context.Catalog.Shared.Find<DatabaseObject>(context.Session.DatabaseOid), context) : 0;

    private static uint TablespaceByName(string name) => name switch
    {
        "pg_default" => WellKnownOid.DefaultTablespace,
        "pg_global" => PgTablespace.Global,
        _ => throw new SqlException(SqlState.UndefinedObject, $"tablespace \"{name}\" does not exist"),
    };

    private static RowsCursor Databases(uint tablespace, EvalContext context)
    {
        uint[] all = tablespace == WellKnownOid.DefaultTablespace ? [.. context.Catalog.Shared.Databases.Select(d => d.Oid)] : [];
        return new RowsCursor(all.Length, (row, columns) => ((Columns.ColumnBuilder<uint>)columns[0]).Append(all[row]));
    }
}
