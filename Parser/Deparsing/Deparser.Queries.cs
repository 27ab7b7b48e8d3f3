using VecSql.Core.Errors;
using VecSql.Parser.Ast;

namespace VecSql.Parser.Deparsing;

/// <summary>SELECT and what stands in it; INSERT, UPDATE, DELETE, MERGE.</summary>
public sealed partial class Deparser
{
    private Deparser Write(SelectStatement s)
    {
        SqlParser.CheckStack(s.Span.Start);
        if (s.With is not null) Write(s.With);
        Body(s.Body).OrderBy(s.OrderBy);
        if (s.Limit is { } limit)
        {
            if (limit.WithTies) Add(" FETCH FIRST (").Write(limit.Count!).Add(") ROWS WITH TIES");
            else if (limit.Count is null && limit.Offset is null) Add(" LIMIT ALL");
            else Optional(" LIMIT ", limit.Count);
            Optional(" OFFSET ", limit.Offset);
        }
        foreach (var locking in s.Locking)
        {
            Add(locking.Strength switch
            {
                LockStrength.KeyShare => " FOR KEY SHARE",
                LockStrength.Share => " FOR SHARE",
                LockStrength.NoKeyUpdate => " FOR NO KEY UPDATE",
                _ => " FOR UPDATE",
            });
            if (locking.Tables.Count > 0) Add(" OF ").List(locking.Tables, t => Name(t));
            Add(locking.Wait switch { LockWait.NoWait => " NOWAIT", LockWait.SkipLocked => " SKIP LOCKED", _ => "" });
        }
        return this;
    }

    private Deparser Body(SelectBody body)
    {
        SqlParser.CheckStack(body.Span.Start);
        switch (body)
        {
            case SelectCore core:
                return Write(core);
            case ValuesBody values:
                return Add("VALUES ").List(values.Rows, r => Add("(").Expressions(r).Add(")"));
            case TableBody table:
                return Add("TABLE ").Table(table.Table);
            case NestedSelect nested:
                return Subquery(nested.Select);
            case SetOperation set:
                Operand(set.Left);
                Add(set.Kind switch { SetOperationKind.Union => " UNION ", SetOperationKind.Intersect => " INTERSECT ", _ => " EXCEPT " }).If(set.IsAll, "ALL ");
                return Operand(set.Right);
            default:
                throw Invariant.Unreachable(body);
        }
    }

    private Deparser Operand(SelectBody body) => body is SetOperation ? Add("(").Body(body).Add(")") : Body(body);

    private Deparser Write(WithClause with)
    {
        Add("WITH ").If(with.IsRecursive, "RECURSIVE ");
        return List(with.Tables, t =>
        {
            Name(t.Name).OptionalNames(t.Columns).Add(" AS ");
            Add(t.IsMaterialized switch { true => "MATERIALIZED ", false => "NOT MATERIALIZED ", _ => "" });
            Add("(").Write(t.Statement).Add(")");
            if (t.Search is { } search)
            {
                Add(search.IsBreadthFirst ? " SEARCH BREADTH FIRST BY " : " SEARCH DEPTH FIRST BY ").List(search.Columns, c => Name(c));
                Add(" SET ").Name(search.SequenceColumn);
            }
            if (t.Cycle is { } cycle)
                Add(" CYCLE ").List(cycle.Columns, c => Name(c)).Add(" SET ").Name(cycle.MarkColumn).Optional(" TO ", cycle.MarkValue)
                    .Optional(" DEFAULT ", cycle.MarkDefault).Add(" USING ").Name(cycle.PathColumn);
        }).Add(" ");
    }

    private Deparser Write(SelectCore core)
    {
        Add("SELECT");
        if (core.Distinct is { } distinct)
        {
            Add(" DISTINCT");
            if (distinct.On.Count > 0) Add(" ON (").Expressions(distinct.On).Add(")");
        }
        if (core.Items.Count > 0) Add(" ").Items(core.Items);
        if (core.Into is { } into) Add(" INTO ").Add(Word(into.Persistence)).Add("TABLE ").Name(into.Table);
        if (core.From.Count > 0) Add(" FROM ").List(core.From, f => From(f));
        Optional(" WHERE ", core.Where);
        if (core.GroupBy is { } group) Add(" GROUP BY ").If(group.IsDistinct, "DISTINCT ").List(group.Elements, e => Grouping(e));
        Optional(" HAVING ", core.Having);
        if (core.Windows.Count > 0) Add(" WINDOW ").List(core.Windows, w => Name(w.Name).Add(" AS ").Write(w.Specification));
        return this;
    }

    private Deparser Items(IReadOnlyList<SelectItem> items) => List(items, i => Write(i.Expression).Optional(" AS ", i.Alias));

