using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Parser;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>
/// What INSERT, UPDATE and DELETE change: a table, or a view over just one (PostgreSQL's automatically updatable views), through which its table is changed.
/// </summary>
/// <param name="Relation">What was named.</param>
/// <param name="Scan">The table's scan.</param>
/// <param name="Columns">As the named relation shows them, over the scan's columns.</param>
/// <param name="Places">For each of them its place among the table's live columns; -1 if it can't be assigned.</param>
/// <param name="Condition">Views show only such rows.</param>
/// <param name="Checks">WITH CHECK OPTION: what new rows must meet, innermost view first.</param>
internal sealed record ChangeTarget(TableObject Relation, TableScan Scan, IReadOnlyList<NamedColumn> Columns, IReadOnlyList<int> Places, BoundExpression? Condition,
    IReadOnlyList<(string View, BoundExpression Condition)> Checks)
{
    public TableObject Table => Scan.Table;
    public bool IsView => !ReferenceEquals(Relation, Table);

    /// <summary>The column's place in <see cref="Columns"/>.</summary>
    public int Find(string name)
    {
        for (int i = 0; i < Columns.Count; i++)
            if (Columns[i].Name == name)
                return i;
        return -1;
    }
}

/// <summary>Views as targets of changes.</summary>
internal sealed partial class Binder
{
    private ChangeTarget FindChangeTarget(Ast.QualifiedName name, string? alias, ViewChange change)
    {
        object? source = FindSource(name);
        return source is TableObject { RelationKind: RelationKind.View } view
            ? TargetThrough(view, alias, isChecked: false, needsColumns: change != ViewChange.Delete, problem => throw NotUpdatable(view, change, problem))
            : TargetOf(FindTarget(name, source), alias);
    }

    private static SqlException NotUpdatable(TableObject view, ViewChange change, string problem)
    {
        (string done, string verb, string rule) = change switch
        {
            ViewChange.Insert => ("insert into", "inserting into", "INSERT"),
            ViewChange.Update => ("update", "updating", "UPDATE"),
            _ => ("delete from", "deleting from", "DELETE"),
        };
        return Error(SqlState.ObjectNotInPrerequisiteState, $"cannot {done} view \"{view.Name}\"", -1, problem,
            $"To enable {verb} the view, provide an INSTEAD OF {rule} trigger or an unconditional ON {rule} DO INSTEAD rule.");
    }

    private ChangeTarget TargetOf(TableObject table, string? alias)
    {
        _relations.Add(table.Oid);
        TableScan scan = MakeScan(table, alias ?? table.Name);
        return new ChangeTarget(table, scan, Named(scan.Columns, isOwnName: true), [.. Enumerable.Range(0, scan.Columns.Count)], null, []);
    }

    /// <param name="isChecked">A view above it demands that its condition be checked.</param>
    /// <param name="needsColumns">Some column must be assignable; a DELETE needs none.</param>
    /// <param name="refuse">Called with the reason if the view, or one below it, can't be changed; throws.</param>
    private ChangeTarget TargetThrough(TableObject view, string? alias, bool isChecked, bool needsColumns, Func<string, Exception> refuse)
    {
        if (++_viewDepth > MaxViewDepth) throw Error(SqlState.StatementTooComplex, $"views are nested too deeply at \"{view.Name}\"", -1);
        _relations.Add(view.Oid);
        Ast.SelectStatement query = (Ast.SelectStatement)SqlParser.Parse(view.Definition!)[0].Statement;
        if (ProblemOf(query) is { } problem) throw refuse(problem);
        Ast.SelectCore core = (Ast.SelectCore)query.Body;
        Ast.TableRef from = (Ast.TableRef)core.From[0];
        string? option = view.Options.GetValueOrDefault("check_option");
        bool checksOwn = isChecked || option is not null, checksBelow = isChecked || option == "cascaded";
        ChangeTarget below = FindSource(from.Name) switch
        {
            TableObject { RelationKind: RelationKind.Table } table => TargetOf(table, alias ?? view.Name),
            TableObject { RelationKind: RelationKind.View } inner => TargetThrough(inner, alias ?? view.Name, checksBelow, needsColumns, refuse),
            _ => throw refuse("Views that do not select from a single table or view are not automatically updatable."),
        };
        _viewDepth--;
        QueryLevel level = new(null);
        NamespaceItem item = new(from.Alias?.Name ?? below.Relation.Name, Rename([.. below.Columns], from.Alias, below.Relation.Name))
        {
            RelationOid = below.Relation.Oid, RowId = below.Scan.RowId, Schema = from.Alias is null ? below.Relation.Schema : 0, Table = below.Relation,
        };
        level.Namespace.Add(item);
        level.AllItems.Add(item);
        Own(below.Scan.Output, level);
        List<Target> targets = BindTargets(core.Items, level, ExpressionPlace.SelectList);
        if (level.IsAggregated) throw refuse("Views that return aggregate functions are not automatically updatable.");
        if (level.Windows.Count > 0) throw refuse("Views that return window functions are not automatically updatable.");
        if (level.Sets.Count > 0) throw refuse("Views that return set-returning functions are not automatically updatable.");
        BoundExpression? own = core.Where is null ? null : CoerceToBool(BindAt(core.Where, level, ExpressionPlace.Where), "WHERE");
        List<int> places = [.. targets.Select(t => PlaceOf(t.Expression, below))];
        if (needsColumns && places.TrueForAll(p => p < 0)) throw refuse("Views that have no updatable columns are not automatically updatable.");
        List<ColumnObject> declared = [.. view.LiveColumns];
        List<NamedColumn> columns = [.. targets.Select((t, i) => new NamedColumn(declared[i].Name, TypedText(t.Expression)) { TableOid = view.Oid, TableColumn = declared[i].Number, IsOwnName = true })];
        return new ChangeTarget(view, below.Scan, columns, places, ExpressionFacts.Conjunction([.. ExpressionFacts.Conjuncts(below.Condition), .. ExpressionFacts.Conjuncts(own)]),
            own is not null && checksOwn ? [.. below.Checks, (view.Name, own)] : below.Checks);
    }

