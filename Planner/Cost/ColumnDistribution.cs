using System.Runtime.CompilerServices;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Statistics;
using VecSql.Core.Types;
using VecSql.Planner.Binding;
using VecSql.Planner.Expressions;

namespace VecSql.Planner.Cost;

/// <summary>A column's statistics with their values parsed, so that they compare by the type's order; kept as long as the statistics themselves.</summary>
internal sealed class ColumnDistribution
{
    private static readonly ConditionalWeakTable<ColumnStatistics, ColumnDistribution> Known = [];

    private readonly ColumnStatistics _statistics;
    private readonly SqlType _type;
    private readonly TypeHandler _handler;
    private readonly Column _common, _bounds;

    private ColumnDistribution(ColumnStatistics statistics, SqlType type, TypeHandler handler, EvalContext context)
    {
        _statistics = statistics;
        _type = type with { Modifier = -1 };
        _handler = handler;
        _common = ParseAll(statistics.MostCommonValues, context);
        _bounds = ParseAll(statistics.HistogramBounds, context);
        CommonShare = statistics.MostCommonFrequencies.Sum();
    }

    /// <summary>Rows that hold one of the most common values.</summary>
    public double CommonShare { get; }

    /// <summary>Rows that are described by the histogram: neither null nor common.</summary>
    private double HistogramShare => Math.Max(0, 1 - CommonShare - _statistics.NullFraction);

    /// <summary>Null if the type has no order, or the statistics' values aren't of it (they are from before the type changed).</summary>
    public static ColumnDistribution? Of(ColumnStatistics statistics, SqlType type, EvalContext context)
    {
        if (Known.TryGetValue(statistics, out ColumnDistribution? known)) return known._type.Oid == type.Oid ? known : null;
        if (TypeHandlers.Find(type.Oid, context.Catalog) is not { IsOrderable: true } handler) return null;
        try
        {
            ColumnDistribution made = new(statistics, type, handler, context);
            Known.AddOrUpdate(statistics, made);
            return made;
        }
        catch (SqlException)
        {
            return null;
        }
    }

    private Column ParseAll(IReadOnlyList<string> texts, EvalContext context)
    {
        ColumnBuilder builder = ColumnBuilder.Create(_handler.Kind, Math.Max(1, texts.Count));
        foreach (string text in texts) _handler.ParseText(System.Text.Encoding.UTF8.GetBytes(text), _type, builder, context);
        return builder.Build();
    }

    /// <summary>The constant as a value of the column's type; null if it isn't one.</summary>
    private Column? Convert(LiteralExpression literal, EvalContext context)
    {
        if (literal.Type.Oid == _type.Oid) return literal.Value;
        try
        {
            ByteBuffer text = new();
            TypeHandlers.Of(literal.Type.Oid, context.Catalog).FormatText(literal.Value, 0, literal.Type, text, context);
            return Literals.Parse(System.Text.Encoding.UTF8.GetString(text.WrittenSpan), _type, context).Value;
        }
        catch (SqlException)
        {
            return null;
        }
    }

    /// <summary>The share of rows that equal the constant, if it is one of the most common values.</summary>
    public double? ShareOfCommon(LiteralExpression literal, EvalContext context)
    {
        if (_statistics.MostCommonValues.Length == 0 || Convert(literal, context) is not { } value) return null;
        for (int i = 0; i < _statistics.MostCommonValues.Length; i++)
            if (_handler.Compare(_common, i, value, 0) == 0) return _statistics.MostCommonFrequencies[i];
        return null;
    }

    /// <summary>The share of rows for which "column symbol constant" holds; null if nothing is known.</summary>
    public double? ShareOfInequality(string symbol, LiteralExpression literal, EvalContext context)
    {
        int bins = _statistics.HistogramBounds.Length - 1;
        if ((bins < 1 && CommonShare == 0) || Convert(literal, context) is not { } value) return null;
        bool wantsLess = symbol[0] == '<', takesEqual = symbol.Length == 2;
        double share = 0;
        for (int i = 0; i < _statistics.MostCommonValues.Length; i++)
        {
            int order = _handler.Compare(_common, i, value, 0);
            if (order == 0 ? takesEqual : order < 0 == wantsLess) share += _statistics.MostCommonFrequencies[i];
        }
        if (bins < 1)
        {
            // Only the common values are known: the rest is taken to be like them.
            share += HistogramShare * share / CommonShare;
        }
        else
        {
            int below = CountBelow(value);
            double less = below == 0 ? 0 : below > bins ? 1 : (below - 0.5) / bins;
            share += HistogramShare * (wantsLess ? less : 1 - less);
        }
        return Math.Clamp(share, 0.0001, 0.9999);
    }

    private int CountBelow(Column value)
    {
        int low = 0, high = _statistics.HistogramBounds.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_handler.Compare(_bounds, middle, value, 0) < 0) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    /// <summary>The share of rows for which a function of the column and constants is true, by trying it on the values that are known; null if these are too few.</summary>
    /// <param name="place">The argument that is the column.</param>
    public double? ShareOfCall(CallExpression call, int place, EvalContext context)
    {
        int bounds = _statistics.HistogramBounds.Length, common = _statistics.MostCommonValues.Length;
        if (bounds < 10 && CommonShare < 0.5) return null;
        bool[]? ofCommon = Try(call, place, _common, common, context), ofBounds = Try(call, place, _bounds, bounds, context);
        if (ofCommon is null || ofBounds is null) return null;
        double share = 0;
        for (int i = 0; i < common; i++)
            if (ofCommon[i]) share += _statistics.MostCommonFrequencies[i];
        // None of a sample doesn't mean none at all.
        if (bounds > 0) share += HistogramShare * Math.Clamp(ofBounds.Count(b => b), 0.5, bounds - 0.5) / bounds;
        return share;
    }

    private static bool[]? Try(CallExpression call, int place, Column values, int count, EvalContext context)
    {
        bool[] results = new bool[count];
        if (count == 0) return results;
        Column[] arguments = new Column[call.Arguments.Count];
        for (int i = 0; i < arguments.Length; i++)
        {
            if (i == place) arguments[i] = values;
            else if (call.Arguments[i] is LiteralExpression literal) arguments[i] = literal.Value.Repeat(count);
            else return null;
        }
        try
        {
            ColumnBuilder result = ColumnBuilder.Create(PhysicalKind.Bool, count);
            call.Function.Evaluate(arguments, Selection.All(count), result, context);
            Column<bool> found = (Column<bool>)result.Build();
            for (int i = 0; i < count; i++) results[i] = !found.IsNull(i) && found[i];
            return results;
        }
        catch (SqlException)
        {
            return null;
        }
    }
}
