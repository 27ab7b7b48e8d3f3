using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Types;
using VecSql.Planner.Binding;

namespace VecSql.Planner.Expressions;

/// <summary>
/// A bound expression over one table as the SQL that the catalog keeps: the same on every search path and with every way of writing dates.
/// What SQL has special syntax for, and subqueries, aren't known here: the caller keeps the text as it was written.
/// </summary>
public static class StoredExpressionText
{
    /// <summary>The text; null if the expression has a part that isn't known here.</summary>
    /// <param name="columns">Names of what InputExpressions stand for.</param>
    public static string? Format(BoundExpression expression, IReadOnlyList<string> columns, EvalContext context)
    {
        if (ExpressionFacts.Any(expression, e => !IsKnown(e))) return null;
        EvalContext neutral = new() { Display = new DisplaySettings(), Catalog = context.Catalog, Clock = context.Clock, Random = context.Random, Session = context.Session };
        // Users' types with their schema.
        TypeCatalog types = new(context.Catalog, [WellKnownOid.PgCatalogSchema]);
        string[] names = [.. columns.Select(SqlIdentifier.Quote)];
        return new ExpressionText(neutral, types, names, new Dictionary<int, string>(), (subplan, _) => throw Core.Errors.Invariant.Unreachable(subplan)) { SpellsOutArrays = true }.Of(expression);
    }

    private static bool IsKnown(BoundExpression expression) => expression switch
    {
        // Names of objects would be written as the session's search path has them.
        LiteralExpression e => e.IsNull || e.Type.Oid is not (TypeOid.RegClass or TypeOid.RegType or TypeOid.RegProc or TypeOid.RegProcedure),
        CallExpression e => e.OperatorSymbol is not null || Builtins.FindFunction(e.Signature.Oid) is not null,
        CaseExpression e => e.Operand is null,
        ArrayExpression e => e.Elements.Count > 0,
        QuantifiedArrayExpression e => e.Comparison.OperatorSymbol is not null,
        InputExpression or AndExpression or OrExpression or NotExpression or IsNullExpression or IsBooleanExpression or DistinctFromExpression or CoalesceExpression or NullIfExpression
            or ExtremeExpression or CoercionExpression => true,
        _ => false,
    };
}
