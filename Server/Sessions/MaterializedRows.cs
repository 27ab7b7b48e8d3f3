using VecSql.Core.Columns;
using VecSql.Core.Types;

namespace VecSql.Server.Sessions;

/// <summary>Rows kept for later: cursors that scroll, results of data-modifying statements with a row limit, SHOW and EXPLAIN. Rows are numbered from 0.</summary>
public sealed class MaterializedRows(IReadOnlyList<PhysicalKind> kinds)
{
    private readonly List<ColumnBatch> _batches = [];
    private readonly List<long> _starts = [];

    public long Count { get; private set; }

    /// <summary>No rows, of the same kinds.</summary>
    public MaterializedRows NewEmpty() => new(kinds);

    /// <summary>Copies the selected rows.</summary>
    public void Add(ColumnBatch batch)
    {
        if (batch.Count == 0) return;
        ColumnBuilder[] builders = [.. kinds.Select(kind => ColumnBuilder.Create(kind, batch.Count))];
        for (int i = 0; i < builders.Length; i++) builders[i].AppendFrom(batch[i], batch.Selection);
        _starts.Add(Count);
        _batches.Add(new ColumnBatch([.. builders.Select(b => b.Build())], batch.Count));
        Count += batch.Count;
    }

    /// <summary>Rows of text for the utility statements that show something; null for NULL.</summary>
    public static MaterializedRows OfText(int columns, IEnumerable<string?[]> rows)
    {
        MaterializedRows result = new([.. Enumerable.Repeat(PhysicalKind.Bytes, columns)]);
        foreach (string?[][] chunk in rows.Chunk(ColumnBatch.MaxRows))
        {
            BytesColumnBuilder[] builders = [.. Enumerable.Range(0, columns).Select(_ => new BytesColumnBuilder(chunk.Length))];
            foreach (string?[] row in chunk)
            {
                for (int i = 0; i < columns; i++)
                {
                    if (row[i] is not { } text) builders[i].AppendNull();
                    else
                    {
                        builders[i].Output.WriteText(text);
                        builders[i].EndValue();
                    }
                }
            }
            result.Add(new ColumnBatch([.. builders.Select(b => b.Build())], chunk.Length));
        }
        return result;
    }

    /// <summary>Rows start … start+count-1 as batches.</summary>
    public IEnumerable<ColumnBatch> Range(long start, long count)
    {
        long end = Math.Min(Count, start + count);
        for (int i = 0; i < _batches.Count && _starts[i] < end; i++)
        {
            long from = Math.Max(start, _starts[i]) - _starts[i];
            long to = Math.Min(end, _starts[i] + _batches[i].Count) - _starts[i];
            if (from < to) yield return Slice(_batches[i], (int)from, (int)(to - from));
        }
    }

    /// <summary>One row.</summary>
    public ColumnBatch Row(long number) => Range(number, 1).Single();

    /// <summary>Places start … start+count-1 of a batch's selection.</summary>
    public static ColumnBatch Slice(ColumnBatch batch, int start, int count)
    {
        if (start == 0 && count == batch.Count) return batch;
        int[] rows = new int[count];
        for (int i = 0; i < count; i++) rows[i] = batch.Selection[start + i];
        return batch.Select(Selection.Of(rows, count));
    }

    public static PhysicalKind[] KindsOf(IEnumerable<SqlType> types, Core.Catalog.CatalogSnapshot catalog) => [.. types.Select(t => TypeHandlers.KindOf(t.Oid, catalog))];
}
