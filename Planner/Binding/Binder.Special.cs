using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>Functions with a grammar of their own.</summary>
internal sealed partial class Binder
{
    private BoundExpression BindSpecial(Ast.SpecialFunctionCall call, QueryLevel level)
    {
        int position = call.Location;
        if (call.Function == Ast.SpecialFunction.Grouping) return BindGrouping(call, level);
        string? barrier = level.SetBarrier;
        if (call.Function is Ast.SpecialFunction.Coalesce) level.SetBarrier = "COALESCE";
        List<BoundExpression> arguments = [.. call.Arguments.Select(a => BindExpression(a, level))];
        level.SetBarrier = barrier;
        switch (call.Function)
        {
            case Ast.SpecialFunction.Coalesce:
                uint type = CommonType(arguments, "COALESCE");
                arguments = [.. arguments.Select(a => CoerceToCommon(a, type, "COALESCE"))];
                return new CoalesceExpression(arguments, new SqlType(type, CommonModifier(arguments, type))) { Position = position };
            case Ast.SpecialFunction.Greatest or Ast.SpecialFunction.Least:
                bool isGreatest = call.Function == Ast.SpecialFunction.Greatest;
                string words = isGreatest ? "GREATEST" : "LEAST";
                uint common = CommonType(arguments, words);
                arguments = [.. arguments.Select(a => CoerceToCommon(a, common, words))];
                CheckComparable(arguments[0], isOrder: true);
                return new ExtremeExpression(isGreatest, arguments, new SqlType(common, CommonModifier(arguments, common))) { Position = position };
            case Ast.SpecialFunction.NullIf:
                CallExpression equality = MakeEquality(arguments[0], arguments[1], position, out BoundExpression left, out BoundExpression right);
                return new NullIfExpression(left, right, equality, left.Type) { Position = position };
            case Ast.SpecialFunction.Extract:
                return CallByName("extract", [Literals.Unknown(call.Word ?? "") with { Position = position }, .. arguments], level, position);
            case Ast.SpecialFunction.SubstringFrom or Ast.SpecialFunction.SubstringFromFor:
                return CallByName("substring", arguments, level, position);
            case Ast.SpecialFunction.SubstringFor:
                BoundExpression count = TryCoerce(arguments[1], SqlType.Int4, CoercionContext.Explicit, arguments[1].Position) ?? arguments[1];
                return CallByName("substring", [arguments[0], Literals.Int4(1), count], level, position);
            case Ast.SpecialFunction.SubstringSimilar:
                BoundExpression pattern = CallByName("similar_to_escape", [.. arguments.Skip(1)], level, position);
                return CallByName("substring", [arguments[0], pattern], level, position);
            case Ast.SpecialFunction.TrimBoth: return CallByName("btrim", arguments, level, position);
            case Ast.SpecialFunction.TrimLeading: return CallByName("ltrim", arguments, level, position);
            case Ast.SpecialFunction.TrimTrailing: return CallByName("rtrim", arguments, level, position);
            case Ast.SpecialFunction.Overlay: return CallByName("overlay", arguments, level, position);
            case Ast.SpecialFunction.Position: return CallByName("position", [arguments[1], arguments[0]], level, position);
            case Ast.SpecialFunction.Overlaps: return CallByName("overlaps", arguments, level, position);
            case Ast.SpecialFunction.CollationFor: return CallByName("pg_collation_for", arguments, level, position);
            case Ast.SpecialFunction.Normalize:
                return CallByName("normalize", call.Word is null ? arguments : [.. arguments, Literals.Text(call.Word.ToUpperInvariant())], level, position);
            default: throw Invariant.Unreachable(call.Function);
        }
    }

    private ColumnExpression BindGrouping(Ast.SpecialFunctionCall call, QueryLevel level)
    {
        if (!level.Place.AllowsAggregates()) throw Error(SqlState.GroupingError, $"grouping operations are not allowed in {level.Place.Words()}", call.Location);
        if (call.Arguments.Count > 31) throw Error(SqlState.TooManyArguments, "GROUPING must have fewer than 32 arguments", call.Location);
        List<BoundExpression> arguments = [.. call.Arguments.Select(a => BindExpression(a, level))];
        LogicalColumn column = NewColumn("grouping", SqlType.Int4);
        level.Groupings.Add(new PendingGrouping(column, arguments, call.Location));
        return Reference(column, call.Location);
    }

    private BoundExpression BindSqlValue(Ast.SqlValueFunctionCall call, QueryLevel level)
    {
        int position = call.Location;
        BoundExpression Now() => CallByName("now", [], level, position);
        BoundExpression As(uint type, BoundExpression value)
        {
            int modifier = call.Precision is { } precision ? Math.Min(precision, 6) : -1;
            return TryCoerce(value, new SqlType(type, modifier), CoercionContext.Explicit, position) ?? throw new InvariantException("no cast for " + call.Function);
        }
        return call.Function switch
        {
            Ast.SqlValueFunction.CurrentDate => As(TypeOid.Date, Now()),
            Ast.SqlValueFunction.CurrentTime => As(TypeOid.TimeTz, Now()),
            Ast.SqlValueFunction.CurrentTimestamp => As(TypeOid.TimestampTz, Now()),
            Ast.SqlValueFunction.LocalTime => As(TypeOid.Time, Now()),
            Ast.SqlValueFunction.LocalTimestamp => As(TypeOid.Timestamp, Now()),
            Ast.SqlValueFunction.CurrentRole or Ast.SqlValueFunction.CurrentUser or Ast.SqlValueFunction.User => CallByName("current_user", [], level, position),
            Ast.SqlValueFunction.SessionUser => CallByName("session_user", [], level, position),
            Ast.SqlValueFunction.CurrentCatalog => CallByName("current_database", [], level, position),
            Ast.SqlValueFunction.CurrentSchema => CallByName("current_schema", [], level, position),
            _ => throw Invariant.Unreachable(call.Function),
        };
    }
}
