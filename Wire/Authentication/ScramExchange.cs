using System.Security.Cryptography;
using System.Text;
using VecSql.Core.Errors;
using VecSql.Wire.Messages;

namespace VecSql.Wire.Authentication;

/// <summary>
/// The server's side of one SCRAM-SHA-256 exchange (RFC 5802): client-first → server-first, client-final → server-final. Knows no sockets.
/// The name in the client's message is ignored: who the user is, the startup packet has said.
/// </summary>
/// <param name="endPointHash">The channel binding's data when it is offered; null otherwise.</param>
internal sealed class ScramExchange(ScramVerifier verifier, byte[]? endPointHash, string serverNonce)
{
    public const string Mechanism = "SCRAM-SHA-256";
    public const string BindingMechanism = "SCRAM-SHA-256-PLUS";
    private const string BindingHeader = "p=tls-server-end-point";

    private string _gs2Header = "";
    private string _clientFirstBare = "";
    private string _serverFirst = "";
    private string _nonce = "";
    private bool _isBinding;

    public static string NewNonce() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(18));

    /// <summary>Answers the client's first message.</summary>
    /// <exception cref="SqlException">08P01 malformed, 0A000 extensions, 28000 a downgraded channel binding.</exception>
    public byte[] Start(string mechanism, ReadOnlySpan<byte> clientFirst)
    {
        _isBinding = mechanism switch
        {
            Mechanism => false,
            BindingMechanism when endPointHash is not null => true,
            _ => throw MessageReader.Violation("client selected an invalid SASL authentication mechanism"),
        };
        string message = Decode(clientFirst);
        string[] parts = message.Split(',');
        if (parts.Length < 4) throw Malformed("The message is too short.");
        CheckBindingFlag(parts[0]);
        if (parts[1].StartsWith("a=", StringComparison.Ordinal)) throw SqlException.NotSupported("a SCRAM authorization identity");
        if (parts[1].Length != 0) throw Malformed("Comma expected.");
        if (parts[2].StartsWith("m=", StringComparison.Ordinal)) throw SqlException.NotSupported("a mandatory SCRAM extension");
        if (!parts[2].StartsWith("n=", StringComparison.Ordinal)) throw Malformed("Expected attribute \"n\".");
        string clientNonce = Attribute(parts[3], 'r');
        if (clientNonce.Length == 0 || clientNonce.AsSpan().ContainsAnyExceptInRange('!', '~')) throw Malformed("Non-printable characters in SCRAM nonce.");
        _gs2Header = parts[0] + ",,";
        _clientFirstBare = message[_gs2Header.Length..];
        _nonce = clientNonce + serverNonce;
        _serverFirst = $"r={_nonce},s={Convert.ToBase64String(verifier.Salt)},i={verifier.Iterations}";
        return Encoding.Latin1.GetBytes(_serverFirst);
    }

    /// <summary>Checks the client's proof; null if it is wrong, else the server's own proof.</summary>
    /// <exception cref="SqlException">08P01 malformed, 28000 channel binding doesn't fit.</exception>
    public byte[]? Finish(ReadOnlySpan<byte> clientFinal)
    {
        string message = Decode(clientFinal);
        int proofAt = message.LastIndexOf(",p=", StringComparison.Ordinal);
        if (proofAt < 0) throw Malformed("Expected attribute \"p\".");
        string withoutProof = message[..proofAt];
        byte[] proof = FromBase64(message[(proofAt + 3)..]);
        string[] parts = withoutProof.Split(',');
        if (parts.Length < 2 || proof.Length != ScramVerifier.KeyBytes) throw Malformed("The proof or an attribute before it is missing.");
        CheckBinding(FromBase64(Attribute(parts[0], 'c')));
        if (!CryptographicOperations.FixedTimeEquals(Encoding.Latin1.GetBytes(Attribute(parts[1], 'r')), Encoding.Latin1.GetBytes(_nonce)))
            throw new SqlException(SqlState.ProtocolViolation, "invalid SCRAM response", detail: "Nonce does not match.");

        byte[] authMessage = Encoding.Latin1.GetBytes($"{_clientFirstBare},{_serverFirst},{withoutProof}");
        byte[] clientKey = HMACSHA256.HashData(verifier.StoredKey, authMessage);
        for (int i = 0; i < clientKey.Length; i++) clientKey[i] ^= proof[i];
        bool isRight = CryptographicOperations.FixedTimeEquals(SHA256.HashData(clientKey), verifier.StoredKey);
        byte[] serverProof = HMACSHA256.HashData(verifier.ServerKey, authMessage);
        return isRight ? Encoding.Latin1.GetBytes("v=" + Convert.ToBase64String(serverProof)) : null;
    }

    private void CheckBindingFlag(string flag)
    {
        if (_isBinding)
        {
            if (flag == BindingHeader) return;
            if (flag.StartsWith("p=", StringComparison.Ordinal))
                throw new SqlException(SqlState.ProtocolViolation, $"unsupported SCRAM channel-binding type \"{flag[2..]}\"");
            throw Malformed("The client selected SCRAM-SHA-256-PLUS, but the SCRAM message does not include channel binding data.");
        }
        switch (flag)
        {
            case "n":
                return;
            case "y" when endPointHash is not null:
                // Someone between us may have taken our offer of a binding away.
                throw new SqlException(SqlState.InvalidAuthorizationSpecification, "SCRAM channel binding negotiation error",
                    detail: "The client supports SCRAM channel binding but thinks the server does not.  However, this server does support channel binding.");
            case "y":
                return;
            default:
                throw Malformed(flag.StartsWith("p=", StringComparison.Ordinal)
                    ? "The client selected SCRAM-SHA-256 without channel binding, but the SCRAM message includes channel binding data."
                    : "Unexpected channel-binding flag.");
        }
    }

    private void CheckBinding(byte[] received)
    {
        byte[] header = Encoding.Latin1.GetBytes(_gs2Header);
        byte[] expected = _isBinding ? [.. header, .. endPointHash!] : header;
        if (CryptographicOperations.FixedTimeEquals(received, expected)) return;
        throw _isBinding
            ? new SqlException(SqlState.InvalidAuthorizationSpecification, "SCRAM channel binding check failed")
            : new SqlException(SqlState.ProtocolViolation, "unexpected SCRAM channel-binding attribute in client-final-message");
    }

    private static string Attribute(string part, char name) =>
        part.Length >= 2 && part[0] == name && part[1] == '=' ? part[2..] : throw Malformed($"Expected attribute \"{name}\".");

    /// <summary>Byte for character: what is signed must come back unchanged.</summary>
    private static string Decode(ReadOnlySpan<byte> message)
    {
        if (message.IsEmpty || message.Contains((byte)0)) throw Malformed("The message is empty or its length doesn't match.");
        return Encoding.Latin1.GetString(message);
    }

    private static byte[] FromBase64(string text)
    {
        byte[] bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out int length)) throw Malformed("Invalid base64.");
        return bytes[..length];
    }

    private static SqlException Malformed(string detail) => new(SqlState.ProtocolViolation, "malformed SCRAM message", detail: detail);
}
