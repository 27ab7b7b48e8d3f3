using VecSql.Parser.Ast;

namespace VecSql.Parser.Deparsing;

/// <summary>Roles and privileges.</summary>
public sealed partial class Deparser
{
    private Deparser? WriteRoleStatement(Statement statement)
    {
        switch (statement)
        {
            case CreateRoleStatement s:
                return Add("CREATE ").Add(s.Kind.ToString().ToUpperInvariant()).Add(" ").Name(s.Name).RoleOptions(s.Options);
            case AlterRoleStatement s:
                return Add("ALTER ROLE ").Write(s.Role).RoleOptions(s.Options);
            case AlterGroupStatement s:
                return Add("ALTER GROUP ").Write(s.Group).Add(s.IsAdded ? " ADD USER " : " DROP USER ").Roles(s.Members);
            case DropRoleStatement s:
                return Add("DROP ROLE ").If(s.IfExists, "IF EXISTS ").Roles(s.Roles);
            case GrantStatement s:
                return Write(s);
            case GrantRoleStatement s:
                Add(s.IsGrant ? "GRANT " : "REVOKE ").If(!s.IsGrant && s.AdminOption, "ADMIN OPTION FOR ").List(s.Roles, r => Name(r));
                Add(s.IsGrant ? " TO " : " FROM ").Roles(s.Grantees).If(s.IsGrant && s.AdminOption, " WITH ADMIN OPTION");
                return GrantedBy(s.GrantedBy).Behavior(s.Behavior);
            default:
                return null;
        }
    }

    private Deparser RoleOptions(IReadOnlyList<Option> options)
    {
        foreach (var option in options)
        {
            Add(" ");
            switch (option.Name)
            {
                case "password":
                    Add("PASSWORD ");
                    if (option.Value is null) Add("NULL");
                    else Literal(option.Value.Text);
                    break;
                case "connectionlimit":
                    Add("CONNECTION LIMIT ").Add(option.Value!.Text);
                    break;
                case "validUntil":
                    Add("VALID UNTIL ").Literal(option.Value!.Text);
                    break;
                case "sysid":
                    Add("SYSID ").Add(option.Value!.Text);
                    break;
                case "role" or "admin" or "inrole":
                    Add(option.Name switch { "role" => "USER ", "admin" => "ADMIN ", _ => "IN ROLE " })
                        .List(option.Value!.Items, i => Add(i.Text is "current_role" or "current_user" or "session_user" ? i.Text : Quoting.Identifier(i.Text)));
                    break;
                default:
                    Add(option.Value!.Text == "true" ? "" : "NO").Add(option.Name.ToUpperInvariant());
                    break;
            }
        }
        return this;
    }

    private Deparser GrantedBy(RoleSpecification? role) => role is null ? this : Add(" GRANTED BY ").Write(role);

    private Deparser Write(GrantStatement s)
    {
        Add(s.IsGrant ? "GRANT " : "REVOKE ").If(!s.IsGrant && s.GrantOption, "GRANT OPTION FOR ");
        if (s.Privileges.Count == 0) Add("ALL").OptionalNames(s.AllColumns);
        else List(s.Privileges, p => Privilege(p));
        Add(" ON ").Add(Words(s.TargetKind)).Add(" ");
        if (s.Routines.Count > 0)
        {
            List(s.Routines, r =>
            {
                Name(r.Name);
                if (r.Parameters is not null) Signature(r.Parameters, -1, isAggregate: false);
            });
        }
        else if (s.TargetKind == GrantTargetKind.LargeObject) List(s.Targets, t => Add(t.Name));
        else List(s.Targets, t => Name(t));
        Add(s.IsGrant ? " TO " : " FROM ").Roles(s.Grantees).If(s.IsGrant && s.GrantOption, " WITH GRANT OPTION");
        return GrantedBy(s.GrantedBy).Behavior(s.Behavior);
    }

    private Deparser Privilege(Privilege privilege)
    {
        bool isWord = privilege.Name is "select" or "references" or "create" or "alter system";
        return (isWord ? Add(privilege.Name.ToUpperInvariant()) : Name(privilege.Name)).OptionalNames(privilege.Columns);
    }

    private static string Words(GrantTargetKind kind) => kind switch
    {
        GrantTargetKind.ForeignDataWrapper => "FOREIGN DATA WRAPPER",
        GrantTargetKind.ForeignServer => "FOREIGN SERVER",
        GrantTargetKind.LargeObject => "LARGE OBJECT",
        GrantTargetKind.AllTablesInSchema => "ALL TABLES IN SCHEMA",
        GrantTargetKind.AllSequencesInSchema => "ALL SEQUENCES IN SCHEMA",
        GrantTargetKind.AllFunctionsInSchema => "ALL FUNCTIONS IN SCHEMA",
        GrantTargetKind.AllProceduresInSchema => "ALL PROCEDURES IN SCHEMA",
        GrantTargetKind.AllRoutinesInSchema => "ALL ROUTINES IN SCHEMA",
        _ => kind.ToString().ToUpperInvariant(),
    };
}
