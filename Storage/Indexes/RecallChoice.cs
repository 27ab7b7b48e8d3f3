using VecSql.Storage.Contracts;
using VecSql.Vectors.Calibration;

namespace VecSql.Storage.Indexes;

/// <summary>
/// How far a search looks in each structure, and what recall that promises. Every structure goes by its own table: what all find of their own nearest, the search finds of the nearest. One
/// that wasn't measured since it was much smaller goes by the table of the index's largest, if that is about as large or larger, or else by a careful guess.
/// </summary>
internal sealed class RecallChoice(VectorStructures structures, List<VectorPiece> pieces, VectorSearchRequest request)
{
    /// <summary>A table serves until the structure has grown so many times.</summary>
    private const int Growth = 4;

    private RecallTable? _largest;
    private bool _hasLooked;
    private double _found;
    private long _sought;

    /// <summary>At most, over all structures that were searched.</summary>
    public int Effort { get; private set; }

    /// <summary>NaN if it isn't known.</summary>
    public double Expected => _sought == 0 ? double.NaN : _found / _sought;

    /// <summary>The effort for the k nearest of a structure.</summary>
    public int EffortOf(VectorPart part, int k) => structures.EffortOf(request, TableOf(part), k, part.LinkedEnd);

    /// <summary>Rows were searched by a structure.</summary>
    /// <param name="isCalibrated">False if it was searched otherwise than when it was measured.</param>
    public void AddSearch(VectorPart part, int rows, int k, int effort, bool isCalibrated = true)
    {
        Effort = Math.Max(Effort, effort);
        _found += rows * (isCalibrated ? TableOf(part).RecallAt(effort, k, part.LinkedEnd) : double.NaN);
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
        (_found, _sought, Effort) = (0, 0, 0);
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
