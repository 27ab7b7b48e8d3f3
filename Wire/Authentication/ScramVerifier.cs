using System.Security.Cryptography;
using System.Text;
using VecSql.Core.Errors;

namespace VecSql.Wire.Authentication;

/// <summary>
/// What a server keeps of a password for SCRAM-SHA-256 (RFC 5802, RFC 7677): enough to check a proof, not enough to make one.
/// As text in PostgreSQL's form: <c>SCRAM-SHA-256$iterations:salt$storedKey:serverKey</c>, the binary parts in base64.
/// </summary>
public sealed class ScramVerifier
{
    /// <summary>RFC 7677's least number of iterations, and PostgreSQL's default.</summary>
    public const int MinimumIterations = 4096;

    internal const int KeyBytes = 32;
    private const int SaltBytes = 16;
    private const string Prefix = "SCRAM-SHA-256$";

    internal ScramVerifier(int iterations, byte[] salt, byte[] storedKey, byte[] serverKey)
    {
        Iterations = iterations;
        Salt = salt;
        StoredKey = storedKey;
        ServerKey = serverKey;
    }

    public int Iterations { get; }
    internal byte[] Salt { get; }
    internal byte[] StoredKey { get; }
    internal byte[] ServerKey { get; }

    /// <summary>The verifier of a password, with a new random salt: for CREATE ROLE … PASSWORD.</summary>
    public static ScramVerifier Create(string password, int iterations = MinimumIterations) => Create(password, RandomNumberGenerator.GetBytes(SaltBytes), iterations);

    internal static ScramVerifier Create(string password, byte[] salt, int iterations)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, MinimumIterations);
        byte[] salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(SaslPrep.Prepare(password)), salt, iterations, HashAlgorithmName.SHA256, KeyBytes);
        byte[] clientKey = HMACSHA256.HashData(salted, "Client Key"u8);
        ScramVerifier verifier = new(iterations, salt, SHA256.HashData(clientKey), HMACSHA256.HashData(salted, "Server Key"u8));
        CryptographicOperations.ZeroMemory(salted);
        CryptographicOperations.ZeroMemory(clientKey);
        return verifier;
    }

    /// <summary>Reads a verifier's text; null if the text isn't one (then it is a password).</summary>
    /// <exception cref="SqlException">22023: a verifier with fewer iterations than are safe.</exception>
    public static ScramVerifier? Parse(string text)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        string[] parts = text[Prefix.Length..].Split('$');
        if (parts.Length != 2) return null;
        string[] cost = parts[0].Split(':');
        string[] keys = parts[1].Split(':');
        if (cost.Length != 2 || keys.Length != 2) return null;
        if (!int.TryParse(cost[0], System.Globalization.NumberStyles.None, null, out int iterations)) return null;
        if (Decode(cost[1]) is not { Length: > 0 } salt) return null;
        if (Decode(keys[0]) is not { Length: KeyBytes } storedKey || Decode(keys[1]) is not { Length: KeyBytes } serverKey) return null;
        if (iterations < MinimumIterations)
            throw new SqlException(SqlState.InvalidParameterValue, $"SCRAM verifier has {iterations} iterations, fewer than {MinimumIterations}");
        return new ScramVerifier(iterations, salt, storedKey, serverKey);
    }

    /// <summary>PostgreSQL's form.</summary>
    public override string ToString() =>
        $"{Prefix}{Iterations}:{Convert.ToBase64String(Salt)}${Convert.ToBase64String(StoredKey)}:{Convert.ToBase64String(ServerKey)}";

    /// <summary>A verifier that no password fits, for users who don't exist: always the same for a name, so that asking twice tells nothing.</summary>
    internal static ScramVerifier Mock(string user, ReadOnlySpan<byte> serverSecret)
    {
        byte[] salt = HMACSHA256.HashData(serverSecret, Encoding.UTF8.GetBytes(user))[..SaltBytes];
        return new ScramVerifier(MinimumIterations, salt, new byte[KeyBytes], new byte[KeyBytes]);
    }

    private static byte[]? Decode(string base64)
    {
        byte[] bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out int length) ? bytes[..length] : null;
    }
}
