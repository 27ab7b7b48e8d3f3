using System.Net;
using Microsoft.Extensions.Logging;
using VecSql.Core.Errors;
using VecSql.Server.Hosting;
using VecSql.Tests.SqlTests;

namespace VecSql.Tests.Crash;

/// <summary>
/// A closed database whose files were changed behind its back, one at a time: flipped bits, cut ends, zeros, a missing file. A server on it either refuses, naming a file, or answers
/// each question rightly or with an error; never wrongly. VECSQL_DAMAGE_ROUNDS sets the number of damages (default 40).
/// </summary>
public sealed class DamageTests(ITestOutputHelper output)
{
    private static readonly string[] Questions =
    [
        "SELECT count(*), sum(x), min(name), max(name) FROM t",
        "SELECT x, name FROM t WHERE id = 777",
        "SELECT count(*) FROM t WHERE x = 3",
        "SELECT id FROM t ORDER BY v <-> '[5,5,5,5]', id LIMIT 3",
        "SELECT count(*), min(id) > 0 FROM (SELECT id FROM t ORDER BY v <#> '[5,5,5,5]' LIMIT 3) nearest",
        "SELECT count(*), sum(id) FROM small",
        "SELECT relname FROM pg_class WHERE relname IN ('t', 'small', 't_x', 't_v', 't_w') ORDER BY 1",
        "SELECT nextval('s') > 3",
    ];

