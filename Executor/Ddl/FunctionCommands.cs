using System.Collections.Immutable;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Parser;
using VecSql.Parser.Ast;
using VecSql.Parser.Deparsing;

namespace VecSql.Executor.Ddl;

/// <summary>CREATE FUNCTION … LANGUAGE sql: one SELECT, which the planner puts in the place of each call.</summary>
internal sealed class FunctionCommands(DdlContext context)
{
    private static readonly string[] Refused = ["plpgsql", "c", "internal", "plpython3u", "plperl", "pltcl"];

    public string Create(CreateFunctionStatement statement)
    {
        int position = statement.Span.Start;
        if (statement.IsProcedure) throw SqlException.NotSupported("CREATE PROCEDURE", position);
        CheckLanguage(statement);
        RefuseUnsupported(statement);
        uint schema = new CatalogNames(context).CreationSchema(statement.Name, isTemporary: false);
        FunctionParameter[] inputs = [.. statement.Parameters.Where(p => p.Mode != ParameterMode.Table)];
        uint[] types = [.. inputs.Select(p => context.ResolveType(p.Type).Oid)];
        FunctionObject function = new()
        {
            Oid = context.Transaction.AllocateOid(), Name = statement.Name.Name, Schema = schema, Owner = context.CurrentRole, ArgumentTypes = [.. types],
            ArgumentNames = inputs.Any(p => p.Name is not null) ? [.. inputs.Select(p => p.Name ?? "")] : [], ArgumentDefaults = Defaults(inputs, types), ReturnType = ReturnType(statement), ReturnsSet = statement.ReturnsTable || statement.Returns?.IsSetOf == true,
            IsStrict = Has(statement, FunctionOptionKind.Strict), Language = "sql", Body = Body(statement),
            Volatility = Has(statement, FunctionOptionKind.Immutable) ? 'i' : Has(statement, FunctionOptionKind.Stable) ? 's' : 'v',
        };
        FunctionObject? existing = context.Catalog.Objects.OfType<FunctionObject>().FirstOrDefault(f => f.Schema == schema && f.Name == function.Name && f.ArgumentTypes.AsSpan().SequenceEqual(types));
        if (existing is not null)
        {
            if (!statement.OrReplace) throw Duplicate(function.Name);
            new Ownership(context).Check(existing);
            if (existing.ReturnType != function.ReturnType || existing.ReturnsSet != function.ReturnsSet)
            {
                throw new SqlException(SqlState.InvalidFunctionDefinition, "cannot change return type of existing function",
                    hint: $"Use DROP {new ObjectText(context).Of(existing).ToUpperInvariant()[..8]}{new ObjectText(context).Of(existing)[8..]} first.");
            }
            if (existing.ArgumentDefaults.Length > function.ArgumentDefaults.Length)
            {
                throw new SqlException(SqlState.InvalidFunctionDefinition, "cannot remove parameter defaults from existing function",
                    hint: $"Use DROP {new ObjectText(context).Of(existing).ToUpperInvariant()[..8]}{new ObjectText(context).Of(existing)[8..]} first.");
            }
            function = function with { Oid = existing.Oid, Owner = existing.Owner, Acl = existing.Acl, Comment = existing.Comment };
        }
        context.Transaction.Put(function);
        Validate(function, statement);
        return "CREATE FUNCTION";
    }

