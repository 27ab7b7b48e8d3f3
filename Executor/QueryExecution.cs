using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Executor.Modification;
using VecSql.Executor.Operators;
using VecSql.Executor.Rows;
using VecSql.Planner;
using VecSql.Planner.Physical;
using VecSql.Storage.Contracts;

namespace VecSql.Executor;

/// <summary>
/// A running statement: a portal's engine. Pulled batch by batch, so it may be suspended between any two; used by one thread at a time.
/// A statement that modifies data is run to its end by the first <see cref="Next"/>, whatever its consumer wants to read, and its rows are kept.
/// </summary>
public sealed class QueryExecution : IDisposable
{
    private readonly ExecutionState _state;
    private readonly Operator _root;
    private readonly bool _modifiesData;
    private readonly PlanStatistics? _statistics;
    private readonly RowStore? _results;
    private RowStore.Cursor? _cursor;
    private readonly IReadOnlyList<uint> _relations;

    private QueryExecution(ExecutionState state, QueryPlan plan)
    {
        _state = state;
        _relations = plan.Relations;
        _modifiesData = plan.ModifiesData || plan.Kind != QueryKind.Select;
        _statistics = state.Options.Instrument ? new PlanStatistics() : null;
        _root = new OperatorBuilder(state, _statistics).Build(plan.Root);
        if (_modifiesData) _results = state.Own(new RowStore(state, state.KindsOf(plan.Root.OutputTypes)));
    }

    /// <summary>
    /// Prepares a plan to run. The transaction's statement has begun (<see cref="ITransaction.BeginStatement"/>); it and the context must outlive the execution.
    /// </summary>
    /// <exception cref="SqlException">0A000 if the plan holds what isn't supported; errors of constants.</exception>
    public static QueryExecution Open(QueryPlan plan, ITransaction transaction, EvalContext context, ExecutionOptions options)
    {
        Invariant.Check(options.BatchSize is > 0 and <= ColumnBatch.MaxRows);
        QueryExecution execution = new(new ExecutionState(transaction, context, options, plan.SlotCount), plan);
        try
        {
            execution._root.Open();
            return execution;
        }
        catch
        {
            execution.Dispose();
            throw;
        }
    }

    /// <summary>Rows inserted, updated or deleted by the statement itself (not by its WITH). Final once <see cref="Next"/> was called.</summary>
    public long RowsAffected => ((_root as WithOperator)?.Body ?? _root) is ModificationOperator changing ? changing.RowsAffected : 0;

    /// <summary>Most memory that the operators held at one time.</summary>
    public long PeakMemoryBytes => _state.Budget.PeakBytes;

    /// <summary>The next result rows (at least one selected), or null at the end. Valid until the next call. A statement without result columns gives null at once, done.</summary>
    /// <exception cref="SqlException">The user's mistake. The execution is over, and so is the statement.</exception>
    /// <exception cref="OperationCanceledException">The context's token was cancelled; the caller knows why (57014, 57P01 …).</exception>
    public ColumnBatch? Next()
    {
        if (!_modifiesData) return _root.Next();
        if (_cursor is null)
        {
            while (_root.Next() is { } batch) _results!.Append(batch);
            _state.Results.FinishModifying();
            _state.Actions.Finish();
            _cursor = _results!.Read();
        }
        return _cursor.Next();
    }

    /// <summary>Fixes the snapshot of all the plan's tables now, not when an operator first comes to them: for cursors.</summary>
    public void OpenTables()
    {
        foreach (uint relation in _relations)
            if (_state.Catalog.Find<TableObject>(relation) is { RelationKind: RelationKind.Table or RelationKind.MaterializedView }) _state.Reader(relation);
    }

    /// <summary>What a node did, with <see cref="ExecutionOptions.Instrument"/>; null if it never ran.</summary>
    public OperatorStatistics? StatisticsOf(PhysicalPlan node) => _statistics?.Sum(node);

    public void Dispose()
    {
        _root.Dispose();
        _state.Dispose();
    }
}
