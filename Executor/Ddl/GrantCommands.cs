using System.Collections.Immutable;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using RelationKind = VecSql.Core.Catalog.RelationKind;

namespace VecSql.Executor.Ddl;

/// <summary>GRANT and REVOKE of privileges: kept as PostgreSQL's access lists on objects and columns.</summary>
internal sealed class GrantCommands(DdlContext context)
{
    private static readonly Dictionary<string, char> Letters = new()
    {
        ["select"] = 'r', ["insert"] = 'a', ["update"] = 'w', ["delete"] = 'd', ["truncate"] = 'D', ["references"] = 'x', ["trigger"] = 't', ["usage"] = 'U', ["create"] = 'C', ["connect"] = 'c',
        ["temporary"] = 'T', ["temp"] = 'T', ["execute"] = 'X', ["set"] = 's', ["alter system"] = 'A',
    };

    private readonly CatalogNames _names = new(context);

    public string Run(GrantStatement statement)
    {
        foreach (CatalogObject target in Targets(statement))
        {
            if (statement.AllColumns.Count > 0) ChangeColumns((TableObject)target, statement, "arwx", statement.AllColumns);
            if (statement.Privileges.Count == 0 && statement.AllColumns.Count == 0) ChangeObject(target, statement, AccessControl.AllRights(target));
            foreach (Privilege privilege in statement.Privileges)
            {
                char letter = Letters.TryGetValue(privilege.Name, out char known) ? known
                    : throw new SqlException(SqlState.SyntaxError, $"unrecognized privilege type \"{privilege.Name}\"");
                if (privilege.Columns.Count > 0) ChangeColumns(target as TableObject ?? throw Wrong(privilege, target), statement, letter.ToString(), privilege.Columns);
                else if (!AccessControl.AllRights(target).Contains(letter)) throw Wrong(privilege, target);
                else ChangeObject(context.Catalog.Find<CatalogObject>(target.Oid) ?? context.Catalog.Shared.Find<CatalogObject>(target.Oid)!, statement, letter.ToString());
            }
        }
        return statement.IsGrant ? "GRANT" : "REVOKE";
    }

    private static SqlException Wrong(Privilege privilege, CatalogObject target) =>
        new(SqlState.InvalidGrantOperation, $"invalid privilege type {privilege.Name.ToUpperInvariant()} for {(target is TableObject or SequenceObject ? target is SequenceObject ? "sequence" : "relation" : ObjectText.Noun(target))}");

    private IEnumerable<CatalogObject> Targets(GrantStatement statement)
    {
        int position = statement.Span.Start;
        switch (statement.TargetKind)
        {
            case GrantTargetKind.Table: return [.. statement.Targets.Select(n => _names.Relation(n))];
            case GrantTargetKind.Sequence:
                return [.. statement.Targets.Select(n => _names.Relation(n) as SequenceObject ?? throw new SqlException(SqlState.WrongObjectType, $"\"{n.Name}\" is not a sequence"))];
            case GrantTargetKind.Schema: return [.. statement.Targets.Select(n => _names.Schema(n.Name))];
            case GrantTargetKind.Database:
                return [.. statement.Targets.Select(n => context.Catalog.Shared.FindDatabase(n.Name) ?? throw new SqlException(SqlState.InvalidCatalogName, $"database \"{n.Name}\" does not exist"))];
            case GrantTargetKind.Type or GrantTargetKind.Domain:
                return [.. statement.Targets.Select(n => _names.FindType(n) ?? throw new SqlException(SqlState.UndefinedObject, $"type \"{CatalogNames.Display(n)}\" does not exist"))];
            case GrantTargetKind.Function or GrantTargetKind.Procedure or GrantTargetKind.Routine:
                ObjectLookup lookup = new(context);
                return [.. statement.Routines.Select(r => lookup.Function(r.Name, r.Parameters, position))];
            case GrantTargetKind.AllTablesInSchema:
                return InSchemas(statement).OfType<TableObject>().Where(t => t.RelationKind != RelationKind.CompositeType);
            case GrantTargetKind.AllSequencesInSchema: return InSchemas(statement).OfType<SequenceObject>();
            case GrantTargetKind.AllFunctionsInSchema or GrantTargetKind.AllRoutinesInSchema or GrantTargetKind.AllProceduresInSchema: return InSchemas(statement).OfType<FunctionObject>();
            default: throw SqlException.NotSupported($"{(statement.IsGrant ? "GRANT" : "REVOKE")} on {statement.TargetKind}", position);
        }
    }

