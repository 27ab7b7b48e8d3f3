using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.SystemTables;
using VecSql.Core.Types;
using VecSql.Parser;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>What INSERT, UPDATE and DELETE need of their target: checks, generated columns, defaults, assignments.</summary>
internal sealed partial class Binder
{
    /// <summary>The table that the name stands for; views are <see cref="TargetThrough"/>'s.</summary>
    private TableObject FindTarget(Ast.QualifiedName name, object? source)
    {
        int position = name.Span.Start;
        switch (source)
        {
            case TableObject { RelationKind: RelationKind.Table } table:
                return table;
            case TableObject { RelationKind: RelationKind.MaterializedView } view:
                throw Error(SqlState.WrongObjectType, $"cannot change materialized view \"{view.Name}\"", -1);
            case SequenceObject sequence:
                throw Error(SqlState.WrongObjectType, $"cannot change sequence \"{sequence.Name}\"", -1);
            case IndexObject index:
                throw Error(SqlState.WrongObjectType, $"cannot open relation \"{index.Name}\"", position, "This operation is not supported for indexes.");
            case TableObject composite:
                throw Error(SqlState.WrongObjectType, $"cannot open relation \"{composite.Name}\"", position, "This operation is not supported for composite types.");
            case SystemTable system:
                throw Error(SqlState.InsufficientPrivilege, $"permission denied: \"{system.Name}\" is a system catalog", position);
            case SystemView view:
                throw SqlException.NotSupported($"a change of view \"{view.Name}\"", position);
            default: throw UndefinedRelation(name);
        }
    }

    public TargetTable MakeTarget(TableObject table)
    {
        List<ColumnObject> live = [.. table.LiveColumns];
        List<RowCheck> checks = [];
        foreach (ConstraintObject constraint in table.Constraints)
        {
            if (constraint is not { Kind: ConstraintKind.Check, Expression: { } text }) continue;
            BoundExpression condition = BindStored(SqlParser.ParseExpression(text), table, ExpressionPlace.CheckConstraint);
            checks.Add(new RowCheck(constraint.Name, CoerceToBool(condition, "CHECK")));
        }
        List<(int, BoundExpression)> generated = [];
        for (int i = 0; i < live.Count; i++)
        {
            if (live[i] is not { IsGenerated: true, Default: { } text }) continue;
            BoundExpression value = BindStored(SqlParser.ParseExpression(text), table, ExpressionPlace.GeneratedColumn);
            generated.Add((i, WithoutPositions(CoerceForColumn(value, live[i], -1))));
        }
        return new TargetTable(table, checks, generated);
    }

    /// <summary>A stored expression over a table's live columns as InputExpressions.</summary>
    public BoundExpression BindStored(Ast.Expression expression, TableObject? table, ExpressionPlace place)
    {
        QueryLevel level = new(null) { Place = place };
        if (table is not null)
        {
            List<NamedColumn> columns = [.. table.LiveColumns.Select((c, i) => new NamedColumn(c.Name, new InputExpression(i, c.Type)))];
            level.Namespace.Add(new NamespaceItem(table.Name, columns) { RelationOid = table.Oid });
        }
        return BindExpression(expression, level);
    }

    /// <summary>Binds a stored expression and coerces it by assignment.</summary>
    public BoundExpression BindStoredAs(Ast.Expression expression, TableObject? table, SqlType? target)
    {
        ExpressionPlace place = table is null ? ExpressionPlace.ColumnDefault : ExpressionPlace.CheckConstraint;
        BoundExpression bound = BindStored(expression, table, place);
        if (target is not { } type) return TypedText(bound);
        return TryCoerce(bound, type, CoercionContext.Assignment, bound.Position)
            ?? throw Error(SqlState.DatatypeMismatch, $"expression is of type {Format(bound.Type.Oid)} but {_types.Format(type)} is needed", bound.Position, hint: "You will need to rewrite or cast the expression.");
    }

    /// <summary>COPY FROM … WHERE.</summary>
    public BoundExpression BindCopyCondition(Ast.Expression condition, TableObject table)
    {
        BoundExpression bound = CoerceToBool(BindStored(condition, table, ExpressionPlace.CopyWhere), "WHERE");
        List<ColumnObject> live = [.. table.LiveColumns];
        int generated = live.FindIndex(c => c.IsGenerated && ExpressionFacts.Any(bound, e => e is InputExpression input && live[input.Ordinal] == c));
        if (generated < 0) return bound;
        throw Error(SqlState.InvalidColumnReference, "generated columns are not supported in COPY FROM WHERE conditions", -1, $"Column \"{live[generated].Name}\" is a generated column.");
    }

    private static BoundExpression WithoutPositions(BoundExpression expression) => expression with { Position = -1 };

    /// <summary>What a column gets where no value is given.</summary>
    internal BoundExpression DefaultOf(ColumnObject column)
    {
        if (column.Identity != '\0' && column.OwnedSequence != 0)
        {
            BoundExpression sequence = Literals.Oid(column.OwnedSequence, TypeOid.RegClass);
            return CoerceForColumn(CallByName("nextval", [sequence], new QueryLevel(null), -1), column, -1);
        }
        string? text = column.IsGenerated ? null : column.Default ?? (_types.Find(column.Type.Oid) is { Kind: 'd', User.Default: { } inherited } ? inherited : null);
        BoundExpression value = text is null
            ? Literals.Null(SqlType.Unknown, _context.Catalog)
            : BindStored(SqlParser.ParseExpression(text), null, ExpressionPlace.ColumnDefault);
        return WithoutPositions(CoerceForColumn(value, column, -1));
    }

