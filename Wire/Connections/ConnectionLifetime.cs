using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace VecSql.Wire.Connections;

/// <summary>
/// When a connection must stop, and why: the client is gone, authentication took too long, or the server ends.
/// <see cref="Stop"/> fires for each of them; <see cref="Wake"/> interrupts a read in between so that its reader looks around.
/// </summary>
internal sealed class ConnectionLifetime : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenRegistration _closed;
    private readonly CancellationTokenRegistration _closeRequested;
    private readonly CancellationTokenRegistration _woken;
    private readonly TimeSpan _shutdownLimit;
    private volatile Action? _wake;
    private volatile bool _isClientGone;
    private volatile bool _isShuttingDown;

    public ConnectionLifetime(ConnectionContext connection, TimeSpan shutdownLimit)
    {
        _shutdownLimit = shutdownLimit;
        _woken = _stop.Token.UnsafeRegister(static state => ((ConnectionLifetime)state!).Wake(), this);
        _closed = connection.ConnectionClosed.UnsafeRegister(static state => ((ConnectionLifetime)state!).ClientIsGone(), this);
        _closeRequested = connection.Features.Get<IConnectionLifetimeNotificationFeature>() is { } notification
            ? notification.ConnectionClosedRequested.UnsafeRegister(static state => ((ConnectionLifetime)state!).ShutDown(), this)
            : default;
    }

    public CancellationToken Stop => _stop.Token;
    public bool IsClientGone => _isClientGone;

    /// <summary>The server ends: idle connections close at once, busy ones when their statement is done or the limit is over.</summary>
    public bool IsShuttingDown => _isShuttingDown;

    /// <summary>Sets what interrupts the pending read.</summary>
    public void SetWake(Action wake)
    {
        _wake = wake;
        if (_stop.IsCancellationRequested || _isShuttingDown) wake();
    }

    public void Wake() => _wake?.Invoke();

    public void ClientIsGone()
    {
        _isClientGone = true;
        Cancel();
    }

    /// <summary>Stops everything after a while, unless <see cref="ClearTimeout"/> comes before.</summary>
    public void SetTimeout(TimeSpan timeout) => _stop.CancelAfter(timeout);

    public void ClearTimeout() => _stop.CancelAfter(_isShuttingDown ? _shutdownLimit : Timeout.InfiniteTimeSpan);

    private void ShutDown()
    {
        _isShuttingDown = true;
        try
        {
            _stop.CancelAfter(_shutdownLimit);
        }
        catch (ObjectDisposedException)
        {
            // The connection ended by itself meanwhile.
        }
        Wake();
    }

    private void Cancel()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The connection ended by itself meanwhile.
        }
    }

    public void Dispose()
    {
        _closed.Dispose();
        _closeRequested.Dispose();
        _woken.Dispose();
        _stop.Dispose();
    }
}
