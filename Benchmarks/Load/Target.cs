using System.Data.Common;
using VecSql.Tests.Crash;

namespace VecSql.Benchmarks.Load;

/// <summary>A server under load.</summary>
/// <param name="Settings">"name = value", set on every connection.</param>
internal sealed record Target(string Name, string Host, int Port, string User, string Database, IReadOnlyList<string> Settings)
{
    public static Target Local(string name, int port) => new(name, "127.0.0.1", port, "postgres", "postgres", []);

    /// <summary>From "Host=…;Port=…;Username=…;Database=…".</summary>
    public static Target Parse(string name, string connectionString, IReadOnlyList<string> settings)
    {
        DbConnectionStringBuilder parts = new() { ConnectionString = connectionString };
        string Part(string key, string otherwise) => parts.TryGetValue(key, out object? value) ? (string)value : otherwise;
        return new Target(name, Part("Host", "127.0.0.1"), int.Parse(Part("Port", "5432")), Part("Username", "postgres"), Part("Database", "postgres"), settings);
    }
}

/// <summary>VecSql in a process of its own on a scratch folder: what is measured is what a user runs.</summary>
internal sealed class VecSqlTarget : IAsyncDisposable
{
    private readonly ServerProcess _process;
    private readonly string _folder;

    private VecSqlTarget(ServerProcess process, string folder)
    {
        _process = process;
        _folder = folder;
        Target = Target.Local("VecSql", process.Port);
    }

    public Target Target { get; }
    public int ProcessId => _process.ProcessId;
    public long MemoryBytes => _process.ResidentBytes;
    public long DiskBytes => new DirectoryInfo(_folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length);

    public static async Task<VecSqlTarget> StartAsync()
    {
        string folder = Directory.CreateTempSubdirectory("vecsql-bench-").FullName;
        return new VecSqlTarget(await ServerProcess.StartAsync(folder), folder);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.KillAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
