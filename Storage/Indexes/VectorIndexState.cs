using VecSql.Core.Environment;
using VecSql.Storage.Memtables;
using VecSql.Storage.Tables;
using VecSql.Vectors.Calibration;

namespace VecSql.Storage.Indexes;

/// <summary>A vector index's account of itself. Reads nothing of files that no search has opened: what was written down when they were made must do.</summary>
internal static class VectorIndexState
{
    public static IndexState Of(VectorIndex index, TableReader reader, int efSearch)
    {
        long rows = 0, dead = 0, linked = 0, unlinked = 0, measured = 0;
        double found = 0;
        int parts = 0, ef95 = 0, ef99 = 0;
        long? built = null, took = null, calibrated = null;
        SortedSet<string> codes = [];
        foreach (RowRange range in reader.Ranges)
        {
            if (range.FindPart(index.Oid) is not VectorPart part || range.RowCount == 0) continue;
            parts++;
            int visible = CountVisible(range, reader.Snapshot);
            rows += visible;
            dead += range.RowCount - visible;
            StructureFacts? facts = part.BuildFacts?.Structure;
            int inGraph = part.IsOpen ? part.Structure?.LinkedCount ?? 0 : facts?.Linked ?? 0;
            // Under metrics that give zero a place, a segment's structure holds nodes for rows without a vector, too.
            int vectors = facts?.Vectors ?? (part.IsOpen ? part.Count : range.RowCount);
            inGraph = Math.Min(inGraph, vectors);
            linked += inGraph;
            unlinked += vectors - inGraph;
            if ((facts is not null ? facts.Quantization : part is { IsOpen: true, Structure: { } structure } ? index.Structures.QuantizationOf(structure) : null) is { } code) codes.Add(code);
            if (part.BuildFacts is { } build)
            {
                built = Math.Max(built ?? 0, build.FinishedAtMicros);
                took = (took ?? 0) + build.DurationMicros;
            }
            if (part.CalibratedAtMicros is > 0 and var at) calibrated = Math.Max(calibrated ?? 0, at);
            if (part.Recall is not { IsMeasured: true } table || inGraph == 0) continue;
            measured += inGraph;
            found += inGraph * table.RecallAt(efSearch, 10, inGraph);
            (ef95, ef99) = (Math.Max(ef95, table.EfFor(0.95, 10, inGraph)), Math.Max(ef99, table.EfFor(0.99, 10, inGraph)));
        }
        return new IndexState
        {
            Parts = parts, Rows = rows, DeadRows = dead, LinkedRows = linked, UnlinkedRows = unlinked, Quantization = codes.Count == 0 ? null : string.Join(", ", codes),
            Recall = measured == 0 ? null : found / measured, EfForRecall95 = ef95 == 0 ? null : ef95, EfForRecall99 = ef99 == 0 ? null : ef99,
            BuiltAtMicros = built, BuildMicros = took, CalibratedAtMicros = calibrated,
        };
    }

    private static int CountVisible(RowRange range, in Snapshot snapshot)
    {
        int[] offsets = new int[RowRange.BlockRows];
        int visible = 0, rows = range.RowCount;
        for (int start = 0; start < rows; start += RowRange.BlockRows) visible += range.SelectVisible(start, Math.Min(RowRange.BlockRows, rows - start), snapshot, offsets);
        return visible;
    }
}
