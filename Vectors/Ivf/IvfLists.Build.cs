using System.Runtime.InteropServices;
using VecSql.Vectors.Memory;

namespace VecSql.Vectors.Ivf;

/// <summary>Building: 1. centers from a sample; 2. the nearest center of each row; 3. a counting sort of the rows by list.</summary>
public sealed unsafe partial class IvfLists
{
    /// <summary>Fewer rows than this many a list, on average, get fewer lists.</summary>
    public const int MinRowsPerList = 8;

    private const int AssignBatch = 1024;

    /// <summary>Divides a store's first <paramref name="count"/> rows.</summary>
    /// <param name="threads">Dedicated threads to use, 1 or more.</param>
    /// <param name="progress">Called now and then, from any of the threads, with the rows assigned so far.</param>
    /// <param name="phase">Told what begins.</param>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is left.</exception>
    public static IvfLists Build(
        IVectorStore store, int count, IvfOptions options, int threads, Action<int>? progress = null, Action<IvfPhase>? phase = null, CancellationToken cancellation = default)
    {
        options.Validate();
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)store.Count, nameof(count));
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        phase?.Invoke(IvfPhase.KMeans);
        int lists = Math.Clamp(count / MinRowsPerList, 1, options.Lists);
        IvfCenters centers = RowForms.Of(options.Metric) == RowForm.Bits
            ? BitKMeans.Train(options, lists, store, count, threads, cancellation)
            : FloatKMeans.Train(options, lists, store, count, threads, cancellation);
        phase?.Invoke(IvfPhase.Assigning);
        return Divide(store, options, centers, [], 0, count, count, threads, progress, cancellation);
    }

    /// <summary>These lists with the rows from <see cref="Limit"/> to <paramref name="end"/> added, around the same centers. The old ones stay as they are.</summary>
    public IvfLists Extend(int end, int threads, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(end, Limit);
        int[] nearest = new int[Limit];
        nearest.AsSpan().Fill(-1);
        for (int list = 0; list < Lists; list++)
            foreach (int id in RowsOf(list))
                if ((uint)id < (uint)Limit) nearest[id] = list;
        return Divide(_store, _options, _centers, nearest, Limit, end, _trainedRows, threads, null, cancellation);
    }

    /// <param name="known">The list of each row below <paramref name="first"/>.</param>
    private static IvfLists Divide(
        IVectorStore store, IvfOptions options, IvfCenters centers, int[] known, int first, int end, int trainedRows, int threads, Action<int>? progress, CancellationToken cancellation)
    {
        int[] nearest = new int[end];
        known.CopyTo(nearest, 0);
        int done = 0;
        VectorRows rows = store.Rows;
        ParallelRanges.Run(end - first, AssignBatch, threads, (from, to) =>
        {
            centers.Assign(rows, first + from, first + to, nearest.AsSpan(first + from, to - from));
            progress?.Invoke(Interlocked.Add(ref done, to - from));
        }, cancellation);
        byte[] offsetBytes = new byte[(centers.Count + 1) * sizeof(int)];
        Span<int> offsets = MemoryMarshal.Cast<byte, int>(offsetBytes.AsSpan());
        foreach (int list in nearest)
            if (list >= 0) offsets[list + 1]++;
        for (int list = 0; list < centers.Count; list++) offsets[list + 1] += offsets[list];
        byte[] idBytes = new byte[checked(offsets[^1] * sizeof(int))];
        Span<int> ids = MemoryMarshal.Cast<byte, int>(idBytes.AsSpan());
        int[] next = offsets[..^1].ToArray();
        for (int id = 0; id < end; id++)
            if (nearest[id] >= 0) ids[next[nearest[id]]++] = id;
        return new IvfLists(options, store, centers, offsetBytes, idBytes, end, trainedRows, null, default);
    }
}
