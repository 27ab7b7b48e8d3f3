using System.Buffers.Binary;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using VecSql.Benchmarks.Load;
using VecSql.Vectors;

namespace VecSql.Benchmarks.Vectors;

/// <summary>
/// What an hnsw index is worth after its rows were replaced again and again: each round gives a share of the rows new vectors, half of them by UPDATE, half by DELETE and INSERT; then recall
/// against exact search, rate and time of searches, at once and when the server has come to rest. In the end the same rows in a table of their own, freshly indexed.
/// </summary>
internal sealed class VectorChurn
{
    private const int Int4 = 23, BatchRows = 100;

    private readonly VectorSet _set;
    private readonly ChurnRun _run;
    private readonly float[][] _rows;
    private readonly Random _random = new(11);
    private readonly string _operator, _operatorClass;

    private sealed record ChurnRun(int Rounds, double Share, int Ef, int Clients, double Seconds);

    private VectorChurn(VectorSet set, ChurnRun run)
    {
        (_set, _run, _rows) = (set, run, [.. set.Rows]);
        (_operator, _operatorClass) = set.Metric switch
        {
            DistanceMetric.L2 => ("<->", "vector_l2_ops"),
            DistanceMetric.Cosine => ("<=>", "vector_cosine_ops"),
            DistanceMetric.InnerProduct => ("<#>", "vector_ip_ops"),
            _ => ("<+>", "vector_l1_ops"),
        };
    }

    public static Command Command()
    {
        VectorSetOptions set = new();
        Option<int> rounds = new("--rounds") { Description = "Rounds of replacing rows.", DefaultValueFactory = _ => 10 };
        Option<double> share = new("--share") { Description = "Percentage of rows replaced in a round.", DefaultValueFactory = _ => 50 };
        Option<int> ef = new("--ef") { Description = "hnsw.ef_search.", DefaultValueFactory = _ => 40 };
        Option<int> clients = new("--clients") { Description = "Connections that search.", DefaultValueFactory = _ => 2 };
        Option<double> seconds = new("--seconds") { Description = "Length of each run.", DefaultValueFactory = _ => 2 };
        Option<string?> pgvector = new("--pgvector") { Description = "\"Host=…;Port=…;Username=…;Database=…\" of a PostgreSQL with pgvector (trust authentication); its tables \"items\" and \"fresh\" are replaced." };
        Command command = new("vectors-churn", "Recall and speed of an hnsw index whose rows are replaced again and again.") { rounds, share, ef, clients, seconds, pgvector };
        set.AddTo(command);
        command.SetAction((parsed, _) => RunAsync(
            set.Load(parsed),
            new ChurnRun(parsed.GetValue(rounds), parsed.GetValue(share) / 100, parsed.GetValue(ef), parsed.GetValue(clients), parsed.GetValue(seconds)),
            parsed.GetValue(pgvector) is { } peer ? Target.Parse("PostgreSQL with pgvector", peer, []) : null));
        return command;
    }

    private static async Task RunAsync(VectorSet set, ChurnRun run, Target? peer)
    {
        Console.WriteLine($"{set.Rows.Length} rows of {set.Dimensions} dimensions, {set.Metric}; {100 * run.Share} % replaced in each round, ef_search = {run.Ef}, {run.Clients} clients\n");
        await using (VecSqlTarget vecsql = await VecSqlTarget.StartAsync())
            new VectorChurn(set, run).Measure(vecsql.Target, () => ProcessTime.Seconds(vecsql.ProcessId), () => (vecsql.MemoryBytes, vecsql.DiskBytes));
        if (peer is not null) new VectorChurn(set, run).Measure(peer, null, null);
    }

