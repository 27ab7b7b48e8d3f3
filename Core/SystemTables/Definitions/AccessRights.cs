using System.Text;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;

namespace VecSql.Core.SystemTables;

/// <summary>One entry of an access list: who may do what, and who granted it. Grantee 0 is PUBLIC.</summary>
/// <param name="Rights">PostgreSQL's letters, a star after those that may be granted on.</param>
internal readonly record struct AccessEntry(uint Grantee, string Rights, uint Grantor)
{
    /// <summary>Reads "grantee=rights/grantor"; null if it isn't one, or names no role.</summary>
    public static AccessEntry? Parse(string text, CatalogSnapshot catalog)
    {
        int equals = Separator(text, '=', 0), slash = equals < 0 ? -1 : Separator(text, '/', equals);
        if (equals < 0) return null;
        string grantee = Unquote(text[..equals]), grantor = slash < 0 ? "" : Unquote(text[(slash + 1)..]);
        uint granteeOid = grantee.Length == 0 ? 0 : PgAuthId.OidOf(grantee, catalog);
        if (grantee.Length > 0 && granteeOid == 0) return null;
        return new AccessEntry(granteeOid, slash < 0 ? text[(equals + 1)..] : text[(equals + 1)..slash], grantor.Length == 0 ? WellKnownOid.BootstrapRole : PgAuthId.OidOf(grantor, catalog));
    }

    public bool Has(char letter, bool withGrantOption)
    {
        int at = Rights.IndexOf(letter, StringComparison.Ordinal);
        return at >= 0 && (!withGrantOption || (at + 1 < Rights.Length && Rights[at + 1] == '*'));
    }

    private static int Separator(string text, char separator, int start)
    {
        bool isQuoted = false;
        for (int i = start; i < text.Length; i++)
        {
            if (text[i] == '"') isQuoted = !isQuoted;
            else if (text[i] == separator && !isQuoted) return i;
        }
        return -1;
    }

    private static string Unquote(string name) => name.Length > 1 && name[0] == '"' ? name[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : name;
}

/// <summary>Rights of roles on objects, with PostgreSQL's defaults: superusers may all, owners all on their own, PUBLIC what an empty list means for the kind of object.</summary>
internal static class AccessRights
{
    private static readonly Dictionary<string, char> Letters = new(StringComparer.OrdinalIgnoreCase)
    {
        ["SELECT"] = 'r', ["INSERT"] = 'a', ["UPDATE"] = 'w', ["DELETE"] = 'd', ["TRUNCATE"] = 'D', ["REFERENCES"] = 'x', ["TRIGGER"] = 't', ["RULE"] = '\0', ["EXECUTE"] = 'X', ["USAGE"] = 'U',
        ["CREATE"] = 'C', ["TEMPORARY"] = 'T', ["TEMP"] = 'T', ["CONNECT"] = 'c', ["SET"] = 's', ["ALTER SYSTEM"] = 'A', ["MEMBER"] = 'm',
    };

    private static readonly Dictionary<char, string> Names = Letters.Where(l => l.Key is not ("TEMP" or "RULE" or "MEMBER")).ToDictionary(l => l.Value, l => l.Key);

    public static string? NameOf(char letter) => Names.GetValueOrDefault(letter);

    /// <summary>"SELECT, UPDATE WITH GRANT OPTION" as letters.</summary>
    /// <exception cref="SqlException">22023.</exception>
    public static List<(char Letter, bool WithGrantOption)> Parse(string list)
    {
        List<(char, bool)> rights = [];
        foreach (string part in list.Split(','))
        {
            string name = part.Trim();
            bool withGrant = name.EndsWith(" WITH GRANT OPTION", StringComparison.OrdinalIgnoreCase);
            if (withGrant) name = name[..^" WITH GRANT OPTION".Length].TrimEnd();
            if (!withGrant && name.EndsWith(" WITH ADMIN OPTION", StringComparison.OrdinalIgnoreCase))
            {
                withGrant = true;
                name = name[..^" WITH ADMIN OPTION".Length].TrimEnd();
            }
            if (!Letters.TryGetValue(name, out char letter)) throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized privilege type: \"{part.Trim()}\"");
            rights.Add((letter, withGrant));
        }
        return rights;
    }

    /// <summary>True if the role has one of the rights.</summary>
    /// <param name="objectKind">acldefault's letter: 'r' table, 's' sequence, 'd' database, 'f' function, 'l' language, 'n' schema, 't' tablespace, 'T' type.</param>
    public static bool Has(uint role, uint owner, IReadOnlyList<string> acl, char objectKind, List<(char Letter, bool WithGrantOption)> rights, CatalogSnapshot catalog)
    {
        if (catalog.Shared.Find<RoleObject>(role) is { IsSuperuser: true } || IsMember(role, owner, catalog)) return true;
        foreach (string text in acl.Count > 0 ? acl : Default(objectKind, owner, catalog))
        {
            if (AccessEntry.Parse(text, catalog) is not { } entry || !(entry.Grantee == 0 || IsMember(role, entry.Grantee, catalog))) continue;
            foreach ((char letter, bool withGrant) in rights)
                if (entry.Has(letter, withGrant)) return true;
        }
        return false;
    }

    /// <summary>True if the role is the other, or was granted it, directly or not.</summary>
    public static bool IsMember(uint role, uint of, CatalogSnapshot catalog)
    {
        if (role == of) return true;
        HashSet<uint> seen = [role];
        Stack<uint> open = new(seen);
        while (open.TryPop(out uint next))
        {
            if (catalog.Shared.Find<RoleObject>(next) is not { } found) continue;
            foreach (RoleMembership membership in found.MemberOf)
            {
                if (membership.Role == of) return true;
                if (seen.Add(membership.Role)) open.Push(membership.Role);
            }
        }
        return false;
    }

    /// <summary>What an empty access list means.</summary>
    /// <exception cref="SqlException">22023: no such kind.</exception>
    public static IReadOnlyList<string> Default(char objectKind, uint owner, CatalogSnapshot catalog)
    {
        (string world, string own) = objectKind switch
        {
            'c' => ("", ""),
            'r' => ("", "arwdDxt"),
            's' => ("", "rwU"),
            'd' => ("Tc", "CTc"),
            'f' => ("X", "X"),
            'l' or 'T' => ("U", "U"),
            'L' => ("", "rw"),
            'n' => ("", "UC"),
            't' => ("", "C"),
            'p' => ("", "sA"),
            'F' or 'S' => ("", "U"),
            _ => throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized objtype abbreviation: {objectKind}"),
        };
        string name = QuoteRole(PgAuthId.NameOf(owner, catalog) ?? owner.ToString(System.Globalization.CultureInfo.InvariantCulture));
        List<string> entries = [];
        if (world.Length > 0) entries.Add($"={world}/{name}");
        if (own.Length > 0) entries.Add($"{name}={own}/{name}");
        return entries;
    }

    private static string QuoteRole(string name) => name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? name : new StringBuilder("\"").Append(name.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"').ToString();
}
