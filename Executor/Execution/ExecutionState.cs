using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Types;
using VecSql.Executor.Modification;
using VecSql.Executor.Operators;
using VecSql.Planner.Physical;
using VecSql.Storage.Contracts;

namespace VecSql.Executor;

/// <summary>
/// What the operators and evaluators of one running query share. Used by one thread; a parallel worker has its own (<see cref="ForWorker"/>).
/// </summary>
internal sealed class ExecutionState : IDisposable
{
    private readonly Dictionary<uint, ITableReader> _readers;
    private readonly ColumnBuilder?[] _slotBuilders;
    private readonly List<IDisposable> _owned = [];
    private readonly ITransaction? _transaction;
    private ReferentialActions? _actions;

    /// <param name="transaction">Null only where no table is read or changed (index expressions).</param>
    public ExecutionState(ITransaction? transaction, EvalContext context, ExecutionOptions options, int slotCount)
        : this(transaction, context, options, slotCount, new MemoryBudget(options.QueryMemoryBytes), shared: null, new SharedResults(), []) { }

    private ExecutionState(ITransaction? transaction, EvalContext context, ExecutionOptions options, int slotCount, MemoryBudget budget, SharedScan? shared, SharedResults results, Dictionary<uint, ITableReader> readers)
    {
        _transaction = transaction;
        Context = context;
        Options = options;
        Budget = budget;
        Shared = shared;
        Results = results;
        _readers = readers;
        Slots = new Column?[slotCount];
        _slotBuilders = new ColumnBuilder?[slotCount];
    }

    public ITransaction Transaction => _transaction ?? throw Core.Errors.Invariant.Unreachable(_transaction);
    public EvalContext Context { get; }
    public ExecutionOptions Options { get; }
    public MemoryBudget Budget { get; }
    public CatalogSnapshot Catalog => Context.Catalog;

    /// <summary>The scan whose pieces this worker shares with others; null outside of a Gather.</summary>
    public SharedScan? Shared { get; }

    /// <summary>WITH's results and recursive unions' work tables, by number.</summary>
    public SharedResults Results { get; }

    /// <summary>Correlated values of the enclosing rows, as constant columns of <see cref="ColumnBatch.MaxRows"/> rows.</summary>
    public Column?[] Slots { get; }


    /// <summary>What foreign keys have to do at the statement's end.</summary>
    public ReferentialActions Actions => _actions ??= new ReferentialActions(this);

    public PhysicalKind KindOf(SqlType type) => TypeHandlers.KindOf(type.Oid, Catalog);
    public TypeHandler HandlerOf(SqlType type) => TypeHandlers.Of(type.Oid, Catalog);

    public PhysicalKind[] KindsOf(IReadOnlyList<SqlType> types)
    {
        PhysicalKind[] kinds = new PhysicalKind[types.Count];
        for (int i = 0; i < kinds.Length; i++) kinds[i] = KindOf(types[i]);
        return kinds;
    }

    /// <summary>Ends the statement if it was cancelled; the session tells by whom.</summary>
    /// <exception cref="OperationCanceledException">The statement's token was cancelled.</exception>
    public void CheckCancelled() => Context.Cancellation.ThrowIfCancellationRequested();

    /// <summary>Takes over what an expression holds (subplans, their rows): disposed with the state.</summary>
    public T Own<T>(T resource) where T : IDisposable
    {
        _owned.Add(resource);
        return resource;
    }

    public MemoryAccount OpenAccount() => new(Budget, Options.ForceSpill ? 0 : Options.WorkMemBytes);

    /// <summary>The statement's reader of a table.</summary>
    public ITableReader Reader(uint table)
    {
        // Workers share the readers, and the transaction itself is for one thread at a time.
        lock (_readers)
        {
            if (_readers.TryGetValue(table, out ITableReader? reader)) return reader;
            reader = Transaction.Read(table);
            _readers.Add(table, reader);
            return reader;
        }
    }

    /// <summary>Sets a correlated slot to a value of the current row. The value is copied.</summary>
    public void SetSlot(int slot, Column source, int row)
    {
        ColumnBuilder builder = _slotBuilders[slot] ??= ColumnBuilder.Create(source.Kind, 1);
        builder.Reset();
        builder.AppendFrom(source, row);
        Slots[slot] = builder.BuildConstant(ColumnBatch.MaxRows);
    }

    /// <summary>The state of a worker thread: slots as they are now.</summary>
    public ExecutionState ForWorker(int worker, SharedScan shared)
    {
        ExecutionState state = new(_transaction, Context.ForWorker(worker), Options, Slots.Length, Budget, shared, Results, _readers);
        for (int slot = 0; slot < Slots.Length; slot++)
            if (Slots[slot] is { } value) state.SetSlot(slot, value, 0);
        return state;
    }

    public void Dispose()
    {
        foreach (IDisposable resource in _owned) resource.Dispose();
        _owned.Clear();
    }
}
