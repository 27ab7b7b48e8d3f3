using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Functions;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>Functions in FROM.</summary>
internal sealed partial class Binder
{
    private (LogicalPlan, NamespaceItem) BindFunctionItem(Ast.FunctionRef reference, QueryLevel level)
    {
        (bool before, ExpressionPlace place) = (level.IsLateralActive, level.Place);
        level.IsLateralActive = true;
        level.Place = ExpressionPlace.FromFunction;
        List<FromCall> calls = [];
        foreach (Ast.FunctionSource source in reference.Functions)
        {
            IReadOnlyList<Ast.ColumnDefinition> definitions = source.ColumnDefinitions.Count > 0 ? source.ColumnDefinitions : reference.ColumnDefinitions;
            foreach (Ast.Expression function in ExpandUnnest(source.Function)) calls.Add(BindFromCall(function, definitions, level));
        }
        (level.IsLateralActive, level.Place) = (before, place);
        bool isSingle = calls.Count == 1;
        string name = reference.Alias?.Name ?? calls[0].Name;
        List<string> names = [];
        foreach (FromCall call in calls)
        {
            // A function of one unnamed column takes the alias as the column's name.
            if (isSingle && call.IsUnnamedScalar && reference.Alias is { } alias) names.Add(alias.Name);
            else names.AddRange(call.Names);
        }
        List<LogicalColumn> columns = [];
        foreach (FromCall call in calls)
            foreach (SqlType type in call.Types) columns.Add(NewColumn(names[columns.Count], type));
        LogicalColumn? ordinality = reference.WithOrdinality ? NewColumn("ordinality", SqlType.Int8) : null;
        LogicalPlan plan = MakeFunctionPlan(calls, columns, ordinality, reference.Span.Start);
        List<NamedColumn> named = Rename(Named(plan.Output), reference.Alias, name);
        bool isScalar = isSingle && calls[0].Types.Count == 1 && calls[0].IsScalar && ordinality is null;
        return (plan, new NamespaceItem(name, named) { IsScalarFunction = isScalar });
    }

    /// <summary>A function in FROM: a set (Call), a value (Value), or an inlined query.</summary>
    private sealed record FromCall(string Name, IReadOnlyList<string> Names, IReadOnlyList<SqlType> Types)
    {
        public TableFunctionCall? Call { get; init; }
        public BoundExpression? Value { get; init; }
        public LogicalPlan? Query { get; init; }
        public bool IsUnnamedScalar { get; init; }
        public bool IsScalar { get; init; }

        /// <summary>The value is a row, of which each field is a column.</summary>
        public bool IsRow { get; init; }
    }

    /// <summary>One value in FROM: a row of a composite type shows as its columns.</summary>
    private FromCall OfValue(string figured, BoundExpression value) => _types.RelationOf(_types.BaseOf(value.Type.Oid)) is { } relation
        ? new FromCall(figured, [.. relation.LiveColumns.Select(c => c.Name)], [.. relation.LiveColumns.Select(c => c.Type)]) { Value = value, IsRow = true }
        : new FromCall(figured, [figured], [value.Type]) { Value = value, IsUnnamedScalar = true, IsScalar = true };

    private LogicalPlan MakeFunctionPlan(List<FromCall> calls, List<LogicalColumn> columns, LogicalColumn? ordinality, int position)
    {
        if (calls.TrueForAll(c => c.Call is not null)) return new FunctionScan([.. calls.Select(c => c.Call!)], ordinality, columns);
        if (calls is [{ Value: { } whole, IsRow: true }] && ordinality is null)
        {
            LogicalColumn row = NewColumn(calls[0].Name, whole.Type);
            BoundExpression Field(LogicalColumn column, int place) => new FieldExpression(Reference(row, position), place, column.Name, column.Type) { Position = position };
            return new Project(new Values([[whole]], [row]), [.. columns.Select((c, i) => new ProjectedColumn(c, Field(c, i)))]);
        }
        if (calls is [{ Value: { } value, IsRow: false }])
            return ordinality is null ? new Values([[value]], columns) : new Values([[value, Literals.Int8(1)]], [.. columns, ordinality]);
        if (calls is [{ Query: { } query }] && ordinality is null)
            return new Project(query, [.. columns.Select((c, i) => new ProjectedColumn(c, Reference(query.Output[i])))]);
        throw SqlException.NotSupported("ROWS FROM or WITH ORDINALITY over this function", position);
    }

    /// <summary>unnest(a, b) in FROM is ROWS FROM (unnest(a), unnest(b)).</summary>
    private static IEnumerable<Ast.Expression> ExpandUnnest(Ast.Expression function)
    {
        if (function is not Ast.FunctionCall { Name: { Name: "unnest", Schema: null or "pg_catalog" }, Arguments.Count: > 1 } call || !IsPlain(call) || call.Arguments.Any(a => a.Name is not null)) return [function];
        return call.Arguments.Select(a => call with { Arguments = [a] });
    }

