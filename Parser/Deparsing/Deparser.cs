using System.Text;
using VecSql.Core.Errors;
using VecSql.Parser.Ast;

namespace VecSql.Parser.Deparsing;

/// <summary>
/// Syntax trees to SQL text that parses to an equal tree (spans apart). Names are quoted as PostgreSQL's quote_identifier does, operators stand in parentheses as
/// pg_get_expr writes them, keywords are upper case, and everything is on one line.
/// </summary>
public sealed partial class Deparser
{
    private readonly StringBuilder _text = new();

    private Deparser() { }

    public static string ToSql(Statement statement)
    {
        var deparser = new Deparser();
        deparser.Write(statement);
        return deparser._text.ToString();
    }

    public static string ToSql(Expression expression)
    {
        var deparser = new Deparser();
        deparser.Write(expression);
        return deparser._text.ToString();
    }

    public static string ToSql(TypeName type)
    {
        var deparser = new Deparser();
        deparser.Write(type);
        return deparser._text.ToString();
    }

    // Pieces

    private Deparser Add(string text)
    {
        _text.Append(text);
        return this;
    }

    /// <summary>Adds the text if the condition holds.</summary>
    private Deparser If(bool condition, string text) => condition ? Add(text) : this;

    private Deparser Name(string name) => Add(Quoting.Identifier(name));

    private Deparser Literal(string value) => Add(Quoting.Literal(value));

    private Deparser Name(QualifiedName name)
    {
        for (int i = 0; i < name.Parts.Count; i++) If(i > 0, ".").Name(name.Parts[i]);
        return this;
    }

    private Deparser List<T>(IReadOnlyList<T> items, Action<T> write, string separator = ", ")
    {
        for (int i = 0; i < items.Count; i++)
        {
            If(i > 0, separator);
            write(items[i]);
        }
        return this;
    }

    private Deparser Parenthesized<T>(IReadOnlyList<T> items, Action<T> write) => Add("(").List(items, write).Add(")");

    private Deparser Names(IReadOnlyList<string> names) => Parenthesized(names, n => Name(n));

    /// <summary> (a, b), or nothing for an empty list.</summary>
    private Deparser OptionalNames(IReadOnlyList<string> names) => names.Count == 0 ? this : Add(" ").Names(names);

    private Deparser Expressions(IReadOnlyList<Expression> expressions) => List(expressions, e => Write(e));

    /// <summary>The word and the expression, or nothing.</summary>
    private Deparser Optional(string word, Expression? expression)
    {
        if (expression is not null) Add(word).Write(expression);
        return this;
    }

    private Deparser Optional(string word, string? name) => name is null ? this : Add(word).Name(name);

    private Deparser Optional(string word, QualifiedName? name) => name is null ? this : Add(word).Name(name);

    private Deparser Write(OperatorName op) => op.Schema is null ? Add(op.Symbol) : Add("OPERATOR(").Schema(op.Schema).Add(".").Add(op.Symbol).Add(")");

    /// <summary>A schema as <see cref="OperatorName"/> keeps it: parts joined by points.</summary>
    private Deparser Schema(string schema) => List(schema.Split('.'), p => Name(p), ".");

    // Options

    private Deparser With(string word, IReadOnlyList<Option> options) =>
        options.Count == 0 ? this : Add(word).Parenthesized(options, o => WriteAssigned(o));

    private Deparser WriteAssigned(Option option)
    {
        if (option.Namespace is { } scope) Label(scope).Add(".");
        Label(option.Name);
        return option.Value is null ? this : Add(" = ").Write(option.Value);
    }

    /// <summary>name value, as EXPLAIN and COPY have them.</summary>
    private Deparser WriteSpaced(Option option)
    {
        Label(option.Name);
        return option.Value is null ? this : Add(" ").Write(option.Value);
    }

    /// <summary>A word that may be any keyword.</summary>
    private Deparser Label(string word) => Lexing.Keywords.Find(word) != Lexing.Keyword.NotKeyword ? Add(word) : Name(word);