    private Deparser Grouping(GroupingElement element) => element switch
    {
        GroupingExpression e => Write(e.Expression),
        EmptyGroupingSet => Add("()"),
        Rollup e => Add("ROLLUP (").Expressions(e.Expressions).Add(")"),
        Cube e => Add("CUBE (").Expressions(e.Expressions).Add(")"),
        GroupingSets e => Add("GROUPING SETS ").Parenthesized(e.Elements, g => Grouping(g)),
        _ => throw Invariant.Unreachable(element),
    };

    private Deparser OrderBy(IReadOnlyList<SortItem> items) => items.Count == 0 ? this : Add(" ORDER BY ").List(items, i =>
    {
        Write(i.Expression);
        if (i.Using is not null) Add(" USING ").Write(i.Using);
        Order(i.Direction, i.Nulls);
    });

    private Deparser Order(SortDirection direction, NullsOrder nulls) =>
        Add(direction switch { SortDirection.Ascending => " ASC", SortDirection.Descending => " DESC", _ => "" })
            .Add(nulls switch { NullsOrder.First => " NULLS FIRST", NullsOrder.Last => " NULLS LAST", _ => "" });

    private Deparser Write(WindowSpecification window)
    {
        if (window.IsReferenceOnly) return Name(window.ReferenceName!);
        Add("(");
        int from = _text.Length;
        if (window.ReferenceName is { } name) Name(name);
        if (window.PartitionBy.Count > 0) Add(" PARTITION BY ").Expressions(window.PartitionBy);
        OrderBy(window.OrderBy);
        if (window.Frame is { } frame)
        {
            Add(" ").Add(frame.Mode.ToString().ToUpperInvariant()).Add(" ");
            if (frame.End is { } end) Add("BETWEEN ").Bound(frame.Start).Add(" AND ").Bound(end);
            else Bound(frame.Start);
            Add(frame.Exclusion switch
            {
                FrameExclusion.CurrentRow => " EXCLUDE CURRENT ROW",
                FrameExclusion.Group => " EXCLUDE GROUP",
                FrameExclusion.Ties => " EXCLUDE TIES",
                _ => "",
            });
        }
        if (_text.Length > from && _text[from] == ' ') _text.Remove(from, 1);
        return Add(")");
    }

    private Deparser Bound(FrameBound bound) => bound.Kind switch
    {
        FrameBoundKind.UnboundedPreceding => Add("UNBOUNDED PRECEDING"),
        FrameBoundKind.UnboundedFollowing => Add("UNBOUNDED FOLLOWING"),
        FrameBoundKind.CurrentRow => Add("CURRENT ROW"),
        FrameBoundKind.Preceding => Write(bound.Offset!).Add(" PRECEDING"),
        _ => Write(bound.Offset!).Add(" FOLLOWING"),
    };

    // FROM

    private Deparser From(FromItem item)
    {
        SqlParser.CheckStack(item.Span.Start);
        switch (item)
        {
            case TableRef table:
                Table(table);
                return this;
            case SubqueryRef subquery:
                return If(subquery.IsLateral, "LATERAL ").Subquery(subquery.Query).Alias(item.Alias);
            case FunctionRef function:
                return Function(function);
            case XmlTableRef xml:
                return If(xml.IsLateral, "LATERAL ").Add(xml.Text).Alias(item.Alias);
            case JoinRef join:
                return Join(join);
            default:
                throw Invariant.Unreachable(item);
        }
    }

    private Deparser Table(TableRef table)
    {
        If(table.IsOnly, "ONLY ").Name(table.Name).Alias(table.Alias);
        if (table.Sample is not { } sample) return this;
        Add(" TABLESAMPLE ").Name(sample.Method).Add("(").Expressions(sample.Arguments).Add(")");
        return sample.Repeatable is null ? this : Add(" REPEATABLE (").Write(sample.Repeatable).Add(")");
    }

    private Deparser Alias(TableAlias? alias) => alias is null ? this : Add(" AS ").Name(alias.Name).OptionalNames(alias.Columns);

    private Deparser Function(FunctionRef function)
    {
        If(function.IsLateral, "LATERAL ");
        if (function.IsRowsFrom)
        {
            Add("ROWS FROM ").Parenthesized(function.Functions, f =>
            {
                Write(f.Function);
                if (f.ColumnDefinitions.Count > 0) Add(" AS ").Parenthesized(f.ColumnDefinitions, c => Column(c));
            });
        }
        else
        {
            Write(function.Functions[0].Function);
        }
        If(function.WithOrdinality, " WITH ORDINALITY");
        if (function.ColumnDefinitions.Count == 0) return Alias(function.Alias);
        Add(" AS ");
        if (function.Alias is not null) Name(function.Alias.Name).Add(" ");
        return Parenthesized(function.ColumnDefinitions, c => Column(c));
    }

