using System.Collections.Immutable;
using System.Globalization;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Parser.Ast;

namespace VecSql.Executor.Ddl;

/// <summary>Roles by name.</summary>
internal static class Roles
{
    /// <exception cref="SqlException">42704.</exception>
    public static RoleObject Find(DdlContext context, string name, int position = -1) => context.Catalog.Shared.FindRole(name)
        ?? throw new SqlException(SqlState.UndefinedObject, $"role \"{name}\" does not exist", position);

    public static RoleObject Find(DdlContext context, RoleSpecification role) => role.Kind switch
    {
        RoleSpecificationKind.Name => Find(context, role.Name!),
        RoleSpecificationKind.SessionUser => Find(context, context.Eval.Session.SessionUser),
        RoleSpecificationKind.Public => throw new SqlException(SqlState.UndefinedObject, "role \"public\" does not exist", role.Span.Start),
        _ => Find(context, context.CurrentUser),
    };

    /// <summary>42939 for names that mean something else.</summary>
    public static void CheckName(string name)
    {
        if (name is "public" or "none") throw new SqlException(SqlState.ReservedName, $"role name \"{name}\" is reserved");
        if (name.StartsWith("pg_", StringComparison.Ordinal)) throw new SqlException(SqlState.ReservedName, $"role name \"{name}\" is reserved", detail: "Role names starting with \"pg_\" are reserved.");
    }
}

/// <summary>CREATE, ALTER, DROP ROLE | USER | GROUP; membership; settings of roles and databases; REASSIGN and DROP OWNED.</summary>
internal sealed class RoleCommands(DdlContext context)
{
    private readonly Ownership _ownership = new(context);

    public string Create(CreateRoleStatement statement)
    {
        RequireCreateRole("permission denied to create role");
        Roles.CheckName(statement.Name);
        if (context.Catalog.Shared.FindRole(statement.Name) is not null) throw new SqlException(SqlState.DuplicateObject, $"role \"{statement.Name}\" already exists");
        RoleObject role = new() { Oid = context.Instance.AllocateOid(), Name = statement.Name, CanLogin = statement.Kind == RoleStatementKind.User };
        role = WithOptions(role, statement.Options);
        context.Transaction.Put(role);
        foreach (Option option in statement.Options)
        {
            foreach (string name in Names(option))
            {
                if (option.Name == "inrole") AddMember(Roles.Find(context, name, option.Span.Start), Roles.Find(context, statement.Name), admin: false);
                else if (option.Name is "role" or "admin") AddMember(Roles.Find(context, statement.Name), Roles.Find(context, name, option.Span.Start), option.Name == "admin");
            }
        }
        return "CREATE ROLE";
    }

    public string Alter(AlterRoleStatement statement)
    {
        RoleObject role = Roles.Find(context, statement.Role);
        bool isOwnPassword = role.Oid == context.CurrentRole && statement.Options.All(o => o.Name == "password");
        if (!isOwnPassword) RequireCreateRole("permission denied");
        if (role.IsSuperuser || statement.Options.Any(o => o.Name is "superuser" or "replication" or "bypassrls"))
            if (!isOwnPassword) _ownership.RequireSuperuser(role.IsSuperuser ? "must be superuser to alter superuser roles or change superuser attribute" : "must be superuser to alter superuser roles or change superuser attribute");
        context.Transaction.Put(WithOptions(role, statement.Options));
        return "ALTER ROLE";
    }

    public string AlterGroup(AlterGroupStatement statement)
    {
        RequireCreateRole("permission denied");
        RoleObject group = Roles.Find(context, statement.Group);
        foreach (RoleSpecification member in statement.Members)
        {
            if (statement.IsAdded) AddMember(group, Roles.Find(context, member), admin: false);
            else RemoveMember(group, Roles.Find(context, member), optionOnly: false);
        }
        return "ALTER ROLE";
    }

    public string Drop(DropRoleStatement statement)
    {
        RequireCreateRole("permission denied to drop role");
        foreach (RoleSpecification specification in statement.Roles)
        {
            if (specification.Kind != RoleSpecificationKind.Name) throw new SqlException(SqlState.InvalidParameterValue, "cannot use special role specifier in DROP ROLE");
            if (context.Catalog.Shared.FindRole(specification.Name!) is not { } role)
            {
                if (!statement.IfExists) throw new SqlException(SqlState.UndefinedObject, $"role \"{specification.Name}\" does not exist");
                context.Skip(SqlState.SuccessfulCompletion, $"role \"{specification.Name}\" does not exist, skipping");
                continue;
            }
            if (role.Oid == context.CurrentRole) throw new SqlException(SqlState.ObjectInUse, "current user cannot be dropped");
            if (role.Name == context.Eval.Session.SessionUser) throw new SqlException(SqlState.ObjectInUse, "session user cannot be dropped");
            if (role.IsSuperuser) _ownership.RequireSuperuser("must be superuser to drop superusers");
            RefuseInUse(role);
            foreach (RoleObject member in context.Catalog.Shared.Roles.Where(r => r.MemberOf.Any(m => m.Role == role.Oid)).ToArray())
                context.Transaction.Put(member with { MemberOf = member.MemberOf.RemoveAll(m => m.Role == role.Oid) });
            context.Transaction.DropShared(role.Oid);
        }
        return "DROP ROLE";
    }

