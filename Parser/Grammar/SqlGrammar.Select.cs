using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Parser.Lexing;

namespace VecSql.Parser.Grammar;

/// <summary>Queries: SELECT, VALUES, TABLE, set operations, WITH, ORDER BY, LIMIT, locking, windows.</summary>
internal sealed partial class SqlGrammar
{
    private SelectStatement SelectInParentheses()
    {
        Expect(TokenKind.OpenParen);
        if (Is(TokenKind.OpenParen) && !LeadsToSelect()) throw SyntaxError(_parenthesesEnd);
        if (!StartsSelect && !Is(TokenKind.OpenParen)) throw SyntaxError();
        return ClosedQuery();
    }

    private SelectStatement SelectNoParentheses()
    {
        int saved = Enter();
        int start = Here;
        var with = Is(Keyword.With) ? With() : null;
        var query = SelectAfterWith(start, with);
        Leave(saved);
        return query;
    }

    private SelectStatement SelectAfterWith(int start, WithClause? with) => SelectTail(start, with, SetOperations(SelectOperand(), 0));

    /// <summary>Whether a clause of a query follows one in parentheses, so that those don't end it.</summary>
    private bool ContinuesSelect =>
        IsAny(Keyword.Union, Keyword.Except, Keyword.Intersect, Keyword.Order, Keyword.Limit, Keyword.Offset, Keyword.Fetch, Keyword.For);

    /// <summary>Goes on after a query in parentheses that turned out to be the first operand of a larger one.</summary>
    private SelectStatement ContinueSelect(int start, SelectStatement first) => SelectTail(start, null, SetOperations(Operand(first, start), 0));

    private SelectBody Operand(SelectStatement query, int start) =>
        query is { With: null, OrderBy.Count: 0, Limit: null, Locking.Count: 0 } ? query.Body : new NestedSelect(query) { Span = SpanFrom(start) };

    private SelectBody SelectOperand()
    {
        int start = Here;
        if (Is(TokenKind.OpenParen)) return Operand(SelectInParentheses(), start);
        return Current.Keyword switch
        {
            Keyword.Select => Core(),
            Keyword.Values => Values(),
            Keyword.Table => Table(),
            _ => throw SyntaxError(),
        };
    }

    /// <summary>UNION and EXCEPT bind alike, INTERSECT tighter; all associate to the left.</summary>
    private SelectBody SetOperations(SelectBody left, int level)
    {
        while (true)
        {
            int precedence = Current.Keyword switch { Keyword.Union or Keyword.Except => 1, Keyword.Intersect => 2, _ => 0 };
            if (precedence == 0 || precedence <= level) return left;
            int start = left.Span.Start;
            var kind = Current.Keyword switch
            {
                Keyword.Union => SetOperationKind.Union,
                Keyword.Except => SetOperationKind.Except,
                _ => SetOperationKind.Intersect,
            };
            Advance();
            bool isAll = Accept(Keyword.All);
            if (!isAll) Accept(Keyword.Distinct);
            var right = SetOperations(SelectOperand(), precedence);
            Grow();
            left = new SetOperation(kind, isAll, left, right) { Span = SpanFrom(start) };
        }
    }

    /// <summary>ORDER BY, LIMIT and locking. On a lone query in parentheses they add to its own, if it has none of the kind.</summary>
    private SelectStatement SelectTail(int start, WithClause? with, SelectBody body)
    {
        var query = body is NestedSelect nested ? nested.Select : new SelectStatement(body);
        if (Is(Keyword.Order))
        {
            var orderBy = OrderBy();
            if (query.OrderBy.Count > 0) throw Error("multiple ORDER BY clauses not allowed", orderBy[0].Expression.Location);
            query = query with { OrderBy = orderBy };
        }
        List<LockingClause> locking = [];
        bool lockingFirst = LockingClauses(locking);
        if (LimitClause(query) is { } limit)
        {
            query = query with { Limit = limit };
            if (!lockingFirst) LockingClauses(locking);
        }
        if (locking.Count > 0) query = query with { Locking = [.. query.Locking, .. locking] };
        if (with is not null)
        {
            if (query.With is not null) throw Error("multiple WITH clauses not allowed", with.Span.Start);
            query = query with { With = with };
        }
        if (query.Limit?.WithTies == true)
        {
            if (query.OrderBy.Count == 0) throw Error("WITH TIES cannot be specified without ORDER BY clause", -1);
            if (query.Locking.Any(l => l.Wait == LockWait.SkipLocked)) throw Error("SKIP LOCKED and WITH TIES options cannot be used together", -1);
        }
        return query with { Span = SpanFrom(start) };
    }

