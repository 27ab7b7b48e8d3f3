namespace VecSql.Tests.Servers;

/// <summary>A real PostgreSQL, made for one test class: the oracle.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private PostgresInstance? _instance;

    public int Port => _instance!.Port;

    public async ValueTask InitializeAsync() => _instance = await PostgresInstance.StartAsync("-c fsync=off");

    public ValueTask DisposeAsync() => _instance!.DisposeAsync();

    internal static int FreePort() => PostgresInstance.FreePort();
}