    public string GrantRole(GrantRoleStatement statement)
    {
        foreach (string name in statement.Roles)
        {
            RoleObject role = Roles.Find(context, name);
            RoleObject current = Roles.Find(context, context.CurrentUser);
            bool isAdmin = current.IsSuperuser || current.CanCreateRole && !role.IsSuperuser || current.MemberOf.Any(m => m.Role == role.Oid && m.AdminOption);
            if (!isAdmin) throw new SqlException(SqlState.InsufficientPrivilege, $"must have admin option on role \"{role.Name}\"");
            foreach (RoleSpecification grantee in statement.Grantees)
            {
                if (statement.IsGrant) AddMember(role, Roles.Find(context, grantee), statement.AdminOption);
                else RemoveMember(role, Roles.Find(context, grantee), statement.AdminOption);
            }
        }
        return statement.IsGrant ? "GRANT ROLE" : "REVOKE ROLE";
    }

    /// <summary>ALTER ROLE | DATABASE … SET: what sessions begin with.</summary>
    public string AlterSetting(AlterSettingStatement statement)
    {
        if (statement.IsRole && statement.Database is not null) throw SqlException.NotSupported("ALTER ROLE … IN DATABASE", statement.Span.Start);
        if (statement.IsRole && statement.Role is null) throw SqlException.NotSupported("ALTER ROLE ALL", statement.Span.Start);
        CatalogObject target = statement.IsRole ? Roles.Find(context, statement.Role!)
            : context.Catalog.Shared.FindDatabase(statement.Database!) ?? throw new SqlException(SqlState.InvalidCatalogName, $"database \"{statement.Database}\" does not exist");
        if (target is RoleObject other && other.Oid != context.CurrentRole) RequireCreateRole("permission denied");
        if (target is DatabaseObject) _ownership.Check(target);
        ImmutableSortedDictionary<string, string> settings = target is RoleObject r ? r.Settings : ((DatabaseObject)target).Settings;
        settings = statement.Setting switch
        {
            ResetStatement { Name: "all" } => settings.Clear(),
            ResetStatement reset => settings.Remove(reset.Name),
            SetStatement { FromCurrent: true } set => settings.SetItem(set.Name, context.Eval.Session.GetSetting(set.Name) ?? throw Unknown(set.Name)),
            SetStatement { Values: null } set => settings.Remove(set.Name),
            SetStatement set => context.Eval.Session.GetSetting(set.Name) is null && !set.Name.Contains('.') ? throw Unknown(set.Name)
                : settings.SetItem(set.Name, string.Join(", ", set.Values.Select(v => v.Text))),
            _ => throw SqlException.NotSupported("this setting", statement.Span.Start),
        };
        context.Transaction.Put(target is RoleObject role ? role with { Settings = settings } : ((DatabaseObject)target) with { Settings = settings });
        return statement.IsRole ? "ALTER ROLE" : "ALTER DATABASE";

        static SqlException Unknown(string name) => new(SqlState.UndefinedObject, $"unrecognized configuration parameter \"{name}\"");
    }

    private RoleObject WithOptions(RoleObject role, IReadOnlyList<Option> options)
    {
        HashSet<string> seen = [];
        foreach (Option option in options)
        {
            if (!seen.Add(option.Name)) throw new SqlException(SqlState.SyntaxError, "conflicting or redundant options", option.Span.Start);
            bool isOn = option.Value?.Text != "false";
            if (option.Name is "superuser" or "replication" or "bypassrls" && isOn) _ownership.RequireSuperuser($"must be superuser to create {(option.Name == "superuser" ? "superusers" : option.Name + " users")}");
            role = option.Name switch
            {
                "superuser" => role with { IsSuperuser = isOn },
                "createdb" => role with { CanCreateDatabase = isOn },
                "createrole" => role with { CanCreateRole = isOn },
                "inherit" => role with { Inherits = isOn },
                "login" => role with { CanLogin = isOn },
                "replication" => role with { CanReplicate = isOn },
                "bypassrls" => role with { BypassesRls = isOn },
                "password" => role with { PasswordVerifier = Verifier(option) },
                "connectionlimit" => role with { ConnectionLimit = ConnectionLimit(option) },
                "validUntil" => role with { ValidUntil = ValidUntil(option) },
                "sysid" or "inrole" or "role" or "admin" => role,
                _ => throw new SqlException(SqlState.SyntaxError, $"unrecognized role option \"{option.Name}\"", option.Span.Start),
            };
        }
        return role;
    }

