using VecSql.Core.Columns;
using VecSql.Core.Types;

namespace VecSql.Core.SystemTables;

/// <summary>Collects a system table's rows: add the values of a row in column order, then <see cref="EndRow"/>. A value must be of the column's physical type.</summary>
public sealed class SystemRows
{
    private readonly SystemTable _table;
    private readonly ColumnBuilder[] _builders;
    private int _next;

    public SystemRows(SystemTable table)
    {
        _table = table;
        _builders = [.. table.Columns.Select(c => ColumnBuilder.Create(TypeHandlers.KindOf(c.Type.Oid)))];
    }

    /// <summary>The columns so far; whole rows only.</summary>
    public IReadOnlyList<ColumnBuilder> Columns => _builders;
    public int RowCount { get; private set; }

    /// <summary>A value of the column's physical type.</summary>
    public SystemRows Add<T>(T value) where T : unmanaged
    {
        ((ColumnBuilder<T>)_builders[_next++]).Append(value);
        return this;
    }

    /// <summary>The same, or null.</summary>
    public SystemRows Add<T>(T? value) where T : unmanaged => value is { } known ? Add(known) : AddNull();

    /// <summary>A "char": one ASCII letter; '\0' for none.</summary>
    public SystemRows Add(char letter) => Add((byte)letter);

    /// <summary>A text, name or other UTF-8 value; null for NULL.</summary>
    public SystemRows Add(string? value)
    {
        BytesColumnBuilder builder = (BytesColumnBuilder)_builders[_next++];
        if (value is null) builder.AppendNull();
        else
        {
            builder.Output.WriteText(value);
            builder.EndValue();
        }
        return this;
    }

    /// <summary>A point in time, in microseconds since 2000-01-01 UTC; 0 for NULL.</summary>
    public SystemRows AddTime(long micros) => micros != 0 && _builders[_next] is ColumnBuilder<long> ? Add(micros) : AddNull();

    /// <summary>An array (or an oidvector, int2vector) of fixed-width elements; a default one for NULL.</summary>
    public SystemRows AddArray<T>(IReadOnlyList<T>? values) where T : unmanaged
    {
        if (values is null) return AddNull();
        ColumnBuilder<T> elements = new(values.Count);
        foreach (T value in values) elements.Append(value);
        return AddElements(elements);
    }

    /// <summary>An array of texts or names; null for NULL.</summary>
    public SystemRows AddArray(IReadOnlyList<string>? values)
    {
        if (values is null) return AddNull();
        BytesColumnBuilder elements = new(values.Count);
        foreach (string value in values)
        {
            elements.Output.WriteText(value);
            elements.EndValue();
        }
        return AddElements(elements);
    }

    /// <summary>An array of texts; NULL if there are none, as in reloptions.</summary>
    public SystemRows AddArrayOrNull(IReadOnlyList<string> values) => values.Count == 0 ? AddNull() : AddArray(values);

    public SystemRows AddNull()
    {
        _builders[_next++].AppendNull();
        return this;
    }

    /// <summary>NULL in this many columns.</summary>
    public SystemRows AddNulls(int count)
    {
        for (int i = 0; i < count; i++) AddNull();
        return this;
    }

    /// <summary>The same value in this many columns.</summary>
    public SystemRows AddTimes<T>(int count, T value) where T : unmanaged
    {
        for (int i = 0; i < count; i++) Add(value);
        return this;
    }

    public void EndRow()
    {
        Errors.Invariant.Check(_next == _builders.Length);
        _next = 0;
        RowCount++;
    }

    private SystemRows AddElements(ColumnBuilder elements)
    {
        uint type = _table.Columns[_next].Type.Oid;
        BytesColumnBuilder builder = (BytesColumnBuilder)_builders[_next++];
        Column column = elements.Build();
        if (type is TypeOid.Int2Vector or TypeOid.OidVector) builder.Output.Write(column.FixedBytes[..(column.Length * PhysicalKinds.WidthOf(column.Kind))]);
        else ArrayFormat.WriteVector(builder.Output, Catalog.Builtins.FindType(type)!.Element, column);
        builder.EndValue();
        return this;
    }
}
