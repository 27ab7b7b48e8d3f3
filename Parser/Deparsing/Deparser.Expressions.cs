using VecSql.Core.Errors;
using VecSql.Parser.Ast;

namespace VecSql.Parser.Deparsing;

/// <summary>Expressions: whatever has an operator stands in parentheses, so that no context can change its meaning.</summary>
public sealed partial class Deparser
{
    private Deparser Write(Expression expression)
    {
        SqlParser.CheckStack(expression.Location);
        switch (expression)
        {
            case IntegerLiteral e:
                return Add(e.Text);
            case NumericLiteral e:
                return Add(e.Text);
            case StringLiteral e:
                return Literal(e.Value);
            case BitStringLiteral e:
                return Add(e.IsHexadecimal ? "X'" : "B'").Add(e.Digits.Replace("'", "''")).Add("'");
            case NullLiteral:
                return Add("NULL");
            case BooleanLiteral e:
                return Add(e.Value ? "true" : "false");
            case ParameterRef e:
                return Add("$").Add(e.Number.ToString());
            case ColumnRef e:
                return Column(e);
            case IndirectionExpression e:
                return Write(e);
            case UnaryExpression e:
                return Add("(").Write(e.Operator).Add(" ").Write(e.Operand).Add(")");
            case BinaryExpression e:
                return Add("(").Write(e.Left).Add(" ").Write(e.Operator).Add(" ").Write(e.Right).Add(")");
            case AndExpression e:
                return Add("(").List(e.Operands, o => Write(o), " AND ").Add(")");
            case OrExpression e:
                return Add("(").List(e.Operands, o => Write(o), " OR ").Add(")");
            case NotExpression e:
                return Add("(NOT ").Write(e.Operand).Add(")");
            case IsTest e:
                return Add("(").Write(e.Operand).Add(e.IsNegated ? " IS NOT " : " IS ").Add(Words(e.Kind)).Add(")");
            case IsDistinctFrom e:
                return Add("(").Write(e.Left).Add(e.IsNegated ? " IS NOT DISTINCT FROM " : " IS DISTINCT FROM ").Write(e.Right).Add(")");
            case BetweenExpression e:
                Add("(").Write(e.Operand).If(e.IsNegated, " NOT").Add(" BETWEEN ").If(e.IsSymmetric, "SYMMETRIC ");
                return Write(e.Low).Add(" AND ").Write(e.High).Add(")");
            case InList e:
                return Add("(").Write(e.Operand).If(e.IsNegated, " NOT").Add(" IN (").Expressions(e.Items).Add("))");
            case InSubquery e:
                return Add("(").Write(e.Operand).If(e.IsNegated, " NOT").Add(" IN ").Subquery(e.Query).Add(")");
            case LikeExpression e:
                return Add("(").Write(e.Operand).If(e.IsNegated, " NOT").Add(Words(e.Kind)).Write(e.Pattern).Optional(" ESCAPE ", e.Escape).Add(")");
            default:
                return WriteOperand(expression);
        }
    }

    private Deparser WriteOperand(Expression expression)
    {
        switch (expression)
        {
            case QuantifiedArray e:
                return Add("(").Write(e.Left).Add(" ").Write(e.Operator).Add(Words(e.Quantifier)).Add("(").Write(e.Array).Add("))");
            case QuantifiedSubquery e:
                return Add("(").Write(e.Left).Add(" ").Write(e.Operator).Add(Words(e.Quantifier)).Subquery(e.Query).Add(")");
            case ExistsExpression e:
                return Add("(EXISTS ").Subquery(e.Query).Add(")");
            case ScalarSubquery e:
                return Subquery(e.Query);
            case ArraySubquery e:
                return Add("ARRAY").Subquery(e.Query);
            case ArrayConstructor e:
                return Add("ARRAY[").Expressions(e.Elements).Add("]");
            case RowConstructor e:
                return Add(e.IsExplicit ? "ROW(" : "(").Expressions(e.Elements).Add(")");
            case CaseExpression e:
                return Write(e);
            case CastExpression e:
                return Write(e);
            case CollateExpression e:
                return Add("(").Write(e.Operand).Add(" COLLATE ").Name(e.Collation).Add(")");
            case AtTimeZone e:
                return Add("(").Write(e.Operand).Add(" AT TIME ZONE ").Write(e.Zone).Add(")");
            case FunctionCall e:
                return Write(e);
            case SpecialFunctionCall e:
                return Write(e);
            case SqlValueFunctionCall e:
                return Write(e);
            case TreatExpression e:
                return Add("TREAT(").Write(e.Operand).Add(" AS ").Write(e.Type).Add(")");
            case XmlExpression e:
                return Add(e.Text);
            case DefaultExpression:
                return Add("DEFAULT");
            case CurrentOf e:
                return Add("CURRENT OF ").Name(e.Cursor);
            default:
                throw Invariant.Unreachable(expression);
        }
    }