    private string? Verifier(Option option)
    {
        if (option.Value is not { } value) return null;
        if (value.Text.Length > 0) return context.PasswordVerifier(value.Text);
        context.Skip(SqlState.SuccessfulCompletion, "empty string is not a valid password, clearing password");
        return null;
    }

    private static int ConnectionLimit(Option option)
    {
        int limit = int.TryParse(option.Value?.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) ? value : -2;
        return limit >= -1 ? limit : throw new SqlException(SqlState.InvalidParameterValue, $"invalid connection limit: {option.Value?.Text}");
    }

    /// <summary>Kept as a timestamptz's ISO text.</summary>
    private string ValidUntil(Option option)
    {
        TypeHandler handler = TypeHandlers.Of(TypeOid.TimestampTz);
        ColumnBuilder builder = ColumnBuilder.Create(handler.Kind, 1);
        handler.ParseText(System.Text.Encoding.UTF8.GetBytes(option.Value?.Text ?? ""), SqlType.TimestampTz, builder, context.Eval);
        return new InnerQueries(context).TextOf(builder.BuildConstant(1), 0, SqlType.TimestampTz)!;
    }

    private static IEnumerable<string> Names(Option option) => option.Value is { } value ? value.Items.Count > 0 ? value.Items.Select(i => i.Text) : value.Text.Length > 0 ? [value.Text] : [] : [];

    private void AddMember(RoleObject role, RoleObject member, bool admin)
    {
        if (Ownership.IsMember(context.Catalog.Shared, role, member.Oid))
            throw new SqlException(SqlState.InvalidGrantOperation, $"role \"{role.Name}\" is a member of role \"{member.Name}\"");
        RoleMembership? existing = member.MemberOf.FirstOrDefault(m => m.Role == role.Oid);
        if (existing is not null && (existing.AdminOption || !admin))
        {
            context.Skip(SqlState.SuccessfulCompletion, $"role \"{member.Name}\" is already a member of role \"{role.Name}\"");
            return;
        }
        context.Transaction.Put(member with { MemberOf = member.MemberOf.RemoveAll(m => m.Role == role.Oid).Add(new RoleMembership(role.Oid, context.CurrentRole, admin)) });
    }

    private void RemoveMember(RoleObject role, RoleObject member, bool optionOnly)
    {
        if (member.MemberOf.FirstOrDefault(m => m.Role == role.Oid) is not { } existing)
        {
            context.Notice(new Core.Environment.Notice("WARNING", SqlState.Warning, $"role \"{member.Name}\" is not a member of role \"{role.Name}\""));
            return;
        }
        context.Transaction.Put(member with { MemberOf = optionOnly ? member.MemberOf.Replace(existing, existing with { AdminOption = false }) : member.MemberOf.Remove(existing) });
    }

    /// <summary>2BP01 if the role owns anything or is named in an access list, in any database.</summary>
    private void RefuseInUse(RoleObject role)
    {
        List<string> uses = [];
        ObjectText text = new(context);
        foreach (CatalogObject owned in context.Catalog.Shared.Databases.Where(d => d.Owner == role.Oid)) uses.Add("owner of " + text.Of(owned));
        foreach (CatalogObject used in context.Catalog.Objects.OrderBy(o => o.Oid))
        {
            if (used is IndexObject or TypeObject { Kind: 'b' or 'c' } or SequenceObject { OwnerTable: not 0 }) continue;
            if (used.Owner == role.Oid) uses.Add("owner of " + text.Of(used));
            else if (Lists(used).Any(a => AclEntry.Parse(a).Grantee == role.Name)) uses.Add("privileges for " + text.Of(used));
        }
        foreach (DatabaseObject database in context.Catalog.Shared.Databases.Where(d => d.Oid != context.Store.DatabaseOid))
        {
            int count = context.Instance.Open(database.Oid).Catalog.Objects.Count(o => o.Owner == role.Oid || Lists(o).Any(a => AclEntry.Parse(a).Grantee == role.Name));
            if (count > 0) uses.Add($"{count} object{(count == 1 ? "" : "s")} in database {database.Name}");
        }
        if (uses.Count > 0)
            throw new SqlException(SqlState.DependentObjectsStillExist, $"role \"{role.Name}\" cannot be dropped because some objects depend on it", detail: string.Join('\n', uses));
    }

    private static IEnumerable<string> Lists(CatalogObject target) => target is TableObject table ? table.Acl.Concat(table.LiveColumns.SelectMany(c => c.Acl)) : target.Acl;

    private void RequireCreateRole(string message)
    {
        RoleObject current = Roles.Find(context, context.CurrentUser);
        if (!current.IsSuperuser && !current.CanCreateRole) throw new SqlException(SqlState.InsufficientPrivilege, message);
    }
}
