using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.SystemTables;

/// <summary>vecsql.settings: VecSql's own settings and those of vector search, with the session's values.</summary>
internal sealed class VecSqlSettings() : SystemTable(13502, WellKnownOid.VecSqlSchema, "settings",
    new SystemColumn("name", SqlType.Text), new SystemColumn("setting", SqlType.Text), new SystemColumn("unit", SqlType.Text, NotNull: false), new SystemColumn("default_setting", SqlType.Text),
    new SystemColumn("description", SqlType.Text))
{
    private static readonly string[] Prefixes = ["vecsql.", "hnsw.", "ivfflat."];

    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (SettingInfo s in context.Session.Server.Settings)
        {
            if (!Prefixes.Any(p => s.Name.StartsWith(p, StringComparison.Ordinal))) continue;
            rows.Add(s.Name).Add(s.Value).Add(s.Unit).Add(s.BootValue).Add(s.Description);
            rows.EndRow();
        }
    }
}