    private static int LiveIndex(List<ColumnObject> live, string name) => live.FindIndex(c => c.Name == name);

    /// <summary>SET lists: one expression for each live column; unassigned ones keep their current value.</summary>
    private (List<BoundExpression> Values, List<short> Assigned) BindAssignments(IReadOnlyList<Ast.Assignment> assignments, ChangeTarget changed, IReadOnlyList<LogicalColumn> current, QueryLevel level)
    {
        List<ColumnObject> live = [.. changed.Table.LiveColumns];
        BoundExpression?[] values = new BoundExpression?[live.Count];
        List<short> assigned = [];
        HashSet<int> whole = [];
        foreach (Ast.Assignment assignment in assignments)
        {
            IReadOnlyList<BoundExpression?> sources = BindSources(assignment, level);
            for (int i = 0; i < assignment.Targets.Count; i++)
            {
                Ast.TargetColumn target = assignment.Targets[i];
                int place = AssignedPlace(changed, target, ViewChange.Update);
                ColumnObject column = live[place];
                bool isPart = target.Indirection.Count > 0;
                if (values[place] is not null && (!isPart || whole.Contains(place))) throw Error(SqlState.SyntaxError, $"multiple assignments to same column \"{column.Name}\"", -1);
                if (sources[i] is not null) RefuseComputed(column);
                if (!isPart) whole.Add(place);
                else if (sources[i] is null) throw DefaultForPart(target);
                BoundExpression old = values[place] ?? Reference(current[place]);
                values[place] = sources[i] is not { } value ? DefaultOf(column)
                    : isPart ? AssignInside(old, column, target, value, level)
                    : CoerceForColumn(value, column, LocationOf(value));
                if (!assigned.Contains(column.Number)) assigned.Add(column.Number);
            }
        }
        return ([.. values.Select((v, i) => v ?? Reference(current[i]))], assigned);
    }

    private static SqlException DefaultForPart(Ast.TargetColumn target) => Error(SqlState.FeatureNotSupported,
        target.Indirection[0] is Ast.FieldSelection ? "cannot set a subfield to DEFAULT" : "cannot set an array element to DEFAULT", target.Span.Start);

    private static void RefuseComputed(ColumnObject column)
    {
        if (column.IsGenerated)
            throw Error(SqlState.GeneratedAlways, $"column \"{column.Name}\" can only be updated to DEFAULT", -1, $"Column \"{column.Name}\" is a generated column.");
        if (column.Identity == 'a')
            throw Error(SqlState.GeneratedAlways, $"column \"{column.Name}\" can only be updated to DEFAULT", -1, $"Column \"{column.Name}\" is an identity column defined as GENERATED ALWAYS.");
    }

    /// <summary>Values for an assignment's targets; null stands for DEFAULT.</summary>
    private IReadOnlyList<BoundExpression?> BindSources(Ast.Assignment assignment, QueryLevel level)
    {
        int count = assignment.Targets.Count;
        if (!assignment.IsMultiple) return [assignment.Value is Ast.DefaultExpression ? null : BindAt(assignment.Value, level, ExpressionPlace.UpdateSet)];
        switch (assignment.Value)
        {
            case Ast.RowConstructor row:
                if (row.Elements.Count != count) throw Error(SqlState.SyntaxError, "number of columns does not match number of values", row.Location);
                return [.. row.Elements.Select(e => e is Ast.DefaultExpression ? null : BindAt(e, level, ExpressionPlace.UpdateSet))];
            case Ast.ScalarSubquery subquery:
                ExpressionPlace before = level.Place;
                level.Place = ExpressionPlace.UpdateSet;
                BoundQuery inner = BindInner(subquery.Query, level);
                level.Place = before;
                if (inner.Columns.Count != count) throw Error(SqlState.SyntaxError, "number of columns does not match number of values", subquery.Location);
                SubqueryExpression value = new(SubqueryKind.RowScalar, inner.Plan, [], null, SqlType.Record) { Position = subquery.Location };
                return [.. inner.Columns.Select((c, i) => (BoundExpression)new FieldExpression(value, i, c.Name, c.Type) { Position = subquery.Location })];
            case { } single when count == 1 && single is not Ast.DefaultExpression:
                return [BindAt(single, level, ExpressionPlace.UpdateSet)];
            default:
                throw Error(SqlState.FeatureNotSupported, "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression", assignment.Value.Location);
        }
    }

    private List<ProjectedColumn> BindReturning(IReadOnlyList<Ast.SelectItem> items, QueryLevel level)
    {
        if (items.Count == 0) return [];
        List<Target> targets = BindTargets(items, level, ExpressionPlace.Returning);
        return [.. targets.Select(t => TypedText(t.Expression) is var value
            ? new ProjectedColumn(NewColumn(t.Name, value.Type, t.TableOid, t.TableColumn), value)
            : throw Invariant.Unreachable(t))];
    }

    private static IReadOnlyList<PlanColumn> ColumnsOf(LogicalPlan plan) => [.. plan.Output.Select(c => new PlanColumn(c.Name, c.Type, c.TableOid, c.TableColumn))];

    private BoundStatement Modified(LogicalPlan plan, List<CteDefinition> definitions, QueryKind kind)
    {
        ModifiesData = true;
        return new BoundStatement(definitions.Count == 0 ? plan : new With(definitions, plan), ColumnsOf(plan), kind);
    }
}
