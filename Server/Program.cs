using System.CommandLine;
using VecSql.Server.Commands;

RootCommand root = new("VecSql: a SQL engine that speaks PostgreSQL's protocol, searches vectors and keeps views fresh.") { ServeCommand.Create(), DemoCommand.Create(), CheckCommand.Create() };
return await root.Parse(args).InvokeAsync();
