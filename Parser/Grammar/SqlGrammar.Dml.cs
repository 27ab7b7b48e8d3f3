using VecSql.Parser.Ast;
using VecSql.Parser.Lexing;

namespace VecSql.Parser.Grammar;

/// <summary>INSERT, UPDATE, DELETE, MERGE, and what they share.</summary>
internal sealed partial class SqlGrammar
{
    /// <summary>SELECT, INSERT, UPDATE, DELETE or MERGE: what can be prepared, explained and stand in WITH.</summary>
    private Statement PreparableStatement()
    {
        if (Is(TokenKind.OpenParen)) return SelectNoParentheses();
        int start = Here;
        if (!Is(Keyword.With)) return Preparable(start, null);
        int saved = Enter();
        var with = With();
        var statement = Preparable(start, with);
        Leave(saved);
        return statement;
    }

    private Statement Preparable(int start, WithClause? with) => Current.Keyword switch
    {
        Keyword.Insert => Insert(start, with),
        Keyword.Update => Update(start, with),
        Keyword.Delete => Delete(start, with),
        Keyword.Merge => Merge(start, with),
        Keyword.Select or Keyword.Values or Keyword.Table => SelectAfterWith(start, with),
        _ => Is(TokenKind.OpenParen) ? SelectAfterWith(start, with) : throw SyntaxError(),
    };

    private InsertStatement Insert(int start, WithClause? with)
    {
        Expect(Keyword.Insert, Keyword.Into);
        var insert = new InsertStatement(RelationName()) { With = with };
        if (Accept(Keyword.As)) insert = insert with { Alias = Name() };
        if (AcceptBoth(Keyword.Default, Keyword.Values)) return InsertRest(insert, start);
        if (Is(TokenKind.OpenParen) && !IsSelectStart(_index + 1) && Ahead(1).Kind != TokenKind.OpenParen)
            insert = insert with { Columns = ParenthesizedList(TargetColumn) };
        insert = insert with { Overriding = Overriding() };
        return InsertRest(insert with { Source = Query() }, start);
    }

    private InsertStatement InsertRest(InsertStatement insert, int start)
    {
        if (Accept(Keyword.On))
        {
            Expect(Keyword.Conflict);
            insert = insert with { OnConflict = OnConflict() };
        }
        return insert with { Returning = Returning(), Span = SpanFrom(start) };
    }

    private InsertOverriding Overriding()
    {
        if (!Accept(Keyword.Overriding)) return InsertOverriding.None;
        var overriding = Accept(Keyword.User) ? InsertOverriding.User : InsertOverriding.System;
        if (overriding == InsertOverriding.System) Expect(Keyword.System);
        Expect(Keyword.Value);
        return overriding;
    }

    private IReadOnlyList<SelectItem> Returning() => Accept(Keyword.Returning) ? SelectItems() : [];

    private TargetColumn TargetColumn()
    {
        int start = Here;
        string name = Name();
        return new TargetColumn(name, IndirectionSteps()) { Span = SpanFrom(start) };
    }

    private OnConflictClause OnConflict()
    {
        int start = Here;
        ConflictTarget? target = null;
        if (Is(TokenKind.OpenParen))
        {
            var elements = ParenthesizedList(IndexElement);
            var predicate = Accept(Keyword.Where) ? AnyExpression() : null;
            target = new ConflictTarget(null, elements, predicate) { Span = SpanFrom(start) };
        }
        else if (Accept(Keyword.On))
        {
            Expect(Keyword.Constraint);
            target = new ConflictTarget(Name(), [], null) { Span = SpanFrom(start) };
        }
        Expect(Keyword.Do);
        if (Accept(Keyword.Nothing)) return new OnConflictClause(target, [], null) { Span = SpanFrom(start) };
        Expect(Keyword.Update, Keyword.Set);
        var assignments = CommaList(Assignment);
        return new OnConflictClause(target, assignments, Accept(Keyword.Where) ? AnyExpression() : null) { Span = SpanFrom(start) };
    }

    private Assignment Assignment()
    {
        int start = Here;
        bool isMultiple = Is(TokenKind.OpenParen);
        List<TargetColumn> targets = isMultiple ? ParenthesizedList(TargetColumn) : [TargetColumn()];
        ExpectOperator("=");
        return new Assignment(targets, AnyExpression()) { IsMultiple = isMultiple, Span = SpanFrom(start) };
    }

