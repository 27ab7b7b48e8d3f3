using VecSql.Core.Errors;
using VecSql.Parser.Ast;

namespace VecSql.Parser.Deparsing;

/// <summary>Databases, schemas, views, sequences, types, functions, roles, publications, and statements over objects of any kind.</summary>
public sealed partial class Deparser
{
    private Deparser WriteObjectStatement(Statement statement)
    {
        switch (statement)
        {
            case CreateDatabaseStatement s:
                return Add("CREATE DATABASE ").Name(s.Name).DatabaseOptions(s.Options);
            case AlterDatabaseStatement s:
                return Add("ALTER DATABASE ").Name(s.Name).DatabaseOptions(s.Options);
            case AlterSettingStatement s:
                if (!s.IsRole) return Add("ALTER DATABASE ").Name(s.Database!).Add(" ").Write(s.Setting);
                Add("ALTER ROLE ");
                if (s.Role is null) Add("ALL");
                else Write(s.Role);
                return Optional(" IN DATABASE ", s.Database).Add(" ").Write(s.Setting);
            case DropDatabaseStatement s:
                return Add("DROP DATABASE ").If(s.IfExists, "IF EXISTS ").Name(s.Name).If(s.Force, " WITH (FORCE)");
            case CreateSchemaStatement s:
                Add("CREATE SCHEMA").If(s.IfNotExists, " IF NOT EXISTS").Optional(" ", s.Name);
                if (s.Owner is not null) Add(" AUTHORIZATION ").Write(s.Owner);
                foreach (var element in s.Elements) Add(" ").Write(element);
                return this;
            case CreateViewStatement s:
                return Write(s);
            case CreateMaterializedViewStatement s:
                Add("CREATE ").If(s.IsUnlogged, "UNLOGGED ").Add("MATERIALIZED VIEW ").If(s.IfNotExists, "IF NOT EXISTS ").Name(s.Name).OptionalNames(s.Columns);
                return Storage(s.AccessMethod, s.Options, OnCommitAction.None, s.Tablespace).Add(" AS ").Write(s.Query).If(!s.WithData, " WITH NO DATA");
            case RefreshMaterializedViewStatement s:
                return Add("REFRESH MATERIALIZED VIEW ").If(s.Concurrently, "CONCURRENTLY ").Name(s.Name).If(!s.WithData, " WITH NO DATA");
            case CreateSequenceStatement s:
                Add("CREATE ").Add(Word(s.Persistence)).Add("SEQUENCE ").If(s.IfNotExists, "IF NOT EXISTS ").Name(s.Name);
                foreach (var option in s.Options) Add(" ").Write(option);
                return this;
            case AlterSequenceStatement s:
                Add("ALTER SEQUENCE ").If(s.IfExists, "IF EXISTS ").Name(s.Name);
                foreach (var option in s.Options) Add(" ").Write(option);
                return this;
            case DropStatement s:
                Add("DROP ").Add(Words(s.Kind)).Add(" ").If(s.Concurrently, "CONCURRENTLY ").If(s.IfExists, "IF EXISTS ");
                return List(s.Objects, o => Object(o)).Behavior(s.Behavior);
            case CommentStatement s:
                Add("COMMENT ON ").Kind(s.Object).Object(s.Object).Add(" IS ");
                return s.Text is null ? Add("NULL") : Literal(s.Text);
            case RenameStatement s:
                return Write(s);
            case AlterOwnerStatement s:
                return Add("ALTER ").Kind(s.Object).Object(s.Object).Add(" OWNER TO ").Write(s.Owner);
            case AlterObjectSchemaStatement s:
                return Add("ALTER ").Kind(s.Object).If(s.IfExists, "IF EXISTS ").Object(s.Object).Add(" SET SCHEMA ").Name(s.NewSchema);
            case CreateExtensionStatement s:
                Add("CREATE EXTENSION ").If(s.IfNotExists, "IF NOT EXISTS ").Name(s.Name).Optional(" SCHEMA ", s.Schema);
                if (s.Version is not null) Add(" VERSION ").Literal(s.Version);
                return If(s.Cascade, " CASCADE");
            case AlterExtensionUpdateStatement s:
                Add("ALTER EXTENSION ").Name(s.Name).Add(" UPDATE");
                return s.Version is null ? this : Add(" TO ").Literal(s.Version);
            default:
                return WriteTypeStatement(statement) ?? WriteRoleStatement(statement) ?? WriteRoutineStatement(statement) ?? WriteReplicationStatement(statement)
                    ?? throw Invariant.Unreachable(statement);
        }
    }

    private Deparser DatabaseOptions(IReadOnlyList<Option> options)
    {
        foreach (var option in options)
        {
            Add(" ").Add(option.Name == "connection_limit" ? "CONNECTION LIMIT" : DatabaseOptionName(option.Name)).Add(" = ");
            if (option.Value is null) Add("DEFAULT");
            else Write(option.Value);
        }
        return this;
    }

