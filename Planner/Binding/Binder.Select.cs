using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>SELECT: from its clauses to a plan.</summary>
internal sealed partial class Binder
{
    /// <summary>An output column in the making.</summary>
    private sealed class Target(string name, BoundExpression expression)
    {
        public string Name { get; } = name;
        public BoundExpression Expression { get; set; } = expression;
        public uint TableOid { get; init; }
        public short TableColumn { get; init; }
    }

    private BoundQuery BindQuery(Ast.SelectStatement select, QueryLevel? parent, QueryOptions options)
    {
        CheckStack(select.Span.Start);
        QueryLevel level = new(parent);
        List<CteDefinition> definitions = select.With is null ? [] : BindWith(select.With, level);
        BoundQuery query = select.Body switch
        {
            Ast.SelectCore core => BindCore(core, select, level, options),
            Ast.TableBody table => BindCore(StarOf(table), select, level, options),
            Ast.ValuesBody values => Ordered(BindValues(values, level), select, level),
            Ast.SetOperation operation => Ordered(BindSetOperation(operation, level), select, level),
            Ast.NestedSelect nested => Ordered(BindQuery(nested.Select, level, options), select, level),
            _ => throw Invariant.Unreachable(select.Body),
        };
        return definitions.Count == 0 ? query : new BoundQuery(new With(definitions, query.Plan), query.Columns);
    }

    private static Ast.SelectCore StarOf(Ast.TableBody table) =>
        new([new Ast.SelectItem(new Ast.ColumnRef([], true) { Span = table.Span }, null) { Span = table.Span }]) { From = [table.Table], Span = table.Span };

    private BoundQuery BindCore(Ast.SelectCore core, Ast.SelectStatement select, QueryLevel level, QueryOptions options)
    {
        if (core.Into is { } into) throw Error(SqlState.SyntaxError, "SELECT ... INTO is not allowed here", into.Span.Start);
        level.WindowDefinitions = core.Windows;
        CheckWindowNames(core.Windows);
        LogicalPlan plan = BindFrom(core.From, level);
        List<Target> targets = BindTargets(core.Items, level, ExpressionPlace.SelectList);
        if (core.Where is not null) plan = new Filter(plan, CoerceToBool(BindAt(core.Where, level, ExpressionPlace.Where), "WHERE"));
        BoundExpression? having = core.Having is null ? null : CoerceToBool(BindAt(core.Having, level, ExpressionPlace.Having), "HAVING");
        List<SortKey> order = BindOrderBy(select.OrderBy, targets, level);
        GroupingClause? grouping = core.GroupBy is null ? null : BindGroupBy(core.GroupBy, targets, level);
        List<BoundExpression>? on = core.Distinct is null ? null : BindDistinct(core.Distinct, targets, order, level);
        (BoundExpression? count, BoundExpression? offset) = BindLimit(select.Limit, select.OrderBy.Count > 0, level);
        // A named window must be right even if nothing uses it.
        foreach (Ast.WindowDefinition window in core.Windows) BindWindow(window.Specification, level);
        if (options.ResolveUnknowns)
            foreach (Target target in targets) target.Expression = TypedText(target.Expression);

        SelectParts parts = new(plan, targets, order, on);
        if (level.IsAggregated || grouping is not null || having is not null) AddAggregation(parts, grouping, having, level);
        AddWindows(parts, level);
        return Finish(parts, core, select, count, offset, level);
    }

    /// <summary>What is rewritten as nodes are put on top of FROM.</summary>
    private sealed class SelectParts(LogicalPlan plan, List<Target> targets, List<SortKey> order, List<BoundExpression>? distinctOn)
    {
        public LogicalPlan Plan { get; set; } = plan;
        public List<Target> Targets { get; } = targets;
        public List<SortKey> Order { get; set; } = order;

        /// <summary>Null: no DISTINCT. Empty: over all columns.</summary>
        public List<BoundExpression>? DistinctOn { get; set; } = distinctOn;

        public void Rewrite(Func<BoundExpression, BoundExpression> rewrite)
        {
            foreach (Target target in Targets) target.Expression = rewrite(target.Expression);
            Order = [.. Order.Select(k => k with { Expression = rewrite(k.Expression) })];
            if (DistinctOn is not null) DistinctOn = [.. DistinctOn.Select(rewrite)];
        }
    }

