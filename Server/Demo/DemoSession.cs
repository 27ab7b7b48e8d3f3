using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Spectre.Console;

namespace VecSql.Server.Demo;

/// <summary>What the demo does, as a client over the wire: the same statements that a user would type.</summary>
internal sealed class DemoSession(string connectionString, DemoData data, IAnsiConsole console)
{
    private const int Neighbours = 4;

    /// <summary>Paragraphs whose neighbours a person can judge.</summary>
    private static readonly string[] Topics = ["backup", "foreign key", "password"];

    public async Task RunAsync(CancellationToken stop)
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(connectionString);
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(stop);
        await LoadAsync(connection, stop);
        await BuildIndexAsync(source, connection, stop);
        foreach (string topic in Topics) await SearchAsync(connection, topic, stop);
        await FilteredSearchAsync(connection, stop);
        await MeasureAsync(connection, stop);
    }

    private async Task LoadAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        Heading("Load");
        await ExecuteAsync(connection, "CREATE EXTENSION IF NOT EXISTS vector", stop);
        await ExecuteAsync(connection, "DROP TABLE IF EXISTS docs", stop);
        await ExecuteAsync(connection, $"CREATE TABLE docs (id int PRIMARY KEY, words int NOT NULL, body text NOT NULL, embedding vector({DemoData.Dimensions}))", stop);
        long started = Stopwatch.GetTimestamp();
        await using (TextWriter copy = await connection.BeginTextImportAsync("COPY docs (id, words, body, embedding) FROM STDIN", stop))
        {
            for (int row = 0; row < data.Count; row++)
                await copy.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{row}\t{WordCount(data.Texts[row])}\t{data.Texts[row]}\t{data.VectorText(row)}\n").AsMemory(), stop);
        }
        console.MarkupLineInterpolated($"{data.Count:N0} paragraphs with {DemoData.Dimensions}-dimensional vectors by COPY in [green]{Stopwatch.GetElapsedTime(started).TotalSeconds:0.00} s[/]");
    }

    private async Task BuildIndexAsync(NpgsqlDataSource source, NpgsqlConnection connection, CancellationToken stop)
    {
        Heading("Index");
        const string sql = "CREATE INDEX docs_embedding ON docs USING hnsw (embedding vector_cosine_ops)";
        console.MarkupLineInterpolated($"[grey]{sql};[/]");
        long started = Stopwatch.GetTimestamp();
        Task build = ExecuteQuietlyAsync(connection, sql, stop);
        await console.Progress().StartAsync(async progress =>
        {
            ProgressTask bar = progress.AddTask("building", maxValue: 1);
            await using NpgsqlConnection watcher = await source.OpenConnectionAsync(stop);
            while (!build.IsCompleted)
            {
                await using (NpgsqlCommand command = new("SELECT phase, tuples_done, tuples_total FROM pg_stat_progress_create_index", watcher))
                await using (NpgsqlDataReader reader = await command.ExecuteReaderAsync(stop))
                {
                    if (await reader.ReadAsync(stop) && reader.GetInt64(2) > 0)
                    {
                        bar.Description = reader.GetString(0);
                        bar.Value = (double)reader.GetInt64(1) / reader.GetInt64(2);
                    }
                }
                await Task.WhenAny(build, Task.Delay(50, stop));
            }
            bar.Value = 1;
        });
        await build;
        console.MarkupLineInterpolated($"built in [green]{Stopwatch.GetElapsedTime(started).TotalSeconds:0.00} s[/]");
    }

    private async Task SearchAsync(NpgsqlConnection connection, string topic, CancellationToken stop)
    {
        int query = FindParagraph(topic);
        Heading($"Paragraphs like the one on \"{topic}\"");
        const string sql = "SELECT body, embedding <=> (SELECT embedding FROM docs WHERE id = $1) AS distance FROM docs WHERE id <> $1 ORDER BY distance LIMIT 4";
        console.MarkupLineInterpolated($"[grey]{sql};[/]");
        console.MarkupLineInterpolated($"[bold]{Shorten(data.Texts[query])}[/]");
        await using NpgsqlCommand command = new(sql, connection) { Parameters = { new NpgsqlParameter { Value = query } } };
        await PrintAsync(command, stop);
    }

    private async Task FilteredSearchAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        int query = FindParagraph("backup");
        Heading("The same with a filter: short paragraphs that say \"restore\"");
        string sql = $"SELECT body, embedding <=> (SELECT embedding FROM docs WHERE id = {query}) AS distance FROM docs WHERE words < 40 AND body LIKE '%restore%' ORDER BY distance LIMIT {Neighbours}";
        console.MarkupLineInterpolated($"[grey]{sql};[/]");
        await using (NpgsqlCommand command = new(sql, connection)) await PrintAsync(command, stop);
        await using NpgsqlCommand explain = new("EXPLAIN (ANALYZE, COSTS OFF) " + sql, connection);
        await using NpgsqlDataReader reader = await explain.ExecuteReaderAsync(stop);
        while (await reader.ReadAsync(stop)) console.MarkupLineInterpolated($"[grey]  {reader.GetString(0)}[/]");
    }

    /// <summary>Recall against exact search, and time per query, over the wire, for a hundred paragraphs.</summary>
    private async Task MeasureAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        Heading("How good and how fast");
        const string sql = "SELECT id FROM docs ORDER BY embedding <=> $1::vector LIMIT 10";
        int[] queries = [.. Enumerable.Range(0, 100).Select(i => i * 37 % data.Count)];
        await ExecuteQuietlyAsync(connection, "SET enable_indexscan = off", stop);
        (List<HashSet<int>> exact, double exactMs) = await RunAllAsync(connection, sql, queries, stop);
        await ExecuteQuietlyAsync(connection, "RESET enable_indexscan", stop);
        await RunAllAsync(connection, sql, queries, stop);
        Table table = new Table().AddColumns("search", "recall@10", "milliseconds per query").Border(TableBorder.Simple);
        table.AddRow("exact", "1.000", exactMs.ToString("0.00"));
        foreach (int ef in new[] { 20, 40, 100 })
        {
            await ExecuteQuietlyAsync(connection, $"SET hnsw.ef_search = {ef}", stop);
            (List<HashSet<int>> found, double ms) = await RunAllAsync(connection, sql, queries, stop);
            double recall = found.Zip(exact).Average(pair => pair.First.Count(pair.Second.Contains) / 10.0);
            table.AddRow($"hnsw, ef_search = {ef}", recall.ToString("0.000"), ms.ToString("0.00"));
        }
        console.Write(table);
    }

    private async Task<(List<HashSet<int>> Found, double Milliseconds)> RunAllAsync(NpgsqlConnection connection, string sql, int[] queries, CancellationToken stop)
    {
        await using NpgsqlCommand command = new(sql, connection) { Parameters = { new NpgsqlParameter<string> { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text } } };
        command.CommandText = sql.Replace("$1::vector", "$1::text::vector", StringComparison.Ordinal);
        await command.PrepareAsync(stop);
        string[] texts = [.. queries.Select(data.VectorText)];
        List<HashSet<int>> found = [];
        long started = Stopwatch.GetTimestamp();
        foreach (string text in texts)
        {
            command.Parameters[0].Value = text;
            HashSet<int> ids = [];
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(stop);
            while (await reader.ReadAsync(stop)) ids.Add(reader.GetInt32(0));
            found.Add(ids);
        }
        return (found, Stopwatch.GetElapsedTime(started).TotalMilliseconds / queries.Length);
    }

    private async Task PrintAsync(NpgsqlCommand command, CancellationToken stop)
    {
        long started = Stopwatch.GetTimestamp();
        List<(string Body, double Distance)> rows = [];
        await using (NpgsqlDataReader reader = await command.ExecuteReaderAsync(stop))
            while (await reader.ReadAsync(stop)) rows.Add((reader.GetString(0), reader.GetDouble(1)));
        double ms = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        foreach ((string body, double distance) in rows) console.MarkupLineInterpolated($"  [blue]{distance:0.000}[/]  {Shorten(body)}");
        console.MarkupLineInterpolated($"  [green]{ms:0.0} ms[/]");
    }

    private async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken stop)
    {
        console.MarkupLineInterpolated($"[grey]{sql};[/]");
        await ExecuteQuietlyAsync(connection, sql, stop);
    }

    private static async Task ExecuteQuietlyAsync(NpgsqlConnection connection, string sql, CancellationToken stop)
    {
        await using NpgsqlCommand command = new(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(stop);
    }

    private int FindParagraph(string topic)
    {
        for (int row = 0; row < data.Count; row++)
            if (data.Texts[row].Contains(topic, StringComparison.Ordinal) && WordCount(data.Texts[row]) is > 15 and < 40) return row;
        return 0;
    }

    private void Heading(string text) => console.Write(new Rule($"[yellow]{Markup.Escape(text)}[/]") { Justification = Justify.Left });

    private static int WordCount(string text) => text.Count(c => c == ' ') + 1;

    private static string Shorten(string text) => text.Length <= 110 ? text : text[..107] + "…";
}
