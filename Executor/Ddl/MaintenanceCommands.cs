using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Storage.Contracts;
using RelationKind = VecSql.Core.Catalog.RelationKind;

namespace VecSql.Executor.Ddl;

/// <summary>VACUUM, CHECKPOINT, REINDEX, ANALYZE.</summary>
internal sealed class MaintenanceCommands(DdlContext context)
{
    private static readonly string[] VacuumOptions =
        ["full", "freeze", "verbose", "analyze", "disable_page_skipping", "skip_locked", "index_cleanup", "process_toast", "truncate", "parallel"];

    private readonly CatalogNames _names = new(context);

    /// <summary>Storage cleans up by itself as it compacts; VACUUM makes it do so now.</summary>
    public string Vacuum(VacuumStatement statement)
    {
        CheckOptions(statement.Options, VacuumOptions, "VACUUM");
        foreach (MaintenanceTarget target in statement.Targets) Table(target.Table);
        context.Store.Checkpoint(context.Eval.Cancellation);
        if (IsOn(statement.Options, "analyze")) Analyze(statement.Targets);
        return "VACUUM";
    }

    public string Checkpoint()
    {
        new Ownership(context).RequireSuperuser("must be superuser or have privileges of pg_checkpoint to do CHECKPOINT");
        context.Store.Checkpoint(context.Eval.Cancellation);
        return "CHECKPOINT";
    }

    public string Analyze(AnalyzeStatement statement)
    {
        CheckOptions(statement.Options, ["verbose", "skip_locked"], "ANALYZE");
        Analyze(statement.Targets);
        return "ANALYZE";
    }

    public string Reindex(ReindexStatement statement)
    {
        CheckOptions(statement.Options, ["verbose", "concurrently", "tablespace"], "REINDEX");
        if (statement.Options.Any(o => o.Name == "tablespace")) throw SqlException.NotSupported("tablespaces", statement.Span.Start);
        switch (statement.Kind)
        {
            case ReindexKind.Index:
                Rebuild([_names.Relation(statement.Name) as IndexObject ?? throw new SqlException(SqlState.WrongObjectType, $"\"{statement.Name.Name}\" is not an index")]);
                break;
            case ReindexKind.Table:
                Rebuild(context.Catalog.IndexesOf(Table(statement.Name).Oid));
                break;
            case ReindexKind.Schema:
                uint schema = _names.Schema(statement.Name.Name).Oid;
                Rebuild(context.Catalog.Relations.OfType<IndexObject>().Where(i => i.Schema == schema));
                break;
            default:
                // System tables are computed: they have no indexes to rebuild.
                if (statement.Name.Name != context.Eval.Session.DatabaseName) throw new SqlException(SqlState.FeatureNotSupported, "can only reindex the currently open database");
                if (statement.Kind == ReindexKind.Database) Rebuild(context.Catalog.Relations.OfType<IndexObject>());
                break;
        }
        return "REINDEX";
    }

    private void Rebuild(IEnumerable<IndexObject> indexes)
    {
        foreach (IndexObject index in indexes.ToArray())
        {
            new Ownership(context).Check(index);
            context.Transaction.LockTable(index.Table, TableLockMode.AccessExclusive, LockWaitPolicy.Wait);
            context.Transaction.Drop(index.Oid);
            new CreateIndexCommand(context).Rebuild(index);
        }
    }

    private void Analyze(IReadOnlyList<MaintenanceTarget> targets)
    {
        if (targets.Count == 0)
        {
            foreach (TableObject table in context.Catalog.Relations.OfType<TableObject>().Where(t => t.RelationKind is RelationKind.Table or RelationKind.MaterializedView).ToArray())
                new TableStatistics(context).Collect(table, [.. table.LiveColumns]);
            return;
        }
        foreach (MaintenanceTarget target in targets)
        {
            TableObject table = Table(target.Table);
            ColumnObject[] columns = target.Columns.Count == 0 ? [.. table.LiveColumns] : [.. target.Columns.Select(c => AlterColumnActions.Find(table, c))];
            if (columns.Distinct().Count() < columns.Length) throw new SqlException(SqlState.DuplicateColumn, $"column \"{columns.GroupBy(c => c).First(g => g.Count() > 1).Key.Name}\" of relation \"{table.Name}\" appears more than once");
            new TableStatistics(context).Collect(table, columns);
        }
    }

    private TableObject Table(QualifiedName name) => _names.Relation(name) is TableObject { RelationKind: RelationKind.Table or RelationKind.MaterializedView } table
        ? table : throw new SqlException(SqlState.WrongObjectType, $"\"{name.Name}\" is not a table or materialized view");

    private static bool IsOn(IReadOnlyList<Option> options, string name) => options.FirstOrDefault(o => o.Name == name) is { } option && option.Value?.Text is not ("false" or "off" or "0");

    private static void CheckOptions(IReadOnlyList<Option> options, string[] known, string command)
    {
        foreach (Option option in options)
            if (!known.Contains(option.Name)) throw new SqlException(SqlState.SyntaxError, $"unrecognized {command} option \"{option.Name}\"", option.Span.Start);
    }
}
