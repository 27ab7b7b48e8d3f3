using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>Operators, IN, quantified and row comparisons.</summary>
internal sealed partial class Binder
{
    private BoundExpression BindBinary(Ast.BinaryExpression binary, QueryLevel level)
    {
        // x = NULL and the like stay comparisons with an untyped literal, as in PostgreSQL with transform_null_equals off.
        if (binary.Right is Ast.ScalarSubquery subquery && binary.Left is Ast.RowConstructor row)
            return BindRowSubqueryComparison(row, binary.Operator, subquery, level, binary.Location);
        BoundExpression left = BindExpression(binary.Left, level), right = BindExpression(binary.Right, level);
        return CompareAny(binary.Operator, left, right, binary.Location);
    }

    /// <summary>An operator between two values, or between two row constructors.</summary>
    private BoundExpression CompareAny(Ast.OperatorName name, BoundExpression left, BoundExpression right, int position) =>
        left is RowExpression l && right is RowExpression r && IsConstructed(l) && IsConstructed(r) && RowComparisonOf(name.Symbol) is { } comparison
            ? CompareRows(name, comparison, l.Fields, r.Fields, position)
            : BindOperatorValue(name, left, right, position);

    private static bool IsConstructed(RowExpression row) => row.Type.Oid == TypeOid.Record;

    private static RowComparison? RowComparisonOf(string symbol) => symbol switch
    {
        "=" => RowComparison.Equal,
        "<>" => RowComparison.NotEqual,
        "<" => RowComparison.Less,
        "<=" => RowComparison.LessOrEqual,
        ">" => RowComparison.Greater,
        ">=" => RowComparison.GreaterOrEqual,
        _ => null,
    };

    private BoundExpression CompareRows(Ast.OperatorName name, RowComparison comparison, IReadOnlyList<BoundExpression> left, IReadOnlyList<BoundExpression> right, int position)
    {
        if (left.Count != right.Count) throw Error(SqlState.SyntaxError, "unequal number of entries in row expressions", position);
        if (left.Count == 0) throw Error(SqlState.FeatureNotSupported, "cannot compare rows of zero length", position);
        if (left.Count == 1) return BindOperator(name, left[0], right[0], position);
        if (comparison is RowComparison.Equal or RowComparison.NotEqual)
        {
            BoundExpression[] pairs = [.. left.Zip(right, (l, r) => CoerceToBool(CompareAny(name, l, r, position), "AND"))];
            return comparison == RowComparison.Equal ? new AndExpression(pairs) : new OrExpression(pairs);
        }
        List<BoundExpression> lefts = [], rights = [];
        List<CallExpression> equalities = [], lessThans = [];
        for (int i = 0; i < left.Count; i++)
        {
            // The pair is converted once, by the operator asked for; the calls are over the converted values.
            CallExpression wanted = BindOperator(name, left[i], right[i], position);
            lefts.Add(wanted.Arguments[0]);
            rights.Add(wanted.Arguments[1]);
            InputExpression first = new(0, wanted.Arguments[0].Type), second = new(1, wanted.Arguments[1].Type);
            equalities.Add(BindOperator(new Ast.OperatorName(null, "="), first, second, position));
            lessThans.Add(BindOperator(new Ast.OperatorName(null, "<"), first, second, position));
        }
        return new RowCompareExpression(comparison, lefts, rights, equalities, lessThans) { Position = position };
    }

    /// <summary>An operator's value: a call, or what an operator that is defined in SQL stands for.</summary>
    private BoundExpression BindOperatorValue(Ast.OperatorName name, BoundExpression? left, BoundExpression right, int position)
    {
        (BuiltinFunction function, List<BoundExpression> arguments, SqlType result) = ChooseOperator(name, left, right, position);
        return TryBody(function, arguments, result, position) ?? CallOperator(name, function, arguments, result, position);
    }

    private CallExpression BindOperator(Ast.OperatorName name, BoundExpression? left, BoundExpression right, int position)
    {
        (BuiltinFunction function, List<BoundExpression> arguments, SqlType result) = ChooseOperator(name, left, right, position);
        return CallOperator(name, function, arguments, result, position);
    }

    private CallExpression CallOperator(Ast.OperatorName name, BuiltinFunction function, List<BoundExpression> arguments, SqlType result, int position)
    {
        if (Library.FindScalar(function) is not null) return MakeCall(function, arguments, result, position, name.Symbol);
        IEnumerable<string> operands = arguments.Select(a => Format(a.Type.Oid));
        throw SqlException.NotSupported($"operator {(arguments.Count == 1 ? name.Symbol + " " + operands.First() : string.Join($" {name.Symbol} ", operands))}", position);
    }

