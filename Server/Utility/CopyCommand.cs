using VecSql.Executor.Ddl;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Executor;
using VecSql.Executor.Copy;
using VecSql.Parser.Ast;
using VecSql.Planner;
using VecSql.Planner.Expressions;
using VecSql.Server.Sessions;
using VecSql.Storage.Contracts;
using VecSql.Wire;
using RelationKind = VecSql.Core.Catalog.RelationKind;

namespace VecSql.Server.Utility;

/// <summary>COPY: bytes between the client, or a file, and the executor's readers and writers.</summary>
internal sealed class CopyCommand(SessionState session) : UtilityFamily(session)
{
    public override async ValueTask<CommandResult> RunAsync(UtilityCall call, IResultSink sink, CancellationToken stop)
    {
        CopyStatement statement = (CopyStatement)call.Statement;
        CopyFiles.CheckAllowed(statement, Session);
        ITransaction transaction = EnterStatement();
        long rows = statement.IsFrom ? await CopyInAsync(statement, transaction, sink, stop) : await CopyOutAsync(statement, sink, stop);
        return new CommandResult($"COPY {rows}");
    }

    private async ValueTask<long> CopyInAsync(CopyStatement statement, ITransaction transaction, IResultSink sink, CancellationToken stop)
    {
        if (transaction.IsReadOnly) throw new SqlException(SqlState.ReadOnlySqlTransaction, "cannot execute COPY FROM in a read-only transaction");
        TableObject table = TargetOf(statement);
        while (transaction.LockTable(table.Oid, TableLockMode.RowExclusive, LockWaitPolicy.Wait)) table = TargetOf(statement);
        IReadOnlyList<ColumnObject> columns = ColumnsOf(table, statement);
        RoleObject role = Session.Catalog.Shared.FindRole(Session.CurrentUser) ?? throw new SqlException(SqlState.UndefinedObject, $"role \"{Session.CurrentUser}\" does not exist");
        if (!AccessControl.Allows(role, table, 'a', Session.Catalog.Shared, statement.Columns.Count == 0 ? null : [.. statement.Columns])) throw AccessControl.Denied(table);
        PlanningContext planning = Session.PlanningContext();
        EvalContext context = Session.EvalContext();
        ExecutionOptions execution = Session.ExecutionOptions();
        CopyColumn[] shape = [.. columns.Select(c => new CopyColumn(c.Name, c.Type))];
        CopyOptions options = CopyOptions.FromSyntax(statement.Options, isFrom: true, shape);
        BoundExpression? where = statement.Where is null ? null : QueryPlanner.BindCopyCondition(statement.Where, table, planning);
        using BulkInsert target = new(QueryPlanner.DescribeTarget(table, planning), [.. columns.Select(c => c.Number)], QueryPlanner.DescribeDefaults(table, planning), where, transaction, context, execution);
        CopyReader reader = CopyReader.Create(options, shape, table.Name, context, execution.BatchSize, target.Insert);
        await using FileStream? file = statement.Target == CopyTarget.File ? CopyFiles.OpenRead(statement.FileName!) : null;
        ICopyInput input = file is not null ? new FileCopyInput(file) : await sink.BeginCopyInAsync(options.Format == CopyFormat.Binary, columns.Count, stop);
        while (await input.ReadAsync(stop) is { IsEmpty: false } piece) reader.Feed(piece.Span);
        reader.Finish();
        target.Finish();
        return target.RowCount;
    }

