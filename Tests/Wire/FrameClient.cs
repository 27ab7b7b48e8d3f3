using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace VecSql.Tests.Wire;

/// <summary>A client that speaks bare frames: it sends any bytes and shows what comes back, one line for each message.</summary>
internal sealed class FrameClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private Stream _stream = Stream.Null;

    /// <summary>Bytes written at once; 0: all.</summary>
    public int SplitBytes { get; init; }

    public Stream Stream { get => _stream; set => _stream = value; }
    public int ProcessId { get; private set; }
    public byte[] Secret { get; private set; } = [];

    public static async Task<FrameClient> ConnectAsync(int port, int splitBytes = 0)
    {
        FrameClient client = new() { SplitBytes = splitBytes };
        await client._socket.ConnectAsync(IPAddress.Loopback, port);
        client._stream = new NetworkStream(client._socket, ownsSocket: false) { ReadTimeout = 10_000 };
        return client;
    }

    /// <summary>Connects and goes through the startup of a trusted user.</summary>
    public static async Task<FrameClient> StartAsync(int port, int splitBytes = 0, int version = 0x0003_0000)
    {
        FrameClient client = await ConnectAsync(port, splitBytes);
        await client.SendAsync(Startup(version, "user", "alice", "database", "db"));
        string line;
        do line = await client.ReceiveAsync();
        while (!line.StartsWith('Z') && line != "close");
        return client;
    }

    /// <summary>Sends; that the server has closed meanwhile shows when its answer is read.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        int piece = SplitBytes == 0 ? Math.Max(bytes.Length, 1) : SplitBytes;
        try
        {
            for (int at = 0; at < bytes.Length; at += piece)
            {
                await _stream.WriteAsync(bytes.Slice(at, Math.Min(piece, bytes.Length - at)));
                await _stream.FlushAsync();
                await Task.Yield();
            }
        }
        catch (IOException) when (!_socket.Connected)
        {
        }
    }

    /// <summary>Hangs up, without a word.</summary>
    public void Close() => _socket.Close(0);

    /// <summary>Ends the sending side; what the server still sends can be read.</summary>
    public void EndSending()
    {
        if (_socket.Connected) _socket.Shutdown(SocketShutdown.Send);
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>One byte, as the answer to a request for encryption; "close" at the end.</summary>
    public async Task<string> ReceiveByteAsync()
    {
        byte[] one = new byte[1];
        return await ReadAsync(one) ? ((char)one[0]).ToString() : "close";
    }

    /// <summary>The next message, shown; "close" at the end of the stream.</summary>
    public async Task<string> ReceiveAsync()
    {
        (char type, byte[] body) = await ReceiveRawAsync();
        if (type == 'K')
        {
            ProcessId = BinaryPrimitives.ReadInt32BigEndian(body);
            Secret = body[4..];
        }
        return type == 0 ? "close" : FrameText.Show(type, body);
    }

    /// <summary>The next message; type 0 at the end.</summary>
    public async Task<(char Type, byte[] Body)> ReceiveRawAsync()
    {
        byte[] header = new byte[5];
        if (!await ReadAsync(header)) return ('\0', []);
        byte[] body = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1)) - 4];
        return await ReadAsync(body) ? ((char)header[0], body) : ('\0', []);
    }

    /// <summary>All messages up to and with the next ReadyForQuery or the end.</summary>
    public async Task<List<string>> ReceiveUntilReadyAsync()
    {
        List<string> lines = [];
        do lines.Add(await ReceiveAsync());
        while (!lines[^1].StartsWith('Z') && lines[^1] != "close");
        return lines;
    }

    private async Task<bool> ReadAsync(byte[] target)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(10));
        try
        {
            await _stream.ReadExactlyAsync(target, limit.Token);
            return true;
        }
        catch (EndOfStreamException)
        {
            return false;
        }
        catch (IOException)
        {
            return false;
        }
    }

    public static byte[] Startup(int version, params string[] parameters)
    {
        List<byte> body = [.. Int32(version)];
        foreach (string text in parameters) body.AddRange([.. Encoding.UTF8.GetBytes(text), 0]);
        body.Add(0);
        return [.. Int32(body.Count + 4), .. body];
    }

    public static byte[] Message(char type, params byte[][] fields)
    {
        byte[] body = fields.SelectMany(f => f).ToArray();
        return [(byte)type, .. Int32(body.Length + 4), .. body];
    }

    public static byte[] Query(string sql) => Message('Q', Text(sql));
    public static byte[] Text(string text) => [.. Encoding.UTF8.GetBytes(text), 0];

    public static byte[] Int32(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    public static byte[] Int16(int value) => [(byte)(value >> 8), (byte)value];
}

/// <summary>Frames as readable lines, and back.</summary>
internal static class FrameText
{
    /// <summary>
    /// Reads what follows '>' in a script: a type letter and fields ("text" ends with a zero byte, 'bytes' don't, 5h a 16-bit and 5i a 32-bit number, x00FF hex),
    /// or "startup VERSION name=value …", or "raw" and fields without a frame around.
    /// </summary>
    public static byte[] Parse(string line)
    {
        List<string> words = Split(line);
        if (words[0] == "startup")
        {
            string[] version = words[1].Split('.');
            int code = int.Parse(version[0], CultureInfo.InvariantCulture) << 16 | int.Parse(version[1], CultureInfo.InvariantCulture);
            return FrameClient.Startup(code, words.Skip(2).SelectMany(w => w.Split('=', 2)).ToArray());
        }
        byte[] body = words.Skip(1).SelectMany(Field).ToArray();
        return words[0] == "raw" ? body : FrameClient.Message(words[0][0], body);
    }

