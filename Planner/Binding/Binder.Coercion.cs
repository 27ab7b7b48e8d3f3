using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Functions;
using VecSql.Core.Types;
using VecSql.Parser;
using VecSql.Planner.Expressions;

namespace VecSql.Planner.Binding;

/// <summary>Conversions as expressions.</summary>
internal sealed partial class Binder
{
    private bool CanCoerce(BoundExpression expression, uint target, CoercionContext context) => _rules.CanCoerce(expression.Type.Oid, target, context);

    /// <summary>Converts to a type with its modifier; null if the context doesn't allow it.</summary>
    private BoundExpression? TryCoerce(BoundExpression expression, SqlType target, CoercionContext context, int position)
    {
        if (!CanCoerce(expression, target.Oid, context)) return null;
        BoundExpression converted = CoerceType(expression, target, context, position);
        return ApplyModifier(converted, target, context, position);
    }

    /// <summary>Converts to a type where an implicit cast, or none, does it; null otherwise.</summary>
    public BoundExpression? TryConvertImplicitly(BoundExpression expression, uint target) => TryCoerce(expression, new SqlType(target), CoercionContext.Implicit, expression.Position);

    /// <summary>Converts for an assignment, or fails as PostgreSQL does for a column.</summary>
    private BoundExpression CoerceForColumn(BoundExpression expression, ColumnObject column, int position, string? suffix = null)
    {
        if (TryCoerce(expression, column.Type, CoercionContext.Assignment, expression.Position) is { } converted) return converted;
        throw Error(SqlState.DatatypeMismatch,
            $"column \"{column.Name}\"{suffix} is of type {_types.Format(column.Type.Oid)} but expression is of type {Format(expression.Type.Oid)}", position,
            hint: "You will need to rewrite or cast the expression.");
    }

    private BoundExpression CoerceToBool(BoundExpression expression, string construct)
    {
        if (expression.Type.Oid == TypeOid.Bool) return expression;
        return TryCoerce(expression, SqlType.Bool, CoercionContext.Assignment, expression.Position)
            ?? throw Error(SqlState.DatatypeMismatch, $"argument of {construct} must be type boolean, not type {Format(expression.Type.Oid)}", LocationOf(expression));
    }

    private BoundExpression CoerceToCommon(BoundExpression expression, uint target, string construct) =>
        CanCoerce(expression, target, CoercionContext.Implicit)
            ? CoerceType(expression, new SqlType(target), CoercionContext.Implicit, expression.Position)
            : throw Error(SqlState.CannotCoerce, $"{construct} could not convert type {Format(expression.Type.Oid)} to {Format(target)}", expression.Position);

    /// <summary>The type that a construct gives to its operands; 42804 if they don't match.</summary>
    private uint CommonType(IReadOnlyList<BoundExpression> operands, string construct)
    {
        uint[] inputs = [.. operands.Select(o => o.Type.Oid)];
        uint common = _rules.CommonType(inputs, out int culprit, out uint before);
        if (common != 0) return common;
        throw Error(SqlState.DatatypeMismatch, $"{construct} types {Format(before)} and {Format(_types.BaseOf(inputs[culprit]))} cannot be matched", LocationOf(operands[culprit]));
    }

    /// <summary>Where PostgreSQL says that an expression is: at its leftmost part.</summary>
    private static int LocationOf(BoundExpression expression)
    {
        int location = expression.Position;
        if (expression is not (CallExpression { OperatorSymbol: not null } or AndExpression or OrExpression or SubscriptExpression or IsNullExpression or IsBooleanExpression or QuantifiedArrayExpression)) return location;
        foreach (BoundExpression child in ExpressionFacts.Children(expression))
            if (LocationOf(child) is >= 0 and int inner && (location < 0 || inner < location))
                location = inner;
        return location;
    }

    private static int CommonModifier(IReadOnlyList<BoundExpression> operands, uint common)
    {
        int modifier = operands[0].Type.Modifier;
        foreach (BoundExpression operand in operands)
            if (operand.Type.Oid != common || operand.Type.Modifier != modifier)
                return -1;
        return modifier;
    }

