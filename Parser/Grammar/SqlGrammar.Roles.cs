using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Parser.Lexing;

namespace VecSql.Parser.Grammar;

/// <summary>Roles, GRANT and REVOKE, publications and subscriptions.</summary>
internal sealed partial class SqlGrammar
{
    private CreateRoleStatement CreateRole(int start)
    {
        var kind = Accept(Keyword.Role) ? RoleStatementKind.Role : Accept(Keyword.User) ? RoleStatementKind.User : RoleStatementKind.Group;
        if (kind == RoleStatementKind.Group) Advance();
        string name = RoleName();
        Accept(Keyword.With);
        return new CreateRoleStatement(kind, name, RoleOptions(isCreate: true)) { Span = SpanFrom(start) };
    }

    private List<Option> RoleOptions(bool isCreate)
    {
        List<Option> options = [];
        while (true)
        {
            int start = Here;
            var option = RoleOption() ?? (isCreate ? RoleCreationOption() : null);
            if (option is null) return options;
            options.Add(option with { Span = SpanFrom(start) });
        }
    }

    private static Option Flag(string name, bool value) => new(null, name, new OptionValue(OptionValueKind.Word, value ? "true" : "false"));

    private OptionValue RoleList() => new(OptionValueKind.List, "", Roles().ConvertAll(r => new OptionValue(OptionValueKind.Word, RoleWord(r))));

    private static string RoleWord(RoleSpecification role) => role.Kind switch
    {
        RoleSpecificationKind.Public => "public",
        RoleSpecificationKind.CurrentRole => "current_role",
        RoleSpecificationKind.CurrentUser => "current_user",
        RoleSpecificationKind.SessionUser => "session_user",
        _ => role.Name!,
    };

    private Option? RoleOption()
    {
        int start = Here;
        switch (Current.Keyword)
        {
            case Keyword.Password:
                Advance();
                return new Option(null, "password", Accept(Keyword.Null) ? null : StringValue());
            case Keyword.Encrypted:
                Advance();
                Expect(Keyword.Password);
                return new Option(null, "password", StringValue());
            case Keyword.Unencrypted:
                Advance();
                Expect(Keyword.Password);
                StringConstant();
                throw Error(
                    "UNENCRYPTED PASSWORD is no longer supported", start, "Remove UNENCRYPTED to store the password in encrypted form instead.",
                    SqlState.FeatureNotSupported);
            case Keyword.Inherit:
                Advance();
                return Flag("inherit", true);
            case Keyword.Connection:
                Advance();
                Expect(Keyword.Limit);
                return new Option(null, "connectionlimit", new OptionValue(OptionValueKind.Number, SignedIntegerConstant().ToString()));
            case Keyword.Valid:
                Advance();
                Expect(Keyword.Until);
                return new Option(null, "validUntil", StringValue());
            case Keyword.User:
                Advance();
                return new Option(null, "role", RoleList());
        }
        if (!Is(TokenKind.Identifier)) return null;
        var (name, value) = Current.Text switch
        {
            "superuser" or "createrole" or "createdb" or "login" or "replication" or "bypassrls" => (Current.Text, true),
            "nosuperuser" or "nocreaterole" or "nocreatedb" or "nologin" or "noreplication" or "nobypassrls" or "noinherit" => (Current.Text[2..], false),
            _ => throw Error($"unrecognized role option \"{Current.Text}\"", start),
        };
        Advance();
        return Flag(name, value);
    }

    private Option? RoleCreationOption()
    {
        switch (Current.Keyword)
        {
            case Keyword.Sysid:
                Advance();
                return new Option(null, "sysid", new OptionValue(OptionValueKind.Number, IntegerConstant().ToString()));
            case Keyword.Admin:
                Advance();
                return new Option(null, "admin", RoleList());
            case Keyword.Role:
                Advance();
                return new Option(null, "role", RoleList());
            case Keyword.In:
                Advance();
                if (!Accept(Keyword.Role)) Expect(Keyword.Group);
                return new Option(null, "inrole", RoleList());
            default:
                return null;
        }
    }

