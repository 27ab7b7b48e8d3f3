using Npgsql;
using NpgsqlTypes;
using VecSql.Core.Errors;

namespace VecSql.Tests.Wire;

/// <summary>Npgsql against the wire: extended protocol, binary results, pipelining, COPY, cancel, notifications.</summary>
public sealed class NpgsqlTests
{
    internal static NpgsqlConnectionStringBuilder Settings(WireServer server) => new()
    {
        Host = "127.0.0.1", Port = server.Port, Username = "alice", Database = "db", Pooling = false, SslMode = SslMode.Disable, Timeout = 10, CommandTimeout = 10,
    };

    /// <summary>A connection that isn't open yet. There is no catalog behind scripted sessions, so types aren't loaded.</summary>
    internal static NpgsqlConnection Create(NpgsqlConnectionStringBuilder settings)
    {
        NpgsqlDataSourceBuilder builder = new(settings.ConnectionString);
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        return builder.Build().CreateConnection();
    }

    private static async Task<NpgsqlConnection> OpenAsync(WireServer server)
    {
        NpgsqlConnection connection = Create(Settings(server));
        await connection.OpenAsync();
        return connection;
    }

    [Fact]
    public async Task Rows_in_binary()
    {
        await using WireServer server = await WireServer.StartAsync();
        await using NpgsqlConnection connection = await OpenAsync(server);
        await using NpgsqlDataReader reader = await new NpgsqlCommand("mixed 5000", connection).ExecuteReaderAsync();
        int rows = 0;
        while (await reader.ReadAsync())
        {
            Assert.Equal(rows + 1, reader.GetInt32(0));
            if (rows % 2048 % 3 == 2) Assert.True(reader.IsDBNull(1));
            else Assert.Equal(-10_000_000_000L * rows, reader.GetInt64(1));
            Assert.Equal("ä€😀", reader.GetString(2));
            rows++;
        }
        Assert.Equal(5000, rows);
    }

    [Fact]
    public async Task Parameters_prepared_and_not()
    {
        await using WireServer server = await WireServer.StartAsync();
        await using NpgsqlConnection connection = await OpenAsync(server);
        await using NpgsqlCommand command = new("echo $1 $2", connection) { Parameters = { new() { Value = 42, NpgsqlDbType = NpgsqlDbType.Integer }, new() { Value = "ä€😀", NpgsqlDbType = NpgsqlDbType.Text } } };
        for (int pass = 0; pass < 3; pass++)
        {
            if (pass == 1) await command.PrepareAsync();
            if (pass == 2) command.Parameters[0].Value = DBNull.Value;
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
            Assert.True(await reader.ReadAsync());
            Assert.Equal(pass == 2 ? DBNull.Value : 42, reader.GetValue(0));
            Assert.Equal("ä€😀", reader.GetString(1));
        }
    }

    [Fact]
    public async Task A_large_parameter_comes_back()
    {
        await using WireServer server = await WireServer.StartAsync();
        await using NpgsqlConnection connection = await OpenAsync(server);
        string text = string.Create(3_000_000, 0, (span, _) => span.Fill('x'));
        await using NpgsqlCommand command = new("echo $1", connection) { Parameters = { new() { Value = text, NpgsqlDbType = NpgsqlDbType.Text } } };
        Assert.Equal(text, await command.ExecuteScalarAsync());
        Assert.Equal("x", await new NpgsqlCommand("show x", connection).ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_batch_with_an_error_in_it_leaves_the_connection_sound()
    {
        await using WireServer server = await WireServer.StartAsync();
        await using NpgsqlConnection connection = await OpenAsync(server);
        await using NpgsqlBatch batch = new(connection) { BatchCommands = { new("show a"), new("error 22012 division by zero"), new("show b") } };
        PostgresException error = await Assert.ThrowsAsync<PostgresException>(async () =>
        {
            await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync();
            while (await reader.NextResultAsync())
            {
            }
        });
        Assert.Equal(SqlState.DivisionByZero, error.SqlState);
        Assert.DoesNotContain("show b", server.Factory.Ran);
        Assert.Equal("c", await new NpgsqlCommand("show c", connection).ExecuteScalarAsync());
    }

    [Fact]
    public async Task Copy_in_and_out()
    {
        await using WireServer server = await WireServer.StartAsync();
        await using NpgsqlConnection connection = await OpenAsync(server);
        string line = new('x', 999);
        await using (TextWriter writer = await connection.BeginTextImportAsync("copyin from stdin"))
        {
            for (int i = 0; i < 300; i++) await writer.WriteAsync(line + "\n");
        }
        using (TextReader reader = await connection.BeginTextExportAsync("copyout 3000 to stdout"))
        {
            string[] lines = (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(3000, lines.Length);
            Assert.Equal("line 2999", lines[^1]);
        }
        await using (TextWriter writer = await connection.BeginTextImportAsync("copyin from stdin"))
        {
            await writer.WriteAsync("bad");
            PostgresException error = await Assert.ThrowsAsync<PostgresException>(async () => await writer.DisposeAsync());
            Assert.Equal(SqlState.BadCopyFileFormat, error.SqlState);
        }
        Assert.Equal("c", await new NpgsqlCommand("show c", connection).ExecuteScalarAsync());
    }

    [Fact]
    public async Task Cancel_reaches_the_running_statement()
    {
        await using WireServer server = await WireServer.StartAsync();
        await using NpgsqlConnection connection = await OpenAsync(server);
        await using NpgsqlCommand command = new("sleep", connection);
        Task running = command.ExecuteNonQueryAsync();
        Assert.True(await server.Factory.Sleeping.WaitAsync(TimeSpan.FromSeconds(10)));
        command.Cancel();
        OperationCanceledException canceled = await Assert.ThrowsAsync<OperationCanceledException>(() => running);
        Assert.Equal(SqlState.QueryCanceled, Assert.IsType<PostgresException>(canceled.InnerException).SqlState);
        Assert.Equal("c", await new NpgsqlCommand("show c", connection).ExecuteScalarAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_idle_client_hears_notifications(bool hasTls)
    {
        await using WireServer server = await WireServer.StartAsync(new() { Certificate = hasTls ? TestCertificate.Shared : null });
        NpgsqlConnectionStringBuilder settings = Settings(server);
        settings.SslMode = hasTls ? SslMode.Require : SslMode.Disable;
        await using NpgsqlConnection connection = Create(settings);
        await connection.OpenAsync();
        List<string> heard = [];
        connection.Notification += (_, message) => heard.Add(message.Channel + " " + message.Payload);
        await new NpgsqlCommand("listen", connection).ExecuteNonQueryAsync();
        for (int i = 0; i < 3; i++)
        {
            server.Factory.Notify(new VecSql.Wire.Notification(1, "news", "number" + i));
            await connection.WaitAsync(TimeSpan.FromSeconds(10));
            // The read that was interrupted must not have harmed the stream.
            Assert.Equal("c", await new NpgsqlCommand("show c", connection).ExecuteScalarAsync());
        }
        Assert.Equal(["news number0", "news number1", "news number2"], heard);
    }

    [Fact]
    public async Task A_full_server_says_so()
    {
        await using WireServer server = await WireServer.StartAsync();
        NpgsqlConnectionStringBuilder settings = Settings(server);
        settings.Database = "full";
        await using NpgsqlConnection connection = Create(settings);
        PostgresException error = await Assert.ThrowsAsync<PostgresException>(() => connection.OpenAsync());
        Assert.Equal(SqlState.TooManyConnections, error.SqlState);
    }
}