    private WithClause With()
    {
        int start = Here;
        Expect(Keyword.With);
        // A table of that name may follow WITH too.
        bool isRecursive = Is(Keyword.Recursive) && IsColumnName(Ahead(1)) && Accept(Keyword.Recursive);
        var tables = CommaList(CommonTable);
        return new WithClause(tables, isRecursive) { Span = SpanFrom(start) };
    }

    private CommonTableExpression CommonTable()
    {
        int start = Here;
        string name = Name();
        var columns = OptionalNames();
        Expect(Keyword.As);
        bool? isMaterialized = null;
        if (Accept(Keyword.Materialized)) isMaterialized = true;
        else if (Accept(Keyword.Not))
        {
            Expect(Keyword.Materialized);
            isMaterialized = false;
        }
        Expect(TokenKind.OpenParen);
        int saved = Enter();
        var statement = PreparableStatement();
        Leave(saved);
        Expect(TokenKind.CloseParen);
        SearchClause? search = null;
        CycleClause? cycle = null;
        int clause = Here;
        if (Accept(Keyword.Search)) search = Search(clause);
        clause = Here;
        if (Accept(Keyword.Cycle)) cycle = Cycle(clause);
        return new CommonTableExpression(name, columns, statement) { IsMaterialized = isMaterialized, Search = search, Cycle = cycle, Span = SpanFrom(start) };
    }

    private SearchClause Search(int start)
    {
        bool isBreadthFirst = Accept(Keyword.Breadth);
        if (!isBreadthFirst) Expect(Keyword.Depth);
        Expect(Keyword.First, Keyword.By);
        var columns = NameList();
        Expect(Keyword.Set);
        return new SearchClause(isBreadthFirst, columns, Name()) { Span = SpanFrom(start) };
    }

    private CycleClause Cycle(int start)
    {
        var columns = NameList();
        Expect(Keyword.Set);
        string mark = Name();
        Expression? value = null, otherwise = null;
        if (Accept(Keyword.To))
        {
            value = Constant();
            Expect(Keyword.Default);
            otherwise = Constant();
        }
        Expect(Keyword.Using);
        return new CycleClause(columns, mark, value, otherwise, Name()) { Span = SpanFrom(start) };
    }

    /// <summary>A literal, possibly of a named type, without operators.</summary>
    private Expression Constant()
    {
        int at = _index;
        var value = Primary(isRestricted: true);
        return value is Literal or CastExpression { Syntax: CastSyntax.TypedLiteral } ? value : throw SyntaxError(at);
    }

    private SelectCore Core()
    {
        int start = Here;
        Expect(Keyword.Select);
        DistinctClause? distinct = null;
        if (Is(Keyword.Distinct)) distinct = Distinct();
        else Accept(Keyword.All);
        var core = new SelectCore(distinct is not null || StartsSelectItem ? SelectItems() : []) { Distinct = distinct };
        if (Is(Keyword.Into)) core = core with { Into = Into() };
        if (Accept(Keyword.From)) core = core with { From = FromItems() };
        if (Accept(Keyword.Where)) core = core with { Where = AnyExpression() };
        if (Is(Keyword.Group)) core = core with { GroupBy = GroupBy() };
        if (Accept(Keyword.Having)) core = core with { Having = AnyExpression() };
        if (Accept(Keyword.Window)) core = core with { Windows = CommaList(WindowDefinition) };
        return core with { Span = SpanFrom(start) };
    }

    private bool StartsSelectItem =>
        !(Current.Kind is TokenKind.End or TokenKind.Semicolon or TokenKind.CloseParen)
        && !IsAny(Keyword.From, Keyword.Into, Keyword.Where, Keyword.Group, Keyword.Having, Keyword.Window, Keyword.With, Keyword.On) && !ContinuesSelect;

    private DistinctClause Distinct()
    {
        int start = Here;
        Expect(Keyword.Distinct);
        return new DistinctClause(Accept(Keyword.On) ? ParenthesizedList(AnyExpression) : []) { Span = SpanFrom(start) };
    }

    private List<SelectItem> SelectItems() => CommaList(SelectItem);

