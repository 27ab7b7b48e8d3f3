using System.Collections.Immutable;
using System.Text;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;

namespace VecSql.Executor.Ddl;

/// <summary>One entry of an access list: what a grantee (empty: PUBLIC) may do, by whom.</summary>
/// <param name="Rights">Letters of pg_class.relacl's kind; those in <paramref name="Options"/> may be granted on.</param>
internal sealed record AclEntry(string Grantee, ImmutableSortedSet<char> Rights, ImmutableSortedSet<char> Options, string Grantor)
{
    // The order in which PostgreSQL writes the letters.
    private const string Order = "arwdDxtXUCTcsAm";

    public static AclEntry Parse(string text)
    {
        int at = 0;
        string grantee = Name(text, ref at);
        Invariant.Check(at < text.Length && text[at] == '=', "an aclitem");
        ImmutableSortedSet<char>.Builder rights = ImmutableSortedSet.CreateBuilder<char>(), options = ImmutableSortedSet.CreateBuilder<char>();
        for (at++; at < text.Length && text[at] != '/'; at++)
        {
            if (text[at] == '*') options.Add(text[at - 1]);
            else rights.Add(text[at]);
        }
        at++;
        return new AclEntry(grantee, rights.ToImmutable(), options.ToImmutable(), at < text.Length ? Name(text, ref at) : "");
    }

    public string Format()
    {
        StringBuilder text = new(Quoted(Grantee));
        text.Append('=');
        foreach (char right in Order.Where(Rights.Contains))
        {
            text.Append(right);
            if (Options.Contains(right)) text.Append('*');
        }
        return text.Append('/').Append(Quoted(Grantor)).ToString();
    }

    private static string Name(string text, ref int at)
    {
        StringBuilder name = new();
        if (at < text.Length && text[at] == '"')
        {
            for (at++; at < text.Length; at++)
            {
                if (text[at] == '"' && (at + 1 >= text.Length || text[at + 1] != '"')) break;
                if (text[at] == '"') at++;
                name.Append(text[at]);
            }
            at++;
            return name.ToString();
        }
        while (at < text.Length && text[at] is not ('=' or '/')) name.Append(text[at++]);
        return name.ToString();
    }

    private static string Quoted(string name) => name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? name : "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
}

/// <summary>Which rights there are on each kind of object, and who has them where nothing was granted.</summary>
public static class AccessControl
{
    /// <summary>The letters of all rights on an object of that kind.</summary>
    internal static string AllRights(CatalogObject target) => target switch
    {
        TableObject { RelationKind: RelationKind.CompositeType } => "U",
        TableObject => "arwdDxt",
        SequenceObject => "rwU",
        DatabaseObject => "CTc",
        FunctionObject => "X",
        SchemaObject => "UC",
        TypeObject => "U",
        _ => "",
    };

    internal static string PublicRights(CatalogObject target) => target switch
    {
        DatabaseObject => "Tc",
        FunctionObject => "X",
        TypeObject => "U",
        SchemaObject { Oid: WellKnownOid.PublicSchema } => "U",
        _ => "",
    };

    internal static List<AclEntry> Read(CatalogObject target, string owner)
    {
        if (target.Acl.Length > 0) return [.. target.Acl.Select(AclEntry.Parse)];
        ImmutableSortedSet<char> none = [];
        List<AclEntry> entries = [];
        if (PublicRights(target).Length > 0) entries.Add(new AclEntry("", [.. PublicRights(target)], none, owner));
        entries.Add(new AclEntry(owner, [.. AllRights(target)], none, owner));
        return entries;
    }

    public static SqlException Denied(CatalogObject target) => new(SqlState.InsufficientPrivilege, $"permission denied for {ObjectText.Noun(target)} {target.Name}");

    /// <summary>Whether a role has a right (a letter of <c>aclitem</c>) on a relation or another object, or, failing that, on all of the columns named.</summary>
    /// <param name="columns">Null: the whole relation. Empty: any column will do.</param>
    public static bool Allows(RoleObject role, CatalogObject relation, char right, SharedCatalog roles, IReadOnlyCollection<string>? columns = null)
    {
        if (role.IsSuperuser || Ownership.IsMember(roles, role, relation.Owner)) return true;
        if (Read(relation, roles.Find<RoleObject>(relation.Owner)?.Name ?? "").Any(e => e.Rights.Contains(right) && Concerns(e, role, roles))) return true;
        if (columns is null || relation is not TableObject table) return false;
        return columns.Count == 0 ? table.LiveColumns.Any(Granted) : columns.All(name => table.LiveColumns.FirstOrDefault(c => c.Name == name) is { } column && Granted(column));

        bool Granted(ColumnObject column) => column.Acl.Select(AclEntry.Parse).Any(e => e.Rights.Contains(right) && Concerns(e, role, roles));
    }

    private static bool Concerns(AclEntry entry, RoleObject role, SharedCatalog roles) =>
        entry.Grantee.Length == 0 || roles.FindRole(entry.Grantee) is { } grantee && Ownership.IsMember(roles, role, grantee.Oid);
}
