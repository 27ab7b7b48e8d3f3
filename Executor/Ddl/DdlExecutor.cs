using VecSql.Core.Errors;
using VecSql.Parser.Ast;

namespace VecSql.Executor.Ddl;

/// <summary>Runs statements that change the catalog: one class per family of statements. What the grammar knows but nobody runs yet is refused by name.</summary>
public static class DdlExecutor
{
    /// <summary>Runs the statement; returns its command tag.</summary>
    /// <exception cref="SqlException">What is wrong with it; 0A000 for what isn't supported.</exception>
    public static string Execute(Statement statement, DdlContext context)
    {
        StatementLocks.Take(statement, context);
        return Run(statement, context);
    }

    private static string Run(Statement statement, DdlContext context) => statement switch
    {
        CreateTableStatement s => new CreateTableCommand(context).Run(s),
        CreateTableAsStatement s => new CreateTableAsCommand(context).Run(s),
        CreateViewStatement s => new ViewCommands(context).Create(s),
        CreateMaterializedViewStatement s => new ViewCommands(context).CreateMaterialized(s),
        RefreshMaterializedViewStatement s => new ViewCommands(context).Refresh(s),
        CreateIndexStatement s => new CreateIndexCommand(context).Run(s),
        AlterTableStatement s => new AlterTableCommand(context).Run(s),
        RenameStatement s => new RenameCommand(context).Run(s),
        AlterOwnerStatement s => new AlterObjectCommands(context).ChangeOwner(s),
        AlterObjectSchemaStatement s => new AlterObjectCommands(context).SetSchema(s),
        CommentStatement s => new AlterObjectCommands(context).Comment(s),
        CreateSequenceStatement s => new SequenceCommands(context).Create(s),
        AlterSequenceStatement s => new SequenceCommands(context).Alter(s),
        CreateSchemaStatement s => new SchemaCommands(context).Create(s),
        CreateEnumStatement s => new TypeCommands(context).CreateEnum(s),
        CreateCompositeTypeStatement s => new TypeCommands(context).CreateComposite(s),
        AddEnumValueStatement s => new TypeCommands(context).AddValue(s),
        RenameEnumValueStatement s => new TypeCommands(context).RenameValue(s),
        CreateDomainStatement s => new DomainCommands(context).Create(s),
        AlterDomainStatement s => new DomainCommands(context).Alter(s),
        CreateFunctionStatement s => new FunctionCommands(context).Create(s),
        CreateExtensionStatement s => new ExtensionCommands(context).Create(s),
        AlterExtensionUpdateStatement s => new ExtensionCommands(context).Update(s),
        CreateDatabaseStatement s => new DatabaseCommands(context).Create(s),
        AlterDatabaseStatement s => new DatabaseCommands(context).Alter(s),
        DropDatabaseStatement s => new DatabaseCommands(context).Drop(s),
        CreateRoleStatement s => new RoleCommands(context).Create(s),
        AlterRoleStatement s => new RoleCommands(context).Alter(s),
        AlterGroupStatement s => new RoleCommands(context).AlterGroup(s),
        DropRoleStatement s => new RoleCommands(context).Drop(s),
        GrantRoleStatement s => new RoleCommands(context).GrantRole(s),
        AlterSettingStatement s => new RoleCommands(context).AlterSetting(s),
        GrantStatement s => new GrantCommands(context).Run(s),
        DropStatement s => new DropCommand(context).Run(s),
        AnalyzeStatement s => new MaintenanceCommands(context).Analyze(s),
        VacuumStatement s => new MaintenanceCommands(context).Vacuum(s),
        ReindexStatement s => new MaintenanceCommands(context).Reindex(s),
        CheckpointStatement => new MaintenanceCommands(context).Checkpoint(),
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
        if (statement is TruncateStatement) return "TRUNCATE TABLE";
        string name = statement.GetType().Name;
        name = name.EndsWith("Statement", StringComparison.Ordinal) ? name[..^"Statement".Length] : name;
        return string.Concat(name.Select((c, i) => i > 0 && char.IsUpper(c) ? " " + c : c.ToString())).ToUpperInvariant();
    }
}