    private Statement AlterRole(int start)
    {
        bool isGroup = Is(Keyword.Group);
        Advance();
        RoleSpecification? role = null;
        int nameStart = Here;
        if (isGroup || !Accept(Keyword.All)) role = Role();
        if (role is not null && Accept(Keyword.Rename))
        {
            Expect(Keyword.To);
            if (role.Kind != RoleSpecificationKind.Name) throw Error("only a role's own name can be renamed", nameStart, state: SqlState.ReservedName);
            var target = new ObjectReference(ObjectKind.Role, new QualifiedName([role.Name!]) { Span = role.Span }) { Span = role.Span };
            return new RenameStatement(target, RoleName(), false) { Span = SpanFrom(start) };
        }
        if (isGroup)
        {
            bool isAdded = Accept(Keyword.Add);
            if (!isAdded) Expect(Keyword.Drop);
            Expect(Keyword.User);
            return new AlterGroupStatement(role!, isAdded, Roles()) { Span = SpanFrom(start) };
        }
        string? database = null;
        bool hasDatabase = Accept(Keyword.In);
        if (hasDatabase)
        {
            Expect(Keyword.Database);
            database = Name();
        }
        if (role is null || hasDatabase || IsAny(Keyword.Set, Keyword.Reset))
            return new AlterSettingStatement(database, role, SetOrReset(allowsTransaction: true)) { IsRole = true, Span = SpanFrom(start) };
        Accept(Keyword.With);
        return new AlterRoleStatement(role, RoleOptions(isCreate: false)) { Span = SpanFrom(start) };
    }

    // GRANT and REVOKE

    private Statement Grant()
    {
        int start = Here;
        bool isGrant = Accept(Keyword.Grant);
        if (!isGrant) Expect(Keyword.Revoke);
        bool grantOption = false, adminOption = false;
        if (!isGrant && AcceptBoth(Keyword.Grant, Keyword.Option))
        {
            Expect(Keyword.For);
            grantOption = true;
        }
        else if (!isGrant && Is(Keyword.Admin, Keyword.Option))
        {
            Advance();
            Advance();
            Expect(Keyword.For);
            adminOption = true;
        }
        var (privileges, allColumns) = Privileges();
        if (!adminOption && Accept(Keyword.On)) return GrantOn(start, isGrant, privileges, allColumns, grantOption);
        if (grantOption || privileges.Count == 0) throw SyntaxError();
        if (privileges.Exists(p => p.Columns.Count > 0)) throw Error("column names cannot be included in GRANT/REVOKE ROLE", -1, state: "0LP01");
        return GrantRole(start, isGrant, privileges, adminOption);
    }

    private GrantStatement GrantOn(int start, bool isGrant, List<Privilege> privileges, IReadOnlyList<string> allColumns, bool grantOption)
    {
        var (kind, targets, routines) = GrantTarget();
        Expect(isGrant ? Keyword.To : Keyword.From);
        var grantees = Grantees();
        if (isGrant && Accept(Keyword.With))
        {
            Expect(Keyword.Grant, Keyword.Option);
            grantOption = true;
        }
        return new GrantStatement(isGrant, privileges, kind)
        {
            Targets = targets,
            Routines = routines,
            Grantees = grantees,
            GrantOption = grantOption,
            AllColumns = allColumns,
            GrantedBy = GrantedBy(),
            Behavior = isGrant ? DropBehavior.Restrict : AcceptDropBehavior(),
            Span = SpanFrom(start),
        };
    }

    private GrantRoleStatement GrantRole(int start, bool isGrant, List<Privilege> roles, bool adminOption)
    {
        Expect(isGrant ? Keyword.To : Keyword.From);
        var grantees = Roles();
        if (isGrant && Accept(Keyword.With))
        {
            Expect(Keyword.Admin, Keyword.Option);
            adminOption = true;
        }
        return new GrantRoleStatement(isGrant, roles.ConvertAll(r => r.Name), grantees)
        {
            AdminOption = adminOption,
            GrantedBy = GrantedBy(),
            Behavior = isGrant ? DropBehavior.Restrict : AcceptDropBehavior(),
            Span = SpanFrom(start),
        };
    }

