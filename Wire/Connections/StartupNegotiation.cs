using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net.Security;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Wire.Messages;

namespace VecSql.Wire.Connections;

/// <summary>What the client's startup packet says.</summary>
/// <param name="MinorVersion">Of protocol 3, as agreed.</param>
internal sealed record StartupPacket(int MinorVersion, string User, string Database, IReadOnlyDictionary<string, string> Parameters);

/// <summary>
/// The first packets of a connection, before messages have type bytes: at most one request each for TLS and GSS encryption, then either a cancel request or the startup packet.
/// A second request of a kind isn't understood any more, so that no one can go on asking for ever.
/// </summary>
internal sealed class StartupNegotiation(Transport transport, ISqlSessionFactory factory, SslServerAuthenticationOptions? tls, ConnectionLifetime lifetime)
{
    public static readonly SslApplicationProtocol Protocol = new("postgresql");

    private const int CancelCode = 1234 << 16 | 5678;
    private const int TlsCode = 1234 << 16 | 5679;
    private const int GssCode = 1234 << 16 | 5680;
    private const int MajorVersion = 3;
    private const int NewestMinorVersion = 2;
    private const byte TlsHandshakeRecord = 0x16;

    private bool _hasAskedTls;
    private bool _hasAskedGss;

    /// <summary>Negotiates up to the startup packet; null if there is none: the client left, sent a cancel request, or something that is not this protocol.</summary>
    /// <param name="reply">Receives what has to be said about the version, if anything.</param>
    /// <exception cref="SqlException">08P01, 0A000, 28000: to be reported as fatal.</exception>
    public async Task<StartupPacket?> RunAsync(ByteBuffer reply)
    {
        while (true)
        {
            if (await ReadPacketAsync() is not { } packet) return null;
            int code = BinaryPrimitives.ReadInt32BigEndian(packet);
            if (code == TlsCode && !_hasAskedTls && !transport.IsEncrypted)
            {
                _hasAskedTls = true;
                if (tls is null) await AnswerAsync((byte)'N');
                else await UpgradeAsync(isAnnounced: true);
            }
            else if (code == GssCode && !_hasAskedGss)
            {
                _hasAskedGss = true;
                await AnswerAsync((byte)'N');
            }
            else if (code == CancelCode)
            {
                // A secret has 4 to 256 bytes; anything else is no secret of ours.
                if (packet.Length is >= 12 and <= 8 + 256) factory.Cancel(BinaryPrimitives.ReadInt32BigEndian(packet.AsSpan(4)), packet.AsSpan(8));
                return null;
            }
            else
            {
                return ReadStartup(packet, code, reply);
            }
        }
    }

    /// <summary>Reads a packet without its length word; null if there is none to be had.</summary>
    private async Task<byte[]?> ReadPacketAsync()
    {
        while (true)
        {
            ReadResult read = await transport.Input.ReadAsync(lifetime.Stop);
            ReadOnlySequence<byte> bytes = read.Buffer;
            if (IsTlsHandshake(bytes))
            {
                transport.Input.AdvanceTo(bytes.Start);
                if (tls is null) return null;
                await UpgradeAsync(isAnnounced: false);
                continue;
            }
            if (bytes.Length >= sizeof(int))
            {
                int length = ReadLength(bytes);
                if (length is < 2 * sizeof(int) or > Frontend.SmallLimit)
                {
                    transport.Input.AdvanceTo(bytes.End);
                    return null;
                }
                if (bytes.Length >= length)
                {
                    byte[] packet = bytes.Slice(sizeof(int), length - sizeof(int)).ToArray();
                    transport.Input.AdvanceTo(bytes.GetPosition(length));
                    return packet;
                }
            }
            transport.Input.AdvanceTo(bytes.Start, bytes.End);
            if (read.IsCompleted) return null;
        }
    }

