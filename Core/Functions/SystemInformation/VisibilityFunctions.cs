using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.SystemTables;
using VecSql.Core.TextSearch;

namespace VecSql.Core.Functions;

/// <summary>pg_table_is_visible and its kin, and temporary schemas.</summary>
internal static class VisibilityFunctions
{
    private delegate bool? Test(uint oid, CatalogSnapshot catalog, IReadOnlyList<uint> searchPath);

    public static void Register(FunctionLibrary library)
    {
        Add(library, "pg_table_is_visible", Visibility.OfRelation);
        Add(library, "pg_type_is_visible", Visibility.OfType);
        Add(library, "pg_function_is_visible", Visibility.OfFunction);
        Add(library, "pg_operator_is_visible", Visibility.OfOperator);
        Add(library, "pg_opclass_is_visible", Visibility.OfOperatorClass);
        Add(library, "pg_opfamily_is_visible", Visibility.OfOperatorFamily);
        Add(library, "pg_collation_is_visible", static (oid, _, path) => PgCollation.NameOf(oid) is null ? null : path.Contains(WellKnownOid.PgCatalogSchema));
        // There are no such objects.
        foreach (string key in (string[])["pg_conversion_is_visible", "pg_statistics_obj_is_visible"])
            library.Strict(key, static (in _, r, _) => r.AppendNull());
        // These are all in pg_catalog.
        Add(library, "pg_ts_parser_is_visible", static (oid, _, path) => oid != PgTsParser.Default ? null : path.Contains(WellKnownOid.PgCatalogSchema));
        Add(library, "pg_ts_dict_is_visible", static (oid, _, path) => TextSearchConfiguration.DictionaryName(oid) is null ? null : path.Contains(WellKnownOid.PgCatalogSchema));
        Add(library, "pg_ts_config_is_visible", static (oid, _, path) => Array.Exists(TextSearchConfiguration.All, c => c.Oid == oid) ? path.Contains(WellKnownOid.PgCatalogSchema) : null);
        Add(library, "pg_ts_template_is_visible", static (oid, _, path) => oid is PgTsTemplate.Simple or PgTsTemplate.Snowball ? path.Contains(WellKnownOid.PgCatalogSchema) : null);
        library.Rowwise("pg_my_temp_schema", static (in _, r, c) => Answers.Value<uint>(r, OwnTemporarySchema(c)));
        library.Strict("pg_is_other_temp_schema", static (in a, r, c) => StringFunctions.Bool(r, IsTemporary(a.Get<uint>(0), c.Catalog) && a.Get<uint>(0) != OwnTemporarySchema(c)));
    }

    private static void Add(FunctionLibrary library, string key, Test test) => library.Strict(key, (in a, r, c) => Answers.Value(r, test(a.Get<uint>(0), c.Catalog, c.Session.SearchPath)));

    private static uint OwnTemporarySchema(EvalContext context) => context.Session.SearchPath.FirstOrDefault(s => IsTemporary(s, context.Catalog));

    private static bool IsTemporary(uint schema, CatalogSnapshot catalog) => catalog.Find<SchemaObject>(schema)?.Name.StartsWith("pg_temp_", StringComparison.Ordinal) == true;
}
