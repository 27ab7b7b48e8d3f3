using System.Net;

namespace VecSql.Wire.Authentication;

/// <summary>How a client proves who it is.</summary>
public enum AuthenticationMethod
{
    /// <summary>The client isn't let in.</summary>
    Reject,

    /// <summary>SCRAM-SHA-256, over TLS also with channel binding.</summary>
    Scram,

    /// <summary>The client is believed.</summary>
    Trust,
}

/// <summary>Who asks to come in, and from where.</summary>
public readonly record struct AuthenticationRequest(EndPoint? Client, string User, string Database, bool IsEncrypted);

/// <summary>Decides how a client must prove who it is: pg_hba.conf's part. Called once per connection, from any thread.</summary>
public interface IAuthenticationPolicy
{
    AuthenticationMethod MethodFor(AuthenticationRequest request);
}

/// <summary>The policy of a server that has no rules of its own: loopback is trusted, all others need a password.</summary>
public sealed class LoopbackTrustPolicy : IAuthenticationPolicy
{
    public AuthenticationMethod MethodFor(AuthenticationRequest request) =>
        request.Client is IPEndPoint client && IPAddress.IsLoopback(client.Address.IsIPv4MappedToIPv6 ? client.Address.MapToIPv4() : client.Address)
            ? AuthenticationMethod.Trust
            : AuthenticationMethod.Scram;
}
