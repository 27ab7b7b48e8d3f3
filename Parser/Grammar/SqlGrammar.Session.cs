using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Parser.Lexing;

namespace VecSql.Parser.Grammar;

/// <summary>Transactions, settings, prepared statements, cursors, EXPLAIN.</summary>
internal sealed partial class SqlGrammar
{
    // Transactions

    private TransactionStatement Transaction()
    {
        int start = Here;
        var first = Current.Keyword;
        Advance();
        TransactionStatement statement;
        switch (first)
        {
            case Keyword.Begin or Keyword.Start:
                if (first == Keyword.Start) Expect(Keyword.Transaction);
                else AcceptWorkOrTransaction();
                var modes = StartsTransactionMode ? TransactionModes() : null;
                statement = new TransactionStatement(first == Keyword.Start ? TransactionCommand.Start : TransactionCommand.Begin) { Modes = modes };
                break;
            case Keyword.Commit when Accept(Keyword.Prepared):
                statement = new TransactionStatement(TransactionCommand.CommitPrepared) { Name = StringConstant() };
                break;
            case Keyword.Rollback when Accept(Keyword.Prepared):
                statement = new TransactionStatement(TransactionCommand.RollbackPrepared) { Name = StringConstant() };
                break;
            case Keyword.Commit or Keyword.End:
                AcceptWorkOrTransaction();
                statement = new TransactionStatement(TransactionCommand.Commit) { Chain = AcceptChain() };
                break;
            case Keyword.Savepoint:
                statement = new TransactionStatement(TransactionCommand.Savepoint) { Name = Name() };
                break;
            case Keyword.Release:
                if (Is(Keyword.Savepoint) && IsColumnName(Ahead(1))) Advance();
                statement = new TransactionStatement(TransactionCommand.ReleaseSavepoint) { Name = Name() };
                break;
            default:
                AcceptWorkOrTransaction();
                if (first == Keyword.Rollback && Accept(Keyword.To))
                {
                    if (Is(Keyword.Savepoint) && IsColumnName(Ahead(1))) Advance();
                    statement = new TransactionStatement(TransactionCommand.RollbackToSavepoint) { Name = Name() };
                    break;
                }
                statement = new TransactionStatement(TransactionCommand.Rollback) { Chain = AcceptChain() };
                break;
        }
        return statement with { Span = SpanFrom(start) };
    }

    private void AcceptWorkOrTransaction()
    {
        if (!Accept(Keyword.Work)) Accept(Keyword.Transaction);
    }

    private bool AcceptChain()
    {
        if (!Accept(Keyword.And)) return false;
        bool chain = !Accept(Keyword.No);
        Expect(Keyword.Chain);
        return chain;
    }

    private bool StartsTransactionMode => IsAny(Keyword.Isolation, Keyword.Read, Keyword.Deferrable, Keyword.Not);

    private TransactionModes TransactionModes()
    {
        int start = Here;
        var modes = new TransactionModes();
        if (!StartsTransactionMode) throw SyntaxError();
        do
        {
            if (Accept(Keyword.Isolation))
            {
                Expect(Keyword.Level);
                modes = modes with { Isolation = Isolation() };
            }
            else if (Accept(Keyword.Read))
            {
                bool isReadOnly = Accept(Keyword.Only);
                if (!isReadOnly) Expect(Keyword.Write);
                modes = modes with { IsReadOnly = isReadOnly };
            }
            else
            {
                bool isDeferrable = !Accept(Keyword.Not);
                Expect(Keyword.Deferrable);
                modes = modes with { IsDeferrable = isDeferrable };
            }
            if (Accept(TokenKind.Comma) && !StartsTransactionMode) throw SyntaxError();
        } while (StartsTransactionMode);
        return modes with { Span = SpanFrom(start) };
    }

    private IsolationLevel Isolation()
    {
        if (Accept(Keyword.Serializable)) return IsolationLevel.Serializable;
        if (Accept(Keyword.Repeatable))
        {
            Expect(Keyword.Read);
            return IsolationLevel.RepeatableRead;
        }
        Expect(Keyword.Read);
        if (Accept(Keyword.Uncommitted)) return IsolationLevel.ReadUncommitted;
        Expect(Keyword.Committed);
        return IsolationLevel.ReadCommitted;
    }

    // SET, SHOW, RESET

    private Statement Set()
    {
        int start = Here;
        Expect(Keyword.Set);
        if (Accept(Keyword.Constraints)) return SetConstraints(start);
        var scope = SetScope.Session;
        if (Is(Keyword.Local) && !IsSettingNameEnd(Ahead(1)))
        {
            Advance();
            scope = SetScope.Local;
        }
        else if (Is(Keyword.Session) && !IsSettingNameEnd(Ahead(1)) && !(Ahead(1).Keyword is Keyword.Characteristics && Ahead(2).Keyword == Keyword.As)
            && !(Ahead(1).Keyword == Keyword.Authorization))
        {
            Advance();
        }
        return SetRest(start, scope, allowsTransaction: true);
    }

