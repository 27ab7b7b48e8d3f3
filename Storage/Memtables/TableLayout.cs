using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Types;

namespace VecSql.Storage.Memtables;

/// <summary>A stored column.</summary>
internal readonly record struct LayoutColumn(short Number, SqlType Type, PhysicalKind Kind);

/// <summary>Which columns rows are stored with: the live columns of the table at that time, in attribute order. Immutable.</summary>
internal sealed class TableLayout
{
    private readonly LayoutColumn[] _columns;

    public TableLayout(LayoutColumn[] columns) => _columns = columns;

    public static TableLayout Of(TableObject table, CatalogSnapshot catalog) =>
        new([.. table.LiveColumns.Select(c => new LayoutColumn(c.Number, c.Type, TypeHandlers.KindOf(c.Type.Oid, catalog)))]);

    public ReadOnlySpan<LayoutColumn> Columns => _columns;
    public int Count => _columns.Length;

    /// <summary>The place of an attribute; -1 if rows are stored without it.</summary>
    public int PlaceOf(short number)
    {
        for (int i = 0; i < _columns.Length; i++)
            if (_columns[i].Number == number)
                return i;
        return -1;
    }

    public bool IsSameAs(TableLayout other) => ReferenceEquals(this, other) || _columns.AsSpan().SequenceEqual(other._columns);
}
