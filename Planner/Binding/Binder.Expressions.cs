using System.Globalization;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>Expressions by kind.</summary>
internal sealed partial class Binder
{
    /// <summary>Binds an expression that stands at a place of a query level.</summary>
    private BoundExpression BindAt(Ast.Expression expression, QueryLevel level, ExpressionPlace place)
    {
        ExpressionPlace before = level.Place;
        level.Place = place;
        BoundExpression bound = BindExpression(expression, level);
        level.Place = before;
        return bound;
    }

    private BoundExpression BindExpression(Ast.Expression expression, QueryLevel level)
    {
        CheckStack(expression.Location);
        BoundExpression bound = expression switch
        {
            Ast.IntegerLiteral e => BindInteger(e),
            Ast.NumericLiteral e => Literals.Parse(e.Text, SqlType.Numeric, _context.Constants),
            Ast.StringLiteral e => Literals.Unknown(e.Value),
            Ast.BitStringLiteral e => Literals.Parse((e.IsHexadecimal ? "X" : "B") + e.Digits, new SqlType(TypeOid.Bit), _context.Constants),
            Ast.NullLiteral => Literals.Null(SqlType.Unknown, _context.Catalog),
            Ast.BooleanLiteral e => Literals.Bool(e.Value),
            Ast.ParameterRef e => BindParameter(e),
            Ast.ColumnRef e => BindColumn(e, level),
            Ast.IndirectionExpression e => BindIndirection(e, level),
            Ast.UnaryExpression e => BindOperatorValue(e.Operator, null, BindExpression(e.Operand, level), e.Location),
            Ast.BinaryExpression e => BindBinary(e, level),
            Ast.AndExpression e => new AndExpression([.. e.Operands.Select(o => CoerceToBool(BindExpression(o, level), "AND"))]),
            Ast.OrExpression e => new OrExpression([.. e.Operands.Select(o => CoerceToBool(BindExpression(o, level), "OR"))]),
            Ast.NotExpression e => new NotExpression(CoerceToBool(BindExpression(e.Operand, level), "NOT")),
            Ast.IsTest e => BindIsTest(e, level),
            Ast.IsDistinctFrom e => BindDistinctFrom(e, level),
            Ast.BetweenExpression e => BindBetween(e, level),
            Ast.InList e => BindInList(e, level),
            Ast.LikeExpression e => BindLike(e, level),
            Ast.QuantifiedArray e => BindQuantified(BindExpression(e.Left, level), e.Operator, e.Quantifier == Ast.Quantifier.All, BindExpression(e.Array, level), e.Location),
            Ast.InSubquery or Ast.QuantifiedSubquery or Ast.ExistsExpression or Ast.ScalarSubquery or Ast.ArraySubquery => BindSubqueryExpression(expression, level),
            Ast.ArrayConstructor e => BindArray(e, level, 0),
            Ast.RowConstructor e => BindRow(e, level),
            Ast.CaseExpression e => BindCase(e, level),
            Ast.CastExpression e => BindCast(e, level),
            Ast.CollateExpression e => BindCollate(e, level),
            Ast.AtTimeZone e => CallByName("timezone", [BindExpression(e.Zone, level), BindExpression(e.Operand, level)], level, e.Location),
            Ast.FunctionCall e => BindFunctionCall(e, level),
            Ast.SpecialFunctionCall e => BindSpecial(e, level),
            Ast.SqlValueFunctionCall e => BindSqlValue(e, level),
            Ast.TreatExpression e => throw SqlException.NotSupported("TREAT", e.Location),
            Ast.XmlExpression e => throw SqlException.NotSupported(e.Name, e.Location),
            Ast.DefaultExpression e => throw Error(SqlState.SyntaxError, "DEFAULT is not allowed in this context", e.Location),
            Ast.CurrentOf e => throw SqlException.NotSupported("WHERE CURRENT OF", e.Location),
            _ => throw Invariant.Unreachable(expression),
        };
        return bound.Position >= 0 ? bound : bound with { Position = expression.Location };
    }

    private LiteralExpression BindInteger(Ast.IntegerLiteral literal)
    {
        if (int.TryParse(literal.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int small)) return Literals.Int4(small);
        if (long.TryParse(literal.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long large)) return Literals.Int8(large);
        return Literals.Parse(literal.Text, SqlType.Numeric, _context.Constants);
    }

