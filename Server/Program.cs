using System.CommandLine;
using VecSql.Server.Commands;

RootCommand root = new("VecSql: a SQL engine that speaks PostgreSQL's protocol, searches vectors and keeps views fresh.") { ServeCommand.Create(), DemoCommand.Create(), CheckCommand.Create() };
// Running statements may end within WireOptions.ShutdownLimit; without a longer limit here the process would be gone before.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
