using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>UNION, INTERSECT, EXCEPT; ORDER BY and LIMIT over them and over VALUES; row locks.</summary>
internal sealed partial class Binder
{
    private BoundQuery BindSetOperation(Ast.SetOperation operation, QueryLevel level)
    {
        CheckStack(operation.Span.Start);
        BoundQuery left = BindOperand(operation.Left, level);
        CteEntry? recursive = _recursive;
        string? before = recursive?.Forbidden;
        if (recursive is not null && operation.Kind != Ast.SetOperationKind.Union) recursive.Forbidden = operation.Kind.ToString().ToUpperInvariant();
        BoundQuery right = BindOperand(operation.Right, level);
        if (recursive is not null) recursive.Forbidden = before;
        return Combine(operation, left, right);
    }

    private BoundQuery BindOperand(Ast.SelectBody body, QueryLevel level) => body switch
    {
        Ast.SetOperation nested => BindSetOperation(nested, level),
        Ast.NestedSelect nested => BindQuery(nested.Select, level, new QueryOptions()),
        _ => BindQuery(new Ast.SelectStatement(body) { Span = body.Span }, level, new QueryOptions()),
    };

    private BoundQuery Combine(Ast.SetOperation operation, BoundQuery left, BoundQuery right)
    {
        string words = operation.Kind.ToString().ToUpperInvariant();
        if (left.Columns.Count != right.Columns.Count)
            throw Error(SqlState.SyntaxError, $"each {words} query must have the same number of columns", PositionOf(operation.Right));
        List<LogicalColumn> columns = [];
        List<SqlType> types = [];
        for (int i = 0; i < left.Columns.Count; i++)
        {
            BoundExpression l = OutputOf(left, i), r = OutputOf(right, i);
            uint type = CommonType([l, r], words);
            types.Add(new SqlType(type, CommonModifier([l, r], type)));
            columns.Add(NewColumn(left.Columns[i].Name, types[i]));
            if (!operation.IsAll) CheckComparable(new InputExpression(0, types[i]) { Position = l.Position }, isOrder: false);
        }
        SetOperator kind = operation.Kind switch { Ast.SetOperationKind.Union => SetOperator.Union, Ast.SetOperationKind.Intersect => SetOperator.Intersect, _ => SetOperator.Except };
        return new BoundQuery(new SetOperation(kind, operation.IsAll, Retype(left, types, words).Plan, Retype(right, types, words).Plan, columns), columns);
    }

    private static int PositionOf(Ast.SelectBody body) => body is Ast.SelectCore { Items: [{ } item, ..] } ? item.Expression.Location : body.Span.Start;

    /// <summary>An output column as an expression: a literal that has no type yet shows itself.</summary>
    private static BoundExpression OutputOf(BoundQuery query, int column)
    {
        LogicalPlan plan = query.Plan is With with ? with.Body : query.Plan;
        return plan is Project project ? project.Columns[column].Expression is { Type.Oid: TypeOid.Unknown } untyped ? untyped : Reference(query.Columns[column], project.Columns[column].Expression.Position) : Reference(query.Columns[column]);
    }

    /// <summary>The query with its columns converted to the types.</summary>
    private BoundQuery Retype(BoundQuery query, List<SqlType> types, string construct)
    {
        if (query.Plan is With with)
        {
            BoundQuery body = Retype(new BoundQuery(with.Body, query.Columns), types, construct);
            return new BoundQuery(new With(with.Definitions, body.Plan), body.Columns);
        }
        bool isSame = true;
        for (int i = 0; i < types.Count; i++) isSame &= query.Columns[i].Type.Oid == types[i].Oid;
        if (isSame) return query;
        List<ProjectedColumn> columns = [];
        bool hasUntyped = query.Columns.Any(c => c.Type.Oid == TypeOid.Unknown);
        Project? top = hasUntyped ? query.Plan as Project : null;
        for (int i = 0; i < types.Count; i++)
        {
            BoundExpression value = top is null ? Reference(query.Columns[i]) : top.Columns[i].Expression;
            BoundExpression converted = CoerceToCommon(value, types[i].Oid, construct);
            LogicalColumn old = query.Columns[i];
            columns.Add(new ProjectedColumn(NewColumn(old.Name, converted.Type, converted == value ? old.TableOid : 0, converted == value ? old.TableColumn : (short)0), converted));
        }
        Project project = new(top is null ? query.Plan : top.Input, columns);
        return new BoundQuery(project, project.Output);
    }