    private static string DatabaseOptionName(string name) => Lexing.Keywords.Find(name) != Lexing.Keyword.NotKeyword ? name : Quoting.Identifier(name);

    private Deparser Write(CreateViewStatement s)
    {
        Add("CREATE ").If(s.OrReplace, "OR REPLACE ").Add(Word(s.Persistence)).If(s.IsRecursive, "RECURSIVE ").Add("VIEW ").Name(s.Name).OptionalNames(s.Columns);
        With(" WITH ", s.Options).Add(" AS ").Write(s.Query);
        return Add(s.CheckOption switch { CheckOption.Local => " WITH LOCAL CHECK OPTION", CheckOption.Cascaded => " WITH CASCADED CHECK OPTION", _ => "" });
    }

    // References to objects

    private static string Words(ObjectKind kind)
    {
        var words = new System.Text.StringBuilder();
        foreach (char c in kind.ToString())
        {
            if (char.IsAsciiLetterUpper(c) && words.Length > 0) words.Append(' ');
            words.Append(char.ToUpperInvariant(c));
        }
        return words.ToString();
    }

    private Deparser Kind(ObjectReference reference) =>
        Add(reference.Kind == ObjectKind.DomainConstraint ? "CONSTRAINT" : Words(reference.Kind)).Add(" ");

    private Deparser Object(ObjectReference reference)
    {
        switch (reference.Kind)
        {
            case ObjectKind.Function or ObjectKind.Procedure or ObjectKind.Routine or ObjectKind.Aggregate:
                Name(reference.Name!);
                return reference.Parameters is null ? this : Signature(reference.Parameters, reference.OrderByIndex, reference.Kind == ObjectKind.Aggregate);
            case ObjectKind.Operator:
                if (reference.Name!.Parts.Count > 1) Schema(reference.Name.Parts[0]).Add(".");
                Add(reference.Name.Name).Add("(");
                return List(reference.Types, t => OptionalType(t)).Add(")");
            case ObjectKind.Type or ObjectKind.Domain:
                return Write(reference.Types[0]!);
            case ObjectKind.OperatorClass or ObjectKind.OperatorFamily:
                return Name(reference.Name!).Add(" USING ").Name(reference.Table!);
            case ObjectKind.Policy or ObjectKind.Rule or ObjectKind.Trigger or ObjectKind.Constraint:
                return Name(reference.Name!).Add(" ON ").Name(reference.Table!);
            case ObjectKind.DomainConstraint:
                return Name(reference.Name!).Add(" ON DOMAIN ").Name(reference.Table!);
            case ObjectKind.Cast:
                return Add("(").Write(reference.Types[0]!).Add(" AS ").Write(reference.Types[1]!).Add(")");
            case ObjectKind.Transform:
                return Add("FOR ").Write(reference.Types[0]!).Add(" LANGUAGE ").Name(reference.Name!);
            case ObjectKind.LargeObject:
                return Add(reference.Name!.Name);
            default:
                return Name(reference.Name!);
        }
    }

    private Deparser OptionalType(TypeName? type) => type is null ? Add("NONE") : Write(type);

    private Deparser Signature(IReadOnlyList<FunctionParameter> parameters, int orderBy, bool isAggregate)
    {
        if (isAggregate && parameters.Count == 0) return Add("(*)");
        Add("(");
        for (int i = 0; i < parameters.Count; i++)
        {
            if (i == orderBy) If(i > 0, " ").Add("ORDER BY ");
            else If(i > 0, ", ");
            Write(parameters[i]);
        }
        return Add(")");
    }

    private Deparser Write(FunctionParameter parameter)
    {
        Add(parameter.Mode switch
        {
            ParameterMode.In => "IN ",
            ParameterMode.Out => "OUT ",
            ParameterMode.InOut => "INOUT ",
            ParameterMode.Variadic => "VARIADIC ",
            _ => "",
        });
        if (parameter.Name is not null) Name(parameter.Name).Add(" ");
        return Write(parameter.Type).Optional(" DEFAULT ", parameter.Default);
    }

    private Deparser Write(RenameStatement s)
    {
        var target = s.Object;
        if (target.Kind is ObjectKind.Column or ObjectKind.Attribute || (target.Kind == ObjectKind.Constraint && target.Table is not null))
        {
            Add("ALTER ").Add(Words(s.RelationKind)).Add(" ").If(s.IfExists, "IF EXISTS ").If(s.IsOnly, "ONLY ").Name(target.Table!).Add(" RENAME ");
            return Add(Words(target.Kind)).Add(" ").Name(target.Name!).Add(" TO ").Name(s.NewName).Behavior(s.Behavior);
        }
        if (target.Kind == ObjectKind.DomainConstraint)
            return Add("ALTER DOMAIN ").Name(target.Table!).Add(" RENAME CONSTRAINT ").Name(target.Name!).Add(" TO ").Name(s.NewName);
        return Add("ALTER ").Kind(target).If(s.IfExists, "IF EXISTS ").If(s.IsOnly, "ONLY ").Object(target).Add(" RENAME TO ").Name(s.NewName);
    }

