using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Server.Hosting;
using VecSql.Server.Sessions;
using VecSql.Wire;

namespace VecSql.Server.Utility;

/// <summary>LISTEN, UNLISTEN, NOTIFY: all take effect at commit.</summary>
internal sealed class NotificationCommands : UtilityFamily
{
    private readonly List<Action> _subscriptions = [];

    /// <summary>What there was at each savepoint.</summary>
    private readonly List<(int Messages, int Subscriptions)> _marks = [];

    public NotificationCommands(SessionState session) : base(session)
    {
        Inbox = session.Inbox;
        session.Transactions.Ended += Deliver;
        session.Transactions.SavepointSet += depth =>
        {
            _marks.RemoveRange(depth, _marks.Count - depth);
            _marks.Add((session.Outgoing.Count, _subscriptions.Count));
        };
        session.Transactions.RolledBackTo += depth =>
        {
            (int messages, int subscriptions) = _marks[depth];
            session.Outgoing.RemoveRange(messages, session.Outgoing.Count - messages);
            _subscriptions.RemoveRange(subscriptions, _subscriptions.Count - subscriptions);
        };
    }

    private NotificationHub.Inbox Inbox { get; }

    public override ValueTask<CommandResult> RunAsync(UtilityCall call, IResultSink sink, CancellationToken stop)
    {
        Session.Transactions.Ensure();
        NotificationHub hub = Session.Server.Notifications;
        switch (call.Statement)
        {
            case ListenStatement listen:
                _subscriptions.Add(() => hub.Listen(Inbox, listen.Channel));
                return ValueTask.FromResult(new CommandResult("LISTEN"));
            case UnlistenStatement unlisten:
                _subscriptions.Add(() => hub.Unlisten(Inbox, unlisten.Channel));
                return ValueTask.FromResult(new CommandResult("UNLISTEN"));
            case NotifyStatement notify:
                Session.Services.Notify(notify.Channel, notify.Payload ?? "");
                return ValueTask.FromResult(new CommandResult("NOTIFY"));
            default:
                throw Invariant.Unreachable(call.Statement);
        }
    }

    private void Deliver(bool committed)
    {
        if (committed)
        {
            foreach (Action subscription in _subscriptions) subscription();
            if (Session.Outgoing.Count > 0) Session.Server.Notifications.Publish(Session.Store.DatabaseOid, [.. Session.Outgoing]);
        }
        _subscriptions.Clear();
        _marks.Clear();
        Session.Outgoing.Clear();
    }
}
