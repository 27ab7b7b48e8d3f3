using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.SystemTables;

/// <summary>A table that the engine computes when it is read: a relation of pg_catalog or of the schema vecsql. One file each; one line in <see cref="SystemTableRegistry"/>.</summary>
/// <param name="oid">Its number in pg_class (PostgreSQL's own where it has one).</param>
public abstract class SystemTable(uint oid, uint schema, string name, params SystemColumn[] columns)
{
    public uint Oid { get; } = oid;
    public uint Schema { get; } = schema;
    public string Name { get; } = name;
    public IReadOnlyList<SystemColumn> Columns { get; } = columns;

    /// <summary>Adds all rows as the statement sees them.</summary>
    public abstract void Fill(SystemRows rows, EvalContext context);
}

/// <summary>A column of a system table.</summary>
public sealed record SystemColumn(string Name, SqlType Type, bool NotNull = true);

/// <summary>Collects a system table's rows: add the values of a row in column order, then <see cref="EndRow"/>.</summary>
public sealed class SystemRows
{
    private readonly ColumnBuilder[] _builders;
    private int _next;

    public SystemRows(SystemTable table) => _builders = [.. table.Columns.Select(c => ColumnBuilder.Create(TypeHandlers.KindOf(c.Type.Oid)))];

    /// <summary>The columns so far; whole rows only.</summary>
    public IReadOnlyList<ColumnBuilder> Columns => _builders;
    public int RowCount { get; private set; }

    /// <summary>A value of the column's physical type.</summary>
    public SystemRows Add<T>(T value) where T : unmanaged
    {
        ((ColumnBuilder<T>)_builders[_next++]).Append(value);
        return this;
    }

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

    public SystemRows AddNull()
    {
        _builders[_next++].AppendNull();
        return this;
    }

    /// <summary>The builder of the next column, for one value that is written there directly.</summary>
    public ColumnBuilder Raw() => _builders[_next++];

    public void EndRow()
    {
        Errors.Invariant.Check(_next == _builders.Length);
        _next = 0;
        RowCount++;
    }
}