    // Types and domains

    private Deparser? WriteTypeStatement(Statement statement)
    {
        switch (statement)
        {
            case CreateEnumStatement s:
                return Add("CREATE TYPE ").Name(s.Name).Add(" AS ENUM ").Parenthesized(s.Labels, l => Literal(l));
            case CreateCompositeTypeStatement s:
                return Add("CREATE TYPE ").Name(s.Name).Add(" AS ").Parenthesized(s.Attributes, a => Column(a));
            case CreateRangeTypeStatement s:
                return Add("CREATE TYPE ").Name(s.Name).With(" AS RANGE ", s.Options);
            case CreateBaseTypeStatement s:
                return Add("CREATE TYPE ").Name(s.Name).With(" ", s.Options ?? []);
            case AddEnumValueStatement s:
                Add("ALTER TYPE ").Name(s.Name).Add(" ADD VALUE ").If(s.IfNotExists, "IF NOT EXISTS ").Literal(s.Label);
                return s.Neighbor is null ? this : Add(s.IsAfter ? " AFTER " : " BEFORE ").Literal(s.Neighbor);
            case RenameEnumValueStatement s:
                return Add("ALTER TYPE ").Name(s.Name).Add(" RENAME VALUE ").Literal(s.OldLabel).Add(" TO ").Literal(s.NewLabel);
            case CreateDomainStatement s:
                return Add("CREATE DOMAIN ").Name(s.Name).Add(" AS ").Write(s.Type).Qualifiers(s.Collation, s.Constraints);
            case AlterDomainStatement s:
                Add("ALTER DOMAIN ").Name(s.Name);
                return s.Kind switch
                {
                    AlterDomainKind.SetDefault => Add(" SET DEFAULT ").Write(s.Default!),
                    AlterDomainKind.DropDefault => Add(" DROP DEFAULT"),
                    AlterDomainKind.SetNotNull => Add(" SET NOT NULL"),
                    AlterDomainKind.DropNotNull => Add(" DROP NOT NULL"),
                    AlterDomainKind.AddConstraint => Add(" ADD ").Constraint(s.Constraint!),
                    AlterDomainKind.DropConstraint => Add(" DROP CONSTRAINT ").If(s.IfExists, "IF EXISTS ").Name(s.ConstraintName!).Behavior(s.Behavior),
                    _ => Add(" VALIDATE CONSTRAINT ").Name(s.ConstraintName!),
                };
            default:
                return null;
        }
    }

    // Functions and triggers

    private Deparser? WriteRoutineStatement(Statement statement)
    {
        switch (statement)
        {
            case CreateFunctionStatement s:
                return Write(s);
            case ReturnStatement s:
                return Add("RETURN ").Write(s.Value);
            case CreateTriggerStatement s:
                return Write(s);
            default:
                return null;
        }
    }

    private Deparser Write(CreateFunctionStatement s)
    {
        var inputs = s.Parameters.Where(p => p.Mode != ParameterMode.Table).ToList();
        var columns = s.Parameters.Where(p => p.Mode == ParameterMode.Table).ToList();
        Add("CREATE ").If(s.OrReplace, "OR REPLACE ").Add(s.IsProcedure ? "PROCEDURE " : "FUNCTION ").Name(s.Name).Parenthesized(inputs, p => Write(p));
        if (s.Returns is not null) Add(" RETURNS ").Write(s.Returns);
        if (s.ReturnsTable) Add(" RETURNS TABLE ").Parenthesized(columns, p => Write(p));
        foreach (var option in s.Options) Add(" ").Write(option);
        Optional(" RETURN ", s.ReturnBody);
        if (s.AtomicBody is null) return this;
        Add(" BEGIN ATOMIC");
        foreach (var inner in s.AtomicBody) Add(" ").Write(inner).Add(";");
        return Add(" END");
    }

