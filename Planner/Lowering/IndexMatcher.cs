using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Types;
using VecSql.Parser;
using VecSql.Planner.Binding;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using VecSql.Planner.Physical;

namespace VecSql.Planner.Lowering;

/// <summary>What of a condition an index decides; expressions are logical (columns by id).</summary>
/// <param name="Used">Conjuncts that the index decides.</param>
/// <param name="Filter">The rest.</param>
internal sealed record IndexMatch(IndexObject Index, List<BoundExpression> Equalities, BoundExpression? AnyOf, RangeCondition? Range, List<BoundExpression> Used, List<BoundExpression> Filter)
{
    /// <summary>Leading keys that have one value each (so that order goes on with the next).</summary>
    public int FixedKeys => AnyOf is null ? Equalities.Count : 0;
}

/// <summary>Fits a scan's conjuncts to the keys of btree and hash indexes.</summary>
internal sealed class IndexMatcher(PlanningContext context, Binder binder, TableScan scan)
{
    private readonly HashSet<int> _own = [.. scan.Output.Select(c => c.Id)];

    /// <summary>Null if the index's predicate isn't implied. An index without any matching key still gives an order.</summary>
    public IndexMatch? Match(IndexObject index, List<BoundExpression> conjuncts)
    {
        if (!index.IsValid || index.Method is not ("btree" or "hash")) return null;
        List<BoundExpression> remaining = [.. conjuncts];
        if (index.Predicate is { } predicate && !IsImplied(predicate, remaining)) return null;
        List<BoundExpression> equalities = [], used = [];
        BoundExpression? anyOf = null;
        RangeCondition? range = null;
        for (int i = 0; i < index.Keys.Length; i++)
        {
            if (KeyExpression(index.Keys[i]) is not { } key) break;
            if (Take(remaining, used, c => Compare(c, key, index.Keys[i].Type) is ({ } value, BoundComparison.Equal) ? value : null) is { } equal)
            {
                equalities.Add(equal);
                continue;
            }
            anyOf = Take(remaining, used, c => AnyElement(c, key, index.Keys[i].Type));
            if (anyOf is not null) i++;
            if (i < index.Keys.Length && index.Method == "btree" && KeyExpression(index.Keys[i]) is { } next) range = TakeRange(remaining, used, next, index.Keys[i].Type);
            break;
        }
        if (index.Method == "hash" && equalities.Count + (anyOf is null ? 0 : 1) < index.Keys.Length) return null;
        return new IndexMatch(index, equalities, anyOf, range, used, remaining);
    }

    /// <summary>A key over the scan's columns; null if the scan doesn't read them.</summary>
    public BoundExpression? KeyExpression(IndexKey key)
    {
        if (key.Column != 0) return scan.Columns.FirstOrDefault(c => c.TableColumn == key.Column) is { } column ? new ColumnExpression(column.Id, column.Name, column.Type) : null;
        return key.Expression is null ? null : OverScan(binder.BindStoredAs(SqlParser.ParseExpression(key.Expression), scan.Table, null));
    }

    /// <summary>True if the conjuncts imply a partial index's predicate.</summary>
    public bool Implies(IndexObject index, List<BoundExpression> conjuncts) => index.Predicate is not { } predicate || IsImplied(predicate, conjuncts);

    /// <summary>True if a partial index's predicate, which all its rows satisfy, says as much as the conjuncts (of which there are some).</summary>
    public bool IsImpliedBy(IndexObject index, List<BoundExpression> conjuncts)
    {
        if (index.Predicate is not { } predicate || conjuncts.Count == 0) return false;
        BoundExpression? bound = OverScan(binder.BindStoredAs(SqlParser.ParseExpression(predicate), scan.Table, SqlType.Bool));
        if (bound is null) return false;
        List<BoundExpression> held = ExpressionFacts.Conjuncts(bound);
        return conjuncts.TrueForAll(needed => held.Exists(h => Implies(h, needed)));
    }

    private bool IsImplied(string predicate, List<BoundExpression> conjuncts)
    {
        BoundExpression? bound = OverScan(binder.BindStoredAs(SqlParser.ParseExpression(predicate), scan.Table, SqlType.Bool));
        return bound is not null && ExpressionFacts.Conjuncts(bound).TrueForAll(needed => conjuncts.Exists(c => Implies(c, needed)));
    }

    /// <summary>The same condition, or x IS NOT NULL by a strict condition on x.</summary>
    private static bool Implies(BoundExpression given, BoundExpression needed) => ExpressionEquality.Instance.Equals(given, needed)
        || needed is IsNullExpression { IsNegated: true, Operand: ColumnExpression column } && Rules.Nulls.RejectedBy(given).Contains(column.ColumnId);

    /// <summary>A stored expression (over live columns by place) over the scan's columns; null if one isn't read.</summary>
    private BoundExpression? OverScan(BoundExpression stored)
    {
        List<ColumnObject> live = [.. scan.Table.LiveColumns];
        ScanRewriter rewriter = new(live, scan);
        BoundExpression rewritten = rewriter.Visit(stored);
        return rewriter.IsComplete ? rewritten : null;
    }

    private sealed class ScanRewriter(List<ColumnObject> live, TableScan scan) : ExpressionRewriter
    {
        public bool IsComplete { get; private set; } = true;

