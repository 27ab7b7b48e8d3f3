using System.Text.RegularExpressions;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>Regular expression functions that yield text arrays: regexp_match, regexp_matches, regexp_split_to_array.</summary>
internal static class RegexArrayFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Strict("regexp_match_no_flags", static (in a, r, c) => FirstMatch(a, r));
        library.Strict("regexp_match", static (in a, r, c) => FirstMatch(a, r));
        library.Strict("regexp_split_to_array_no_flags", static (in a, r, c) => SplitToArray(a, r));
        library.Strict("regexp_split_to_array", static (in a, r, c) => SplitToArray(a, r));
        library.Add("regexp_matches_no_flags", new AllMatches());
        library.Add("regexp_matches", new AllMatches());
    }

    private static void FirstMatch(in RowArguments arguments, ColumnBuilder result)
    {
        if (arguments.Count > 2 && RegexFlags.Parse(arguments.Bytes(2)).Global)
            throw new SqlException(SqlState.InvalidParameterValue, "regexp_match() does not support the \"global\" option", hint: "Use the regexp_matches function instead.");
        CompiledRegex regex = RegexFunctions.Get(arguments, 2, out _);
        Match match = regex.Match(Utf8Text.ToString(arguments.Bytes(0)), 0);
        if (match.Success) WriteGroups(match, regex.Groups, result);
        else result.AppendNull();
    }

    /// <summary>The groups; the whole match if there are none.</summary>
    private static void WriteGroups(Match match, int groups, ColumnBuilder result) =>
        WriteArray(groups == 0 ? [match.Value] : Enumerable.Range(1, groups).Select(g => match.Groups[g].Success ? match.Groups[g].Value : null), result);

    private static void WriteArray(IEnumerable<string?> elements, ColumnBuilder result)
    {
        ArrayBuilder array = ArrayBuilder.Rent(TypeOid.Text, PhysicalKind.Bytes);
        BytesColumnBuilder target = (BytesColumnBuilder)array.Elements;
        foreach (string? element in elements)
        {
            if (element is null)
            {
                target.AppendNull();
                continue;
            }
            target.Output.WriteText(element);
            target.EndValue();
        }
        array.WriteTo(result);
        array.Return();
    }

    private static void SplitToArray(in RowArguments arguments, ColumnBuilder result)
    {
        CompiledRegex regex = RegexFunctions.Get(arguments, 2, out _, "regexp_split_to_array");
        WriteArray(RegexFunctions.Split(regex, Utf8Text.ToString(arguments.Bytes(0))), result);
    }

    /// <summary>A row for each match; only for the first without the flag g.</summary>
    private sealed class AllMatches : TableFunction
    {
        public override TableFunctionCursor Open(in RowArguments arguments, EvalContext context)
        {
            if (arguments.AnyNull()) return new EmptyCursor();
            CompiledRegex regex = RegexFunctions.Get(arguments, 2, out RegexFlags flags);
            IEnumerable<Match> matches = RegexFunctions.Matches(regex, Utf8Text.ToString(arguments.Bytes(0)), 0);
            return new Cursor(flags.Global ? matches : matches.Take(1), regex.Groups);
        }

        private sealed class Cursor(IEnumerable<Match> matches, int groups) : TableFunctionCursor
        {
            private readonly IEnumerator<Match> _matches = matches.GetEnumerator();

            public override int Next(ReadOnlySpan<ColumnBuilder> result, int maxRows, EvalContext context)
            {
                int count = 0;
                for (; count < maxRows && _matches.MoveNext(); count++) WriteGroups(_matches.Current, groups, result[0]);
                return count;
            }

            public override void Dispose()
            {
                _matches.Dispose();
                base.Dispose();
            }
        }
    }
}
