using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Parser;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>INSERT.</summary>
internal sealed partial class Binder
{
    private BoundStatement BindInsert(Ast.InsertStatement insert, QueryLevel? parent)
    {
        QueryLevel level = new(parent);
        List<CteDefinition> definitions = insert.With is null ? [] : BindWith(insert.With, level);
        ChangeTarget changed = FindChangeTarget(insert.Table, insert.Alias, ViewChange.Insert);
        TableObject table = changed.Table;
        List<ColumnObject> live = [.. table.LiveColumns.Select((c, i) => WithDefaultOf(changed, c, i))];
        List<int> places = InsertPlaces(insert, changed);
        LogicalPlan input = insert.Source switch
        {
            null => new Values([[.. live.Select(DefaultOf)]], RowColumns(live)),
            { Body: Ast.ValuesBody values, With: null, Limit: null, OrderBy.Count: 0 } => BindInsertValues(insert, values, changed, live, places, level),
            { } source => BindInsertSelect(insert, source, changed, live, places, level),
        };
        TargetTable target = MakeTarget(changed);
        List<LogicalColumn> newColumns = [.. live.Select(c => NewColumn(c.Name, c.Type, table.Oid, c.Number))];
        string name = insert.Alias ?? changed.Relation.Name;
        ConflictAction? conflict = insert.OnConflict is null ? null : BindConflict(insert.OnConflict, changed, name, level);
        QueryLevel returning = new(level);
        returning.Namespace.Add(new NamespaceItem(name, changed.IsView ? ShownOf(changed, newColumns) : Named(newColumns))
        {
            Table = changed.Relation, RelationOid = changed.Relation.Oid, Schema = insert.Alias is null ? changed.Relation.Schema : 0,
        });
        Insert plan = new(target, input, conflict, newColumns, BindReturning(insert.Returning, returning));
        return Modified(plan, definitions, QueryKind.Insert);
    }

    private List<LogicalColumn> RowColumns(List<ColumnObject> live) => [.. live.Select(c => NewColumn(c.Name, c.Type))];

    /// <summary>The table's column, with the default that a view gives it.</summary>
    private static ColumnObject WithDefaultOf(ChangeTarget changed, ColumnObject column, int place)
    {
        if (!changed.IsView || changed.Places.ToList().IndexOf(place) is not (>= 0 and int at)) return column;
        return changed.Relation.LiveColumns.ElementAt(at).Default is { } own ? column with { Default = own, Identity = '\0' } : column;
    }

    /// <summary>Places among the live columns of what is inserted; -1 for a view's columns that aren't the table's.</summary>
    private static List<int> InsertPlaces(Ast.InsertStatement insert, ChangeTarget changed)
    {
        if (insert.Columns.Count == 0) return [.. changed.Places];
        List<int> places = [];
        foreach (Ast.TargetColumn column in insert.Columns)
        {
            int place = AssignedPlace(changed, column, ViewChange.Insert);
            // Several parts of one column may be given, but not beside the whole.
            int before = places.IndexOf(place);
            if (before >= 0 && (column.Indirection.Count == 0 || insert.Columns[before].Indirection.Count == 0)) throw Error(SqlState.DuplicateColumn, $"column \"{column.Name}\" specified more than once", column.Span.Start);
            places.Add(place);
        }
        return places;
    }

    /// <summary>The places that so many values go to.</summary>
    private static void CheckPlaces(ChangeTarget changed, List<int> places, int count)
    {
        for (int i = 0; i < count; i++)
            if (places[i] < 0) throw NotAssignable(changed, changed.Columns[i].Name, ViewChange.Insert);
    }

    private LogicalPlan BindInsertValues(Ast.InsertStatement insert, Ast.ValuesBody values, ChangeTarget changed, List<ColumnObject> live, List<int> places, QueryLevel level)
    {
        bool isSingle = values.Rows.Count == 1;
        List<BoundExpression[]> rows = [];
        BoundExpression?[] defaults = new BoundExpression?[live.Count];
        foreach (IReadOnlyList<Ast.Expression> written in values.Rows)
        {
            if (written.Count != values.Rows[0].Count) throw Error(SqlState.SyntaxError, "VALUES lists must all be the same length", written.Count > 0 ? written[0].Location : -1);
            CheckInsertCount(insert, written.Count, places, i => written[i].Location);
            CheckPlaces(changed, places, written.Count);
            BoundExpression[] row = new BoundExpression[live.Count];
            for (int i = 0; i < written.Count; i++)
            {
                ColumnObject column = live[places[i]];
                if (written[i] is Ast.DefaultExpression && PartOf(insert, i) is { } part) throw DefaultForPart(part);
                if (written[i] is Ast.DefaultExpression || insert.Overriding == Ast.InsertOverriding.User && column.Identity != '\0') continue;
                RefuseExplicit(column, insert.Overriding);
                BoundExpression value = BindAt(written[i], level, isSingle ? ExpressionPlace.InsertValues : ExpressionPlace.Values);
                row[places[i]] = InsertedValue(insert, i, row[places[i]], column, value, LocationOf(value), level);
            }
            for (int i = 0; i < row.Length; i++) row[i] ??= defaults[i] ??= DefaultOf(live[i]);
            rows.Add(row);
        }
        List<LogicalColumn> columns = RowColumns(live);
        if (level.Sets.Count == 0) return new Values(rows, columns);
        return new Project(AddSets(new Values([[]], []), level), [.. columns.Select((c, i) => new ProjectedColumn(c, rows[0][i]))]);
    }