    /// <summary>Converts where it is known to be possible; the modifier is only applied by input functions that need it (interval).</summary>
    private BoundExpression CoerceType(BoundExpression expression, SqlType target, CoercionContext context, int position)
    {
        SqlType source = expression.Type;
        if (source.Oid == target.Oid) return expression;
        if (target.Oid is TypeOid.Any or TypeOid.AnyElement or TypeOid.AnyNonArray or TypeOid.AnyCompatible or TypeOid.AnyCompatibleNonArray)
            return source.Oid == TypeOid.Unknown ? CoerceUnknown(expression, SqlType.Text, position) : expression;
        if (CoercionRules.IsPolymorphic(target.Oid) && source.Oid != TypeOid.Unknown)
            return _types.IsDomain(source.Oid) ? Relabel(expression, new SqlType(_types.BaseOf(source.Oid))) : expression;
        if (source.Oid == TypeOid.Unknown) return CoerceUnknown(expression, target, position);
        switch (_rules.FindPath(target.Oid, source.Oid, context, out uint function))
        {
            case CoercionPath.Relabel:
                return IntoDomain(_types.BaseOf(source.Oid) == _types.BaseOf(target.Oid) && !_types.IsDomain(target.Oid) && !_types.IsDomain(source.Oid)
                    ? expression
                    : Relabel(expression, new SqlType(_types.BaseOf(target.Oid), _types.IsDomain(source.Oid) ? source.Modifier : -1)), target);
            case CoercionPath.Function:
                return IntoDomain(CallCast(expression, function, _types.IsDomain(target.Oid) ? _types.BaseOf(target) : target, context, position), target);
            case CoercionPath.ThroughText:
                return IntoDomain(new CoercionExpression(expression, CoercionKind.ThroughText, new SqlType(_types.BaseOf(target.Oid))) { Position = position }, target);
            case CoercionPath.Array:
                return IntoDomain(CoerceArray(expression, new SqlType(_types.BaseOf(target.Oid), target.Modifier), context, position), target);
        }
        if (target.Oid == TypeOid.Record) return expression;
        if (source.Oid == TypeOid.Record && _types.RelationOf(target.Oid) is { } relation) return CoerceRow(expression, relation, target, context, position);
        return Relabel(expression, target);
    }

    private static CoercionExpression Relabel(BoundExpression expression, SqlType type) => new(expression, CoercionKind.Relabel, type) { Position = expression.Position };

    private BoundExpression CoerceUnknown(BoundExpression expression, SqlType target, int position)
    {
        if (expression is ParameterExpression parameter)
        {
            uint type = _types.BaseOf(target.Oid);
            Parameters.Determine(parameter.Index, type, parameter.Position, _types);
            return IntoDomain(parameter with { ValueType = new SqlType(type), Type = new SqlType(type) }, target);
        }
        if (CoercionRules.IsPolymorphic(target.Oid) || target.Oid is TypeOid.Any) return CoerceUnknown(expression, SqlType.Text, position);
        SqlType basic = _types.BaseOf(target);
        // Only interval's input function needs the modifier; others are applied as a length coercion, so that errors say the same as in a cast.
        SqlType read = new(basic.Oid, basic.Oid == TypeOid.Interval ? basic.Modifier : -1);
        if (expression is not LiteralExpression literal) return Relabel(expression, target);
        if (literal.IsNull) return IntoDomain(Literals.Null(read, _context.Catalog) with { Position = literal.Position }, target);
        try
        {
            return IntoDomain(Literals.Parse(Literals.TextOf(literal), read, _context.Constants) with { Position = literal.Position }, target);
        }
        catch (SqlException e)
        {
            throw e.At(literal.Position);
        }
    }

    /// <summary>Applies a modifier (length, precision) to a value of the right type.</summary>
    private BoundExpression ApplyModifier(BoundExpression expression, SqlType target, CoercionContext context, int position)
    {
        if (_types.IsDomain(target.Oid) || target.Modifier < 0 || target.Modifier == expression.Type.Modifier) return expression;
        uint element = _types.Find(target.Oid)?.Element ?? 0;
        if (element != 0)
        {
            if (_rules.FindLengthCoercion(element) is not (not 0 and uint elementFunction)) return expression;
            BoundExpression each = CallCast(new InputExpression(0, new SqlType(element)), elementFunction, new SqlType(element, target.Modifier), context, position);
            return new CoercionExpression(expression, CoercionKind.ArrayElements, target) { ElementCoercion = each, Position = position };
        }
        return _rules.FindLengthCoercion(target.Oid) is not 0 and uint function ? CallCast(expression, function, target, context, position) : expression;
    }

    /// <summary>A cast function's call: value, then the modifier and whether the cast is explicit, if it takes them.</summary>
    private BoundExpression CallCast(BoundExpression value, uint functionOid, SqlType target, CoercionContext context, int position)
    {
        BuiltinFunction function = Builtins.FindFunction(functionOid) ?? throw new InvariantException($"cast function {functionOid}");
        List<BoundExpression> arguments = [value];
        if (function.ArgumentTypes.Length > 1) arguments.Add(Literals.Int4(target.Modifier));
        if (function.ArgumentTypes.Length > 2) arguments.Add(Literals.Bool(context == CoercionContext.Explicit));
        if (value.Type.Oid != function.ArgumentTypes[0] && !CoercionRules.IsPolymorphic(function.ArgumentTypes[0]) && function.ArgumentTypes[0] != TypeOid.Any)
            arguments[0] = Relabel(value, new SqlType(function.ArgumentTypes[0]));
        SqlType result = new(target.Oid, function.ArgumentTypes.Length > 1 ? target.Modifier : -1);
        return MakeCall(function, arguments, result, position, null);
    }

