using System.Buffers.Binary;
using VecSql.Tests.Servers;
using VecSql.Tests.Wire;

namespace VecSql.Tests.Hostile;

/// <summary>
/// Every message type in every state of a connection to a whole server, whole and with bodies cut short and lengths that lie: the server answers or hangs up, and another session
/// notices nothing.
/// </summary>
public sealed class ProtocolStateTests(VecSqlServer server) : IClassFixture<VecSqlServer>
{
    private static readonly byte[] None = FrameClient.Text("");

    /// <summary>Sound bodies by type: what a client may send, and a type that doesn't exist.</summary>
    private static readonly (char Type, byte[] Body)[] Messages =
    [
        ('Q', FrameClient.Text("SELECT 1")),
        ('P', [.. None, .. FrameClient.Text("SELECT $1::int"), .. FrameClient.Int16(1), .. FrameClient.Int32(23)]),
        ('B', [.. None, .. None, .. FrameClient.Int16(1), .. FrameClient.Int16(0), .. FrameClient.Int16(1), .. FrameClient.Int32(1), (byte)'7', .. FrameClient.Int16(1), .. FrameClient.Int16(0)]),
        ('D', [(byte)'S', .. None]), ('E', [.. None, .. FrameClient.Int32(0)]), ('C', [(byte)'P', .. None]), ('H', []), ('S', []), ('F', new byte[14]),
        ('d', "1\n"u8.ToArray()), ('c', []), ('f', FrameClient.Text("no")), ('p', FrameClient.Text("secret")), ('y', []), ('\0', [1, 2, 3]), ('R', [0, 0, 0, 0]),
    ];

    private static readonly string[] States = ["before startup", "idle", "in a transaction", "in a failed transaction", "after Parse", "after an error", "in COPY"];

    [Fact]
    public async Task Nothing_that_a_client_sends_harms_another()
    {
        using FrameClient witness = await StartAsync();
        int tried = 0;
        foreach (string state in States)
        {
            foreach ((char type, byte[] body) in Messages)
            {
                foreach ((string how, byte[] bytes) in Variants(type, body))
                {
                    using FrameClient client = state == "before startup" ? await FrameClient.ConnectAsync(server.Port) : await StartAsync();
                    await EnterAsync(client, state);
                    await client.SendAsync(bytes);
                    // Ends whatever the message began, and then the connection.
                    await client.SendAsync((byte[])[.. FrameClient.Message('c'), .. FrameClient.Message('S'), .. FrameClient.Message('X')]);
                    client.EndSending();
                    List<string> lines = [];
                    for (string line = await client.ReceiveAsync(); line != "close"; line = await client.ReceiveAsync()) lines.Add(line);
                    Assert.False(lines.Exists(l => l.Contains("XX000", StringComparison.Ordinal)), $"{state}, {type}, {how}: {string.Join(" / ", lines)}");
                    tried++;
                }
            }
            await witness.SendAsync(FrameClient.Query("SELECT 41 + 1"));
            Assert.Contains("D 42", await witness.ReceiveUntilReadyAsync());
        }
        Assert.Equal(States.Length * Messages.Sum(m => Variants(m.Type, m.Body).Count()), tried);
        for (int i = 0; i < 500 && server.Host.State.Sessions.All.Count() > 1; i++) await Task.Delay(10);
        Assert.Single(server.Host.State.Sessions.All);
    }

    private static IEnumerable<(string How, byte[] Bytes)> Variants(char type, byte[] body)
    {
        yield return ("whole", Frame(type, body.Length + 4, body));
        foreach (int length in (int[])[0, 3, -1, int.MinValue, int.MaxValue, 0x40000000]) yield return ($"length {length}", Frame(type, length, body));
        yield return ("no body", Frame(type, 4, []));
        for (int cut = 1; cut < body.Length; cut += Math.Max(1, body.Length / 4)) yield return ($"cut to {cut}", Frame(type, cut + 4, body[..cut]));
        yield return ("longer", Frame(type, body.Length + 7, [.. body, 1, 2, 3]));
        yield return ("half sent", Frame(type, body.Length + 100, body));
        if (type is not ('B' or 'P')) yield break;
        // Numbers inside: counts and lengths that lie.
        for (int at = 0; at + 2 <= body.Length; at++)
        {
            byte[] changed = [.. body];
            BinaryPrimitives.WriteInt16BigEndian(changed.AsSpan(at), -2);
            yield return ($"-2 at {at}", Frame(type, body.Length + 4, changed));
            changed = [.. body];
            BinaryPrimitives.WriteInt16BigEndian(changed.AsSpan(at), short.MaxValue);
            yield return ($"32767 at {at}", Frame(type, body.Length + 4, changed));
        }
    }

    private static async Task EnterAsync(FrameClient client, string state)
    {
        switch (state)
        {
            case "in a transaction":
                await RunAsync(client, "BEGIN");
                break;
            case "in a failed transaction":
                await RunAsync(client, "BEGIN");
                await RunAsync(client, "SELECT 1 / 0");
                break;
            case "after Parse":
                await client.SendAsync(FrameClient.Message('P', None, FrameClient.Text("SELECT $1::int"), FrameClient.Int16(0)));
                break;
            case "after an error":
                await client.SendAsync(FrameClient.Message('P', None, FrameClient.Text("SELECT nothing"), FrameClient.Int16(0)));
                break;
            case "in COPY":
                await RunAsync(client, "CREATE TEMP TABLE c (i int)");
                await client.SendAsync(FrameClient.Query("COPY c FROM STDIN"));
                break;
            default:
                break;
        }
    }

    private static async Task RunAsync(FrameClient client, string sql)
    {
        await client.SendAsync(FrameClient.Query(sql));
        await client.ReceiveUntilReadyAsync();
    }

    private async Task<FrameClient> StartAsync()
    {
        FrameClient client = await FrameClient.ConnectAsync(server.Port);
        await client.SendAsync(FrameClient.Startup(0x30000, "user", "postgres", "database", "postgres"));
        await client.ReceiveUntilReadyAsync();
        return client;
    }

    private static byte[] Frame(char type, int length, byte[] body) => [(byte)type, .. FrameClient.Int32(length), .. body];
}
