using System.Buffers.Binary;
using System.Diagnostics;
using VecSql.Benchmarks.Load;
using VecSql.Vectors;

namespace VecSql.Benchmarks.Vectors.Wire;

/// <summary>One server with the set in its table "items", and an hnsw index: loaded, searched and measured by the same statements whichever it is.</summary>
internal sealed class WireSide
{
    private const int Int4 = 23;

    private readonly VectorSet _set;
    private readonly FilterColumns _columns;
    private readonly string _operator, _operatorClass;
    private int _vectorType;

    public WireSide(Target target, VectorSet set, FilterColumns columns)
    {
        (Target, _set, _columns) = (target, set, columns);
        (_operator, _operatorClass) = set.Metric switch
        {
            DistanceMetric.L2 => ("<->", "vector_l2_ops"),
            DistanceMetric.Cosine => ("<=>", "vector_cosine_ops"),
            DistanceMetric.InnerProduct => ("<#>", "vector_ip_ops"),
            _ => ("<+>", "vector_l1_ops"),
        };
    }

    public Target Target { get; }

    /// <summary>Makes table and index anew; seconds of COPY and of CREATE INDEX.</summary>
    /// <param name="options">Of the index, such as "m = 16".</param>
    public (double Load, double Build) Prepare(string options)
    {
        using LoadConnection connection = LoadConnection.Open(Target);
        connection.Run("CREATE EXTENSION IF NOT EXISTS vector");
        connection.Run("DROP TABLE IF EXISTS items");
        connection.Run($"CREATE TABLE items (id int PRIMARY KEY, bucket int NOT NULL, near int NOT NULL, embedding vector({_set.Dimensions}))");
        double loaded = Load(connection);
        long started = Stopwatch.GetTimestamp();
        connection.Run($"CREATE INDEX items_embedding ON items USING hnsw (embedding {_operatorClass}) WITH ({options})");
        double built = Stopwatch.GetElapsedTime(started).TotalSeconds;
        connection.Analyze("items");
        _vectorType = int.Parse(connection.Run("SELECT oid FROM pg_type WHERE typname = 'vector'")[0][0]!);
        return (loaded, built);
    }

    public string Ask(string sql)
    {
        using LoadConnection connection = LoadConnection.Open(Target);
        return connection.Run(sql)[0][0] ?? "";
    }

    /// <summary>The first of the efforts that reaches the recall, with what it gave; the last of them if none does.</summary>
    public (int Ef, double Recall, double Returned) EffortFor(double recall, IReadOnlyList<int> efforts, WireFilter? filter)
    {
        (int Ef, double Recall, double Returned) measured = default;
        foreach (int ef in efforts)
        {
            (double found, double returned) = Recall(ef, filter);
            measured = (ef, found, returned);
            if (found >= recall) break;
        }
        return measured;
    }

    public LoadResult Measure(int ef, int clients, double seconds, WireFilter? filter) => LoadRun.Measure(clients, seconds, client =>
    {
        LoadConnection connection = Open(ef, filter);
        int count = filter?.Queries.Length ?? _set.Queries.Length;
        return (connection, turn =>
        {
            int at = ((client * 7919) + turn) % count;
            Search(connection, _set.Queries[filter?.Queries[at] ?? at], filter, null);
        }
        );
    });

    /// <summary>Over all its queries: the share of the exact answers that were found, and the rows that came of those that could.</summary>
    private (double Recall, double Returned) Recall(int ef, WireFilter? filter)
    {
        using LoadConnection connection = Open(ef, filter);
        int[][] truth = filter?.Truth ?? _set.Truth;
        long hits = 0, rows = 0, possible = 0;
        for (int i = 0; i < truth.Length; i++)
        {
            int[] exact = truth[i].Length > VectorSet.K ? truth[i][..VectorSet.K] : truth[i];
            possible += exact.Length;
            rows += Search(connection, _set.Queries[filter?.Queries[i] ?? i], filter, fields =>
            {
                if (Array.IndexOf(exact, BinaryPrimitives.ReadInt32BigEndian(fields[4..])) >= 0) hits++;
            });
        }
        return ((double)hits / possible, (double)rows / possible);
    }

    private LoadConnection Open(int ef, WireFilter? filter)
    {
        LoadConnection connection = LoadConnection.Open(Target);
        connection.Run($"SET hnsw.ef_search = {ef}");
        if (filter is null) connection.Prepare("s", $"SELECT id FROM items ORDER BY embedding {_operator} $1 LIMIT {VectorSet.K}", _vectorType);
        else connection.Prepare("s", $"SELECT id FROM items WHERE {filter.Column} < $2 ORDER BY embedding {_operator} $1 LIMIT {VectorSet.K}", _vectorType, Int4);
        return connection;
    }

    private static int Search(LoadConnection connection, float[] query, WireFilter? filter, RowHandler? onRow)
    {
        MessageBuilder bind = connection.Bind("s", filter is null ? 1 : 2).Vector(query);
        if (filter is not null) bind.Int32(4).Int32(filter.Below);
        return connection.Execute(onRow);
    }

    /// <summary>Binary COPY; seconds.</summary>
    private double Load(LoadConnection connection)
    {
        long started = Stopwatch.GetTimestamp();
        connection.BeginCopy("COPY items FROM STDIN (FORMAT binary)");
        MessageBuilder messages = connection.Out;
        messages.Begin('d').Bytes("PGCOPY\n"u8).Byte(0xff).Bytes("\r\n\0"u8).Int32(0).Int32(0);
        messages.End();
        for (int row = 0; row < _set.Rows.Length; row++)
        {
            messages.Begin('d').Int16(4).Int32(4).Int32(row).Int32(4).Int32(FilterColumns.Bucket(row)).Int32(4).Int32(_columns.Near[row]).Vector(_set.Rows[row]);
            messages.End();
            if (messages.Length > 64 * 1024) connection.SendCopyData();
        }
        messages.Begin('d').Int16(-1);
        messages.End();
        connection.SendCopyData();
        connection.EndCopy();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
