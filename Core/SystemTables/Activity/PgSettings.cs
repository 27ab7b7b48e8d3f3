using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_settings: every setting, with the session's value in the setting's own unit.</summary>
internal sealed class PgSettings() : SystemTable("pg_settings")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (SettingInfo s in context.Session.Server.Settings.OrderBy(s => s.Name, StringComparer.OrdinalIgnoreCase))
        {
            rows.Add(s.Name).Add(s.Value).Add(s.Unit).Add(s.Category).Add(s.Description).AddNull().Add(s.Context).Add(s.Type).Add(s.Source).Add(s.Min).Add(s.Max).AddArray(s.EnumValues)
                .Add(s.BootValue).Add(s.ResetValue).AddNull().AddNull().Add(false);
            rows.EndRow();
        }
    }
}
