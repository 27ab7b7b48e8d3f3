using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Storage.Files;

namespace VecSql.Storage.Log;

/// <summary>
/// Appends to the log. Group commit: the first thread that finds no leader leads; it writes what all waiting threads have queued, syncs once, lets each take effect in order,
/// and hands on. Operations of open transactions are written as they come, without a sync: the commit's sync covers them.
/// Invariants: one leader at a time; a request takes effect only after its bytes are durable; LSNs are contiguous; after a failed sync nothing is acknowledged any more.
/// </summary>
internal sealed class LogWriter : IDisposable
{
    /// <summary>How far zeros are written ahead of the log: where a file doesn't grow, a sync need not write the file system's own records.</summary>
    private const int LeastAhead = 64 << 10, MostAhead = 4 << 20;

    private static readonly byte[] Zeros = new byte[LeastAhead];

    private readonly IFileSystem _files;
    private readonly string _shard;
    private readonly Action<Exception> _stop;
    private readonly object _gate = new();
    private readonly List<LogRequest> _queue = [];
    private readonly List<LogRequest> _group = [];
    private readonly HashSet<LogRequest> _refused = [];
    private bool _isLed;

    // Guards the file and all below.
    private readonly Lock _writeLock = new();
    private readonly Dictionary<long, LogFileName> _openTransactions = [];
    private readonly ByteBuffer _buffer = new(1 << 16);
    private readonly ByteBuffer _operationsBuffer = new(1 << 16);
    private IWritableFile _file;
    private volatile LogFileName _name;
    private long _offset;

    /// <summary>The file's length: frames, then zeros.</summary>
    private long _allocated;
    private long _nextLsn;
    private long _durableLsn;
    private volatile Exception? _failure;

    /// <param name="stop">Told once when the log can't go on: ends the process.</param>
    public LogWriter(IFileSystem files, string shard, LogFileName name, long firstLsn, Action<Exception> stop)
    {
        _files = files;
        _shard = shard;
        _stop = stop;
        _nextLsn = firstLsn;
        _durableLsn = firstLsn - 1;
        _file = CreateFile(name, firstLsn);
        _name = name;
        _offset = _allocated = LogFormat.FileHeaderBytes;
    }

    /// <summary>The file that is written now.</summary>
    public LogFileName CurrentFile => _name;

    public long DurableLsn => Volatile.Read(ref _durableLsn);
    public long CurrentFileBytes => Volatile.Read(ref _offset);

    /// <summary>Writes operations of an open transaction. They are durable with its commit.</summary>
    /// <exception cref="SqlException">53100.</exception>
    public void Append(FrameKind kind, long transaction, ReadOnlySpan<byte> body)
    {
        ThrowIfStopped();
        lock (_writeLock)
        {
            _openTransactions.TryAdd(transaction, _name);
            _operationsBuffer.Clear();
            AppendFrame(_operationsBuffer, kind, transaction, body);
            WriteBuffer(_operationsBuffer, frames: 1);
        }
    }

    /// <summary>The transaction is over: its operations hold back no log file any more.</summary>
    public void Forget(long transaction)
    {
        lock (_writeLock) _openTransactions.Remove(transaction);
    }

    /// <summary>Makes the request durable and lets it take effect. Returns after that.</summary>
    /// <exception cref="SqlException">53100: the disk is full, it didn't happen. 08007: unknown, the server stops.</exception>
    public void Submit(LogRequest request)
    {
        lock (_gate)
        {
            _queue.Add(request);
            while (_isLed && !request.IsDone) Monitor.Wait(_gate);
            if (!request.IsDone) _isLed = true;
        }
        if (!request.IsDone)
        {
            while (!request.IsDone) LeadGroup();
            lock (_gate)
            {
                _isLed = false;
                Monitor.PulseAll(_gate);
            }
        }
        request.ThrowIfFailed();
    }

    /// <summary>
    /// Goes on in a new file; stays in the old one if the disk is full (<see cref="DiskFullException"/>). Only from a barrier's <see cref="LogRequest.Apply"/>. Returns the oldest file that an open transaction still needs (the new one if none does).
    /// </summary>
    public LogFileName Rotate()
    {
        lock (_writeLock)
        {
            if (_offset > LogFormat.FileHeaderBytes)
            {
                CutZeros();
                SyncOrStop();
                var next = new LogFileName(_name.Epoch, _name.Number + 1);
                IWritableFile file = CreateFile(next, _nextLsn);
                _file.Dispose();
                _file = file;
                _name = next;
                _offset = _allocated = LogFormat.FileHeaderBytes;
            }
            LogFileName oldest = _name;
            foreach (LogFileName first in _openTransactions.Values)
                if (first.CompareTo(oldest) < 0)
                    oldest = first;
            return oldest;
        }
    }

    public void Dispose()
    {
        try
        {
            if (_failure is null) CutZeros();
        }
        catch (IOException)
        {
            // The next start cuts them.
        }
        _file.Dispose();
    }