    private BoundExpression BindParameter(Ast.ParameterRef parameter)
    {
        if (!_functionArguments.TryPeek(out IReadOnlyList<BoundExpression>? arguments))
            return new ParameterExpression(parameter.Number - 1, Parameters.Use(parameter.Number - 1, parameter.Location)) { Position = parameter.Location };
        return parameter.Number <= arguments.Count
            ? arguments[parameter.Number - 1]
            : throw Error(SqlState.UndefinedParameter, $"there is no parameter ${parameter.Number}", parameter.Location);
    }

    private BoundExpression BindIndirection(Ast.IndirectionExpression expression, QueryLevel level)
    {
        BoundExpression value = BindExpression(expression.Operand, level);
        int i = 0;
        while (i < expression.Steps.Count)
        {
            switch (expression.Steps[i])
            {
                case Ast.FieldSelection field:
                    if (i == 0 && value is RowExpression whole && expression.Operand is Ast.ColumnRef { Parts: [{ } table] } && FieldOf(whole, field.Name) is null && !_functions.Exists(null, field.Name))
                        throw Error(SqlState.UndefinedColumn, $"column {table}.{field.Name} does not exist", value.Position);
                    value = SelectField(value, field.Name, level, value.Position >= 0 ? value.Position : expression.Location);
                    i++;
                    break;
                case Ast.AllFields all:
                    throw Error(SqlState.SyntaxError, "row expansion via \"*\" is not supported here", all.Span.Start);
                default:
                    int end = i;
                    while (end < expression.Steps.Count && expression.Steps[end] is Ast.Subscript or Ast.Slice) end++;
                    value = BindSubscripts(value, expression.Steps.Skip(i).Take(end - i).ToList(), level, expression.Location);
                    i = end;
                    break;
            }
        }
        return value;
    }

    private BoundExpression SelectField(BoundExpression row, string name, QueryLevel level, int position)
    {
        if (row is RowExpression { Fields: { } fields, FieldNames: { } names })
        {
            for (int i = 0; i < fields.Count; i++)
                if (names[i] == name)
                    return fields[i];
        }
        if (row is ColumnExpression && FieldsOf(row) is { } known)
        {
            for (int i = 0; i < known.Fields.Count; i++)
                if (known.FieldNames[i] == name)
                    return new FieldExpression(row, i, name, known.Fields[i].Type) { Position = position };
        }
        if (_types.RelationOf(row.Type.Oid) is { } relation)
        {
            int place = 0;
            foreach (ColumnObject column in relation.LiveColumns)
            {
                if (column.Name == name) return new FieldExpression(row, place, name, column.Type) { Position = position };
                place++;
            }
        }
        if (row is SubqueryExpression { Kind: SubqueryKind.RowScalar, Query: { } query })
        {
            for (int i = 0; i < query.Output.Count; i++)
                if (query.Output[i].Name == name)
                    return new FieldExpression(row, i, name, query.Output[i].Type) { Position = position };
        }
        if (FunctionalNotation(name, row, level, position) is { } call) return call;
        if (row.Type.Oid == TypeOid.Record) throw Error(SqlState.UndefinedColumn, $"could not identify column \"{name}\" in record data type", position);
        throw _types.IsComposite(row.Type.Oid)
            ? Error(SqlState.UndefinedColumn, $"column \"{name}\" not found in data type {Format(row.Type.Oid)}", position)
            : Error(SqlState.WrongObjectType, $"column notation .{name} applied to type {Format(row.Type.Oid)}, which is not a composite type", position);
    }

