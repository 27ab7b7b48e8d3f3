using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>A set-returning function: rows from one row of arguments. Stateless and shared.</summary>
public abstract class TableFunction
{
    /// <summary>Starts a call. One at a time per cursor; the arguments are copied if they are needed later.</summary>
    public abstract TableFunctionCursor Open(in RowArguments arguments, EvalContext context);

    /// <summary>For functions that return records: the columns of the call's column definition list.</summary>
    public virtual TableFunction WithColumns(IReadOnlyList<string> newNames, IReadOnlyList<SqlType> newTypes) => this;

    public virtual TableFunction Specialize(ReadOnlySpan<SqlType> argumentTypes, SqlType resultType) => this;
}

/// <summary>The rows of one call.</summary>
public abstract class TableFunctionCursor : IDisposable
{
    /// <summary>Appends up to <paramref name="maxRows"/> rows, one value to each column's builder; returns how many. 0: at the end. Fewer where more at once would be long work or large.</summary>
    public abstract int Next(ReadOnlySpan<ColumnBuilder> result, int maxRows, EvalContext context);

    public virtual void Dispose() => GC.SuppressFinalize(this);
}
