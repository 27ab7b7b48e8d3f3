using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using VecSql.Core.Errors;
using VecSql.Wire;
using VecSql.Wire.Authentication;

namespace VecSql.Tests.Wire;

/// <summary>Who is let in, over plain sockets and TLS, by psql, Npgsql and by hand.</summary>
public sealed class AuthenticationTests
{
    private const string Password = "pencil, süß\u00A0€";

    private sealed class Policy(AuthenticationMethod method) : IAuthenticationPolicy
    {
        public AuthenticationMethod MethodFor(AuthenticationRequest request) => method;
    }

    private static async Task<WireServer> StartAsync(bool hasTls, AuthenticationMethod method = AuthenticationMethod.Scram, TimeSpan? timeout = null)
    {
        WireOptions options = new() { Certificate = hasTls ? TestCertificate.Shared : null, AuthenticationTimeout = timeout ?? TimeSpan.FromSeconds(30) };
        WireServer server = await WireServer.StartAsync(options, new Policy(method));
        server.Factory.Verifiers["bob"] = ScramVerifier.Create(Password).ToString();
        return server;
    }

    [Theory]
    [InlineData(false, "disable")]
    [InlineData(true, "require")]
    [InlineData(true, "disable")]
    public async Task Psql_comes_in_with_the_right_password_only(bool hasTls, string sslMode)
    {
        await using WireServer server = await StartAsync(hasTls);
        (int exit, string output, string error) = await PsqlTests.RunAsync(server, ["-c", "show hello"], "bob", Password, sslMode);
        Assert.Equal((0, "hello\n", ""), (exit, output, error));
        (exit, _, error) = await PsqlTests.RunAsync(server, ["-c", "show hello"], "bob", "wrong", sslMode);
        Assert.Equal(2, exit);
        Assert.Contains("password authentication failed for user \"bob\"", error);
        (exit, _, error) = await PsqlTests.RunAsync(server, ["-c", "show hello"], "nobody", Password, sslMode);
        Assert.Equal(2, exit);
        Assert.Contains("password authentication failed for user \"nobody\"", error);
    }

    [Theory]
    [InlineData(false, Npgsql.ChannelBinding.Disable)]
    [InlineData(true, Npgsql.ChannelBinding.Require)]
    [InlineData(true, Npgsql.ChannelBinding.Disable)]
    public async Task Npgsql_comes_in(bool hasTls, Npgsql.ChannelBinding binding)
    {
        await using WireServer server = await StartAsync(hasTls);
        NpgsqlConnectionStringBuilder settings = NpgsqlTests.Settings(server);
        settings.Username = "bob";
        // Npgsql leaves such spaces as they are.
        server.Factory.Verifiers["bob"] = ScramVerifier.Create(settings.Password = Password.Replace('\u00A0', ' ')).ToString();
        settings.SslMode = hasTls ? SslMode.Require : SslMode.Disable;
        settings.ChannelBinding = binding;
        await using NpgsqlConnection connection = NpgsqlTests.Create(settings);
        await connection.OpenAsync();
        Assert.Equal("x", await new NpgsqlCommand("show x", connection).ExecuteScalarAsync());
        settings.Password = "wrong";
        await using NpgsqlConnection refused = NpgsqlTests.Create(settings);
        PostgresException error = await Assert.ThrowsAsync<PostgresException>(() => refused.OpenAsync());
        Assert.Equal(SqlState.InvalidPassword, error.SqlState);
    }

    [Fact]
    public async Task Psql_requires_channel_binding_and_gets_it()
    {
        await using WireServer server = await StartAsync(hasTls: true);
        (int exit, string output, string error) = await PsqlTests.RunAsync(server, ["-d", "dbname=db channel_binding=require sslmode=require", "-c", "show hello"], "bob", Password, "require");
        Assert.Equal((0, "hello\n", ""), (exit, output, error));
    }

