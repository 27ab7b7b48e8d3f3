namespace VecSql.Tests.RandomSql;

/// <summary>What one seed's statements showed.</summary>
internal sealed class Tally
{
    public int Statements { get; set; }
    public int Refused { get; set; }
    public int OneSidedErrors { get; set; }
    public int Failed { get; set; }
    public List<string> Differences { get; } = [];
    public List<string> Notes { get; } = [];
}

/// <summary>
/// Runs one seed: its schema, then its statements, on PostgreSQL and on VecSql, and compares every answer. VecSql plans each seed under other settings, which must not change a result;
/// so it can also be compared with itself.
/// </summary>
/// <param name="postgresPort">Where the expected answers come from; VecSql's own port to compare plans of one server.</param>
/// <param name="vecSqlPort">Where the answers under test come from.</param>
/// <param name="shrink">Whether statements that differ are made smaller.</param>
internal sealed class SeedRun(int postgresPort, int vecSqlPort, bool shrink)
{
    private const int ShrinkAttempts = 400;

    private static readonly string[] Variants =
    [
        "", "", "", "SET enable_seqscan = off", "SET enable_indexscan = off", "SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0",
        "SET vecsql.disabled_rules = 'subquery-unnesting'", "SET vecsql.disabled_rules = 'scalar-decorrelation'", "SET vecsql.disabled_rules = 'cte-inlining'", "SET vecsql.disabled_rules = 'join-ordering'",
        "SET vecsql.disabled_rules = 'constant-folding'", "SET vecsql.disabled_rules = 'outer-join-simplification'", "SET vecsql.disabled_rules = 'predicate-pushdown'", "SET enable_hashjoin = off", "SET enable_nestloop = off",
    ];

    public static string Database(int seed) => $"random_{Environment.ProcessId}_{seed}";

    public async Task RunAsync(int seed, int statements, Tally tally)
    {
        string database = Database(seed);
        bool isAlone = postgresPort == vecSqlPort;
        await OnEachAsync("postgres", $"CREATE DATABASE {database}");
        try
        {
            await using RandomClient postgres = await RandomClient.ConnectAsync(postgresPort, database), vecSql = await RandomClient.ConnectAsync(vecSqlPort, database);
            Choices choices = new(seed);
            Schema schema = new(choices);
            List<string> setup = [$"SET TimeZone = '{choices.Of(["UTC", "America/New_York", "Asia/Kolkata"])}'", .. schema.Statements, "ANALYZE"];
            foreach (string sql in setup)
            {
                Answer expected = await postgres.RunAsync(sql), actual = isAlone && !sql.StartsWith("SET", StringComparison.Ordinal) ? expected : await vecSql.RunAsync(sql);
                (Verdict verdict, string reason) = Comparison.Compare(expected, actual, []);
                tally.Statements++;
                if (verdict != Verdict.Same) tally.Differences.Add($"seed {seed}: {reason}\n{sql}");
            }
            Pair pair = new(postgres, vecSql);
            string variant = choices.Of(isAlone ? Variants[3..] : Variants);
            if (variant.Length > 0 && await vecSql.RunAsync(variant) is { SqlState: not null } refused) throw new InvalidOperationException($"{variant}: {refused.Message}");
            await QueriesAsync($"seed {seed} [{variant}]", seed, statements, schema, pair, tally);
            if (!isAlone) await ChangesAsync(seed, statements, schema, pair, tally);
        }
        finally
        {
            await OnEachAsync("postgres", $"DROP DATABASE {database}");
        }
    }

    private sealed record Pair(RandomClient Postgres, RandomClient VecSql)
    {
        public async Task<(Verdict Verdict, string Reason)> CompareAsync(Statement statement, Protocol protocol)
        {
            Answer expected = await Postgres.RunAsync(statement.Sql, statement.Parameters, protocol);
            if (expected.SqlState is not null && expected.SqlState[..2] is "42" or "0A") return (Verdict.Refused, $"{expected.SqlState} {expected.Message}");
            // PostgreSQL hands WITH TIES down to the LIMIT 1 by which it plans min and max.
            if (expected.SqlState == "21000" && statement.Sql.Contains("WITH TIES", StringComparison.Ordinal)) return (Verdict.Refused, "21000 with ties");
            Answer actual = await VecSql.RunAsync(statement.Sql, statement.Parameters, protocol);
            return Comparison.Compare(expected, actual, statement.OrderedBy);
        }
    }

    private async Task QueriesAsync(string title, int seed, int count, Schema schema, Pair pair, Tally tally)
    {
        for (int i = 0; i < count; i++)
        {
            Choices choices = new(unchecked(seed * 10_007 + i));
            Protocol protocol = (i % 4) switch { 2 => Protocol.ExtendedText, 3 => Protocol.ExtendedBinary, _ => Protocol.Simple };
            Statement statement = new QueryWriter(choices, schema, protocol != Protocol.Simple).Write();
            (Verdict verdict, string reason) = await pair.CompareAsync(statement, protocol);
            tally.Statements++;
            switch (verdict)
            {
                case Verdict.Refused:
                    tally.Refused++;
                    tally.Notes.Add($"refused: {reason}: {statement.Sql}");
                    break;
                case Verdict.OneSidedError:
                    tally.OneSidedErrors++;
                    tally.Notes.Add($"one-sided: {reason}: {statement.Sql}");
                    break;
                case Verdict.Different:
                    if (shrink) (statement, reason) = await ShrinkAsync(choices.Drawn, statement, reason, schema, pair, protocol);
                    string parameters = string.Join(", ", statement.Parameters.Select((p, n) => $"${n + 1}={p.Text}:{p.Oid}"));
                    tally.Differences.Add($"{title}/{i} {protocol}: {reason}\n{schema.Script(statement.Sql)}\n{statement.Sql}; {parameters}");
                    break;
            }
        }
    }