    private Deparser Write(OptionValue value) => value.Kind switch
    {
        OptionValueKind.Word => IsBareWord(value.Text) ? Add(value.Text) : Name(value.Text),
        OptionValueKind.String => Literal(value.Text),
        OptionValueKind.Number or OptionValueKind.Star or OptionValueKind.Type => Add(value.Text),
        OptionValueKind.Operator => value.Text.Contains('.') ? Add("OPERATOR(").Add(value.Text).Add(")") : Add(value.Text),
        OptionValueKind.List => Parenthesized(value.Items, v => Write(v)),
        _ => throw Invariant.Unreachable(value.Kind),
    };

    /// <summary>Words that mean themselves only without quotes: TRUE, ON, NONE.</summary>
    private static bool IsBareWord(string word)
    {
        var keyword = Lexing.Keywords.Find(word);
        return keyword != Lexing.Keyword.NotKeyword && (keyword == Lexing.Keyword.None || Lexing.Keywords.ClassOf(keyword) == Lexing.KeywordClass.Reserved);
    }

    private Deparser Write(RoleSpecification role) => role.Kind switch
    {
        RoleSpecificationKind.Public => Add("PUBLIC"),
        RoleSpecificationKind.CurrentRole => Add("CURRENT_ROLE"),
        RoleSpecificationKind.CurrentUser => Add("CURRENT_USER"),
        RoleSpecificationKind.SessionUser => Add("SESSION_USER"),
        _ => role.Name is "none" ? Add("\"none\"") : Name(role.Name!),
    };

    private Deparser Roles(IReadOnlyList<RoleSpecification> roles) => List(roles, r => Write(r));

    private Deparser Behavior(DropBehavior behavior) => If(behavior == DropBehavior.Cascade, " CASCADE");

    private static string Word(Persistence persistence) => persistence switch
    {
        Persistence.Temporary => "TEMPORARY ",
        Persistence.Unlogged => "UNLOGGED ",
        _ => "",
    };

    // Types

    private Deparser Write(TypeName type)
    {
        If(type.IsSetOf, "SETOF ");
        WriteSimple(type, withInterval: true);
        if (type.IsColumnType) Add("%TYPE");
        foreach (int? bound in type.ArrayBounds) Add(bound is null ? "[]" : $"[{bound}]");
        return this;
    }

    private Deparser WriteSimple(TypeName type, bool withInterval)
    {
        bool isBuiltIn = type.Name.Parts is ["pg_catalog", _] && !type.IsColumnType;
        int modifiers = type.Modifiers.Count;
        string? spelling = !isBuiltIn ? null : (type.Name.Name, modifiers) switch
        {
            ("int4", 0) => "integer",
            ("int2", 0) => "smallint",
            ("int8", 0) => "bigint",
            ("float4", 0) => "real",
            ("float8", 0) => "double precision",
            ("bool", 0) => "boolean",
            ("numeric", _) => "numeric",
            ("varchar", 0 or 1) => "character varying",
            ("bpchar", 1) => "character",
            ("varbit", _) => "bit varying",
            ("bit", > 0) => "bit",
            ("time" or "timetz", 0 or 1) => "time",
            ("timestamp" or "timestamptz", 0 or 1) => "timestamp",
            ("interval", 0 or 1) => "interval",
            _ => null,
        };
        if (spelling is null) Name(type.Name);
        else Add(spelling);
        if (spelling == "interval") return withInterval ? IntervalSuffix(type) : this;
        if (modifiers > 0) Add("(").Expressions(type.Modifiers).Add(")");
        if (spelling is "time" or "timestamp") Add(type.Name.Name.EndsWith("tz", StringComparison.Ordinal) ? " with time zone" : " without time zone");
        return this;
    }

    private Deparser IntervalSuffix(TypeName type)
    {
        string fields = type.IntervalFields switch
        {
            IntervalFields.All => "",
            IntervalFields.YearToMonth => " year to month",
            IntervalFields.DayToHour => " day to hour",
            IntervalFields.DayToMinute => " day to minute",
            IntervalFields.DayToSecond => " day to second",
            IntervalFields.HourToMinute => " hour to minute",
            IntervalFields.HourToSecond => " hour to second",
            IntervalFields.MinuteToSecond => " minute to second",
            var single => " " + single.ToString().ToLowerInvariant(),
        };
        Add(fields);
        return type.Modifiers.Count == 0 ? this : Add("(").Expressions(type.Modifiers).Add(")");
    }
}
