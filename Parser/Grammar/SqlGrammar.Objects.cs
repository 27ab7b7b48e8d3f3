using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Parser.Lexing;

namespace VecSql.Parser.Grammar;

/// <summary>Objects by kind: references to them, DROP, COMMENT ON, SECURITY LABEL.</summary>
internal sealed partial class SqlGrammar
{
    /// <summary>Takes the words of an object's kind; null, with nothing taken, if none is here.</summary>
    private ObjectKind? AcceptObjectKind()
    {
        ObjectKind? One(ObjectKind kind)
        {
            Advance();
            return kind;
        }
        ObjectKind? Two(ObjectKind kind, Keyword second)
        {
            Advance();
            if (!Is(second)) throw SyntaxError();
            return One(kind);
        }
        switch (Current.Keyword)
        {
            case Keyword.Table: return One(ObjectKind.Table);
            case Keyword.Sequence: return One(ObjectKind.Sequence);
            case Keyword.View: return One(ObjectKind.View);
            case Keyword.Materialized: return Two(ObjectKind.MaterializedView, Keyword.View);
            case Keyword.Index: return One(ObjectKind.Index);
            case Keyword.Foreign when Ahead(1).Keyword == Keyword.Data:
                Advance();
                Advance();
                Expect(Keyword.Wrapper);
                return ObjectKind.ForeignDataWrapper;
            case Keyword.Foreign: return Two(ObjectKind.ForeignTable, Keyword.Table);
            case Keyword.Collation: return One(ObjectKind.Collation);
            case Keyword.Conversion: return One(ObjectKind.Conversion);
            case Keyword.Statistics: return One(ObjectKind.Statistics);
            case Keyword.Text: return TextSearchKind();
            case Keyword.Access: return Two(ObjectKind.AccessMethod, Keyword.Method);
            case Keyword.Event: return Two(ObjectKind.EventTrigger, Keyword.Trigger);
            case Keyword.Extension: return One(ObjectKind.Extension);
            case Keyword.Procedural: return Two(ObjectKind.Language, Keyword.Language);
            case Keyword.Language: return One(ObjectKind.Language);
            case Keyword.Publication: return One(ObjectKind.Publication);
            case Keyword.Schema: return One(ObjectKind.Schema);
            case Keyword.Server: return One(ObjectKind.Server);
            case Keyword.Database: return One(ObjectKind.Database);
            case Keyword.Role: return One(ObjectKind.Role);
            case Keyword.Subscription: return One(ObjectKind.Subscription);
            case Keyword.Tablespace: return One(ObjectKind.Tablespace);
            case Keyword.Column: return One(ObjectKind.Column);
            case Keyword.Type: return One(ObjectKind.Type);
            case Keyword.Domain: return One(ObjectKind.Domain);
            case Keyword.Aggregate: return One(ObjectKind.Aggregate);
            case Keyword.Function: return One(ObjectKind.Function);
            case Keyword.Procedure: return One(ObjectKind.Procedure);
            case Keyword.Routine: return One(ObjectKind.Routine);
            case Keyword.Operator when Ahead(1).Keyword == Keyword.Class && Ahead(2).Kind != TokenKind.Dot: return Two(ObjectKind.OperatorClass, Keyword.Class);
            case Keyword.Operator when Ahead(1).Keyword == Keyword.Family && Ahead(2).Kind != TokenKind.Dot: return Two(ObjectKind.OperatorFamily, Keyword.Family);
            case Keyword.Operator: return One(ObjectKind.Operator);
            case Keyword.Constraint: return One(ObjectKind.Constraint);
            case Keyword.Policy: return One(ObjectKind.Policy);
            case Keyword.Rule: return One(ObjectKind.Rule);
            case Keyword.Trigger: return One(ObjectKind.Trigger);
            case Keyword.Transform: return One(ObjectKind.Transform);
            case Keyword.Large: return Two(ObjectKind.LargeObject, Keyword.Object);
            case Keyword.Cast: return One(ObjectKind.Cast);
            default: return null;
        }
    }

    private ObjectKind? TextSearchKind()
    {
        Expect(Keyword.Text, Keyword.Search);
        if (Accept(Keyword.Parser)) return ObjectKind.TextSearchParser;
        if (Accept(Keyword.Dictionary)) return ObjectKind.TextSearchDictionary;
        if (Accept(Keyword.Template)) return ObjectKind.TextSearchTemplate;
        Expect(Keyword.Configuration);
        return ObjectKind.TextSearchConfiguration;
    }