    /// <summary>SET local TO 1: the word is a setting's name.</summary>
    private static bool IsSettingNameEnd(in Token next) => next.Keyword is Keyword.To || IsOperator(next, "=") || next.Kind == TokenKind.Dot;

    private SetConstraintsStatement SetConstraints(int start)
    {
        IReadOnlyList<QualifiedName> names = Accept(Keyword.All) ? [] : RelationNames();
        bool isDeferred = Accept(Keyword.Deferred);
        if (!isDeferred) Expect(Keyword.Immediate);
        return new SetConstraintsStatement(names, isDeferred) { Span = SpanFrom(start) };
    }

    private Statement SetRest(int start, SetScope scope, bool allowsTransaction)
    {
        var next = Ahead(1);
        if (Is(Keyword.Transaction) && !IsSettingNameEnd(next))
        {
            Advance();
            if (Accept(Keyword.Snapshot)) return new SetTransactionStatement(new TransactionModes()) { Snapshot = StringConstant(), Span = SpanFrom(start) };
            if (!allowsTransaction) throw SyntaxError();
            return new SetTransactionStatement(TransactionModes()) { Span = SpanFrom(start) };
        }
        if (Is(Keyword.Session) && next.Keyword == Keyword.Characteristics)
        {
            if (!allowsTransaction) throw SyntaxError();
            Advance();
            Advance();
            Expect(Keyword.As, Keyword.Transaction);
            return new SetTransactionStatement(TransactionModes()) { IsSessionCharacteristics = true, Span = SpanFrom(start) };
        }
        if (SpecialSetting(scope) is { } special) return special with { Span = SpanFrom(start) };

        string name = SettingName();
        if (AcceptBoth(Keyword.From, Keyword.Current)) return new SetStatement(name, null, scope) { FromCurrent = true, Span = SpanFrom(start) };
        if (!AcceptOperator("=")) Expect(Keyword.To);
        IReadOnlyList<SetValue>? values = Accept(Keyword.Default) ? null : CommaList(SettingValue);
        return new SetStatement(name, values, scope) { Span = SpanFrom(start) };
    }

    /// <summary>The settings that SQL spells in words; null if none is here.</summary>
    private SetStatement? SpecialSetting(SetScope scope)
    {
        var next = Ahead(1);
        bool isString = next.Kind == TokenKind.String;
        if (Is(Keyword.Time) && next.Keyword == Keyword.Zone)
        {
            Advance();
            Advance();
            return new SetStatement("timezone", ZoneValue() is { } zone ? [zone] : null, scope);
        }
        if (Is(Keyword.Catalog) && isString) throw NotImplemented("current database cannot be changed", next.Start);
        if (Is(Keyword.Schema) && isString)
        {
            Advance();
            return new SetStatement("search_path", [SettingValue()], scope);
        }
        if (Is(Keyword.Names) && !IsSettingNameEnd(next))
        {
            Advance();
            if (Is(TokenKind.String)) return new SetStatement("client_encoding", [SettingValue()], scope);
            Accept(Keyword.Default);
            return new SetStatement("client_encoding", null, scope);
        }
        if (Is(Keyword.Role) && !IsSettingNameEnd(next))
        {
            Advance();
            return new SetStatement("role", [WordOrString()], scope);
        }
        if (Is(Keyword.Session) && next.Keyword == Keyword.Authorization)
        {
            Advance();
            Advance();
            return new SetStatement("session_authorization", Accept(Keyword.Default) ? null : [WordOrString()], scope);
        }
        if (Is(Keyword.Xml) && next.Keyword == Keyword.Option)
        {
            Advance();
            Advance();
            int at = Here;
            string word = Is(Keyword.Document) || Is(Keyword.Content) ? TakeText() : Refuse<string>();
            return new SetStatement("xmloption", [new SetValue(OptionValueKind.Word, word) { Span = SpanFrom(at) }], scope);
        }
        return null;
    }

    private SetValue WordOrString()
    {
        int start = Here;
        var value = Is(TokenKind.String) ? new SetValue(OptionValueKind.String, TakeText()) : new SetValue(OptionValueKind.Word, NonReservedWord());
        return value with { Span = SpanFrom(start) };
    }

    private SetValue SettingValue()
    {
        int start = Here;
        SetValue value;
        if (IsNumber || IsOperator("-") || IsOperator("+")) value = new(OptionValueKind.Number, NumberConstant());
        else if (BooleanOrString() is { } word) value = new(word.Kind, word.Text);
        else throw SyntaxError();
        return value with { Span = SpanFrom(start) };
    }

