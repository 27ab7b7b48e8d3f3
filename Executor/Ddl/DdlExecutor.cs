using VecSql.Core.Errors;
using VecSql.Parser.Ast;

namespace VecSql.Executor.Ddl;

/// <summary>Runs statements that change the catalog: one class per family of statements. What the grammar knows but nobody runs yet is refused by name.</summary>
public static class DdlExecutor
{
    /// <summary>Runs the statement; returns its command tag.</summary>
    /// <exception cref="SqlException">What is wrong with it; 0A000 for what isn't supported.</exception>
    public static string Execute(Statement statement, DdlContext context) => statement switch
    {
        CreateTableStatement s => new CreateTableCommand(context).Run(s),
        CreateTableAsStatement s => new CreateTableAsCommand(context).Run(s),
        CreateIndexStatement s => new CreateIndexCommand(context).Run(s),
        CreateSequenceStatement s => new SequenceCommands(context).Create(s),
        CreateSchemaStatement s => new SchemaCommands(context).Create(s),
        CreateExtensionStatement s => new ExtensionCommands(context).Create(s),
        CreateDatabaseStatement s => new DatabaseCommands(context).Create(s),
        DropDatabaseStatement s => new DatabaseCommands(context).Drop(s),
        DropStatement s => new DropCommand(context).Run(s),
        TruncateStatement s => new TruncateCommand(context).Run(s),
        _ => throw SqlException.NotSupported(StatementNames.Of(statement), statement.Span.Start),
    };
}

/// <summary>What a statement is called in messages.</summary>
public static class StatementNames
{
    /// <summary>"CREATE TRIGGER" for CreateTriggerStatement, and so on.</summary>
    public static string Of(Statement statement)
    {
        if (statement is OtherStatement other) return other.Kind;
        string name = statement.GetType().Name;
        name = name.EndsWith("Statement", StringComparison.Ordinal) ? name[..^"Statement".Length] : name;
        return string.Concat(name.Select((c, i) => i > 0 && char.IsUpper(c) ? " " + c : c.ToString())).ToUpperInvariant();
    }
}