    private BoundExpression BindSubscripts(BoundExpression container, List<Ast.Indirection> steps, QueryLevel level, int position)
    {
        uint type = _types.BaseOf(container.Type.Oid);
        if (type == TypeOid.Jsonb) return SubscriptJson(container, steps, level, position);
        if (type == TypeOid.Name && steps is [Ast.Subscript letter]) return SubscriptName(container, letter, level, position);
        uint element = _types.ElementOf(type);
        if (element == 0) throw Error(SqlState.DatatypeMismatch, $"cannot subscript type {Format(container.Type.Oid)} because it does not support subscripting", position);
        bool isSlice = steps.Exists(s => s is Ast.Slice);
        List<SubscriptBounds> bounds = [];
        foreach (Ast.Indirection step in steps)
        {
            bounds.Add(step switch
            {
                Ast.Subscript s when isSlice => new SubscriptBounds(true, Literals.Int4(1), BindSubscript(s.Index, level)),
                Ast.Subscript s => new SubscriptBounds(false, null, BindSubscript(s.Index, level)),
                Ast.Slice s => new SubscriptBounds(true, s.Lower is null ? null : BindSubscript(s.Lower, level), s.Upper is null ? null : BindSubscript(s.Upper, level)),
                _ => throw Invariant.Unreachable(step),
            });
        }
        SqlType result = isSlice ? new SqlType(type is TypeOid.Int2Vector or TypeOid.OidVector ? _types.ArrayOf(element) : type, container.Type.Modifier) : new SqlType(element, container.Type.Modifier);
        return new SubscriptExpression(container, bounds, result) { Position = position };
    }

    /// <summary>name[n] is the name's letter n, from 0, as a "char": pg_dump asks for it.</summary>
    private BoundExpression SubscriptName(BoundExpression name, Ast.Subscript letter, QueryLevel level, int position)
    {
        BoundExpression text = CallByName("text", [name], level, position), place = CallByName("int4pl", [BindSubscript(letter.Index, level), Literals.Int4(1)], level, position);
        return CallByName("char", [CallByName("substr", [text, place, Literals.Int4(1)], level, position)], level, position);
    }

    private BoundExpression BindSubscript(Ast.Expression index, QueryLevel level)
    {
        BoundExpression bound = BindExpression(index, level);
        return TryCoerce(bound, SqlType.Int4, CoercionContext.Assignment, bound.Position)
            ?? throw Error(SqlState.DatatypeMismatch, "array subscript must have type integer", bound.Position);
    }

    private BoundExpression SubscriptJson(BoundExpression container, List<Ast.Indirection> steps, QueryLevel level, int position)
    {
        List<BoundExpression> path = [];
        foreach (Ast.Indirection step in steps)
        {
            BoundExpression index = JsonSubscript(step, level);
            path.Add(CoerceType(index, SqlType.Text, CoercionContext.Explicit, index.Position));
        }
        return BindOperator(new Ast.OperatorName("pg_catalog", "#>"), container, new ArrayExpression(path, false, new SqlType(TypeOid.TextArray)), position);
    }

    private BoundExpression BindIsTest(Ast.IsTest test, QueryLevel level)
    {
        BoundExpression operand = BindExpression(test.Operand, level);
        switch (test.Kind)
        {
            case Ast.IsTestKind.Null:
                return new IsNullExpression(operand, test.IsNegated, operand is RowExpression || _types.IsComposite(operand.Type.Oid));
            case Ast.IsTestKind.True or Ast.IsTestKind.False or Ast.IsTestKind.Unknown:
                string words = $"IS {(test.IsNegated ? "NOT " : "")}{test.Kind.ToString().ToUpperInvariant()}";
                BooleanTest kind = test.Kind switch { Ast.IsTestKind.True => BooleanTest.True, Ast.IsTestKind.False => BooleanTest.False, _ => BooleanTest.Unknown };
                return new IsBooleanExpression(CoerceToBool(operand, words), kind, test.IsNegated);
            case Ast.IsTestKind.Document:
                throw SqlException.NotSupported("IS DOCUMENT", test.Location);
            default:
                string form = test.Kind switch { Ast.IsTestKind.NfdNormalized => "NFD", Ast.IsTestKind.NfkcNormalized => "NFKC", Ast.IsTestKind.NfkdNormalized => "NFKD", _ => "NFC" };
                BoundExpression call = CallByName("is_normalized", [operand, Literals.Text(form)], level, test.Location);
                return test.IsNegated ? new NotExpression(call) : call;
        }
    }