    private SelectItem SelectItem()
    {
        int start = Here;
        if (AcceptOperator("*"))
        {
            var star = new ColumnRef([], true) { Span = SpanFrom(start) };
            return new SelectItem(star, null) { Span = star.Span };
        }
        var expression = AnyExpression();
        string? alias = Accept(Keyword.As) ? Label() : IsBareLabel(Current) ? TakeText() : null;
        return new SelectItem(expression, alias) { Span = SpanFrom(start) };
    }

    /// <summary>INTO [TEMP | UNLOGGED] [TABLE] name</summary>
    private IntoClause Into()
    {
        int start = Here;
        Expect(Keyword.Into);
        var persistence = Persistence.Permanent;
        if (IsAny(Keyword.Local, Keyword.Global) && Ahead(1).Keyword is Keyword.Temp or Keyword.Temporary) Advance();
        if (IsAny(Keyword.Temp, Keyword.Temporary) && Ahead(1).Kind != TokenKind.Dot)
        {
            Advance();
            persistence = Persistence.Temporary;
        }
        else if (Is(Keyword.Unlogged) && Ahead(1).Kind != TokenKind.Dot)
        {
            Advance();
            persistence = Persistence.Unlogged;
        }
        Accept(Keyword.Table);
        return new IntoClause(RelationName(), persistence) { Span = SpanFrom(start) };
    }

    private ValuesBody Values()
    {
        int start = Here;
        Expect(Keyword.Values);
        List<IReadOnlyList<Expression>> rows = [];
        do
        {
            Expect(TokenKind.OpenParen);
            rows.Add(ExpressionList());
            Expect(TokenKind.CloseParen);
        } while (Accept(TokenKind.Comma));
        return new ValuesBody(rows) { Span = SpanFrom(start) };
    }

    private TableBody Table()
    {
        int start = Here;
        Expect(Keyword.Table);
        return new TableBody(Relation()) { Span = SpanFrom(start) };
    }

    // GROUP BY

    private GroupByClause GroupBy()
    {
        int start = Here;
        Expect(Keyword.Group, Keyword.By);
        bool isDistinct = Accept(Keyword.Distinct);
        if (!isDistinct) Accept(Keyword.All);
        return new GroupByClause(CommaList(GroupingElement), isDistinct) { Span = SpanFrom(start) };
    }

    private GroupingElement GroupingElement()
    {
        int start = Here;
        if (Is(TokenKind.OpenParen) && Ahead(1).Kind == TokenKind.CloseParen)
        {
            Advance();
            Advance();
            return new EmptyGroupingSet { Span = SpanFrom(start) };
        }
        if (IsAny(Keyword.Rollup, Keyword.Cube) && Ahead(1).Kind == TokenKind.OpenParen)
        {
            bool isRollup = Is(Keyword.Rollup);
            Advance();
            var list = ParenthesizedList(AnyExpression);
            return isRollup ? new Rollup(list) { Span = SpanFrom(start) } : new Cube(list) { Span = SpanFrom(start) };
        }
        if (Is(Keyword.Grouping, Keyword.Sets))
        {
            Advance();
            Advance();
            int saved = Enter();
            var elements = ParenthesizedList(GroupingElement);
            Leave(saved);
            return new GroupingSets(elements) { Span = SpanFrom(start) };
        }
        return new GroupingExpression(AnyExpression()) { Span = SpanFrom(start) };
    }

    // ORDER BY, LIMIT, locking

    private List<SortItem> OrderBy()
    {
        Expect(Keyword.Order, Keyword.By);
        return CommaList(SortItem);
    }

    private IReadOnlyList<SortItem> OptionalOrderBy() => Is(Keyword.Order) ? OrderBy() : [];

    private SortItem SortItem()
    {
        int start = Here;
        var expression = AnyExpression();
        OperatorName? op = null;
        SortDirection direction;
        if (Accept(Keyword.Using))
        {
            direction = SortDirection.Using;
            op = QualifiedOperator();
        }
        else
        {
            direction = Direction();
        }
        return new SortItem(expression, direction, Nulls()) { Using = op, Span = SpanFrom(start) };
    }

    private SortDirection Direction() =>
        Accept(Keyword.Asc) ? SortDirection.Ascending : Accept(Keyword.Desc) ? SortDirection.Descending : SortDirection.Default;

    private NullsOrder Nulls()
    {
        if (Accept(Keyword.Nulls, Keyword.First)) return NullsOrder.First;
        return Accept(Keyword.Nulls, Keyword.Last) ? NullsOrder.Last : NullsOrder.Default;
    }

