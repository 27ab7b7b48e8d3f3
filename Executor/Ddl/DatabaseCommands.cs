using System.Globalization;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Parser.Ast;

namespace VecSql.Executor.Ddl;

/// <summary>CREATE, ALTER and DROP DATABASE. CREATE and DROP are durable at once, outside any transaction. The session has ended the database's other sessions if FORCE was given.</summary>
internal sealed class DatabaseCommands(DdlContext context)
{
    public string Create(CreateDatabaseStatement statement)
    {
        if (context.Catalog.Shared.FindDatabase(statement.Name) is not null)
            throw new SqlException(SqlState.DuplicateDatabase, $"database \"{statement.Name}\" already exists");
        RoleObject creator = Roles.Find(context, context.CurrentUser);
        if (!creator.IsSuperuser && !creator.CanCreateDatabase) throw new SqlException(SqlState.InsufficientPrivilege, "permission denied to create database");
        uint owner = context.CurrentRole;
        foreach (Option option in statement.Options)
        {
            string? value = option.Value?.Text;
            switch (option.Name)
            {
                case "owner" when value is not null: owner = Roles.Find(context, value, option.Span.Start).Oid; break;
                case "template" when value is "template0" or "template1" or "default" or null: break;
                case "template": throw SqlException.NotSupported("CREATE DATABASE from a template of one's own", option.Span.Start);
                case "encoding" when value is not null && !value.Replace("-", "", StringComparison.Ordinal).Equals("utf8", StringComparison.OrdinalIgnoreCase) && value is not ("6" or "default"):
                    throw SqlException.NotSupported($"encoding {value}", option.Span.Start, "Databases are UTF8.");
                case "tablespace" when value is not ("pg_default" or "default"): throw SqlException.NotSupported("tablespaces", option.Span.Start);
                case "connection_limit" or "allow_connections" or "is_template" or "tablespace": break;
                case "encoding" or "lc_collate" or "lc_ctype" or "locale" or "locale_provider" or "icu_locale" or "collation_version" or "strategy" or "oid" or "shards" or "min_replicas" or "max_replicas": break;
                default: throw new SqlException(SqlState.SyntaxError, $"option \"{option.Name}\" not recognized", option.Span.Start);
            }
        }
        context.Instance.Create(WithOptions(new DatabaseObject { Oid = context.Instance.AllocateOid(), Name = statement.Name, Owner = owner }, statement.Options));
        return "CREATE DATABASE";
    }

    public string Alter(AlterDatabaseStatement statement)
    {
        DatabaseObject database = context.Catalog.Shared.FindDatabase(statement.Name) ?? throw new SqlException(SqlState.InvalidCatalogName, $"database \"{statement.Name}\" does not exist");
        new Ownership(context).Check(database);
        foreach (Option option in statement.Options)
        {
            if (option.Name == "tablespace") throw SqlException.NotSupported("tablespaces", option.Span.Start);
            if (option.Name is not ("connection_limit" or "allow_connections" or "is_template"))
                throw new SqlException(SqlState.SyntaxError, $"option \"{option.Name}\" not recognized", option.Span.Start);
        }
        context.Transaction.Put(WithOptions(database, statement.Options));
        return "ALTER DATABASE";
    }

    private static DatabaseObject WithOptions(DatabaseObject database, IReadOnlyList<Option> options)
    {
        foreach (Option option in options)
        {
            bool isOn = option.Value?.Text is not ("false" or "off" or "0");
            database = option.Name switch
            {
                "connection_limit" => database with { ConnectionLimit = int.TryParse(option.Value?.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int limit) && limit >= -1
                    ? limit : throw new SqlException(SqlState.InvalidParameterValue, $"invalid connection limit: {option.Value?.Text}", option.Span.Start) },
                "allow_connections" => database with { AllowConnections = isOn },
                "is_template" => database with { IsTemplate = isOn },
                _ => database,
            };
        }
        return database;
    }

    public string Drop(DropDatabaseStatement statement)
    {
        if (context.Catalog.Shared.FindDatabase(statement.Name) is not { } database)
        {
            if (!statement.IfExists) throw new SqlException(SqlState.InvalidCatalogName, $"database \"{statement.Name}\" does not exist");
            context.Skip(SqlState.InvalidCatalogName, $"database \"{statement.Name}\" does not exist, skipping");
            return "DROP DATABASE";
        }
        new Ownership(context).Check(database);
        if (database.Oid == context.Store.DatabaseOid) throw new SqlException(SqlState.ObjectInUse, "cannot drop the currently open database");
        RequireUnused(database);
        context.Instance.Drop(database.Oid);
        return "DROP DATABASE";
    }

    /// <summary>55006 while sessions are connected to it. Like PostgreSQL, waits up to five seconds for those that are about to end: a client that has hung up may not have been noticed yet.</summary>
    public void RequireUnused(DatabaseObject database)
    {
        const int Tries = 50, PauseMs = 100;
        for (int tries = 0; ; tries++)
        {
            int others = context.Eval.Session.Server.Sessions.Count(s => s.DatabaseOid == database.Oid);
            if (others == 0) return;
            if (tries < Tries)
            {
                context.Eval.Cancellation.WaitHandle.WaitOne(PauseMs);
                context.Eval.Cancellation.ThrowIfCancellationRequested();
                continue;
            }
            throw new SqlException(SqlState.ObjectInUse, $"database \"{database.Name}\" is being accessed by other users",
                detail: others == 1 ? "There is 1 other session using the database." : $"There are {others} other sessions using the database.");
        }
    }
}