    private Deparser Join(JoinRef join)
    {
        If(join.Alias is not null, "(");
        From(join.Left).If(join.IsNatural, " NATURAL");
        Add(join.Kind switch
        {
            JoinKind.Cross => " CROSS JOIN ",
            JoinKind.Left => " LEFT JOIN ",
            JoinKind.Right => " RIGHT JOIN ",
            JoinKind.Full => " FULL JOIN ",
            _ => " JOIN ",
        });
        bool isNested = join.Right is JoinRef { Alias: null };
        If(isNested, "(").From(join.Right).If(isNested, ")").Optional(" ON ", join.On);
        if (join.Using.Count > 0) Add(" USING ").Names(join.Using).Optional(" AS ", join.UsingAlias);
        return join.Alias is null ? this : Add(")").Alias(join.Alias);
    }

    // DML

    private Deparser Returning(IReadOnlyList<SelectItem> items) => items.Count == 0 ? this : Add(" RETURNING ").Items(items);

    private Deparser Target(TargetColumn column) => Name(column.Name).Steps(column.Indirection);

    private Deparser Assignments(IReadOnlyList<Assignment> assignments) => List(assignments, a =>
    {
        if (a.IsMultiple) Parenthesized(a.Targets, t => Target(t));
        else Target(a.Targets[0]);
        Add(" = ").Write(a.Value);
    });

    private static string Words(InsertOverriding overriding) => overriding switch
    {
        InsertOverriding.User => " OVERRIDING USER VALUE",
        InsertOverriding.System => " OVERRIDING SYSTEM VALUE",
        _ => "",
    };

    private Deparser Write(InsertStatement s)
    {
        if (s.With is not null) Write(s.With);
        Add("INSERT INTO ").Name(s.Table).Optional(" AS ", s.Alias);
        if (s.Columns.Count > 0) Add(" ").Parenthesized(s.Columns, c => Target(c));
        Add(Words(s.Overriding));
        if (s.Source is null) Add(" DEFAULT VALUES");
        // The source's own WITH would be taken for the statement's only in front of INSERT, so it can stand here.
        else Add(" ").Write(s.Source);
        if (s.OnConflict is { } conflict)
        {
            Add(" ON CONFLICT");
            if (conflict.Target is { } target)
            {
                Optional(" ON CONSTRAINT ", target.Constraint);
                if (target.Elements.Count > 0) Add(" ").Parenthesized(target.Elements, e => Element(e)).Optional(" WHERE ", target.Where);
            }
            if (conflict.IsDoNothing) Add(" DO NOTHING");
            else Add(" DO UPDATE SET ").Assignments(conflict.Assignments).Optional(" WHERE ", conflict.Where);
        }
        return Returning(s.Returning);
    }

    private Deparser Write(UpdateStatement s)
    {
        if (s.With is not null) Write(s.With);
        Add("UPDATE ").Table(s.Table).Add(" SET ").Assignments(s.Assignments);
        if (s.From.Count > 0) Add(" FROM ").List(s.From, f => From(f));
        return Optional(" WHERE ", s.Where).Returning(s.Returning);
    }

    private Deparser Write(DeleteStatement s)
    {
        if (s.With is not null) Write(s.With);
        Add("DELETE FROM ").Table(s.Table);
        if (s.Using.Count > 0) Add(" USING ").List(s.Using, f => From(f));
        return Optional(" WHERE ", s.Where).Returning(s.Returning);
    }

    private Deparser Write(MergeStatement s)
    {
        if (s.With is not null) Write(s.With);
        Add("MERGE INTO ").Table(s.Target).Add(" USING ").From(s.Source).Add(" ON ").Write(s.On);
        foreach (var when in s.Whens)
        {
            Add(when.IsMatched ? " WHEN MATCHED" : " WHEN NOT MATCHED").Optional(" AND ", when.Condition).Add(" THEN ");
            switch (when.Action)
            {
                case MergeAction.DoNothing:
                    Add("DO NOTHING");
                    break;
                case MergeAction.Delete:
                    Add("DELETE");
                    break;
                case MergeAction.Update:
                    Add("UPDATE SET ").Assignments(when.Assignments);
                    break;
                default:
                    Add("INSERT");
                    if (when.Columns.Count > 0) Add(" ").Parenthesized(when.Columns, c => Target(c));
                    Add(Words(when.Overriding));
                    if (when.Values.Count == 0) Add(" DEFAULT VALUES");
                    else Add(" VALUES (").Expressions(when.Values).Add(")");
                    break;
            }
        }
        return this;
    }
}
