using VecSql.Storage.Contracts;
using VecSql.Vectors.Calibration;
using VecSql.Vectors.Graph;

namespace VecSql.Storage.Indexes;

/// <summary>
/// How many candidates a search keeps in each graph, and what recall that promises. Every graph goes by its own table: what all find of their own nearest, the search finds of the nearest. A graph
/// that wasn't measured since it was much smaller goes by the table of the index's largest graph, if that is about as large or larger, or else by a careful guess.
/// </summary>
/// <param name="structures">The index's kind: only graphs are measured.</param>
internal sealed class RecallChoice(List<VectorPiece> pieces, VectorSearchRequest request, VectorStructures structures)
{
    /// <summary>A table serves until the graph has grown so many times.</summary>
    private const int Growth = 4;

    private RecallTable? _largest;
    private bool _hasLooked;
    private double _found;
    private long _sought;

    /// <summary>At most, over all graphs.</summary>
    public int Ef { get; private set; }

    /// <summary>NaN if it isn't known.</summary>
    public double Expected => _sought == 0 ? double.NaN : _found / _sought;

    /// <summary>How far to look for the k nearest of a part: ef for a graph, lists for lists.</summary>
    public int EffortOf(VectorPart part, int k) => request.TargetRecall > 0 && part.Structure is HnswGraph ? TableOf(part).EfFor(request.TargetRecall, k, part.LinkedEnd) : structures.EffortOf(request);

    /// <summary>Rows were searched by a structure.</summary>
    /// <param name="isCalibrated">False if it was walked otherwise than when it was measured.</param>
    public void AddWalk(VectorPart part, int rows, int k, int ef, bool isCalibrated = true)
    {
        bool isGraph = part.Structure is HnswGraph;
        if (isGraph) Ef = Math.Max(Ef, Math.Max(ef, k));
        _found += rows * (isCalibrated && isGraph ? TableOf(part).RecallAt(ef, k, part.LinkedEnd) : double.NaN);
        _sought += rows;
    }

    /// <summary>Rows were all looked at.</summary>
    public void AddScan(int rows)
    {
        _found += rows;
        _sought += rows;
    }

    public void Forget()
    {
        (_found, _sought, Ef) = (0, 0, 0);
    }

    private RecallTable TableOf(VectorPart part)
    {
        if (part.Recall is { IsMeasured: true } own && part.LinkedEnd <= (long)Growth * own.Rows) return own;
        if (!_hasLooked)
        {
            _hasLooked = true;
            foreach (VectorPiece piece in pieces)
                if (piece.Part?.Recall is { IsMeasured: true } table && (_largest is null || table.Rows > _largest.Rows))
                    _largest = table;
        }
        return _largest is not null && part.LinkedEnd <= (long)Growth * _largest.Rows ? _largest : RecallTable.Unmeasured;
    }
}
