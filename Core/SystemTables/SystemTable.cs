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

    private protected SystemTable(SystemTableDefinition definition) : this(definition.Oid, definition.Schema, definition.Name, definition.Columns)
    {
        Kind = definition.Kind;
        RowType = definition.RowType;
    }

    /// <summary>Its number in pg_class.</summary>
    public uint Oid { get; }
    public uint Schema { get; }
    public string Name { get; }
    public IReadOnlyList<SystemColumn> Columns { get; }

    /// <summary>'r' or 'v', as pg_class shows it.</summary>
    public char Kind { get; } = 'r';

    /// <summary>Its row type's number; 0 if it has none.</summary>
    public uint RowType { get; }

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
