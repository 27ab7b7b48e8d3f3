using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.SystemTables;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>has_table_privilege and its kin, in all forms: role by name or number or the current one; object by name or number; columns also by number.</summary>
internal static class PrivilegeFunctions
{
    private readonly record struct Target(uint Owner, IReadOnlyList<string> Acl, char Kind);

    /// <summary>Finds an object by name; throws if there is none.</summary>
    private delegate uint Finder(string name, EvalContext context);

    /// <summary>Owner and rights of an object; null if there is none.</summary>
    private delegate Target? Describer(uint oid, CatalogSnapshot catalog);

    private static readonly string[] SystemAcl = ["=r/postgres"];

    public static void Register(FunctionLibrary library)
    {
        AddFamily(library, "has_table_privilege", FindBy(RegKind.Class), Relation);
        AddFamily(library, "has_sequence_privilege", FindBy(RegKind.Class), Relation);
        AddFamily(library, "has_any_column_privilege", FindBy(RegKind.Class), Relation);
        AddFamily(library, "has_schema_privilege", FindBy(RegKind.Namespace), Schema);
        AddFamily(library, "has_function_privilege", FindBy(RegKind.ProcedureWithTypes), Function);
        AddFamily(library, "has_type_privilege", FindBy(RegKind.Type), Type);
        AddFamily(library, "has_database_privilege", static (name, c) => c.Catalog.Shared.FindDatabase(name)?.Oid ?? throw Missing(SqlState.InvalidCatalogName, "database", name), Database);
        AddFamily(library, "has_language_privilege", static (name, _) => PgLanguage.OidOf(name) is not 0 and var oid ? oid : throw Missing(SqlState.UndefinedObject, "language", name), Language);
        AddFamily(library, "has_tablespace_privilege", static (name, _) => TablespaceOf(name), Tablespace);
        AddFamily(library, "has_foreign_data_wrapper_privilege", static (name, _) => throw Missing(SqlState.UndefinedObject, "foreign-data wrapper", name), static (_, _) => null);
        AddFamily(library, "has_server_privilege", static (name, _) => throw Missing(SqlState.UndefinedObject, "server", name), static (_, _) => null);
        AddColumns(library);
        AddRoles(library);
        library.Strict("pg_get_userbyid", static (in a, r, c) => Answers.Text(r, PgAuthId.NameOf(a.Get<uint>(0), c.Catalog) ?? $"unknown (OID={a.Get<uint>(0)})"));
        library.Strict("row_security_active", static (in _, r, _) => StringFunctions.Bool(r, false));
        library.Strict("row_security_active_name", static (in _, r, _) => StringFunctions.Bool(r, false));
    }

    private static void AddFamily(FunctionLibrary library, string name, Finder find, Describer describe)
    {
        foreach (string role in (string[])["", "_name", "_id"])
            foreach (string form in (string[])["_name", "_id"])
            {
                bool byName = form == "_name";
                int at = role.Length == 0 ? 0 : 1;
                library.Strict(name + role + form, (in a, r, c) =>
                {
                    uint user = Role(a, role, c);
                    uint oid = byName ? find(Answers.String(a, at), c) : a.Get<uint>(at);
                    Answer(r, user, describe(oid, c.Catalog), Answers.String(a, at + 1), c);
                });
            }
    }

    /// <summary>A right on the table is one on every column; columns may have rights of their own.</summary>
    private static void AddColumns(FunctionLibrary library)
    {
        foreach (string role in (string[])["", "_name", "_id"])
            foreach (string table in (string[])["_name", "_id"])
                foreach (string column in (string[])["_name", "_attnum"])
                {
                    int at = role.Length == 0 ? 0 : 1;
                    bool byName = table == "_name", columnByName = column == "_name";
                    library.Strict("has_column_privilege" + role + table + column, (in a, r, c) =>
                    {
                        uint user = Role(a, role, c);
                        uint oid = byName ? ObjectNames.Find(RegKind.Class, Answers.String(a, at), c) : a.Get<uint>(at);
                        ColumnAnswer(r, user, oid, columnByName ? Answers.String(a, at + 1) : null, columnByName ? (short)0 : a.Get<short>(at + 1), Answers.String(a, at + 2), c);
                    });
                }
    }

    private static void ColumnAnswer(ColumnBuilder result, uint user, uint oid, string? name, short number, string rights, EvalContext context)
    {
        List<(char, bool)> wanted = AccessRights.Parse(rights);
        if (Relation(oid, context.Catalog) is not { } target)
        {
            result.AppendNull();
            return;
        }
        ColumnObject? column = context.Catalog.Find<TableObject>(oid)?.LiveColumns.FirstOrDefault(c => name is null ? c.Number == number : c.Name == name);
        bool isSystem = SystemRelations.Find(oid) is { } system && (name is null ? number >= 1 && number <= system.Columns.Count : system.Columns.Any(c => c.Name == name));
        if (column is null && !isSystem)
        {
            if (name is not null) throw new SqlException(SqlState.UndefinedColumn, $"column \"{name}\" of relation \"{ObjectNames.Display(RegKind.Class, oid, context)}\" does not exist");
            result.AppendNull();
            return;
        }
        bool has = AccessRights.Has(user, target.Owner, target.Acl, target.Kind, wanted, context.Catalog)
            || (column is { Acl.IsDefaultOrEmpty: false } && AccessRights.Has(user, target.Owner, column.Acl, 'c', wanted, context.Catalog));
        StringFunctions.Bool(result, has);
    }

