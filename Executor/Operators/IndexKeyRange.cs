using VecSql.Core.Columns;
using VecSql.Core.Types;
using VecSql.Executor.Expressions;
using VecSql.Planner.Physical;
using VecSql.Storage.Contracts;

namespace VecSql.Executor.Operators;

/// <summary>
/// The conditions of an index scan as key ranges: one, or with key = ANY (array) one for each distinct element, in index order. Bounds are made so that plain byte comparison is right
/// also for keys that go on after them: low inclusive, high exclusive (the successor of a prefix).
/// </summary>
internal sealed class IndexKeyRange(IndexScan plan, Evaluator[] equalities, ArrayElements? anyOf, Evaluator? low, Evaluator? high, ExecutionState state)
{
    private const byte NotNull = 1, AfterNotNull = 2;

    private readonly IndexKeyEncoder _encoder = new(plan.Index, state.Catalog);
    private readonly Column[] _keys = new Column[equalities.Length + (anyOf is null ? 0 : 1)];
    private readonly ByteBuffer _prefix = new(64), _low = new(64), _high = new(64);
    private readonly List<byte[]> _prefixes = [];
    private bool _isDone;
    private int _next;

    /// <summary>Evaluates the conditions with the slots as they are now.</summary>
    public void Start()
    {
        _isDone = false;
        _next = 0;
        _prefix.Clear();
        for (int i = 0; i < equalities.Length; i++) _keys[i] = equalities[i].EvaluateScalar();
        if (anyOf is not null) ExpandElements(anyOf);
        else if (!_encoder.Encode(_keys, 0, _keys.Length, _prefix)) _isDone = true;
    }

    public bool TryNext(out KeyRange range)
    {
        range = default;
        if (anyOf is null)
        {
            if (_isDone) return false;
            _isDone = true;
            return TryMakeRange(_prefix.WrittenSpan, out range);
        }
        while (_next < _prefixes.Count)
            if (TryMakeRange(_prefixes[_next++], out range)) return true;
        return false;
    }

    private void ExpandElements(ArrayElements elements)
    {
        _prefixes.Clear();
        if (elements.Evaluate(out int count) is not { } values) return;
        for (int i = 0; i < count; i++)
        {
            _prefix.Clear();
            bool isPresent = _encoder.Encode(_keys, 0, equalities.Length, _prefix) && !values.IsNull(i);
            if (!isPresent) continue;
            EncodeKey(equalities.Length, values, i, _prefix);
            _prefixes.Add(_prefix.WrittenSpan.ToArray());
        }
        int direction = plan.Descending ? -1 : 1;
        _prefixes.Sort((a, b) => direction * a.AsSpan().SequenceCompareTo(b));
        int kept = 0;
        for (int i = 0; i < _prefixes.Count; i++)
            if (kept == 0 || !_prefixes[i].AsSpan().SequenceEqual(_prefixes[kept - 1])) _prefixes[kept++] = _prefixes[i];
        _prefixes.RemoveRange(kept, _prefixes.Count - kept);
    }

    private bool TryMakeRange(ReadOnlySpan<byte> prefix, out KeyRange range)
    {
        range = default;
        _low.Clear();
        _low.Write(prefix);
        _high.Clear();
        _high.Write(prefix);
        if (plan.Range is not { } condition) Increment(_high);
        else if (!AppendRange(condition)) return false;
        range = new KeyRange(_low.Length == 0 ? null : _low.WrittenSpan.ToArray(), true, _high.Length == 0 ? null : _high.WrittenSpan.ToArray(), false);
        return true;
    }

    private bool AppendRange(RangeCondition condition)
    {
        int key = _keys.Length;
        // Under DESC the encoded order is turned round: the greater value bounds from below.
        bool descending = plan.Index.Keys[key].Descending;
        Evaluator? first = descending ? high : low, last = descending ? low : high;
        bool firstInclusive = descending ? condition.HighInclusive : condition.LowInclusive;
        bool lastInclusive = descending ? condition.LowInclusive : condition.HighInclusive;
        if (first is null) _low.WriteByte(NotNull);
        else
        {
            Column value = first.EvaluateScalar();
            if (value.IsNull(0)) return false;
            EncodeKey(key, value, 0, _low);
            if (!firstInclusive) Increment(_low);
        }
        if (last is null) _high.WriteByte(AfterNotNull);
        else
        {
            Column value = last.EvaluateScalar();
            if (value.IsNull(0)) return false;
            EncodeKey(key, value, 0, _high);
            if (lastInclusive) Increment(_high);
        }
        return true;
    }

    private void EncodeKey(int key, Column value, int row, ByteBuffer output)
    {
        output.WriteByte(NotNull);
        int start = output.Length;
        TypeHandlers.Of(plan.Index.Keys[key].Type.Oid, state.Catalog).EncodeKey(value, row, output);
        if (!plan.Index.Keys[key].Descending) return;
        foreach (ref byte b in output.Written[start..]) b = (byte)~b;
    }

    /// <summary>The least byte string greater than all that start with this one; empty if there is none.</summary>
    public static void Increment(ByteBuffer bytes)
    {
        while (bytes.Length > 0)
        {
            if (++bytes.Written[^1] != 0) return;
            bytes.Truncate(bytes.Length - 1);
        }
    }
}

/// <summary>The elements of an array that has no columns of the scanned table. Valid until the next call.</summary>
internal sealed class ArrayElements(Evaluator array, uint arrayType)
{
    private readonly ArrayView _view = new(arrayType);

    public Column? Evaluate(out int count)
    {
        BytesColumn arrays = (BytesColumn)array.EvaluateScalar();
        count = 0;
        if (arrays.IsNull(0)) return null;
        _view.Open(arrays, 0);
        count = _view.Count;
        return _view.Elements;
    }
}
