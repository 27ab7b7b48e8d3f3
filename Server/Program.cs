using System.CommandLine;
using VecSql.Server.Commands;

// Where connections have no threads of their own (SqlTransport), statements run on pool threads and may wait there (locks, disk): a few waiting sessions must not keep others from starting.
if (!OperatingSystem.IsLinux()) ThreadPool.SetMinThreads(Math.Max(64, Environment.ProcessorCount * 8), 16);

RootCommand root = new("VecSql: a SQL engine that speaks PostgreSQL's protocol, searches vectors and keeps views fresh.") { ServeCommand.Create(), DemoCommand.Create(), CheckCommand.Create() };
// Running statements may end within WireOptions.ShutdownLimit; without a longer limit here the process would be gone before.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
