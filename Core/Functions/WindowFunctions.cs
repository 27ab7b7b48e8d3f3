using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Core.Functions;

/// <summary>row_number, rank, dense_rank, percent_rank, cume_dist, ntile; lag, lead; first_value, last_value, nth_value.</summary>
internal static class WindowFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Add("window_row_number", new PartitionFunction(RowNumber));
        library.Add("window_rank", new PartitionFunction(static (p, r, _) => Ranks(p, r, dense: false)));
        library.Add("window_dense_rank", new PartitionFunction(static (p, r, _) => Ranks(p, r, dense: true)));
        library.Add("window_percent_rank", new PartitionFunction(PercentRank));
        library.Add("window_cume_dist", new PartitionFunction(CumulativeDistribution));
        library.Add("window_ntile", new PartitionFunction(Ntile));
        foreach (string suffix in (string[])["", "_with_offset", "_with_offset_and_default"])
        {
            library.Add("window_lag" + suffix, new PartitionFunction(static (p, r, _) => Shifted(p, r, -1)));
            library.Add("window_lead" + suffix, new PartitionFunction(static (p, r, _) => Shifted(p, r, 1)));
        }
        library.Add("window_first_value", new PartitionFunction(static (p, r, _) => FrameValue(p, r, fromEnd: false)));
        library.Add("window_last_value", new PartitionFunction(static (p, r, _) => FrameValue(p, r, fromEnd: true)));
        library.Add("window_nth_value", new PartitionFunction(NthValue));
    }

    private delegate void Kernel(IWindowPartition partition, ColumnBuilder result, EvalContext context);

    private sealed class PartitionFunction(Kernel kernel) : WindowFunction
    {
        public override void Evaluate(IWindowPartition partition, ColumnBuilder result, EvalContext context) => kernel(partition, result, context);
    }

    private static void RowNumber(IWindowPartition partition, ColumnBuilder result, EvalContext context)
    {
        for (int row = 0; row < partition.RowCount; row++) ((ColumnBuilder<long>)result).Append(row + 1);
    }

    private static void Ranks(IWindowPartition partition, ColumnBuilder result, bool dense)
    {
        long groups = 0;
        for (int row = 0; row < partition.RowCount;)
        {
            (int start, int end) = partition.PeersOf(row);
            groups++;
            for (; row < end; row++) ((ColumnBuilder<long>)result).Append(dense ? groups : start + 1);
        }
    }

    private static void PercentRank(IWindowPartition partition, ColumnBuilder result, EvalContext context)
    {
        int count = partition.RowCount;
        for (int row = 0; row < count;)
        {
            (int start, int end) = partition.PeersOf(row);
            for (; row < end; row++) ((ColumnBuilder<double>)result).Append(count <= 1 ? 0 : (double)start / (count - 1));
        }
    }

    private static void CumulativeDistribution(IWindowPartition partition, ColumnBuilder result, EvalContext context)
    {
        int count = partition.RowCount;
        for (int row = 0; row < count;)
        {
            (_, int end) = partition.PeersOf(row);
            for (; row < end; row++) ((ColumnBuilder<double>)result).Append((double)end / count);
        }
    }

    /// <summary>The bucket count is that of the partition's first row; null gives nulls.</summary>
    private static void Ntile(IWindowPartition partition, ColumnBuilder result, EvalContext context)
    {
        int count = partition.RowCount;
        if (count == 0) return;
        Column<int> argument = (Column<int>)partition.Argument(0);
        if (argument.IsNull(0))
        {
            for (int row = 0; row < count; row++) result.AppendNull();
            return;
        }
        int buckets = argument[0];
        if (buckets <= 0) throw new SqlException(SqlState.InvalidArgumentForNtile, "argument of ntile must be greater than zero");
        int size = count / buckets, larger = count % buckets, inLarger = larger * (size + 1);
        for (int row = 0; row < count; row++)
            ((ColumnBuilder<int>)result).Append(row < inLarger ? row / (size + 1) + 1 : larger + (row - inLarger) / Math.Max(size, 1) + 1);
    }

    private static void Shifted(IWindowPartition partition, ColumnBuilder result, int direction)
    {
        Column values = partition.Argument(0);
        Column<int>? offsets = partition.ArgumentCount > 1 ? (Column<int>)partition.Argument(1) : null;
        Column? defaults = partition.ArgumentCount > 2 ? partition.Argument(2) : null;
        for (int row = 0; row < partition.RowCount; row++)
        {
            if (offsets is not null && offsets.IsNull(row))
            {
                result.AppendNull();
                continue;
            }
            long target = row + direction * (long)(offsets is null ? 1 : offsets[row]);
            if (target >= 0 && target < partition.RowCount) result.AppendFrom(values, (int)target);
            else if (defaults is not null) result.AppendFrom(defaults, row);
            else result.AppendNull();
        }
    }

    private static void FrameValue(IWindowPartition partition, ColumnBuilder result, bool fromEnd)
    {
        Column values = partition.Argument(0);
        for (int row = 0; row < partition.RowCount; row++)
        {
            (int start, int end) = partition.FrameOf(row);
            int at = fromEnd ? end - 1 : start;
            while (at >= start && at < end && !partition.InFrame(row, at)) at += fromEnd ? -1 : 1;
            if (at >= start && at < end) result.AppendFrom(values, at);
            else result.AppendNull();
        }
    }

    private static void NthValue(IWindowPartition partition, ColumnBuilder result, EvalContext context)
    {
        Column values = partition.Argument(0);
        Column<int> places = (Column<int>)partition.Argument(1);
        for (int row = 0; row < partition.RowCount; row++)
        {
            if (places.IsNull(row))
            {
                result.AppendNull();
                continue;
            }
            int place = places[row];
            if (place <= 0) throw new SqlException(SqlState.InvalidArgumentForNthValue, "argument of nth_value must be greater than zero");
            int at = NthInFrame(partition, row, place);
            if (at >= 0) result.AppendFrom(values, at);
            else result.AppendNull();
        }
    }

    private static int NthInFrame(IWindowPartition partition, int row, int place)
    {
        (int start, int end) = partition.FrameOf(row);
        for (int at = start; at < end; at++)
            if (partition.InFrame(row, at) && --place == 0) return at;
        return -1;
    }
}