    /// <summary>A client that begins with TLS at once: no length word of ours begins with that byte. Only as the very first thing.</summary>
    private bool IsTlsHandshake(ReadOnlySequence<byte> bytes) =>
        !bytes.IsEmpty && bytes.FirstSpan[0] == TlsHandshakeRecord && !transport.IsEncrypted && !_hasAskedTls && !_hasAskedGss;

    private static int ReadLength(ReadOnlySequence<byte> bytes)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        bytes.Slice(0, sizeof(int)).CopyTo(length);
        return BinaryPrimitives.ReadInt32BigEndian(length);
    }

    private async Task AnswerAsync(byte answer)
    {
        await transport.Output.WriteAsync(new[] { answer }, lifetime.Stop);
    }

    private async Task UpgradeAsync(bool isAnnounced)
    {
        if (isAnnounced)
        {
            // What came in the clear behind the request may be someone else's: it must not pass for the encrypted client's words.
            if (transport.Input.TryRead(out ReadResult early))
            {
                bool isEmpty = early.Buffer.IsEmpty;
                transport.Input.AdvanceTo(early.Buffer.Start);
                if (!isEmpty)
                {
                    throw new SqlException(SqlState.ProtocolViolation, "received unencrypted data after SSL request",
                        detail: "This could be either a client-software bug or evidence of an attempted man-in-the-middle attack.");
                }
            }
            await AnswerAsync((byte)'S');
        }
        await transport.UpgradeAsync(tls!, lifetime.Stop);
        if (!isAnnounced && transport.NegotiatedProtocol != Protocol)
            throw new SqlException(SqlState.ProtocolViolation, "received direct SSL connection request without ALPN protocol negotiation extension");
    }

    private static StartupPacket ReadStartup(byte[] packet, int code, ByteBuffer reply)
    {
        int major = code >> 16;
        int minor = code & 0xFFFF;
        if (major != MajorVersion)
        {
            throw SqlException.NotSupported($"frontend protocol {(uint)major & 0xFFFF}.{minor}",
                hint: $"The server supports {MajorVersion}.0 to {MajorVersion}.{NewestMinorVersion}.");
        }
        Dictionary<string, string> parameters = ReadParameters(packet);
        List<string> unknownOptions = [];
        foreach (string name in parameters.Keys)
        {
            if (name.StartsWith("_pq_.", StringComparison.Ordinal)) unknownOptions.Add(name);
        }
        foreach (string name in unknownOptions) parameters.Remove(name);
        if (minor > NewestMinorVersion || unknownOptions.Count > 0)
        {
            minor = Math.Min(minor, NewestMinorVersion);
            BackendMessages.NegotiateProtocolVersion(reply, MajorVersion << 16 | minor, unknownOptions);
        }
        if (!parameters.Remove("user", out string? user) || user.Length == 0)
            throw new SqlException(SqlState.InvalidAuthorizationSpecification, "no PostgreSQL user name specified in startup packet");
        if (!parameters.Remove("database", out string? database) || database.Length == 0) database = user;
        if (parameters.Remove("replication", out string? replication) && !IsOff(replication)) throw SqlException.NotSupported("a replication connection");
        return new StartupPacket(minor, user, database, parameters);
    }

    private static bool IsOff(string value) => value.ToLowerInvariant() is "false" or "off" or "no" or "0" or "f" or "n";

    /// <summary>Pairs of texts, ended by an empty name that must be the packet's last byte.</summary>
    private static Dictionary<string, string> ReadParameters(byte[] packet)
    {
        Dictionary<string, string> parameters = new(StringComparer.Ordinal);
        MessageReader fields = new(packet.AsMemory(sizeof(int)));
        while (fields.Remaining > 0)
        {
            string name = fields.ReadText();
            if (name.Length == 0)
            {
                if (fields.Remaining == 0) return parameters;
                break;
            }
            parameters[name] = fields.ReadText();
        }
        throw MessageReader.Violation("invalid startup packet layout: expected terminator as last byte");
    }
}