    private static void CheckWindowNames(IReadOnlyList<Ast.WindowDefinition> windows)
    {
        for (int i = 0; i < windows.Count; i++)
            for (int j = 0; j < i; j++)
                if (windows[i].Name == windows[j].Name)
                    throw Error(SqlState.WindowingError, $"window \"{windows[i].Name}\" is already defined", windows[i].Span.Start);
    }

    private BoundQuery Finish(SelectParts parts, Ast.SelectCore core, Ast.SelectStatement select, BoundExpression? count, BoundExpression? offset, QueryLevel level)
    {
        bool withTies = select.Limit?.WithTies ?? false;
        bool isPlainDistinct = parts.DistinctOn is { Count: 0 };
        HashSet<int> setColumns = SetColumns(level);
        bool sortsSets = parts.Order.Exists(k => ExpressionFacts.Columns(k.Expression).Overlaps(setColumns))
            || parts.DistinctOn is { Count: > 0 } on && (parts.Order.Count == 0 || on.Exists(e => ExpressionFacts.Columns(e).Overlaps(setColumns)));
        if (isPlainDistinct)
        {
            LogicalPlan below = AddSets(parts.Plan, level);
            Project projected = ProjectTargets(below, parts.Targets);
            List<SortKey> keys = [.. parts.Order.Select(k => k with { Expression = TargetColumn(k, parts.Targets, projected) })];
            LogicalPlan distinct = AddSortAndLimit(new Distinct(projected, null), keys, count, offset, withTies);
            RefuseLocking(select, "DISTINCT clause");
            return new BoundQuery(distinct, projected.Output);
        }
        LogicalPlan plan = parts.Plan;
        if (sortsSets) plan = AddSets(plan, level);
        if (parts.Order.Count > 0 || parts.DistinctOn is not null) plan = ComputeKeys(plan, parts);
        if (parts.Order.Count > 0) plan = new Sort(plan, parts.Order);
        if (parts.DistinctOn is { Count: > 0 } distinctOn)
        {
            RefuseLocking(select, "DISTINCT clause");
            plan = new Distinct(plan, distinctOn);
        }
        if (!sortsSets) plan = AddSets(plan, level);
        plan = AddLocks(plan, core, select, level);
        if (count is not null || offset is not null) plan = new Limit(plan, count, offset, withTies ? parts.Order : null);
        Project final = ProjectTargets(plan, parts.Targets);
        return new BoundQuery(final, final.Output);
    }

    /// <summary>Sort keys that are also output and cost something are computed once, below the sort.</summary>
    private LogicalPlan ComputeKeys(LogicalPlan plan, SelectParts parts)
    {
        List<ProjectedColumn> computed = [];
        foreach (Target target in parts.Targets)
        {
            if (target.Expression is ColumnExpression or LiteralExpression or ParameterExpression) continue;
            bool isKey = parts.Order.Exists(k => ExpressionEquality.Instance.Equals(k.Expression, target.Expression))
                || parts.DistinctOn is { } on && on.Exists(e => ExpressionEquality.Instance.Equals(e, target.Expression));
            if (!isKey || computed.Exists(c => ExpressionEquality.Instance.Equals(c.Expression, target.Expression))) continue;
            computed.Add(new ProjectedColumn(NewColumn(target.Name, target.Expression.Type), target.Expression));
        }
        if (computed.Count == 0) return plan;
        Project project = new(plan, [.. plan.Output.Select(c => new ProjectedColumn(c, Reference(c))), .. computed]);
        parts.Rewrite(e => computed.Find(c => ExpressionEquality.Instance.Equals(c.Expression, e)) is { } found ? Reference(found.Column, e.Position) : e);
        return project;
    }

    private static ColumnExpression TargetColumn(SortKey key, List<Target> targets, Project projected)
    {
        int index = targets.FindIndex(t => ExpressionEquality.Instance.Equals(t.Expression, key.Expression));
        if (index < 0)
            throw Error(SqlState.InvalidColumnReference, "for SELECT DISTINCT, ORDER BY expressions must appear in select list", key.Expression.Position);
        return Reference(projected.Output[index]);
    }

