using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Parser.Lexing;

namespace VecSql.Parser.Grammar;

/// <summary>FROM: tables, functions, subqueries, joins.</summary>
internal sealed partial class SqlGrammar
{
    private List<FromItem> FromItems() => CommaList(FromItem);

    private FromItem FromItem()
    {
        int saved = Enter();
        var item = Joins(FromOperand());
        Leave(saved);
        return item;
    }

    private bool StartsJoin => IsAny(Keyword.Join, Keyword.Cross, Keyword.Natural, Keyword.Inner, Keyword.Left, Keyword.Right, Keyword.Full);

    /// <summary>
    /// Joins associate to the left; but a qualified join whose ON is still to come takes the joins before that ON into its right side.
    /// </summary>
    private FromItem Joins(FromItem left)
    {
        while (StartsJoin)
        {
            int start = left.Span.Start;
            if (Accept(Keyword.Cross))
            {
                Expect(Keyword.Join);
                left = new JoinRef(JoinKind.Cross, left, FromOperand()) { Span = SpanFrom(start) };
                Grow();
                continue;
            }
            bool isNatural = Accept(Keyword.Natural);
            var kind = JoinType();
            Expect(Keyword.Join);
            var right = FromOperand();
            if (!isNatural && StartsJoin)
            {
                int saved = Enter();
                right = Joins(right);
                Leave(saved);
            }
            left = JoinCondition(new JoinRef(kind, left, right) { IsNatural = isNatural }) with { Span = SpanFrom(start) };
            Grow();
        }
        return left;
    }

    private JoinRef JoinCondition(JoinRef join)
    {
        if (join.IsNatural) return join;
        if (Accept(Keyword.On)) return join with { On = AnyExpression() };
        Expect(Keyword.Using);
        var columns = ParenthesizedNames();
        return join with { Using = columns, UsingAlias = Accept(Keyword.As) ? Name() : null };
    }

    private JoinKind JoinType()
    {
        if (Accept(Keyword.Inner)) return JoinKind.Inner;
        var kind = Current.Keyword switch
        {
            Keyword.Left => JoinKind.Left,
            Keyword.Right => JoinKind.Right,
            Keyword.Full => JoinKind.Full,
            _ => JoinKind.Inner,
        };
        if (kind == JoinKind.Inner) return kind;
        Advance();
        Accept(Keyword.Outer);
        return kind;
    }

    private FromItem FromOperand()
    {
        int start = Here;
        if (Is(TokenKind.OpenParen))
        {
            var (query, item) = QueryOrJoin();
            return query is not null ? Subquery(query, start, false) : Aliased(item!, start);
        }
        bool isLateral = Accept(Keyword.Lateral);
        if (isLateral && Is(TokenKind.OpenParen)) return Subquery(SelectInParentheses(), start, true);
        if (Is(Keyword.Xmltable) && Ahead(1).Kind == TokenKind.OpenParen) return XmlTable(start, isLateral);
        if (Is(Keyword.Rows, Keyword.From)) return RowsFrom(start, isLateral);
        if (isLateral || StartsFunction) return Function(start, isLateral);
        if (Is(TokenKind.Keyword) && !IsColumnName(Current) && IsTypeOrFunctionName(Current)) throw SyntaxError(_index + 1);
        return Table(Relation(), start);
    }

    /// <summary>
    /// In FROM, a parenthesis opens a query or a join. Gives the query with its parenthesis closed, or the join likewise.
    /// </summary>
    private (SelectStatement? Query, FromItem? Join) QueryOrJoin()
    {
        int saved = Enter();
        Expect(TokenKind.OpenParen);
        (SelectStatement?, FromItem?) result;
        if (StartsSelect) result = (ClosedQuery(), null);
        else if (Is(TokenKind.OpenParen))
        {
            int start = Here;
            var (query, join) = QueryOrJoin();
            if (query is not null && Accept(TokenKind.CloseParen)) result = (query, null);
            else if (query is not null && ContinuesSelect)
            {
                query = ContinueSelect(start, query);
                Expect(TokenKind.CloseParen);
                result = (query, null);
            }
            else
            {
                if (query is not null && !IsColumnName(Current) && !Is(Keyword.As) && !StartsJoin) throw SyntaxError();
                var first = query is not null ? Subquery(query, start, false) : Aliased(join!, start);
                // ((a JOIN b)) is a join in two pairs of parentheses.
                if (join is null || first.Alias is not null || !Is(TokenKind.CloseParen)) first = RequireJoin(first);
                Expect(TokenKind.CloseParen);
                result = (null, first);
            }
        }
        else
        {
            var first = RequireJoin(FromOperand());
            Expect(TokenKind.CloseParen);
            result = (null, first);
        }
        Leave(saved);
        return result;
    }

