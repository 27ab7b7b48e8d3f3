using System.Text;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Functions;
using VecSql.Core.Types;

namespace VecSql.Tests.Core;

/// <summary>Results that PostgreSQL 15 gave (Expectations/generate.py), one line a call.</summary>
public sealed class ScalarExpectationTests
{
    [Theory]
    [InlineData("scalar.tsv")]
    public void Functions_give_what_postgres_gives(string file)
    {
        List<string> failures = [];
        int count = 0;
        foreach (ScalarCase call in ScalarCase.ReadAll(file))
        {
            count++;
            string actual = call.Evaluate();
            if (!call.Accepts(actual)) failures.Add($"{call}: expected {call.Expected}, got {actual}");
        }
        Assert.True(count > 1000);
        Assert.True(failures.Count == 0, $"{failures.Count} of {count}:\n" + string.Join('\n', failures.Take(200)));
    }
}

/// <summary>A call of a function with arguments as text, and what it should give.</summary>
internal sealed class ScalarCase
{
    private static readonly Dictionary<string, BuiltinFunction> Signatures =
        Builtins.Functions.Where(f => f.Kind == 'f').GroupBy(f => Builtins.SignatureOf(f.Name, f.ArgumentTypes)).ToDictionary(g => g.Key, g => g.First());

    public required BuiltinFunction Function { get; init; }
    public required string?[] Arguments { get; init; }
    public required string Expected { get; init; }

    public static IEnumerable<ScalarCase> ReadAll(string file)
    {
        string path = Environment.GetEnvironmentVariable("VECSQL_EXPECTATIONS") is { } other && file == "scalar.tsv" ? other : Path.Combine(AppContext.BaseDirectory, "Core", "Expectations", file);
        foreach (string line in File.ReadLines(path))
        {
            string[] fields = line.Split('\t');
            BuiltinFunction function = Signatures[fields[0]];
            if (FunctionLibrary.Default.FindScalar(function) is null)
            {
                Assert.True(Environment.GetEnvironmentVariable("VECSQL_EXPECTATIONS") is not null, fields[0] + " is not implemented");
                continue;
            }
            yield return new ScalarCase { Function = function, Arguments = [.. fields[1..^1].Select(Unescape)], Expected = fields[^1] };
        }
    }

    /// <summary>Argument types; polymorphic ones stand for text.</summary>
    public SqlType[] ArgumentTypes => [.. Function.ArgumentTypes.Select(t => new SqlType(t is TypeOid.Any or TypeOid.AnyElement ? TypeOid.Text : t))];
    public SqlType ResultType => new(Function.ReturnType);

    public ScalarFunction Implementation => FunctionLibrary.Default.FindScalar(Function)!.Specialize(ArgumentTypes, ResultType);

    public string Evaluate()
    {
        try
        {
            EvalContext context = Contexts.Default();
            Column[] columns = new Column[Arguments.Length];
            for (int i = 0; i < columns.Length; i++) columns[i] = ParseColumn(ArgumentTypes[i], [Arguments[i]], context);
            ColumnBuilder result = ColumnBuilder.Create(TypeHandlers.KindOf(Function.ReturnType), 1);
            Implementation.Evaluate(columns, Selection.All(1), result, context);
            return Format(result.Build(), 0, ResultType, context);
        }
        catch (SqlException e)
        {
            return Escape($"ERROR:{e.SqlState}:{e.Message}");
        }
    }

    /// <summary>Transcendental functions of doubles may differ in the last place; three-way comparisons promise only the sign.</summary>
    public bool Accepts(string actual)
    {
        if (actual == Expected) return true;
        if (Function.Name.EndsWith("cmp", StringComparison.Ordinal)) return Math.Sign(int.Parse(actual)) == Math.Sign(int.Parse(Expected));
        if (Function.ReturnType != TypeOid.Float8 || Expected.StartsWith('E') || actual.StartsWith('E')) return false;
        return double.TryParse(Expected, out double expected) && double.TryParse(actual, out double got) && Math.Abs(expected - got) <= Math.Abs(expected) * 4e-16;
    }

    public static Column ParseColumn(SqlType type, IReadOnlyList<string?> values, EvalContext context)
    {
        TypeHandler handler = TypeHandlers.Of(type.Oid);
        ColumnBuilder builder = ColumnBuilder.Create(handler.Kind, values.Count);
        foreach (string? value in values)
        {
            if (value is null) builder.AppendNull();
            else handler.ParseText(Encoding.UTF8.GetBytes(value), type, builder, context);
        }
        return builder.Build();
    }

    public static string Format(Column column, int row, SqlType type, EvalContext context)
    {
        if (column.IsNull(row)) return "\\N";
        ByteBuffer text = new();
        TypeHandlers.Of(type.Oid).FormatText(column, row, type, text, context);
        // The expectations were cast to text, where booleans have names.
        string shown = Encoding.UTF8.GetString(text.WrittenSpan);
        return type.Oid == TypeOid.Bool ? shown == "t" ? "true" : "false" : Escape(shown);
    }

    public static string Escape(string text) => text.Replace("\\", "\\\\").Replace("\t", "\\t").Replace("\n", "\\n");

    public static string? Unescape(string field)
    {
        if (field == "\\N") return null;
        StringBuilder text = new();
        for (int i = 0; i < field.Length; i++)
        {
            if (field[i] != '\\') text.Append(field[i]);
            else text.Append(field[++i] switch { 't' => '\t', 'n' => '\n', char c => c });
        }
        return text.ToString();
    }

    public override string ToString() => $"{Function.Name}({string.Join(", ", Arguments.Select(a => a is null ? "NULL" : $"'{a}'"))})";
}
