using System.Text;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Functions;
using VecSql.Core.Types;
using VecSql.Executor;
using VecSql.Planner;
using VecSql.Planner.Expressions;
using VecSql.Planner.Physical;
using VecSql.Tests.Core;

namespace VecSql.Tests.Executor;

/// <summary>Plans and expressions made by hand, and runs of them in several modes. Values are int?, long?, bool?, double?, string or null.</summary>
internal static class TestPlans
{
    public static readonly ExecutionOptions[] Modes =
    [
        new() { BatchSize = 2048 },
        new() { BatchSize = 3 },
        new() { BatchSize = 1, ForceSpill = true },
        new() { BatchSize = 2048, ForceSpill = true },
    ];

    public static EvalContext Context(params Column[] parameters) => new()
    {
        Display = new DisplaySettings(), Catalog = CatalogSnapshot.Empty, Clock = TimeProvider.System, Random = new Random(1), Session = new FakeSession(), Parameters = parameters,
    };

    public static SqlType TypeOf(object? value) => value switch
    {
        int => SqlType.Int4, long => SqlType.Int8, bool => SqlType.Bool, double => SqlType.Float8, string => SqlType.Text, _ => SqlType.Int4,
    };

    public static LiteralExpression Literal(object? value, SqlType? type = null)
    {
        SqlType actual = type ?? TypeOf(value);
        ColumnBuilder builder = ColumnBuilder.Create(TypeHandlers.KindOf(actual.Oid), 1);
        Append(builder, value);
        return new LiteralExpression(builder.BuildConstant(1), actual);
    }

    public static InputExpression Input(int ordinal, SqlType type) => new(ordinal, type);
    public static InputExpression Int4(int ordinal) => new(ordinal, SqlType.Int4);

    public static CallExpression Call(string key, params BoundExpression[] arguments)
    {
        uint[] types = [.. arguments.Select(a => a.Type.Oid)];
        BuiltinFunction signature = Builtins.Functions.First(f => f.Key == key && f.ArgumentTypes.AsSpan().SequenceEqual(types));
        SqlType result = new(signature.ReturnType);
        ScalarFunction function = FunctionLibrary.Default.FindScalar(signature) ?? throw new InvalidOperationException("no function " + signature.Key);
        return new CallExpression(signature, function.Specialize([.. arguments.Select(a => a.Type)], result), arguments, result);
    }

    public static CallExpression Int4Equality => Call("int4eq", Int4(0), Int4(1));

    public static ValuesScan Values(IReadOnlyList<SqlType> types, IEnumerable<object?[]> rows) =>
        new([.. rows.Select(r => (IReadOnlyList<BoundExpression>)[.. r.Select((v, i) => Literal(v, types[i]))])], types);

    public static ValuesScan IntValues(params int?[][] rows) =>
        Values([.. Enumerable.Repeat(SqlType.Int4, rows.Length == 0 ? 1 : rows[0].Length)], rows.Select(r => r.Select(v => (object?)v).ToArray()));

    public static SortKey Key(BoundExpression expression, bool descending = false, bool? nullsFirst = null) => new(expression, descending, nullsFirst ?? descending);

    public static List<object?[]> Run(PhysicalPlan plan, ExecutionOptions? options = null, EvalContext? context = null, int slots = 0)
    {
        QueryPlan query = new(plan, [], [], slots, QueryKind.Select);
        using QueryExecution execution = QueryExecution.Open(query, null!, context ?? Context(), options ?? new ExecutionOptions());
        List<object?[]> rows = [];
        while (execution.Next() is { } batch)
        {
            Assert.True(batch.Count > 0);
            for (int i = 0; i < batch.Count; i++)
            {
                int row = batch.Selection[i];
                object?[] values = new object?[batch.ColumnCount];
                for (int column = 0; column < values.Length; column++) values[column] = Value(batch[column], row);
                rows.Add(values);
            }
        }
        return rows;
    }

    /// <summary>Runs in every mode and asserts that the rows are these.</summary>
    public static void AssertRows(PhysicalPlan plan, IEnumerable<object?[]> expected, bool ordered = true, int slots = 0)
    {
        string[] wanted = [.. expected.Select(Text)];
        if (!ordered) Array.Sort(wanted, string.CompareOrdinal);
        foreach (ExecutionOptions mode in Modes)
        {
            string[] actual = [.. Run(plan, mode, slots: slots).Select(Text)];
            if (!ordered) Array.Sort(actual, string.CompareOrdinal);
            Assert.True(wanted.SequenceEqual(actual), $"batch size {mode.BatchSize}, spill {mode.ForceSpill}:\nexpected\n{string.Join('\n', wanted.Take(50))}\nactual\n{string.Join('\n', actual.Take(50))}");
        }
    }

    public static string Text(object?[] row) => string.Join('|', row.Select(v => v?.ToString() ?? "∅"));

    public static object? Value(Column column, int row) => column.IsNull(row) ? null : column switch
    {
        Column<int> c => c[row],
        Column<long> c => c[row],
        Column<bool> c => c[row],
        Column<double> c => c[row],
        Column<short> c => (int)c[row],
        BytesColumn c => Encoding.UTF8.GetString(c[row]),
        _ => throw new InvalidOperationException(column.Kind.ToString()),
    };

    public static void Append(ColumnBuilder builder, object? value)
    {
        switch (value)
        {
            case null: builder.AppendNull(); break;
            case int v when builder is ColumnBuilder<long> b: b.Append(v); break;
            case int v: ((ColumnBuilder<int>)builder).Append(v); break;
            case long v: ((ColumnBuilder<long>)builder).Append(v); break;
            case bool v: ((ColumnBuilder<bool>)builder).Append(v); break;
            case double v: ((ColumnBuilder<double>)builder).Append(v); break;
            case string v: ((BytesColumnBuilder)builder).Append(Encoding.UTF8.GetBytes(v)); break;
            default: throw new InvalidOperationException(value.GetType().Name);
        }
    }
}
