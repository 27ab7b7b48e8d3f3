using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.TextSearch;

namespace VecSql.Core.SystemTables;

/// <summary>pg_ts_config: simple and english.</summary>
internal sealed class PgTsConfig() : SystemTable("pg_ts_config")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (TextSearchConfiguration configuration in TextSearchConfiguration.All)
        {
            rows.Add(configuration.Oid).Add(configuration.Name).Add(WellKnownOid.PgCatalogSchema).Add(WellKnownOid.BootstrapRole).Add(PgTsParser.Default);
            rows.EndRow();
        }
    }
}

/// <summary>pg_ts_config_map: the dictionary for each kind of token.</summary>
internal sealed class PgTsConfigMap() : SystemTable("pg_ts_config_map")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (TextSearchConfiguration configuration in TextSearchConfiguration.All)
            for (int type = 1; type <= TokenTypes.All.Length; type++)
            {
                uint dictionary = configuration.DictionaryFor((TokenType)type);
                if (dictionary == 0) continue;
                rows.Add(configuration.Oid).Add(type).Add(1).Add(dictionary);
                rows.EndRow();
            }
    }
}

/// <summary>pg_ts_dict: simple and english_stem.</summary>
internal sealed class PgTsDict() : SystemTable("pg_ts_dict")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        rows.Add(TextSearchConfiguration.SimpleDictionary).Add("simple").Add(WellKnownOid.PgCatalogSchema).Add(WellKnownOid.BootstrapRole).Add(PgTsTemplate.Simple).AddNull();
        rows.EndRow();
        rows.Add(TextSearchConfiguration.EnglishDictionary).Add("english_stem").Add(WellKnownOid.PgCatalogSchema).Add(WellKnownOid.BootstrapRole).Add(PgTsTemplate.Snowball)
            .Add("language = 'english', stopwords = 'english'");
        rows.EndRow();
    }
}

/// <summary>pg_ts_parser: the default parser. Its functions can't be called in SQL, so they have no numbers here.</summary>
internal sealed class PgTsParser() : SystemTable("pg_ts_parser")
{
    public const uint Default = 3722;

    public override void Fill(SystemRows rows, EvalContext context)
    {
        rows.Add(Default).Add("default").Add(WellKnownOid.PgCatalogSchema).AddTimes(5, 0u);
        rows.EndRow();
    }
}

/// <summary>pg_ts_template: what the two dictionaries are made from.</summary>
internal sealed class PgTsTemplate() : SystemTable("pg_ts_template")
{
    public const uint Simple = 3727, Snowball = 13150;

    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach ((uint oid, string name) in ((uint, string)[])[(Simple, "simple"), (Snowball, "snowball")])
        {
            rows.Add(oid).Add(name).Add(WellKnownOid.PgCatalogSchema).AddTimes(2, 0u);
            rows.EndRow();
        }
    }
}
