using System.Buffers;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Search;

namespace VecSql.Vectors.Ivf;

/// <summary>
/// An inverted file: the rows of an <see cref="IVectorStore"/> divided into lists around centers, each row in the list of its nearest. A search ranks the centers and scores the rows of
/// the nearest lists. Immutable: <see cref="Extend"/> makes another that shares the centers.
/// <list type="bullet">
/// <item>A list is a run of row numbers, ascending; lists lie one behind the other. Rows without a place in the metric (zero vectors under cosine) are in none.</item>
/// <item>Distances are the rows' own; centers only decide the order in which lists are looked at.</item>
/// <item>Row numbers read from a file may be damaged: each is compared with the limit before it is used.</item>
/// </list>
/// Never owns the store. Dispose releases a file's pin; it must not race with searches.
/// </summary>
public sealed unsafe partial class IvfLists : IVectorStructure
{
    private readonly IvfOptions _options;
    private readonly IVectorStore _store;
    private readonly IvfCenters _centers;
    private readonly ReadOnlyMemory<byte> _offsets;
    private readonly ReadOnlyMemory<byte> _ids;
    private readonly IvfHeader? _header;
    private readonly int _trainedRows;
    private MemoryHandle _pinned;

    private IvfLists(IvfOptions options, IVectorStore store, IvfCenters centers, ReadOnlyMemory<byte> offsets, ReadOnlyMemory<byte> ids, int limit, int trainedRows, IvfHeader? header, MemoryHandle pinned)
    {
        (_options, _store, _centers, _offsets, _ids, Limit, _trainedRows, _header, _pinned) = (options, store, centers, offsets, ids, limit, trainedRows, header, pinned);
    }

    public string Name => "ivfflat";
    public IvfOptions Options => _options;
    public DistanceMetric Metric => _options.Metric;
    public IVectorStore Store => _store;

    /// <summary>Lists there are: as many as were asked for, or fewer over few rows.</summary>
    public int Lists => _centers.Count;

    public int Limit { get; }
    public int LinkedCount => _ids.Length / sizeof(int);

    /// <summary>Rows that the centers were learned from, or drawn from.</summary>
    public int TrainedRows => _trainedRows;

    public long MemoryBytes => _header is not null ? 0 : _centers.MemoryBytes + _offsets.Length + _ids.Length;

    /// <summary>The rows of a list.</summary>
    public ReadOnlySpan<int> RowsOf(int list)
    {
        ReadOnlySpan<int> offsets = Offsets;
        return Ids[offsets[list]..offsets[list + 1]];
    }

    private ReadOnlySpan<int> Offsets => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(_offsets.Span);
    private ReadOnlySpan<int> Ids => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(_ids.Span);

    public void Dispose() => _pinned.Dispose();
}
