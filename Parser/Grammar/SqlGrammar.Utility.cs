using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Parser.Lexing;

namespace VecSql.Parser.Grammar;

/// <summary>COPY, maintenance, locks, notification, DO, CALL.</summary>
internal sealed partial class SqlGrammar
{
    private CopyStatement Copy()
    {
        int start = Here;
        Expect(Keyword.Copy);
        CopyStatement copy;
        List<Option> options = [];
        bool isFrom = false;
        if (Accept(TokenKind.OpenParen))
        {
            var query = PreparableStatement();
            Expect(TokenKind.CloseParen);
            Expect(Keyword.To);
            copy = new CopyStatement(false, CopyTarget.Stdout) { Query = query };
        }
        else
        {
            if (Is(Keyword.Binary)) options.Add(CopyWord("format", "binary"));
            var table = RelationName();
            var columns = OptionalNames();
            isFrom = Accept(Keyword.From);
            if (!isFrom) Expect(Keyword.To);
            copy = new CopyStatement(isFrom, CopyTarget.Stdin) { Table = table, Columns = columns };
        }
        copy = CopyPlace(copy);
        bool hasDelimiters = copy.Table is not null && IsAny(Keyword.Using, Keyword.Delimiters);
        if (hasDelimiters)
        {
            int at = Here;
            Accept(Keyword.Using);
            Expect(Keyword.Delimiters);
            options.Add(new Option(null, "delimiter", StringValue()) { Span = SpanFrom(at) });
        }
        Accept(Keyword.With);
        if (Is(TokenKind.OpenParen)) options.AddRange(ParenthesizedList(CopyOption));
        else while (OldCopyOption() is { } option) options.Add(option);

        Expression? where = null;
        if (copy.Table is not null && Is(Keyword.Where))
        {
            int at = Here;
            Advance();
            where = AnyExpression();
            if (!isFrom) throw Error("WHERE clause not allowed with COPY TO", at);
        }
        return copy with { Options = options, Where = where, Span = SpanFrom(start) };
    }

    private CopyStatement CopyPlace(CopyStatement copy)
    {
        bool isProgram = Accept(Keyword.Program);
        if (Is(TokenKind.String))
        {
            return copy with { Target = isProgram ? CopyTarget.Program : CopyTarget.File, FileName = TakeText() };
        }
        if (!Accept(Keyword.Stdin)) Expect(Keyword.Stdout);
        if (isProgram) throw Error("STDIN/STDOUT not allowed with PROGRAM", -1);
        return copy with { Target = copy.IsFrom ? CopyTarget.Stdin : CopyTarget.Stdout };
    }

    private OptionValue StringValue()
    {
        int start = Here;
        return new OptionValue(OptionValueKind.String, StringConstant()) { Span = SpanFrom(start) };
    }

    private Option CopyWord(string name, string? value)
    {
        int start = Here;
        Advance();
        return new Option(null, name, value is null ? null : new OptionValue(OptionValueKind.Word, value) { Span = SpanFrom(start) }) { Span = SpanFrom(start) };
    }

    private Option CopyOption()
    {
        int start = Here;
        string name = Label();
        int at = Here;
        OptionValue? value;
        if (AcceptOperator("*")) value = new(OptionValueKind.Star, "*");
        else if (IsNumber || IsOperator("-") || IsOperator("+")) value = new(OptionValueKind.Number, NumberConstant());
        else if (Is(TokenKind.OpenParen)) value = new(OptionValueKind.List, "", ParenthesizedList(() => BooleanOrString() ?? Refuse<OptionValue>()));
        else value = BooleanOrString();
        return new Option(null, name, value is null ? null : value with { Span = SpanFrom(at) }) { Span = SpanFrom(start) };
    }

    /// <summary>An option of the syntax without parentheses, under its name in the other; null if none is here.</summary>
    private Option? OldCopyOption()
    {
        int start = Here;
        Option WithString(string name)
        {
            Advance();
            Accept(Keyword.As);
            return new Option(null, name, StringValue()) { Span = SpanFrom(start) };
        }
        switch (Current.Keyword)
        {
            case Keyword.Binary:
                return CopyWord("format", "binary");
            case Keyword.Csv:
                return CopyWord("format", "csv");
            case Keyword.Freeze:
                return CopyWord("freeze", null);
            case Keyword.Header:
                return CopyWord("header", null);
            case Keyword.Delimiter:
                return WithString("delimiter");
            case Keyword.Null:
                return WithString("null");
            case Keyword.Quote:
                return WithString("quote");
            case Keyword.Escape:
                return WithString("escape");
            case Keyword.Encoding:
                Advance();
                return new Option(null, "encoding", StringValue()) { Span = SpanFrom(start) };
            case Keyword.Force:
                Advance();
                string name = "force_quote";
                if (Accept(Keyword.Not))
                {
                    Expect(Keyword.Null);
                    name = "force_not_null";
                }
                else if (Accept(Keyword.Null)) name = "force_null";
                else Expect(Keyword.Quote);
                int at = Here;
                OptionValue value = name == "force_quote" && AcceptOperator("*")
                    ? new(OptionValueKind.Star, "*")
                    : new(OptionValueKind.List, "", NameList().ConvertAll(c => new OptionValue(OptionValueKind.Word, c)));
                return new Option(null, name, value with { Span = SpanFrom(at) }) { Span = SpanFrom(start) };
            default:
                return null;
        }
    }