    private (BuiltinFunction, List<BoundExpression>, SqlType) ChooseOperator(Ast.OperatorName name, BoundExpression? left, BoundExpression right, int position)
    {
        BuiltinOperator chosen = ResolveOperator(name, left?.Type.Oid, right.Type.Oid, position);
        if (chosen.Extension is { } extension && Resolutions is not null) Resolutions.Extensions[name] = extension;
        uint[] declared = left is null ? [chosen.Right] : [chosen.Left, chosen.Right];
        uint[] actual = left is null ? [right.Type.Oid] : [left.Type.Oid, right.Type.Oid];
        new PolymorphicTypes(_types, _rules).Resolve(actual, declared, chosen.Result, position, throws: true, out uint result);
        BuiltinFunction function = Builtins.FindFunction(chosen.Function) ?? throw SqlException.NotSupported($"operator {name.Symbol}", position);
        if (function.ReturnsSet) throw SqlException.NotSupported("an operator that returns a set", position);
        List<BoundExpression> arguments = [];
        if (left is not null) arguments.Add(CoerceType(left, new SqlType(declared[0]), CoercionContext.Implicit, left.Position));
        arguments.Add(CoerceType(right, new SqlType(declared[^1]), CoercionContext.Implicit, right.Position));
        return (function, arguments, new SqlType(result));
    }

    private BuiltinOperator ResolveOperator(Ast.OperatorName name, uint? left, uint right, int position)
    {
        char kind = left is null ? 'l' : 'b';
        List<BuiltinOperator> candidates = [.. _functions.FindOperators(name.Schema, name.Symbol).Where(o => o.Kind == kind)];
        if (left is { } l)
        {
            if (FindExact(candidates, l, right) is { } exact) return exact;
        }
        else if (candidates.Find(o => o.Right == right) is { } exactPrefix) return exactPrefix;
        uint[] inputs = left is null ? [right] : [left.Value, right];
        uint[] TypesOf(BuiltinOperator o) => left is null ? [o.Right] : [o.Left, o.Right];
        List<BuiltinOperator> matching = _overloads.Match(inputs, candidates, TypesOf);
        if (matching.Count == 1) return matching[0];
        string written = (name.Schema is null ? "" : name.Schema + ".") + name.Symbol;
        string signature = left is null ? $"{written} {Format(right)}" : $"{Format(left.Value)} {written} {Format(right)}";
        if (matching.Count > 1)
        {
            return _overloads.Select(inputs, matching, TypesOf)
                ?? throw Error(SqlState.AmbiguousFunction, $"operator is not unique: {signature}", position,
                    hint: "Could not choose a best candidate operator. You might need to add explicit type casts.");
        }
        throw Error(SqlState.UndefinedFunction, $"operator does not exist: {signature}", position,
            hint: left is null
                ? "No operator matches the given name and argument type. You might need to add an explicit type cast."
                : "No operator matches the given name and argument types. You might need to add explicit type casts.");
    }

    /// <summary>The operator for just these types; an untyped literal is first tried as the other side's type.</summary>
    private BuiltinOperator? FindExact(List<BuiltinOperator> candidates, uint left, uint right)
    {
        bool wasUnknown = false;
        if (left == TypeOid.Unknown && right != TypeOid.Invalid)
        {
            left = right;
            wasUnknown = true;
        }
        else if (right == TypeOid.Unknown)
        {
            right = left;
            wasUnknown = true;
        }
        if (candidates.Find(o => o.Left == left && o.Right == right) is { } found) return found;
        if (!wasUnknown) return null;
        uint basic = _types.BaseOf(left);
        return basic != left ? candidates.Find(o => o.Left == basic && o.Right == basic) : null;
    }

    /// <summary>Equality of two values as a call over InputExpression 0 and 1, with the values converted to its types.</summary>
    private CallExpression MakeEquality(BoundExpression left, BoundExpression right, int position, out BoundExpression convertedLeft, out BoundExpression convertedRight)
    {
        CallExpression call = BindOperator(new Ast.OperatorName(null, "="), left, right, position);
        convertedLeft = call.Arguments[0];
        convertedRight = call.Arguments[1];
        return call with { Arguments = [new InputExpression(0, convertedLeft.Type), new InputExpression(1, convertedRight.Type)] };
    }

    private BoundExpression BindDistinctFrom(Ast.IsDistinctFrom test, QueryLevel level)
    {
        BoundExpression left = BindExpression(test.Left, level), right = BindExpression(test.Right, level);
        if (left is RowExpression l && right is RowExpression r && IsConstructed(l) && IsConstructed(r))
        {
            if (l.Fields.Count != r.Fields.Count) throw Error(SqlState.SyntaxError, "unequal number of entries in row expressions", test.Location);
            BoundExpression[] pairs = [.. l.Fields.Zip(r.Fields, (a, b) => DistinctFrom(a, b, test.IsNegated, test.Location))];
            return pairs.Length == 1 ? pairs[0] : test.IsNegated ? new AndExpression(pairs) : new OrExpression(pairs);
        }
        if (right is LiteralExpression { IsNull: true }) return new IsNullExpression(left, !test.IsNegated, false);
        if (left is LiteralExpression { IsNull: true }) return new IsNullExpression(right, !test.IsNegated, false);
        return DistinctFrom(left, right, test.IsNegated, test.Location);
    }

