using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Types;
using VecSql.Executor.Operators;
using VecSql.Executor.Rows;
using VecSql.Storage.Contracts;

namespace VecSql.Executor.Modification;

/// <summary>Finds a table's rows by the values of some columns: through an index on them if there is one, else by one scan for all keys.</summary>
internal sealed class KeyLookup
{
    private readonly ExecutionState _state;
    private readonly TableObject _table;
    private readonly short[] _columns;
    private readonly SqlType[] _types;
    private readonly IndexObject? _index;
    private readonly int[] _keyOfIndexKey = [];
    private readonly IndexKeyEncoder? _encoder;
    private readonly ByteBuffer _low = new(), _high = new();
    private readonly long[] _ids = new long[256];

    public KeyLookup(ExecutionState state, TableObject table, short[] columns)
    {
        _state = state;
        _table = table;
        _columns = columns;
        _types = [.. columns.Select(c => table.Columns[c - 1].Type)];
        foreach (IndexObject index in state.Catalog.IndexesOf(table.Oid))
        {
            if (!index.IsValid || index.Method != "btree" || index.Predicate is not null || index.Keys.Length < columns.Length) continue;
            int[] places = [.. index.Keys.Take(columns.Length).Select(k => k.Column > 0 ? Array.IndexOf(columns, k.Column) : -1)];
            if (places.Contains(-1) || places.Distinct().Count() < places.Length) continue;
            _index = index;
            _keyOfIndexKey = places;
            _encoder = new IndexKeyEncoder(index, state.Catalog);
            if (index.Keys.Length == columns.Length) break;
        }
    }

    /// <summary>Calls <paramref name="found"/> with the place of the key and the row's number, for every visible row that has one of the (non-null) keys.</summary>
    /// <param name="keys">Columns of <paramref name="types"/>; converted to the table's types if these differ.</param>
    public void Find(ITableReader reader, Column[] keys, IReadOnlyList<SqlType> types, int count, Action<int, long> found)
    {
        if (count == 0) return;
        Column[] converted = [.. keys.Select((key, i) => Convert(key, types[i], _types[i], count))];
        if (_index is null) Scan(reader, converted, count, found);
        else Seek(reader, converted, count, found);
    }

    private void Seek(ITableReader reader, Column[] keys, int count, Action<int, long> found)
    {
        Column[] ordered = [.. _keyOfIndexKey.Select(k => keys[k])];
        for (int row = 0; row < count; row++)
        {
            if ((row & 255) == 0) _state.CheckCancelled();
            _low.Clear();
            _high.Clear();
            if (!_encoder!.Encode(ordered, row, ordered.Length, _low)) continue;
            _high.Write(_low.WrittenSpan);
            IndexKeyRange.Increment(_high);
            using IIndexCursor cursor = reader.Seek(_index!.Oid, new KeyRange(_low.WrittenSpan.ToArray(), true, _high.Length == 0 ? null : _high.WrittenSpan.ToArray(), false), descending: false);
            int ids;
            while ((ids = cursor.Next(_ids)) > 0)
                for (int i = 0; i < ids; i++) found(row, _ids[i]);
        }
    }

    private void Scan(ITableReader reader, Column[] keys, int count, Action<int, long> found)
    {
        KeyTable table = KeyTable.Create(_state, _types);
        int[] groups = new int[Math.Max(count, ColumnBatch.MaxRows)];
        table.FindOrAdd(keys, Selection.All(count), groups);
        int[] keyOfGroup = new int[table.Count];
        for (int row = count - 1; row >= 0; row--) keyOfGroup[groups[row]] = row;
        foreach (IScanPiece piece in reader.Pieces)
        {
            using ITableCursor cursor = piece.Open(_columns, withRowIds: true, []);
            while (cursor.Next() is { } batch)
            {
                _state.CheckCancelled();
                table.Find(batch.Columns[.._columns.Length], batch.Selection, groups);
                Column<long> ids = (Column<long>)batch[_columns.Length];
                for (int i = 0; i < batch.Count; i++)
                    if (groups[i] >= 0) found(keyOfGroup[groups[i]], ids[batch.Selection[i]]);
            }
        }
    }

    private Column Convert(Column source, SqlType from, SqlType to, int count)
    {
        if (from.Oid == to.Oid) return source;
        TypeHandler reader = _state.HandlerOf(from), writer = _state.HandlerOf(to);
        ColumnBuilder result = ColumnBuilder.Create(writer.Kind, count);
        ByteBuffer text = new();
        for (int row = 0; row < count; row++)
        {
            if (source.IsNull(row))
            {
                result.AppendNull();
                continue;
            }
            text.Clear();
            reader.FormatText(source, row, from, text, _state.Context);
            writer.ParseText(text.WrittenSpan, new SqlType(to.Oid), result, _state.Context);
        }
        return result.Build();
    }
}
