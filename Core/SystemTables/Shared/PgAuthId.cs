using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.SystemTables;

/// <summary>pg_authid: roles. Verifiers of passwords are shown to superusers only.</summary>
internal sealed class PgAuthId() : SystemTable("pg_authid")
{
    /// <summary>PostgreSQL's role that stands for whoever owns the database.</summary>
    public const uint DatabaseOwner = 6171;
    public const string DatabaseOwnerName = "pg_database_owner";

    public static string? NameOf(uint oid, CatalogSnapshot catalog) =>
        catalog.Shared.Find<RoleObject>(oid)?.Name ?? (oid == DatabaseOwner ? DatabaseOwnerName : oid == WellKnownOid.BootstrapRole ? "postgres" : null);

    public static uint OidOf(string name, CatalogSnapshot catalog) => catalog.Shared.FindRole(name)?.Oid ?? (name == DatabaseOwnerName ? DatabaseOwner : 0);

    public override void Fill(SystemRows rows, EvalContext context)
    {
        bool showsVerifiers = context.Catalog.Shared.FindRole(context.Session.CurrentUser)?.IsSuperuser == true;
        foreach (RoleObject r in context.Catalog.Shared.Roles)
        {
            rows.Add(r.Oid).Add(r.Name).Add(r.IsSuperuser).Add(r.Inherits).Add(r.CanCreateRole).Add(r.CanCreateDatabase).Add(r.CanLogin).Add(r.CanReplicate).Add(r.BypassesRls).Add(r.ConnectionLimit)
                .Add(showsVerifiers ? r.PasswordVerifier : null);
            AddValidUntil(rows, r.ValidUntil, context);
            rows.EndRow();
        }
        rows.Add(DatabaseOwner).Add(DatabaseOwnerName).Add(false).Add(true).AddTimes(5, false).Add(-1).AddNull().AddNull();
        rows.EndRow();
    }

    private static void AddValidUntil(SystemRows rows, string? text, EvalContext context)
    {
        if (text is null || TypeHandlers.Find(TypeOid.TimestampTz) is not { } handler) rows.AddNull();
        else
        {
            Columns.ColumnBuilder<long> value = new(1);
            handler.ParseText(System.Text.Encoding.UTF8.GetBytes(text), new SqlType(TypeOid.TimestampTz), value, context);
            rows.AddTime(((Columns.Column<long>)value.Build())[0]);
        }
    }
}
