using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>WITH [RECURSIVE].</summary>
internal sealed partial class Binder
{
    /// <summary>The recursive definition whose recursive term is being bound.</summary>
    private CteEntry? _recursive;

    private readonly Dictionary<QueryLevel, List<CteDefinition>> _definitions = [];

    private List<CteDefinition> BindWith(Ast.WithClause with, QueryLevel level)
    {
        List<CteDefinition> definitions = [];
        _definitions[level] = definitions;
        List<CteEntry> entries = [];
        foreach (Ast.CommonTableExpression table in with.Tables)
        {
            if (entries.Exists(e => e.Name == table.Name))
                throw Error(SqlState.DuplicateAlias, $"WITH query name \"{table.Name}\" specified more than once", table.Span.Start);
            CteEntry entry = new(table.Name, table) { Clause = entries };
            entries.Add(entry);
            // Without RECURSIVE a definition sees only those before it.
            if (with.IsRecursive) level.Ctes[table.Name] = entry;
        }
        foreach (CteEntry entry in entries)
        {
            if (entry.State == CteState.Waiting) BindDefinition(entry, level, with.IsRecursive);
            level.Ctes[entry.Name] = entry;
        }
        return definitions;
    }

    private void BindDefinition(CteEntry entry, QueryLevel level, bool isRecursive)
    {
        entry.State = CteState.Binding;
        entry.Number = _nextCte++;
        (CteEntry? outer, _recursive) = (_recursive, null);
        if (entry.Definition is { Search: not null } or { Cycle: not null }) entry.Definition = ExpandSearchAndCycle(entry.Definition, level, isRecursive);
        Ast.CommonTableExpression definition = entry.Definition;
        LogicalPlan plan;
        IReadOnlyList<LogicalColumn> columns;
        switch (definition.Statement)
        {
            case Ast.SelectStatement select:
                BoundQuery query = isRecursive && select is { Body: Ast.SetOperation { Kind: Ast.SetOperationKind.Union } union }
                    ? BindRecursive(entry, select, union, level)
                    : BindQuery(select, level, new QueryOptions { ResolveUnknowns = true });
                (plan, columns) = (query.Plan, query.Columns);
                break;
            case Ast.InsertStatement or Ast.UpdateStatement or Ast.DeleteStatement:
                if (level.Parent is not null)
                    throw Error(SqlState.FeatureNotSupported, "WITH clause containing a data-modifying statement must be at the top level", definition.Span.Start);
                ModifiesData = true;
                entry.ModifiesData = true;
                plan = definition.Statement switch
                {
                    Ast.InsertStatement insert => BindInsert(insert, level).Plan,
                    Ast.UpdateStatement update => BindUpdate(update, level).Plan,
                    Ast.DeleteStatement delete => BindDelete(delete, level).Plan,
                    _ => throw Invariant.Unreachable(definition.Statement),
                };
                columns = plan.Output;
                break;
            default: throw SqlException.NotSupported("MERGE", definition.Span.Start);
        }
        entry.Columns = NameColumns(entry, columns);
        entry.State = CteState.Bound;
        _recursive = outer;
        _definitions[level].Add(new CteDefinition(entry.Number, entry.Name, plan, definition.IsMaterialized, entry.ModifiesData));
    }

    private static List<LogicalColumn> NameColumns(CteEntry entry, IReadOnlyList<LogicalColumn> columns)
    {
        IReadOnlyList<string> names = entry.Definition.Columns;
        if (names.Count > columns.Count)
        {
            throw Error(SqlState.InvalidColumnReference, $"WITH query \"{entry.Name}\" has {columns.Count} columns available but {names.Count} columns specified",
                entry.Definition.Span.Start);
        }
        return [.. columns.Select((c, i) => i < names.Count ? c with { Name = names[i] } : c)];
    }

    /// <summary>start UNION [ALL] step, where step may refer to the definition itself; if it doesn't, an ordinary union.</summary>
    private BoundQuery BindRecursive(CteEntry entry, Ast.SelectStatement select, Ast.SetOperation union, QueryLevel outer)
    {
        QueryLevel level = new(outer);
        List<CteDefinition> inner = select.With is null ? [] : BindWith(select.With, level);
        BoundQuery start = BindOperand(union.Left, level);
        start = Retype(start, [.. start.Columns.Select(c => c.Type.Oid == TypeOid.Unknown ? SqlType.Text : c.Type)], "UNION");
        entry.Columns = NameColumns(entry, start.Columns);
        entry.State = CteState.BindingRecursiveTerm;
        _recursive = entry;
        BoundQuery step = BindOperand(union.Right, level);
        _recursive = null;
        if (entry.RecursiveReferences == 0)
        {
            BoundQuery plain = Ordered(Combine(union, start, step), select, level);
            return inner.Count == 0 ? plain : new BoundQuery(new With(inner, plain.Plan), plain.Columns);
        }
        if (entry.RecursiveReferences > 1)
            throw Error(SqlState.InvalidRecursion, $"recursive reference to query \"{entry.Name}\" must not appear more than once", entry.SelfReferencePosition);
        RefuseRecursive(select.OrderBy.Count > 0 ? select.OrderBy[0].Span.Start : -1, select.OrderBy.Count > 0, "ORDER BY");
        RefuseRecursive(select.Limit?.Span.Start ?? -1, select.Limit?.Offset is not null, "OFFSET");
        RefuseRecursive(select.Limit?.Span.Start ?? -1, select.Limit is not null, "LIMIT");
        RefuseRecursive(-1, select.Locking.Count > 0, "FOR UPDATE/SHARE");
        if (step.Columns.Count != start.Columns.Count) throw Error(SqlState.SyntaxError, "each UNION query must have the same number of columns", PositionOf(union.Right));
        step = Retype(step, CheckRecursiveTypes(entry, start, step), "UNION");
        List<LogicalColumn> columns = [.. entry.Columns.Select(c => NewColumn(c.Name, c.Type))];
        if (!union.IsAll)
            foreach (LogicalColumn column in columns) CheckComparable(Reference(column), isOrder: false);
        LogicalPlan plan = new RecursiveUnion(entry.Number, start.Plan, step.Plan, union.IsAll, columns);
        return new BoundQuery(inner.Count == 0 ? plan : new With(inner, plan), columns);
    }

