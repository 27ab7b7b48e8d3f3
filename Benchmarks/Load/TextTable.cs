namespace VecSql.Benchmarks.Load;

/// <summary>A Markdown table, aligned, so that what is printed can stand in docs/performance.md.</summary>
internal sealed class TextTable(params string[] columns)
{
    private readonly List<string[]> _rows = [columns, [.. columns.Select((_, i) => i == 0 ? "---" : "---:")]];

    public void Add(params string[] cells) => _rows.Add(cells);

    public void Print()
    {
        int[] widths = [.. columns.Select((_, column) => _rows.Max(row => row[column].Length))];
        foreach (string[] row in _rows)
            Console.WriteLine("| " + string.Join(" | ", row.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))) + " |");
        Console.WriteLine();
    }
}
