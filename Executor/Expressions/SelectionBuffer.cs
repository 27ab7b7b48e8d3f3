using VecSql.Core.Columns;
using VecSql.Core.Kernels;

namespace VecSql.Executor.Expressions;

/// <summary>Room for one selection in the making; what it hands out is valid until it is used again.</summary>
internal sealed class SelectionBuffer
{
    private int[] _rows = [];

    /// <summary>At least <paramref name="count"/> places to write row numbers to.</summary>
    public int[] Take(int count)
    {
        if (_rows.Length < count) _rows = new int[Math.Max(count, 64)];
        return _rows;
    }

    /// <summary>The rows of <paramref name="rows"/> where the condition is true. <paramref name="rows"/> itself if it is true for all.</summary>
    public Selection WhereTrue(Column condition, Selection rows)
    {
        Column<bool> values = (Column<bool>)condition;
        if (values.IsConstant) return values[0] && !values.IsNull(0) ? rows : Selection.Of(Take(0), 0);
        ReadOnlySpan<bool> truth = values.Values;
        int[] passed = Take(rows.Count);
        int count = 0;
        if (values.MayHaveNulls)
        {
            for (int i = 0; i < rows.Count; i++)
            {
                int row = rows[i];
                passed[count] = row;
                if (truth[row] && !values.IsNull(row)) count++;
            }
        }
        else if (rows.IsAll)
        {
            count = CompareKernels.WhereTrue(truth[..rows.Count], passed);
        }
        else
        {
            foreach (int row in rows.Rows)
            {
                passed[count] = row;
                count += truth[row] ? 1 : 0;
            }
        }
        return count == rows.Count ? rows : Selection.Of(passed, count);
    }

    /// <summary>The rows of <paramref name="rows"/> that are not in <paramref name="without"/> (a part of it, in the same order).</summary>
    public Selection Except(Selection rows, Selection without)
    {
        if (without.Count == 0) return rows;
        int[] left = Take(rows.Count);
        int count = 0, next = 0;
        for (int i = 0; i < rows.Count; i++)
        {
            int row = rows[i];
            if (next < without.Count && without[next] == row) next++;
            else left[count++] = row;
        }
        return Selection.Of(left, count);
    }

    /// <summary>The non-null rows.</summary>
    public Selection WhereNotNull(Column column, Selection rows, bool wantsNull = false)
    {
        if (!column.MayHaveNulls) return wantsNull ? Selection.Of(Take(0), 0) : rows;
        int[] passed = Take(rows.Count);
        int count = 0;
        for (int i = 0; i < rows.Count; i++)
        {
            int row = rows[i];
            passed[count] = row;
            if (column.IsNull(row) == wantsNull) count++;
        }
        return count == rows.Count ? rows : Selection.Of(passed, count);
    }
}

/// <summary>Facts about selections.</summary>
internal static class Selections
{
    /// <summary>Rows that a column must have to hold every selected one.</summary>
    public static int Extent(Selection rows) => rows.Count == 0 ? 0 : rows[rows.Count - 1] + 1;
}