    private async ValueTask<long> CopyOutAsync(CopyStatement statement, IResultSink sink, CancellationToken stop)
    {
        Statement query = statement.Query ?? SelectOf(statement);
        if (!StatementKinds.IsQuery(query)) throw SqlException.NotSupported("COPY of a statement that is no query", query.Span.Start);
        StatementAccess.Check(query, Session.Server.Planner, Session.PlanningContext(), Session.CurrentUser);
        QueryPlan plan = Session.Server.Planner.Plan(query, [], Session.PlanningContext());
        ReadOnlyRule.Check(plan, Session);
        if (QueryLocks.Take(plan, Session.Transactions.Current!))
        {
            EnterStatement();
            plan = Session.Server.Planner.Plan(query, [], Session.PlanningContext());
        }
        if (plan.Columns.Count == 0 && plan.Kind != QueryKind.Select) throw new SqlException(SqlState.FeatureNotSupported, "COPY query must have a RETURNING clause", query.Span.Start);
        EvalContext context = Session.EvalContext();
        CopyColumn[] columns = [.. plan.Columns.Select(c => new CopyColumn(c.Name, c.Type))];
        CopyOptions options = CopyOptions.FromSyntax(statement.Options, isFrom: false, columns);
        CopyWriter writer = new(options, columns, context);
        using QueryExecution execution = QueryExecution.Open(plan, Session.Transactions.Current!, context, Session.ExecutionOptions());
        await using CopyDestination destination = new(sink, statement.Target == CopyTarget.File ? CopyFiles.OpenWrite(statement.FileName!) : null);
        await destination.BeginAsync(options.Format == CopyFormat.Binary, columns.Length, stop);
        // One CopyData message per row, as PostgreSQL sends them (the binary signature with the first row, a header line alone): psycopg and others take each message for a row.
        ByteBuffer output = new();
        writer.WriteStart(output);
        if (options.Format != CopyFormat.Binary) await FlushAsync(output, destination, stop);
        while (execution.Next() is { } batch)
        {
            for (int row = 0; row < batch.Count; row++)
            {
                writer.WriteRow(batch, row, output);
                await FlushAsync(output, destination, stop);
            }
        }
        writer.WriteEnd(output);
        await FlushAsync(output, destination, stop);
        await destination.EndAsync(stop);
        return writer.RowCount;
    }

    /// <summary>The sink copies the bytes before it returns, and seldom has to wait.</summary>
    private static ValueTask FlushAsync(ByteBuffer output, CopyDestination destination, CancellationToken stop)
    {
        if (output.Length == 0) return ValueTask.CompletedTask;
        ValueTask sent = destination.WriteAsync(output.WrittenMemory, stop);
        output.Clear();
        return sent;
    }

    private TableObject TargetOf(CopyStatement statement)
    {
        RelationObject relation = new NameResolver(Session).Relation(statement.Table!);
        if (relation is TableObject { RelationKind: RelationKind.Table } table) return table;
        string kind = relation switch
        {
            TableObject { RelationKind: RelationKind.View } => "view",
            TableObject => "materialized view",
            SequenceObject => "sequence",
            _ => "index",
        };
        throw new SqlException(SqlState.WrongObjectType, $"cannot copy to {kind} \"{relation.Name}\"");
    }

    private static IReadOnlyList<ColumnObject> ColumnsOf(TableObject table, CopyStatement statement)
    {
        if (statement.Columns.Count == 0) return [.. table.LiveColumns.Where(c => !c.IsGenerated)];
        List<ColumnObject> columns = [];
        foreach (string name in statement.Columns)
        {
            ColumnObject column = table.LiveColumns.FirstOrDefault(c => c.Name == name)
                ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{name}\" of relation \"{table.Name}\" does not exist");
            if (column.IsGenerated)
                throw new SqlException(SqlState.InvalidColumnReference, $"column \"{name}\" is a generated column", detail: "Generated columns cannot be used in COPY.");
            if (columns.Contains(column)) throw new SqlException(SqlState.DuplicateColumn, $"column \"{name}\" specified more than once");
            columns.Add(column);
        }
        return columns;
    }

    /// <summary>COPY t (a, b) TO is COPY (SELECT a, b FROM ONLY t) TO; generated columns only if named.</summary>
    private SelectStatement SelectOf(CopyStatement statement)
    {
        QualifiedName name = statement.Table!;
        RelationObject relation = new NameResolver(Session).Relation(name);
        if (relation is not TableObject table) throw new SqlException(SqlState.WrongObjectType, $"cannot copy from {(relation is SequenceObject ? "sequence" : "index")} \"{relation.Name}\"");
        if (table.RelationKind != RelationKind.Table)
        {
            throw new SqlException(SqlState.WrongObjectType, $"cannot copy from {(table.RelationKind == RelationKind.View ? "view" : "materialized view")} \"{table.Name}\"",
                hint: "Try the COPY (SELECT ...) TO variant.");
        }
        TextSpan span = statement.Span;
        IEnumerable<string> columns = ColumnsOf(table, statement).Select(c => c.Name);
        SelectCore core = new([.. columns.Select(c => new SelectItem(new ColumnRef([c], false) { Span = span }, null) { Span = span })])
        {
            From = [new TableRef(name) { Span = span, IsOnly = true }], Span = span,
        };
        return new SelectStatement(core) { Span = span };
    }
}