    private Deparser Subquery(SelectStatement query) => Add("(").Write(query).Add(")");

    private Deparser Column(ColumnRef column)
    {
        List(column.Parts, p => Name(p), ".");
        return If(column.IsStar, column.Parts.Count > 0 ? ".*" : "*");
    }

    private Deparser Write(IndirectionExpression e)
    {
        bool isPlain = e.Operand is ParameterRef || (e.Operand is ColumnRef { IsStar: false } && e.Steps[0] is Subscript or Slice);
        if (isPlain) Write(e.Operand);
        else Add("(").Write(e.Operand).Add(")");
        return Steps(e.Steps);
    }

    private Deparser Steps(IReadOnlyList<Indirection> steps)
    {
        foreach (var step in steps)
        {
            switch (step)
            {
                case FieldSelection s:
                    Add(".").Name(s.Name);
                    break;
                case AllFields:
                    Add(".*");
                    break;
                case Subscript s:
                    Add("[").Write(s.Index).Add("]");
                    break;
                case Slice s:
                    Add("[").Optional("", s.Lower).Add(":").Optional("", s.Upper).Add("]");
                    break;
                default:
                    throw Invariant.Unreachable(step);
            }
        }
        return this;
    }

    private static string Words(IsTestKind kind) => kind switch
    {
        IsTestKind.NfcNormalized => "NFC NORMALIZED",
        IsTestKind.NfdNormalized => "NFD NORMALIZED",
        IsTestKind.NfkcNormalized => "NFKC NORMALIZED",
        IsTestKind.NfkdNormalized => "NFKD NORMALIZED",
        _ => kind.ToString().ToUpperInvariant(),
    };

    private static string Words(LikeKind kind) => kind switch { LikeKind.Like => " LIKE ", LikeKind.ILike => " ILIKE ", _ => " SIMILAR TO " };

    private static string Words(Quantifier quantifier) => quantifier == Quantifier.Any ? " ANY " : " ALL ";

    private Deparser Write(CaseExpression e)
    {
        Add("CASE").Optional(" ", e.Operand);
        foreach (var when in e.Whens) Add(" WHEN ").Write(when.Condition).Add(" THEN ").Write(when.Result);
        return Optional(" ELSE ", e.Else).Add(" END");
    }

    private Deparser Write(CastExpression e)
    {
        switch (e.Syntax)
        {
            case CastSyntax.Cast:
                return Add("CAST(").Write(e.Operand).Add(" AS ").Write(e.Type).Add(")");
            case CastSyntax.TypedLiteral:
                bool isInterval = e.Type.Name.Parts is ["pg_catalog", "interval"];
                // INTERVAL has its precision before the string, or its fields after it.
                bool precisionFirst = isInterval && e.Type.IntervalFields == IntervalFields.All;
                WriteSimple(e.Type, withInterval: precisionFirst).Add(" ").Write(e.Operand);
                return isInterval && !precisionFirst ? IntervalSuffix(e.Type) : this;
            default:
                bool isPlain = e.Operand is StringLiteral or BitStringLiteral or NullLiteral or BooleanLiteral
                    || (e.Operand is IntegerLiteral { Text: [not '-', ..] } or NumericLiteral { Text: [not '-', ..] });
                return If(!isPlain, "(").Write(e.Operand).If(!isPlain, ")").Add("::").Write(e.Type);
        }
    }

    private Deparser Write(FunctionCall e)
    {
        Name(e.Name).Add("(").If(e.IsStar, "*").If(e.IsDistinct, "DISTINCT ");
        for (int i = 0; i < e.Arguments.Count; i++)
        {
            If(i > 0, ", ").If(e.IsVariadic && i == e.Arguments.Count - 1, "VARIADIC ");
            if (e.Arguments[i].Name is { } name) Name(name).Add(" => ");
            Write(e.Arguments[i].Value);
        }
        if (!e.IsWithinGroup) OrderBy(e.OrderBy);
        Add(")");
        if (e.IsWithinGroup) Add(" WITHIN GROUP (").Add(OrderByText(e.OrderBy)).Add(")");
        if (e.Filter is not null) Add(" FILTER (WHERE ").Write(e.Filter).Add(")");
        return e.Over is null ? this : Add(" OVER ").Write(e.Over);
    }