    private CatalogObject[] InSchemas(GrantStatement statement)
    {
        HashSet<uint> schemas = [.. statement.Targets.Select(n => _names.Schema(n.Name).Oid)];
        return [.. context.Catalog.Objects.Where(o => schemas.Contains(o.SchemaOid))];
    }

    private void ChangeObject(CatalogObject target, GrantStatement statement, string rights)
    {
        string owner = OwnerOf(target);
        RequireGrantor(target, rights, owner);
        List<AclEntry> entries = AccessControl.Read(target, owner);
        foreach (RoleSpecification grantee in statement.Grantees) Change(entries, GranteeName(grantee), rights, statement, owner);
        context.Transaction.Put(target with { Acl = [.. entries.Select(e => e.Format())] });
        // Revoking a right on a table takes it from the columns too.
        if (statement.IsGrant || target is not TableObject) return;
        TableObject table = context.Catalog.Find<TableObject>(target.Oid)!;
        foreach (ColumnObject column in table.LiveColumns.Where(c => c.Acl.Length > 0).ToArray()) ChangeColumns(table, statement, rights, [column.Name]);
    }

    private void ChangeColumns(TableObject table, GrantStatement statement, string rights, IReadOnlyList<string> columns)
    {
        string owner = OwnerOf(table);
        RequireGrantor(table, rights, owner);
        foreach (string name in columns)
        {
            TableObject current = context.Catalog.Find<TableObject>(table.Oid)!;
            ColumnObject column = AlterColumnActions.Find(current, name);
            List<AclEntry> entries = [.. column.Acl.Select(AclEntry.Parse)];
            foreach (RoleSpecification grantee in statement.Grantees) Change(entries, GranteeName(grantee), rights, statement, owner);
            context.Transaction.Put(current with { Columns = current.Columns.SetItem(column.Number - 1, column with { Acl = [.. entries.Select(e => e.Format())] }) });
        }
    }

    private static void Change(List<AclEntry> entries, string grantee, string rights, GrantStatement statement, string grantor)
    {
        int at = entries.FindIndex(e => e.Grantee == grantee && e.Grantor == grantor);
        AclEntry entry = at >= 0 ? entries[at] : new AclEntry(grantee, [], [], grantor);
        if (statement.IsGrant)
        {
            if (grantee.Length == 0 && statement.GrantOption) throw new SqlException(SqlState.InvalidGrantOperation, "grant options can only be granted to roles");
            entry = entry with { Rights = entry.Rights.Union(rights), Options = statement.GrantOption ? entry.Options.Union(rights) : entry.Options };
        }
        else entry = entry with { Rights = statement.GrantOption ? entry.Rights : entry.Rights.Except(rights), Options = entry.Options.Except(rights) };
        if (at >= 0) entries.RemoveAt(at);
        if (entry.Rights.Count > 0) entries.Insert(at >= 0 ? at : entries.Count, entry);
    }

    private string OwnerOf(CatalogObject target) => context.Catalog.Shared.Find<RoleObject>(target.Owner)?.Name ?? throw new InvariantException($"role {target.Owner} doesn't exist");

    private void RequireGrantor(CatalogObject target, string rights, string owner)
    {
        RoleObject current = Roles.Find(context, context.CurrentUser);
        if (current.IsSuperuser || new Ownership(context).IsMember(current, target.Owner)) return;
        bool mayGrant = AccessControl.Read(target, owner).Any(e => rights.All(e.Options.Contains) && context.Catalog.Shared.FindRole(e.Grantee) is { } role && new Ownership(context).IsMember(current, role.Oid));
        if (!mayGrant) throw new SqlException(SqlState.InsufficientPrivilege, $"permission denied for {ObjectText.Noun(target)} {target.Name}");
    }

    private string GranteeName(RoleSpecification role) => role.Kind == RoleSpecificationKind.Public ? "" : Roles.Find(context, role).Name;
}