    [Fact]
    public async Task A_policy_can_reject()
    {
        await using WireServer server = await StartAsync(hasTls: false, AuthenticationMethod.Reject);
        using FrameClient client = await FrameClient.ConnectAsync(server.Port);
        await client.SendAsync(FrameClient.Startup(0x30000, "user", "alice"));
        Assert.Equal("E FATAL 28000 no pg_hba.conf entry for host \"127.0.0.1\", user \"alice\", database \"alice\", no encryption", await client.ReceiveAsync());
        Assert.Equal("close", await client.ReceiveAsync());
    }

    [Theory]
    [InlineData("127.0.0.1", AuthenticationMethod.Trust)]
    [InlineData("::1", AuthenticationMethod.Trust)]
    [InlineData("::ffff:127.0.0.1", AuthenticationMethod.Trust)]
    [InlineData("10.0.0.1", AuthenticationMethod.Scram)]
    public void Only_loopback_is_trusted_without_rules(string address, AuthenticationMethod expected) =>
        Assert.Equal(expected, new LoopbackTrustPolicy().MethodFor(new AuthenticationRequest(new IPEndPoint(IPAddress.Parse(address), 1), "u", "d", false)));

    [Fact]
    public void A_client_without_an_address_is_not_trusted() =>
        Assert.Equal(AuthenticationMethod.Scram, new LoopbackTrustPolicy().MethodFor(new AuthenticationRequest(null, "u", "d", true)));

    [Fact]
    public async Task Who_dawdles_is_cut_off()
    {
        await using WireServer server = await StartAsync(hasTls: false, timeout: TimeSpan.FromMilliseconds(100));
        using FrameClient silent = await FrameClient.ConnectAsync(server.Port);
        Assert.Equal("close", await silent.ReceiveAsync());
        using FrameClient slow = await FrameClient.ConnectAsync(server.Port);
        await slow.SendAsync(FrameClient.Startup(0x30000, "user", "bob"));
        Assert.Equal("R 10", await slow.ReceiveAsync());
        Assert.Equal("E FATAL 57014 canceling authentication due to timeout", await slow.ReceiveAsync());
        Assert.Equal("close", await slow.ReceiveAsync());
    }

    /// <summary>What an attacker may send in place of a SASL message; each ends the connection.</summary>
    public static TheoryData<byte[], string> OutOfPhase() => new()
    {
        { FrameClient.Startup(0x30000, "user", "root"), "08P01 expected SASL response, got message type 0" },
        { FrameClient.Query("show secrets"), "08P01 expected SASL response, got message type 81" },
        { FrameClient.Message('S'), "08P01 expected SASL response, got message type 83" },
        { FrameClient.Message('X'), "08P01 expected SASL response, got message type 88" },
        { [(byte)'p', .. FrameClient.Int32(1025)], "08P01 invalid message length" },
        { [(byte)'p', .. FrameClient.Int32(int.MinValue)], "08P01 invalid message length" },
        { FrameClient.Message('p'), "08P01 invalid string in message" },
        { FrameClient.Message('p', FrameClient.Text("PLAIN"), FrameClient.Int32(1), "x"u8.ToArray()), "08P01 client selected an invalid SASL authentication mechanism" },
        { FrameClient.Message('p', FrameClient.Text("SCRAM-SHA-256-PLUS"), FrameClient.Int32(1), "x"u8.ToArray()), "08P01 client selected an invalid SASL authentication mechanism" },
        { FrameClient.Message('p', FrameClient.Text("SCRAM-SHA-256"), FrameClient.Int32(-1)), "08P01 insufficient data left in message" },
        { FrameClient.Message('p', FrameClient.Text("SCRAM-SHA-256"), FrameClient.Int32(int.MaxValue), "x"u8.ToArray()), "08P01 insufficient data left in message" },
        { FrameClient.Message('p', FrameClient.Text("SCRAM-SHA-256"), FrameClient.Int32(1), "xy"u8.ToArray()), "08P01 invalid message format" },
        { First("n,,n=,r="), "08P01 malformed SCRAM message D=Non-printable characters in SCRAM nonce." },
        { First("n,,n=,r=a b"), "08P01 malformed SCRAM message D=Non-printable characters in SCRAM nonce." },
        { First("n,a=root,n=,r=abc"), "0A000 a SCRAM authorization identity is not supported" },
        { First("n,,m=x,n=,r=abc"), "0A000 a mandatory SCRAM extension is not supported" },
        { First("p=tls-unique,,n=,r=abc"), "08P01 malformed SCRAM message D=The client selected SCRAM-SHA-256 without channel binding, but the SCRAM message includes channel binding data." },
        { First("q,,n=,r=abc"), "08P01 malformed SCRAM message D=Unexpected channel-binding flag." },
        { First("n"), "08P01 malformed SCRAM message D=The message is too short." },
        { First("n,,n=\0,r=abc"), "08P01 malformed SCRAM message D=The message is empty or its length doesn't match." },
    };

