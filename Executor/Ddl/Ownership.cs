using VecSql.Core.Catalog;
using VecSql.Core.Errors;

namespace VecSql.Executor.Ddl;

/// <summary>Whether the current role may change an object: its owner, a member of the owner, or a superuser.</summary>
internal sealed class Ownership(DdlContext context)
{
    /// <exception cref="SqlException">42501: must be owner of …</exception>
    public void Check(CatalogObject target)
    {
        RoleObject current = Roles.Find(context, context.CurrentUser);
        if (current.IsSuperuser || IsMember(current, target.Owner)) return;
        // A schema's owner may drop what is in it.
        if (target.SchemaOid != 0 && context.Catalog.Find<SchemaObject>(target.SchemaOid) is { } schema && schema.Oid != WellKnownOid.PublicSchema && IsMember(current, schema.Owner)) return;
        throw new SqlException(SqlState.InsufficientPrivilege, $"must be owner of {ObjectText.Noun(target)} {target.Name}");
    }

    public void RequireSuperuser(string message)
    {
        if (!Roles.Find(context, context.CurrentUser).IsSuperuser) throw new SqlException(SqlState.InsufficientPrivilege, message);
    }

    public bool IsMember(RoleObject member, uint role) => IsMember(context.Catalog.Shared, member, role);

    /// <summary>True if the role is the other one, or has its rights by membership.</summary>
    public static bool IsMember(SharedCatalog roles, RoleObject member, uint role)
    {
        HashSet<uint> seen = [];
        Stack<RoleObject> open = new([member]);
        while (open.TryPop(out RoleObject? next))
        {
            if (next.Oid == role) return true;
            foreach (RoleMembership membership in next.MemberOf)
                if (seen.Add(membership.Role) && roles.Find<RoleObject>(membership.Role) is { } above) open.Push(above);
        }
        return false;
    }
}
