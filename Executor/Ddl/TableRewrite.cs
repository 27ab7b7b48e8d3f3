using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Planner;
using VecSql.Planner.Expressions;
using VecSql.Planner.Physical;

namespace VecSql.Executor.Ddl;

/// <summary>Writes all rows of a table anew, some columns computed: for a column of another type, or one whose values differ from row to row.</summary>
internal sealed class TableRewrite(DdlContext context)
{
    /// <param name="before">The table as its rows are stored; its lock is held.</param>
    /// <param name="after">The same table with the columns that the new rows are to have.</param>
    /// <param name="computed">By attribute number: values over the live columns of <paramref name="before"/> as InputExpressions; the other columns are copied.</param>
    public void Run(TableObject before, TableObject after, IReadOnlyDictionary<short, BoundExpression> computed)
    {
        context.Transaction.AdvanceCommand();
        ColumnObject[] live = [.. before.LiveColumns];
        BoundExpression[] values = [.. after.LiveColumns.Select(c => computed.TryGetValue(c.Number, out BoundExpression? value) ? value
            : new InputExpression(Array.FindIndex(live, l => l.Number == c.Number), c.Type))];
        SequentialScan scan = new(before, before.Name, [.. live.Select(c => c.Number)], false, null, [], [.. live.Select(c => c.Type)]);
        QueryPlan plan = new(new ProjectRows(scan, values), [], [], 0, QueryKind.Select);
        // The reader that this opens goes on seeing the old rows.
        using QueryExecution rows = new InnerQueries(context).Open(plan);
        ColumnBatch? batch = rows.Next();
        List<IndexObject> rebuilt = ChangedIndexes(before, after);
        foreach (IndexObject index in rebuilt) context.Transaction.Drop(index.Oid);
        context.Transaction.Put(after);
        context.Transaction.Truncate(after.Oid);
        for (; batch is not null; batch = rows.Next())
        {
            CheckNotNull(batch, after);
            context.Transaction.Insert(after.Oid, batch);
        }
        context.Transaction.AdvanceCommand();
        foreach (IndexObject index in rebuilt) new CreateIndexCommand(context).Rebuild(index);
    }

    private List<IndexObject> ChangedIndexes(TableObject before, TableObject after)
    {
        List<IndexObject> rebuilt = [];
        foreach (IndexObject index in context.Catalog.IndexesOf(before.Oid).ToArray())
        {
            if (!after.LiveColumns.Any(c => c.Number <= before.Columns.Length && before.Columns[c.Number - 1].Type != c.Type && Dependencies.UsesColumn(index, c))) continue;
            rebuilt.Add(new CreateIndexCommand(context).Retype(index, after));
        }
        return rebuilt;
    }

    private static void CheckNotNull(ColumnBatch rows, TableObject table)
    {
        int place = -1;
        foreach (ColumnObject column in table.LiveColumns)
        {
            place++;
            if (!column.NotNull || !rows[place].MayHaveNulls) continue;
            for (int i = 0; i < rows.Count; i++)
                if (rows[place].IsNull(rows.Selection[i])) throw RowVerification.ContainsNulls(table, column);
        }
    }
}
