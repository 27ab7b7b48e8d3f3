using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_db_role_setting: ALTER DATABASE … SET and ALTER ROLE … SET.</summary>
internal sealed class PgDbRoleSetting() : SystemTable("pg_db_role_setting")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (DatabaseObject d in context.Catalog.Shared.Databases) Add(rows, d.Oid, 0, d.Settings);
        foreach (RoleObject r in context.Catalog.Shared.Roles) Add(rows, 0, r.Oid, r.Settings);
    }

    private static void Add(SystemRows rows, uint database, uint role, IReadOnlyDictionary<string, string> settings)
    {
        if (settings.Count == 0) return;
        rows.Add(database).Add(role).AddArray([.. settings.Select(s => $"{s.Key}={s.Value}")]);
        rows.EndRow();
    }
}
