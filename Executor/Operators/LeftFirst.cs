using VecSql.Core.Columns;
using VecSql.Core.Types;
using VecSql.Executor.Expressions;
using VecSql.Executor.Rows;

namespace VecSql.Executor.Operators;

/// <summary>
/// The left input of a hash join that reads it before the right: its rows are kept, its keys published to scans on the right, and then its rows are given. If it is larger than was expected, it
/// stops keeping, publishes nothing and gives the rest as it comes.
/// </summary>
internal sealed class LeftFirst(ExecutionState state, Operator input, PhysicalKind[] kinds, Evaluator[] keys, IReadOnlyList<SqlType> keyTypes, RuntimeFilter?[] filters) : Operator(state)
{
    private const int MaxRows = 1 << 18;

    private readonly RowStore _rows = new(state, kinds);
    private readonly KeyTable _keys = KeyTable.Create(state, keyTypes);
    private readonly SelectionBuffer _present = new();
    private readonly Column[] _keyColumns = new Column[keys.Length];
    private RowStore.Cursor? _cursor;
    private int[] _groups = [];
    private bool _isAtEnd;

    protected override void OpenCore()
    {
        foreach (RuntimeFilter? filter in filters) filter?.Clear();
        input.Open();
    }

    /// <summary>Before the right side is opened.</summary>
    public void Read()
    {
        _rows.Clear();
        _keys.Clear();
        _isAtEnd = false;
        while (_rows.Count < MaxRows)
        {
            if (input.Next() is not { } batch)
            {
                _isAtEnd = true;
                break;
            }
            for (int i = 0; i < keys.Length; i++) _keyColumns[i] = keys[i].Evaluate(batch.Columns, batch.Selection);
            Selection present = HashJoinTable.WithoutNulls(_keyColumns, batch.Selection, _present);
            if (_groups.Length < present.Count) _groups = new int[Math.Max(present.Count, 64)];
            _keys.FindOrAdd(_keyColumns, present, _groups);
            _rows.Append(batch);
        }
        if (_isAtEnd)
            for (int i = 0; i < filters.Length; i++) filters[i]?.Publish(_keys, i);
        _keys.Clear();
        _cursor = _rows.Read();
    }

    protected override ColumnBatch? NextCore()
    {
        if (_cursor?.Next() is { } kept) return kept;
        if (_isAtEnd) return null;
        ColumnBatch? batch = input.Next();
        _isAtEnd = batch is null;
        return batch;
    }

    public override void Dispose()
    {
        _rows.Dispose();
        input.Dispose();
        base.Dispose();
    }
}
