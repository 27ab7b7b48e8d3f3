using System.Text;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Tests.Core;

/// <summary>Calls whose results PostgreSQL 15 was asked for (Expectations/ask.py).</summary>
public sealed class ExpectationTests
{
    [Theory]
    [InlineData("arrays.tsv")]
    [InlineData("json.tsv")]
    public void Results_are_those_of_PostgreSQL(string file)
    {
        StringBuilder wrong = new();
        int lines = 0, failures = 0;
        foreach (string line in Calls.Expectations(file))
        {
            lines++;
            string[] fields = line.Split('\t');
            string actual = Run(fields);
            if (actual == fields[0]) continue;
            failures++;
            wrong.AppendLine(line).AppendLine("    but: " + actual);
        }
        Assert.True(failures == 0, $"{failures} of {lines}:\n{wrong}");
        Assert.True(lines > 50);
    }

    private static string Run(string[] fields)
    {
        try
        {
            uint result = Oid(fields[2]);
            (uint Type, string? Text)[] arguments = [.. fields[3..].Select(Argument)];
            string? value = fields[1] switch
            {
                "parse" => Same(Calls.RoundTrip(result, arguments[0].Text!), Calls.BinaryRoundTrip(result, arguments[0].Text!)),
                _ when fields[1].StartsWith("agg:", StringComparison.Ordinal) => Calls.Aggregate(fields[1][4..], result, arguments[0].Type, [.. arguments.Select(a => a.Text)]),
                _ => Calls.Call(fields[1], result, arguments),
            };
            if (result == TypeOid.Bool) value = value switch { "t" => "true", "f" => "false", _ => value };
            return value is null ? "\\N" : Escape(value);
        }
        catch (SqlException e)
        {
            return Escape("!" + Calls.Describe(e));
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            return $"{e.GetType().Name}: {e.Message} {e.StackTrace?.Split('\n')[0]}";
        }
    }

    private static string? Same(string? first, string? second) => first == second ? first : $"{first} in text, {second} through binary";
    private static uint Oid(string type) => Builtins.FindType(type)?.Oid ?? throw new InvalidOperationException("no type " + type);

    private static (uint, string?) Argument(string field)
    {
        int colon = field.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? (Oid(field), null) : (Oid(field[..colon]), Unescape(field[(colon + 1)..]));
    }

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal);

    private static string Unescape(string text) =>
        text.Replace("\\\\", "\0", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\t", "\t", StringComparison.Ordinal).Replace("\0", "\\", StringComparison.Ordinal);
}