    private static void AddRoles(FunctionLibrary library)
    {
        foreach (string user in (string[])["", "_name", "_id"])
            foreach (string role in (string[])["_name", "_id"])
            {
                int at = user.Length == 0 ? 0 : 1;
                bool byName = role == "_name";
                library.Strict("pg_has_role" + user + role, (in a, r, c) =>
                {
                    uint member = Role(a, user, c);
                    uint of = byName ? RoleByName(Answers.String(a, at), c) : a.Get<uint>(at);
                    AccessRights.Parse(Answers.String(a, at + 1));
                    StringFunctions.Bool(r, IsSuperuser(member, c.Catalog) || AccessRights.IsMember(member, of, c.Catalog));
                });
            }
    }

    private static void Answer(ColumnBuilder result, uint user, Target? target, string rights, EvalContext context)
    {
        List<(char, bool)> wanted = AccessRights.Parse(rights);
        if (target is { } found) StringFunctions.Bool(result, AccessRights.Has(user, found.Owner, found.Acl, found.Kind, wanted, context.Catalog));
        else result.AppendNull();
    }

    private static bool IsSuperuser(uint role, CatalogSnapshot catalog) => catalog.Shared.Find<RoleObject>(role) is { IsSuperuser: true };

    private static uint Role(in RowArguments arguments, string form, EvalContext context) => form switch
    {
        "" => RoleByName(context.Session.CurrentUser, context),
        "_name" => Answers.String(arguments, 0) == "public" ? 0 : RoleByName(Answers.String(arguments, 0), context),
        _ => arguments.Get<uint>(0),
    };

    private static uint RoleByName(string name, EvalContext context) => PgAuthId.OidOf(name, context.Catalog) is not 0 and var oid ? oid : throw Missing(SqlState.UndefinedObject, "role", name);

    private static SqlException Missing(string state, string kind, string name) => new(state, $"{kind} \"{name}\" does not exist");

    private static Finder FindBy(RegKind kind) => (name, context) => ObjectNames.Find(kind, name, context);

    private static Target? Relation(uint oid, CatalogSnapshot catalog)
    {
        if (catalog.Find<RelationObject>(oid) is { } own) return new Target(own.Owner, own.Acl, own.Kind == RelationKind.Sequence ? 's' : 'r');
        return SystemRelations.Find(oid) is { } system ? new Target(WellKnownOid.BootstrapRole, system.Name is "pg_authid" or "pg_shadow" ? [] : SystemAcl, 'r') : null;
    }

    private static Target? Schema(uint oid, CatalogSnapshot catalog)
    {
        if (oid == WellKnownOid.PublicSchema && catalog.Find<SchemaObject>(oid) is { Acl.IsEmpty: true } world) return new Target(world.Owner, ["=U/postgres"], 'n');
        if (catalog.Find<SchemaObject>(oid) is { } own) return new Target(own.Owner, own.Acl, 'n');
        return SystemRelations.SchemaName(oid, catalog) is null ? null : new Target(WellKnownOid.BootstrapRole, ["=U/postgres"], 'n');
    }

    private static Target? Function(uint oid, CatalogSnapshot catalog)
    {
        if (catalog.Find<FunctionObject>(oid) is { } own) return new Target(own.Owner, own.Acl, 'f');
        return Builtins.FindFunction(oid) is null ? null : new Target(WellKnownOid.BootstrapRole, [], 'f');
    }

    private static Target? Type(uint oid, CatalogSnapshot catalog)
    {
        if (catalog.Find<TypeObject>(oid) is { } own) return new Target(own.Owner, own.Acl, 'T');
        return Builtins.FindType(oid) is null ? null : new Target(WellKnownOid.BootstrapRole, [], 'T');
    }

    private static Target? Database(uint oid, CatalogSnapshot catalog) => catalog.Shared.Find<DatabaseObject>(oid) is { } found ? new Target(found.Owner, found.Acl, 'd') : null;
    private static Target? Language(uint oid, CatalogSnapshot catalog) => PgLanguage.NameOf(oid) is null ? null : new Target(WellKnownOid.BootstrapRole, [], 'l');
    private static Target? Tablespace(uint oid, CatalogSnapshot catalog) => PgTablespace.NameOf(oid) is null ? null : new Target(WellKnownOid.BootstrapRole, [], 't');

    private static uint TablespaceOf(string name) => name switch
    {
        "pg_default" => WellKnownOid.DefaultTablespace,
        "pg_global" => PgTablespace.Global,
        _ => throw Missing(SqlState.UndefinedObject, "tablespace", name),
    };
}