    private static Ast.TargetColumn? PartOf(Ast.InsertStatement insert, int i) => i < insert.Columns.Count && insert.Columns[i].Indirection.Count > 0 ? insert.Columns[i] : null;

    /// <summary>What a column gets from one of the values: the value, or what other values have made of the column with a part replaced.</summary>
    private BoundExpression InsertedValue(Ast.InsertStatement insert, int i, BoundExpression? before, ColumnObject column, BoundExpression value, int position, QueryLevel level) =>
        PartOf(insert, i) is { } part ? AssignInside(before ?? Literals.Null(column.Type, _context.Catalog), column, part, value, level) : CoerceForColumn(value, column, position);

    private static void CheckInsertCount(Ast.InsertStatement insert, int count, List<int> places, Func<int, int> positionOf)
    {
        if (count > places.Count) throw Error(SqlState.SyntaxError, "INSERT has more expressions than target columns", positionOf(places.Count));
        if (insert.Columns.Count > count) throw Error(SqlState.SyntaxError, "INSERT has more target columns than expressions", insert.Columns[count].Span.Start);
    }

    private static void RefuseExplicit(ColumnObject column, Ast.InsertOverriding overriding)
    {
        if (column.IsGenerated)
            throw Error(SqlState.GeneratedAlways, $"cannot insert a non-DEFAULT value into column \"{column.Name}\"", -1, $"Column \"{column.Name}\" is a generated column.");
        if (column.Identity == 'a' && overriding != Ast.InsertOverriding.System)
        {
            throw Error(SqlState.GeneratedAlways, $"cannot insert a non-DEFAULT value into column \"{column.Name}\"", -1,
                $"Column \"{column.Name}\" is an identity column defined as GENERATED ALWAYS.", "Use OVERRIDING SYSTEM VALUE to override.");
        }
    }

    private LogicalPlan BindInsertSelect(Ast.InsertStatement insert, Ast.SelectStatement source, ChangeTarget changed, List<ColumnObject> live, List<int> places, QueryLevel level)
    {
        BoundQuery query = BindQuery(source, level, new QueryOptions());
        CheckInsertCount(insert, query.Columns.Count, places, i => OutputOf(query, i).Position);
        CheckPlaces(changed, places, query.Columns.Count);
        With? with = query.Plan as With;
        Project? top = query.Columns.Any(c => c.Type.Oid == TypeOid.Unknown) ? (with?.Body ?? query.Plan) as Project : null;
        LogicalPlan below = top?.Input ?? with?.Body ?? query.Plan;
        BoundExpression[] row = new BoundExpression[live.Count];
        for (int i = 0; i < query.Columns.Count; i++)
        {
            ColumnObject column = live[places[i]];
            if (insert.Overriding == Ast.InsertOverriding.User && column.Identity != '\0') continue;
            RefuseExplicit(column, insert.Overriding);
            BoundExpression value = top is null ? Reference(query.Columns[i]) : top.Columns[i].Expression;
            row[places[i]] = InsertedValue(insert, i, row[places[i]], column, value, OutputOf(query, i).Position, level);
        }
        for (int i = 0; i < row.Length; i++) row[i] ??= DefaultOf(live[i]);
        LogicalPlan plan = new Project(below, [.. RowColumns(live).Select((c, i) => new ProjectedColumn(c, row[i]))]);
        return with is null ? plan : new With(with.Definitions, plan);
    }