    private BoundExpression CoerceArray(BoundExpression expression, SqlType target, CoercionContext context, int position)
    {
        uint sourceElement = _types.ElementOf(_types.BaseOf(expression.Type.Oid)), targetElement = _types.ElementOf(target.Oid);
        if (expression is ArrayExpression array && array.IsNested is false)
        {
            // ARRAY[…]::t[]: each element is converted by itself, so untyped literals read as t.
            return new ArrayExpression([.. array.Elements.Select(e => CoerceType(e, new SqlType(targetElement), context, position))], false, new SqlType(target.Oid)) { Position = array.Position };
        }
        BoundExpression element = new InputExpression(0, new SqlType(sourceElement));
        BoundExpression converted = CoerceType(element, new SqlType(targetElement), context, position);
        bool isSame = converted is CoercionExpression { Kind: CoercionKind.Relabel, Operand: InputExpression } or InputExpression;
        // int2vector and oidvector are stored in a form of their own.
        bool isPacked = _types.BaseOf(expression.Type.Oid) is TypeOid.Int2Vector or TypeOid.OidVector;
        if (isSame && !isPacked && KindOf(sourceElement) == KindOf(targetElement)) return Relabel(expression, new SqlType(target.Oid));
        return new CoercionExpression(expression, CoercionKind.ArrayElements, new SqlType(target.Oid)) { ElementCoercion = converted, Position = position };
    }

    private PhysicalKind KindOf(uint type) => TypeHandlers.Of(type, _context.Catalog).Kind;

    private BoundExpression CoerceRow(BoundExpression expression, TableObject relation, SqlType target, CoercionContext context, int position)
    {
        List<ColumnObject> columns = [.. relation.LiveColumns];
        if (expression is not RowExpression row) return IntoDomain(new CoercionExpression(expression, CoercionKind.Row, new SqlType(_types.BaseOf(target.Oid))) { Position = position }, target);
        if (row.Fields.Count != columns.Count)
        {
            throw Error(SqlState.CannotCoerce, $"cannot cast type record to {Format(target.Oid)}", position,
                row.Fields.Count < columns.Count ? "Input has too few columns." : "Input has too many columns.");
        }
        List<BoundExpression> fields = [];
        for (int i = 0; i < columns.Count; i++)
        {
            fields.Add(TryCoerce(row.Fields[i], columns[i].Type, context, position) ?? throw Error(SqlState.CannotCoerce, $"cannot cast type record to {Format(target.Oid)}", position,
                $"Cannot cast type {Format(row.Fields[i].Type.Oid)} to {Format(columns[i].Type.Oid)} in column {i + 1}."));
        }
        return IntoDomain(new RowExpression(fields, [.. columns.Select(c => c.Name)], new SqlType(_types.BaseOf(target.Oid))) { Position = row.Position }, target);
    }

    /// <summary>Adds a domain's checks to a value of its base type; does nothing for other types.</summary>
    private BoundExpression IntoDomain(BoundExpression value, SqlType target)
    {
        if (_types.Find(target.Oid) is not { Kind: 'd', User: { } domain }) return value;
        if (value.Type.Oid == target.Oid) return value;
        BoundExpression basic = ApplyModifier(IntoDomain(value, domain.BaseType), domain.BaseType, CoercionContext.Implicit, value.Position);
        List<(string, BoundExpression)> checks = [];
        foreach (ConstraintObject check in domain.Checks)
            if (check.Expression is { } text)
                checks.Add((check.Name, BindDomainCheck(text, domain.BaseType)));
        return new CoercionExpression(basic, CoercionKind.Domain, new SqlType(target.Oid)) { DomainChecks = checks, DomainNotNull = domain.NotNull, Position = value.Position };
    }

    private BoundExpression BindDomainCheck(string text, SqlType baseType)
    {
        QueryLevel level = new(null) { Place = ExpressionPlace.CheckConstraint };
        level.Namespace.Add(new NamespaceItem("", [new NamedColumn("value", new InputExpression(0, baseType))]) { IsRelationVisible = false });
        return CoerceToBool(BindExpression(SqlParser.ParseExpression(text), level), "CHECK");
    }

    /// <summary>A call with its implementation, specialized.</summary>
    /// <exception cref="SqlException">0A000: there is none.</exception>
    private CallExpression MakeCall(BuiltinFunction function, IReadOnlyList<BoundExpression> arguments, SqlType result, int position, string? symbol)
    {
        ScalarFunction implementation = Library.FindScalar(function) ?? throw Unsupported(function, position);
        SqlType[] types = [.. arguments.Select(a => a.Type)];
        return new CallExpression(function, implementation.Specialize(types, result), arguments, result, symbol) { Position = position };
    }
}
