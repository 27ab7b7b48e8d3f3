using System.Runtime.CompilerServices;
using VecSql.Planner.Physical;
using VecSql.Storage.Contracts;

namespace VecSql.Executor;

/// <summary>The driving scan of a Gather: its pieces are handed out one by one to whichever worker is free. Safe for all workers.</summary>
/// <param name="pieceRows">Rows in a piece at most; 0: as the table gives them.</param>
internal sealed class SharedScan(SequentialScan scan, int pieceRows = 0)
{
    private readonly Lock _lock = new();
    private IReadOnlyList<IScanPiece>? _pieces;
    private IReadOnlyList<IScanPiece> _small = [];
    private int _next, _nextSmall;

    public SequentialScan Scan => scan;

    public void Restart()
    {
        lock (_lock)
        {
            _pieces = null;
            _small = [];
            _next = _nextSmall = 0;
        }
    }

    /// <summary>The next piece; null when all were handed out.</summary>
    public IScanPiece? Take(ITableReader reader)
    {
        lock (_lock)
        {
            _pieces ??= reader.Pieces;
            if (pieceRows == 0) return _next < _pieces.Count ? _pieces[_next++] : null;
            while (_nextSmall == _small.Count)
            {
                if (_next == _pieces.Count) return null;
                _small = _pieces[_next++].Split(pieceRows);
                _nextSmall = 0;
            }
            return _small[_nextSmall++];
        }
    }
}

/// <summary>Plan nodes by identity: equal ones may stand in several places of a plan.</summary>
internal sealed class PlanComparer : IEqualityComparer<PhysicalPlan>
{
    public static readonly PlanComparer Instance = new();
    public bool Equals(PhysicalPlan? x, PhysicalPlan? y) => ReferenceEquals(x, y);
    public int GetHashCode(PhysicalPlan obj) => RuntimeHelpers.GetHashCode(obj);
}
