namespace VecSql.Core.Columns;

/// <summary>
/// The rows of a batch that count: all of them, or an ascending list of row numbers.
/// The list belongs to whoever made the selection and stays valid as long as the batch.
/// </summary>
public readonly struct Selection
{
    private readonly int[]? _rows;

    private Selection(int[]? rows, int count)
    {
        _rows = rows;
        Count = count;
    }

    /// <summary>Rows 0 … count-1.</summary>
    public static Selection All(int count) => new(null, count);

    /// <summary>The first <paramref name="count"/> entries of <paramref name="rows"/>, ascending. The array is not copied.</summary>
    public static Selection Of(int[] rows, int count) => new(rows, count);

    public int Count { get; }
    public bool IsAll => _rows is null;

    /// <summary>The row number at place <paramref name="i"/>.</summary>
    public int this[int i] => _rows is null ? i : _rows[i];

    /// <summary>The row numbers; only when not <see cref="IsAll"/>.</summary>
    public ReadOnlySpan<int> Rows => _rows.AsSpan(0, Count);
}
