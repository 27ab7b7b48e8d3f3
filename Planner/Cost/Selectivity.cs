using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Statistics;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;

namespace VecSql.Planner.Cost;

/// <summary>Shares of rows that pass a condition: from ANALYZE's statistics where there are any, else PostgreSQL's default guesses.</summary>
internal sealed class Selectivity(CardinalityEstimator estimator, PlanningContext context)
{
    public const double Equality = 0.005, Inequality = 1.0 / 3, Range = 0.005, Match = 0.005, NullTest = 0.005;

    public double Of(BoundExpression condition) => Math.Clamp(Estimate(condition), 0, 1);

    /// <summary>As <see cref="Of"/> of a join's condition whose inputs have been filtered by what its ORs imply for them already (<see cref="Rules.Disjunctions"/>).</summary>
    public double OfJoin(BoundExpression condition, IReadOnlyList<HashSet<int>> sides)
    {
        double correction = 1;
        List<BoundExpression> conjuncts = ExpressionFacts.Conjuncts(condition);
        foreach (BoundExpression conjunct in conjuncts)
        {
            if (conjunct is not OrExpression) continue;
            foreach (HashSet<int> side in sides)
                if (Rules.Disjunctions.ImpliedFor(side, conjunct) is { } implied) correction /= Math.Max(1e-6, Of(implied));
        }
        return Math.Clamp(correction * KeyCorrection(conjuncts) * Of(condition), 0, 1);
    }

    /// <summary>
    /// Equalities with all columns of a unique key of several columns find one row of the table at most, and where the other side refers to it, one: more than the product of the columns'
    /// selectivities says, which takes them to be independent.
    /// </summary>
    /// <returns>By what to multiply the product of the conjuncts' selectivities.</returns>
    public double KeyCorrection(IReadOnlyList<BoundExpression> conjuncts)
    {
        Dictionary<TableObject, Dictionary<short, double>> equated = [];
        foreach (BoundExpression conjunct in conjuncts)
        {
            if (conjunct is not CallExpression { OperatorSymbol: "=", Arguments: [ColumnExpression left, ColumnExpression right] }) continue;
            foreach (ColumnExpression column in (ReadOnlySpan<ColumnExpression>)[left, right])
            {
                if (estimator.OriginOf(column.ColumnId) is not { } origin) continue;
                if (!equated.TryGetValue(origin.Table, out Dictionary<short, double>? columns)) equated.Add(origin.Table, columns = []);
                columns[origin.Column] = Of(conjunct);
            }
        }
        double best = 1;
        foreach ((TableObject table, Dictionary<short, double> columns) in equated)
        {
            if (columns.Count < 2) continue;
            foreach (IndexObject index in context.Catalog.IndexesOf(table.Oid))
            {
                if (index is not { IsUnique: true, IsValid: true, Predicate: null, Keys.Length: > 1 } || !index.Keys.All(k => columns.ContainsKey(k.Column))) continue;
                double product = index.Keys.Aggregate(1.0, (p, k) => p * columns[k.Column]);
                best = Math.Max(best, 1 / estimator.TableRows(table) / Math.Max(1e-12, product));
            }
        }
        return best;
    }

    private double Estimate(BoundExpression condition)
    {
        switch (condition)
        {
            case LiteralExpression { IsNull: true }: return 0;
            case LiteralExpression { Value: Column<bool> value }: return value[0] ? 1 : 0;
            case AndExpression and: return OfConjunction(and.Operands);
            case OrExpression or: return or.Operands.Aggregate(0.0, (sum, o) => sum + (1 - sum) * Of(o));
            case NotExpression not: return 1 - Of(not.Operand);
            case IsNullExpression test: return NullShare(test);
            case IsBooleanExpression test:
                double share = test.Test == BooleanTest.Unknown ? NullTest : test.Test == BooleanTest.True ? Of(test.Operand) : 1 - Of(test.Operand);
                return test.IsNegated ? 1 - share : share;
            case DistinctFromExpression test: return test.IsNegated ? Equality : 1 - Equality;
            case QuantifiedArrayExpression any: return OfQuantified(any);
            case CallExpression call: return OfCall(call);
            case ColumnExpression { Type.Oid: TypeOid.Bool } column: return OfBoolean(column);
            case SubqueryExpression: return 0.5;
            default: return Inequality;
        }
    }

    /// <summary>A low and a high bound on one column make a range; everything else multiplies.</summary>
    private double OfConjunction(IReadOnlyList<BoundExpression> operands)
    {
        double product = 1;
        Dictionary<int, double> lows = [], highs = [];
        foreach (BoundExpression operand in operands)
        {
            if (AsComparison(operand) is not ({ } column, { } symbol, { } value) || symbol is not ("<" or "<=" or ">" or ">=")) product *= Of(operand);
            else
            {
                Dictionary<int, double> side = symbol[0] == '<' ? highs : lows;
                side[column.ColumnId] = Math.Min(side.GetValueOrDefault(column.ColumnId, 1), OfInequality(column, symbol, value));
            }
        }
        foreach ((int column, double low) in lows)
        {
            if (!highs.Remove(column, out double high)) product *= low;
            else product *= low == Inequality || high == Inequality || low + high <= 1 ? Range : low + high - 1;
        }
        foreach (double high in highs.Values) product *= high;
        return product;
    }

    private double NullShare(IsNullExpression test)
    {
        double share = test.Operand is ColumnExpression column && estimator.StatisticsOf(column.ColumnId) is { } statistics ? statistics.NullFraction : NullTest;
        return test.IsNegated ? 1 - share : share;
    }