    private BoundExpression BindBetween(Ast.BetweenExpression between, QueryLevel level)
    {
        BoundExpression operand = BindExpression(between.Operand, level), low = BindExpression(between.Low, level), high = BindExpression(between.High, level);
        BoundExpression Compare(string symbol, BoundExpression bound) => CompareAny(new Ast.OperatorName(null, symbol) { Span = between.Span }, operand, bound, between.Location);
        BoundExpression Inside(BoundExpression from, BoundExpression to) => new AndExpression([Compare(">=", from), Compare("<=", to)]);
        BoundExpression Outside(BoundExpression from, BoundExpression to) => new OrExpression([Compare("<", from), Compare(">", to)]);
        return (between.IsSymmetric, between.IsNegated) switch
        {
            (false, false) => Inside(low, high),
            (false, true) => Outside(low, high),
            (true, false) => new OrExpression([Inside(low, high), Inside(high, low)]),
            (true, true) => new AndExpression([Outside(low, high), Outside(high, low)]),
        };
    }

    private BoundExpression BindLike(Ast.LikeExpression like, QueryLevel level)
    {
        BoundExpression operand = BindExpression(like.Operand, level), pattern = BindExpression(like.Pattern, level);
        if (like.Kind == Ast.LikeKind.SimilarTo)
        {
            List<BoundExpression> arguments = [pattern];
            if (like.Escape is not null) arguments.Add(BindExpression(like.Escape, level));
            pattern = CallByName("similar_to_escape", arguments, level, like.Location);
            return BindOperator(new Ast.OperatorName(null, like.IsNegated ? "!~" : "~"), operand, pattern, like.Location);
        }
        if (like.Escape is not null) pattern = CallByName("like_escape", [pattern, BindExpression(like.Escape, level)], level, like.Location);
        string symbol = (like.Kind == Ast.LikeKind.ILike ? "~~*" : "~~") is var positive && like.IsNegated ? "!" + positive : positive;
        return BindOperator(new Ast.OperatorName(null, symbol), operand, pattern, like.Location);
    }

    private BoundExpression BindCase(Ast.CaseExpression expression, QueryLevel level)
    {
        string? barrier = level.SetBarrier;
        level.SetBarrier = "CASE";
        BoundExpression? operand = null;
        if (expression.Operand is not null)
        {
            operand = BindExpression(expression.Operand, level);
            if (operand.Type.Oid == TypeOid.Unknown) operand = CoerceType(operand, SqlType.Text, CoercionContext.Implicit, operand.Position);
        }
        List<BoundExpression> conditions = [], results = [];
        foreach (Ast.WhenClause when in expression.Whens)
        {
            BoundExpression condition = BindExpression(when.Condition, level);
            if (operand is not null)
            {
                BoundExpression subject = new CaseOperandExpression(operand.Type) { Position = operand.Position };
                condition = BindOperator(new Ast.OperatorName(null, "="), subject, condition, when.Condition.Location);
            }
            conditions.Add(CoerceToBool(condition, "CASE/WHEN"));
            results.Add(BindExpression(when.Result, level));
        }
        BoundExpression otherwise = expression.Else is null ? Literals.Null(SqlType.Unknown, _context.Catalog) : BindExpression(expression.Else, level);
        level.SetBarrier = barrier;
        // PostgreSQL looks at ELSE first.
        List<BoundExpression> all = [otherwise, .. results];
        uint type = CommonType(all, "CASE");
        List<CaseBranch> branches = [];
        for (int i = 0; i < results.Count; i++) branches.Add(new CaseBranch(conditions[i], CoerceToCommon(results[i], type, "CASE/WHEN")));
        BoundExpression last = CoerceToCommon(otherwise, type, "CASE/ELSE");
        SqlType result = new(type, CommonModifier([.. branches.Select(b => b.Result), last], type));
        return new CaseExpression(operand, branches, expression.Else is null ? null : last, result);
    }

    private BoundExpression BindCast(Ast.CastExpression cast, QueryLevel level)
    {
        SqlType target = ResolveType(cast.Type);
        BoundExpression operand = cast.Operand is Ast.ArrayConstructor array && _types.ElementOf(_types.BaseOf(target.Oid)) != 0
            ? BindArray(array, level, _types.BaseOf(target.Oid))
            : BindExpression(cast.Operand, level);
        return CoerceExplicitly(operand, target, cast.Location);
    }