    private static byte[] Field(string word) => word[0] switch
    {
        '"' => [.. Unescape(word[1..^1]), 0],
        '\'' => Unescape(word[1..^1]),
        'x' => Convert.FromHexString(word[1..]),
        _ when word[^1] == 'h' => FrameClient.Int16(int.Parse(word[..^1], CultureInfo.InvariantCulture)),
        _ when word[^1] == 'i' => FrameClient.Int32(int.Parse(word[..^1], CultureInfo.InvariantCulture)),
        _ => throw new FormatException(word),
    };

    private static List<string> Split(string line)
    {
        List<string> words = [];
        for (int i = 0; i < line.Length;)
        {
            if (line[i] == ' ')
            {
                i++;
                continue;
            }
            int end = line[i] is '"' or '\'' ? line.IndexOf(line[i], i + 1) + 1 : line.IndexOf(' ', i);
            if (end <= 0) end = line.Length;
            words.Add(line[i..end]);
            i = end;
        }
        return words;
    }

    private static byte[] Unescape(string text)
    {
        List<byte> bytes = [];
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && text[i + 1] == 'x')
            {
                bytes.Add(byte.Parse(text.AsSpan(i + 2, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                i += 3;
            }
            else if (text[i] == '\\' && text[i + 1] == 'n')
            {
                bytes.Add((byte)'\n');
                i++;
            }
            else
            {
                int length = char.IsHighSurrogate(text[i]) ? 2 : 1;
                bytes.AddRange(Encoding.UTF8.GetBytes(text.Substring(i, length)));
                i += length - 1;
            }
        }
        return [.. bytes];
    }

    /// <summary>A message from the server as a line.</summary>
    public static string Show(char type, byte[] body)
    {
        FieldReader fields = new(body);
        switch (type)
        {
            case 'Z':
                return $"Z {(char)body[0]}";
            case 'C':
                return "C " + fields.Text();
            case 'S':
                return $"S {fields.Text()}={fields.Text()}";
            case 'E' or 'N':
                return $"{type} {ShowFields(fields)}";
            case 'R':
                return $"R {fields.Int32()}";
            case 'K':
                return "K";
            case 'A':
                return $"A {(fields.Int32() > 0 ? "" : "?")}{fields.Text()} {fields.Text()}";
            case 't':
                return "t" + string.Concat(Enumerable.Range(0, fields.Int16()).Select(_ => " " + fields.Int32()));
            case 'T':
                return "T" + string.Concat(Enumerable.Range(0, fields.Int16()).Select(_ => $" {fields.Text()}:{fields.Int32()}.{fields.Int16()}:{fields.Int32()}:{fields.Int16()}:{fields.Int32()}:{fields.Int16()}"));
            case 'D':
                return "D " + string.Join('|', Enumerable.Range(0, fields.Int16()).Select(_ => fields.Value()));
            case 'd':
                return "d " + Encoding.UTF8.GetString(body).Replace("\n", "\\n");
            case 'G' or 'H':
                return $"{type} {body[0]} " + string.Join(' ', Convert.ToHexString(body.AsSpan(1)));
            case 'v':
                return $"v {fields.Int16()}.{fields.Int16()}" + string.Concat(Enumerable.Range(0, fields.Int32()).Select(_ => " " + fields.Text()));
            default:
                return body.Length == 0 ? type.ToString() : $"{type} {Convert.ToHexString(body)}";
        }
    }

    /// <summary>Severity, SQLSTATE, message; then the other fields with their letters.</summary>
    private static string ShowFields(FieldReader fields)
    {
        string severity = "", state = "", message = "", others = "";
        while (fields.Byte() is var name and not 0)
        {
            string value = fields.Text();
            switch ((char)name)
            {
                case 'S': severity = value; break;
                case 'V': Assert.Equal(severity, value); break;
                case 'C': state = value; break;
                case 'M': message = value; break;
                default: others += $" {(char)name}={value}"; break;
            }
        }
        Assert.True(fields.IsAtEnd);
        return $"{severity} {state} {message}{others}";
    }

    private sealed class FieldReader(byte[] body)
    {
        private int _at;

        public bool IsAtEnd => _at == body.Length;
        public byte Byte() => body[_at++];

        public short Int16()
        {
            _at += 2;
            return BinaryPrimitives.ReadInt16BigEndian(body.AsSpan(_at - 2));
        }

        public int Int32()
        {
            _at += 4;
            return BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(_at - 4));
        }

        public string Text()
        {
            int end = Array.IndexOf(body, (byte)0, _at);
            string text = Encoding.UTF8.GetString(body, _at, end - _at);
            _at = end + 1;
            return text;
        }

        /// <summary>A value of a row: as text if it looks like it, else as hex.</summary>
        public string Value()
        {
            int length = Int32();
            if (length == -1) return "NULL";
            ReadOnlySpan<byte> value = body.AsSpan(_at, length);
            _at += length;
            return value.ContainsAnyInRange((byte)0, (byte)31) ? "x" + Convert.ToHexString(value) : Encoding.UTF8.GetString(value);
        }
    }
}