    private TruncateStatement Truncate()
    {
        int start = Here;
        Expect(Keyword.Truncate);
        Accept(Keyword.Table);
        var tables = CommaList(Relation);
        bool restart = false;
        if (Accept(Keyword.Restart))
        {
            Expect(Keyword.Identity);
            restart = true;
        }
        else if (Accept(Keyword.Continue))
        {
            Expect(Keyword.Identity);
        }
        return new TruncateStatement(tables, restart, AcceptDropBehavior()) { Span = SpanFrom(start) };
    }

    private LockTableStatement LockTable()
    {
        int start = Here;
        Expect(Keyword.Lock);
        Accept(Keyword.Table);
        var tables = CommaList(Relation);
        var mode = LockMode.AccessExclusive;
        if (Accept(Keyword.In))
        {
            mode = TableLockMode();
            Expect(Keyword.Mode);
        }
        return new LockTableStatement(tables, mode, Accept(Keyword.Nowait)) { Span = SpanFrom(start) };
    }

    private LockMode TableLockMode()
    {
        if (Accept(Keyword.Access, Keyword.Share)) return LockMode.AccessShare;
        if (Accept(Keyword.Access, Keyword.Exclusive)) return LockMode.AccessExclusive;
        if (Accept(Keyword.Row, Keyword.Share)) return LockMode.RowShare;
        if (Accept(Keyword.Row, Keyword.Exclusive)) return LockMode.RowExclusive;
        if (Accept(Keyword.Exclusive)) return LockMode.Exclusive;
        Expect(Keyword.Share);
        if (Accept(Keyword.Update))
        {
            Expect(Keyword.Exclusive);
            return LockMode.ShareUpdateExclusive;
        }
        if (!Accept(Keyword.Row)) return LockMode.Share;
        Expect(Keyword.Exclusive);
        return LockMode.ShareRowExclusive;
    }

    private MaintenanceTarget MaintenanceTarget()
    {
        int start = Here;
        var table = RelationName();
        return new MaintenanceTarget(table, OptionalNames()) { Span = SpanFrom(start) };
    }

    private IReadOnlyList<MaintenanceTarget> MaintenanceTargets() => IsColumnName(Current) ? CommaList(MaintenanceTarget) : [];

    private void AddWord(List<Option> options, Keyword keyword, string name)
    {
        int start = Here;
        if (Accept(keyword)) options.Add(new Option(null, name, null) { Span = SpanFrom(start) });
    }

    private VacuumStatement Vacuum()
    {
        int start = Here;
        Expect(Keyword.Vacuum);
        List<Option> options = [];
        if (Is(TokenKind.OpenParen)) options = UtilityOptions();
        else
        {
            AddWord(options, Keyword.Full, "full");
            AddWord(options, Keyword.Freeze, "freeze");
            AddWord(options, Keyword.Verbose, "verbose");
            AddWord(options, Is(Keyword.Analyse) ? Keyword.Analyse : Keyword.Analyze, "analyze");
        }
        return new VacuumStatement(options, MaintenanceTargets()) { Span = SpanFrom(start) };
    }

    private AnalyzeStatement Analyze()
    {
        int start = Here;
        Advance();
        List<Option> options = [];
        if (Is(TokenKind.OpenParen)) options = UtilityOptions();
        else AddWord(options, Keyword.Verbose, "verbose");
        return new AnalyzeStatement(options, MaintenanceTargets()) { Span = SpanFrom(start) };
    }

    private ClusterStatement Cluster()
    {
        int start = Here;
        Expect(Keyword.Cluster);
        List<Option> options = [];
        bool hasList = Is(TokenKind.OpenParen);
        if (hasList) options = UtilityOptions();
        else AddWord(options, Keyword.Verbose, "verbose");
        if (!hasList && !IsColumnName(Current)) return new ClusterStatement(null, null, options) { Span = SpanFrom(start) };
        var table = RelationName();
        string? index = null;
        // CLUSTER index ON table is the old order.
        if (!hasList && table.Parts.Count == 1 && Accept(Keyword.On)) (index, table) = (table.Name, RelationName());
        else if (Accept(Keyword.Using)) index = Name();
        return new ClusterStatement(table, index, options) { Span = SpanFrom(start) };
    }