    private BoundExpression CoerceExplicitly(BoundExpression operand, SqlType target, int position)
    {
        if (operand.Type.Oid == target.Oid && target.Modifier < 0) return operand;
        // A cast to the same type without a modifier forgets it.
        return TryCoerce(operand, target, CoercionContext.Explicit, position)
            ?? throw Error(SqlState.CannotCoerce, $"cannot cast type {Format(operand.Type.Oid)} to {Format(target.Oid)}", position);
    }

    private BoundExpression BindCollate(Ast.CollateExpression collate, QueryLevel level)
    {
        BoundExpression operand = BindExpression(collate.Operand, level);
        uint type = _types.BaseOf(operand.Type.Oid);
        uint element = _types.ElementOf(type) is not 0 and uint e ? e : type;
        if (element is not (TypeOid.Text or TypeOid.Varchar or TypeOid.Bpchar or TypeOid.Name or TypeOid.Unknown) && !CoercionRules.IsPolymorphic(element))
            throw Error(SqlState.DatatypeMismatch, $"collations are not supported by type {Format(operand.Type.Oid)}", collate.Location);
        if (!Collations.IsKnown(collate.Collation.Name))
            throw Error(SqlState.UndefinedObject, $"collation \"{string.Join('.', collate.Collation.Parts)}\" for encoding \"UTF8\" does not exist", collate.Collation.Span.Start);
        return operand.Type.Oid == TypeOid.Unknown ? CoerceType(operand, SqlType.Text, CoercionContext.Implicit, operand.Position) : operand;
    }

    private BoundExpression BindArray(Ast.ArrayConstructor array, QueryLevel level, uint target)
    {
        uint targetElement = target == 0 ? 0 : _types.ElementOf(target);
        List<BoundExpression> elements = [];
        bool isNested = false;
        foreach (Ast.Expression element in array.Elements)
        {
            if (element is Ast.ArrayConstructor inner)
            {
                elements.Add(BindArray(inner, level, target));
                isNested = true;
            }
            else
            {
                BoundExpression bound = BindExpression(element, level);
                isNested |= _types.BecomesDimension(bound.Type.Oid);
                elements.Add(bound);
            }
        }
        if (target == 0)
        {
            if (elements.Count == 0)
            {
                throw Error(SqlState.IndeterminateDatatype, "cannot determine type of empty array", array.Location,
                    hint: "Explicitly cast to the desired type, for example ARRAY[]::integer[].");
            }
            uint common = CommonType(elements, "ARRAY");
            isNested = _types.BecomesDimension(common);
            target = isNested ? common : _types.ArrayOf(common);
            if (target == 0) throw Error(SqlState.UndefinedObject, $"could not find array type for data type {Format(common)}", array.Location);
            targetElement = common;
            elements = [.. elements.Select(e => CoerceToCommon(e, common, "ARRAY"))];
        }
        else
        {
            SqlType wanted = new(isNested ? target : targetElement);
            for (int i = 0; i < elements.Count; i++)
            {
                elements[i] = TryCoerce(elements[i], wanted, CoercionContext.Explicit, elements[i].Position)
                    ?? throw Error(SqlState.CannotCoerce, $"cannot cast type {Format(elements[i].Type.Oid)} to {Format(wanted.Oid)}", elements[i].Position);
            }
        }
        return new ArrayExpression(elements, isNested, new SqlType(target)) { Position = array.Location };
    }

    private RowExpression BindRow(Ast.RowConstructor row, QueryLevel level)
    {
        List<BoundExpression> fields = [];
        foreach (Ast.Expression element in row.Elements)
        {
            if (element is Ast.ColumnRef { IsStar: true } star) fields.AddRange(ExpandStar(star, level).Select(c => c.Expression));
            else fields.Add(BindExpression(element, level));
        }
        return new RowExpression(fields, [.. fields.Select((_, i) => "f" + (i + 1))], SqlType.Record) { Position = row.Location };
    }
}

/// <summary>Collations that are accepted; all compare bytes, which in UTF-8 is the order of code points.</summary>
internal static class Collations
{
    public static bool IsKnown(string name) => name is "C" or "POSIX" or "default" or "ucs_basic" or "und-x-icu" or "unicode"
        || name.StartsWith("C.", StringComparison.OrdinalIgnoreCase) || name.StartsWith("en_", StringComparison.OrdinalIgnoreCase) || name.StartsWith("en-", StringComparison.OrdinalIgnoreCase);
}
