using System.Runtime.ExceptionServices;

namespace VecSql.Executor.Operators;

/// <summary>Runs the same work in several threads, the caller's among them, until all have ended.</summary>
internal static class WorkerThreads
{
    /// <param name="work">Gets a state of its own and the worker's number.</param>
    /// <exception cref="Exception">The first error of any worker, after all have ended.</exception>
    public static void Run(ExecutionState state, SharedScan scan, int workers, Action<ExecutionState, int> work)
    {
        Exception? error = null;
        Thread[] threads = new Thread[workers - 1];
        ExecutionState[] states = new ExecutionState[workers];
        for (int i = 0; i < workers; i++) states[i] = state.ForWorker(i, scan);
        void Guarded(int worker)
        {
            try
            {
                work(states[worker], worker);
            }
#pragma warning disable CA1031 // Thrown again on the caller's thread, whatever it is.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Interlocked.CompareExchange(ref error, e, null);
            }
            finally
            {
                states[worker].Dispose();
            }
        }
        for (int i = 0; i < threads.Length; i++)
        {
            int worker = i + 1;
            threads[i] = new Thread(() => Guarded(worker)) { IsBackground = true, Name = $"worker {worker}" };
            threads[i].Start();
        }
        Guarded(0);
        foreach (Thread thread in threads) thread.Join();
        if (error is not null) ExceptionDispatchInfo.Throw(error);
    }
}