    [Theory]
    [MemberData(nameof(OutOfPhase))]
    public async Task Anything_but_a_sound_first_message_is_fatal(byte[] bytes, string expected)
    {
        await using WireServer server = await StartAsync(hasTls: false);
        using FrameClient client = await FrameClient.ConnectAsync(server.Port);
        await client.SendAsync(FrameClient.Startup(0x30000, "user", "bob"));
        Assert.Equal("R 10", await client.ReceiveAsync());
        await client.SendAsync(bytes);
        Assert.Equal("E FATAL " + expected, await client.ReceiveAsync());
        Assert.Equal("close", await client.ReceiveAsync());
        Assert.Empty(server.Factory.Sessions);
    }

    [Theory]
    [InlineData("c=biws,r={nonce}", "08P01 malformed SCRAM message D=Expected attribute \"p\".")]
    [InlineData("c=biws,r={nonce},p=*", "08P01 malformed SCRAM message D=Invalid base64.")]
    [InlineData("c=biws,r={nonce},p=AAAA", "08P01 malformed SCRAM message D=The proof or an attribute before it is missing.")]
    [InlineData("c=biws,r=abcd,p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "08P01 invalid SCRAM response D=Nonce does not match.")]
    [InlineData("c=eSws,r={nonce},p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "08P01 unexpected SCRAM channel-binding attribute in client-final-message")]
    [InlineData("c=biws,r={nonce},p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "28P01 password authentication failed for user \"bob\"")]
    public async Task Anything_but_the_right_proof_is_fatal(string final, string expected)
    {
        await using WireServer server = await StartAsync(hasTls: false);
        using FrameClient client = await FrameClient.ConnectAsync(server.Port);
        await client.SendAsync(FrameClient.Startup(0x30000, "user", "bob"));
        Assert.Equal("R 10", await client.ReceiveAsync());
        await client.SendAsync(First("n,,n=root,r=abc"));
        (char type, byte[] body) = await client.ReceiveRawAsync();
        Assert.Equal('R', type);
        string nonce = Encoding.ASCII.GetString(body, 4, body.Length - 4).Split(',')[0][2..];
        Assert.StartsWith("abc", nonce);
        await client.SendAsync(FrameClient.Message('p', Encoding.ASCII.GetBytes(final.Replace("{nonce}", nonce))));
        Assert.Equal("E FATAL " + expected, await client.ReceiveAsync());
        Assert.Equal("close", await client.ReceiveAsync());
    }

    [Fact]
    public async Task A_user_who_does_not_exist_looks_like_one_who_does()
    {
        await using WireServer server = await StartAsync(hasTls: false);
        string[] salts = [await SaltAsync(server, "ghost"), await SaltAsync(server, "ghost"), await SaltAsync(server, "ghoul"), await SaltAsync(server, "bob")];
        Assert.Equal(salts[0], salts[1]);
        Assert.NotEqual(salts[0], salts[2]);
        Assert.All(salts, salt => Assert.Equal(salts[3].Length, salt.Length));
        Assert.All(salts, salt => Assert.EndsWith(",i=4096", salt));
    }

    private static async Task<string> SaltAsync(WireServer server, string user)
    {
        using FrameClient client = await FrameClient.ConnectAsync(server.Port);
        await client.SendAsync(FrameClient.Startup(0x30000, "user", user));
        Assert.Equal("R 10", await client.ReceiveAsync());
        await client.SendAsync(First("n,,n=,r=abc"));
        (_, byte[] body) = await client.ReceiveRawAsync();
        string text = Encoding.ASCII.GetString(body);
        return text[text.IndexOf(",s=", StringComparison.Ordinal)..];
    }

    [Fact]
    public void A_downgraded_channel_binding_is_noticed()
    {
        ScramExchange exchange = new(ScramVerifier.Create("x"), new byte[32], "server");
        SqlException error = Assert.Throws<SqlException>(() => exchange.Start("SCRAM-SHA-256", "y,,n=,r=abc"u8));
        Assert.Equal(SqlState.InvalidAuthorizationSpecification, error.SqlState);
        // Without our offer 'y' is honest.
        Assert.NotEmpty(new ScramExchange(ScramVerifier.Create("x"), null, "server").Start("SCRAM-SHA-256", "y,,n=,r=abc"u8));
    }

    [Fact]
    public void A_binding_to_another_certificate_is_refused()
    {
        ScramExchange exchange = new(ScramVerifier.Create("x"), SHA256.HashData("ours"u8), "server");
        exchange.Start("SCRAM-SHA-256-PLUS", "p=tls-server-end-point,,n=,r=abc"u8);
        byte[] binding = [.. "p=tls-server-end-point,,"u8, .. SHA256.HashData("theirs"u8)];
        SqlException error = Assert.Throws<SqlException>(() =>
            exchange.Finish(Encoding.ASCII.GetBytes($"c={Convert.ToBase64String(binding)},r=abcserver,p={Convert.ToBase64String(new byte[32])}")));
        Assert.Equal("SCRAM channel binding check failed", error.Message);
    }

    [Fact]
    public void The_example_of_rfc_7677_gives_its_signature()
    {
        ScramVerifier verifier = ScramVerifier.Create("pencil", Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
        ScramExchange exchange = new(verifier, null, "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0");
        byte[] first = exchange.Start("SCRAM-SHA-256", "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"u8);
        Assert.Equal("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", Encoding.ASCII.GetString(first));
        byte[]? final = exchange.Finish("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="u8);
        Assert.Equal("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", Encoding.ASCII.GetString(final!));
    }

    [Fact]
    public void A_verifier_reads_what_it_writes_and_nothing_else()
    {
        ScramVerifier verifier = ScramVerifier.Create("secret");
        Assert.Equal(verifier.ToString(), ScramVerifier.Parse(verifier.ToString())!.ToString());
        Assert.NotEqual(verifier.ToString(), ScramVerifier.Create("secret").ToString());
        string[] wrong = ["secret", "", "SCRAM-SHA-256$", "SCRAM-SHA-256$4096:AA==$AA==:AA==", "SCRAM-SHA-256$-1:AA==$", verifier + ":x", verifier + "$", "md5" + new string('a', 32)];
        Assert.All(wrong, text => Assert.Null(ScramVerifier.Parse(text)));
        SqlException weak = Assert.Throws<SqlException>(() => ScramVerifier.Parse(verifier.ToString().Replace("$4096:", "$4095:")));
        Assert.Equal(SqlState.InvalidParameterValue, weak.SqlState);
        Assert.Throws<ArgumentOutOfRangeException>(() => ScramVerifier.Create("x", 4095));
    }

    [Theory]
    [InlineData("plain ASCII", "plain ASCII")]
    [InlineData("a\u00A0b", "a b")]
    [InlineData("I\u00ADX", "IX")]
    [InlineData("süß € 密码 👍\uFE0F", "süß € 密码 👍")]
    [InlineData("\u00AD", "\u00AD")]
    public void Passwords_are_prepared(string password, string expected) => Assert.Equal(expected, SaslPrep.Prepare(password));

    [Theory]
    [InlineData("\u2168")]
    [InlineData("\u00AA")]
    [InlineData("e\u0301")]
    [InlineData("ä\uD800")]
    [InlineData("\u1100\u1161")]
    public void Passwords_that_would_need_normalization_are_refused(string password)
    {
        SqlException error = Assert.Throws<SqlException>(() => ScramVerifier.Create(password));
        Assert.Equal(SqlState.FeatureNotSupported, error.SqlState);
    }

    [Fact]
    public async Task Bytes_behind_a_request_for_TLS_end_the_connection()
    {
        await using WireServer server = await StartAsync(hasTls: true, AuthenticationMethod.Trust);
        using FrameClient client = await FrameClient.ConnectAsync(server.Port);
        await client.SendAsync((byte[])[.. FrameText.Parse("raw 8i x04D2162F"), .. FrameClient.Startup(0x30000, "user", "mallory")]);
        Assert.Equal("E FATAL 08P01 received unencrypted data after SSL request D=This could be either a client-software bug or evidence of an attempted man-in-the-middle attack.",
            await client.ReceiveAsync());
        Assert.Equal("close", await client.ReceiveAsync());
        Assert.Empty(server.Factory.Ran);
    }

    [Theory]
    [InlineData("postgresql", true)]
    [InlineData("http/1.1", false)]
    [InlineData(null, false)]
    public async Task Direct_TLS_needs_its_application_protocol(string? protocol, bool isIn)
    {
        await using WireServer server = await StartAsync(hasTls: true, AuthenticationMethod.Trust);
        using FrameClient client = await FrameClient.ConnectAsync(server.Port);
        await using SslStream tls = new(client.Stream);
        SslClientAuthenticationOptions options = new() { TargetHost = "localhost", RemoteCertificateValidationCallback = (_, shown, _, _) => TestCertificate.Shared.Equals(shown) };
        if (protocol is not null) options.ApplicationProtocols = [new SslApplicationProtocol(protocol)];
        try
        {
            await tls.AuthenticateAsClientAsync(options);
            client.Stream = tls;
            await client.SendAsync(FrameClient.Startup(0x30000, "user", "alice"));
        }
        catch (Exception error) when (!isIn && error is IOException or System.Security.Authentication.AuthenticationException)
        {
            return;
        }
        string answer = await client.ReceiveAsync();
        Assert.Equal(isIn, answer == "R 0");
        if (!isIn) Assert.True(answer == "close" || answer.StartsWith("E FATAL 08P01", StringComparison.Ordinal), answer);
    }

    [Fact]
    public async Task A_cancel_request_may_come_through_TLS()
    {
        await using WireServer server = await StartAsync(hasTls: true, AuthenticationMethod.Trust);
        using FrameClient busy = await FrameClient.StartAsync(server.Port, version: 0x30002);
        await busy.SendAsync(FrameClient.Query("sleep"));
        Assert.True(await server.Factory.Sleeping.WaitAsync(TimeSpan.FromSeconds(10)));
        using FrameClient canceler = await FrameClient.ConnectAsync(server.Port);
        await canceler.SendAsync(FrameText.Parse("raw 8i x04D2162F"));
        Assert.Equal("S", await canceler.ReceiveByteAsync());
        await using SslStream tls = new(canceler.Stream);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", RemoteCertificateValidationCallback = (_, shown, _, _) => TestCertificate.Shared.Equals(shown) });
        canceler.Stream = tls;
        await canceler.SendAsync((byte[])[.. FrameClient.Int32(12 + busy.Secret.Length), .. FrameClient.Int32(1234 << 16 | 5678), .. FrameClient.Int32(busy.ProcessId), .. busy.Secret]);
        Assert.Equal(["E ERROR 57014 canceling statement due to user request", "Z I"], await busy.ReceiveUntilReadyAsync());
    }

    private static byte[] First(string message)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(message);
        return FrameClient.Message('p', FrameClient.Text("SCRAM-SHA-256"), FrameClient.Int32(bytes.Length), bytes);
    }
}
