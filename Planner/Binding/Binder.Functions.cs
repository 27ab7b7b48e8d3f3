using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Functions;
using VecSql.Core.Types;
using VecSql.Parser;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>Function calls: the choice of a signature, and what becomes of the call.</summary>
internal sealed partial class Binder
{
    /// <summary>What a name and arguments were found to mean: a signature with its converted arguments, or (Candidate null) a cast written as a function.</summary>
    private sealed record ResolvedFunction(FunctionCandidate? Candidate, IReadOnlyList<BoundExpression> Arguments, SqlType ResultType)
    {
        public BoundExpression? Cast { get; init; }
    }

    private BoundExpression BindFunctionCall(Ast.FunctionCall call, QueryLevel level)
    {
        string name = call.Name.Name;
        int position = call.Location;
        QueryLevel start = level;
        string? barrier = start.SetBarrier;
        List<BoundExpression> arguments = [];
        List<string?>? names = call.Arguments.Any(a => a.Name is not null) ? [.. call.Arguments.Select(a => a.Name)] : null;
        foreach (Ast.FunctionArgument argument in call.Arguments) arguments.Add(BindExpression(argument.Value, level));
        CheckNames(call, names);
        if (call.IsWithinGroup)
        {
            if (call.IsDistinct) throw Error(SqlState.SyntaxError, "cannot use DISTINCT with WITHIN GROUP", position);
            foreach (Ast.SortItem item in call.OrderBy) arguments.Add(BindExpression(item.Expression, level));
        }
        start.SetBarrier = barrier;
        // t.f written f(t) where t has a column f.
        if (names is null && arguments.Count == 1 && call.Name.Schema is null && IsPlain(call) && arguments[0] is RowExpression { Type.Oid: not TypeOid.Record } row
            && FieldOf(row, name) is { } field && !_functions.Exists(null, name)) return field;
        ResolvedFunction resolved = ResolveFunction(call.Name, name, arguments, names, call.IsVariadic, position, throws: true)!;
        if (resolved.Candidate is null)
        {
            RefuseAggregateSyntax(call, name, position);
            return resolved.Cast!;
        }
        BuiltinFunction function = resolved.Candidate.Function;
        switch (function.Kind)
        {
            case 'a':
                return call.Over is null ? BindAggregate(call, resolved, level) : BindWindowCall(call, resolved, level);
            case 'w':
                if (call.Over is null) throw Error(SqlState.WrongObjectType, $"window function {name} requires an OVER clause", position);
                if (call.IsWithinGroup) throw Error(SqlState.WrongObjectType, $"window function {name} cannot have WITHIN GROUP", position);
                return BindWindowCall(call, resolved, level);
            case 'p':
                throw Error(SqlState.WrongObjectType, $"{Signature(call.Name, arguments)} is a procedure", position, hint: "To call a procedure, use CALL.");
        }
        RefuseAggregateSyntax(call, name, position);
        return FinishFunction(resolved, level, position);
    }

    private static bool IsPlain(Ast.FunctionCall call) => call is { IsStar: false, IsDistinct: false, IsVariadic: false, Filter: null, Over: null, OrderBy.Count: 0 };

    private static BoundExpression? FieldOf(RowExpression row, string name)
    {
        for (int i = 0; i < row.Fields.Count; i++)
            if (row.FieldNames[i] == name)
                return row.Fields[i];
        return null;
    }

