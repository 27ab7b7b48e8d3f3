using System.Text;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Functions;
using VecSql.Core.Types;

namespace VecSql.Tests.Core.DateTimes;

/// <summary>
/// What PostgreSQL 15 gave. Lines of datetime_text.tsv: style, type:modifier, input, output; of datetime_calls.tsv: style, name(types), arguments, result.
/// A style is DateStyle|order|IntervalStyle|zone. Errors read ERROR:sqlstate:message|hint.
/// </summary>
public sealed class DateTimeExpectationTests
{
    [Fact]
    public void Input_and_output_are_those_of_postgres() => Check("datetime_text.tsv", 3000, static (fields, context) =>
    {
        string[] type = fields[1].Split(':');
        uint oid = uint.Parse(type[0]);
        Column column = Calls.Parse(oid, ScalarCase.Unescape(fields[2]), context, int.Parse(type[1]));
        return ScalarCase.Escape(Calls.Format(column, 0, oid, context)!);
    });

    [Fact]
    public void Functions_give_what_postgres_gives() => Check("datetime_calls.tsv", 3000, static (fields, context) =>
    {
        BuiltinFunction function = Signatures[fields[1]];
        SqlType[] types = [.. function.ArgumentTypes.Select(t => new SqlType(t))];
        ScalarFunction implementation = FunctionLibrary.Default.FindScalar(function)!.Specialize(types, new SqlType(function.ReturnType));
        Column[] constants = [.. types.Select((t, i) => Calls.Parse(t.Oid, ScalarCase.Unescape(fields[i + 2]), context))];
        ColumnBuilder result = ColumnBuilder.Create(TypeHandlers.KindOf(function.ReturnType));
        implementation.Evaluate(constants, Selection.All(1), result, context);
        string shown = Show(result.Build(), 0);

        // The same in dense columns, and under a selection that skips rows.
        Column[] dense = [.. constants.Select(static c => Spread(c))];
        implementation.Evaluate(dense, Selection.All(5), result, context);
        Assert.Equal(shown, Show(result.Build(), 4));
        implementation.Evaluate(dense, Selection.Of([1, 3], 2), result, context);
        Column some = result.Build();
        Assert.Equal(shown, Show(some, 1));
        Assert.Equal(shown, Show(some, 3));
        return shown;

        string Show(Column column, int row) => ScalarCase.Format(column, row, new SqlType(function.ReturnType), context);
    });

    private static readonly Dictionary<string, BuiltinFunction> Signatures =
        Builtins.Functions.Where(f => f.Kind == 'f').GroupBy(f => Builtins.SignatureOf(f.Name, f.ArgumentTypes)).ToDictionary(g => g.Key, g => g.First());

    private static Column Spread(Column constant)
    {
        ColumnBuilder builder = ColumnBuilder.Create(constant.Kind, 8);
        for (int i = 0; i < 5; i++) builder.AppendFrom(constant, 0);
        return builder.Build();
    }

    private static void Check(string file, int atLeast, Func<string[], EvalContext, string> evaluate)
    {
        Dictionary<string, EvalContext> contexts = [];
        List<string> failures = [];
        int count = 0;
        foreach (string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Core", "Expectations", file)))
        {
            string[] fields = line.Split('\t');
            if (!contexts.TryGetValue(fields[0], out EvalContext? context)) contexts[fields[0]] = context = Contexts.Default(Styles.Parse(fields[0]));
            string actual;
            try
            {
                actual = evaluate(fields, context);
            }
            catch (SqlException e)
            {
                actual = ScalarCase.Escape($"ERROR:{e.SqlState}:{e.Message}{(e.Hint is null ? "" : "|" + e.Hint)}");
            }
            count++;
            if (actual != fields[^1] && !IsClose(actual, fields[^1])) failures.Add($"{line}\n    got {actual}");
        }
        Assert.True(count > atLeast);
        Assert.True(failures.Count == 0, $"{failures.Count} of {count}:\n{string.Join('\n', failures.Take(50))}");
    }

    /// <summary>Doubles may differ in the last place.</summary>
    private static bool IsClose(string left, string right) =>
        double.TryParse(left, out double l) && double.TryParse(right, out double r) && Math.Abs(l - r) <= 4e-15 * Math.Abs(r);
}

/// <summary>Display settings by name: DateStyle|order|IntervalStyle|zone.</summary>
internal static class Styles
{
    public static DisplaySettings Parse(string text)
    {
        string[] parts = text.Split('|');
        return new DisplaySettings
        {
            DateFormat = Enum.Parse<DateStyleFormat>(parts[0]), DateOrder = Enum.Parse<DateOrder>(parts[1]), IntervalStyle = Enum.Parse<IntervalStyle>(parts[2]),
            TimeZoneName = parts[3],
        };
    }

    /// <summary>All whose output PostgreSQL can read: year first and German with month first write what they would read otherwise.</summary>
    public static IEnumerable<DisplaySettings> Readable(string zone) =>
        from format in Enum.GetValues<DateStyleFormat>()
        from order in Enum.GetValues<DateOrder>()
        where format == DateStyleFormat.Iso || order == DateOrder.Dmy || (order == DateOrder.Mdy && format != DateStyleFormat.German)
        from style in Enum.GetValues<IntervalStyle>()
        select Parse($"{format}|{order}|{style}|{zone}");
}
