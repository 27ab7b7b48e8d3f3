using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>
/// What a type does with its values: text and binary in and out, order, hash, keys. One file per type under Types/, one line in <see cref="TypeHandlers"/>.
/// Handlers are stateless and shared by all threads.
/// </summary>
public abstract class TypeHandler
{
    /// <summary>How the values lie in a column.</summary>
    public abstract PhysicalKind Kind { get; }

    /// <summary>Appends exactly one row, read from the type's text form (PostgreSQL's input function).</summary>
    /// <exception cref="SqlException">22P02 and others, worded as PostgreSQL's.</exception>
    public abstract void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context);

    /// <summary>Writes a value's text form (PostgreSQL's output function). The row is not null.</summary>
    public abstract void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context);

    /// <summary>Appends exactly one row, read from the type's binary form (receive function).</summary>
    /// <exception cref="SqlException">22P03, 08P01 and others.</exception>
    public abstract void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context);

    /// <summary>Writes a value's binary form (send function). The row is not null.</summary>
    public abstract void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context);

    /// <summary>False if the type has no default btree order (json, xml, point …).</summary>
    public virtual bool IsOrderable => true;

    /// <summary>Total order of the type's default btree class: negative, 0, positive. Neither row is null.</summary>
    public abstract int Compare(Column left, int leftRow, Column right, int rightRow);

    /// <summary>Hash consistent with <see cref="Compare"/> = 0 (so 1.0 and 1.00 hash alike). The row is not null.</summary>
    public abstract ulong Hash(Column column, int row);

    /// <summary>Appends a self-delimiting key: comparing such keys byte by byte gives the same order as <see cref="Compare"/>, also when more keys follow. The row is not null.</summary>
    public abstract void EncodeKey(Column column, int row, ByteBuffer key);

    /// <summary>Reads a modifier as written in a type name: numeric(10,2) → 10, 2.</summary>
    /// <exception cref="SqlException">42601 if the type takes none; 22023 if out of range.</exception>
    public virtual int ParseModifier(ReadOnlySpan<int> arguments, string typeName) =>
        throw new SqlException(SqlState.SyntaxError, $"type modifier is not allowed for type \"{typeName}\"");

    /// <summary>The modifier as <c>format_type</c> shows it: "(10,2)"; empty if none.</summary>
    public virtual string FormatModifier(int modifier) => "";
}