    private RoleSpecification? GrantedBy() => Accept(Keyword.Granted, Keyword.By) ? Role() : null;

    private List<RoleSpecification> Grantees() => CommaList(() =>
    {
        if (Is(Keyword.Group)) Advance();
        return Role();
    });

    private (List<Privilege>, IReadOnlyList<string>) Privileges()
    {
        if (!Accept(Keyword.All)) return (CommaList(Privilege), []);
        Accept(Keyword.Privileges);
        return ([], OptionalNames());
    }

    private Privilege Privilege()
    {
        int start = Here;
        string name;
        if (Accept(Keyword.Alter))
        {
            Expect(Keyword.System);
            return new Privilege("alter system", []) { Span = SpanFrom(start) };
        }
        if (IsAny(Keyword.Select, Keyword.References, Keyword.Create)) name = TakeText();
        else name = Name();
        return new Privilege(name, OptionalNames()) { Span = SpanFrom(start) };
    }

    private (GrantTargetKind, IReadOnlyList<QualifiedName>, IReadOnlyList<RoutineReference>) GrantTarget()
    {
        switch (Current.Keyword)
        {
            case Keyword.Table when IsColumnName(Ahead(1)):
                Advance();
                return (GrantTargetKind.Table, RelationNames(), []);
            case Keyword.Sequence when IsColumnName(Ahead(1)):
                Advance();
                return (GrantTargetKind.Sequence, RelationNames(), []);
            case Keyword.Foreign:
                Advance();
                if (Accept(Keyword.Server)) return (GrantTargetKind.ForeignServer, CommaList(SingleName), []);
                Expect(Keyword.Data, Keyword.Wrapper);
                return (GrantTargetKind.ForeignDataWrapper, CommaList(SingleName), []);
            case Keyword.Function or Keyword.Procedure or Keyword.Routine when IsNonReserved(Ahead(1)):
                var kind = Accept(Keyword.Function) ? GrantTargetKind.Function : Accept(Keyword.Procedure) ? GrantTargetKind.Procedure : GrantTargetKind.Routine;
                if (kind == GrantTargetKind.Routine) Advance();
                return (kind, [], CommaList(() =>
                {
                    var reference = FunctionReference(ObjectKind.Function);
                    return new RoutineReference(reference.Name!, reference.Parameters) { Span = reference.Span };
                }));
            case Keyword.Large:
                Advance();
                Expect(Keyword.Object);
                return (GrantTargetKind.LargeObject, CommaList(() =>
                {
                    int start = Here;
                    return new QualifiedName([NumberConstant()]) { Span = SpanFrom(start) };
                }), []);
            case Keyword.All:
                return (AllInSchema(), CommaList(SingleName), []);
            case Keyword.Parameter when IsColumnName(Ahead(1)):
                Advance();
                return (GrantTargetKind.Parameter, AnyNames(), []);
            case Keyword.Domain or Keyword.Type when IsColumnName(Ahead(1)):
                var typeKind = Is(Keyword.Domain) ? GrantTargetKind.Domain : GrantTargetKind.Type;
                Advance();
                return (typeKind, AnyNames(), []);
            case Keyword.Database or Keyword.Language or Keyword.Schema or Keyword.Tablespace when IsColumnName(Ahead(1)):
                var named = Current.Keyword switch
                {
                    Keyword.Database => GrantTargetKind.Database,
                    Keyword.Language => GrantTargetKind.Language,
                    Keyword.Schema => GrantTargetKind.Schema,
                    _ => GrantTargetKind.Tablespace,
                };
                Advance();
                return (named, CommaList(SingleName), []);
            default:
                return (GrantTargetKind.Table, RelationNames(), []);
        }
    }

