using VecSql.Parser.Ast;
using VecSql.Parser.Lexing;

namespace VecSql.Parser.Grammar;

/// <summary>CREATE statements that are checked against the grammar but of which no tree is kept.</summary>
internal sealed partial class SqlGrammar
{
    private OtherStatement CreateUncommon(int start)
    {
        switch (Current.Keyword)
        {
            case Keyword.Text:
                TextSearchKind();
                var textSearch = AnyName();
                Definition();
                return Other("CREATE TEXT SEARCH", start, textSearch);
            case Keyword.Operator:
                return CreateOperator(start);
            case Keyword.Cast:
                return CreateCast(start);
            case Keyword.Collation:
                return CreateCollation(start);
            case Keyword.Default or Keyword.Conversion:
                return CreateConversion(start);
            case Keyword.Access:
                return CreateAccessMethod(start);
            case Keyword.Event:
                return CreateEventTrigger(start);
            case Keyword.Foreign when Ahead(1).Keyword == Keyword.Table:
                return CreateForeignTable(start);
            case Keyword.Foreign:
                return CreateForeignDataWrapper(start);
            case Keyword.Server:
                return CreateServer(start);
            case Keyword.Policy:
                return CreatePolicy(start);
            case Keyword.Statistics:
                return CreateStatistics(start);
            case Keyword.Tablespace:
                return CreateTablespace(start);
            default:
                Expect(Keyword.Assertion);
                AnyName();
                Expect(Keyword.Check);
                Expect(TokenKind.OpenParen);
                AnyExpression();
                Expect(TokenKind.CloseParen);
                TableConstraintAttributes();
                throw NotImplemented("CREATE ASSERTION is not yet implemented", -1);
        }
    }

    private OtherStatement CreateOperator(int start)
    {
        Expect(Keyword.Operator);
        if (Is(Keyword.Class) && Ahead(1).Kind != TokenKind.Dot)
        {
            Advance();
            var name = AnyName();
            Accept(Keyword.Default);
            Expect(Keyword.For, Keyword.Type);
            Type();
            Expect(Keyword.Using);
            Name();
            if (Accept(Keyword.Family)) AnyName();
            Expect(Keyword.As);
            CommaList(OperatorClassItem);
            return Other("CREATE OPERATOR CLASS", start, name);
        }
        if (Is(Keyword.Family) && Ahead(1).Kind != TokenKind.Dot)
        {
            Advance();
            var name = AnyName();
            Expect(Keyword.Using);
            Name();
            return Other("CREATE OPERATOR FAMILY", start, name);
        }
        AnyOperator();
        Definition();
        return Other("CREATE OPERATOR", start);
    }

    private bool OperatorClassItem()
    {
        if (Accept(Keyword.Storage))
        {
            Type();
            return true;
        }
        if (Accept(Keyword.Function))
        {
            IntegerConstant();
            if (Is(TokenKind.OpenParen)) ParenthesizedList(Type);
            FunctionReference(ObjectKind.Function);
            return true;
        }
        Expect(Keyword.Operator);
        IntegerConstant();
        AnyOperator();
        if (Accept(TokenKind.OpenParen))
        {
            if (!Accept(Keyword.None)) Type();
            Expect(TokenKind.Comma);
            if (!Accept(Keyword.None)) Type();
            Expect(TokenKind.CloseParen);
        }
        if (Accept(Keyword.For) && !Accept(Keyword.Search))
        {
            Expect(Keyword.Order, Keyword.By);
            AnyName();
        }
        return true;
    }

    private bool OperatorClassDrop()
    {
        if (!Accept(Keyword.Operator)) Expect(Keyword.Function);
        IntegerConstant();
        ParenthesizedList(Type);
        return true;
    }

    private OtherStatement CreateCast(int start)
    {
        Expect(Keyword.Cast);
        ObjectName(ObjectKind.Cast);
        if (Accept(Keyword.Without)) Expect(Keyword.Function);
        else
        {
            Expect(Keyword.With);
            if (!Accept(Keyword.Inout))
            {
                Expect(Keyword.Function);
                FunctionReference(ObjectKind.Function);
            }
        }
        if (Accept(Keyword.As) && !Accept(Keyword.Implicit)) Expect(Keyword.Assignment);
        return Other("CREATE CAST", start);
    }

