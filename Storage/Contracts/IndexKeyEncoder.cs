using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Types;

namespace VecSql.Storage.Contracts;

/// <summary>
/// Keys of an index row as bytes whose order is the index's order: for each key column a byte for null-ness, then the type's key encoding; both inverted for DESC.
/// </summary>
public sealed class IndexKeyEncoder
{
    private const byte NullFirst = 0x00;
    private const byte NotNull = 0x01;
    private const byte NullLast = 0x02;

    private readonly TypeHandler[] _handlers;
    private readonly IndexKey[] _keys;

    public IndexKeyEncoder(IndexObject index, CatalogSnapshot catalog)
    {
        _keys = [.. index.Keys];
        _handlers = [.. index.Keys.Select(key => TypeHandlers.Of(key.Type.Oid, catalog))];
    }

    public int KeyCount => _keys.Length;

    /// <summary>Appends the row's first <paramref name="count"/> keys. False if one of them is null (a unique index ignores such rows).</summary>
    public bool Encode(ReadOnlySpan<Column> keys, int row, int count, ByteBuffer output)
    {
        bool allPresent = true;
        for (int i = 0; i < count; i++)
        {
            if (keys[i].IsNull(row))
            {
                // NULLS FIRST/LAST is absolute: it does not turn with DESC.
                output.WriteByte(_keys[i].NullsFirst ? NullFirst : NullLast);
                allPresent = false;
                continue;
            }
            output.WriteByte(NotNull);
            int start = output.Length;
            _handlers[i].EncodeKey(keys[i], row, output);
            if (!_keys[i].Descending) continue;
            foreach (ref byte b in output.Written[start..]) b = (byte)~b;
        }
        return allPresent;
    }
}
