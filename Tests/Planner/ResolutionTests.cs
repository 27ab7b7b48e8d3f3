using System.Runtime.CompilerServices;
using Npgsql;
using Npgsql.Schema;
using VecSql.Core.Errors;
using VecSql.Planner;

namespace VecSql.Tests.Planner;

/// <summary>
/// Names, types and errors of many statements against what PostgreSQL 15 said of them (Expectations/resolution.tsv, written by <see cref="Ask_PostgreSQL"/>).
/// </summary>
public class ResolutionTests
{
    private const string Schema = """
        CREATE TABLE t (a int PRIMARY KEY, b text, c bigint, d float8, e varchar(10), n numeric(10,2), ts timestamp, tz timestamptz, dt date, arr int[], j jsonb, bo bool);
        CREATE TABLE u (a int, x text);
        """;

    private static readonly Lazy<PlannerDatabase> Database = new(() => new PlannerDatabase(Schema));

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Expectations");

    public static TheoryData<string, string> Statements()
    {
        TheoryData<string, string> data = [];
        foreach (string line in File.ReadLines(Path.Combine(Folder(), "resolution.tsv")))
        {
            int tab = line.IndexOf('\t', StringComparison.Ordinal);
            data.Add(line[..tab], line[(tab + 1)..]);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Statements))]
    public void As_in_PostgreSQL(string sql, string expected)
    {
        string actual = Ours(sql);
        // What isn't implemented yet is refused by name: neither right nor wrong.
        if (actual.StartsWith(SqlState.FeatureNotSupported, StringComparison.Ordinal) && actual.Contains("is not supported", StringComparison.Ordinal))
            Assert.SkipUnless(expected.StartsWith(SqlState.FeatureNotSupported, StringComparison.Ordinal), actual);
        Assert.Equal(expected, actual);
    }

    private static string Ours(string sql)
    {
        try
        {
            QueryPlan plan = Database.Value.Plan(sql);
            return Describe(plan.Columns.Select(c => (c.Name, c.Type.Oid)), plan.ParameterTypes.Select(p => p.Oid));
        }
        catch (SqlException e)
        {
            return $"{e.SqlState} {e.Position + 1} {e.Message}";
        }
    }

    private static string Describe(IEnumerable<(string Name, uint Type)> columns, IEnumerable<uint> parameters) =>
        // Row types are numbered by the catalog.
        string.Join(' ', columns.Select(c => $"{c.Name}:{(c.Type >= 16384 ? 0 : c.Type)}")) + (parameters.Any() ? " <- " + string.Join(' ', parameters) : "");

    /// <summary>Run by hand with VECSQL_ORACLE set to a connection string of PostgreSQL 15: writes resolution.tsv from resolution.sql.</summary>
    [Fact(Explicit = true)]
    public async Task Ask_PostgreSQL()
    {
        await using NpgsqlConnection connection = new(Environment.GetEnvironmentVariable("VECSQL_ORACLE"));
        await connection.OpenAsync();
        await using (NpgsqlCommand setup = new("DROP SCHEMA IF EXISTS resolution CASCADE; CREATE SCHEMA resolution; SET search_path = resolution;" + Schema, connection)) await setup.ExecuteNonQueryAsync();
        List<string> lines = [];
        foreach (string sql in File.ReadLines(Path.Combine(Folder(), "resolution.sql"))) lines.Add($"{sql}\t{await Theirs(connection, sql)}");
        await File.WriteAllLinesAsync(Path.Combine(Folder(), "resolution.tsv"), lines);
    }

    private static async Task<string> Theirs(NpgsqlConnection connection, string sql)
    {
        try
        {
            // PREPARE and its view give the parameters' types; the driver's schema of an unexecuted command gives the columns.
            List<uint> parameters = [];
            await using (NpgsqlCommand prepare = new($"PREPARE q AS {sql}", connection) { AllResultTypesAreUnknown = true }) await prepare.ExecuteNonQueryAsync();
            await using (NpgsqlCommand ask = new("SELECT unnest(parameter_types)::oid::int8 FROM pg_prepared_statements WHERE name = 'q'", connection))
            await using (NpgsqlDataReader types = await ask.ExecuteReaderAsync())
                while (await types.ReadAsync()) parameters.Add((uint)types.GetInt64(0));
            await using (NpgsqlCommand forget = new("DEALLOCATE q", connection)) await forget.ExecuteNonQueryAsync();
            await using NpgsqlCommand command = new(sql, connection);
            for (int i = 0; i < parameters.Count; i++) command.Parameters.Add(new NpgsqlParameter { DataTypeName = null, Value = DBNull.Value });
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(System.Data.CommandBehavior.SchemaOnly);
            IReadOnlyList<NpgsqlDbColumn> columns = reader.GetColumnSchema();
            return Describe(columns.Select(c => (c.ColumnName, c.TypeOID)), parameters);
        }
        catch (PostgresException e)
        {
            // Positions count from the statement's start.
            return $"{e.SqlState} {(e.Position > 0 ? e.Position - "PREPARE q AS ".Length : 0)} {e.MessageText}";
        }
    }
}