    private void Measure(Target target, Func<double>? cpu, Func<(long Memory, long Disk)>? size)
    {
        using LoadConnection connection = LoadConnection.Open(target);
        connection.Run("CREATE EXTENSION IF NOT EXISTS vector");
        int vectorType = int.Parse(connection.Run("SELECT oid FROM pg_type WHERE typname = 'vector'")[0][0]!, CultureInfo.InvariantCulture);
        Load(connection, "items");
        Prepare(connection, vectorType);
        TextTable table = new(target.Name, "rows/s replaced", "recall@10 at once", "QPS", "p50 ms", "recall@10 at rest", "QPS ", "p50 ms ", "MiB in memory", "on disk");
        for (int round = 0; round <= _run.Rounds; round++)
        {
            double rate = round == 0 ? 0 : Replace(connection);
            int[][] truth = (_set with { Rows = _rows }).ExactWhere(_ => true, _set.Queries.Length);
            (string recall, string qps, string p50) = Search(target, "items", vectorType, truth);
            Rest(cpu);
            (string restRecall, string restQps, string restP50) = Search(target, "items", vectorType, truth);
            (long memory, long disk) = size is null ? (0, long.Parse(connection.Run("SELECT pg_total_relation_size('items')")[0][0]!, CultureInfo.InvariantCulture)) : size();
            table.Add(round == 0 ? "built" : $"round {round}", round == 0 ? "" : Format(rate, "N0"), recall, qps, p50, restRecall, restQps, restP50, memory == 0 ? "" : $"{memory >> 20}", $"{disk >> 20}");
        }
        Load(connection, "fresh");
        (string freshRecall, string freshQps, string freshP50) = Search(target, "fresh", vectorType, (_set with { Rows = _rows }).ExactWhere(_ => true, _set.Queries.Length));
        table.Add("the same rows, built anew", "", "", "", "", freshRecall, freshQps, freshP50, "", "");
        table.Print();
    }

    private void Load(LoadConnection connection, string table)
    {
        connection.Run($"DROP TABLE IF EXISTS {table}");
        connection.Run($"CREATE TABLE {table} (id int PRIMARY KEY, embedding vector({_set.Dimensions}))");
        connection.BeginCopy($"COPY {table} FROM STDIN (FORMAT binary)");
        MessageBuilder messages = connection.Out;
        messages.Begin('d').Bytes("PGCOPY\n"u8).Byte(0xff).Bytes("\r\n\0"u8).Int32(0).Int32(0);
        messages.End();
        for (int id = 0; id < _rows.Length; id++)
        {
            messages.Begin('d').Int16(2).Int32(4).Int32(id).Vector(_rows[id]);
            messages.End();
            if (messages.Length > 64 * 1024) connection.SendCopyData();
        }
        messages.Begin('d').Int16(-1);
        messages.End();
        connection.SendCopyData();
        connection.EndCopy();
        connection.Run($"CREATE INDEX ON {table} USING hnsw (embedding {_operatorClass})");
        connection.Analyze(table);
    }

    private static void Prepare(LoadConnection connection, int vectorType)
    {
        connection.Prepare("update", "UPDATE items SET embedding = $2 WHERE id = $1", Int4, vectorType);
        StringBuilder delete = new("DELETE FROM items WHERE id IN ("), insert = new("INSERT INTO items VALUES ");
        for (int i = 0; i < BatchRows; i++)
        {
            delete.Append(CultureInfo.InvariantCulture, $"{(i > 0 ? ", " : "")}${i + 1}");
            insert.Append(CultureInfo.InvariantCulture, $"{(i > 0 ? ", " : "")}(${(2 * i) + 1}, ${(2 * i) + 2})");
        }
        connection.Prepare("delete", delete.Append(')').ToString(), [.. Enumerable.Repeat(Int4, BatchRows)]);
        connection.Prepare("insert", insert.ToString(), [.. Enumerable.Range(0, 2 * BatchRows).Select(i => i % 2 == 0 ? Int4 : vectorType)]);
    }