    private OtherStatement CreateCollation(int start)
    {
        Expect(Keyword.Collation);
        AcceptIfNotExists();
        var name = AnyName();
        if (Accept(Keyword.From)) AnyName();
        else Definition();
        return Other("CREATE COLLATION", start, name);
    }

    private OtherStatement CreateConversion(int start)
    {
        Accept(Keyword.Default);
        Expect(Keyword.Conversion);
        var name = AnyName();
        Expect(Keyword.For);
        StringConstant();
        Expect(Keyword.To);
        StringConstant();
        Expect(Keyword.From);
        AnyName();
        return Other("CREATE CONVERSION", start, name);
    }

    private OtherStatement CreateAccessMethod(int start)
    {
        Expect(Keyword.Access, Keyword.Method);
        var name = SingleName();
        Expect(Keyword.Type);
        if (!Accept(Keyword.Index)) Expect(Keyword.Table);
        Expect(Keyword.Handler);
        AnyName();
        return Other("CREATE ACCESS METHOD", start, name);
    }

    private OtherStatement CreateEventTrigger(int start)
    {
        Expect(Keyword.Event, Keyword.Trigger);
        var name = SingleName();
        Expect(Keyword.On);
        Label();
        if (Accept(Keyword.When))
        {
            do
            {
                Name();
                Expect(Keyword.In);
                ParenthesizedList(StringConstant);
            } while (Accept(Keyword.And));
        }
        Expect(Keyword.Execute);
        if (!Accept(Keyword.Function)) Expect(Keyword.Procedure);
        FunctionName();
        Expect(TokenKind.OpenParen);
        Expect(TokenKind.CloseParen);
        return Other("CREATE EVENT TRIGGER", start, name);
    }

    private OtherStatement CreateForeignTable(int start)
    {
        Expect(Keyword.Foreign, Keyword.Table);
        AcceptIfNotExists();
        var name = RelationName();
        if (Accept(Keyword.Partition))
        {
            Expect(Keyword.Of);
            RelationName();
            OptionalParenthesizedList(() => TableElement(isTyped: true));
            PartitionBound();
        }
        else
        {
            Expect(TokenKind.OpenParen);
            if (!Is(TokenKind.CloseParen)) CommaList(() => TableElement(isTyped: false));
            Expect(TokenKind.CloseParen);
            if (Accept(Keyword.Inherits)) ParenthesizedList(RelationName);
        }
        Expect(Keyword.Server);
        Name();
        if (Is(Keyword.Options)) GenericOptions(isAlter: false);
        return Other("CREATE FOREIGN TABLE", start, name);
    }

    /// <summary>HANDLER and VALIDATOR; whether there was any.</summary>
    private bool WrapperOptions()
    {
        bool any = false;
        while (true)
        {
            bool isNo = IsAny(Keyword.No) && Ahead(1).Keyword is Keyword.Handler or Keyword.Validator;
            if (isNo) Advance();
            if (!IsAny(Keyword.Handler, Keyword.Validator)) return any;
            Advance();
            if (!isNo) AnyName();
            any = true;
        }
    }

    private OtherStatement CreateForeignDataWrapper(int start)
    {
        Expect(Keyword.Foreign, Keyword.Data);
        Expect(Keyword.Wrapper);
        var name = SingleName();
        WrapperOptions();
        if (Is(Keyword.Options)) GenericOptions(isAlter: false);
        return Other("CREATE FOREIGN DATA WRAPPER", start, name);
    }

    private OtherStatement CreateServer(int start)
    {
        Expect(Keyword.Server);
        AcceptIfNotExists();
        var name = SingleName();
        if (Accept(Keyword.Type)) StringConstant();
        if (Accept(Keyword.Version) && !Accept(Keyword.Null)) StringConstant();
        Expect(Keyword.Foreign, Keyword.Data);
        Expect(Keyword.Wrapper);
        Name();
        if (Is(Keyword.Options)) GenericOptions(isAlter: false);
        return Other("CREATE SERVER", start, name);
    }