    private FromItem RequireJoin(FromItem first) => StartsJoin ? Joins(first) : throw SyntaxError();

    private FromItem Aliased(FromItem join, int start)
    {
        var alias = Alias();
        return alias is null ? join : join with { Alias = alias, Span = SpanFrom(start) };
    }

    private SubqueryRef Subquery(SelectStatement query, int start, bool isLateral)
    {
        var alias = Alias();
        if (alias is null)
        {
            bool isValues = query.Body is ValuesBody;
            throw Error(isValues ? "VALUES in FROM must have an alias" : "subquery in FROM must have an alias", isLateral ? query.Span.Start - 1 : start,
                isValues ? "For example, FROM (VALUES ...) [AS] foo." : "For example, FROM (SELECT ...) [AS] foo.");
        }
        return new SubqueryRef(query, isLateral) { Alias = alias, Span = SpanFrom(start) };
    }

    /// <summary>[AS] name [(columns)]</summary>
    private TableAlias? Alias()
    {
        int start = Here;
        if (!Accept(Keyword.As) && !IsColumnName(Current)) return null;
        string name = Name();
        return new TableAlias(name, OptionalNames()) { Span = SpanFrom(start) };
    }

    /// <summary>name [*], ONLY name, ONLY (name)</summary>
    private TableRef Relation()
    {
        int start = Here;
        if (Accept(Keyword.Only))
        {
            bool isParenthesized = Accept(TokenKind.OpenParen);
            var only = RelationName();
            if (isParenthesized) Expect(TokenKind.CloseParen);
            return new TableRef(only) { IsOnly = true, Span = SpanFrom(start) };
        }
        var name = RelationName();
        AcceptOperator("*");
        return new TableRef(name) { Span = SpanFrom(start) };
    }

    private TableRef Table(TableRef table, int start)
    {
        table = table with { Alias = Alias() };
        if (Accept(Keyword.Tablesample)) table = table with { Sample = Sample() };
        return table with { Span = SpanFrom(start) };
    }

    private TableSample Sample()
    {
        int start = Here;
        var method = FunctionName();
        var arguments = ParenthesizedList(AnyExpression);
        Expression? repeatable = null;
        if (Accept(Keyword.Repeatable))
        {
            Expect(TokenKind.OpenParen);
            repeatable = AnyExpression();
            Expect(TokenKind.CloseParen);
        }
        return new TableSample(method, arguments, repeatable) { Span = SpanFrom(start) };
    }

    // Functions

    private bool StartsFunction
    {
        get
        {
            if (!IsLabel(Current)) return false;
            int at = 1;
            while (Ahead(at).Kind == TokenKind.Dot && IsLabel(Ahead(at + 1))) at += 2;
            return Ahead(at).Kind == TokenKind.OpenParen || Is(Keyword.Collation, Keyword.For)
                || IsAny(Keyword.CurrentDate, Keyword.CurrentTime, Keyword.CurrentTimestamp, Keyword.Localtime, Keyword.Localtimestamp, Keyword.CurrentRole,
                    Keyword.CurrentUser, Keyword.User, Keyword.SessionUser, Keyword.CurrentCatalog, Keyword.CurrentSchema);
        }
    }