    /// <summary>Defaults of the last parameters; after the first one that has a default all must have one.</summary>
    private ImmutableArray<string> Defaults(FunctionParameter[] inputs, uint[] types)
    {
        ImmutableArray<string>.Builder defaults = ImmutableArray.CreateBuilder<string>();
        StoredExpressions expressions = new(context);
        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i].Default is { } value) defaults.Add(expressions.ArgumentDefault(value, new SqlType(types[i])));
            else if (defaults.Count > 0) throw new SqlException(SqlState.InvalidFunctionDefinition, "input parameters after one with a default value must also have defaults");
        }
        return defaults.ToImmutable();
    }

    /// <summary>42723 if there is such a function.</summary>
    public static void RequireFree(DdlContext context, uint schema, string name, ImmutableArray<uint> types)
    {
        if (context.Catalog.Objects.OfType<FunctionObject>().Any(f => f.Schema == schema && f.Name == name && f.ArgumentTypes.AsSpan().SequenceEqual(types.AsSpan()))) throw Duplicate(name);
    }

    private static SqlException Duplicate(string name) => new(SqlState.DuplicateFunction, $"function \"{name}\" already exists with same argument types");

    private static bool Has(CreateFunctionStatement statement, FunctionOptionKind kind) => statement.Options.Any(o => o.Kind == kind);

    private static void CheckLanguage(CreateFunctionStatement statement)
    {
        string? language = statement.Options.FirstOrDefault(o => o.Kind == FunctionOptionKind.Language)?.Values[0].ToLowerInvariant();
        if (language is null && statement.ReturnBody is null && statement.AtomicBody is null) throw new SqlException(SqlState.InvalidFunctionDefinition, "no language specified");
        if (language is null or "sql") return;
        if (Refused.Contains(language)) throw SqlException.NotSupported($"a function in language {language}", statement.Span.Start, "Functions can be written in SQL.");
        throw new SqlException(SqlState.UndefinedObject, $"language \"{language}\" does not exist");
    }

    private static void RefuseUnsupported(CreateFunctionStatement statement)
    {
        foreach (FunctionParameter parameter in statement.Parameters)
        {
            int position = parameter.Span.Start;
            if (parameter.Mode is ParameterMode.Out or ParameterMode.InOut) throw SqlException.NotSupported("an OUT parameter of a function", position, "Use RETURNS TABLE.");
            if (parameter.Mode == ParameterMode.Variadic) throw SqlException.NotSupported("a VARIADIC parameter of a function", position);
        }
        foreach (FunctionOption option in statement.Options)
        {
            if (option.Kind is FunctionOptionKind.Window or FunctionOptionKind.Transform or FunctionOptionKind.SecurityDefiner or FunctionOptionKind.Set or FunctionOptionKind.Support)
                throw SqlException.NotSupported($"CREATE FUNCTION … {option.Kind.ToString().ToUpperInvariant()}", option.Span.Start);
        }
    }

    private SqlType ReturnType(CreateFunctionStatement statement)
    {
        if (statement.ReturnsTable) return SqlType.Record;
        if (statement.Returns is not { } returns) throw new SqlException(SqlState.InvalidFunctionDefinition, "function result type must be specified");
        SqlType type = context.ResolveType(returns with { IsSetOf = false });
        if (type.Oid is TypeOid.Void or TypeOid.Record || Builtins.FindType(type.Oid) is { Kind: 'p' })
            throw SqlException.NotSupported($"a function that returns {TypeNames.Display(type)}", returns.Span.Start);
        return new SqlType(type.Oid);
    }

    private static string Body(CreateFunctionStatement statement)
    {
        if (statement.ReturnBody is { } value) return Deparser.ToSql(new SelectStatement(new SelectCore([new SelectItem(value, null)])));
        if (statement.AtomicBody is { } statements)
        {
            if (statements is [SelectStatement select]) return Deparser.ToSql(select);
            if (statements is [ReturnStatement { Value: var returned }]) return Deparser.ToSql(new SelectStatement(new SelectCore([new SelectItem(returned, null)])));
            throw SqlException.NotSupported("a function of several statements", statement.Span.Start);
        }
        FunctionOption body = statement.Options.FirstOrDefault(o => o.Kind == FunctionOptionKind.As) ?? throw new SqlException(SqlState.InvalidFunctionDefinition, "no function body specified");
        IReadOnlyList<ParsedStatement> parsed = SqlParser.Parse(body.Values[0]);
        if (parsed.Count != 1) throw SqlException.NotSupported("a function of several statements", statement.Span.Start);
        if (parsed[0].Statement is not SelectStatement) throw SqlException.NotSupported("a function whose body isn't a SELECT", statement.Span.Start);
        return body.Values[0];
    }

    /// <summary>A call must bind: then the body is right, and its results are what was declared.</summary>
    private void Validate(FunctionObject function, CreateFunctionStatement statement)
    {
        string arguments = string.Join(", ", function.ArgumentTypes.Select(t => "NULL::" + Deparser.ToSql(TypeNodes.Of(new SqlType(t), context.Catalog))));
        string call = $"{SqlIdentifier.Quote(context.SchemaName(function.Schema))}.{SqlIdentifier.Quote(function.Name)}({arguments})";
        try
        {
            IReadOnlyList<Planner.PlanColumn> columns = context.Planner.Plan(SqlParser.Parse(function.ReturnsSet ? $"SELECT * FROM {call}" : $"SELECT {call}")[0].Statement, [], context.Planning()).Columns;
            if (function.ReturnsSet) CheckColumns(function, statement, columns);
        }
        catch (SqlException e) when (e.Position >= 0)
        {
            throw new SqlException(e.SqlState, e.Message, -1, e.Detail, e.Hint, e) { Where = $"SQL function \"{function.Name}\"" };
        }
    }

    private void CheckColumns(FunctionObject function, CreateFunctionStatement statement, IReadOnlyList<Planner.PlanColumn> columns)
    {
        (string Name, SqlType Type)[] declared = statement.ReturnsTable
            ? [.. statement.Parameters.Where(p => p.Mode == ParameterMode.Table).Select(p => (p.Name!, context.ResolveType(p.Type)))]
            : context.Catalog.Relations.OfType<TableObject>().FirstOrDefault(t => t.RowTypeOid == function.ReturnType.Oid) is { } row
                ? [.. row.LiveColumns.Select(c => (c.Name, c.Type))] : [("", function.ReturnType)];
        bool fits = declared.Length == columns.Count && declared.Zip(columns).All(p => p.First.Type.Oid == p.Second.Type.Oid);
        if (!fits)
        {
            throw new SqlException(SqlState.InvalidFunctionDefinition, $"return type mismatch in function declared to return {(statement.ReturnsTable ? "record" : TypeNames.Display(function.ReturnType, context.Catalog))}",
                detail: "The final statement's columns must have the declared types.") { Where = $"SQL function \"{function.Name}\"" };
        }
        if (declared.Length > 1 && !declared.Zip(columns).All(p => p.First.Name == p.Second.Name))
            throw SqlException.NotSupported("a set-returning function whose query names its columns otherwise than declared", statement.Span.Start, "Name the columns in the SELECT with AS.");
    }
}