    private static void RefuseRecursive(int position, bool isPresent, string clause)
    {
        if (isPresent) throw Error(SqlState.FeatureNotSupported, $"{clause} in a recursive query is not implemented", position);
    }

    private List<SqlType> CheckRecursiveTypes(CteEntry entry, BoundQuery start, BoundQuery step)
    {
        List<SqlType> types = [];
        for (int i = 0; i < start.Columns.Count; i++)
        {
            BoundExpression l = OutputOf(start, i), r = OutputOf(step, i);
            uint common = CommonType([l, r], "UNION");
            if (common != start.Columns[i].Type.Oid)
            {
                throw Error(SqlState.DatatypeMismatch,
                    $"recursive query \"{entry.Name}\" column {i + 1} has type {_types.Format(start.Columns[i].Type)} in non-recursive term but type {_types.Format(new SqlType(common))} overall",
                    l.Position, hint: "Cast the output of the non-recursive term to the correct type.");
            }
            types.Add(new SqlType(common, start.Columns[i].Type.Modifier));
        }
        return types;
    }

    private static CteEntry? FindCte(string name, QueryLevel start)
    {
        for (QueryLevel? level = start; level is not null; level = level.Parent)
            if (level.Ctes.TryGetValue(name, out CteEntry? entry))
                return entry;
        return null;
    }

    private (LogicalPlan, NamespaceItem) BindCteReference(CteEntry entry, Ast.TableRef table, QueryLevel level)
    {
        string name = table.Alias?.Name ?? entry.Name;
        if (entry.IsBeingBound && entry.Clause.Any(e => e.IsBeingBound && e.Number > entry.Number))
            throw Error(SqlState.FeatureNotSupported, "mutual recursion between WITH items is not implemented", entry.Definition.Span.Start);
        switch (entry.State)
        {
            case CteState.Waiting:
                QueryLevel owner = level;
                while (!owner.Ctes.ContainsValue(entry)) owner = owner.Parent!;
                BindDefinition(entry, owner, isRecursive: true);
                break;
            case CteState.Binding:
                throw entry.Definition.Statement is Ast.SelectStatement { Body: Ast.SetOperation { Kind: Ast.SetOperationKind.Union } }
                    ? Error(SqlState.InvalidRecursion, $"recursive reference to query \"{entry.Name}\" must not appear within its non-recursive term", table.Span.Start)
                    : Error(SqlState.InvalidRecursion, $"recursive query \"{entry.Name}\" does not have the form non-recursive-term UNION [ALL] recursive-term", entry.Definition.Span.Start);
        }
        if (entry.State == CteState.BindingRecursiveTerm)
        {
            entry.SelfReferencePosition = table.Span.Start;
            entry.RecursiveReferences++;
            string? forbidden = entry.Forbidden ?? (IsInsideExpression(entry, level) ? "a subquery" : null);
            if (forbidden is not null) throw Error(SqlState.InvalidRecursion, $"recursive reference to query \"{entry.Name}\" must not appear within {forbidden}", table.Span.Start);
            List<LogicalColumn> work = [.. entry.Columns!.Select(c => NoteFields(NewColumn(c.Name, c.Type), Reference(c)))];
            return (new WorkTableScan(entry.Number, work), new NamespaceItem(name, Rename(Named(work), table.Alias, name)));
        }
        if (entry.ModifiesData && entry.Columns!.Count == 0)
            throw Error(SqlState.FeatureNotSupported, $"WITH query \"{entry.Name}\" does not have a RETURNING clause", table.Span.Start);
        List<LogicalColumn> columns = [.. entry.Columns!.Select(c => NewColumn(c.Name, c.Type, c.TableOid, c.TableColumn))];
        return (new CteScan(entry.Number, entry.Name, columns, [.. Enumerable.Range(0, columns.Count)]), new NamespaceItem(name, Rename(Named(columns), table.Alias, name)));
    }

    /// <summary>True inside a subquery of an expression: some level between the definition's WITH and this one is busy with a clause, not with FROM.</summary>
    private static bool IsInsideExpression(CteEntry entry, QueryLevel level)
    {
        for (QueryLevel? outer = level.Parent; outer is not null && !outer.Ctes.ContainsValue(entry); outer = outer.Parent)
            if (outer.Place is not (ExpressionPlace.Other or ExpressionPlace.FromSubquery))
                return true;
        return false;
    }
}
