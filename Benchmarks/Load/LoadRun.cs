using System.Diagnostics;

namespace VecSql.Benchmarks.Load;

/// <summary>Operations, operations per second of all clients together, and the median and the 99th percentile of one operation's time.</summary>
internal readonly record struct LoadResult(long Count, double PerSecond, double MedianMs, double P99Ms)
{
    /// <summary>The run with the median rate.</summary>
    public static LoadResult Median(IEnumerable<LoadResult> runs)
    {
        LoadResult[] sorted = [.. runs.OrderBy(r => r.PerSecond)];
        return sorted[sorted.Length / 2];
    }
}

/// <summary>Closed-loop clients, each on a thread and a connection of its own, for a fixed time.</summary>
internal static class LoadRun
{
    /// <param name="open">Makes client n's operation; connecting and preparing there isn't timed.</param>
    public static LoadResult Measure(int clients, double seconds, Func<int, (LoadConnection Connection, Action<int> Operation)> open)
    {
        List<long>[] times = new List<long>[clients];
        Exception? failure = null;
        using Barrier start = new(clients + 1);
        Thread[] threads = new Thread[clients];
        for (int i = 0; i < clients; i++)
        {
            int client = i;
            threads[i] = new Thread(() =>
            {
                List<long> mine = times[client] = new(1 << 16);
                try
                {
                    (LoadConnection connection, Action<int> operation) = open(client);
                    using (connection)
                    {
                        operation(0);
                        start.SignalAndWait();
                        long end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
                        for (int turn = 1; ; turn++)
                        {
                            long began = Stopwatch.GetTimestamp();
                            if (began >= end) break;
                            operation(turn);
                            mine.Add(Stopwatch.GetTimestamp() - began);
                        }
                    }
                }
                catch (Exception e) when (e is InvalidOperationException or System.Net.Sockets.SocketException)
                {
                    if (Interlocked.CompareExchange(ref failure, e, null) is null && mine.Count == 0) start.RemoveParticipant();
                }
            });
            threads[i].Start();
        }
        start.SignalAndWait();
        long started = Stopwatch.GetTimestamp();
        foreach (Thread thread in threads) thread.Join();
        double elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (failure is not null) throw new InvalidOperationException(failure.Message, failure);
        long[] all = [.. times.SelectMany(t => t)];
        Array.Sort(all);
        return new LoadResult(all.Length, all.Length / elapsed, Milliseconds(all, 0.5), Milliseconds(all, 0.99));
    }

    private static double Milliseconds(long[] sorted, double quantile) =>
        sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)(quantile * sorted.Length))] * 1000.0 / Stopwatch.Frequency;
}