    private OtherStatement UserMapping(int start, string verb)
    {
        Expect(Keyword.User, Keyword.Mapping);
        if (verb == "CREATE") AcceptIfNotExists();
        if (verb == "DROP") AcceptIfExists();
        Expect(Keyword.For);
        if (!Accept(Keyword.User)) Role();
        Expect(Keyword.Server);
        Name();
        if (verb == "ALTER" || (verb == "CREATE" && Is(Keyword.Options))) GenericOptions(verb == "ALTER");
        return Other(verb + " USER MAPPING", start);
    }

    private OtherStatement CreatePolicy(int start)
    {
        Expect(Keyword.Policy);
        var name = SingleName();
        Expect(Keyword.On);
        RelationName();
        if (Accept(Keyword.As))
        {
            if (!Is(TokenKind.Identifier)) throw SyntaxError();
            if (Current.Text is not ("permissive" or "restrictive"))
                throw Error($"unrecognized row security option \"{Current.Text}\"", Here, "Only PERMISSIVE or RESTRICTIVE policies are supported currently.");
            Advance();
        }
        if (Accept(Keyword.For))
        {
            if (!IsAny(Keyword.All, Keyword.Select, Keyword.Insert, Keyword.Update, Keyword.Delete)) throw SyntaxError();
            Advance();
        }
        if (Accept(Keyword.To)) Roles();
        PolicyConditions();
        return Other("CREATE POLICY", start, name);
    }

    private void PolicyConditions()
    {
        if (Accept(Keyword.Using))
        {
            Expect(TokenKind.OpenParen);
            AnyExpression();
            Expect(TokenKind.CloseParen);
        }
        if (!Accept(Keyword.With)) return;
        Expect(Keyword.Check);
        Expect(TokenKind.OpenParen);
        AnyExpression();
        Expect(TokenKind.CloseParen);
    }

    private OtherStatement CreateStatistics(int start)
    {
        Expect(Keyword.Statistics);
        AcceptIfNotExists();
        var name = AnyName();
        OptionalNames();
        Expect(Keyword.On);
        CommaList(() =>
        {
            if (Accept(TokenKind.OpenParen))
            {
                AnyExpression();
                Expect(TokenKind.CloseParen);
            }
            else if (StartsFunction) WindowlessFunction();
            else Name();
            return true;
        });
        Expect(Keyword.From);
        FromItems();
        return Other("CREATE STATISTICS", start, name);
    }

    private OtherStatement CreateTablespace(int start)
    {
        Expect(Keyword.Tablespace);
        var name = SingleName();
        if (Accept(Keyword.Owner)) Role();
        Expect(Keyword.Location);
        StringConstant();
        OptionalStorageOptions();
        return Other("CREATE TABLESPACE", start, name);
    }

    private OtherStatement CreateLanguage(int start)
    {
        Accept(Keyword.Trusted);
        Accept(Keyword.Procedural);
        Expect(Keyword.Language);
        var name = SingleName();
        if (Accept(Keyword.Handler))
        {
            AnyName();
            if (Accept(Keyword.Inline)) AnyName();
            if (Accept(Keyword.Validator)) AnyName();
            else if (Accept(Keyword.No)) Expect(Keyword.Validator);
        }
        return Other("CREATE LANGUAGE", start, name);
    }

    private OtherStatement CreateTransform(int start)
    {
        Expect(Keyword.Transform, Keyword.For);
        Type();
        Expect(Keyword.Language);
        Name();
        ParenthesizedList(() =>
        {
            if (!Accept(Keyword.From)) Expect(Keyword.To);
            Expect(Keyword.Sql, Keyword.With);
            Expect(Keyword.Function);
            return FunctionReference(ObjectKind.Function);
        });
        return Other("CREATE TRANSFORM", start);
    }
}
