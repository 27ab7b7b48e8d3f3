using System.Diagnostics;
using VecSql.Storage.Files;

namespace VecSql.Storage.Databases;

/// <summary>
/// Background work that gives way. A thread that got less of the processor than it wanted shares it with others: it then sleeps until it had no more than its share
/// (<see cref="StorageTuning.MaintenanceShare"/>). On an idle machine it never sleeps. Not a lower priority: that would let statements wait for a lock whose holder doesn't get to run.
/// </summary>
internal sealed class WorkPace(StorageTuning tuning)
{
    private const int LookMs = 4;
    private const int LongestSleepMs = 100;

    /// <summary>The share of the time that a thread may wait for the processor before others are taken to want it.</summary>
    private const double Crowded = 0.2;

    [ThreadStatic]
    private static (long Wall, long Cpu) s_since;

    /// <summary>Called by working threads every millisecond or so, holding nothing that others wait for.</summary>
    public void Breathe()
    {
        long wall = Stopwatch.GetTimestamp();
        double elapsedMs = Stopwatch.GetElapsedTime(s_since.Wall, wall).TotalMilliseconds;
        if (elapsedMs < LookMs) return;
        long cpu = NativeCalls.ThreadCpuNanoseconds();
        double workedMs = (cpu - s_since.Cpu) / 1e6;
        // A long pause was no waiting for the processor, but the end of the last piece of work.
        if (s_since.Wall != 0 && elapsedMs < 20 * LookMs && elapsedMs - workedMs > Crowded * elapsedMs)
        {
            double share = Math.Clamp(tuning.MaintenanceShare, 1, 100) / 100.0;
            double sleepMs = (workedMs / share) - elapsedMs;
            if (sleepMs >= 1) Thread.Sleep((int)Math.Min(sleepMs, LongestSleepMs));
        }
        s_since = (Stopwatch.GetTimestamp(), NativeCalls.ThreadCpuNanoseconds());
    }
}
