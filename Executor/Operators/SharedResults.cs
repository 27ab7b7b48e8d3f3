using VecSql.Core.Columns;
using VecSql.Executor.Rows;

namespace VecSql.Executor.Operators;

/// <summary>Results that several places of a plan read: WITH definitions and recursive unions' work tables, by number.</summary>
internal sealed class SharedResults
{
    private readonly Dictionary<int, CteResult> _ctes = [];
    private readonly Dictionary<int, WorkTable> _workTables = [];

    public void Add(int number, CteResult result)
    {
        _ctes[number] = result;
        HaveModifying |= result.ModifiesData;
    }

    public CteResult Cte(int number) => _ctes[number];

    public void Add(int number, WorkTable table) => _workTables[number] = table;
    public WorkTable WorkTable(int number) => _workTables[number];

    /// <summary>True if reading a definition may change rows.</summary>
    public bool HaveModifying { get; private set; }

    /// <summary>Runs the data-modifying definitions to their end, read or not.</summary>
    public void FinishModifying()
    {
        foreach (CteResult cte in _ctes.Values)
            if (cte.ModifiesData) cte.Complete();
    }
}

/// <summary>The rows that a recursive union added in its last round.</summary>
internal sealed class WorkTable
{
    public RowStore? Rows { get; set; }
}

/// <summary>A WITH definition's rows: computed as far as its readers have asked.</summary>
internal sealed class CteResult(ExecutionState state, Operator producer, PhysicalKind[] kinds, bool modifiesData) : IDisposable
{
    private readonly RowStore _rows = new(state, kinds);
    private bool _isOpen, _isComplete;

    public bool ModifiesData => modifiesData;

    public RowStore.Cursor Read() => _rows.Read();

    /// <summary>The reader's next rows, computed now if nobody asked for them before.</summary>
    public ColumnBatch? Next(RowStore.Cursor cursor)
    {
        while (true)
        {
            if (cursor.Next() is { } batch) return batch;
            if (_isComplete || !Pull()) return null;
        }
    }

    public void Complete()
    {
        while (!_isComplete && Pull()) { }
    }

    /// <summary>Forgets the rows: the definition depends on an outer row that has changed.</summary>
    public void Restart()
    {
        _rows.Clear();
        _isOpen = _isComplete = false;
    }

    private bool Pull()
    {
        if (!_isOpen)
        {
            _isOpen = true;
            producer.Open();
        }
        ColumnBatch? batch = producer.Next();
        if (batch is null)
        {
            _isComplete = true;
            return false;
        }
        _rows.Append(batch);
        return true;
    }

    public void Dispose()
    {
        producer.Dispose();
        _rows.Dispose();
    }
}