    private void LeadGroup()
    {
        lock (_gate)
        {
            _group.Clear();
            _refused.Clear();
            int taken = 0;
            while (taken < _queue.Count)
            {
                LogRequest next = _queue[taken++];
                _group.Add(next);
                if (next.IsBarrier) break;
            }
            _queue.RemoveRange(0, taken);
        }
        try
        {
            WriteGroup();
            foreach (LogRequest request in _group)
                if (!_refused.Contains(request))
                    request.Apply();
        }
        catch (Exception e) when (e is SqlException { SqlState: SqlState.DiskFull })
        {
            foreach (LogRequest request in _group) request.Fail(e);
        }
        catch (Exception e)
        {
            // Anything else leaves disk and memory in an unknown relation: nothing may be acknowledged after it.
            Stop(e);
            foreach (LogRequest request in _group) request.Fail(Unknown(e));
        }
        lock (_gate)
        {
            foreach (LogRequest request in _group) request.IsDone = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void WriteGroup()
    {
        ThrowIfStopped();
        bool hasBytes = false;
        long lsn;
        lock (_writeLock)
        {
            _buffer.Clear();
            long firstLsn = _nextLsn;
            foreach (LogRequest request in _group)
            {
                if (request.Prepare() is { } reason)
                {
                    request.Fail(reason);
                    _refused.Add(request);
                    continue;
                }
                if (!request.HasBody) continue;
                hasBytes = true;
                int start = _buffer.Length;
                _buffer.Take(LogFormat.FrameHeaderBytes);
                request.WriteBody(_buffer);
                SealFrame(_buffer, start, request.Kind, request.Transaction);
            }
            if (!hasBytes) return;
            WriteBuffer(_buffer, frames: (int)(_nextLsn - firstLsn));
            lsn = _nextLsn - 1;
        }
        // Outside of the lock: open transactions go on writing meanwhile. What they write now is not part of what this sync promises.
        _file.Sync();
        Volatile.Write(ref _durableLsn, lsn);
    }

    private void AppendFrame(ByteBuffer buffer, FrameKind kind, long transaction, ReadOnlySpan<byte> body)
    {
        int start = buffer.Length;
        buffer.Take(LogFormat.FrameHeaderBytes);
        buffer.Write(body);
        SealFrame(buffer, start, kind, transaction);
    }

    private void SealFrame(ByteBuffer buffer, int start, FrameKind kind, long transaction)
    {
        var header = new FrameHeader(kind, buffer.Length - start - LogFormat.FrameHeaderBytes, _nextLsn++, _durableLsn, transaction);
        LogFormat.SealFrame(buffer.Written[start..], header);
    }

    private void WriteBuffer(ByteBuffer buffer, int frames)
    {
        try
        {
            WriteAhead(buffer.Length);
            _file.Write(_offset, buffer.WrittenSpan);
            _offset += buffer.Length;
            _allocated = Math.Max(_allocated, _offset);
        }
        catch (DiskFullException)
        {
            // As if it had never been tried, also after a crash: whole frames among what was written must not come to life.
            _nextLsn -= frames;
            try
            {
                _file.Truncate(_offset);
                _file.Sync();
                _allocated = _offset;
            }
            catch (IOException e)
            {
                Stop(e);
                throw Unknown(e);
            }
            throw new SqlException(SqlState.DiskFull, $"could not extend file \"{_name.Path(_shard)}\": No space left on device", hint: "Check free disk space.");
        }
        catch (IOException e)
        {
            Stop(e);
            throw Unknown(e);
        }
    }

    /// <summary>Makes the file longer, by zeros, if so many bytes don't fit. They read as the end of the log. Bulk loads aren't worth it: they would write everything twice.</summary>
    private void WriteAhead(int bytes)
    {
        if (_offset + bytes <= _allocated || bytes >= LeastAhead) return;
        long end = _offset + bytes + Math.Clamp(_offset, LeastAhead, MostAhead);
        try
        {
            for (long from = _offset + bytes; from < end; from += Zeros.Length) _file.Write(from, Zeros.AsSpan(0, (int)Math.Min(Zeros.Length, end - from)));
            _allocated = end;
        }
        catch (DiskFullException)
        {
            // There may still be room for what is to be written.
            _file.Truncate(_offset);
            _allocated = _offset;
        }
    }

    private void CutZeros()
    {
        if (_allocated == _offset) return;
        _file.Truncate(_offset);
        _allocated = _offset;
    }

    private void SyncOrStop()
    {
        _file.Sync();
        Volatile.Write(ref _durableLsn, _nextLsn - 1);
    }

    private IWritableFile CreateFile(LogFileName name, long firstLsn)
    {
        _files.CreateDirectory(name.Directory(_shard));
        IWritableFile file = _files.Create(name.Path(_shard));
        try
        {
            file.Write(0, LogFormat.FileHeader(name.Epoch, name.Number, firstLsn));
            file.Sync();
            _files.SyncDirectory(name.Directory(_shard));
            return file;
        }
        catch (DiskFullException)
        {
            // The name is free for another try.
            file.Dispose();
            _files.Delete(name.Path(_shard));
            throw;
        }
    }

    private void ThrowIfStopped()
    {
        if (_failure is { } failure) throw Unknown(failure);
    }

    private void Stop(Exception e)
    {
        if (_failure is not null) return;
        _failure = e;
        _stop(e);
    }

    private static SqlException Unknown(Exception e) =>
        new(SqlState.TransactionResolutionUnknown, $"the log could not be written; whether the transaction committed is unknown: {e.Message}", inner: e) { IsFatal = true };
}
