using System.Collections.Concurrent;
using VecSql.Server.Sessions;

namespace VecSql.Server.Hosting;

/// <summary>All open sessions by their process number.</summary>
public sealed class SessionRegistry
{
    private readonly ConcurrentDictionary<int, Session> _sessions = [];
    private int _lastProcessId;

    public IEnumerable<Session> All => _sessions.Values;
    public int Count => _sessions.Count;

    /// <summary>A number that no open session has.</summary>
    public int NextProcessId() => Interlocked.Increment(ref _lastProcessId);

    public void Add(Session session) => _sessions[session.ProcessId] = session;
    public void Remove(Session session) => _sessions.TryRemove(session.ProcessId, out _);
    public Session? Find(int processId) => _sessions.GetValueOrDefault(processId);
}
