using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Parser.Lexing;

namespace VecSql.Parser.Grammar;

/// <summary>The text as a whole, and the statement by its first word.</summary>
internal sealed partial class SqlGrammar
{
    /// <summary>Statements between semicolons; empty ones leave no trace.</summary>
    public List<ParsedStatement> Statements()
    {
        List<ParsedStatement> statements = [];
        while (true)
        {
            while (Accept(TokenKind.Semicolon)) { }
            if (IsAtEnd) return statements;
            int start = Here;
            var statement = Statement();
            if (!IsAtEnd && !Is(TokenKind.Semicolon)) throw SyntaxError();
            statements.Add(new ParsedStatement(statement with { Span = SpanFrom(start) }, SpanFrom(start)));
        }
    }

    public Expression WholeExpression()
    {
        var expression = AnyExpression();
        return IsAtEnd ? expression : throw SyntaxError();
    }

    public TypeName WholeType()
    {
        var type = Type();
        return IsAtEnd ? type : throw SyntaxError();
    }

    private Statement Statement() => Current.Keyword switch
    {
        Keyword.Select or Keyword.Insert or Keyword.Update or Keyword.Delete or Keyword.Merge or Keyword.With or Keyword.Values or Keyword.Table =>
            PreparableStatement(),
        Keyword.Create => Create(),
        Keyword.Alter => Alter(),
        Keyword.Drop => Drop(),
        Keyword.Begin or Keyword.Start or Keyword.Commit or Keyword.End or Keyword.Rollback or Keyword.Abort or Keyword.Savepoint or Keyword.Release => Transaction(),
        Keyword.Prepare => Prepare(),
        Keyword.Set => Set(),
        Keyword.Show => Show(),
        Keyword.Reset => Reset(),
        Keyword.Discard => Discard(),
        Keyword.Execute => Execute(),
        Keyword.Deallocate => Deallocate(),
        Keyword.Declare => DeclareCursor(),
        Keyword.Fetch or Keyword.Move => Fetch(),
        Keyword.Close => Close(),
        Keyword.Explain => Explain(),
        Keyword.Copy => Copy(),
        Keyword.Truncate => Truncate(),
        Keyword.Lock => LockTable(),
        Keyword.Vacuum => Vacuum(),
        Keyword.Analyze or Keyword.Analyse => Analyze(),
        Keyword.Cluster => Cluster(),
        Keyword.Reindex => Reindex(),
        Keyword.Checkpoint => Checkpoint(),
        Keyword.Load => Load(),
        Keyword.Listen or Keyword.Unlisten or Keyword.Notify => Notification(),
        Keyword.Do => Do(),
        Keyword.Call => Call(),
        Keyword.Comment => Comment(),
        Keyword.Grant or Keyword.Revoke => Grant(),
        Keyword.Refresh => Refresh(),
        Keyword.Reassign => ReassignOwned(),
        Keyword.Security => SecurityLabel(),
        Keyword.Import => ImportForeignSchema(),
        _ => Is(TokenKind.OpenParen) ? PreparableStatement() : throw SyntaxError(),
    };

    private OtherStatement Other(string kind, int start, QualifiedName? name = null) => new(kind, name, TextFrom(start)) { Span = SpanFrom(start) };

    private SqlException NotImplemented(string message, int position) => Error(message, position, state: SqlState.FeatureNotSupported);
}
