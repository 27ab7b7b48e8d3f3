using System.Text;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Planner.Binding;

namespace VecSql.Planner.Expressions;

/// <summary>Bound expressions as SQL, in the form in which PostgreSQL shows them.</summary>
/// <param name="inputs">What stands for each input column.</param>
/// <param name="slots">What stands for correlated slots.</param>
/// <param name="subplan">Names a subplan.</param>
internal sealed class ExpressionText(EvalContext context, TypeCatalog types, IReadOnlyList<string> inputs, IReadOnlyDictionary<int, string> slots, Func<SubplanExpression, ExpressionText, string> subplan)
{
    /// <summary>For expressions that are kept: arrays of constants after ANY and ALL are shown as ARRAY[…], as where IN (list) was written; names of extensions have their schema.</summary>
    public bool SpellsOutArrays { get; init; }

    public string Of(BoundExpression expression)
    {
        Parser.SqlParser.CheckStack();
        switch (expression)
        {
            case LiteralExpression e: return Literal(e.Value, 0, e.Type);
            case ParameterExpression e: return $"${e.Index + 1}";
            case ColumnExpression e: return TypeCatalog.Quote(e.Name);
            case InputExpression e: return e.Ordinal < inputs.Count ? inputs[e.Ordinal] : $"#{e.Ordinal}";
            case CorrelatedExpression e: return slots.GetValueOrDefault(e.Slot) ?? $"$slot{e.Slot}";
            case CallExpression e: return Call(e, [.. e.Arguments.Select(Of)]);
            case AndExpression e: return "(" + string.Join(" AND ", e.Operands.Select(Of)) + ")";
            case OrExpression e: return "(" + string.Join(" OR ", e.Operands.Select(Of)) + ")";
            case NotExpression e: return $"(NOT {Of(e.Operand)})";
            case IsNullExpression e: return $"({Of(e.Operand)} IS {(e.IsNegated ? "NOT " : "")}NULL)";
            case IsBooleanExpression e: return $"({Of(e.Operand)} IS {(e.IsNegated ? "NOT " : "")}{e.Test.ToString().ToUpperInvariant()})";
            case DistinctFromExpression e: return $"({Of(e.Left)} IS {(e.IsNegated ? "NOT " : "")}DISTINCT FROM {Of(e.Right)})";
            case CaseExpression e: return Case(e);
            case CaseOperandExpression: return "CASE_TEST_EXPR";
            case CoalesceExpression e: return $"COALESCE({List(e.Operands)})";
            case NullIfExpression e: return $"NULLIF({Of(e.Left)}, {Of(e.Right)})";
            case ExtremeExpression e: return $"{(e.IsGreatest ? "GREATEST" : "LEAST")}({List(e.Operands)})";
            case CoercionExpression e: return Cast(e.Operand, e.Type);
            case ArrayExpression e: return $"ARRAY[{List(e.Elements)}]";
            case SubscriptExpression e: return Of(e.Array) + string.Concat(e.Subscripts.Select(Subscript));
            case RowExpression e: return $"ROW({List(e.Fields)})";
            case FieldExpression e: return $"({Of(e.Row)}).{TypeCatalog.Quote(e.Name)}";
            case RowCompareExpression e: return $"(ROW({List(e.Left)}) {Symbol(e.Comparison)} ROW({List(e.Right)}))";
            case QuantifiedArrayExpression e: return $"({Of(e.Left)} {SymbolOf(e.Comparison)} {(e.IsAll ? "ALL" : "ANY")} ({(SpellsOutArrays ? SpelledOut(e.Array) : Of(e.Array))}))";
            case SubqueryExpression: return "(subquery)";
            case SubplanExpression e: return subplan(e, this);
            default: throw Invariant.Unreachable(expression);
        }
    }

    public string List(IEnumerable<BoundExpression> expressions) => string.Join(", ", expressions.Select(Of));

    public string Key(SortKey key)
    {
        string text = Of(key.Expression);
        if (key.Descending) text += " DESC";
        if (key.NullsFirst != key.Descending) text += key.NullsFirst ? " NULLS FIRST" : " NULLS LAST";
        return text;
    }

    public string Aggregate(AggregateCall call)
    {
        string arguments = call.Arguments.Count == 0 && call.DirectArguments.Count == 0 ? "*" : List(call.Arguments);
        bool isOrderedSet = call.DirectArguments.Count > 0;
        string text = isOrderedSet
            ? $"{call.Signature.Name}({List(call.DirectArguments)}) WITHIN GROUP (ORDER BY {string.Join(", ", call.OrderBy.Select(Key))})"
            : $"{call.Signature.Name}({(call.IsDistinct ? "DISTINCT " : "")}{arguments}{(call.OrderBy.Count > 0 ? " ORDER BY " + string.Join(", ", call.OrderBy.Select(Key)) : "")})";
        return call.Filter is null ? text : $"{text} FILTER (WHERE {Of(call.Filter)})";
    }