    private static LogicalPlan AddSortAndLimit(LogicalPlan plan, List<SortKey> keys, BoundExpression? count, BoundExpression? offset, bool withTies)
    {
        if (keys.Count > 0) plan = new Sort(plan, keys);
        return count is null && offset is null ? plan : new Limit(plan, count, offset, withTies ? keys : null);
    }

    private Project ProjectTargets(LogicalPlan plan, List<Target> targets) =>
        new(plan, [.. targets.Select(t => new ProjectedColumn(NoteFields(NewColumn(t.Name, t.Expression.Type, t.TableOid, t.TableColumn), t.Expression), t.Expression))]);

    /// <summary>Fields of anonymous records by column, so that queries above can name them.</summary>
    private readonly Dictionary<int, RowExpression> _recordFields = [];

    private LogicalColumn NoteFields(LogicalColumn column, BoundExpression value)
    {
        if (column.Type.Oid == TypeOid.Record && FieldsOf(value) is { } row) _recordFields[column.Id] = row;
        return column;
    }

    /// <summary>What an anonymous record is made of, as far as its origin tells; null if it doesn't.</summary>
    private RowExpression? FieldsOf(BoundExpression record) => record switch
    {
        RowExpression row => row,
        ColumnExpression column => _recordFields.GetValueOrDefault(column.ColumnId),
        _ => null,
    };

    private List<Target> BindTargets(IReadOnlyList<Ast.SelectItem> items, QueryLevel level, ExpressionPlace place)
    {
        List<Target> targets = [];
        foreach (Ast.SelectItem item in items)
        {
            if (item.Expression is Ast.ColumnRef { IsStar: true } star)
            {
                List<NamedColumn> expanded = ExpandStar(star, level);
                if (Resolutions is not null) Resolutions.Stars[item] = [.. expanded.Select(c => Resolved(c, level))];
                targets.AddRange(expanded.Select(c => new Target(c.Name, c.Expression with { Position = star.Location }) { TableOid = c.TableOid, TableColumn = c.TableColumn }));
                continue;
            }
            if (item.Expression is Ast.IndirectionExpression { Steps: [.., Ast.AllFields] } fields)
            {
                targets.AddRange(ExpandFields(fields, level, place));
                continue;
            }
            BoundExpression bound = BindAt(item.Expression, level, place);
            (uint table, short column) = OriginOf(bound, level);
            targets.Add(new Target(item.Alias ?? ColumnNames.Figure(item.Expression), bound) { TableOid = table, TableColumn = column });
        }
        if (targets.Count > 1664) throw Error(SqlState.TooManyColumns, "target lists can have at most 1664 entries", -1);
        return targets;
    }

    private static (uint, short) OriginOf(BoundExpression expression, QueryLevel level)
    {
        if (expression is not ColumnExpression column) return default;
        foreach (NamespaceItem item in level.Namespace)
            foreach (NamedColumn named in item.Columns)
                if (named.Expression is ColumnExpression known && known.ColumnId == column.ColumnId && named.TableOid != 0)
                    return (named.TableOid, named.TableColumn);
        return default;
    }

    private List<NamedColumn> ExpandStar(Ast.ColumnRef star, QueryLevel level)
    {
        if (star.Parts.Count == 0)
        {
            if (level.Namespace.Count == 0) throw Error(SqlState.SyntaxError, "SELECT * with no tables specified is not valid", star.Location);
            return VisibleColumns(level.Namespace);
        }
        string? schema = star.Parts.Count > 1 ? star.Parts[^2] : null;
        NamespaceItem item = FindItem(schema, star.Parts[^1], level, star.Location) ?? throw MissingRelation(string.Join('.', star.Parts), star.Parts[^1], level, star.Location);
        return [.. item.Columns];
    }