    /// <summary>ORDER BY by output names and numbers, then LIMIT, over a query whose select list isn't at hand.</summary>
    private BoundQuery Ordered(BoundQuery query, Ast.SelectStatement select, QueryLevel level)
    {
        RefuseLocking(select, select.Body switch { Ast.ValuesBody => "VALUES", _ => "UNION/INTERSECT/EXCEPT" });
        List<SortKey> keys = [];
        foreach (Ast.SortItem item in select.OrderBy)
        {
            int place = item.Expression switch
            {
                Ast.IntegerLiteral number when int.TryParse(number.Text, out int written) && written >= 1 && written <= query.Columns.Count => written - 1,
                Ast.IntegerLiteral number => throw Error(SqlState.InvalidColumnReference, $"ORDER BY position {number.Text} is not in select list", number.Location),
                Ast.ColumnRef { IsStar: false, Parts: [{ } name] } reference => PlaceOf(query, name, reference.Location),
                _ => throw Error(SqlState.FeatureNotSupported, "invalid UNION/INTERSECT/EXCEPT ORDER BY clause", item.Expression.Span.Start, "Only result column names can be used, not expressions or functions.",
                    "Add the expression/function to every SELECT, or move the UNION into a FROM clause."),
            };
            keys.Add(MakeSortKey(item, Reference(query.Columns[place], item.Expression.Location)));
        }
        (BoundExpression? count, BoundExpression? offset) = BindLimit(select.Limit, keys.Count > 0, level);
        LogicalPlan plan = AddSortAndLimit(query.Plan, keys, count, offset, select.Limit?.WithTies ?? false);
        return ReferenceEquals(plan, query.Plan) ? query : new BoundQuery(plan, query.Columns);
    }

    private static int PlaceOf(BoundQuery query, string name, int position)
    {
        int found = -1;
        for (int i = 0; i < query.Columns.Count; i++)
        {
            if (query.Columns[i].Name != name) continue;
            if (found >= 0) throw Error(SqlState.AmbiguousColumn, $"ORDER BY \"{name}\" is ambiguous", position);
            found = i;
        }
        return found >= 0 ? found : throw Error(SqlState.UndefinedColumn, $"column \"{name}\" does not exist", position);
    }

    private static string LockWords(Ast.LockStrength strength) => strength switch
    {
        Ast.LockStrength.KeyShare => "FOR KEY SHARE",
        Ast.LockStrength.Share => "FOR SHARE",
        Ast.LockStrength.NoKeyUpdate => "FOR NO KEY UPDATE",
        _ => "FOR UPDATE",
    };

    private static void RefuseLocking(Ast.SelectStatement select, string with)
    {
        if (select.Locking.Count > 0)
            throw Error(SqlState.FeatureNotSupported, $"{LockWords(select.Locking[0].Strength)} is not allowed with {with}", -1);
    }

    /// <summary>FOR UPDATE and its kin: locks on the tables of this FROM.</summary>
    private LogicalPlan AddLocks(LogicalPlan plan, Ast.SelectCore core, Ast.SelectStatement select, QueryLevel level)
    {
        if (select.Locking.Count == 0) return plan;
        if (core.Distinct is not null) RefuseLocking(select, "DISTINCT clause");
        if (core.GroupBy is not null) RefuseLocking(select, "GROUP BY clause");
        if (core.Having is not null) RefuseLocking(select, "HAVING clause");
        if (level.IsAggregated) RefuseLocking(select, "aggregate functions");
        if (level.Windows.Count > 0) RefuseLocking(select, "window functions");
        if (level.Sets.Count > 0) RefuseLocking(select, "set-returning functions in the target list");
        ModifiesData = true;
        List<RowLock> locks = [];
        foreach (Ast.LockingClause clause in select.Locking)
        {
            foreach (Ast.QualifiedName name in clause.Tables)
                if (!level.AllItems.Exists(i => i.Name == name.Name))
                    throw Error(SqlState.UndefinedTable, $"relation \"{name.Name}\" in {LockWords(clause.Strength)} clause not found in FROM clause", name.Span.Start);
            foreach (NamespaceItem item in level.AllItems)
            {
                bool isNamed = clause.Tables.Any(t => t.Name == item.Name);
                if (clause.Tables.Count > 0 && !isNamed) continue;
                if (item is not { Table: { } table, RowId: { } rowId })
                {
                    if (isNamed) throw SqlException.NotSupported($"{LockWords(clause.Strength)} of \"{item.Name}\", which is not a table,", clause.Span.Start);
                    continue;
                }
                if (item.IsNullable) throw Error(SqlState.FeatureNotSupported, $"{LockWords(clause.Strength)} cannot be applied to the nullable side of an outer join", clause.Span.Start);
                int earlier = locks.FindIndex(l => l.RowIdColumn == rowId.Id);
                RowLock wanted = new(table, rowId.Id, clause.Strength, clause.Wait);
                if (earlier < 0) locks.Add(wanted);
                else if (clause.Strength > locks[earlier].Strength) locks[earlier] = wanted;
            }
        }
        return locks.Count == 0 ? plan : new LockRows(plan, locks);
    }
}
