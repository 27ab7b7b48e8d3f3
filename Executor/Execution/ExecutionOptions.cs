using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;

namespace VecSql.Executor;

/// <summary>How a query is run: limits and modes. From settings; the test suite varies them.</summary>
public sealed record ExecutionOptions
{
    /// <summary>Memory that one operator may use before it spills to disk (work_mem).</summary>
    public long WorkMemBytes { get; init; } = 64L << 20;

    /// <summary>Memory that all operators of a query may use together before it fails with 53200.</summary>
    public long QueryMemoryBytes { get; init; } = long.MaxValue;

    /// <summary>Where spilled rows go; made when it is first needed.</summary>
    public string TempDirectory { get; init; } = Path.GetTempPath();

    /// <summary>Rows in a batch, 1 … <see cref="ColumnBatch.MaxRows"/>.</summary>
    public int BatchSize { get; init; } = ColumnBatch.MaxRows;

    /// <summary>Threads that a Gather may use, the caller's included.</summary>
    public int MaxWorkers { get; init; } = 1;

    /// <summary>Spill as early as possible, whatever the memory: a mode of the test suite.</summary>
    public bool ForceSpill { get; init; }

    /// <summary>Count rows, loops and time of each operator (EXPLAIN ANALYZE).</summary>
    public bool Instrument { get; init; }

    /// <summary>With <see cref="Instrument"/>: also the time.</summary>
    public bool InstrumentTiming { get; init; } = true;

    /// <summary>lock_timeout; 0: none.</summary>
    public int LockTimeoutMs { get; init; }

    /// <summary>The transaction's deferred constraints; null: all are checked at the statement's end.</summary>
    public DeferredConstraints? Deferred { get; init; }

    /// <summary>Binds a table's CHECKs and generated columns, for rows that foreign keys' actions change.</summary>
    public Func<TableObject, TargetTable>? DescribeTarget { get; init; }

    /// <summary>What each live column of a table gets by default: for SET DEFAULT of foreign keys.</summary>
    public Func<TableObject, IReadOnlyList<BoundExpression>>? DescribeDefaults { get; init; }

    /// <summary>hnsw.ef_search.</summary>
    public int EfSearch { get; init; } = 40;

    /// <summary>ivfflat.probes.</summary>
    public int Probes { get; init; } = 1;

    /// <summary>vecsql.target_recall; 0: not set.</summary>
    public double TargetRecall { get; init; }
}