    /// <summary>A relation with an alias, which without AS may not be SET.</summary>
    private TableRef AliasedTarget()
    {
        int start = Here;
        var table = Relation();
        int at = Here;
        if (Accept(Keyword.As) || (IsColumnName(Current) && !Is(Keyword.Set)))
            table = table with { Alias = new TableAlias(Name(), []) { Span = SpanFrom(at) } };
        return table with { Span = SpanFrom(start) };
    }

    private Expression? WhereOrCurrent()
    {
        if (!Accept(Keyword.Where)) return null;
        int start = Here;
        if (!Is(Keyword.Current, Keyword.Of)) return AnyExpression();
        Advance();
        Advance();
        return new CurrentOf(Name()) { Span = SpanFrom(start) };
    }

    private UpdateStatement Update(int start, WithClause? with)
    {
        Expect(Keyword.Update);
        var table = AliasedTarget();
        Expect(Keyword.Set);
        var assignments = CommaList(Assignment);
        IReadOnlyList<FromItem> from = Accept(Keyword.From) ? FromItems() : [];
        var where = WhereOrCurrent();
        return new UpdateStatement(table, assignments) { With = with, From = from, Where = where, Returning = Returning(), Span = SpanFrom(start) };
    }

    private DeleteStatement Delete(int start, WithClause? with)
    {
        Expect(Keyword.Delete, Keyword.From);
        var table = AliasedTarget();
        IReadOnlyList<FromItem> sources = Accept(Keyword.Using) ? FromItems() : [];
        var where = WhereOrCurrent();
        return new DeleteStatement(table) { With = with, Using = sources, Where = where, Returning = Returning(), Span = SpanFrom(start) };
    }

    private MergeStatement Merge(int start, WithClause? with)
    {
        Expect(Keyword.Merge, Keyword.Into);
        var target = AliasedTarget();
        Expect(Keyword.Using);
        var source = FromItem();
        Expect(Keyword.On);
        var on = AnyExpression();
        List<MergeWhen> whens = [];
        do
        {
            whens.Add(MergeWhen());
        } while (Is(Keyword.When));
        return new MergeStatement(target, source, on, whens) { With = with, Span = SpanFrom(start) };
    }

    private MergeWhen MergeWhen()
    {
        int start = Here;
        Expect(Keyword.When);
        bool isMatched = !Accept(Keyword.Not);
        Expect(Keyword.Matched);
        var condition = Accept(Keyword.And) ? AnyExpression() : null;
        Expect(Keyword.Then);
        var when = new MergeWhen(isMatched, condition, MergeAction.DoNothing);
        if (Accept(Keyword.Do)) Expect(Keyword.Nothing);
        else if (isMatched && Accept(Keyword.Delete)) when = when with { Action = MergeAction.Delete };
        else if (isMatched)
        {
            Expect(Keyword.Update, Keyword.Set);
            when = when with { Action = MergeAction.Update, Assignments = CommaList(Assignment) };
        }
        else
        {
            when = MergeInsert(when);
        }
        return when with { Span = SpanFrom(start) };
    }

    private MergeWhen MergeInsert(MergeWhen when)
    {
        Expect(Keyword.Insert);
        when = when with { Action = MergeAction.Insert };
        if (AcceptBoth(Keyword.Default, Keyword.Values)) return when;
        if (Is(TokenKind.OpenParen)) when = when with { Columns = ParenthesizedList(TargetColumn) };
        when = when with { Overriding = Overriding() };
        Expect(Keyword.Values);
        return when with { Values = ParenthesizedList(AnyExpression) };
    }

    // Index elements, also of partition keys and conflict targets

    private IndexElement IndexElement() => IndexElement(allowsOrder: true);

    private IndexElement IndexElement(bool allowsOrder)
    {
        int start = Here;
        IndexElement element;
        if (Accept(TokenKind.OpenParen))
        {
            element = new IndexElement(null, AnyExpression());
            Expect(TokenKind.CloseParen);
        }
        else if (StartsFunction)
        {
            element = new IndexElement(null, WindowlessFunction());
        }
        else
        {
            element = new IndexElement(Name(), null);
        }
        if (Accept(Keyword.Collate)) element = element with { Collation = AnyName() };
        if (IsColumnName(Current) && !IsNullsOrder)
        {
            element = element with { OperatorClass = AnyName() };
            if (allowsOrder && Is(TokenKind.OpenParen)) element = element with { OperatorClassOptions = StorageOptions() };
        }
        if (allowsOrder) element = element with { Direction = Direction(), Nulls = Nulls() };
        return element with { Span = SpanFrom(start) };
    }
}
