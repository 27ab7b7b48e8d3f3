using System.Runtime.ExceptionServices;

namespace VecSql.Vectors.Ivf;

/// <summary>A loop over a range in batches, on threads of its own.</summary>
internal static class ParallelRanges
{
    /// <param name="threads">1 or more, the caller's included.</param>
    /// <param name="work">Given the first of a batch and the one behind its last; called by several threads at once.</param>
    /// <exception cref="OperationCanceledException">Between two batches.</exception>
    public static void Run(int count, int batch, int threads, Action<int, int> work, CancellationToken cancellation)
    {
        int next = 0;
        Exception? failure = null;
        void Work()
        {
            try
            {
                while (Volatile.Read(ref failure) is null)
                {
                    int first = Interlocked.Add(ref next, batch) - batch;
                    if (first >= count || first < 0) return;
                    cancellation.ThrowIfCancellationRequested();
                    work(first, Math.Min(count, first + batch));
                }
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref failure, e, null);
            }
        }

        Thread[] workers = new Thread[Math.Clamp(threads, 1, Math.Max(1, count / batch)) - 1];
        for (int i = 0; i < workers.Length; i++)
        {
            workers[i] = new Thread(Work) { IsBackground = true, Name = "ivf build" };
            workers[i].Start();
        }
        Work();
        foreach (Thread worker in workers) worker.Join();
        if (failure is not null) ExceptionDispatchInfo.Throw(failure);
    }
}
