using System.Buffers.Binary;
using System.Text;
using VecSql.Tests.Wire;

namespace VecSql.Tests.RandomSql;

/// <param name="Columns">Names and types.</param>
/// <param name="Rows">Values as text; as hex where they came in binary.</param>
internal sealed record Answer(List<(string Name, int Oid, int Modifier)> Columns, List<string?[]> Rows, string Tag, string? SqlState, string? Message);

internal enum Protocol { Simple, ExtendedText, ExtendedBinary }

/// <summary>A session on VecSql or PostgreSQL that runs single statements by any protocol and keeps results exact.</summary>
internal sealed class RandomClient : IAsyncDisposable
{
    private readonly FrameClient _frames;

    private RandomClient(FrameClient frames) => _frames = frames;

    public static async Task<RandomClient> ConnectAsync(int port, string database)
    {
        FrameClient frames = await FrameClient.ConnectAsync(port);
        RandomClient client = new(frames);
        await frames.SendAsync(FrameClient.Startup(0x0003_0000, "user", "postgres", "database", database, "client_min_messages", "error"));
        Answer answer = await client.ReadAsync(false);
        if (answer.SqlState is not null) throw new InvalidOperationException($"can't connect: {answer.SqlState} {answer.Message}");
        frames.Stream = new BufferedStream(frames.Stream);
        return client;
    }

    public async Task<Answer> RunAsync(string sql)
    {
        await _frames.SendAsync(FrameClient.Query(sql));
        return await ReadAsync(false);
    }

    public async Task<Answer> RunAsync(string sql, List<Parameter> parameters, Protocol protocol)
    {
        if (protocol == Protocol.Simple) return await RunAsync(sql);
        bool binary = protocol == Protocol.ExtendedBinary;
        byte[] none = FrameClient.Text("");
        List<byte[]> parse = [none, FrameClient.Text(sql), FrameClient.Int16(parameters.Count)];
        List<byte[]> bind = [none, none, FrameClient.Int16(0), FrameClient.Int16(parameters.Count)];
        foreach (Parameter parameter in parameters)
        {
            parse.Add(FrameClient.Int32(parameter.Oid));
            byte[] value = Encoding.UTF8.GetBytes(parameter.Text);
            bind.Add(FrameClient.Int32(value.Length));
            bind.Add(value);
        }
        bind.Add(FrameClient.Int16(1));
        bind.Add(FrameClient.Int16(binary ? 1 : 0));
        await _frames.SendAsync((byte[])[
            .. FrameClient.Message('P', [.. parse]), .. FrameClient.Message('B', [.. bind]), .. FrameClient.Message('D', [(byte)'P'], none),
            .. FrameClient.Message('E', none, FrameClient.Int32(0)), .. FrameClient.Message('S')]);
        return await ReadAsync(binary);
    }

    public async ValueTask DisposeAsync()
    {
        await _frames.SendAsync(FrameClient.Message('X'));
        _frames.Dispose();
    }

    private async Task<Answer> ReadAsync(bool binary)
    {
        Answer answer = new([], [], "", null, null);
        while (true)
        {
            (char type, byte[] body) = await _frames.ReceiveRawAsync();
            switch (type)
            {
                case '\0': return answer with { SqlState = answer.SqlState ?? "08006", Message = answer.Message ?? "the server closed the connection" };
                case 'T': ReadColumns(body, answer.Columns); break;
                case 'D': answer.Rows.Add(ReadValues(body, binary)); break;
                case 'C': answer = answer with { Tag = Encoding.UTF8.GetString(body.AsSpan(0, body.Length - 1)) }; break;
                case 'E': answer = answer with { SqlState = Field(body, 'C'), Message = Field(body, 'M') }; break;
                case 'Z': return answer;
            }
        }
    }

    private static void ReadColumns(byte[] body, List<(string, int, int)> columns)
    {
        columns.Clear();
        int at = 2;
        for (int left = BinaryPrimitives.ReadInt16BigEndian(body); left > 0; left--)
        {
            int end = Array.IndexOf(body, (byte)0, at);
            columns.Add((Encoding.UTF8.GetString(body, at, end - at), BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(end + 7)), BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(end + 13))));
            at = end + 19;
        }
    }

    private static string?[] ReadValues(byte[] body, bool binary)
    {
        string?[] values = new string?[BinaryPrimitives.ReadInt16BigEndian(body)];
        int at = 2;
        for (int i = 0; i < values.Length; i++)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(at));
            at += 4;
            if (length < 0) continue;
            values[i] = binary ? Convert.ToHexString(body, at, length) : Encoding.UTF8.GetString(body, at, length);
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
