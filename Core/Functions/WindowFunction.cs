using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>A window function that isn't an aggregate: row_number, rank, lag … Stateless and shared.</summary>
public abstract class WindowFunction
{
    /// <summary>Appends one value for each row of the partition, in order.</summary>
    public abstract void Evaluate(IWindowPartition partition, ColumnBuilder result, EvalContext context);

    public virtual WindowFunction Specialize(ReadOnlySpan<SqlType> argumentTypes, SqlType resultType) => this;
}

/// <summary>One partition, sorted, as a window function sees it. Rows are numbered from 0.</summary>
public interface IWindowPartition
{
    int RowCount { get; }

    /// <summary>Evaluated arguments for all rows of the partition.</summary>
    Column Argument(int argument);
    int ArgumentCount { get; }

    /// <summary>First and one past the last row that compares equal to the row in ORDER BY.</summary>
    (int Start, int End) PeersOf(int row);

    /// <summary>First and one past the last row of the row's frame, before EXCLUDE.</summary>
    (int Start, int End) FrameOf(int row);

    /// <summary>False if EXCLUDE leaves the row out of the frame of <paramref name="current"/>.</summary>
    bool InFrame(int current, int row);
}
