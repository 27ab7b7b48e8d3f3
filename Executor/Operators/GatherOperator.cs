using System.Collections.Concurrent;
using VecSql.Core.Columns;
using VecSql.Executor.Rows;

namespace VecSql.Executor.Operators;

/// <summary>
/// Runs copies of a subtree in worker threads over what they share (<see cref="ParallelPipeline"/>), and gives their batches in no order. Batches are copied into buffers that go round between
/// workers and consumer. An error of a worker is the statement's error; when the consumer stops early, so do the workers.
/// </summary>
internal sealed class GatherOperator(ExecutionState state, Func<ExecutionState, Operator> build, ParallelPipeline pipeline, PhysicalKind[] kinds) : Operator(state)
{
    private const int BuffersPerWorker = 3;

    private readonly List<Thread> _threads = [];
    private BlockingCollection<RowBuffer>? _full;
    private ConcurrentBag<RowBuffer> _free = [];
    private SemaphoreSlim? _freeCount;
    private RowBuffer? _current;
    private Exception? _error;
    private int _running;
    private volatile bool _isStopped;
    private bool _runsAlone;

    protected override void OpenCore()
    {
        Stop();
        _runsAlone = !pipeline.TryPrepare();
        if (_runsAlone)
        {
            pipeline.Alone.Open();
            return;
        }
        int workers = pipeline.Workers;
        if (Statistics is { } statistics) statistics.Details["Workers Launched"] = workers.ToString(System.Globalization.CultureInfo.InvariantCulture);
        _isStopped = false;
        _error = null;
        _full = [];
        _free = [];
        for (int i = 0; i < workers * BuffersPerWorker; i++) _free.Add(new RowBuffer(kinds, 64));
        _freeCount = new SemaphoreSlim(workers * BuffersPerWorker);
        _running = workers;
        for (int i = 0; i < workers; i++)
        {
            ExecutionState workerState = State.ForWorker(i, pipeline.Scan);
            Thread thread = new(() => Work(workerState)) { IsBackground = true, Name = $"gather {i}" };
            _threads.Add(thread);
            thread.Start();
        }
    }

    protected override ColumnBatch? NextCore()
    {
        if (_runsAlone) return pipeline.Alone.Next();
        if (_current is not null)
        {
            _free.Add(_current);
            _freeCount!.Release();
            _current = null;
        }
        if (_full is null) return null;
        if (!_full.TryTake(out _current, Timeout.Infinite, State.Context.Cancellation))
        {
            Stop();
            if (_error is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_error);
            return null;
        }
        return _current.ToBatch();
    }

    private void Work(ExecutionState workerState)
    {
        try
        {
            using Operator plan = build(workerState);
            plan.Open();
            while (!_isStopped && plan.Next() is { } batch)
            {
                _freeCount!.Wait(workerState.Context.Cancellation);
                if (_isStopped || !_free.TryTake(out RowBuffer? buffer)) break;
                buffer.Reset();
                buffer.Append(batch);
                _full!.Add(buffer, workerState.Context.Cancellation);
            }
        }
#pragma warning disable CA1031 // Handed to the consumer's thread, whatever it is.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref _error, e, null);
            _isStopped = true;
        }
        finally
        {
            workerState.Dispose();
            if (Interlocked.Decrement(ref _running) == 0) _full!.CompleteAdding();
        }
    }

    private void Stop()
    {
        _isStopped = true;
        // Workers that wait for a buffer wake up, see that they are to stop, and end.
        if (_threads.Count > 0) _freeCount!.Release(_threads.Count);
        foreach (Thread thread in _threads) thread.Join();
        _threads.Clear();
        _full?.Dispose();
        _full = null;
        _freeCount?.Dispose();
        _freeCount = null;
        _current = null;
    }

    public override void Dispose()
    {
        Stop();
        pipeline.Dispose();
        base.Dispose();
    }
}
