using VecSql.Core.Columns;
using VecSql.Core.Types;
using VecSql.Executor.Expressions;
using VecSql.Planner.Expressions;

namespace VecSql.Executor.Rows;

/// <summary>An ORDER BY over rows: its keys' evaluators, handlers and directions; makes normalized keys whose byte order is the row order.</summary>
internal sealed class RowOrder
{
    private const byte NullFirst = 0, NotNull = 1, NullLast = 2;

    private readonly Evaluator[] _keys;
    private readonly TypeHandler[] _handlers;
    private readonly bool[] _descending, _nullsFirst;
    private readonly ByteBuffer _remembered = new(), _other = new();

    public RowOrder(IReadOnlyList<SortKey> keys, EvaluatorBuilder expressions, ExecutionState state)
    {
        _keys = [.. keys.Select(k => expressions.Build(k.Expression))];
        _handlers = [.. keys.Select(k => state.HandlerOf(k.Expression.Type))];
        _descending = [.. keys.Select(k => k.Descending)];
        _nullsFirst = [.. keys.Select(k => k.NullsFirst)];
        Columns = new Column[_keys.Length];
    }

    public int KeyCount => _keys.Length;
    public bool IsDescending(int key) => _descending[key];
    public bool IsNullsFirst(int key) => _nullsFirst[key];
    public TypeHandler Handler(int key) => _handlers[key];

    /// <summary>The key columns of the last <see cref="Evaluate"/>.</summary>
    public Column[] Columns { get; }

    /// <summary>Computes the key columns of a batch. Valid until the next call or as long as the input.</summary>
    public Column[] Evaluate(ReadOnlySpan<Column> input, Selection rows)
    {
        for (int i = 0; i < _keys.Length; i++) Columns[i] = _keys[i].Evaluate(input, rows);
        return Columns;
    }

    /// <summary>Appends the normalized key of a row: comparing such keys as bytes is comparing the rows.</summary>
    public void Encode(ReadOnlySpan<Column> keys, int row, ByteBuffer output)
    {
        for (int i = 0; i < _handlers.Length; i++)
        {
            if (keys[i].IsNull(row))
            {
                output.WriteByte(_nullsFirst[i] ? NullFirst : NullLast);
                continue;
            }
            output.WriteByte(NotNull);
            int start = output.Length;
            _handlers[i].EncodeKey(keys[i], row, output);
            if (!_descending[i]) continue;
            foreach (ref byte b in output.Written[start..]) b = (byte)~b;
        }
    }

    /// <summary>Keeps a row's key to compare others with.</summary>
    public void Remember(ReadOnlySpan<Column> input, int row) => EncodeOne(input, row, _remembered);

    public bool EqualsRemembered(ReadOnlySpan<Column> input, int row)
    {
        EncodeOne(input, row, _other);
        return _other.WrittenSpan.SequenceEqual(_remembered.WrittenSpan);
    }

    private void EncodeOne(ReadOnlySpan<Column> input, int row, ByteBuffer output)
    {
        output.Clear();
        Encode(Evaluate(input, Selection.Of([row], 1)), row, output);
    }
}