    private Deparser Write(FunctionOption option) => option.Kind switch
    {
        FunctionOptionKind.As => Add("AS ").List(option.Values, v => Literal(v)),
        FunctionOptionKind.Language => Add("LANGUAGE ").Literal(option.Values[0]),
        FunctionOptionKind.Transform => Add("TRANSFORM ").List(option.Types, t => Add("FOR TYPE ").Write(t)),
        FunctionOptionKind.NotLeakproof => Add("NOT LEAKPROOF"),
        FunctionOptionKind.CalledOnNullInput => Add("CALLED ON NULL INPUT"),
        FunctionOptionKind.SecurityDefiner => Add("SECURITY DEFINER"),
        FunctionOptionKind.SecurityInvoker => Add("SECURITY INVOKER"),
        FunctionOptionKind.Cost => Add("COST ").Add(option.Values[0]),
        FunctionOptionKind.Rows => Add("ROWS ").Add(option.Values[0]),
        FunctionOptionKind.Support => Add("SUPPORT ").Add(option.Values[0]),
        FunctionOptionKind.Parallel => Add("PARALLEL ").Name(option.Values[0]),
        FunctionOptionKind.Set => Write(option.Setting!),
        _ => Add(option.Kind.ToString().ToUpperInvariant()),
    };

    private Deparser Write(CreateTriggerStatement s)
    {
        Add("CREATE ").If(s.OrReplace, "OR REPLACE ").If(s.IsConstraint, "CONSTRAINT ").Add("TRIGGER ").Name(s.Name);
        Add(s.Timing switch { TriggerTiming.Before => " BEFORE ", TriggerTiming.After => " AFTER ", _ => " INSTEAD OF " });
        List(s.Events, e =>
        {
            Add(e.Name.ToUpperInvariant());
            if (e.Columns.Count > 0) Add(" OF ").List(e.Columns, c => Name(c));
        }, " OR ");
        Add(" ON ").Name(s.Table).Optional(" FROM ", s.FromTable).Attributes(s.Attributes);
        if (s.Transitions.Count > 0)
            Add(" REFERENCING ").List(s.Transitions, t => Add(t.IsNew ? "NEW " : "OLD ").Add(t.IsTable ? "TABLE" : "ROW").Add(" AS ").Name(t.Name), " ");
        Add(s.ForEachRow ? " FOR EACH ROW" : " FOR EACH STATEMENT");
        if (s.When is not null) Add(" WHEN (").Write(s.When).Add(")");
        return Add(" EXECUTE FUNCTION ").Name(s.Function).Parenthesized(s.Arguments, a => Literal(a));
    }

    // Publications and subscriptions

    private Deparser? WriteReplicationStatement(Statement statement)
    {
        switch (statement)
        {
            case CreatePublicationStatement s:
                Add("CREATE PUBLICATION ").Name(s.Name).If(s.ForAllTables, " FOR ALL TABLES");
                if (s.Objects.Count > 0) Add(" FOR ").List(s.Objects, o => Published(o));
                return With(" WITH ", s.Options);
            case AlterPublicationStatement s:
                Add("ALTER PUBLICATION ").Name(s.Name);
                return s.Action == AlterListAction.SetOptions
                    ? With(" SET ", s.Options)
                    : Add(" ").Add(s.Action.ToString().ToUpperInvariant()).Add(" ").List(s.Objects, o => Published(o));
            case CreateSubscriptionStatement s:
                Add("CREATE SUBSCRIPTION ").Name(s.Name).Add(" CONNECTION ").Literal(s.Connection).Add(" PUBLICATION ").List(s.Publications, p => Name(p));
                return With(" WITH ", s.Options);
            case AlterSubscriptionStatement s:
                Add("ALTER SUBSCRIPTION ").Name(s.Name);
                Deparser Publications(string verb) => Add(verb).List(s.Publications, p => Name(p)).With(" WITH ", s.Options);
                return s.Kind switch
                {
                    AlterSubscriptionKind.Connection => Add(" CONNECTION ").Literal(s.Connection!),
                    AlterSubscriptionKind.SetPublication => Publications(" SET PUBLICATION "),
                    AlterSubscriptionKind.AddPublication => Publications(" ADD PUBLICATION "),
                    AlterSubscriptionKind.DropPublication => Publications(" DROP PUBLICATION "),
                    AlterSubscriptionKind.Refresh => Add(" REFRESH PUBLICATION").With(" WITH ", s.Options),
                    AlterSubscriptionKind.Enable => Add(" ENABLE"),
                    AlterSubscriptionKind.Disable => Add(" DISABLE"),
                    AlterSubscriptionKind.Skip => With(" SKIP ", s.Options),
                    _ => With(" SET ", s.Options),
                };
            default:
                return null;
        }
    }

    private Deparser Published(PublicationObject o)
    {
        if (o.Table is null) return Add("TABLES IN SCHEMA ").Add(o.Schema is "" ? "CURRENT_SCHEMA" : Quoting.Identifier(o.Schema!));
        Add("TABLE ").Table(o.Table).OptionalNames(o.Columns);
        return o.Where is null ? this : Add(" WHERE (").Write(o.Where).Add(")");
    }
}
