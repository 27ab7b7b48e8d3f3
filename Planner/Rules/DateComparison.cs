using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Functions;
using VecSql.Core.Types;
using VecSql.Planner.Binding;
using VecSql.Planner.Expressions;

namespace VecSql.Planner.Rules;

/// <summary>
/// A date compared with a constant timestamp, as date arithmetic with intervals makes them, is a comparison with a constant date: zone maps, indexes and statistics know dates.
/// </summary>
internal static class DateComparison
{
    private const long MicrosPerDay = 86_400_000_000;

    /// <summary>The same comparison of two dates; null if the call is another one.</summary>
    public static CallExpression? OfDates(CallExpression call)
    {
        if (call is not { OperatorSymbol: { } symbol, Arguments: [var left, var right] }) return null;
        if (left.Type.Oid == TypeOid.Timestamp && right.Type.Oid == TypeOid.Date) (left, right, symbol) = (right, left, Turned(symbol));
        if (left.Type.Oid != TypeOid.Date || right is not LiteralExpression { IsNull: false, Type.Oid: TypeOid.Timestamp, Value: Column<long> value }) return null;
        // ± infinity
        if (value[0] is long.MinValue or long.MaxValue) return null;
        long day = Math.DivRem(value[0], MicrosPerDay, out long rest);
        if (rest < 0) (day, rest) = (day - 1, rest + MicrosPerDay);
        if (day is <= int.MinValue or >= int.MaxValue) return null;
        string? name = (symbol, rest == 0) switch
        {
            ("<", true) => "date_lt",
            ("<=", _) or ("<", false) => "date_le",
            (">=", true) => "date_ge",
            (">", _) or (">=", false) => "date_gt",
            ("=", true) => "date_eq",
            ("<>", true) => "date_ne",
            _ => null,
        };
        if (name is null) return null;
        BuiltinFunction signature = Builtins.FindFunctions(name)[0];
        ScalarFunction function = FunctionLibrary.Default.FindScalar(signature) ?? throw new InvariantException(name);
        string compared = name switch { "date_lt" => "<", "date_le" => "<=", "date_ge" => ">=", "date_gt" => ">", "date_eq" => "=", _ => "<>" };
        return new CallExpression(signature, function, [left, Literals.Date((int)day)], SqlType.Bool, compared) { Position = call.Position };
    }

    private static string Turned(string symbol) => symbol switch { "<" => ">", "<=" => ">=", ">" => "<", ">=" => "<=", _ => symbol };
}