    private double OfBoolean(ColumnExpression column)
    {
        if (estimator.StatisticsOf(column.ColumnId) is not { MostCommonValues.Length: > 0 } statistics) return 0.5;
        int place = statistics.MostCommonValues.IndexOf("t");
        return place >= 0 ? statistics.MostCommonFrequencies[place] : 1 - statistics.NullFraction - statistics.MostCommonFrequencies.Sum();
    }

    private double OfQuantified(QuantifiedArrayExpression any)
    {
        if (any is { IsAll: false, Comparison.OperatorSymbol: "=", Array: ArrayExpression list } && Plain(any.Left) is ColumnExpression listed)
            return Math.Min(1, list.Elements.Sum(e => OfEquality(listed, e)));
        double count = any.Array is ArrayExpression array ? array.Elements.Count : 10;
        double one = any.Comparison.OperatorSymbol == "=" && any.Left is ColumnExpression column ? OfEquality(column, null) : Equality;
        return any.IsAll ? Math.Max(0, 1 - count * one) : Math.Min(1, count * one);
    }

    private double OfCall(CallExpression call)
    {
        if (call.OperatorSymbol is null) return Inequality;
        if (call.OperatorSymbol is "~~" or "~" or "~~*" or "~*") return OfPattern(call) ?? Match;
        if (call.OperatorSymbol is "!~~" or "!~" or "!~~*" or "!~*") return OfPattern(call) ?? 1 - Match;
        if (AsComparison(call) is ({ } column, { } symbol, { } value))
        {
            return symbol switch
            {
                "=" => OfEquality(column, value),
                "<>" => Math.Max(0, 1 - OfEquality(column, value)),
                _ => OfInequality(column, symbol, value),
            };
        }
        return call.OperatorSymbol switch
        {
            "=" => OfPair(call),
            "<>" => 1 - OfPair(call),
            "<" or "<=" or ">" or ">=" => Inequality,
            _ => 0.01,
        };
    }

    /// <summary>column = column: one pair in as many as the side with more values has.</summary>
    private double OfPair(CallExpression call)
    {
        if (call.Arguments is not [var left, var right]) return Equality;
        double most = Math.Max(Distinct(left), Distinct(right));
        return most > 0 ? 1 / most : Equality;
    }

    private double Distinct(BoundExpression expression)
    {
        while (expression is CoercionExpression coercion) expression = coercion.Operand;
        if (expression is CallExpression { OperatorSymbol: null, Arguments: [ColumnExpression inner] }) expression = inner;
        double rows = expression is ColumnExpression column && estimator.OriginOf(column.ColumnId) is { } origin ? estimator.TableRows(origin.Table) : 1000;
        return estimator.DistinctValues(expression, rows);
    }

    private double OfEquality(ColumnExpression column, BoundExpression? value)
    {
        if (value is LiteralExpression { IsNull: true }) return 0;
        if (estimator.OriginOf(column.ColumnId) is not { } origin) return Equality;
        double rows = estimator.TableRows(origin.Table);
        if (estimator.IsUnique(origin.Table, origin.Column)) return 1 / rows;
        ColumnStatistics? statistics = context.Statistics.FindColumn(origin.Table.Oid, origin.Column);
        double distinct = estimator.DistinctValues(column, rows);
        if (statistics is null) return 1 / distinct;
        ColumnDistribution? distribution = value is LiteralExpression ? ColumnDistribution.Of(statistics, column.Type, context.Constants) : null;
        if (distribution?.ShareOfCommon((LiteralExpression)value!, context.Constants) is { } share) return share;
        double common = value is LiteralExpression ? distribution?.CommonShare ?? 0 : 0;
        double others = Math.Max(1, distinct - (value is LiteralExpression ? statistics.MostCommonValues.Length : 0));
        return Math.Max(0, 1 - common - statistics.NullFraction) / others;
    }

    private double OfInequality(ColumnExpression column, string symbol, BoundExpression value)
    {
        if (value is not LiteralExpression { IsNull: false } literal || estimator.StatisticsOf(column.ColumnId) is not { } statistics) return Inequality;
        return ColumnDistribution.Of(statistics, column.Type, context.Constants)?.ShareOfInequality(symbol, literal, context.Constants) ?? Inequality;
    }

    /// <summary>column LIKE constant: by trying the pattern on the values that are known.</summary>
    private double? OfPattern(CallExpression call)
    {
        if (call is not { Signature.Volatility: 'i', Arguments: [var left, LiteralExpression { IsNull: false }] }) return null;
        if (Plain(left) is not ColumnExpression column || estimator.StatisticsOf(column.ColumnId) is not { } statistics) return null;
        return ColumnDistribution.Of(statistics, column.Type, context.Constants)?.ShareOfCall(call, 0, context.Constants);
    }

    /// <summary>column op value, turned round if the column stands on the right.</summary>
    public static (ColumnExpression? Column, string? Symbol, BoundExpression? Value) AsComparison(BoundExpression expression)
    {
        if (expression is not CallExpression { OperatorSymbol: { } symbol, Arguments: [var left, var right] }) return default;
        if (symbol is not ("=" or "<>" or "<" or "<=" or ">" or ">=")) return default;
        (left, right) = (Plain(left), Plain(right));
        if (left is ColumnExpression column && !ExpressionFacts.HasColumns(right)) return (column, symbol, right);
        if (right is not ColumnExpression other || ExpressionFacts.HasColumns(left)) return default;
        return (other, symbol switch { "<" => ">", "<=" => ">=", ">" => "<", ">=" => "<=", _ => symbol }, left);
    }

    private static BoundExpression Plain(BoundExpression expression) =>
        expression is CoercionExpression { Kind: CoercionKind.Relabel, Operand: ColumnExpression column } ? column : expression;
}