    private LimitClause? LimitClause(SelectStatement query)
    {
        int start = Here;
        Expression? count = null, offset = null;
        bool hasLimit = false, hasOffset = false, withTies = false;
        while (true)
        {
            int at = Here;
            if (!hasLimit && Accept(Keyword.Limit))
            {
                hasLimit = true;
                count = Accept(Keyword.All) ? null : AnyExpression();
                if (Accept(TokenKind.Comma))
                {
                    AnyExpression();
                    throw Error("LIMIT #,# syntax is not supported", at, "Use separate LIMIT and OFFSET clauses.");
                }
            }
            else if (!hasLimit && Accept(Keyword.Fetch))
            {
                hasLimit = true;
                (count, withTies) = FetchFirst();
            }
            else if (!hasOffset && Accept(Keyword.Offset))
            {
                hasOffset = true;
                offset = AnyExpression();
                // Before ROWS only an operand may stand, or a signed number.
                if (IsAny(Keyword.Row, Keyword.Rows))
                {
                    bool isOperator = offset is BinaryExpression or AndExpression or OrExpression or NotExpression or CastExpression { Syntax: CastSyntax.Colons };
                    if (isOperator && _text[offset.Span.Start] != '(') throw SyntaxError();
                    Advance();
                }
            }
            else
            {
                break;
            }
        }
        if (!hasLimit && !hasOffset) return null;
        if (query.Limit is { } own)
        {
            if (own.Offset is not null && offset is not null) throw Error("multiple OFFSET clauses not allowed", offset.Span.Start);
            if (own.Count is not null && count is not null) throw Error("multiple LIMIT clauses not allowed", count.Span.Start);
            (count, offset, withTies) = (count ?? own.Count, offset ?? own.Offset, withTies || own.WithTies);
        }
        return new LimitClause(count, offset, withTies) { Span = SpanFrom(start) };
    }

    /// <summary>FETCH FIRST [n] ROWS ONLY | WITH TIES: the count is an operand or a signed number.</summary>
    private (Expression, bool) FetchFirst()
    {
        if (!Accept(Keyword.First)) Expect(Keyword.Next);
        int start = Here;
        Expression count;
        if (IsAny(Keyword.Row, Keyword.Rows)) count = new IntegerLiteral("1") { Span = new TextSpan(start, 0) };
        else if (IsOperator("+") || IsOperator("-"))
        {
            string text = NumberConstant();
            count = text.AsSpan().IndexOfAny(".eE") < 0 ? new IntegerLiteral(text) : new NumericLiteral(text);
            count = count with { Span = SpanFrom(start) };
        }
        else
        {
            count = Primary(isRestricted: true);
        }
        if (!Accept(Keyword.Row)) Expect(Keyword.Rows);
        if (Accept(Keyword.Only)) return (count, false);
        Expect(Keyword.With, Keyword.Ties);
        return (count, true);
    }

    private bool LockingClauses(List<LockingClause> locking)
    {
        bool any = false;
        while (Is(Keyword.For))
        {
            any = true;
            int start = Here;
            Advance();
            if (Accept(Keyword.Read))
            {
                Expect(Keyword.Only);
                return true;
            }
            LockStrength strength;
            if (Accept(Keyword.Update)) strength = LockStrength.Update;
            else if (Accept(Keyword.Share)) strength = LockStrength.Share;
            else if (Accept(Keyword.No))
            {
                Expect(Keyword.Key, Keyword.Update);
                strength = LockStrength.NoKeyUpdate;
            }
            else
            {
                Expect(Keyword.Key, Keyword.Share);
                strength = LockStrength.KeyShare;
            }
            IReadOnlyList<QualifiedName> tables = Accept(Keyword.Of) ? RelationNames() : [];
            var wait = Accept(Keyword.Nowait) ? LockWait.NoWait : LockWait.Block;
            if (wait == LockWait.Block && Accept(Keyword.Skip))
            {
                Expect(Keyword.Locked);
                wait = LockWait.SkipLocked;
            }
            locking.Add(new LockingClause(strength, tables, wait) { Span = SpanFrom(start) });
        }
        return any;
    }

    // Windows

    private WindowDefinition WindowDefinition()
    {
        int start = Here;
        string name = Name();
        Expect(Keyword.As);
        return new WindowDefinition(name, WindowSpecification()) { Span = SpanFrom(start) };
    }

