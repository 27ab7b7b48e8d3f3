using System.Collections.Concurrent;
using VecSql.Core.Errors;

namespace VecSql.Storage.Files;

/// <summary>
/// Files that are in use before they are wholly verified: one thread reads them to their end, in the order in which they were first used. What it finds makes their readers refuse from then
/// on. Without background work a file is verified at once.
/// </summary>
internal sealed class LaterChecks(bool isInBackground)
{
    private readonly ConcurrentQueue<Action> _due = new();
    private int _isRunning;

    /// <param name="verify">Reads a file through, tells its owner of damage, and throws nothing but <see cref="SqlException"/>, <see cref="IOException"/> and
    /// <see cref="ObjectDisposedException"/>.</param>
    public void Add(Action verify)
    {
        if (!isInBackground)
        {
            verify();
            return;
        }
        _due.Enqueue(verify);
        if (Interlocked.Exchange(ref _isRunning, 1) == 0) new Thread(Run) { IsBackground = true, Name = "verify" }.Start();
    }

    private void Run()
    {
        do
        {
            while (_due.TryDequeue(out Action? verify))
            {
                try
                {
                    verify();
                }
                catch (Exception e) when (e is SqlException or IOException or ObjectDisposedException)
                {
                    // Its owner knows, or was closed.
                }
            }
            Volatile.Write(ref _isRunning, 0);
        }
        while (!_due.IsEmpty && Interlocked.Exchange(ref _isRunning, 1) == 0);
    }
}
