using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_auth_members: roles that were granted to roles.</summary>
internal sealed class PgAuthMembers() : SystemTable("pg_auth_members")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (RoleObject member in context.Catalog.Shared.Roles)
            foreach (RoleMembership m in member.MemberOf)
            {
                rows.Add(m.Role).Add(member.Oid).Add(m.Grantor).Add(m.AdminOption);
                rows.EndRow();
            }
    }
}