    private WindowSpecification WindowSpecification()
    {
        int start = Here;
        Expect(TokenKind.OpenParen);
        // PARTITION, RANGE, ROWS and GROUPS start a clause here, although they may be names elsewhere.
        string? reference = IsColumnName(Current) && !IsAny(Keyword.Partition, Keyword.Range, Keyword.Rows, Keyword.Groups) ? Name() : null;
        IReadOnlyList<Expression> partitionBy = [];
        if (Accept(Keyword.Partition))
        {
            Expect(Keyword.By);
            partitionBy = ExpressionList();
        }
        var orderBy = OptionalOrderBy();
        var frame = IsAny(Keyword.Range, Keyword.Rows, Keyword.Groups) ? Frame() : null;
        Expect(TokenKind.CloseParen);
        return new WindowSpecification { ReferenceName = reference, PartitionBy = partitionBy, OrderBy = orderBy, Frame = frame, Span = SpanFrom(start) };
    }

    private WindowFrame Frame()
    {
        int start = Here;
        var mode = Accept(Keyword.Range) ? FrameMode.Range : Accept(Keyword.Rows) ? FrameMode.Rows : FrameMode.Groups;
        if (mode == FrameMode.Groups) Expect(Keyword.Groups);
        FrameBound first;
        FrameBound? end = null;
        if (Accept(Keyword.Between))
        {
            first = Bound();
            Expect(Keyword.And);
            end = Bound();
        }
        else
        {
            first = Bound();
        }
        CheckFrame(first, end);
        return new WindowFrame(mode, first, end, Exclusion()) { Span = SpanFrom(start) };
    }

    private FrameBound Bound()
    {
        int start = Here;
        if (Is(Keyword.Unbounded) && Ahead(1).Keyword is Keyword.Preceding or Keyword.Following)
        {
            Advance();
            var kind = Accept(Keyword.Preceding) ? FrameBoundKind.UnboundedPreceding : FrameBoundKind.UnboundedFollowing;
            if (kind == FrameBoundKind.UnboundedFollowing) Expect(Keyword.Following);
            return new FrameBound(kind, null) { Span = SpanFrom(start) };
        }
        if (Accept(Keyword.Current, Keyword.Row)) return new FrameBound(FrameBoundKind.CurrentRow, null) { Span = SpanFrom(start) };
        var offset = AnyExpression();
        if (Accept(Keyword.Preceding)) return new FrameBound(FrameBoundKind.Preceding, offset) { Span = SpanFrom(start) };
        Expect(Keyword.Following);
        return new FrameBound(FrameBoundKind.Following, offset) { Span = SpanFrom(start) };
    }

    private static void CheckFrame(FrameBound start, FrameBound? end)
    {
        SqlException Refused(string message, FrameBound at) => Error(message, at.Span.Start, state: SqlState.WindowingError);
        if (start.Kind == FrameBoundKind.UnboundedFollowing) throw Refused("frame start cannot be UNBOUNDED FOLLOWING", start);
        if (end is null)
        {
            if (start.Kind == FrameBoundKind.Following) throw Refused("frame starting from following row cannot end with current row", start);
            return;
        }
        if (end.Kind == FrameBoundKind.UnboundedPreceding) throw Refused("frame end cannot be UNBOUNDED PRECEDING", end);
        if (start.Kind == FrameBoundKind.CurrentRow && end.Kind == FrameBoundKind.Preceding)
            throw Refused("frame starting from current row cannot have preceding rows", end);
        if (start.Kind == FrameBoundKind.Following && end.Kind == FrameBoundKind.Preceding)
            throw Refused("frame starting from following row cannot have preceding rows", end);
        if (start.Kind == FrameBoundKind.Following && end.Kind == FrameBoundKind.CurrentRow)
            throw Refused("frame starting from following row cannot have preceding rows", end);
    }

    private FrameExclusion Exclusion()
    {
        if (!Accept(Keyword.Exclude)) return FrameExclusion.NoOthers;
        if (Accept(Keyword.Current, Keyword.Row)) return FrameExclusion.CurrentRow;
        if (Accept(Keyword.Group)) return FrameExclusion.Group;
        if (Accept(Keyword.Ties)) return FrameExclusion.Ties;
        Expect(Keyword.No, Keyword.Others);
        return FrameExclusion.NoOthers;
    }
}
