using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Wire.Messages;

namespace VecSql.Wire.Connections;

/// <summary>One connection from its first byte to its last: negotiation, authentication, session, messages.</summary>
internal sealed class WireConnection(ConnectionContext connection, WireServices services)
{
    /// <summary>How long a client may take to hear why it is cut off.</summary>
    private static readonly TimeSpan LastWordsLimit = TimeSpan.FromSeconds(2);

    public async Task RunAsync()
    {
        using ConnectionLifetime lifetime = new(connection, services.Options);
        lifetime.SetTimeout(services.Options.AuthenticationTimeout);
        Transport transport = new(connection.Transport);
        try
        {
            await ServeAsync(transport, lifetime);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or AuthenticationException)
        {
            services.Log.LogDebug(error, "Connection {Connection} ended", connection.ConnectionId);
        }
        catch (Exception error)
        {
            services.Log.LogError(error, "Connection {Connection} failed", connection.ConnectionId);
        }
        finally
        {
            await CloseAsync(transport);
        }
    }

    private async Task ServeAsync(Transport transport, ConnectionLifetime lifetime)
    {
        ByteBuffer reply = services.Buffers.Rent();
        StartupPacket? startup;
        try
        {
            startup = await new StartupNegotiation(transport, services.Factory, services.Tls, lifetime).RunAsync(reply);
        }
        catch (SqlException error)
        {
            using BackendWriter refusal = new(transport.Output, lifetime, services.Buffers, services.Options.FlushThresholdBytes);
            await SendLastWordsAsync(refusal, error);
            return;
        }
        if (startup is null) return;
        using FrontendReader reader = new(transport.Input, lifetime);
        using BackendWriter writer = new(transport.Output, lifetime, services.Buffers, services.Options.FlushThresholdBytes);
        writer.Buffer.Write(reply.WrittenSpan);
        services.Buffers.Return(reply);
        lifetime.SetWake(reader.Wake);
        bool isIn = false;
        try
        {
            await new Authenticator(services, reader, writer).RunAsync(startup, connection.RemoteEndPoint, transport.IsEncrypted);
            await using ISqlSession session = await OpenAsync(startup, transport.IsEncrypted, lifetime);
            isIn = true;
            lifetime.ClearTimeout();
            await RunSessionAsync(session, reader, writer, lifetime);
        }
        catch (ClientLeftException)
        {
            // Nothing was begun.
        }
        catch (Exception error)
        {
            if (lifetime.IsClientGone) return;
            bool isStopped = lifetime.Stop.IsCancellationRequested;
            await SendLastWordsAsync(writer, (isStopped, lifetime.IsShuttingDown || isIn) switch
            {
                (true, true) => ProtocolLoop.Shutdown(),
                (true, false) => new SqlException(SqlState.QueryCanceled, "canceling authentication due to timeout"),
                _ => ProtocolLoop.Translate(error, services.Log),
            });
        }
    }

    private ValueTask<ISqlSession> OpenAsync(StartupPacket startup, bool isEncrypted, ConnectionLifetime lifetime)
    {
        if (lifetime.IsShuttingDown) throw new SqlException(SqlState.CannotConnectNow, "the database system is shutting down");
        int secretLength = startup.MinorVersion >= 2 ? 32 : 4;
        SessionRequest request = new(startup.User, startup.Database, startup.Parameters, connection.RemoteEndPoint, isEncrypted, secretLength);
        return services.Factory.OpenAsync(request, lifetime.Stop);
    }

    private async Task RunSessionAsync(ISqlSession session, FrontendReader reader, BackendWriter writer, ConnectionLifetime lifetime)
    {
        session.WakeUp = reader.Wake;
        IReadOnlyList<KeyValuePair<string, string>> parameters = session.TakeChangedParameters();
        foreach ((string name, string value) in parameters) BackendMessages.ParameterStatus(writer.Buffer, name, value);
        BackendMessages.BackendKeyData(writer.Buffer, session.ProcessId, session.CancelSecret.Span);
        try
        {
            await new ProtocolLoop(session, reader, writer, lifetime, services.Log).RunAsync();
        }
        finally
        {
            session.WakeUp = null;
        }
    }

    /// <summary>Tells the client why it is cut off, if it listens.</summary>
    private static async Task SendLastWordsAsync(BackendWriter writer, SqlException error)
    {
        using CancellationTokenSource limit = new(LastWordsLimit);
        BackendMessages.ErrorResponse(writer.Buffer, error, text: null, isFatal: true);
        await writer.FlushLastAsync(limit.Token);
    }

    private async Task CloseAsync(Transport transport)
    {
        try
        {
            await transport.DisposeAsync();
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or InvalidOperationException)
        {
            services.Log.LogDebug(error, "Connection {Connection} was closed hard", connection.ConnectionId);
        }
    }
}
