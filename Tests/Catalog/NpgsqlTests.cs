using Npgsql;
using VecSql.Tests.Servers;

namespace VecSql.Tests.Catalog;

/// <summary>Npgsql loads types from the catalog when it connects.</summary>
public sealed class NpgsqlTests(VecSqlServer server) : IClassFixture<VecSqlServer>
{
    [Fact]
    public async Task Types_are_loaded_and_values_of_them_read()
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={server.Port};Username=postgres;Database=postgres");
        await using NpgsqlConnection connection = await source.OpenConnectionAsync();
        await using NpgsqlCommand command = new("SELECT ARRAY[1, 2], 'a'::text, 1.5::numeric, $1::int + 1, now()", connection) { Parameters = { new NpgsqlParameter { Value = 4 } } };
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        Assert.Equal([1, 2], reader.GetFieldValue<int[]>(0));
        Assert.Equal("a", reader.GetString(1));
        Assert.Equal(1.5m, reader.GetDecimal(2));
        Assert.Equal(5, reader.GetInt32(3));
        Assert.True(reader.GetDateTime(4).Year > 2000);
    }

    [Fact]
    public async Task Schema_collections_are_filled()
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={server.Port};Username=postgres;Database=postgres");
        await using NpgsqlConnection connection = await source.OpenConnectionAsync();
        await using NpgsqlCommand create = new("CREATE TABLE schema_test (a int PRIMARY KEY, b varchar(10) NOT NULL)", connection);
        await create.ExecuteNonQueryAsync();
        foreach (string collection in (string[])["Tables", "Columns", "Indexes", "IndexColumns", "Constraints", "Databases", "Users", "Views"])
            Assert.NotNull(await connection.GetSchemaAsync(collection));
        System.Data.DataTable columns = await connection.GetSchemaAsync("Columns", [null, null, "schema_test"]);
        Assert.Equal(["a", "b"], columns.Rows.Cast<System.Data.DataRow>().Select(r => (string)r["column_name"]));
    }
}