    /// <summary>Null for LOCAL and DEFAULT.</summary>
    private SetValue? ZoneValue()
    {
        int start = Here;
        if (Accept(Keyword.Local) || Accept(Keyword.Default)) return null;
        if (Is(TokenKind.String)) return WordOrString();
        if (Is(TokenKind.Identifier)) return WordOrString();
        if (Is(Keyword.Interval))
        {
            var interval = IntervalLiteral();
            if (interval.Type.IntervalFields is not (IntervalFields.All or IntervalFields.Hour or IntervalFields.HourToMinute))
                throw Error("time zone interval must be HOUR or HOUR TO MINUTE", interval.Type.Span.End);
            return new SetValue(OptionValueKind.String, ((StringLiteral)interval.Operand).Value) { Interval = interval, Span = SpanFrom(start) };
        }
        return new SetValue(OptionValueKind.Number, NumberConstant()) { Span = SpanFrom(start) };
    }

    private string SettingName()
    {
        string name = Name();
        while (Accept(TokenKind.Dot)) name += "." + Name();
        return name;
    }

    private ShowStatement Show()
    {
        int start = Here;
        Expect(Keyword.Show);
        return new ShowStatement(ShownName()) { Span = SpanFrom(start) };
    }

    private string ShownName()
    {
        if (Accept(Keyword.All)) return "all";
        if (Accept(Keyword.Time, Keyword.Zone)) return "timezone";
        if (Accept(Keyword.Session, Keyword.Authorization)) return "session_authorization";
        if (Is(Keyword.Transaction, Keyword.Isolation))
        {
            Advance();
            Advance();
            Expect(Keyword.Level);
            return "transaction_isolation";
        }
        return SettingName();
    }

    private ResetStatement Reset()
    {
        int start = Here;
        Expect(Keyword.Reset);
        return new ResetStatement(ShownName()) { Span = SpanFrom(start) };
    }

    /// <summary>SET or RESET, as a part of another statement.</summary>
    private Statement SetOrReset(bool allowsTransaction)
    {
        if (Is(Keyword.Reset)) return Reset();
        int start = Here;
        Expect(Keyword.Set);
        return SetRest(start, SetScope.Session, allowsTransaction);
    }

    private DiscardStatement Discard()
    {
        int start = Here;
        Expect(Keyword.Discard);
        DiscardKind kind;
        if (Accept(Keyword.All)) kind = DiscardKind.All;
        else if (Accept(Keyword.Plans)) kind = DiscardKind.Plans;
        else if (Accept(Keyword.Sequences)) kind = DiscardKind.Sequences;
        else if (Accept(Keyword.Temp) || Accept(Keyword.Temporary)) kind = DiscardKind.Temporary;
        else throw SyntaxError();
        return new DiscardStatement(kind) { Span = SpanFrom(start) };
    }

    // Prepared statements

    private Statement Prepare()
    {
        int start = Here;
        Expect(Keyword.Prepare);
        if (Is(Keyword.Transaction) && Ahead(1).Kind == TokenKind.String)
        {
            Advance();
            return new TransactionStatement(TransactionCommand.PrepareTransaction) { Name = StringConstant(), Span = SpanFrom(start) };
        }
        string name = Name();
        var types = OptionalParenthesizedList(Type);
        Expect(Keyword.As);
        return new PrepareStatement(name, types, PreparableStatement()) { Span = SpanFrom(start) };
    }

    private ExecuteStatement Execute()
    {
        int start = Here;
        Expect(Keyword.Execute);
        string name = Name();
        return new ExecuteStatement(name, OptionalParenthesizedList(AnyExpression)) { Span = SpanFrom(start) };
    }

    private DeallocateStatement Deallocate()
    {
        int start = Here;
        Expect(Keyword.Deallocate);
        if (Is(Keyword.Prepare) && (IsColumnName(Ahead(1)) || Ahead(1).Keyword == Keyword.All)) Advance();
        return new DeallocateStatement(Accept(Keyword.All) ? null : Name()) { Span = SpanFrom(start) };
    }

    // Cursors

