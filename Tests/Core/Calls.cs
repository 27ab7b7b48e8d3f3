using System.Text;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Functions;
using VecSql.Core.Types;

namespace VecSql.Tests.Core;

/// <summary>Calls functions with arguments given as text, and reads results as text: what psql would do, without a parser.</summary>
internal static class Calls
{
    public static Column Parse(uint type, string? text, EvalContext context, int modifier = -1)
    {
        TypeHandler handler = TypeHandlers.Of(type, context.Catalog);
        ColumnBuilder builder = ColumnBuilder.Create(handler.Kind, 1);
        if (text is null) builder.AppendNull();
        else handler.ParseText(Encoding.UTF8.GetBytes(text), new SqlType(type, modifier), builder, context);
        Assert.Equal(1, builder.Count);
        return builder.BuildConstant(1);
    }

    public static string? Format(Column column, int row, uint type, EvalContext context)
    {
        if (column.IsNull(row)) return null;
        ByteBuffer output = new();
        TypeHandlers.Of(type, context.Catalog).FormatText(column, row, new SqlType(type), output, context);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>text → value → text.</summary>
    public static string? RoundTrip(uint type, string text, int modifier = -1, EvalContext? context = null)
    {
        context ??= Contexts.Default();
        return Format(Parse(type, text, context, modifier), 0, type, context);
    }

    /// <summary>text → value → binary → value → text.</summary>
    public static string? BinaryRoundTrip(uint type, string text, EvalContext? context = null)
    {
        context ??= Contexts.Default();
        TypeHandler handler = TypeHandlers.Of(type, context.Catalog);
        ByteBuffer binary = new();
        handler.WriteBinary(Parse(type, text, context), 0, new SqlType(type), binary, context);
        ColumnBuilder builder = ColumnBuilder.Create(handler.Kind, 1);
        handler.ReadBinary(binary.WrittenSpan, new SqlType(type), builder, context);
        return Format(builder.Build(), 0, type, context);
    }

    /// <summary>
    /// Calls a function or operator by name with (type, text) arguments, as constants, dense and under a selection: all must agree.
    /// An operator whose name is also a function's isn't known.
    /// </summary>
    public static string? Call(string name, uint resultType, params (uint Type, string? Text)[] arguments) => Call(Contexts.Default(), name, resultType, arguments);

    public static string? Call(EvalContext context, string name, uint resultType, params (uint Type, string? Text)[] arguments)
    {
        BuiltinFunction signature = Resolve(name, [.. arguments.Select(a => a.Type)]);
        ScalarFunction function = FunctionLibrary.Default.FindScalar(signature) ?? throw new InvalidOperationException("not implemented: " + signature.Key);
        function = function.Specialize([.. arguments.Select(a => new SqlType(a.Type))], new SqlType(resultType));
        PhysicalKind kind = TypeHandlers.KindOf(resultType, context.Catalog);
        Column[] constants = [.. arguments.Select(a => Parse(a.Type, a.Text, context))];

        ColumnBuilder result = ColumnBuilder.Create(kind);
        function.Evaluate(constants, Selection.All(1), result, context);
        string? expected = Format(result.Build(), 0, resultType, context);

        // Rows 0 … 9 dense; row 4 has null arguments, if that is no error; rows 3 and 7 selected in a second call.
        Column[] dense = [.. constants.Select(c => Spread(c, 10, signature.IsStrict))];
        function.Evaluate(dense, Selection.All(10), result, context);
        Column all = result.Build();
        foreach (int row in (int[])[0, 3, 9]) Assert.Equal(expected, Format(all, row, resultType, context));
        function.Evaluate(dense, Selection.Of([3, 7], 2), result, context);
        Column some = result.Build();
        foreach (int row in (int[])[3, 7]) Assert.Equal(expected, Format(some, row, resultType, context));
        return expected;
    }

    /// <summary>The aggregate's result for one group; merged and saved halves must give the same.</summary>
    public static string? Aggregate(string name, uint resultType, uint argumentType, params string?[] values)
    {
        EvalContext context = Contexts.Default();
        BuiltinFunction signature = Builtins.FindFunctions(name).First(f => f.Kind == 'a' && Matches(f, [argumentType]));
        AggregateFunction function = FunctionLibrary.Default.FindAggregate(signature)!.Specialize([new SqlType(argumentType)], new SqlType(resultType));
        string? Run(int split, bool saved)
        {
            using_(out AggregateState first, values[..split]);
            using_(out AggregateState second, values[split..]);
            if (saved)
            {
                ByteBuffer bytes = new();
                second.Save(0, bytes);
                first.Restore(0, bytes.WrittenSpan, context);
            }
            else first.Merge(second, [0], context);
            ColumnBuilder result = ColumnBuilder.Create(TypeHandlers.KindOf(resultType));
            first.Finish(0, 1, result, context);
            return Format(result.Build(), 0, resultType, context);
        }
        void using_(out AggregateState state, string?[] part)
        {
            state = function.CreateState();
            state.EnsureGroups(1);
            foreach (string? value in part) state.Update([Parse(argumentType, value, context)], Selection.All(1), [0], context);
        }
        string? whole = Run(values.Length, false);
        for (int split = 0; split < values.Length; split++)
        {
            Assert.Equal(whole, Run(split, false));
            Assert.Equal(whole, Run(split, true));
        }
        return whole;
    }

    public static SqlException Fails(Func<object?> call) => Assert.Throws<SqlException>(() => { call(); });

    /// <summary>"code: message" and, if there is one, " | detail".</summary>
    public static string Describe(SqlException e) => $"{e.SqlState}: {e.Message}{(e.Detail is null ? "" : " | " + e.Detail)}{(e.Where is null ? "" : " @ " + e.Where)}";

    /// <summary>The lines of a file of expectations, without comments.</summary>
    public static IEnumerable<string> Expectations(string file) =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Core", "Expectations", file)).Where(line => !line.StartsWith('#'));

    private static Column Spread(Column constant, int rows, bool hasNull)
    {
        ColumnBuilder builder = ColumnBuilder.Create(constant.Kind);
        for (int row = 0; row < rows; row++)
        {
            if (row == 4 && hasNull) builder.AppendNull();
            else builder.AppendFrom(constant, 0);
        }
        return builder.Build();
    }

    public static BuiltinFunction Resolve(string name, uint[] types)
    {
        IEnumerable<BuiltinFunction> candidates = char.IsLetter(name[0]) || name[0] == '_'
            ? Builtins.FindFunctions(name)
            : Builtins.FindOperators(name).Where(o => (o.Left == 0 ? 1 : 2) == types.Length).Select(o => Builtins.FindFunction(o.Function)!);
        return candidates.Where(f => Matches(f, types)).OrderByDescending(f => f.ArgumentTypes.Zip(types).Sum(Closeness)).FirstOrDefault()
            ?? throw new InvalidOperationException($"no function {Builtins.SignatureOf(name, types)}");
    }

    /// <summary>Exact types first; of polymorphic ones, arrays for arrays.</summary>
    private static int Closeness((uint Wanted, uint Given) pair) =>
        pair.Wanted == pair.Given ? 2 : pair.Wanted is TypeOid.AnyArray or TypeOid.AnyCompatibleArray ? 1 : 0;

    private static bool Matches(BuiltinFunction function, uint[] types)
    {
        if (function.Variadic == 0 ? function.ArgumentTypes.Length != types.Length : types.Length < function.ArgumentTypes.Length) return false;
        for (int i = 0; i < function.ArgumentTypes.Length; i++)
        {
            uint wanted = function.ArgumentTypes[i], given = types[i];
            bool isArray = Builtins.FindType(given) is { Category: 'A' };
            bool fits = wanted == given || wanted switch
            {
                TypeOid.AnyElement or TypeOid.AnyCompatible or TypeOid.Any => true,
                TypeOid.AnyArray or TypeOid.AnyCompatibleArray => isArray,
                TypeOid.AnyNonArray or TypeOid.AnyCompatibleNonArray => !isArray,
                TypeOid.AnyEnum or TypeOid.Record => given >= TypeOid.FirstNormalObject,
                _ => false,
            };
            if (!fits) return false;
        }
        return true;
    }
}