    /// <summary>(row).*</summary>
    private IEnumerable<Target> ExpandFields(Ast.IndirectionExpression fields, QueryLevel level, ExpressionPlace place)
    {
        Ast.Expression operand = fields.Steps.Count == 1 ? fields.Operand : fields with { Steps = [.. fields.Steps.Take(fields.Steps.Count - 1)] };
        BoundExpression row = BindAt(operand, level, place);
        if (row is RowExpression { FieldNames: { } names } constructed) return constructed.Fields.Select((f, i) => new Target(names[i], f));
        if (FieldsOf(row) is { } known)
            return known.Fields.Select((f, i) => new Target(known.FieldNames[i], new FieldExpression(row, i, known.FieldNames[i], f.Type) { Position = fields.Location }));
        if (_types.RelationOf(row.Type.Oid) is { } relation)
            return relation.LiveColumns.Select((c, i) => new Target(c.Name, new FieldExpression(row, i, c.Name, c.Type) { Position = fields.Location }));
        throw row.Type.Oid == TypeOid.Record
            ? Error(SqlState.DatatypeMismatch, "record type has not been registered", fields.Location)
            : Error(SqlState.WrongObjectType, $"type {Format(row.Type.Oid)} is not composite", fields.Location);
    }

    private List<SortKey> BindOrderBy(IReadOnlyList<Ast.SortItem> items, List<Target> targets, QueryLevel level)
    {
        List<SortKey> keys = [];
        foreach (Ast.SortItem item in items)
        {
            BoundExpression key = BindTargetReference(item.Expression, targets, level, ExpressionPlace.OrderBy, "ORDER BY");
            SortKey made = MakeSortKey(item, key);
            // A key that repeats an earlier one decides nothing.
            if (!keys.Exists(k => ExpressionEquality.Instance.Equals(k.Expression, key))) keys.Add(made);
        }
        return keys;
    }

    /// <summary>
    /// An item of ORDER BY, GROUP BY or DISTINCT ON: an output column's name, its number, or an expression. GROUP BY prefers input columns to output names.
    /// </summary>
    private BoundExpression BindTargetReference(Ast.Expression expression, List<Target> targets, QueryLevel level, ExpressionPlace place, string clause)
    {
        if (expression is Ast.ColumnRef { IsStar: false, Parts: [{ } name] })
        {
            bool isInput = place == ExpressionPlace.GroupBy && HasInputColumn(name, level);
            if (!isInput && TargetByName(name, targets, clause, expression.Location) is { } named) return TypedTarget(named);
        }
        if (expression is Ast.IntegerLiteral number)
        {
            if (!int.TryParse(number.Text, out int place1) || place1 < 1 || place1 > targets.Count)
                throw Error(SqlState.InvalidColumnReference, $"{clause} position {number.Text} is not in select list", expression.Location);
            return TypedTarget(targets[place1 - 1]);
        }
        if (expression is Ast.Literal and not Ast.NullLiteral and not Ast.BooleanLiteral) throw Error(SqlState.SyntaxError, $"non-integer constant in {clause}", expression.Location);
        BoundExpression bound = TypedText(BindAt(expression, level, place));
        return targets.Find(t => ExpressionEquality.Instance.Equals(t.Expression, bound)) is { } same ? same.Expression with { Position = bound.Position } : bound;
    }

    private BoundExpression TypedTarget(Target target) => target.Expression = TypedText(target.Expression);

    private static bool HasInputColumn(string name, QueryLevel level) => level.Namespace.Exists(i => i.AreColumnsVisible && i.Columns.Any(c => c.Name == name));

    private static Target? TargetByName(string name, List<Target> targets, string clause, int position)
    {
        Target? found = null;
        foreach (Target target in targets)
        {
            if (target.Name != name) continue;
            if (found is not null && !ExpressionEquality.Instance.Equals(found.Expression, target.Expression))
                throw Error(SqlState.AmbiguousColumn, $"{clause} \"{name}\" is ambiguous", position);
            found ??= target;
        }
        return found;
    }

