using System.Net;
using Microsoft.Extensions.Logging;
using VecSql.Core.Errors;
using VecSql.Wire.Authentication;
using VecSql.Wire.Messages;

namespace VecSql.Wire.Connections;

/// <summary>Lets a client in, or throws. Nothing but SASL messages is understood meanwhile: a second startup packet or a query ends the connection.</summary>
internal sealed class Authenticator(WireServices services, FrontendReader reader, BackendWriter writer)
{
    /// <exception cref="SqlException">To be reported as fatal: 28000, 28P01, 08P01.</exception>
    public async Task RunAsync(StartupPacket startup, EndPoint? client, bool isEncrypted)
    {
        switch (services.Policy.MethodFor(new AuthenticationRequest(client, startup.User, startup.Database, isEncrypted)))
        {
            case AuthenticationMethod.Trust:
                break;
            case AuthenticationMethod.Scram:
                await RunScramAsync(startup.User, isEncrypted ? services.EndPointHash : null);
                break;
            default:
                string host = (client as IPEndPoint)?.Address.ToString() ?? "[local]";
                throw new SqlException(SqlState.InvalidAuthorizationSpecification,
                    $"no pg_hba.conf entry for host \"{host}\", user \"{startup.User}\", database \"{startup.Database}\", {(isEncrypted ? "SSL encryption" : "no encryption")}");
        }
        BackendMessages.AuthenticationOk(writer.Buffer);
        services.Log.LogInformation("Connection authorized: user {User}, database {Database}, client {Client}", startup.User, startup.Database, client);
    }

    private async Task RunScramAsync(string user, byte[]? endPointHash)
    {
        ScramVerifier? known = FindVerifier(user);
        ScramExchange exchange = new(known ?? ScramVerifier.Mock(user, services.MockSecret), endPointHash, ScramExchange.NewNonce());
        BackendMessages.AuthenticationSasl(writer.Buffer, endPointHash is not null);
        await writer.FlushAsync();

        byte[] serverFirst = Start(exchange, await ReadAsync());
        BackendMessages.AuthenticationSaslContinue(writer.Buffer, serverFirst);
        await writer.FlushAsync();

        byte[]? serverFinal = exchange.Finish((await ReadAsync()).Span);
        if (serverFinal is null || known is null)
        {
            services.Log.LogWarning("Password authentication failed: user {User}", user);
            throw new SqlException(SqlState.InvalidPassword, $"password authentication failed for user \"{user}\"");
        }
        BackendMessages.AuthenticationSaslFinal(writer.Buffer, serverFinal);
    }

    private static byte[] Start(ScramExchange exchange, ReadOnlyMemory<byte> payload)
    {
        MessageReader fields = new(payload);
        string mechanism = fields.ReadText();
        ReadOnlyMemory<byte> clientFirst = fields.ReadBytes(fields.ReadInt32());
        fields.End();
        return exchange.Start(mechanism, clientFirst.Span);
    }

    private ScramVerifier? FindVerifier(string user)
    {
        if (services.Factory.FindPasswordVerifier(user) is not { } text) return null;
        try
        {
            ScramVerifier? verifier = ScramVerifier.Parse(text);
            if (verifier is null) services.Log.LogWarning("The password of user {User} is not stored as a SCRAM verifier", user);
            return verifier;
        }
        catch (SqlException error)
        {
            // The client must not learn that the user exists.
            services.Log.LogWarning(error, "The password of user {User} can't be used", user);
            return null;
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadAsync()
    {
        while (true)
        {
            FrontendMessage message = await reader.ReadSaslAsync();
            if (message.Outcome == ReadOutcome.Message) return message.Payload;
            if (message.Outcome == ReadOutcome.End) throw new ClientLeftException();
        }
    }
}

/// <summary>The client left in the middle of authentication: nothing to report to anyone.</summary>
internal sealed class ClientLeftException : Exception;