    private static int PlaceOf(BoundExpression expression, ChangeTarget below)
    {
        if (expression is not ColumnExpression column) return -1;
        for (int i = 0; i < below.Columns.Count; i++)
            if (below.Columns[i].Expression is ColumnExpression known && known.ColumnId == column.ColumnId)
                return below.Places[i];
        return -1;
    }

    /// <summary>Why a view of this query can't be changed, as far as its syntax tells; null if it can.</summary>
    private static string? ProblemOf(Ast.SelectStatement query)
    {
        string? what = query switch
        {
            { Body: Ast.SelectCore { Distinct: not null } } => "DISTINCT",
            { Body: Ast.SelectCore { GroupBy: not null } } => "GROUP BY",
            { Body: Ast.SelectCore { Having: not null } } => "HAVING",
            { Body: Ast.SetOperation } => "UNION, INTERSECT, or EXCEPT",
            { With: not null } => "WITH",
            { Limit: not null } => "LIMIT or OFFSET",
            _ => null,
        };
        if (what is not null) return $"Views containing {what} are not automatically updatable.";
        if (query.Body is not Ast.SelectCore { From: [Ast.TableRef from] }) return "Views that do not select from a single table or view are not automatically updatable.";
        return from.Sample is null ? null : "Views containing TABLESAMPLE are not automatically updatable.";
    }

    /// <summary>Why a view can't be changed; null if it can: WITH CHECK OPTION asks.</summary>
    public string? ProblemOf(TableObject view)
    {
        string? found = null;
        try
        {
            TargetThrough(view, null, isChecked: false, needsColumns: true, problem =>
            {
                found = problem;
                return new InvariantException(problem);
            });
        }
        catch (InvariantException) when (found is not null)
        {
            return found;
        }
        return null;
    }

    /// <summary>The place that an assignment's target means.</summary>
    private static int AssignedPlace(ChangeTarget target, Ast.TargetColumn column, ViewChange change)
    {
        int at = target.Find(column.Name);
        if (at < 0) throw Error(SqlState.UndefinedColumn, $"column \"{column.Name}\" of relation \"{target.Relation.Name}\" does not exist", column.Span.Start);
        return target.Places[at] is >= 0 and int place ? place : throw NotAssignable(target, column.Name, change);
    }

    private static SqlException NotAssignable(ChangeTarget target, string column, ViewChange change) => Error(SqlState.FeatureNotSupported,
        $"cannot {(change == ViewChange.Insert ? "insert into" : "update")} column \"{column}\" of view \"{target.Relation.Name}\"", -1,
        "View columns that are not columns of their base relation are not updatable.");

    /// <summary>The target's description with the checks of the views that it is changed through.</summary>
    private TargetTable MakeTarget(ChangeTarget target)
    {
        TargetTable table = MakeTarget(target.Table);
        if (target.Checks.Count == 0) return table;
        Dictionary<int, BoundExpression> inputs = target.Scan.Columns.Select((c, i) => (c.Id, (BoundExpression)new InputExpression(i, c.Type))).ToDictionary();
        List<RowCheck> checks = [.. table.Checks];
        foreach ((string view, BoundExpression condition) in target.Checks)
        {
            if (ExpressionFacts.HasSubquery(condition)) throw SqlException.NotSupported($"WITH CHECK OPTION of view \"{view}\", whose condition has a subquery,");
            checks.Add(new RowCheck(view, new ColumnSubstitution(inputs).Visit(condition)) { IsViewOption = true });
        }
        return table with { Checks = checks };
    }

    /// <summary>What the target shows of new rows.</summary>
    private static List<NamedColumn> ShownOf(ChangeTarget target, List<LogicalColumn> newColumns)
    {
        Dictionary<int, BoundExpression> news = target.Scan.Columns.Select((c, i) => (c.Id, (BoundExpression)Reference(newColumns[i]))).ToDictionary();
        return [.. target.Columns.Select(c => ExpressionFacts.HasSubquery(c.Expression)
            ? throw SqlException.NotSupported("a change through a view with subqueries in its columns")
            : c with { Expression = new ColumnSubstitution(news).Visit(c.Expression) })];
    }

    private sealed class ColumnSubstitution(Dictionary<int, BoundExpression> replacements) : ExpressionRewriter
    {
        public override BoundExpression Visit(BoundExpression expression) =>
            expression is ColumnExpression column && replacements.TryGetValue(column.ColumnId, out BoundExpression? replacement) ? replacement with { Position = expression.Position } : base.Visit(expression);
    }
}

internal enum ViewChange { Insert, Update, Delete }