    /// <summary>A function call without FILTER, OVER and the like.</summary>
    private Expression WindowlessFunction()
    {
        bool isOrdinary = IsTypeOrFunctionName(Current) && Ahead(1).Kind is TokenKind.OpenParen or TokenKind.Dot;
        if (Is(TokenKind.Keyword) && !isOrdinary && SpecialForm() is { } special) return special;
        int start = Here;
        var name = FunctionName();
        return Application(name) with { Span = SpanFrom(start) };
    }

    private FunctionRef Function(int start, bool isLateral)
    {
        int at = Here;
        var function = new FunctionSource(WindowlessFunction(), []) { Span = SpanFrom(at) };
        return FunctionAlias(new FunctionRef([function], false, isLateral), start);
    }

    private FunctionRef RowsFrom(int start, bool isLateral)
    {
        Expect(Keyword.Rows, Keyword.From);
        var functions = ParenthesizedList(() =>
        {
            int at = Here;
            var function = WindowlessFunction();
            IReadOnlyList<ColumnDefinition> definitions = Accept(Keyword.As) ? ParenthesizedList(FunctionColumn) : [];
            return new FunctionSource(function, definitions) { Span = SpanFrom(at) };
        });
        return FunctionAlias(new FunctionRef(functions, true, isLateral), start);
    }

    /// <summary>[WITH ORDINALITY] [alias], or a column definition list with or without a name.</summary>
    private FunctionRef FunctionAlias(FunctionRef function, int start)
    {
        if (Accept(Keyword.With, Keyword.Ordinality)) function = function with { WithOrdinality = true };
        int at = Here;
        bool hasAs = Accept(Keyword.As);
        if (hasAs && Is(TokenKind.OpenParen)) return function with { ColumnDefinitions = ParenthesizedList(FunctionColumn), Span = SpanFrom(start) };
        if (!hasAs && !IsColumnName(Current)) return function with { Span = SpanFrom(start) };
        string name = Name();
        IReadOnlyList<string> columns = [];
        if (Is(TokenKind.OpenParen))
        {
            bool hasTypes = IsColumnName(Ahead(1)) && Ahead(2).Kind is not (TokenKind.Comma or TokenKind.CloseParen);
            if (hasTypes) function = function with { ColumnDefinitions = ParenthesizedList(FunctionColumn) };
            else columns = ParenthesizedNames();
        }
        return function with { Alias = new TableAlias(name, columns) { Span = SpanFrom(at) }, Span = SpanFrom(start) };
    }

    private ColumnDefinition FunctionColumn()
    {
        int start = Here;
        string name = Name();
        var type = Type();
        var collation = Accept(Keyword.Collate) ? AnyName() : null;
        return new ColumnDefinition(name, type) { Collation = collation, Span = SpanFrom(start) };
    }

    private XmlTableRef XmlTable(int start, bool isLateral)
    {
        int at = Here;
        Advance();
        Expect(TokenKind.OpenParen);
        if (Accept(Keyword.Xmlnamespaces))
        {
            ParenthesizedList(() =>
            {
                if (Accept(Keyword.Default)) return RestrictedExpression();
                var uri = RestrictedExpression();
                Expect(Keyword.As);
                Label();
                return uri;
            });
            Expect(TokenKind.Comma);
        }
        Primary(isRestricted: true);
        XmlPassing();
        Expect(Keyword.Columns);
        CommaList(XmlColumn);
        Expect(TokenKind.CloseParen);
        string text = TextFrom(at);
        return new XmlTableRef(text, isLateral) { Alias = Alias(), Span = SpanFrom(start) };
    }

    private bool XmlColumn()
    {
        Name();
        if (Accept(Keyword.For, Keyword.Ordinality)) return true;
        Type();
        while (!(Current.Kind is TokenKind.Comma or TokenKind.CloseParen))
        {
            if (Accept(Keyword.Not)) Expect(Keyword.Null);
            else if (Accept(Keyword.Default) || Is(TokenKind.Identifier))
            {
                if (Is(TokenKind.Identifier) && Current.Text == "path") Advance();
                RestrictedExpression();
            }
            else if (!Accept(Keyword.Null)) throw SyntaxError();
        }
        return true;
    }
}
