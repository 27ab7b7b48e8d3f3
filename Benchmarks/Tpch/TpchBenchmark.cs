using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using VecSql.Benchmarks.Load;
using VecSql.Tests.Servers;

namespace VecSql.Benchmarks.Tpch;

/// <summary>TPC-H's queries 1, 3 and 6 (their validation parameters) beside PostgreSQL on the same rows; the answers must be equal.</summary>
internal static class TpchBenchmark
{
    private static readonly (string Name, string Sql)[] Queries =
    [
        ("Q1: pricing summary", """
            SELECT l_returnflag, l_linestatus, sum(l_quantity) AS sum_qty, sum(l_extendedprice) AS sum_base_price, sum(l_extendedprice * (1 - l_discount)) AS sum_disc_price,
                sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)) AS sum_charge, avg(l_quantity) AS avg_qty, avg(l_extendedprice) AS avg_price, avg(l_discount) AS avg_disc, count(*) AS count_order
            FROM lineitem WHERE l_shipdate <= date '1998-12-01' - interval '90 day' GROUP BY l_returnflag, l_linestatus ORDER BY l_returnflag, l_linestatus
            """),
        ("Q3: shipping priority", """
            SELECT l_orderkey, sum(l_extendedprice * (1 - l_discount)) AS revenue, o_orderdate, o_shippriority FROM customer, orders, lineitem
            WHERE c_mktsegment = 'BUILDING' AND c_custkey = o_custkey AND l_orderkey = o_orderkey AND o_orderdate < date '1995-03-15' AND l_shipdate > date '1995-03-15'
            GROUP BY l_orderkey, o_orderdate, o_shippriority ORDER BY revenue DESC, o_orderdate LIMIT 10
            """),
        ("Q6: forecasting revenue", """
            SELECT sum(l_extendedprice * l_discount) AS revenue FROM lineitem
            WHERE l_shipdate >= date '1994-01-01' AND l_shipdate < date '1994-01-01' + interval '1 year' AND l_discount BETWEEN 0.06 - 0.01 AND 0.06 + 0.01 AND l_quantity < 24
            """),
    ];

    public static Command Command()
    {
        Option<double> scale = new("--scale") { Description = "Scale factor: 1 is 6 million line items.", DefaultValueFactory = _ => 0.1 };
        Option<int> repeats = new("--repeats") { Description = "Runs of each query; the median counts.", DefaultValueFactory = _ => 5 };
        Command command = new("tpch", "TPC-H-like queries 1, 3 and 6: VecSql beside PostgreSQL.") { scale, repeats };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(scale), parsed.GetValue(repeats)));
        return command;
    }

    private static async Task<int> RunAsync(double scale, int repeats)
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
            foreach ((string name, string sql) in Queries)
            {
                double[] mine = new double[repeats], others = new double[repeats];
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
                AddRow(table, name, mine[repeats / 2], others[repeats / 2], isEqual ? "equal" : "DIFFERENT");
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
