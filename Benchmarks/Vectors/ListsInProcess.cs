using System.CommandLine;
using System.Diagnostics;
using VecSql.Vectors;
using VecSql.Vectors.Ivf;
using VecSql.Vectors.Memory;

namespace VecSql.Benchmarks.Vectors;

/// <summary>Recall and queries per second of lists around centers (ivfflat) over a vector set with exact ground truth.</summary>
internal static class ListsInProcess
{
    public static Command Command()
    {
        VectorSetOptions set = new();
        Option<int> lists = new("--lists") { Description = "Lists.", DefaultValueFactory = _ => 100 };
        Option<int> threads = new("--threads") { Description = "Threads that build.", DefaultValueFactory = _ => 2 };
        Option<int[]> probes = new("--probes") { Description = "Lists that a search looks through.", DefaultValueFactory = _ => [1, 2, 5, 10, 20, 50, 100], AllowMultipleArgumentsPerToken = true };
        Command command = new("lists", "Recall and speed of ivfflat's lists, in process.") { lists, threads, probes };
        set.AddTo(command);
        command.SetAction(parsed => Run(set.Load(parsed), parsed.GetValue(lists), parsed.GetValue(threads), parsed.GetValue(probes)!));
        return command;
    }

    private static void Run(VectorSet set, int wanted, int threads, int[] ladder)
    {
        (float[][] rows, float[][] queries, int[][] truth, int dimensions, DistanceMetric metric) = set;
        using GrowableVectorStore store = new(dimensions, metric == DistanceMetric.Cosine, rows.Length);
        foreach (float[] row in rows) store.Append(row);
        TimeSpan cpuBefore = Environment.CpuUsage.TotalTime;
        long started = Stopwatch.GetTimestamp();
        double trained = 0;
        using IvfLists lists = IvfLists.Build(store, rows.Length, new IvfOptions { Metric = metric, Lists = wanted }, threads, phase: phase => trained = Stopwatch.GetElapsedTime(started).TotalSeconds);
        Console.WriteLine($"rows={rows.Length} dims={dimensions} metric={metric} lists={lists.Lists} build_s={Stopwatch.GetElapsedTime(started).TotalSeconds:F2} kmeans_s={trained:F2} "
            + $"build_cpu_s={(Environment.CpuUsage.TotalTime - cpuBefore).TotalSeconds:F2} threads={threads} bytes={lists.MemoryBytes}");
        for (int warmUp = 0; warmUp < 3; warmUp++) VectorsInProcess.Measure(lists, queries, truth, 5, 1);
        foreach (int probes in ladder)
        {
            (double recall, double single, double cpu, double distances, _) = VectorsInProcess.Measure(lists, queries, truth, probes, 1);
            Console.WriteLine($"probes={probes,4} recall@{VectorSet.K}={recall:F4} qps_1t={single,8:F0} cpu_us={cpu,7:F1} distances/query={distances:F0}");
        }
    }
}