    private DeclareCursorStatement DeclareCursor()
    {
        int start = Here;
        Expect(Keyword.Declare);
        string name = Name();
        bool isBinary = false, withHold = false;
        bool? scroll = null, insensitive = null;
        while (!Accept(Keyword.Cursor))
        {
            if (Accept(Keyword.Binary)) isBinary = true;
            else if (Accept(Keyword.Insensitive)) insensitive = true;
            else if (Accept(Keyword.Asensitive)) insensitive ??= false;
            else if (Accept(Keyword.No))
            {
                Expect(Keyword.Scroll);
                scroll = false;
            }
            else
            {
                Expect(Keyword.Scroll);
                scroll = true;
            }
        }
        if (Accept(Keyword.With))
        {
            Expect(Keyword.Hold);
            withHold = true;
        }
        else if (Accept(Keyword.Without))
        {
            Expect(Keyword.Hold);
        }
        Expect(Keyword.For);
        return new DeclareCursorStatement(name, Query())
        {
            IsBinary = isBinary,
            Scroll = scroll,
            Insensitive = insensitive,
            WithHold = withHold,
            Span = SpanFrom(start),
        };
    }

    /// <summary>A query in a statement that takes nothing else.</summary>
    private SelectStatement Query() => StartsSelect || Is(Keyword.Values) || Is(TokenKind.OpenParen) ? SelectNoParentheses() : throw SyntaxError();

    private FetchStatement Fetch()
    {
        int start = Here;
        bool isMove = Is(Keyword.Move);
        Advance();
        var (direction, count) = FetchDirectionAndCount();
        if (!Accept(Keyword.From)) Accept(Keyword.In);
        return new FetchStatement(Name(), direction, count, isMove) { Span = SpanFrom(start) };
    }

    private (FetchDirection, long) FetchDirectionAndCount()
    {
        // FETCH next: a cursor of that name, as nothing follows.
        bool isName = Ahead(1).Kind is TokenKind.End or TokenKind.Semicolon;
        if (isName && IsColumnName(Current)) return (FetchDirection.Forward, 1);
        if (Is(TokenKind.Integer) || IsOperator("-") || IsOperator("+")) return (FetchDirection.Forward, SignedIntegerConstant());
        if (Accept(Keyword.All)) return (FetchDirection.Forward, FetchStatement.All);
        switch (Current.Keyword)
        {
            case Keyword.Next:
                Advance();
                return (FetchDirection.Forward, 1);
            case Keyword.Prior:
                Advance();
                return (FetchDirection.Backward, 1);
            case Keyword.First:
                Advance();
                return (FetchDirection.Absolute, 1);
            case Keyword.Last:
                Advance();
                return (FetchDirection.Absolute, -1);
            case Keyword.Absolute:
                Advance();
                return (FetchDirection.Absolute, SignedIntegerConstant());
            case Keyword.Relative:
                Advance();
                return (FetchDirection.Relative, SignedIntegerConstant());
            case Keyword.Forward or Keyword.Backward:
                var direction = Accept(Keyword.Forward) ? FetchDirection.Forward : FetchDirection.Backward;
                if (direction == FetchDirection.Backward) Advance();
                if (Accept(Keyword.All)) return (direction, FetchStatement.All);
                return (direction, Is(TokenKind.Integer) || IsOperator("-") || IsOperator("+") ? SignedIntegerConstant() : 1);
            default:
                return (FetchDirection.Forward, 1);
        }
    }

    private CloseStatement Close()
    {
        int start = Here;
        Expect(Keyword.Close);
        return new CloseStatement(Accept(Keyword.All) ? null : Name()) { Span = SpanFrom(start) };
    }

    // EXPLAIN

    private ExplainStatement Explain()
    {
        int start = Here;
        Expect(Keyword.Explain);
        List<Option> options = [];
        if (Is(TokenKind.OpenParen) && !IsSelectStart(_index + 1) && Ahead(1).Kind != TokenKind.OpenParen)
        {
            options = UtilityOptions();
        }
        else
        {
            int at = Here;
            if (Accept(Keyword.Analyze) || Accept(Keyword.Analyse)) options.Add(new Option(null, "analyze", null) { Span = SpanFrom(at) });
            at = Here;
            if (Accept(Keyword.Verbose)) options.Add(new Option(null, "verbose", null) { Span = SpanFrom(at) });
        }
        return new ExplainStatement(options, ExplainableStatement()) { Span = SpanFrom(start) };
    }

    private Statement ExplainableStatement()
    {
        switch (Current.Keyword)
        {
            case Keyword.Declare:
                return DeclareCursor();
            case Keyword.Execute:
                return Execute();
            case Keyword.Refresh:
                return Refresh();
            case Keyword.Create:
                int at = 1;
                while (Ahead(at).Keyword is Keyword.Temp or Keyword.Temporary or Keyword.Local or Keyword.Global or Keyword.Unlogged) at++;
                if (Ahead(at).Keyword is not (Keyword.Table or Keyword.Materialized)) throw SyntaxError(_index + at);
                int created = _index;
                return Create() is var statement and (CreateTableAsStatement or CreateMaterializedViewStatement) ? statement : throw SyntaxError(created);
            default:
                return PreparableStatement();
        }
    }
}