    private DistinctFromExpression DistinctFrom(BoundExpression left, BoundExpression right, bool isNegated, int position)
    {
        CallExpression equality = MakeEquality(left, right, position, out BoundExpression l, out BoundExpression r);
        return new DistinctFromExpression(l, r, equality, isNegated) { Position = position };
    }

    private BoundExpression BindInList(Ast.InList list, QueryLevel level)
    {
        BoundExpression left = BindExpression(list.Operand, level);
        List<BoundExpression> items = [.. list.Items.Select(i => BindExpression(i, level))];
        Ast.OperatorName symbol = new(null, list.IsNegated ? "<>" : "=");
        List<BoundExpression> tests = [];
        List<BoundExpression> constants = [.. items.Where(i => !ExpressionFacts.HasColumns(i))];
        if (constants.Count > 1 && left is not RowExpression && !constants.Exists(c => c is RowExpression))
        {
            List<BoundExpression> all = [left, .. constants];
            uint common = _rules.CommonType([.. all.Select(e => e.Type.Oid)], out _, out _);
            if (common is not 0 and not TypeOid.Record && _types.ArrayOf(common) is not 0 and uint arrayType && all.TrueForAll(e => CanCoerce(e, common, CoercionContext.Implicit)))
            {
                List<BoundExpression> elements = [.. constants.Select(c => CoerceType(c, new SqlType(common), CoercionContext.Implicit, c.Position))];
                ArrayExpression array = new(elements, false, new SqlType(arrayType)) { Position = list.Location };
                tests.Add(BindQuantified(left, symbol, list.IsNegated, array, list.Location));
                items = [.. items.Where(ExpressionFacts.HasColumns)];
            }
        }
        foreach (BoundExpression item in items)
        {
            BoundExpression test = left is RowExpression l && item is RowExpression r && IsConstructed(l) && IsConstructed(r)
                ? CompareRows(symbol, list.IsNegated ? RowComparison.NotEqual : RowComparison.Equal, l.Fields, r.Fields, list.Location)
                : BindOperator(symbol, left, item, list.Location);
            tests.Add(CoerceToBool(test, "IN"));
        }
        return tests.Count == 1 ? tests[0] : list.IsNegated ? new AndExpression(tests) : new OrExpression(tests);
    }

    /// <summary>left op ANY|ALL (array).</summary>
    private BoundExpression BindQuantified(BoundExpression left, Ast.OperatorName name, bool isAll, BoundExpression array, int position)
    {
        uint arrayType = array.Type.Oid;
        uint element = TypeOid.Unknown;
        if (arrayType != TypeOid.Unknown)
        {
            element = _types.ElementOf(_types.BaseOf(arrayType));
            if (element == 0) throw Error(SqlState.WrongObjectType, "op ANY/ALL (array) requires array on right side", position);
        }
        BuiltinOperator chosen = ResolveOperator(name, left.Type.Oid, element, position);
        uint[] declared = [chosen.Left, chosen.Right];
        new PolymorphicTypes(_types, _rules).Resolve([left.Type.Oid, element], declared, chosen.Result, position, throws: true, out uint result);
        if (result != TypeOid.Bool) throw Error(SqlState.WrongObjectType, "op ANY/ALL (array) requires operator to yield boolean", position);
        BuiltinFunction function = Builtins.FindFunction(chosen.Function) ?? throw SqlException.NotSupported($"operator {name.Symbol}", position);
        uint targetArray = CoercionRules.IsPolymorphic(declared[1]) ? arrayType : _types.ArrayOf(declared[1]);
        if (targetArray == 0) throw Error(SqlState.UndefinedObject, $"could not find array type for data type {Format(declared[1])}", position);
        BoundExpression convertedLeft = CoerceType(left, new SqlType(declared[0]), CoercionContext.Implicit, left.Position);
        BoundExpression convertedArray = element == declared[1] && arrayType is TypeOid.Int2Vector or TypeOid.OidVector
            ? array
            : CoerceType(array, new SqlType(targetArray), CoercionContext.Implicit, array.Position);
        CallExpression comparison = MakeCall(function, [new InputExpression(0, convertedLeft.Type), new InputExpression(1, new SqlType(declared[1]))], SqlType.Bool, position, name.Symbol);
        return new QuantifiedArrayExpression(convertedLeft, comparison, isAll, convertedArray) { Position = position };
    }
}
