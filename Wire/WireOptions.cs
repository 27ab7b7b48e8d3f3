using System.Security.Cryptography.X509Certificates;

namespace VecSql.Wire;

/// <summary>What a server decides about its connections.</summary>
public sealed record WireOptions
{
    /// <summary>The server's certificate with its private key; null: TLS is refused ('N').</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>From connect to ReadyForQuery; who takes longer is cut off.</summary>
    public TimeSpan AuthenticationTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long running statements may go on after the server began to stop.</summary>
    public TimeSpan ShutdownLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a statement may go on after its client has closed the connection. What such a client has sent before is still carried out, as long as it takes no longer:
    /// some send a statement and leave without waiting for the answer.
    /// </summary>
    public TimeSpan DisconnectGrace { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Output is handed to the socket when so many bytes are ready (and whenever the protocol asks for it).</summary>
    public int FlushThresholdBytes { get; init; } = 32 * 1024;
}
