using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace VecSql.Wire.Sockets;

/// <summary>An address whose connections <see cref="SqlTransport"/> serves; others are left to Kestrel's own transport.</summary>
public sealed class SqlEndPoint(IPEndPoint address) : IPEndPoint(address.Address, address.Port);

/// <summary>How long and how many threads wait for clients.</summary>
internal sealed record SqlTransportOptions
{
    /// <summary>A connection without a message for so long gives its thread back.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>So many connections keep a thread between messages; others give theirs back at once. A thread that waits costs its stack's touched pages, 50 KB or so.</summary>
    public int MostLingering { get; init; } = 256;
}

/// <summary>
/// Kestrel's connections for short statements: each that is active has a thread of its own, so that a message costs one wake-up by the system and an answer none.
/// Serves <see cref="SqlEndPoint"/>s on Linux; elsewhere Kestrel's own transport does, with the same meaning. Add it to the services after Kestrel's.
/// </summary>
public sealed class SqlTransport : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private const int Backlog = 512;

    /// <summary>True where connections have threads of their own.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux();

    internal SqlTransportOptions Options { get; init; } = new();

    public bool CanBind(EndPoint endpoint) => endpoint is SqlEndPoint && IsSupported;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        Socket? socket = null;
        try
        {
            socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
            socket.Listen(Backlog);
        }
        catch (SocketException error)
        {
            socket?.Dispose();
            if (error.SocketErrorCode == SocketError.AddressAlreadyInUse) throw new AddressInUseException(error.Message, error);
            throw;
        }
        return ValueTask.FromResult<IConnectionListener>(new SqlListener(socket, Options));
    }
}

/// <summary>Accepts connections and holds what they share.</summary>
internal sealed class SqlListener(Socket socket, SqlTransportOptions options) : IConnectionListener
{
    /// <summary>Between attempts to accept while the process has no descriptor left.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private long _lastNumber;

    public int IdleMilliseconds { get; } = (int)options.IdleTime.TotalMilliseconds;
    public ConnectionThreads Threads { get; } = new(options.MostLingering);
    public IdleConnections Idle { get; } = new();
    public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                return Open(await socket.AcceptAsync(cancellationToken));
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.OperationAborted)
            {
                return null;
            }
            catch (SocketException)
            {
                // Reset before it was accepted, or no descriptor is left.
                await Task.Delay(Pause, cancellationToken);
            }
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        Threads.Close();
        Idle.Close();
        return ValueTask.CompletedTask;
    }

    private SocketConnection Open(Socket accepted)
    {
        try
        {
            accepted.NoDelay = true;
            SocketConnection connection = new(++_lastNumber, accepted, this);
            Idle.Add(connection);
            return connection;
        }
        catch (SocketException)
        {
            accepted.Dispose();
            throw;
        }
    }
}
