using System.Buffers.Binary;
using System.Text;
using VecSql.Tests.Wire;

namespace VecSql.Tests.SqlTests;

/// <summary>What a statement answered: rows as text, or an error.</summary>
internal sealed record SqlAnswer(List<string> Columns, List<string?[]> Rows, string Tag, string? SqlState, string? Message);

/// <summary>A session that runs single statements by the simple or the extended protocol and reads results as text, from VecSql or PostgreSQL alike.</summary>
internal sealed class SqlClient : IAsyncDisposable
{
    private readonly FrameClient _frames;
    private readonly bool _extended;

    private SqlClient(FrameClient frames, bool extended)
    {
        _frames = frames;
        _extended = extended;
    }

    public static async Task<SqlClient> ConnectAsync(int port, string database, bool extended, string user = "postgres")
    {
        FrameClient frames = await FrameClient.ConnectAsync(port);
        SqlClient client = new(frames, extended);
        await frames.SendAsync(FrameClient.Startup(0x0003_0000, "user", user, "database", database, "client_min_messages", "error"));
        SqlAnswer answer = await client.ReadAsync();
        if (answer.SqlState is not null) throw new InvalidOperationException($"can't connect: {answer.SqlState} {answer.Message}");
        return client;
    }

    /// <summary>Runs one statement (the simple protocol takes several; the last one's rows count).</summary>
    public async Task<SqlAnswer> RunAsync(string sql)
    {
        if (!_extended) await _frames.SendAsync(FrameClient.Query(sql));
        else
        {
            byte[] none = FrameClient.Text("");
            await _frames.SendAsync((byte[])[
                .. FrameClient.Message('P', none, FrameClient.Text(sql), FrameClient.Int16(0)),
                .. FrameClient.Message('B', none, none, FrameClient.Int16(0), FrameClient.Int16(0), FrameClient.Int16(0)),
                .. FrameClient.Message('D', [(byte)'P'], none),
                .. FrameClient.Message('E', none, FrameClient.Int32(0)),
                .. FrameClient.Message('S')]);
        }
        return await ReadAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _frames.SendAsync(FrameClient.Message('X'));
        _frames.Dispose();
    }

    private async Task<SqlAnswer> ReadAsync()
    {
        SqlAnswer answer = new([], [], "", null, null);
        while (true)
        {
            (char type, byte[] body) = await _frames.ReceiveRawAsync();
            switch (type)
            {
                case '\0': return answer with { SqlState = answer.SqlState ?? "08006", Message = answer.Message ?? "the server closed the connection" };
                case 'T':
                    answer.Columns.Clear();
                    answer.Rows.Clear();
                    answer.Columns.AddRange(ColumnNames(body));
                    break;
                case 'D': answer.Rows.Add(Values(body)); break;
                case 'C': answer = answer with { Tag = Encoding.UTF8.GetString(body.AsSpan(0, body.Length - 1)) }; break;
                case 'E': answer = answer with { SqlState = Field(body, 'C'), Message = Field(body, 'M') }; break;
                case 'G': await _frames.SendAsync(FrameClient.Message('f', FrameClient.Text("no data"))); break;
                case 'Z': return answer;
            }
        }
    }

    private static IEnumerable<string> ColumnNames(byte[] body)
    {
        int at = 2;
        for (int left = BinaryPrimitives.ReadInt16BigEndian(body); left > 0; left--)
        {
            int end = Array.IndexOf(body, (byte)0, at);
            yield return Encoding.UTF8.GetString(body, at, end - at);
            at = end + 19;
        }
    }

    private static string?[] Values(byte[] body)
    {
        string?[] values = new string?[BinaryPrimitives.ReadInt16BigEndian(body)];
        int at = 2;
        for (int i = 0; i < values.Length; i++)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(at));
            at += 4;
            if (length < 0) continue;
            values[i] = Encoding.UTF8.GetString(body, at, length);
            at += length;
        }
        return values;
    }

    private static string? Field(byte[] body, char wanted)
    {
        for (int at = 0; at < body.Length && body[at] != 0;)
        {
            int end = Array.IndexOf(body, (byte)0, at);
            if (body[at] == wanted) return Encoding.UTF8.GetString(body, at + 1, end - at - 1);
            at = end + 1;
        }
        return null;
    }
}
