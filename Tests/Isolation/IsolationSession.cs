using VecSql.Tests.Wire;

namespace VecSql.Tests.Isolation;

/// <summary>One session of a script. A statement is sent and may stay unanswered while other sessions go on; its answer is shown as lines of text.</summary>
internal sealed class IsolationSession : IDisposable
{
    private readonly FrameClient _frames;
    private readonly int _port;

    private IsolationSession(FrameClient frames, int port) => (_frames, _port) = (frames, port);

    public int ProcessId => _frames.ProcessId;

    /// <summary>The answer to the last statement, complete or not; null once it was shown.</summary>
    public Task<string>? Pending { get; set; }

    public static async Task<IsolationSession> ConnectAsync(int port)
    {
        FrameClient frames = await FrameClient.ConnectAsync(port);
        await frames.SendAsync(FrameClient.Startup(0x0003_0000, "user", "postgres", "database", "postgres"));
        string line;
        do line = await frames.ReceiveAsync();
        while (line[0] != 'Z' && line != "close");
        return new IsolationSession(frames, port);
    }

    public async Task SendAsync(string sql)
    {
        await _frames.SendAsync(FrameClient.Query(sql));
        Pending = ReadAsync();
    }

    public async Task<string> RunAsync(string sql)
    {
        await _frames.SendAsync(FrameClient.Query(sql));
        return await ReadAsync();
    }

    public async Task CancelAsync()
    {
        using FrameClient other = await FrameClient.ConnectAsync(_port);
        await other.SendAsync((byte[])[.. FrameClient.Int32(12 + _frames.Secret.Length), .. FrameClient.Int32(80877102), .. FrameClient.Int32(ProcessId), .. _frames.Secret]);
        await other.ReceiveAsync();
    }

    /// <summary>Hangs up; whatever was asked stays unanswered.</summary>
    public void Kill() => _frames.Close();

    public void Dispose() => _frames.Dispose();

    private async Task<string> ReadAsync()
    {
        List<string> lines = [];
        while (true)
        {
            (char type, byte[] body) = await _frames.ReceiveRawAsync();
            switch (type)
            {
                case '\0':
                    lines.Add("(connection closed)");
                    return string.Join("; ", lines);
                case 'Z':
                    return string.Join("; ", lines);
                case 'D':
                    lines.Add(FrameText.Show(type, body)[2..]);
                    break;
                case 'C':
                    lines.Add(FrameText.Show(type, body)[2..]);
                    break;
                case 'E' or 'N':
                    lines.Add(ShowError(body));
                    break;
                case 'A':
                    string shown = FrameText.Show(type, body)[2..];
                    lines.Add("notified: " + shown);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Severity, SQLSTATE, message.</summary>
    private static string ShowError(byte[] body)
    {
        string severity = "", state = "", message = "";
        for (int at = 0; at < body.Length && body[at] != 0;)
        {
            int end = Array.IndexOf(body, (byte)0, at);
            string value = System.Text.Encoding.UTF8.GetString(body, at + 1, end - at - 1);
            switch ((char)body[at])
            {
                case 'S': severity = value; break;
                case 'C': state = value; break;
                case 'M': message = value; break;
            }
            at = end + 1;
        }
        return $"{severity} {state} {message}";
    }
}
