using System.CommandLine;
using VecSql.Server.Commands;

// Statements run on pool threads and may wait there (locks, disk): a few waiting sessions must not keep others from starting.

RootCommand root = new("VecSql: a SQL engine that speaks PostgreSQL's protocol, searches vectors and keeps views fresh.") { ServeCommand.Create(), DemoCommand.Create(), CheckCommand.Create() };
return await root.Parse(args).InvokeAsync();
