using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using VecSql.Core.Errors;
using VecSql.Wire.Authentication;
using VecSql.Wire.Messages;

namespace VecSql.Tests.Wire;

/// <summary>
/// Random bytes, and the frame scripts' bytes with changes, thrown at a server: each connection ends when its client does, one beside it goes on, and what parses
/// messages throws nothing but errors for the client. Every failure names its seed.
/// </summary>
[Collection(nameof(MeasuresMemory))]
public sealed class WireFuzzTests
{
    private const int Rounds = 600;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Changed_sessions_harm_no_one(bool needsPassword)
    {
        Policy policy = new();
        await using WireServer server = await WireServer.StartAsync(policy: policy);
        server.Factory.Verifiers["alice"] = ScramVerifier.Create("x").ToString();
        byte[][] recorded = Recorded().ToArray();
        using FrameClient witness = await FrameClient.StartAsync(server.Port);
        policy.Method = needsPassword ? AuthenticationMethod.Scram : AuthenticationMethod.Trust;
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int seed = 0; seed < Rounds; seed++)
        {
            Random random = new(seed);
            byte[] startup = FrameClient.Startup(0x30000, "user", "alice", "database", "db");
            byte[] session = recorded[random.Next(recorded.Length)];
            byte[] bytes = (seed % 5) switch { 0 => RandomBytes(random), 1 => Change([.. startup, .. session], random), _ => [.. startup, .. Change(session, random)] };
            await ThrowAsync(server, bytes, seed, splitBytes: seed % 7 == 0 ? 1 : 0);
            if (seed % 20 != 0) continue;
            await witness.SendAsync(FrameClient.Query("show x"));
            Assert.Equal(["T t:0.0:25:-1:-1:0", "D x", "C SELECT 1", "Z I"], await witness.ReceiveUntilReadyAsync());
        }
        for (int i = 0; i < 1000 && server.Factory.Sessions.Count > 1; i++) await Task.Delay(10);
        Assert.Single(server.Factory.Sessions);
        // The fuzz gets as far as it should, and no further.
        int ran = server.Factory.Ran.Count - 1 - (Rounds - 1) / 20;
        if (needsPassword) Assert.Equal(0, ran);
        else Assert.InRange(ran, 100, int.MaxValue);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 32 << 20);
    }

    private sealed class Policy : IAuthenticationPolicy
    {
        public AuthenticationMethod Method { get; set; } = AuthenticationMethod.Trust;
        public AuthenticationMethod MethodFor(AuthenticationRequest request) => Method;
    }

    [Fact]
    public async Task Garbage_in_place_of_a_TLS_handshake_harms_no_one()
    {
        await using WireServer server = await WireServer.StartAsync(new() { Certificate = TestCertificate.Shared });
        for (int seed = 0; seed < 50; seed++)
        {
            Random random = new(seed);
            using FrameClient client = await FrameClient.ConnectAsync(server.Port);
            if (seed % 2 == 0)
            {
                await client.SendAsync(FrameText.Parse("raw 8i x04D2162F"));
                Assert.Equal("S", await client.ReceiveByteAsync());
            }
            await client.SendAsync((byte[])[0x16, 3, 1, .. RandomBytes(random)]);
            await DrainAsync(client, seed);
        }
        using FrameClient witness = await FrameClient.StartAsync(server.Port);
        await witness.SendAsync(FrameClient.Query("show x"));
        Assert.Equal("Z I", (await witness.ReceiveUntilReadyAsync())[^1]);
    }

    [Fact]
    public void What_reads_messages_throws_nothing_but_errors_for_the_client()
    {
        byte[] bind = [.. FrameClient.Text(""), .. FrameClient.Text("s"), .. FrameClient.Int16(1), .. FrameClient.Int16(0), .. FrameClient.Int16(2), .. FrameClient.Int32(1), 65, .. FrameClient.Int32(-1), .. FrameClient.Int16(0)];
        byte[] first = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"u8.ToArray();
        byte[] final = "c=biws,r=rOprNGfwEbeRWgbNEkqOx,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="u8.ToArray();
        ScramVerifier verifier = ScramVerifier.Mock("u", RandomNumberGenerator.GetBytes(32));
        int refused = 0;
        for (int seed = 0; seed < 20_000; seed++)
        {
            Random random = new(seed);
            try
            {
                new BindMessage().Read(Change(bind, random));
                ScramExchange exchange = new(verifier, null, "x");
                exchange.Start("SCRAM-SHA-256", Change(first, random));
                Assert.Null(exchange.Finish(Change(final, random)));
            }
            catch (SqlException)
            {
                refused++;
            }
            catch (Exception error)
            {
                Assert.Fail($"seed {seed}: {error}");
            }
        }
        Assert.InRange(refused, 1000, 20_000);
    }

    private static async Task ThrowAsync(WireServer server, byte[] bytes, int seed, int splitBytes)
    {
        using FrameClient client = await FrameClient.ConnectAsync(server.Port, splitBytes);
        await client.SendAsync(bytes);
        await DrainAsync(client, seed);
    }

    /// <summary>Ends the client's side, and reads until the server ends its own.</summary>
    private static async Task DrainAsync(FrameClient client, int seed)
    {
        client.EndSending();
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(10));
        byte[] buffer = new byte[64 * 1024];
        try
        {
            while (await client.Stream.ReadAsync(buffer, limit.Token) > 0)
            {
            }
        }
        catch (IOException)
        {
            // Reset: ended as well.
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"seed {seed}: the connection stays open");
        }
    }

    private static byte[] RandomBytes(Random random)
    {
        byte[] bytes = new byte[random.Next(200)];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Flips, cuts, doubles, or sets numbers to extremes, a few times.</summary>
    private static byte[] Change(byte[] original, Random random)
    {
        List<byte> bytes = [.. original];
        for (int i = random.Next(4); i >= 0 && bytes.Count > 0; i--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 8), bytes.Count - at));
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 40), bytes.Count - at)));
                    break;
                case 3:
                    byte[] extreme = FrameClient.Int32(random.Next(4) switch { 0 => int.MinValue, 1 => int.MaxValue, 2 => -2, _ => 0x3FFF_FFFF });
                    for (int j = 0; j < 4 && at + j < bytes.Count; j++) bytes[at + j] = extreme[j];
                    break;
                default:
                    bytes[at] = (byte)random.Next(256);
                    break;
            }
        }
        return [.. bytes];
    }

    /// <summary>What the frame scripts send once a session is open, one recording for each case.</summary>
    private static IEnumerable<byte[]> Recorded([CallerFilePath] string here = "")
    {
        foreach (string name in (string[])["simple.pt", "extended.pt", "copy.pt"])
        {
            string file = Path.Combine(Path.GetDirectoryName(here)!, "Frames", name);
            List<byte> bytes = [];
            foreach (string line in File.ReadAllLines(file).Append("==="))
            {
                if (line.StartsWith('>')) bytes.AddRange(FrameText.Parse(line[1..].Trim()));
                if (!line.StartsWith("===", StringComparison.Ordinal)) continue;
                if (bytes.Count > 0) yield return [.. bytes];
                bytes.Clear();
            }
        }
    }
}
