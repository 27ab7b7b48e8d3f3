namespace VecSql.Tests.Isolation;

/// <summary>
/// A file of sqltests/isolation: cases of several sessions with their steps in a given interleaving. Lines:
/// <c>case NAME</c>; <c>setup: SQL</c>; <c>a: SQL</c> (session a; if it has to wait, the next step comes); <c>a! SQL</c> (the step ends when the statement does); <c>pg a: SQL</c>
/// (on PostgreSQL only, not shown); <c>cancel a</c>; <c>kill a</c> (hangs up without a word); <c>await a</c>; <c>sleep MILLISECONDS</c>;
/// <c>differs POSTGRESQL'S LINE => VECSQL'S LINE</c>, where VecSql means to differ. {pid a} stands for the session's process number.
/// </summary>
internal sealed record IsolationCase(string Name, IReadOnlyList<IsolationStep> Steps);

internal enum StepKind { Setup, Run, RunToEnd, PostgresOnly, Cancel, Kill, Await, Sleep, Differs }

internal sealed record IsolationStep(StepKind Kind, string Session, string Text);

internal static class IsolationScript
{
    public static List<IsolationCase> Read(string path)
    {
        List<IsolationCase> cases = [];
        List<IsolationStep> steps = [];
        int number = 0;
        foreach (string raw in File.ReadLines(path))
        {
            number++;
            string line = raw.Trim();
            if (line.Length == 0 || line[0] == '#') continue;
            if (line.StartsWith("case ", StringComparison.Ordinal))
            {
                steps = [];
                cases.Add(new IsolationCase(line[5..], steps));
                continue;
            }
            steps.Add(ReadStep(line) ?? throw new FormatException($"{path}:{number}: {line}"));
        }
        return cases;
    }

    private static IsolationStep? ReadStep(string line)
    {
        string[] words = line.Split(' ', 2);
        if (words.Length < 2) return null;
        string word = words[0], rest = words[1].Trim();
        return word switch
        {
            "setup:" => new IsolationStep(StepKind.Setup, "", rest),
            "cancel" => new IsolationStep(StepKind.Cancel, rest, ""),
            "kill" => new IsolationStep(StepKind.Kill, rest, ""),
            "await" => new IsolationStep(StepKind.Await, rest, ""),
            "differs" => new IsolationStep(StepKind.Differs, "", rest),
            "sleep" => new IsolationStep(StepKind.Sleep, "", rest),
            "pg" => ReadStep(rest) is { Kind: StepKind.Run } step ? step with { Kind = StepKind.PostgresOnly } : null,
            _ when word.EndsWith(':') => new IsolationStep(StepKind.Run, word[..^1], rest),
            _ when word.EndsWith('!') => new IsolationStep(StepKind.RunToEnd, word[..^1], rest),
            _ => null,
        };
    }
}