    private GrantTargetKind AllInSchema()
    {
        Expect(Keyword.All);
        var kind = Current.Keyword switch
        {
            Keyword.Tables => GrantTargetKind.AllTablesInSchema,
            Keyword.Sequences => GrantTargetKind.AllSequencesInSchema,
            Keyword.Functions => GrantTargetKind.AllFunctionsInSchema,
            Keyword.Procedures => GrantTargetKind.AllProceduresInSchema,
            Keyword.Routines => GrantTargetKind.AllRoutinesInSchema,
            _ => throw SyntaxError(),
        };
        Advance();
        Expect(Keyword.In, Keyword.Schema);
        return kind;
    }

    private OtherStatement DefaultPrivileges(int start)
    {
        Expect(Keyword.Privileges);
        while (IsAny(Keyword.In, Keyword.For))
        {
            if (Accept(Keyword.In))
            {
                Expect(Keyword.Schema);
                NameList();
                continue;
            }
            Advance();
            if (!Accept(Keyword.Role)) Expect(Keyword.User);
            Roles();
        }
        bool isGrant = Accept(Keyword.Grant);
        if (!isGrant)
        {
            Expect(Keyword.Revoke);
            if (Accept(Keyword.Grant, Keyword.Option)) Expect(Keyword.For);
        }
        Privileges();
        Expect(Keyword.On);
        if (!IsAny(Keyword.Tables, Keyword.Functions, Keyword.Routines, Keyword.Sequences, Keyword.Types, Keyword.Schemas)) throw SyntaxError();
        Advance();
        Expect(isGrant ? Keyword.To : Keyword.From);
        Grantees();
        if (!isGrant) AcceptDropBehavior();
        else if (Accept(Keyword.With)) Expect(Keyword.Grant, Keyword.Option);
        return Other("ALTER DEFAULT PRIVILEGES", start);
    }

    // Publications and subscriptions

    private CreatePublicationStatement CreatePublication(int start)
    {
        Expect(Keyword.Publication);
        string name = Name();
        bool forAll = false;
        List<PublicationObject> objects = [];
        if (Accept(Keyword.For))
        {
            if (Accept(Keyword.All))
            {
                Expect(Keyword.Tables);
                forAll = true;
            }
            else
            {
                objects = PublicationObjects();
            }
        }
        return new CreatePublicationStatement(name, forAll, objects, ConstraintOptions()) { Span = SpanFrom(start) };
    }

    private enum PublishedKind { Continuation, Table, Schema }

    /// <summary>TABLE t, u, TABLES IN SCHEMA s, t: an entry without words is of the kind of the one before.</summary>
    private List<PublicationObject> PublicationObjects()
    {
        var specifications = CommaList(PublishedObject);
        List<PublicationObject> objects = [];
        var previous = PublishedKind.Continuation;
        foreach (var (written, found) in specifications)
        {
            int start = found.Span.Start;
            var kind = written == PublishedKind.Continuation ? previous : written;
            if (kind == PublishedKind.Continuation) throw Error("invalid publication object list", start);
            if (kind == PublishedKind.Table && found.Table is null) throw Error("invalid table name", start);
            objects.Add(kind == PublishedKind.Table ? found : PublishedSchema(found));
            previous = kind;
        }
        return objects;
    }

    private static PublicationObject PublishedSchema(PublicationObject found)
    {
        int start = found.Span.Start;
        if (found.Table is not { } table) return found;
        if (found.Where is not null) throw Error("WHERE clause not allowed for schema", start);
        if (found.Columns.Count > 0) throw Error("column specification not allowed for schema", start);
        if (table.IsOnly || table.Name.Parts.Count > 1) throw Error("invalid schema name", start);
        return new PublicationObject(null, [], null) { Schema = table.Name.Name, Span = found.Span };
    }