    /// <summary>Empty: DISTINCT over all columns; else the keys of DISTINCT ON, which ORDER BY must begin with.</summary>
    private List<BoundExpression> BindDistinct(Ast.DistinctClause distinct, List<Target> targets, List<SortKey> order, QueryLevel level)
    {
        if (distinct.On.Count == 0)
        {
            foreach (Target target in targets) CheckComparable(TypedTarget(target), isOrder: false);
            return [];
        }
        List<BoundExpression> on = [];
        foreach (Ast.Expression expression in distinct.On)
        {
            BoundExpression key = BindTargetReference(expression, targets, level, ExpressionPlace.DistinctOn, "DISTINCT ON");
            CheckComparable(key, isOrder: false);
            key = key with { Position = expression.Location };
            if (!on.Exists(e => ExpressionEquality.Instance.Equals(e, key))) on.Add(key);
        }
        bool ended = false;
        int matched = 0;
        foreach (SortKey key in order)
        {
            bool isOn = on.Exists(e => ExpressionEquality.Instance.Equals(e, key.Expression));
            if (isOn && ended) throw DistinctOnMismatch(key.Expression.Position);
            if (isOn) matched++;
            else ended = true;
        }
        if (ended && matched < on.Count) throw DistinctOnMismatch(on.Find(e => !order.Exists(k => ExpressionEquality.Instance.Equals(e, k.Expression)))?.Position ?? -1);
        return on;
    }

    private static SqlException DistinctOnMismatch(int position) =>
        Error(SqlState.InvalidColumnReference, "SELECT DISTINCT ON expressions must match initial ORDER BY expressions", position);

    private (BoundExpression? Count, BoundExpression? Offset) BindLimit(Ast.LimitClause? limit, bool hasOrder, QueryLevel level)
    {
        if (limit is null) return default;
        BoundExpression? offset = limit.Offset is null ? null : BindRowCount(limit.Offset, level, ExpressionPlace.Offset);
        BoundExpression? count = limit.Count is null ? null : BindRowCount(limit.Count, level, ExpressionPlace.Limit);
        if (limit.WithTies && !hasOrder) throw Error(SqlState.SyntaxError, "WITH TIES cannot be specified without ORDER BY clause", limit.Span.Start);
        if (count is LiteralExpression { IsNull: true }) count = null;
        return (count, offset);
    }

    private BoundExpression BindRowCount(Ast.Expression expression, QueryLevel level, ExpressionPlace place)
    {
        string words = place.Words();
        BoundExpression bound = BindAt(expression, level, place);
        BoundExpression count = TryCoerce(bound, SqlType.Int8, CoercionContext.Assignment, bound.Position)
            ?? throw Error(SqlState.DatatypeMismatch, $"argument of {words} must be type bigint, not type {Format(bound.Type.Oid)}", bound.Position);
        foreach (int column in ExpressionFacts.Columns(count))
            if (level.FromColumns.Contains(column))
                throw Error(SqlState.InvalidColumnReference, $"argument of {words} must not contain variables", bound.Position);
        // int4 literals become int8 ones here, so that plans show and match plain numbers.
        return bound is LiteralExpression { IsNull: false, Value: Column<int> small } ? Literals.Int8(small[0]) with { Position = bound.Position } : count;
    }

    private BoundQuery BindValues(Ast.ValuesBody values, QueryLevel level)
    {
        List<List<BoundExpression>> rows = BindValueRows(values.Rows, level);
        int width = rows[0].Count;
        List<LogicalColumn> columns = [];
        for (int i = 0; i < width; i++)
        {
            List<BoundExpression> column = [.. rows.Select(r => r[i])];
            uint type = CommonType(column, "VALUES");
            for (int row = 0; row < rows.Count; row++) rows[row][i] = CoerceToCommon(rows[row][i], type, "VALUES");
            columns.Add(NewColumn($"column{i + 1}", new SqlType(type, CommonModifier([.. rows.Select(r => r[i])], type))));
        }
        return new BoundQuery(new Values(rows, columns), columns);
    }

    private List<List<BoundExpression>> BindValueRows(IReadOnlyList<IReadOnlyList<Ast.Expression>> written, QueryLevel level)
    {
        List<List<BoundExpression>> rows = [];
        foreach (IReadOnlyList<Ast.Expression> row in written)
        {
            if (row.Count != written[0].Count) throw Error(SqlState.SyntaxError, "VALUES lists must all be the same length", row.Count > 0 ? row[0].Location : -1);
            rows.Add([.. row.Select(e => BindAt(e, level, ExpressionPlace.Values))]);
        }
        return rows;
    }
}
