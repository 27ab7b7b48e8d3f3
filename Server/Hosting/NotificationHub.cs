using System.Collections.Concurrent;
using VecSql.Wire;

namespace VecSql.Server.Hosting;

/// <summary>LISTEN and NOTIFY between sessions of one database: messages go out when their transaction has committed, in commit order.</summary>
public sealed class NotificationHub
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(uint Database, string Channel), List<Inbox>> _listeners = [];

    /// <summary>A session's incoming messages.</summary>
    public sealed class Inbox(uint database)
    {
        private readonly ConcurrentQueue<Notification> _messages = [];

        public uint Database { get; } = database;

        /// <summary>Called from any thread when a message has come in.</summary>
        public Action? Arrived { get; set; }

        public IReadOnlyList<Notification> Take()
        {
            if (_messages.IsEmpty) return [];
            List<Notification> taken = [];
            while (_messages.TryDequeue(out Notification? message)) taken.Add(message);
            return taken;
        }

        internal void Put(Notification message) => _messages.Enqueue(message);
    }

    public void Listen(Inbox inbox, string channel)
    {
        lock (_lock)
        {
            if (!_listeners.TryGetValue((inbox.Database, channel), out List<Inbox>? list)) _listeners[(inbox.Database, channel)] = list = [];
            if (!list.Contains(inbox)) list.Add(inbox);
        }
    }

    /// <summary>One channel, or all if null.</summary>
    public void Unlisten(Inbox inbox, string? channel)
    {
        lock (_lock)
        {
            foreach (((uint Database, string Channel) key, List<Inbox> list) in _listeners.ToArray())
            {
                if (channel is not null && key.Channel != channel) continue;
                if (list.Remove(inbox) && list.Count == 0) _listeners.Remove(key);
            }
        }
    }

    /// <summary>Delivers a committed transaction's messages.</summary>
    public void Publish(uint database, IReadOnlyList<Notification> messages)
    {
        HashSet<Inbox> reached = [];
        lock (_lock)
        {
            foreach (Notification message in messages)
            {
                foreach (Inbox inbox in _listeners.GetValueOrDefault((database, message.Channel), []))
                {
                    inbox.Put(message);
                    reached.Add(inbox);
                }
            }
        }
        foreach (Inbox inbox in reached) inbox.Arrived?.Invoke();
    }
}