    [Fact]
    public async Task Damaged_files_are_noticed()
    {
        int rounds = int.Parse(Environment.GetEnvironmentVariable("VECSQL_DAMAGE_ROUNDS") ?? "40", System.Globalization.CultureInfo.InvariantCulture);
        string folder = Directory.CreateTempSubdirectory("vecsql-damage-").FullName;
        try
        {
            string clean = Path.Combine(folder, "clean"), copy = Path.Combine(folder, "copy");
            List<List<string>> states = await MakeAsync(clean);
            List<string> expected = states[^1];
            string[] files = [.. Directory.EnumerateFiles(clean, "*", SearchOption.AllDirectories).Where(f => new FileInfo(f).Length > 0).Order(StringComparer.Ordinal)];
            int refused = 0, errors = 0, harmless = 0;
            List<string> wrong = [];
            for (int round = 0; round < rounds; round++)
            {
                if (Directory.Exists(copy)) Directory.Delete(copy, recursive: true);
                Copy(clean, copy);
                Random random = new(round);
                // Each file has its turn.
                string file = Path.Combine(copy, Path.GetRelativePath(clean, files[round % files.Length]));
                string damage = $"round {round}: {Path.GetRelativePath(copy, file)} {Damage(file, random)}";
                (string? refusal, List<string> answers) = await AskAsync(copy);
                if (refusal is not null)
                {
                    refused++;
                    if (!refusal.Contains(Path.GetFileName(file), StringComparison.Ordinal) && !refusal.Contains('/', StringComparison.Ordinal)) wrong.Add($"{damage}: refused without a name: {refusal}");
                    continue;
                }
                // The end of the log can't be told from a write that a crash cut short: what is left of it must still be whole transactions, in order.
                bool isLog = file.EndsWith(".log", StringComparison.Ordinal);
                if (isLog && states.Exists(s => s.SequenceEqual(answers)))
                {
                    harmless++;
                    continue;
                }
                for (int i = 0; i < expected.Count; i++)
                    if (answers[i] != expected[i] && !answers[i].StartsWith("error XX001", StringComparison.Ordinal) && !answers[i].StartsWith("error 58030", StringComparison.Ordinal))
                        wrong.Add($"{damage}: {Questions[i]}: {answers[i]} instead of {expected[i]}");
                if (answers.SequenceEqual(expected)) harmless++;
                else errors++;
            }
            output.WriteLine($"{rounds} damages in {files.Length} files: {refused} refused at the start, {errors} noticed by a statement, {harmless} without effect");
            Assert.True(wrong.Count == 0, string.Join('\n', wrong));
            Assert.True(refused + errors > rounds / 3, "hardly any damage was noticed");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A database with segments, index files, deletion vectors and, since the process "died" at the end, a log. Its answers after each transaction of the log.</summary>
    private static async Task<List<List<string>>> MakeAsync(string folder)
    {
        await using ServerHost host = await StartAsync(folder);
        await using SqlClient client = await SqlClient.ConnectAsync(host.SqlEndPoint.Port, "postgres", extended: false);
        foreach (string sql in (string[])[
            "CREATE EXTENSION vector", "CREATE SEQUENCE s", "SELECT nextval('s'), nextval('s'), nextval('s')",
            "CREATE TABLE t (id int PRIMARY KEY, x int, name text, v vector(4))", "CREATE INDEX t_x ON t (x)", "CREATE INDEX t_v ON t USING hnsw (v vector_l2_ops)",
            "CREATE INDEX t_w ON t USING ivfflat (v vector_ip_ops) WITH (lists = 10)",
            "INSERT INTO t SELECT g, g % 17, 'name ' || g, ('[' || g % 10 || ',' || g % 7 || ',' || g % 5 || ',' || g || ']')::vector FROM generate_series(1, 3000) g",
            "CHECKPOINT", "DELETE FROM t WHERE id % 100 = 0", "UPDATE t SET x = x + 1 WHERE id % 50 = 1", "CHECKPOINT"])
            if ((await client.RunAsync(sql)).Message is { } message) throw new InvalidOperationException($"{sql}: {message}");
        List<List<string>> states = [];
        foreach (string sql in (string[])["SELECT 1", "CREATE TABLE small (id int PRIMARY KEY)", "INSERT INTO small SELECT generate_series(1, 10)", "UPDATE t SET name = 'late' WHERE id = 777"])
        {
            if ((await client.RunAsync(sql)).Message is { } message) throw new InvalidOperationException($"{sql}: {message}");
            List<string> answers = [];
            foreach (string question in Questions) answers.Add(Show(await client.RunAsync(question)));
            states.Add(answers);
        }
        // What is on disk now is what a kill would leave.
        string snapshot = folder + ".killed";
        Copy(folder, snapshot);
        await host.StopAsync();
        await host.DisposeAsync();
        Directory.Delete(folder, recursive: true);
        Directory.Move(snapshot, folder);
        return states;
    }

    private static async Task<(string? Refusal, List<string> Answers)> AskAsync(string folder)
    {
        try
        {
            await using ServerHost host = await StartAsync(folder);
            try
            {
                SqlClient client;
                try
                {
                    client = await SqlClient.ConnectAsync(host.SqlEndPoint.Port, "postgres", extended: false);
                }
                catch (InvalidOperationException e)
                {
                    return (e.Message, []);
                }
                List<string> answers = [];
                await using (client)
                    foreach (string question in Questions) answers.Add(Show(await client.RunAsync(question)));
                return (null, answers);
            }
            finally
            {
                await host.StopAsync();
            }
        }
        catch (SqlException e)
        {
            return ($"{e.SqlState} {e.Message}", []);
        }
    }

    private static Task<ServerHost> StartAsync(string folder) => ServerHost.StartAsync(new ServerOptions { DataDirectory = folder },
        new ListenOptions { Sql = new IPEndPoint(IPAddress.Loopback, 0), LogLevel = LogLevel.Critical }, CancellationToken.None);

    private static string Show(SqlAnswer answer) =>
        answer.SqlState is { } state ? $"error {state} {answer.Message}" : string.Join('\n', answer.Rows.Select(r => string.Join('|', r.Select(v => v ?? "NULL"))));

    private static string Damage(string file, Random random)
    {
        byte[] bytes = File.ReadAllBytes(file);
        switch (random.Next(5))
        {
            case 0 or 1:
                int at = random.Next(bytes.Length), bit = random.Next(8);
                bytes[at] ^= (byte)(1 << bit);
                File.WriteAllBytes(file, bytes);
                return $"bit {bit} of byte {at} flipped";
            case 2:
                int length = random.Next(bytes.Length);
                File.WriteAllBytes(file, bytes[..length]);
                return $"cut to {length} of {bytes.Length} bytes";
            case 3:
                int start = random.Next(bytes.Length), count = Math.Min(bytes.Length - start, random.Next(1, 512));
                random.NextBytes(bytes.AsSpan(start, count));
                File.WriteAllBytes(file, bytes);
                return $"{count} random bytes at {start}";
            default:
                File.Delete(file);
                return "deleted";
        }
    }

    private static void Copy(string from, string to)
    {
        foreach (string directory in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories).Append(from)) Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, directory)));
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "LOCK")) File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
    }
}