    private FromCall BindFromCall(Ast.Expression function, IReadOnlyList<Ast.ColumnDefinition> definitions, QueryLevel level)
    {
        string figured = ColumnNames.Figure(function);
        int position = function.Location;
        if (function is not Ast.FunctionCall call)
        {
            BoundExpression special = BindExpression(function, level);
            return new FromCall(figured, [figured], [special.Type]) { Value = special, IsUnnamedScalar = true, IsScalar = true };
        }
        List<BoundExpression> arguments = [.. call.Arguments.Select(a => BindExpression(a.Value, level))];
        List<string?>? names = call.Arguments.Any(a => a.Name is not null) ? [.. call.Arguments.Select(a => a.Name)] : null;
        CheckNames(call, names);
        ResolvedFunction resolved = ResolveFunction(call.Name, call.Name.Name, arguments, names, call.IsVariadic, position, throws: true)!;
        if (resolved.Candidate is null) return new FromCall(figured, [figured], [resolved.ResultType]) { Value = resolved.Cast, IsUnnamedScalar = true, IsScalar = true };
        BuiltinFunction signature = resolved.Candidate.Function;
        if (signature.Kind == 'a') throw Error(SqlState.GroupingError, "aggregate functions are not allowed in functions in FROM", position);
        if (signature.Kind == 'w') throw Error(SqlState.WindowingError, "window functions are not allowed in functions in FROM", position);
        RefuseAggregateSyntax(call, call.Name.Name, position);
        if (resolved.Candidate.User is { } user)
        {
            BoundQuery query = BindFunctionQuery(user, resolved.Arguments, level, position);
            bool isOne = query.Columns.Count == 1;
            // Not a set: one row, whatever the body's query gives.
            if (isOne && !user.ReturnsSet) return OfValue(figured, InlineFunction(user, resolved.Arguments, level, position));
            return new FromCall(figured, isOne ? [figured] : [.. query.Columns.Select(c => c.Name)], [.. query.Columns.Select(c => c.Type)]) { Query = query.Plan, IsUnnamedScalar = isOne, IsScalar = isOne };
        }
        if (signature.Key == HybridSearchQuery.FunctionKey)
        {
            BoundQuery search = BindHybridSearch(signature, resolved.Arguments, level, position);
            return new FromCall(figured, [.. search.Columns.Select(c => c.Name)], [.. search.Columns.Select(c => c.Type)]) { Query = search.Plan };
        }
        if (Library.FindTable(signature) is null && !signature.ReturnsSet)
        {
            return OfValue(figured, MakeCall(signature, resolved.Arguments, resolved.ResultType, position, null));
        }
        return BindSetInFrom(signature, resolved, definitions, figured, position);
    }

    private FromCall BindSetInFrom(BuiltinFunction signature, ResolvedFunction resolved, IReadOnlyList<Ast.ColumnDefinition> definitions, string figured, int position)
    {
        TableFunctionCall set = MakeTableCall(signature, resolved, position, out IReadOnlyList<string> columnNames);
        bool isRecord = set.ColumnTypes.Count == 1 && set.ColumnTypes[0].Oid == TypeOid.Record;
        if (definitions.Count > 0)
        {
            if (!isRecord)
                throw Error(SqlState.SyntaxError, "a column definition list is only allowed for functions returning \"record\"", definitions[0].Span.Start);
            List<SqlType> types = [.. definitions.Select(d => ResolveType(d.Type ?? throw Error(SqlState.SyntaxError, "a column definition needs a type", d.Span.Start)))];
            SqlType[] argumentTypes = [.. set.Arguments.Select(a => a.Type)];
            return new FromCall(figured, [.. definitions.Select(d => d.Name)], types)
            {
                Call = set with { ColumnTypes = types, Function = set.Function.Specialize(argumentTypes, SqlType.Record).WithColumns([.. definitions.Select(d => d.Name)], types) },
            };
        }
        if (isRecord) throw Error(SqlState.SyntaxError, "a column definition list is required for functions returning \"record\"", position);
        if (IsElementSet(signature) && _types.RelationOf(resolved.ResultType.Oid) is not null)
            return new FromCall(figured, columnNames, set.ColumnTypes) { Call = set with { Function = new RowFieldsFunction(set.Function) } };
        if (set.ColumnTypes.Count > 1) return new FromCall(figured, columnNames, set.ColumnTypes) { Call = set };
        string? outName = SingleOutName(signature);
        return new FromCall(figured, [outName ?? figured], set.ColumnTypes) { Call = set, IsUnnamedScalar = outName is null, IsScalar = true };
    }

    private static string? SingleOutName(BuiltinFunction function)
    {
        if (function is not { ArgumentModes: { } modes, ArgumentNames: { } names }) return null;
        string? found = null;
        for (int i = 0; i < modes.Length; i++)
        {
            if (modes[i] is not ('o' or 'b' or 't')) continue;
            if (found is not null) return null;
            found = names[i];
        }
        return string.IsNullOrEmpty(found) ? null : found;
    }
}