    private static void CheckNames(Ast.FunctionCall call, List<string?>? names)
    {
        if (names is null) return;
        bool named = false;
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i] is null)
            {
                if (named) throw Error(SqlState.SyntaxError, "positional argument cannot follow named argument", call.Arguments[i].Value.Location);
                continue;
            }
            named = true;
            if (names.IndexOf(names[i]) < i)
                throw Error(SqlState.SyntaxError, $"argument name \"{names[i]}\" used more than once", call.Arguments[i].Span.Start);
        }
    }

    private static void RefuseAggregateSyntax(Ast.FunctionCall call, string name, int position)
    {
        if (call.IsStar) throw Error(SqlState.WrongObjectType, $"{name}(*) specified, but {name} is not an aggregate function", position);
        if (call.IsDistinct) throw Error(SqlState.WrongObjectType, $"DISTINCT specified, but {name} is not an aggregate function", position);
        if (call.IsWithinGroup) throw Error(SqlState.WrongObjectType, $"WITHIN GROUP specified, but {name} is not an aggregate function", position);
        if (call.OrderBy.Count > 0) throw Error(SqlState.WrongObjectType, $"ORDER BY specified, but {name} is not an aggregate function", position);
        if (call.Filter is not null) throw Error(SqlState.WrongObjectType, $"FILTER specified, but {name} is not an aggregate function", position);
        if (call.Over is not null) throw Error(SqlState.WrongObjectType, $"OVER specified, but {name} is not a window function nor an aggregate function", position);
    }

    /// <summary>A function of pg_catalog by name: what the grammar's special forms mean.</summary>
    private BoundExpression CallByName(string name, IReadOnlyList<BoundExpression> arguments, QueryLevel level, int position)
    {
        ResolvedFunction resolved = ResolveFunction(new Ast.QualifiedName(["pg_catalog", name]), name, arguments, null, false, position, throws: true)!;
        return resolved.Candidate is null ? resolved.Cast! : FinishFunction(resolved, level, position);
    }

    private string Signature(Ast.QualifiedName? name, IReadOnlyList<BoundExpression> arguments, IReadOnlyList<string?>? names = null)
    {
        IEnumerable<string> types = arguments.Select((a, i) => (names?[i] is { } argument ? argument + " => " : "") + Format(a.Type.Oid));
        return $"{string.Join('.', name?.Parts ?? [])}({string.Join(", ", types)})";
    }

    private ResolvedFunction? ResolveFunction(Ast.QualifiedName? written, string name, IReadOnlyList<BoundExpression> arguments, IReadOnlyList<string?>? names, bool isVariadic, int position, bool throws)
    {
        uint[] inputs = [.. arguments.Select(a => a.Type.Oid)];
        List<FunctionCandidate> candidates = _functions.Find(written?.Schema, name, inputs.Length, names, !isVariadic, true);
        FunctionCandidate? chosen = candidates.Find(c => c.CallTypes(inputs.Length).AsSpan().SequenceEqual(inputs));
        if (chosen is null)
        {
            if (inputs.Length == 1 && names is null && CastByName(written, name, arguments[0], position) is { } cast) return new ResolvedFunction(null, arguments, cast.Type) { Cast = cast };
            List<FunctionCandidate> matching = candidates.Count == 0 ? candidates : _overloads.Match(inputs, candidates, c => c.CallTypes(inputs.Length));
            chosen = matching.Count switch { 0 => null, 1 => matching[0], _ => _overloads.Select(inputs, matching, c => c.CallTypes(inputs.Length)) };
            if (chosen is null)
            {
                if (!throws) return null;
                string signature = Signature(written ?? new Ast.QualifiedName([name]), arguments, names);
                throw matching.Count > 1
                    ? Error(SqlState.AmbiguousFunction, $"function {signature} is not unique", position, hint: "Could not choose a best candidate function. You might need to add explicit type casts.")
                    : Error(SqlState.UndefinedFunction, $"function {signature} does not exist", position, hint: "No function matches the given name and argument types. You might need to add explicit type casts.");
            }
        }
        if (chosen.IsAmbiguous)
        {
            throw Error(SqlState.AmbiguousFunction, $"function {Signature(written ?? new Ast.QualifiedName([name]), arguments, names)} is not unique", position,
                hint: "Could not choose a best candidate function. You might need to add explicit type casts.");
        }
        if (written is not null && chosen.Function.Extension is { } extension && Resolutions is not null) Resolutions.Extensions[written] = extension;
        return Complete(chosen, arguments, isVariadic, position);
    }

    /// <summary>f(x) where f is a type and x an untyped literal, or a value that needs no function to become one.</summary>
    private BoundExpression? CastByName(Ast.QualifiedName? written, string name, BoundExpression argument, int position)
    {
        uint target = _types.FindByName(written?.Schema, name);
        if (target == 0 || _types.IsComposite(target)) return null;
        bool isCast = argument.Type.Oid == TypeOid.Unknown || _rules.FindPath(target, argument.Type.Oid, CoercionContext.Explicit, out _) switch
        {
            CoercionPath.Relabel => true,
            CoercionPath.ThroughText => !(argument.Type.Oid == TypeOid.Record || _types.IsComposite(argument.Type.Oid)) || _types.CategoryOf(target) != 'S',
            _ => false,
        };
        return isCast ? CoerceType(argument, new SqlType(target), CoercionContext.Explicit, position) : null;
    }

    /// <summary>Defaults, VARIADIC packing and conversions for a chosen signature.</summary>
    private ResolvedFunction Complete(FunctionCandidate chosen, IReadOnlyList<BoundExpression> given, bool isVariadic, int position)
    {
        BuiltinFunction function = chosen.Function;
        List<BoundExpression> arguments = [];
        for (int i = 0; i < chosen.Types.Length; i++)
        {
            int source = chosen.ArgumentPlaces is { } places ? places[i] : i < given.Count ? i : -1;
            arguments.Add(source >= 0 ? given[source] : DefaultArgument(chosen, i, position));
        }
        uint[] declared = (uint[])chosen.Types.Clone();
        uint[] actual = [.. arguments.Select(a => a.Type.Oid)];
        new PolymorphicTypes(_types, _rules).Resolve(actual, declared, function.ReturnType, position, throws: true, out uint result);
        // The vector that is searched for becomes what the column is.
        bool keepsUnknown = function.Name == "pg_typeof" || function.Key == HybridSearchQuery.FunctionKey;
        for (int i = 0; i < arguments.Count; i++)
        {
            if (keepsUnknown && declared[i] == TypeOid.Any && arguments[i].Type.Oid == TypeOid.Unknown) continue;
            arguments[i] = CoerceType(arguments[i], new SqlType(declared[i]), CoercionContext.Implicit, arguments[i].Position);
        }
        if (chosen.IsVariadicExpanded && function.Variadic != TypeOid.Any) arguments = PackVariadic(function, arguments, position);
        if (isVariadic && function.Variadic == 0) throw Error(SqlState.WrongObjectType, "VARIADIC argument must be an array", position);
        if (isVariadic && function.Variadic == TypeOid.Any)
        {
            if (!_types.IsArray(_types.BaseOf(arguments[^1].Type.Oid))) throw Error(SqlState.DatatypeMismatch, "VARIADIC argument must be an array", arguments[^1].Position);
            if (arguments[^1] is not ArrayExpression { IsNested: false } array) throw SqlException.NotSupported($"an array given as VARIADIC to {function.Name}", position);
            arguments.RemoveAt(arguments.Count - 1);
            arguments.AddRange(array.Elements);
        }
        return new ResolvedFunction(chosen, arguments, new SqlType(result));
    }

    private BoundExpression DefaultArgument(FunctionCandidate chosen, int place, int position)
    {
        (BuiltinFunction function, uint type) = (chosen.Function, chosen.Types[place]);
        string text = chosen.User is { } user ? user.ArgumentDefaults[place - (user.ArgumentTypes.Length - user.ArgumentDefaults.Length)] : FunctionDefaults.Find(function, place) ?? throw SqlException.NotSupported($"a default argument of function {function.Name}", position);
        BoundExpression value = BindExpression(SqlParser.ParseExpression(text), new QueryLevel(null)) with { Position = position };
        return TryCoerce(value, new SqlType(type), CoercionContext.Explicit, position) ?? throw new InvariantException($"default of {function.Name}");
    }

    private List<BoundExpression> PackVariadic(BuiltinFunction function, List<BoundExpression> arguments, int position)
    {
        int fixedCount = function.ArgumentTypes.Length - 1;
        List<BoundExpression> rest = arguments.GetRange(fixedCount, arguments.Count - fixedCount);
        uint element = rest[0].Type.Oid;
        uint array = _types.ArrayOf(element);
        if (array == 0) throw Error(SqlState.UndefinedObject, $"could not find array type for data type {Format(element)}", position);
        return [.. arguments.Take(fixedCount), new ArrayExpression(rest, false, new SqlType(array)) { Position = position }];
    }

    /// <summary>The value of a plain function; a set-returning one is put down for a ProjectSet.</summary>
    private BoundExpression FinishFunction(ResolvedFunction resolved, QueryLevel level, int position)
    {
        FunctionCandidate candidate = resolved.Candidate!;
        if (candidate.User is { } user) return InlineFunction(user, resolved.Arguments, level, position);
        if (!candidate.Function.ReturnsSet)
            return TryBody(candidate.Function, resolved.Arguments, resolved.ResultType, position) ?? MakeCall(candidate.Function, resolved.Arguments, resolved.ResultType, position, null);
        return AddSet(candidate.Function, resolved, level, position);
    }

    private BoundExpression AddSet(BuiltinFunction function, ResolvedFunction resolved, QueryLevel level, int position)
    {
        if (level.SetBarrier is { } barrier)
        {
            throw Error(SqlState.FeatureNotSupported, $"set-returning functions are not allowed in {barrier}", position,
                hint: "You might be able to move the set-returning function into a LATERAL FROM item.");
        }
        if (!level.Place.AllowsSets()) throw Error(SqlState.FeatureNotSupported, $"set-returning functions are not allowed in {level.Place.Words()}", position);
        TableFunctionCall call = MakeTableCall(function, resolved, position, out IReadOnlyList<string> names);
        if (IsElementSet(function)) (call, names) = (call with { ColumnTypes = [resolved.ResultType] }, [function.Name]);
        LogicalColumn column = NewColumn(function.Name, call.ColumnTypes.Count == 1 ? call.ColumnTypes[0] : SqlType.Record);
        level.Sets.Add(new ProjectedSet(column, call));
        if (call.ColumnTypes.Count == 1) return Reference(column, position);
        // Fields of a composite set become columns of their own when the node is built.
        List<LogicalColumn> fields = [.. call.ColumnTypes.Select((t, i) => NewColumn(names[i], t))];
        _setFields[column.Id] = fields;
        return new RowExpression([.. fields.Select(f => Reference(f, position))], names, SqlType.Record) { Position = position };
    }

    private readonly Dictionary<int, List<LogicalColumn>> _setFields = [];

    /// <summary>unnest: the library gives values whole; in FROM, composite ones are taken apart.</summary>
    private static bool IsElementSet(BuiltinFunction function) => function is { ReturnType: TypeOid.AnyElement, ArgumentTypes: [TypeOid.AnyArray] };

    private TableFunctionCall MakeTableCall(BuiltinFunction function, ResolvedFunction resolved, int position, out IReadOnlyList<string> names)
    {
        TableFunction implementation = Library.FindTable(function) ?? throw Unsupported(function, position);
        SqlType[] argumentTypes = [.. resolved.Arguments.Select(a => a.Type)];
        (IReadOnlyList<string> columnNames, IReadOnlyList<SqlType> types) = ResultColumns(function, resolved, position);
        names = columnNames;
        return new TableFunctionCall(function, implementation.Specialize(argumentTypes, resolved.ResultType), resolved.Arguments, types);
    }

    /// <summary>Names and types of what a function yields: OUT arguments, a composite type's columns, or one column of the function's name.</summary>
    private (IReadOnlyList<string> Names, IReadOnlyList<SqlType> Types) ResultColumns(BuiltinFunction function, ResolvedFunction resolved, int position)
    {
        if (function is { AllArgumentTypes: { } all, ArgumentModes: { } modes })
        {
            List<string> names = [];
            List<SqlType> types = [];
            uint[] actual = [.. resolved.Arguments.Select(a => a.Type.Oid)];
            for (int i = 0; i < all.Length; i++)
            {
                if (modes[i] is not ('o' or 'b' or 't')) continue;
                names.Add(function.ArgumentNames is { } argumentNames && argumentNames[i].Length > 0 ? argumentNames[i] : $"column{names.Count + 1}");
                uint type = all[i];
                if (CoercionRules.IsPolymorphic(type)) new PolymorphicTypes(_types, _rules).Resolve(actual, (uint[])function.ArgumentTypes.Clone(), type, position, throws: true, out type);
                types.Add(new SqlType(type));
            }
            if (types.Count == 1) return ([function.Name], types);
            if (types.Count > 1) return (names, types);
        }
        if (_types.RelationOf(resolved.ResultType.Oid) is { } relation)
            return ([.. relation.LiveColumns.Select(c => c.Name)], [.. relation.LiveColumns.Select(c => c.Type)]);
        return ([function.Name], [resolved.ResultType]);
    }

    /// <summary>A user's SQL function: its body as a subquery with the arguments in place of its parameters.</summary>
    private BoundExpression InlineFunction(FunctionObject user, IReadOnlyList<BoundExpression> arguments, QueryLevel level, int position)
    {
        if (user.Language != "sql") throw SqlException.NotSupported($"function {user.Name} in language {user.Language}", position);
        if (user.ReturnsSet) throw SqlException.NotSupported($"set-returning function {user.Name} in this place", position);
        BoundExpression value = BindBody(user, arguments, level, position);
        if (!user.IsStrict) return value;
        List<BoundExpression> tests = [.. arguments.Select(a => (BoundExpression)new IsNullExpression(a, true, false))];
        BoundExpression? all = ExpressionFacts.Conjunction(tests);
        return all is null ? value : new CaseExpression(null, [new CaseBranch(all, value)], null, value.Type) { Position = position };
    }
}
