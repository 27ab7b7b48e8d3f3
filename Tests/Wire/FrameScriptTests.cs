using System.Runtime.CompilerServices;
using VecSql.Wire;

namespace VecSql.Tests.Wire;

/// <summary>
/// Runs Frames/*.pt: each case ("=== title") is a connection of its own. Lines with '>' are sent, lines with '&lt;' must come back, exactly and in this order;
/// "&lt;byte" expects a single byte, "&lt; close" the end. A case that doesn't begin with "raw" finds a session already open. Each case runs twice: whole, and byte by byte.
/// </summary>
public sealed class FrameScriptTests
{
    public static TheoryData<string, string> Cases()
    {
        TheoryData<string, string> cases = [];
        foreach (string file in Directory.GetFiles(Folder(), "*.pt").Order(StringComparer.Ordinal))
        {
            foreach (string title in Read(file).Keys) cases.Add(Path.GetFileName(file), title);
        }
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Frames_come_back_as_written(string file, string title)
    {
        string[] lines = Read(Path.Combine(Folder(), file))[title];
        await using WireServer server = await WireServer.StartAsync(new WireOptions { FlushThresholdBytes = 4096 });
        server.Factory.Verifiers["bob"] = "SCRAM-SHA-256$4096:" + Convert.ToBase64String(new byte[16]) + "$" + Convert.ToBase64String(new byte[32]) + ":" + Convert.ToBase64String(new byte[32]);
        await RunAsync(server, lines, splitBytes: 0);
        await RunAsync(server, lines, splitBytes: 1);
    }

    private static async Task RunAsync(WireServer server, string[] lines, int splitBytes)
    {
        bool isRaw = lines[0] == "raw";
        using FrameClient client = isRaw ? await FrameClient.ConnectAsync(server.Port, splitBytes) : await FrameClient.StartAsync(server.Port, splitBytes);
        List<byte> pending = [];
        List<string> actual = [], expected = [];
        foreach (string line in isRaw ? lines[1..] : lines)
        {
            if (line.StartsWith('>'))
            {
                pending.AddRange(FrameText.Parse(line[1..].Trim()));
                continue;
            }
            if (pending.Count > 0) await client.SendAsync(pending.ToArray());
            pending.Clear();
            expected.Add(line);
            if (line.StartsWith("<byte", StringComparison.Ordinal)) actual.Add("<byte " + await client.ReceiveByteAsync());
            else actual.Add("< " + await client.ReceiveAsync());
            if (actual[^1] != expected[^1]) break;
        }
        Assert.Equal(string.Join('\n', expected), string.Join('\n', actual));
    }

    private static Dictionary<string, string[]> Read(string file)
    {
        Dictionary<string, string[]> cases = [];
        string title = "";
        List<string> lines = [];
        foreach (string line in File.ReadAllLines(file).Append("==="))
        {
            if (line.StartsWith("===", StringComparison.Ordinal))
            {
                if (title.Length > 0) cases.Add(title, [.. lines]);
                title = line[3..].Trim();
                lines.Clear();
            }
            else if (line.Length > 0 && !line.StartsWith('#'))
            {
                lines.Add(line);
            }
        }
        return cases;
    }

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Frames");
}