    /// <summary>Rows replaced per second.</summary>
    private double Replace(LoadConnection connection)
    {
        int[] ids = [.. Enumerable.Range(0, _rows.Length)];
        _random.Shuffle(ids);
        int[] chosen = ids[..(int)(_run.Share * ids.Length)];
        foreach (int id in chosen) _rows[id] = MakeRow();
        long started = Stopwatch.GetTimestamp();
        int updates = chosen.Length / 2 / BatchRows * BatchRows;
        for (int from = 0; from < updates; from += BatchRows)
        {
            connection.Run("BEGIN");
            foreach (int id in chosen.AsSpan(from, BatchRows))
            {
                connection.Bind("update", 2).Int32(4).Int32(id).Vector(_rows[id]);
                connection.Execute(null);
            }
            connection.Run("COMMIT");
        }
        for (int from = updates; from < chosen.Length; from += BatchRows)
        {
            // The last batch repeats its first row in the place of those that are missing: deleting a row twice is no error, inserting it is, so they come one by one.
            int count = Math.Min(BatchRows, chosen.Length - from);
            MessageBuilder delete = connection.Bind("delete", BatchRows);
            for (int i = 0; i < BatchRows; i++) delete.Int32(4).Int32(chosen[from + Math.Min(i, count - 1)]);
            connection.Execute(null);
            if (count == BatchRows)
            {
                MessageBuilder insert = connection.Bind("insert", 2 * BatchRows);
                foreach (int id in chosen.AsSpan(from, count)) insert.Int32(4).Int32(id).Vector(_rows[id]);
                connection.Execute(null);
            }
            else
            {
                foreach (int id in chosen.AsSpan(from, count))
                    connection.Run($"INSERT INTO items VALUES ({id}, '[{string.Join(',', _rows[id].Select(x => x.ToString("R", CultureInfo.InvariantCulture)))}]')");
            }
        }
        return chosen.Length / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private float[] MakeRow()
    {
        float[] a = _set.Rows[_random.Next(_set.Rows.Length)], b = _set.Rows[_random.Next(_set.Rows.Length)], row = new float[_set.Dimensions];
        float share = 0.3f * _random.NextSingle();
        for (int i = 0; i < row.Length; i++) row[i] = a[i] + (share * (b[i] - a[i]));
        return row;
    }

    private (string Recall, string Qps, string P50) Search(Target target, string table, int vectorType, int[][] truth)
    {
        LoadConnection Open()
        {
            LoadConnection connection = LoadConnection.Open(target);
            connection.Run($"SET hnsw.ef_search = {_run.Ef}");
            connection.Prepare("s", $"SELECT id FROM {table} ORDER BY embedding {_operator} $1 LIMIT {VectorSet.K}", vectorType);
            return connection;
        }

        void Ask(LoadConnection connection, float[] query, RowHandler? onRow)
        {
            connection.Bind("s", 1).Vector(query);
            connection.Execute(onRow);
        }

        long hits = 0;
        using (LoadConnection connection = Open())
        {
            for (int i = 0; i < truth.Length; i++)
            {
                int[] exact = truth[i][..VectorSet.K];
                Ask(connection, _set.Queries[i], fields =>
                {
                    if (Array.IndexOf(exact, BinaryPrimitives.ReadInt32BigEndian(fields[4..])) >= 0) hits++;
                });
            }
        }
        LoadResult result = LoadRun.Measure(_run.Clients, _run.Seconds, client =>
        {
            LoadConnection connection = Open();
            return (connection, turn => Ask(connection, _set.Queries[((client * 7919) + turn) % _set.Queries.Length], null));
        });
        return (Format((double)hits / (truth.Length * VectorSet.K), "0.0000"), Format(result.PerSecond, "N0"), Format(result.MedianMs, "0.00"));
    }

    /// <summary>Waits until the server has nothing more to do in the background.</summary>
    private static void Rest(Func<double>? cpu)
    {
        const int Checks = 120, QuietChecks = 4;
        if (cpu is null) return;
        double before = cpu();
        int quiet = 0;
        for (int i = 0; i < Checks; i++)
        {
            Thread.Sleep(1000);
            double now = cpu();
            quiet = now - before < 0.1 ? quiet + 1 : 0;
            if (quiet == QuietChecks) return;
            before = now;
        }
    }

    private static string Format(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
