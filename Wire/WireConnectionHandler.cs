using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using VecSql.Wire.Authentication;
using VecSql.Wire.Connections;

namespace VecSql.Wire;

/// <summary>
/// Speaks PostgreSQL's protocol on each connection that Kestrel accepts: <c>kestrel.Listen(endPoint, listen => listen.Run(handler.OnConnectedAsync))</c>.
/// Kestrel's own stop closes idle connections with 57P01 and gives running statements <see cref="WireOptions.ShutdownLimit"/>.
/// </summary>
public sealed class WireConnectionHandler : ConnectionHandler
{
    private readonly WireServices _services;

    public WireConnectionHandler(WireOptions options, ISqlSessionFactory factory, IAuthenticationPolicy policy, ILogger<WireConnectionHandler> log) =>
        _services = new WireServices(options, factory, policy, log);

    /// <summary>Serves the connection to its end; never throws.</summary>
    public override Task OnConnectedAsync(ConnectionContext connection) => new WireConnection(connection, _services).RunAsync();
}

/// <summary>What all connections of a server share.</summary>
internal sealed class WireServices
{
    public WireServices(WireOptions options, ISqlSessionFactory factory, IAuthenticationPolicy policy, ILogger log)
    {
        Options = options;
        Factory = factory;
        Policy = policy;
        Log = log;
        if (options.Certificate is not { } certificate) return;
        EndPointHash = ChannelBinding.EndPointHash(certificate);
        Tls = CreateTlsOptions(certificate);
    }

    public WireOptions Options { get; }
    public ISqlSessionFactory Factory { get; }
    public IAuthenticationPolicy Policy { get; }
    public ILogger Log { get; }
    public BufferPool Buffers { get; } = new();

    /// <summary>Makes the salts of users who don't exist; as long as the server runs they are the same.</summary>
    public byte[] MockSecret { get; } = RandomNumberGenerator.GetBytes(32);

    /// <summary>The channel binding's data; null if none can be offered.</summary>
    public byte[]? EndPointHash { get; }
    public SslServerAuthenticationOptions? Tls { get; }

    private static SslServerAuthenticationOptions CreateTlsOptions(X509Certificate2 certificate) => new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = [StartupNegotiation.Protocol],
        AllowRenegotiation = false,
    };
}