    /// <summary>A table, or (for CURRENT_SCHEMA) a schema; which of them a name is, the entries before say.</summary>
    private (PublishedKind, PublicationObject) PublishedObject()
    {
        int start = Here;
        var kind = Accept(Keyword.Table) ? PublishedKind.Table : PublishedKind.Continuation;
        if (Is(Keyword.Tables, Keyword.In))
        {
            Advance();
            Advance();
            Expect(Keyword.Schema);
            kind = PublishedKind.Schema;
            start = Here;
            if (!Is(Keyword.CurrentSchema)) return (kind, new PublicationObject(null, [], null) { Schema = Name(), Span = SpanFrom(start) });
        }
        if (kind != PublishedKind.Table && Accept(Keyword.CurrentSchema))
            return (kind, new PublicationObject(null, [], null) { Schema = "", Span = SpanFrom(start) });
        var table = Relation();
        var columns = OptionalNames();
        Expression? where = null;
        if (Accept(Keyword.Where))
        {
            Expect(TokenKind.OpenParen);
            where = AnyExpression();
            Expect(TokenKind.CloseParen);
        }
        return (kind, new PublicationObject(table, columns, where) { Span = SpanFrom(start) });
    }

    private Statement AlterPublication(int start)
    {
        Advance();
        int nameStart = Here;
        string name = Name();
        var target = new ObjectReference(ObjectKind.Publication, new QualifiedName([name])) { Span = SpanFrom(nameStart) };
        if (CommonAlteration(start, target) is { } common) return common;
        AlterListAction action;
        if (Accept(Keyword.Add)) action = AlterListAction.Add;
        else if (Accept(Keyword.Drop)) action = AlterListAction.Drop;
        else
        {
            Expect(Keyword.Set);
            action = AlterListAction.Set;
            if (Is(TokenKind.OpenParen))
                return new AlterPublicationStatement(name, AlterListAction.SetOptions) { Options = Definition(), Span = SpanFrom(start) };
        }
        return new AlterPublicationStatement(name, action) { Objects = PublicationObjects(), Span = SpanFrom(start) };
    }

    private CreateSubscriptionStatement CreateSubscription(int start)
    {
        Expect(Keyword.Subscription);
        string name = Name();
        Expect(Keyword.Connection);
        string connection = StringConstant();
        Expect(Keyword.Publication);
        var publications = NameList();
        return new CreateSubscriptionStatement(name, connection, publications, ConstraintOptions()) { Span = SpanFrom(start) };
    }

    private Statement AlterSubscription(int start)
    {
        Advance();
        int nameStart = Here;
        string name = Name();
        var target = new ObjectReference(ObjectKind.Subscription, new QualifiedName([name])) { Span = SpanFrom(nameStart) };
        if (CommonAlteration(start, target) is { } common) return common;
        AlterSubscriptionStatement Publications(AlterSubscriptionKind kind)
        {
            Expect(Keyword.Publication);
            var list = NameList();
            return new AlterSubscriptionStatement(name, kind) { Publications = list, Options = ConstraintOptions() };
        }
        AlterSubscriptionStatement statement;
        if (Accept(Keyword.Connection)) statement = new(name, AlterSubscriptionKind.Connection) { Connection = StringConstant() };
        else if (Accept(Keyword.Refresh))
        {
            Expect(Keyword.Publication);
            statement = new(name, AlterSubscriptionKind.Refresh) { Options = ConstraintOptions() };
        }
        else if (Accept(Keyword.Add)) statement = Publications(AlterSubscriptionKind.AddPublication);
        else if (Accept(Keyword.Drop)) statement = Publications(AlterSubscriptionKind.DropPublication);
        else if (Accept(Keyword.Enable)) statement = new(name, AlterSubscriptionKind.Enable);
        else if (Accept(Keyword.Disable)) statement = new(name, AlterSubscriptionKind.Disable);
        else if (Accept(Keyword.Skip)) statement = new(name, AlterSubscriptionKind.Skip) { Options = Definition() };
        else
        {
            Expect(Keyword.Set);
            statement = Is(TokenKind.OpenParen)
                ? new(name, AlterSubscriptionKind.SetOptions) { Options = Definition() }
                : Publications(AlterSubscriptionKind.SetPublication);
        }
        return statement with { Span = SpanFrom(start) };
    }
}
