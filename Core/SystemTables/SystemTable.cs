using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.SystemTables;

/// <summary>
/// A table that the engine computes when it is read: a relation of pg_catalog or of the schema vecsql. One class each; one line in <see cref="SystemTableRegistry"/>.
/// </summary>
public abstract class SystemTable
{
    /// <summary>One of PostgreSQL's own, by name: its number and columns are PostgreSQL's.</summary>
    protected SystemTable(string name) : this(SystemTableDefinitions.All[name]) { }

    /// <summary>One of VecSql's own.</summary>
    protected SystemTable(uint oid, uint schema, string name, params SystemColumn[] columns)
    {
        Oid = oid;
        Schema = schema;
        Name = name;
        Columns = columns;
    }

    private protected SystemTable(SystemTableDefinition definition) : this(definition.Oid, Catalog.WellKnownOid.PgCatalogSchema, definition.Name, definition.Columns) => Kind = definition.Kind;

    /// <summary>Its number in pg_class.</summary>
    public uint Oid { get; }
    public uint Schema { get; }
    public string Name { get; }
    public IReadOnlyList<SystemColumn> Columns { get; }

    /// <summary>'r' or 'v', as pg_class shows it.</summary>
    public char Kind { get; } = 'r';

    /// <summary>Adds all rows as the statement sees them: for each row the values in column order, then <see cref="SystemRows.EndRow"/>.</summary>
    public abstract void Fill(SystemRows rows, EvalContext context);
}

/// <summary>A catalog of things that VecSql has none of: triggers, policies, foreign servers …</summary>
internal sealed class EmptySystemTable(SystemTableDefinition definition) : SystemTable(definition)
{
    public override void Fill(SystemRows rows, EvalContext context) { }
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
