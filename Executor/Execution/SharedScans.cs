using System.Runtime.CompilerServices;
using VecSql.Planner.Physical;
using VecSql.Storage.Contracts;

namespace VecSql.Executor;

/// <summary>The pieces of the scans below one Gather, handed out one by one to whichever worker is free. Safe for all workers.</summary>
internal sealed class SharedScans
{
    private readonly Dictionary<PhysicalPlan, PieceQueue> _queues = new(PlanComparer.Instance);

    /// <summary>The next piece of the scan; null when all were handed out.</summary>
    public IScanPiece? Take(PhysicalPlan scan, ITableReader reader)
    {
        PieceQueue? queue;
        lock (_queues)
        {
            if (!_queues.TryGetValue(scan, out queue))
            {
                queue = new PieceQueue(reader.Pieces);
                _queues.Add(scan, queue);
            }
        }
        return queue.Take();
    }

    private sealed class PieceQueue(IReadOnlyList<IScanPiece> pieces)
    {
        private int _next = -1;

        public IScanPiece? Take()
        {
            int place = Interlocked.Increment(ref _next);
            return place < pieces.Count ? pieces[place] : null;
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
