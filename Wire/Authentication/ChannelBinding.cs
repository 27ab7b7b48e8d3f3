using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VecSql.Wire.Authentication;

/// <summary>
/// The "tls-server-end-point" binding (RFC 5929): the hash of the server's own certificate, which both ends of one TLS connection know and a man in the middle can't have.
/// .NET's server-side TLS stream doesn't give it, so it is computed from the certificate.
/// </summary>
internal static class ChannelBinding
{
    /// <summary>The hash, by the algorithm of the certificate's signature (SHA-256 instead of MD5 and SHA-1); null if that names no hash: then no binding is offered.</summary>
    public static byte[]? EndPointHash(X509Certificate2 certificate) => certificate.SignatureAlgorithm.Value switch
    {
        "1.2.840.113549.1.1.4" or "1.2.840.113549.1.1.5" or "1.2.840.113549.1.1.11" or "1.2.840.10045.4.1" or "1.2.840.10045.4.3.2" => SHA256.HashData(certificate.RawData),
        "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => SHA384.HashData(certificate.RawData),
        "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => SHA512.HashData(certificate.RawData),
        _ => null,
    };
}
