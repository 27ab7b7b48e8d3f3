using VecSql.Core.Columns;
using VecSql.Executor.Expressions;
using VecSql.Executor.Operators;

namespace VecSql.Executor.Modification;

/// <summary>INSERT, UPDATE, DELETE: takes batches of its input, changes rows, gives RETURNING's columns.</summary>
internal abstract class ModificationOperator(ExecutionState state, Operator input, Evaluator[] returning) : Operator(state)
{
    /// <summary>Rows changed so far, as the command tag counts them.</summary>
    public long RowsAffected { get; protected set; }

    protected override void OpenCore()
    {
        RowsAffected = 0;
        input.Open();
    }

    /// <summary>Changes the rows; returns what RETURNING sees: rows in the layout of its expressions, or null if there are none.</summary>
    protected abstract ColumnBatch? Change(ColumnBatch batch);

    protected override ColumnBatch? NextCore()
    {
        while (input.Next() is { } batch)
        {
            ColumnBatch? changed = Change(batch);
            if (returning.Length > 0 && changed is { Count: > 0 })
            {
                Column[] columns = new Column[returning.Length];
                for (int i = 0; i < columns.Length; i++) columns[i] = returning[i].Evaluate(changed.Columns, changed.Selection);
                return new ColumnBatch(columns, Selections.Extent(changed.Selection), changed.Selection);
            }
            State.CheckCancelled();
        }
        return null;
    }

    public override void Dispose()
    {
        input.Dispose();
        base.Dispose();
    }
}

internal static class BatchColumns
{
    /// <summary>The columns at the given places, in their order.</summary>
    public static ColumnBatch Reorder(this ColumnBatch batch, IReadOnlyList<int> ordinals)
    {
        Column[] columns = new Column[ordinals.Count];
        for (int i = 0; i < columns.Length; i++) columns[i] = batch[ordinals[i]];
        return new ColumnBatch(columns, batch.RowCount, batch.Selection);
    }
}
