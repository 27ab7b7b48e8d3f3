using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Types;
using VecSql.Parser;
using VecSql.Planner;

namespace VecSql.Executor.Ddl;

/// <summary>Queries that DDL runs over the tables it changes: SQL text, with all names qualified.</summary>
internal sealed class InnerQueries(DdlContext context)
{
    /// <summary>The statement's result, batch by batch; each batch is valid until the next is asked for.</summary>
    public IEnumerable<ColumnBatch> Run(string sql)
    {
        using QueryExecution execution = Open(sql);
        while (execution.Next() is { } batch) yield return batch;
    }

    private QueryExecution Open(string sql) => Open(context.Planner.Plan(SqlParser.Parse(sql)[0].Statement, [], context.Planning()));

    public QueryExecution Open(QueryPlan plan) => QueryExecution.Open(plan, context.Transaction, context.Eval, context.Execution);

    public bool Any(string sql)
    {
        foreach (ColumnBatch batch in Run(sql))
            if (batch.Count > 0) return true;
        return false;
    }

    /// <summary>The first row as text, nulls as null; null if there is no row.</summary>
    public string?[]? FirstRow(string sql)
    {
        QueryPlan plan = context.Planner.Plan(SqlParser.Parse(sql)[0].Statement, [], context.Planning());
        using QueryExecution execution = Open(plan);
        if (execution.Next() is not { } batch) return null;
        int row = batch.Selection[0];
        string?[] values = new string?[plan.Columns.Count];
        for (int i = 0; i < values.Length; i++) values[i] = TextOf(batch[i], row, plan.Columns[i].Type);
        return values;
    }

    /// <summary>The value in the form in which the catalog keeps values: whatever the session's settings for display.</summary>
    public string? TextOf(Column column, int row, SqlType type)
    {
        if (column.IsNull(row)) return null;
        ByteBuffer buffer = new();
        EvalContext eval = context.Eval;
        EvalContext stored = new() { Display = new DisplaySettings(), Catalog = eval.Catalog, Clock = eval.Clock, Random = eval.Random, Session = eval.Session };
        TypeHandlers.Of(type.Oid, context.Catalog).FormatText(column, row, type, buffer, stored);
        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
