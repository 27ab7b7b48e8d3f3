using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using VecSql.Benchmarks.Load;
using VecSql.Tests.Servers;

namespace VecSql.Benchmarks.Tpch;

/// <summary>TPC-H's queries beside PostgreSQL on the same rows, turn by turn; the answers must be equal.</summary>
internal static class TpchBenchmark
{
    private const int WarmupRuns = 3;

    public static Command Command()
    {
        Option<double> scale = new("--scale") { Description = "Scale factor: 1 is 6 million line items.", DefaultValueFactory = _ => 0.1 };
        Option<int> repeats = new("--repeats") { Description = "Runs of each query; the median counts.", DefaultValueFactory = _ => 5 };
        Option<int[]> queries = new("--queries") { Description = "Only these queries' numbers.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };
        Option<DirectoryInfo?> generate = new("--generate") { Description = "Only write the tables (COPY's text format), schema.sql and the queries into this folder." };
        Command command = new("tpch", "TPC-H's 22 queries: VecSql beside PostgreSQL.") { scale, repeats, queries, generate };
        command.SetAction((parsed, _) => parsed.GetValue(generate) is { } folder
            ? Task.FromResult(Generate(parsed.GetValue(scale), folder))
            : RunAsync(parsed.GetValue(scale), parsed.GetValue(repeats), parsed.GetValue(queries)!));
        return command;
    }

    private static int Generate(double scale, DirectoryInfo folder)
    {
        folder.Create();
        new TpchGenerator(scale, folder.FullName).Write();
        File.WriteAllText(Path.Combine(folder.FullName, "schema.sql"), TpchGenerator.Schema);
        foreach ((int number, _, string sql) in TpchQueries.All) File.WriteAllText(Path.Combine(folder.FullName, $"q{number}.sql"), sql + ";\n");
        return 0;
    }

    private static async Task<int> RunAsync(double scale, int repeats, int[] queries)
    {
        string folder = Directory.CreateTempSubdirectory("vecsql-tpch-").FullName;
        try
        {
            TpchGenerator generator = new(scale, folder);
            generator.Write();
            await using VecSqlTarget vecsql = await VecSqlTarget.StartAsync();
            await using PostgresInstance postgres = await PostgresInstance.StartAsync("");
            using LoadConnection ours = LoadConnection.Open(vecsql.Target), theirs = LoadConnection.Open(Target.Local("PostgreSQL", postgres.Port));
            TextTable table = new($"scale {scale.ToString(CultureInfo.InvariantCulture)}", "VecSql s", "PostgreSQL s", "ratio (PostgreSQL / VecSql)", "answers");
            AddRow(table, "load by COPY, ANALYZE", Load(ours, generator), Load(theirs, generator), "");
            int different = 0;
            foreach ((int number, string name, string sql) in TpchQueries.All)
            {
                if (queries.Length > 0 && !queries.Contains(number)) continue;
                double[] mine = new double[repeats], others = new double[repeats];
                // Neither side is measured cold: the first runs compile, and fill caches.
                for (int run = 0; run < WarmupRuns; run++)
                {
                    ours.Run(sql);
                    theirs.Run(sql);
                }
                bool isEqual = true;
                for (int repeat = 0; repeat < repeats; repeat++)
                {
                    (mine[repeat], string answer) = Timed(ours, sql);
                    (others[repeat], string expected) = Timed(theirs, sql);
                    isEqual &= answer == expected;
                }
                Array.Sort(mine);
                Array.Sort(others);
                if (!isEqual) different++;
                AddRow(table, $"Q{number}: {name}", mine[repeats / 2], others[repeats / 2], isEqual ? "equal" : "DIFFERENT");
            }
            table.Print();
            Console.WriteLine($"VecSql's memory {vecsql.MemoryBytes >> 20} MiB, its folder {vecsql.DiskBytes >> 20} MiB");
            return different == 0 ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double Load(LoadConnection connection, TpchGenerator generator)
    {
        connection.Run(TpchGenerator.Schema);
        long started = Stopwatch.GetTimestamp();
        foreach (string table in TpchGenerator.Tables)
        {
            using FileStream file = File.OpenRead(generator.FileOf(table));
            connection.CopyIn($"COPY {table} FROM STDIN", file);
            connection.Analyze(table);
        }
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static (double Seconds, string Answer) Timed(LoadConnection connection, string sql)
    {
        long started = Stopwatch.GetTimestamp();
        List<string?[]> rows = connection.Run(sql);
        return (Stopwatch.GetElapsedTime(started).TotalSeconds, string.Join('\n', rows.Select(row => string.Join('|', row))));
    }

    private static void AddRow(TextTable table, string name, double ours, double theirs, string answers) =>
        table.Add(name, ours.ToString("0.000", CultureInfo.InvariantCulture), theirs.ToString("0.000", CultureInfo.InvariantCulture), (theirs / ours).ToString("0.00", CultureInfo.InvariantCulture), answers);
}