    /// <summary>What is kept names an extension's operators and functions with their schema, so that the text means the same on every search path.</summary>
    private string? SchemaOf(CallExpression call) => SpellsOutArrays && call.Signature.Extension is { } extension && context.Catalog.FindExtension(extension) is { } installed
        ? TypeCatalog.Quote(context.Catalog.Find<SchemaObject>(installed.Schema)!.Name) : null;

    private string? SymbolOf(CallExpression call) => SchemaOf(call) is { } schema && call.OperatorSymbol is { } symbol ? $"OPERATOR({schema}.{symbol})" : call.OperatorSymbol;

    private string Call(CallExpression call, string[] arguments)
    {
        if (SymbolOf(call) is { } symbol) return arguments.Length == 1 ? $"({symbol} {arguments[0]})" : $"({arguments[0]} {symbol} {arguments[1]})";
        bool isCast = call.Arguments.Count > 0 && Builtins.FindCast(call.Arguments[0].Type.Oid, call.Type.Oid) is { } cast && cast.Function == call.Signature.Oid;
        return isCast ? Cast(call.Arguments[0], call.Type) : $"{(SchemaOf(call) is { } schema ? schema + "." : "")}{TypeCatalog.Quote(call.Signature.Name)}({string.Join(", ", arguments)})";
    }

    private string Cast(BoundExpression operand, SqlType type) =>
        operand is LiteralExpression { Type.Oid: TypeOid.Unknown } ? $"{Of(operand)}::{NameOf(type)}" : $"({Of(operand)})::{NameOf(type)}";

    /// <summary>"character" and "bit" without a length would be read as having length 1.</summary>
    private string NameOf(SqlType type) => type switch
    {
        { Modifier: < 0, Oid: TypeOid.Bpchar } => "bpchar",
        { Modifier: < 0, Oid: TypeOid.Bit } => "\"bit\"",
        { Modifier: < 0 } when types.ElementOf(type.Oid) is TypeOid.Bpchar or TypeOid.Bit => NameOf(new SqlType(types.ElementOf(type.Oid))) + "[]",
        _ => types.Format(type),
    };

    private string Case(CaseExpression expression)
    {
        StringBuilder text = new("CASE");
        if (expression.Operand is not null) text.Append(' ').Append(Of(expression.Operand));
        foreach (CaseBranch branch in expression.Branches)
        {
            // CASE x WHEN y: the condition is x = y over the operand.
            BoundExpression condition = expression.Operand is not null && branch.Condition is CallExpression { OperatorSymbol: "=", Arguments: [CaseOperandExpression, var value] } ? value : branch.Condition;
            text.Append(" WHEN ").Append(Of(condition)).Append(" THEN ").Append(Of(branch.Result));
        }
        return text.Append(" ELSE ").Append(expression.Else is null ? $"NULL::{NameOf(expression.Type)}" : Of(expression.Else)).Append(" END").ToString();
    }

    private string Subscript(SubscriptBounds bounds) => bounds.IsSlice
        ? $"[{(bounds.Lower is null ? "" : Of(bounds.Lower))}:{(bounds.Upper is null ? "" : Of(bounds.Upper))}]"
        : $"[{Of(bounds.Upper!)}]";

    private static string Symbol(RowComparison comparison) => comparison switch
    {
        RowComparison.Equal => "=",
        RowComparison.NotEqual => "<>",
        RowComparison.Less => "<",
        RowComparison.LessOrEqual => "<=",
        RowComparison.Greater => ">",
        _ => ">=",
    };

    private string SpelledOut(BoundExpression array)
    {
        if (array is not LiteralExpression { IsNull: false } constant || types.ElementOf(constant.Type.Oid) is var element && element == 0) return Of(array);
        ArrayView view = new(constant.Type.Oid);
        view.Open((BytesColumn)constant.Value, 0);
        return view.Dimensions == 1 ? $"ARRAY[{string.Join(", ", Enumerable.Range(0, view.Count).Select(i => Literal(view.Elements, i, new SqlType(element))))}]" : Of(array);
    }

    private string Literal(Column value, int row, SqlType sqlType)
    {
        string type = NameOf(sqlType);
        if (value.IsNull(row)) return sqlType.Oid == TypeOid.Unknown ? "NULL" : $"NULL::{type}";
        ByteBuffer buffer = new();
        TypeHandlers.Of(sqlType.Oid, context.Catalog).FormatText(value, row, sqlType, buffer, context);
        string text = Encoding.UTF8.GetString(buffer.WrittenSpan);
        switch (sqlType.Oid)
        {
            case TypeOid.Bool: return text == "t" ? "true" : "false";
            case TypeOid.Int4 when text[0] != '-': return text;
            case TypeOid.Numeric when text.All(c => char.IsAsciiDigit(c) || c == '.') && text.Contains('.', StringComparison.Ordinal): return text;
        }
        string quoted = text.Replace("'", "''", StringComparison.Ordinal);
        quoted = $"{(quoted.Contains('\\', StringComparison.Ordinal) ? "E" : "")}'{quoted.Replace("\\", "\\\\", StringComparison.Ordinal)}'";
        return sqlType.Oid == TypeOid.Unknown ? quoted : $"{quoted}::{type}";
    }
}
