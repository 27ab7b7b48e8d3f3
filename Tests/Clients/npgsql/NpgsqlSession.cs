using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace VecSql.Tests.Clients;

/// <summary>Npgsql as applications use it. Writes down what it sees; the same lines are expected from VecSql and from PostgreSQL.</summary>
internal sealed class NpgsqlSession(NpgsqlDataSource source, NpgsqlConnection connection)
{
    private readonly StringBuilder _seen = new();

    public static async Task<string> RunAsync(int port)
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={port};Username=postgres;Database=postgres;Timezone=UTC;Array Nullability Mode=PerInstance;Max Auto Prepare=5;Auto Prepare Min Usages=2;Command Timeout=20;Include Error Detail=true");
        await using NpgsqlConnection connection = await source.OpenConnectionAsync();
        NpgsqlSession session = new(source, connection);
        foreach (Func<Task> part in (Func<Task>[])[session.TypesAsync, session.StatementsAsync, session.BatchesAsync, session.CopiesAsync, session.TransactionsAsync, session.SchemaAsync, session.CancelAsync])
        {
            try
            {
                await part();
            }
            catch (PostgresException e)
            {
                session.Show("FAILED " + part.Method.Name, e.SqlState, e.MessageText, e.Position);
                await session.ExecuteAsync("ROLLBACK");
            }
            catch (Exception e) when (e is NpgsqlException or InvalidOperationException or InvalidCastException or OperationCanceledException)
            {
                session.Show("FAILED " + part.Method.Name, e.GetType().Name, e.Message, e.InnerException?.Message, connection.FullState);
                return session._seen.ToString();
            }
        }
        await session.ExecuteAsync("DROP TABLE IF EXISTS net_items");
        session.Show("end");
        return session._seen.ToString();
    }

    private async Task TypesAsync()
    {
        (NpgsqlDbType Type, string Name, object Value)[] values =
        [
            (NpgsqlDbType.Smallint, "int2", short.MinValue), (NpgsqlDbType.Integer, "int4", int.MaxValue), (NpgsqlDbType.Bigint, "int8", long.MinValue), (NpgsqlDbType.Real, "float4", 1.5f),
            (NpgsqlDbType.Double, "float8", 1e-300), (NpgsqlDbType.Numeric, "numeric", -1234567890123456.7890m), (NpgsqlDbType.Text, "text", "ä€😀\n"), (NpgsqlDbType.Varchar, "varchar", "v"), (NpgsqlDbType.Char, "bpchar", "c"),
            (NpgsqlDbType.Boolean, "bool", true), (NpgsqlDbType.Bytea, "bytea", new byte[] { 0, 255, 92 }), (NpgsqlDbType.Date, "date", new DateTime(2024, 2, 29)), (NpgsqlDbType.Time, "time", new TimeSpan(0, 23, 59, 59, 999)),
            (NpgsqlDbType.Timestamp, "timestamp", new DateTime(1999, 12, 31, 23, 59, 59, 1)), (NpgsqlDbType.TimestampTz, "timestamptz", new DateTime(2024, 2, 29, 12, 0, 0, DateTimeKind.Utc)),
            (NpgsqlDbType.TimeTz, "timetz", new DateTimeOffset(1, 1, 2, 3, 4, 5, TimeSpan.FromHours(-7))), (NpgsqlDbType.Interval, "interval", new TimeSpan(3, 4, 5, 6)), (NpgsqlDbType.Uuid, "uuid", Guid.Parse("00112233-4455-6677-8899-aabbccddeeff")),
            (NpgsqlDbType.Jsonb, "jsonb", """{"a": [1, null, "ä"]}"""), (NpgsqlDbType.Json, "json", "[1 ,2]"), (NpgsqlDbType.Oid, "oid", 4000000000u), (NpgsqlDbType.Array | NpgsqlDbType.Integer, "int4[]", new int?[] { 1, null, 3 }),
            (NpgsqlDbType.Array | NpgsqlDbType.Text, "text[]", new[] { "a", "q\"u", null }), (NpgsqlDbType.Array | NpgsqlDbType.Numeric, "numeric[]", new[] { 1.50m, -2m }),
            (NpgsqlDbType.Array | NpgsqlDbType.Double, "float8[]", new[,] { { 1.5, 2 }, { 3, 4 } }), (NpgsqlDbType.Array | NpgsqlDbType.Uuid, "uuid[]", new[] { Guid.Empty }), (NpgsqlDbType.Varbit, "varbit", new System.Collections.BitArray([true, false, true])),
        ];
        foreach ((NpgsqlDbType type, string name, object value) in values)
        {
            await using NpgsqlCommand command = new("SELECT $1, NULL::" + name, connection) { Parameters = { new() { Value = value, NpgsqlDbType = type } } };
            for (int pass = 0; pass < 2; pass++)
            {
                await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
                await reader.ReadAsync();
                Show(name, reader.GetValue(0), reader.IsDBNull(1), reader.GetDataTypeName(0), reader.GetFieldType(0).Name);
            }
        }
    }

    private async Task StatementsAsync()
    {
        await ExecuteAsync("CREATE TABLE net_items (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, price numeric(10,2), made timestamptz, CONSTRAINT net_price CHECK (price >= 0))");
        await using NpgsqlCommand insert = new("INSERT INTO net_items (name, price, made) VALUES ($1, $2, $3) RETURNING id", connection)
        {
            Parameters = { new() { NpgsqlDbType = NpgsqlDbType.Text }, new() { NpgsqlDbType = NpgsqlDbType.Numeric }, new() { NpgsqlDbType = NpgsqlDbType.TimestampTz } },
        };
        await insert.PrepareAsync();
        for (int i = 0; i < 4; i++)
        {
            insert.Parameters[0].Value = "n" + i;
            insert.Parameters[1].Value = i == 2 ? DBNull.Value : i / 4m;
            insert.Parameters[2].Value = DateTime.UnixEpoch.AddHours(i);
            Show("inserted", await insert.ExecuteScalarAsync());
        }
        Show("updated", await ExecuteAsync("UPDATE net_items SET price = coalesce(price, 0) + 1 WHERE id > 1"));
        for (int pass = 0; pass < 4; pass++) await RowsAsync("SELECT id, name, price, made FROM net_items WHERE id = ANY($1) ORDER BY id", new[] { 1, 3 });
        await ErrorAsync("SELECT missing FROM net_items");
        await ErrorAsync("INSERT INTO net_items (name, price) VALUES ('x', -1)");
        await ErrorAsync("INSERT INTO net_items (id, name) VALUES (1, 'x')");
        await ErrorAsync("INSERT INTO net_items (id, name) OVERRIDING SYSTEM VALUE VALUES (1, 'x')");
        await ErrorAsync("INSERT INTO net_items (name) VALUES (NULL)");
    }

    private async Task BatchesAsync()
    {
        await using NpgsqlBatch batch = new(connection);
        for (int i = 0; i < 20; i++)
            batch.BatchCommands.Add(new("INSERT INTO net_items (name, price) VALUES ($1, $2)") { Parameters = { new() { Value = "b" + i }, new() { Value = (decimal)i } } });
        batch.BatchCommands.Add(new("SELECT count(*) FROM net_items"));
        Show("batch", await batch.ExecuteNonQueryAsync(), await CountAsync());
        await using NpgsqlBatch broken = new(connection) { BatchCommands = { new("INSERT INTO net_items (name) VALUES ('lost')"), new("SELECT 1/0"), new("SELECT 2") } };
        try
        {
            await broken.ExecuteNonQueryAsync();
        }
        catch (PostgresException e)
        {
            Show("batch error", e.SqlState, e.BatchCommand?.CommandText);
        }
        Show("after", await CountAsync());
    }

    private async Task CopiesAsync()
    {
        await using (NpgsqlBinaryImporter import = await connection.BeginBinaryImportAsync("COPY net_items (name, price, made) FROM STDIN (FORMAT binary)"))
        {
            for (int i = 0; i < 3000; i++)
            {
                await import.StartRowAsync();
                await import.WriteAsync("copy" + i, NpgsqlDbType.Text);
                if (i % 7 == 0) await import.WriteNullAsync();
                else await import.WriteAsync(i / 10m, NpgsqlDbType.Numeric);
                await import.WriteAsync(DateTime.UnixEpoch.AddSeconds(i), NpgsqlDbType.TimestampTz);
            }
            Show("imported", await import.CompleteAsync());
        }
        await using (NpgsqlBinaryImporter abandoned = await connection.BeginBinaryImportAsync("COPY net_items (name) FROM STDIN (FORMAT binary)"))
        {
            await abandoned.StartRowAsync();
            await abandoned.WriteAsync("lost", NpgsqlDbType.Text);
        }
        await using (TextWriter import = await connection.BeginTextImportAsync("COPY net_items (name, price) FROM STDIN")) await import.WriteAsync("text\t1.25\nta\\tb\t\\N\n");
        await using (NpgsqlBinaryExporter export = await connection.BeginBinaryExportAsync("COPY (SELECT id, name, price FROM net_items WHERE name LIKE 'copy%' ORDER BY id) TO STDOUT (FORMAT binary)"))
        {
            (int rows, int nulls, decimal sum) = (0, 0, 0);
            while (await export.StartRowAsync() != -1)
            {
                rows++;
                await export.ReadAsync<int>(NpgsqlDbType.Integer);
                await export.ReadAsync<string>(NpgsqlDbType.Text);
                if (!export.IsNull) sum += await export.ReadAsync<decimal>(NpgsqlDbType.Numeric);
                else
                {
                    nulls++;
                    await export.SkipAsync();
                }
            }
            Show("exported", rows, nulls, sum);
        }
        using (TextReader export = await connection.BeginTextExportAsync("COPY (SELECT name, price FROM net_items WHERE name LIKE 't%' ORDER BY id) TO STDOUT (FORMAT csv, HEADER)")) Show("text", await export.ReadToEndAsync());
        Show("after copies", await CountAsync());
    }

    private async Task TransactionsAsync()
    {
        await using (NpgsqlTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead))
        {
            await ExecuteAsync("DELETE FROM net_items WHERE id > 2");
            await transaction.SaveAsync("here");
            await ErrorAsync("SELECT 1/0");
            await ErrorAsync("SELECT 1");
            await transaction.RollbackAsync("here");
            Show("inside", await CountAsync());
        }
        Show("rolled back", await CountAsync());
        await using NpgsqlCommand rows = new("SELECT i, repeat('x', i % 50) FROM generate_series(1, 20000) AS i", connection);
        await using (NpgsqlDataReader reader = await rows.ExecuteReaderAsync(CommandBehavior.SingleRow)) Show("one row", await reader.ReadAsync(), reader.GetInt32(0));
        await using (NpgsqlDataReader reader = await rows.ExecuteReaderAsync(CommandBehavior.SequentialAccess))
        {
            long sum = 0;
            while (await reader.ReadAsync()) sum += reader.GetInt32(0) + reader.GetString(1).Length;
            Show("all rows", sum);
        }
    }

    private async Task SchemaAsync()
    {
        await using NpgsqlCommand command = new("SELECT id, name, price, made, id + 1 AS next FROM net_items", connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(CommandBehavior.KeyInfo | CommandBehavior.SchemaOnly);
        foreach (DbColumn column in await reader.GetColumnSchemaAsync())
            Show("column", column.ColumnName, column.DataTypeName, column.AllowDBNull, column.IsKey, column.IsAutoIncrement, column.NumericPrecision, column.NumericScale, column.BaseTableName);
    }

    private async Task CancelAsync()
    {
        await using NpgsqlCommand command = new("SELECT pg_sleep(30)", connection);
        Task running = command.ExecuteNonQueryAsync();
        await using (NpgsqlConnection other = await source.OpenConnectionAsync())
        {
            await using NpgsqlCommand look = new("SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND state = 'active' AND query LIKE '%pg_sleep%'", other) { Parameters = { new() { Value = connection.ProcessID } } };
            while ((long)(await look.ExecuteScalarAsync())! == 0) await Task.Delay(10);
        }
        command.Cancel();
        try
        {
            await running;
        }
        catch (OperationCanceledException e)
        {
            Show("cancelled", (e.InnerException as PostgresException)?.SqlState, connection.FullState);
        }
        Show("after", await CountAsync());
    }

    private async Task<object?> CountAsync() => await new NpgsqlCommand("SELECT count(*) FROM net_items", connection).ExecuteScalarAsync();

    private async Task<int> ExecuteAsync(string sql)
    {
        await using NpgsqlCommand command = new(sql, connection);
        return await command.ExecuteNonQueryAsync();
    }

    private async Task ErrorAsync(string sql)
    {
        try
        {
            await ExecuteAsync(sql);
            Show("no error", sql);
        }
        catch (PostgresException e)
        {
            Show("error", e.SqlState, e.MessageText, e.Detail, e.Hint, e.Position, e.TableName, e.ColumnName, e.ConstraintName);
        }
    }

    private async Task RowsAsync(string sql, params object[] parameters)
    {
        await using NpgsqlCommand command = new(sql, connection);
        foreach (object parameter in parameters) command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            object[] row = new object[reader.FieldCount];
            reader.GetValues(row);
            Show("row", row);
        }
    }

    private void Show(string label, params object?[] values) => _seen.Append(label).Append(' ').AppendJoin(" | ", values.Select(Text)).Append('\n');

    private static string Text(object? value) => value switch
    {
        null or DBNull => "null",
        string text => $"\"{text}\"",
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture) + " " + time.Kind,
        System.Collections.IEnumerable many => "[" + string.Join(", ", many.Cast<object?>().Select(Text)) + "]",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