    private string OrderByText(IReadOnlyList<SortItem> items)
    {
        int from = _text.Length;
        OrderBy(items);
        string text = _text.ToString(from, _text.Length - from).TrimStart();
        _text.Length = from;
        return text;
    }

    private Deparser Write(SpecialFunctionCall e)
    {
        var a = e.Arguments;
        Deparser Call(string name) => Add(name).Add("(").Expressions(a).Add(")");
        Deparser Trim(string side) => a.Count switch
        {
            1 => Add("TRIM(").Add(side).Add(" FROM ").Write(a[0]).Add(")"),
            2 => Add("TRIM(").Add(side).Add(" ").Write(a[1]).Add(" FROM ").Write(a[0]).Add(")"),
            _ => Add("TRIM(").Add(side).Add(" FROM ").Expressions(a).Add(")"),
        };
        Deparser Parts(string name, params ReadOnlySpan<string> words)
        {
            Add(name).Add("(").Write(a[0]);
            for (int i = 1; i < a.Count; i++) Add(words[i - 1]).Write(a[i]);
            return Add(")");
        }
        return e.Function switch
        {
            SpecialFunction.Extract => Add("EXTRACT(").Literal(e.Word!).Add(" FROM ").Write(a[0]).Add(")"),
            SpecialFunction.SubstringFrom => Parts("SUBSTRING", " FROM "),
            SpecialFunction.SubstringFor => Parts("SUBSTRING", " FOR "),
            SpecialFunction.SubstringFromFor => Parts("SUBSTRING", " FROM ", " FOR "),
            SpecialFunction.SubstringSimilar => Parts("SUBSTRING", " SIMILAR ", " ESCAPE "),
            SpecialFunction.Overlay => Parts("OVERLAY", " PLACING ", " FROM ", " FOR "),
            SpecialFunction.Position => Parts("POSITION", " IN "),
            SpecialFunction.TrimBoth => Trim("BOTH"),
            SpecialFunction.TrimLeading => Trim("LEADING"),
            SpecialFunction.TrimTrailing => Trim("TRAILING"),
            SpecialFunction.Normalize => Add("NORMALIZE(").Write(a[0]).If(e.Word is not null, ", " + e.Word?.ToUpperInvariant()).Add(")"),
            SpecialFunction.CollationFor => Call("COLLATION FOR "),
            SpecialFunction.Overlaps => Add("((").Write(a[0]).Add(", ").Write(a[1]).Add(") OVERLAPS (").Write(a[2]).Add(", ").Write(a[3]).Add("))"),
            SpecialFunction.Coalesce => Call("COALESCE"),
            SpecialFunction.NullIf => Call("NULLIF"),
            SpecialFunction.Greatest => Call("GREATEST"),
            SpecialFunction.Least => Call("LEAST"),
            SpecialFunction.Grouping => Call("GROUPING"),
            _ => throw Invariant.Unreachable(e.Function),
        };
    }

    private Deparser Write(SqlValueFunctionCall e)
    {
        Add(e.Function switch
        {
            SqlValueFunction.CurrentDate => "CURRENT_DATE",
            SqlValueFunction.CurrentTime => "CURRENT_TIME",
            SqlValueFunction.CurrentTimestamp => "CURRENT_TIMESTAMP",
            SqlValueFunction.LocalTime => "LOCALTIME",
            SqlValueFunction.LocalTimestamp => "LOCALTIMESTAMP",
            SqlValueFunction.CurrentRole => "CURRENT_ROLE",
            SqlValueFunction.CurrentUser => "CURRENT_USER",
            SqlValueFunction.User => "USER",
            SqlValueFunction.SessionUser => "SESSION_USER",
            SqlValueFunction.CurrentCatalog => "CURRENT_CATALOG",
            SqlValueFunction.CurrentSchema => "CURRENT_SCHEMA",
            _ => throw Invariant.Unreachable(e.Function),
        });
        return If(e.Precision is not null, $"({e.Precision})");
    }
}