        public override BoundExpression Visit(BoundExpression expression)
        {
            if (expression is not InputExpression input) return base.Visit(expression);
            if (scan.Columns.FirstOrDefault(c => c.TableColumn == live[input.Ordinal].Number) is { } column) return new ColumnExpression(column.Id, column.Name, column.Type);
            IsComplete = false;
            return input;
        }
    }

    private static BoundExpression? Take(List<BoundExpression> remaining, List<BoundExpression> used, Func<BoundExpression, BoundExpression?> match)
    {
        for (int i = 0; i < remaining.Count; i++)
        {
            if (match(remaining[i]) is not { } value) continue;
            used.Add(remaining[i]);
            remaining.RemoveAt(i);
            return value;
        }
        return null;
    }

    private RangeCondition? TakeRange(List<BoundExpression> remaining, List<BoundExpression> used, BoundExpression key, SqlType type)
    {
        (BoundExpression? low, bool lowInclusive) = TakeBound(remaining, used, key, type, BoundComparison.Greater, BoundComparison.GreaterOrEqual);
        (BoundExpression? high, bool highInclusive) = TakeBound(remaining, used, key, type, BoundComparison.Less, BoundComparison.LessOrEqual);
        return low is null && high is null ? null : new RangeCondition(low, lowInclusive, high, highInclusive);
    }

    private (BoundExpression?, bool) TakeBound(List<BoundExpression> remaining, List<BoundExpression> used, BoundExpression key, SqlType type, BoundComparison open, BoundComparison closed)
    {
        bool isClosed = false;
        BoundExpression? value = Take(remaining, used, c =>
        {
            if (Compare(c, key, type) is not ({ } bound, { } comparison) || comparison != open && comparison != closed) return null;
            isClosed = comparison == closed;
            return bound;
        });
        return (value, isClosed);
    }

    /// <summary>key op value, with the value converted to the key's type.</summary>
    public (BoundExpression? Value, BoundComparison? Comparison) Compare(BoundExpression condition, BoundExpression key, SqlType type)
    {
        if (condition is not CallExpression { Arguments: [var left, var right] } call || Comparisons.Find(call.Signature.Oid) is not { } comparison) return default;
        if (!IsKey(left, key))
        {
            if (!IsKey(right, key)) return default;
            (left, right) = (right, left);
            comparison = Comparisons.Turned(comparison);
        }
        return IsOutside(right) && AsKeyType(right, left.Type, type) is { } value ? (value, comparison) : default;
    }

    /// <summary>key = ANY (array)</summary>
    private BoundExpression? AnyElement(BoundExpression condition, BoundExpression key, SqlType type)
    {
        if (condition is not QuantifiedArrayExpression { IsAll: false } any || Comparisons.Find(any.Comparison.Signature.Oid) != BoundComparison.Equal) return null;
        if (!IsKey(any.Left, key) || !IsOutside(any.Array)) return null;
        uint array = binder.Types.ArrayOf(type.Oid);
        if (any.Array.Type.Oid == array) return any.Array;
        return array != 0 && Comparisons.IsFamily(binder.Types.ElementOf(any.Array.Type.Oid), type.Oid) || IsText(type.Oid) ? binder.TryConvertImplicitly(any.Array, array) : null;
    }

    private static bool IsKey(BoundExpression expression, BoundExpression key)
    {
        if (ExpressionEquality.Instance.Equals(expression, key)) return true;
        // varchar keys are compared as text: the same bytes in the same order.
        return expression is CoercionExpression { Kind: CoercionKind.Relabel } relabel && IsText(relabel.Type.Oid) && IsText(relabel.Operand.Type.Oid) && ExpressionEquality.Instance.Equals(relabel.Operand, key);
    }

    private static bool IsText(uint type) => type is TypeOid.Text or TypeOid.Varchar;

    /// <summary>True if the value doesn't depend on this table's row.</summary>
    private bool IsOutside(BoundExpression value) => !ExpressionFacts.Columns(value).Overlaps(_own) && !ExpressionFacts.IsVolatile(value) && !ExpressionFacts.HasSubquery(value);

    /// <summary>The value in the key's type, if the comparison means the same then.</summary>
    private BoundExpression? AsKeyType(BoundExpression value, SqlType compared, SqlType key)
    {
        if (value.Type.Oid == key.Oid) return value;
        if (IsText(value.Type.Oid) && IsText(key.Oid)) return new CoercionExpression(value, CoercionKind.Relabel, new SqlType(key.Oid));
        if (compared.Oid != key.Oid || !Comparisons.IsFamily(value.Type.Oid, key.Oid)) return null;
        if (value is LiteralExpression { IsNull: false } literal && AsInteger(literal) is { } number)
        {
            return key.Oid switch
            {
                TypeOid.Int2 when number is >= short.MinValue and <= short.MaxValue => Literals.Parse(number.ToString(), new SqlType(TypeOid.Int2), context.Constants),
                TypeOid.Int4 when number is >= int.MinValue and <= int.MaxValue => Literals.Int4((int)number),
                TypeOid.Int8 => Literals.Int8(number),
                _ => null,
            };
        }
        return binder.TryConvertImplicitly(value, key.Oid);
    }

    private static long? AsInteger(LiteralExpression literal) => literal.Value switch
    {
        Column<short> v when literal.Type.Oid == TypeOid.Int2 => v[0],
        Column<int> v when literal.Type.Oid == TypeOid.Int4 => v[0],
        Column<long> v when literal.Type.Oid == TypeOid.Int8 => v[0],
        _ => null,
    };
}
