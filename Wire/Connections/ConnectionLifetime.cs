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
    private readonly WireOptions _options;
    private volatile Action? _wake;
    private volatile bool _isClientGone;
    private volatile bool _isShuttingDown;

    public ConnectionLifetime(ConnectionContext connection, WireOptions options)
    {
        _options = options;
        _woken = _stop.Token.UnsafeRegister(static state => ((ConnectionLifetime)state!).Wake(), this);
        _closed = connection.ConnectionClosed.UnsafeRegister(static state => ((ConnectionLifetime)state!).ClientHasClosed(), this);
        _closeRequested = connection.Features.Get<IConnectionLifetimeNotificationFeature>() is { } notification
            ? notification.ConnectionClosedRequested.UnsafeRegister(static state => ((ConnectionLifetime)state!).ShutDown(), this)
            : default;
    }

    public CancellationToken Stop => _stop.Token;

    /// <summary>True if <see cref="Stop"/> has fired because the client is gone: there is no one left to tell.</summary>
    public bool IsClientGone => _isClientGone && _stop.IsCancellationRequested;

    /// <summary>The server ends: idle connections close at once, busy ones when their statement is done or the limit is over.</summary>
    public bool IsShuttingDown => _isShuttingDown;

    /// <summary>Sets what interrupts the pending read.</summary>
    public void SetWake(Action wake)
    {
        _wake = wake;
        if (_stop.IsCancellationRequested || _isShuttingDown) wake();
    }

    public void Wake() => _wake?.Invoke();

    /// <summary>The connection is broken: stop at once.</summary>
    public void ClientIsGone()
    {
        _isClientGone = true;
        _stop.Cancel();
    }

    /// <summary>Stops everything after a while, unless <see cref="ClearTimeout"/> comes before.</summary>
    public void SetTimeout(TimeSpan timeout) => _stop.CancelAfter(timeout);

    public void ClearTimeout() => _stop.CancelAfter(_isClientGone ? _options.DisconnectGrace : _isShuttingDown ? _options.ShutdownLimit : Timeout.InfiniteTimeSpan);

    private void ClientHasClosed()
    {
        _isClientGone = true;
        StopWithin(_options.DisconnectGrace);
    }

    private void ShutDown()
    {
        _isShuttingDown = true;
        StopWithin(_options.ShutdownLimit);
        Wake();
    }

    private void StopWithin(TimeSpan limit)
    {
        try
        {
            _stop.CancelAfter(limit);
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
