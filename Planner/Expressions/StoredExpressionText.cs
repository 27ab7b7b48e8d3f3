using System.Text;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Planner.Expressions;

/// <summary>
/// A bound expression over one table as SQL, spelled as PostgreSQL spells stored expressions: constants with their types, conversions of arguments shown, operators in parentheses.
/// What SQL has special syntax for, and subqueries, aren't known here: the caller keeps the text as it was written.
/// </summary>
public sealed class StoredExpressionText
{
    private readonly IReadOnlyList<string> _columns;
    private readonly CatalogSnapshot _catalog;
    private readonly EvalContext _context;
    private readonly StringBuilder _sql = new();
    private bool _isKnown = true;

    private StoredExpressionText(IReadOnlyList<string> columns, EvalContext context)
    {
        _columns = columns;
        _catalog = context.Catalog;
        // Stored text must not depend on the session's way of writing dates.
        _context = new EvalContext { Display = new DisplaySettings(), Catalog = context.Catalog, Clock = context.Clock, Random = context.Random, Session = context.Session };
    }

    /// <summary>The text; null if the expression has a part that isn't known here.</summary>
    /// <param name="columns">Names of what InputExpressions stand for.</param>
    public static string? Format(BoundExpression expression, IReadOnlyList<string> columns, EvalContext context)
    {
        StoredExpressionText text = new(columns, context);
        text.Write(expression);
        return text._isKnown ? text._sql.ToString() : null;
    }

    private void Write(BoundExpression expression)
    {
        switch (expression)
        {
            case LiteralExpression e: Literal(e.Value, 0, e.Type); break;
            case InputExpression e: _sql.Append(SqlIdentifier.Quote(_columns[e.Ordinal])); break;
            case CallExpression e: Call(e); break;
            case AndExpression e: Joined(e.Operands, " AND "); break;
            case OrExpression e: Joined(e.Operands, " OR "); break;
            case NotExpression e: Enclosed("(NOT ", e.Operand, ")"); break;
            case IsNullExpression e: Enclosed("(", e.Operand, e.IsNegated ? " IS NOT NULL)" : " IS NULL)"); break;
            case IsBooleanExpression e: Enclosed("(", e.Operand, $" IS {(e.IsNegated ? "NOT " : "")}{e.Test.ToString().ToUpperInvariant()})"); break;
            case DistinctFromExpression e:
                Enclosed("(", e.Left, e.IsNegated ? " IS NOT DISTINCT FROM " : " IS DISTINCT FROM ");
                Enclosed("", e.Right, ")");
                break;
            case CaseExpression { Operand: null } e: Case(e); break;
            case CoalesceExpression e: List("COALESCE(", e.Operands, ")"); break;
            case NullIfExpression e: List("NULLIF(", [e.Left, e.Right], ")"); break;
            case ExtremeExpression e: List(e.IsGreatest ? "GREATEST(" : "LEAST(", e.Operands, ")"); break;
            case CoercionExpression e: Cast(e.Operand, e.Type); break;
            case ArrayExpression { Elements.Count: > 0 } e: List("ARRAY[", e.Elements, "]"); break;
            case QuantifiedArrayExpression { Comparison.OperatorSymbol: { } symbol } e: Quantified(e, SchemaOf(e.Comparison) is { } schema ? $"OPERATOR({schema}.{symbol})" : symbol); break;
            default: _isKnown = false; break;
        }
    }

    private void Call(CallExpression call)
    {
        if (call.OperatorSymbol is { } symbol)
        {
            _sql.Append('(');
            if (call.Arguments.Count > 1)
            {
                Write(call.Arguments[0]);
                _sql.Append(' ');
            }
            string? schema = SchemaOf(call);
            _sql.Append(schema is null ? symbol : $"OPERATOR({schema}.{symbol})").Append(' ');
            Write(call.Arguments[^1]);
            _sql.Append(')');
        }
        else if (call.Arguments.Count > 0 && Builtins.FindCast(call.Arguments[0].Type.Oid, call.Type.Oid)?.Function == call.Signature.Oid) Cast(call.Arguments[0], call.Type);
        else if (Builtins.FindFunction(call.Signature.Oid) is null) _isKnown = false;
        else List((SchemaOf(call) is { } schema ? schema + "." : "") + SqlIdentifier.Quote(call.Signature.Name) + "(", call.Arguments, ")");
    }