    private ReindexStatement Reindex()
    {
        int start = Here;
        Expect(Keyword.Reindex);
        List<Option> options = Is(TokenKind.OpenParen) ? UtilityOptions() : [];
        ReindexKind kind;
        if (Accept(Keyword.Index)) kind = ReindexKind.Index;
        else if (Accept(Keyword.Table)) kind = ReindexKind.Table;
        else if (Accept(Keyword.Schema)) kind = ReindexKind.Schema;
        else if (Accept(Keyword.System)) kind = ReindexKind.System;
        else
        {
            Expect(Keyword.Database);
            kind = ReindexKind.Database;
        }
        bool concurrently = Accept(Keyword.Concurrently);
        var name = kind is ReindexKind.Index or ReindexKind.Table ? RelationName() : SingleName();
        return new ReindexStatement(kind, name, concurrently, options) { Span = SpanFrom(start) };
    }

    private QualifiedName SingleName()
    {
        int start = Here;
        return new QualifiedName([Name()]) { Span = SpanFrom(start) };
    }

    private CheckpointStatement Checkpoint()
    {
        int start = Here;
        Advance();
        return new CheckpointStatement { Span = SpanFrom(start) };
    }

    private LoadStatement Load()
    {
        int start = Here;
        Advance();
        return new LoadStatement(StringConstant()) { Span = SpanFrom(start) };
    }

    private Statement Notification()
    {
        int start = Here;
        if (Accept(Keyword.Listen)) return new ListenStatement(Name()) { Span = SpanFrom(start) };
        if (Accept(Keyword.Unlisten)) return new UnlistenStatement(AcceptOperator("*") ? null : Name()) { Span = SpanFrom(start) };
        return Notify();
    }

    private NotifyStatement Notify()
    {
        int start = Here;
        Expect(Keyword.Notify);
        string channel = Name();
        return new NotifyStatement(channel, Accept(TokenKind.Comma) ? StringConstant() : null) { Span = SpanFrom(start) };
    }

    private DoStatement Do()
    {
        int start = Here;
        Expect(Keyword.Do);
        string? code = null, language = null;
        do
        {
            int at = Here;
            if (Accept(Keyword.Language))
            {
                if (language is not null) throw Error("conflicting or redundant options", at);
                language = WordOrString().Text;
            }
            else
            {
                if (code is not null && Is(TokenKind.String)) throw Error("conflicting or redundant options", at);
                code = StringConstant();
            }
        } while (Is(TokenKind.String) || Is(Keyword.Language));
        if (code is null) throw Error("no inline code specified", -1);
        return new DoStatement(code, language) { Span = SpanFrom(start) };
    }

    private CallStatement Call()
    {
        int start = Here;
        Expect(Keyword.Call);
        var name = FunctionName();
        return new CallStatement(Application(name) with { Span = SpanFrom(name.Span.Start) }) { Span = SpanFrom(start) };
    }

    private RefreshMaterializedViewStatement Refresh()
    {
        int start = Here;
        Expect(Keyword.Refresh);
        Expect(Keyword.Materialized, Keyword.View);
        bool concurrently = Accept(Keyword.Concurrently);
        var name = RelationName();
        return new RefreshMaterializedViewStatement(name, concurrently, WithData()) { Span = SpanFrom(start) };
    }

    /// <summary>WITH [NO] DATA; true if nothing is written.</summary>
    private bool WithData()
    {
        if (!Accept(Keyword.With)) return true;
        bool withData = !Accept(Keyword.No);
        Expect(Keyword.Data);
        return withData;
    }

    private OtherStatement ReassignOwned()
    {
        int start = Here;
        Expect(Keyword.Reassign, Keyword.Owned);
        Expect(Keyword.By);
        Roles();
        Expect(Keyword.To);
        Role();
        return Other("REASSIGN OWNED", start);
    }

    private OtherStatement ImportForeignSchema()
    {
        int start = Here;
        Expect(Keyword.Import, Keyword.Foreign);
        Expect(Keyword.Schema);
        Name();
        if (Accept(Keyword.Limit))
        {
            Expect(Keyword.To);
            ParenthesizedList(Relation);
        }
        else if (Accept(Keyword.Except))
        {
            ParenthesizedList(Relation);
        }
        Expect(Keyword.From, Keyword.Server);
        Name();
        Expect(Keyword.Into);
        Name();
        if (Is(Keyword.Options)) GenericOptions(isAlter: false);
        return Other("IMPORT FOREIGN SCHEMA", start);
    }
}