    private ConflictAction BindConflict(Ast.OnConflictClause clause, ChangeTarget changed, string name, QueryLevel outer)
    {
        TableObject table = changed.Table;
        if (changed.IsView && clause is not { Target: null, IsDoNothing: true }) throw SqlException.NotSupported("ON CONFLICT with a target on a view", clause.Span.Start);
        if (clause.Target is null && !clause.IsDoNothing)
        {
            throw Error(SqlState.SyntaxError, "ON CONFLICT DO UPDATE requires inference specification or constraint name", clause.Span.Start,
                hint: "For example, ON CONFLICT (column_name).");
        }
        IReadOnlyList<uint> arbiters = clause.Target is null ? [] : FindArbiters(clause.Target, table);
        List<LogicalColumn> existing = [.. table.LiveColumns.Select(c => NewColumn(c.Name, c.Type, table.Oid, c.Number))];
        List<LogicalColumn> excluded = [.. table.LiveColumns.Select(c => NewColumn(c.Name, c.Type))];
        if (clause.IsDoNothing) return new ConflictAction(arbiters, existing, excluded, null, null);
        QueryLevel level = new(outer);
        NamespaceItem target = new(name, Named(existing)) { Table = table, RelationOid = table.Oid };
        level.Namespace.Add(target);
        level.Namespace.Add(new NamespaceItem("excluded", Named(excluded)));
        level.AllItems.AddRange(level.Namespace);
        Own(existing.Concat(excluded), level);
        (List<BoundExpression> values, _) = BindAssignments(clause.Assignments, changed, existing, level);
        BoundExpression? condition = clause.Where is null ? null : CoerceToBool(BindAt(clause.Where, level, ExpressionPlace.ConflictWhere), "WHERE");
        return new ConflictAction(arbiters, existing, excluded, values, condition);
    }

    /// <summary>The unique indexes that a conflict target names: by constraint, or whose keys are just the elements.</summary>
    private IReadOnlyList<uint> FindArbiters(Ast.ConflictTarget target, TableObject table)
    {
        if (target.Constraint is { } constraintName)
        {
            ConstraintObject constraint = table.Constraints.FirstOrDefault(c => c.Name == constraintName)
                ?? throw Error(SqlState.UndefinedObject, $"constraint \"{constraintName}\" for table \"{table.Name}\" does not exist", target.Span.Start);
            return constraint.IndexOid != 0 && constraint.Kind is ConstraintKind.PrimaryKey or ConstraintKind.Unique
                ? [constraint.IndexOid]
                : throw Error(SqlState.WrongObjectType, "constraint in ON CONFLICT clause has no associated index", target.Span.Start);
        }
        List<ColumnObject> live = [.. table.LiveColumns];
        HashSet<short> columns = [];
        List<BoundExpression> expressions = [];
        foreach (Ast.IndexElement element in target.Elements)
        {
            string? columnName = element.Column ?? (element.Expression is Ast.ColumnRef { IsStar: false, Parts: [{ } single] } ? single : null);
            if (columnName is not null)
            {
                int place = LiveIndex(live, columnName);
                if (place < 0) throw Error(SqlState.UndefinedColumn, $"column \"{columnName}\" does not exist", element.Span.Start);
                columns.Add(live[place].Number);
            }
            else expressions.Add(BindStored(element.Expression!, table, ExpressionPlace.IndexExpression));
        }
        BoundExpression? predicate = target.Where is null ? null : CoerceToBool(BindStored(target.Where, table, ExpressionPlace.IndexPredicate), "WHERE");
        List<uint> found = [];
        foreach (IndexObject index in _context.Catalog.IndexesOf(table.Oid))
            if (index.IsUnique && index.IsValid && Matches(index, table, columns, expressions, predicate))
                found.Add(index.Oid);
        return found.Count > 0 ? found
            : throw Error(SqlState.InvalidColumnReference, "there is no unique or exclusion constraint matching the ON CONFLICT specification", -1);
    }

    private bool Matches(IndexObject index, TableObject table, HashSet<short> columns, List<BoundExpression> expressions, BoundExpression? predicate)
    {
        HashSet<short> keys = [.. index.Keys.Where(k => k.Column != 0).Select(k => k.Column)];
        if (!keys.SetEquals(columns)) return false;
        List<BoundExpression> own = [.. index.Keys.Where(k => k.Column == 0).Select(k => BindStored(SqlParser.ParseExpression(k.Expression!), table, ExpressionPlace.IndexExpression))];
        if (own.Count != expressions.Count || !own.TrueForAll(o => expressions.Exists(e => ExpressionEquality.Instance.Equals(e, o)))) return false;
        if (index.Predicate is not { } text) return true;
        List<BoundExpression> needed = ExpressionFacts.Conjuncts(CoerceToBool(BindStored(SqlParser.ParseExpression(text), table, ExpressionPlace.IndexPredicate), "WHERE"));
        List<BoundExpression> given = ExpressionFacts.Conjuncts(predicate);
        return needed.TrueForAll(n => given.Exists(g => ExpressionEquality.Instance.Equals(g, n)));
    }
}