    /// <summary>The schema of what an extension brought, quoted; null for PostgreSQL's own.</summary>
    private string? SchemaOf(CallExpression call) => call.Signature.Extension is { } extension && _catalog.FindExtension(extension) is { } installed
        ? SqlIdentifier.Quote(_catalog.Find<SchemaObject>(installed.Schema)!.Name) : null;

    private void Cast(BoundExpression operand, SqlType type)
    {
        bool isConstant = operand is LiteralExpression { Type.Oid: TypeOid.Unknown };
        Enclosed(isConstant ? "" : "(", operand, isConstant ? "::" : ")::");
        _sql.Append(NameOf(type));
    }

    private void Quantified(QuantifiedArrayExpression e, string symbol)
    {
        Enclosed("(", e.Left, $" {symbol} {(e.IsAll ? "ALL" : "ANY")} (");
        if (e.Array is LiteralExpression { IsNull: false } constant && TypeNames.ElementOf(constant.Type.Oid, _catalog) is { } element) ArrayOfConstants(constant, element);
        else Write(e.Array);
        _sql.Append("))");
    }

    /// <summary>IN (list) was made one constant: it is shown as ARRAY[…].</summary>
    private void ArrayOfConstants(LiteralExpression constant, uint element)
    {
        ArrayView view = new(constant.Type.Oid);
        view.Open((BytesColumn)constant.Value, 0);
        if (view.Dimensions != 1)
        {
            Write(constant);
            return;
        }
        _sql.Append("ARRAY[");
        for (int i = 0; i < view.Count; i++)
        {
            if (i > 0) _sql.Append(", ");
            Literal(view.Elements, i, new SqlType(element));
        }
        _sql.Append(']');
    }

    private void Case(CaseExpression e)
    {
        _sql.Append("CASE");
        foreach (CaseBranch branch in e.Branches)
        {
            Enclosed(" WHEN ", branch.Condition, " THEN ");
            Write(branch.Result);
        }
        if (e.Else is { } otherwise) Enclosed(" ELSE ", otherwise, " END");
        else _sql.Append(" ELSE NULL::").Append(NameOf(e.Type)).Append(" END");
    }

    private void Literal(Column value, int row, SqlType type)
    {
        if (value.IsNull(row))
        {
            _sql.Append("NULL").Append(type.Oid == TypeOid.Unknown ? "" : "::" + NameOf(type));
            return;
        }
        // Names of objects would be written as the session's search path has them.
        if (type.Oid is TypeOid.RegClass or TypeOid.RegType or TypeOid.RegProc or TypeOid.RegProcedure) _isKnown = false;
        ByteBuffer output = new();
        TypeHandlers.Of(type.Oid, _catalog).FormatText(value, row, type, output, _context);
        string text = Encoding.UTF8.GetString(output.WrittenSpan);
        if (type.Oid == TypeOid.Bool) _sql.Append(text == "t" ? "true" : "false");
        else if (type.Oid is TypeOid.Int4 or TypeOid.Numeric && char.IsAsciiDigit(text[0])) _sql.Append(text);
        else
        {
            bool hasBackslash = text.Contains('\\', StringComparison.Ordinal);
            _sql.Append(hasBackslash ? "E'" : "'").Append(text.Replace("'", "''", StringComparison.Ordinal).Replace("\\", "\\\\", StringComparison.Ordinal)).Append('\'');
            if (type.Oid != TypeOid.Unknown) _sql.Append("::").Append(NameOf(type));
        }
    }

    /// <summary>Users' types with their schema, so that the text means the same on every search path.</summary>
    private string NameOf(SqlType type) => TypeNames.Display(type, _catalog, [WellKnownOid.PgCatalogSchema]);

    private void Enclosed(string before, BoundExpression expression, string after)
    {
        _sql.Append(before);
        Write(expression);
        _sql.Append(after);
    }

    private void Joined(IReadOnlyList<BoundExpression> operands, string separator)
    {
        _sql.Append('(');
        for (int i = 0; i < operands.Count; i++) Enclosed(i == 0 ? "" : separator, operands[i], "");
        _sql.Append(')');
    }

    private void List(string before, IReadOnlyList<BoundExpression> items, string after)
    {
        _sql.Append(before);
        for (int i = 0; i < items.Count; i++) Enclosed(i == 0 ? "" : ", ", items[i], "");
        _sql.Append(after);
    }
}