    /// <summary>The object's name and whatever else tells it from others of its kind.</summary>
    private ObjectReference ObjectName(ObjectKind kind)
    {
        int start = Here;
        ObjectReference reference;
        switch (kind)
        {
            case ObjectKind.Function or ObjectKind.Procedure or ObjectKind.Routine:
                return FunctionReference(kind);
            case ObjectKind.Aggregate:
                return AggregateReference();
            case ObjectKind.Operator:
                return OperatorReference();
            case ObjectKind.Type or ObjectKind.Domain:
                var type = Type();
                reference = new ObjectReference(kind, type.Name) { Types = [type] };
                break;
            case ObjectKind.OperatorClass or ObjectKind.OperatorFamily:
                var name = AnyName();
                Expect(Keyword.Using);
                reference = new ObjectReference(kind, name) { Table = SingleName() };
                break;
            case ObjectKind.Policy or ObjectKind.Rule or ObjectKind.Trigger:
                var member = SingleName();
                Expect(Keyword.On);
                reference = new ObjectReference(kind, member) { Table = AnyName() };
                break;
            case ObjectKind.Constraint:
                var constraint = SingleName();
                Expect(Keyword.On);
                bool isDomain = Is(Keyword.Domain) && IsColumnName(Ahead(1)) && Accept(Keyword.Domain);
                reference = new ObjectReference(isDomain ? ObjectKind.DomainConstraint : kind, constraint) { Table = AnyName() };
                break;
            case ObjectKind.Cast:
                Expect(TokenKind.OpenParen);
                var source = Type();
                Expect(Keyword.As);
                reference = new ObjectReference(kind, null) { Types = [source, Type()] };
                Expect(TokenKind.CloseParen);
                break;
            case ObjectKind.Transform:
                Expect(Keyword.For);
                var transformed = Type();
                Expect(Keyword.Language);
                reference = new ObjectReference(kind, SingleName()) { Types = [transformed] };
                break;
            case ObjectKind.LargeObject:
                reference = new ObjectReference(kind, new QualifiedName([NumberConstant()]) { Span = SpanFrom(start) });
                break;
            default:
                reference = new ObjectReference(kind, IsQualified(kind) ? AnyName() : SingleName());
                break;
        }
        return reference with { Span = SpanFrom(start) };
    }

    private static bool IsQualified(ObjectKind kind) =>
        kind is ObjectKind.Table or ObjectKind.Sequence or ObjectKind.View or ObjectKind.MaterializedView or ObjectKind.Index or ObjectKind.ForeignTable
            or ObjectKind.Collation or ObjectKind.Conversion or ObjectKind.Statistics or ObjectKind.TextSearchParser or ObjectKind.TextSearchDictionary
            or ObjectKind.TextSearchTemplate or ObjectKind.TextSearchConfiguration or ObjectKind.Column;

    // DROP

    private Statement Drop()
    {
        int start = Here;
        Expect(Keyword.Drop);
        switch (Current.Keyword)
        {
            case Keyword.Database:
                return DropDatabase(start);
            case Keyword.User when Ahead(1).Keyword == Keyword.Mapping:
                return UserMapping(start, "DROP");
            case Keyword.Role or Keyword.User or Keyword.Group:
                Advance();
                bool rolesIfExist = AcceptIfExists();
                return new DropRoleStatement(Roles(), rolesIfExist) { Span = SpanFrom(start) };
            case Keyword.Owned:
                Advance();
                Expect(Keyword.By);
                Roles();
                AcceptDropBehavior();
                return Other("DROP OWNED", start);
        }
        int kindIndex = _index;
        if (AcceptObjectKind() is not { } kind) throw SyntaxError();
        if (kind is ObjectKind.Column or ObjectKind.Constraint or ObjectKind.LargeObject) throw SyntaxError(kindIndex);
        bool concurrently = kind == ObjectKind.Index && Accept(Keyword.Concurrently);
        bool ifExists = AcceptIfExists();
        bool isSingle = kind is ObjectKind.Policy or ObjectKind.Rule or ObjectKind.Trigger or ObjectKind.OperatorClass or ObjectKind.OperatorFamily or ObjectKind.Cast
            or ObjectKind.Transform or ObjectKind.Subscription or ObjectKind.Tablespace;
        List<ObjectReference> objects = isSingle ? [ObjectName(kind)] : CommaList(() => ObjectName(kind));
        var behavior = kind == ObjectKind.Tablespace ? DropBehavior.Restrict : AcceptDropBehavior();
        return new DropStatement(kind, objects, ifExists, behavior) { Concurrently = concurrently, Span = SpanFrom(start) };
    }

    private DropDatabaseStatement DropDatabase(int start)
    {
        Expect(Keyword.Database);
        bool ifExists = AcceptIfExists();
        string name = Name();
        bool force = false;
        if (Accept(Keyword.With) || Is(TokenKind.OpenParen))
        {
            ParenthesizedList(() =>
            {
                Expect(Keyword.Force);
                return true;
            });
            force = true;
        }
        return new DropDatabaseStatement(name, ifExists, force) { Span = SpanFrom(start) };
    }

    private CommentStatement Comment()
    {
        int start = Here;
        Expect(Keyword.Comment, Keyword.On);
        if (AcceptObjectKind() is not { } kind) throw SyntaxError();
        var target = ObjectName(kind);
        Expect(Keyword.Is);
        string? text = Accept(Keyword.Null) ? null : StringConstant();
        return new CommentStatement(target, text) { Span = SpanFrom(start) };
    }

    private OtherStatement SecurityLabel()
    {
        int start = Here;
        Expect(Keyword.Security, Keyword.Label);
        if (Accept(Keyword.For)) WordOrString();
        Expect(Keyword.On);
        int kindIndex = _index;
        if (AcceptObjectKind() is not { } kind) throw SyntaxError();
        if (kind is ObjectKind.Operator or ObjectKind.OperatorClass or ObjectKind.OperatorFamily or ObjectKind.Constraint or ObjectKind.Policy or ObjectKind.Rule
            or ObjectKind.Trigger or ObjectKind.Transform or ObjectKind.Cast) throw SyntaxError(kindIndex);
        var target = ObjectName(kind);
        Expect(Keyword.Is);
        if (!Accept(Keyword.Null)) StringConstant();
        return Other("SECURITY LABEL", start, target.Name);
    }
}