    /// <summary>A session of changes; after each the tables must be the same. The first difference ends it: what follows would only repeat it.</summary>
    private static async Task ChangesAsync(int seed, int count, Schema schema, Pair pair, Tally tally)
    {
        Choices choices = new(unchecked(seed * 31 + 7));
        List<string> log = [];
        QueryWriter queries = new(choices, schema, parameters: false);
        ChangeWriter changes = new(choices, schema, queries);
        bool hasFailed = false;
        for (int i = 0; i < count; i++)
        {
            Statement statement = hasFailed ? changes.Recover() : changes.Write();
            log.Add(statement.Sql);
            tally.Statements++;
            Answer expected = await pair.Postgres.RunAsync(statement.Sql), actual = await pair.VecSql.RunAsync(statement.Sql);
            (Verdict verdict, string reason) = Comparison.Compare(expected, actual, statement.OrderedBy);
            // What PostgreSQL refuses must be refused here too, or the states part.
            if (verdict == Verdict.Refused) (verdict, reason) = actual.SqlState is null ? (Verdict.Different, $"expected {reason}") : (Verdict.Same, "");
            hasFailed = expected.SqlState is not null;
            if (expected.SqlState is { } state && state[..2] is "42" or "0A")
            {
                tally.Refused++;
                tally.Notes.Add($"refused: {expected.SqlState} {expected.Message}: {statement.Sql}");
            }
            if (verdict == Verdict.Same && !hasFailed)
            {
                foreach (Table table in schema.Tables)
                {
                    string all = $"SELECT * FROM {table.Name}";
                    (verdict, reason) = Comparison.Compare(await pair.Postgres.RunAsync(all), await pair.VecSql.RunAsync(all), []);
                    if (verdict != Verdict.Same) break;
                }
            }
            if (verdict == Verdict.OneSidedError)
            {
                tally.OneSidedErrors++;
                tally.Notes.Add($"one-sided: {reason}: {statement.Sql}");
                return;
            }
            if (verdict == Verdict.Same) continue;
            tally.Differences.Add($"seed {seed}, change {i}: {reason}\n{string.Join('\n', schema.Statements.Select(s => s + ";"))}\n{string.Join('\n', log.Select(s => s + ";"))}");
            return;
        }
    }

    /// <summary>Drops and lowers choices as long as the answers still differ; keeps the shortest statement.</summary>
    private static async Task<(Statement Statement, string Reason)> ShrinkAsync(List<int> drawn, Statement statement, string reason, Schema schema, Pair pair, Protocol protocol)
    {
        List<int> best = drawn;
        int attempts = 0;
        for (bool improved = true; improved && attempts < ShrinkAttempts;)
        {
            improved = false;
            foreach (List<int> smaller in Smaller(best))
            {
                if (++attempts > ShrinkAttempts) break;
                Choices choices = new(smaller);
                Statement candidate = new QueryWriter(choices, schema, protocol != Protocol.Simple).Write();
                if (candidate.Sql.Length >= statement.Sql.Length) continue;
                (Verdict verdict, string why) = await pair.CompareAsync(candidate, protocol);
                if (verdict != Verdict.Different || why.StartsWith("got", StringComparison.Ordinal) != reason.StartsWith("got", StringComparison.Ordinal)) continue;
                (best, statement, reason, improved) = (choices.Drawn, candidate, why, true);
                break;
            }
        }
        return (statement, reason);
    }

    private static IEnumerable<List<int>> Smaller(List<int> choices)
    {
        for (int size = Math.Max(1, choices.Count / 2); ; size /= 2)
        {
            for (int at = 0; at < choices.Count; at += size)
            {
                List<int> without = [.. choices];
                without.RemoveRange(at, Math.Min(size, choices.Count - at));
                yield return without;
                if (choices.Skip(at).Take(size).All(c => c == 0)) continue;
                List<int> zeroed = [.. choices];
                for (int i = at; i < Math.Min(at + size, choices.Count); i++) zeroed[i] = 0;
                yield return zeroed;
            }
            if (size <= 1) yield break;
        }
    }

    private async Task OnEachAsync(string database, string sql)
    {
        foreach (int port in (int[])(postgresPort == vecSqlPort ? [vecSqlPort] : [postgresPort, vecSqlPort]))
        {
            await using RandomClient client = await RandomClient.ConnectAsync(port, database);
            Answer answer = await client.RunAsync(sql);
            if (answer.SqlState is not null) throw new InvalidOperationException($"{sql}: {answer.SqlState} {answer.Message}");
        }
    }
}
