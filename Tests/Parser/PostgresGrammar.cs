using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace VecSql.Tests.Parser;

/// <summary>
/// Asks a real PostgreSQL whether its grammar takes a text, without running it: the text is sent behind a statement that fails, in one simple query, so that
/// the server parses all of it and runs none. Speaks just enough of the protocol; the server must trust the user.
/// </summary>
internal sealed class PostgresGrammar : IDisposable
{
    private const string Guard = "SELECT 1/0; ";
    private readonly TcpClient _client;
    private readonly NetworkStream _stream;

    public PostgresGrammar(string host, int port, string user)
    {
        _client = new TcpClient(host, port);
        _stream = _client.GetStream();
        byte[] parameters = Encoding.UTF8.GetBytes($"user\0{user}\0database\0postgres\0client_encoding\0UTF8\0\0");
        byte[] startup = new byte[8 + parameters.Length];
        BinaryPrimitives.WriteInt32BigEndian(startup, startup.Length);
        BinaryPrimitives.WriteInt32BigEndian(startup.AsSpan(4), 196608);
        parameters.CopyTo(startup, 8);
        _stream.Write(startup);
        ReadUntilReady();
    }

    /// <summary>Null if the grammar takes the text; else the SQLSTATE, the message and the position in characters from 0 in the text.</summary>
    public (string State, string Message, int Position)? Ask(string sql)
    {
        byte[] text = Encoding.UTF8.GetBytes(Guard + sql + "\0");
        byte[] message = new byte[5 + text.Length];
        message[0] = (byte)'Q';
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), 4 + text.Length);
        text.CopyTo(message, 5);
        _stream.Write(message);
        var error = ReadUntilReady();
        if (error is null || error['C'] == "22012") return null;
        int position = error.TryGetValue('P', out string? p) ? int.Parse(p) - 1 - Guard.Length : -1;
        return (error['C'], error['M'], position);
    }

    public void Dispose() => _client.Dispose();

    private Dictionary<char, string>? ReadUntilReady()
    {
        Dictionary<char, string>? error = null;
        byte[] head = new byte[5];
        while (true)
        {
            _stream.ReadExactly(head);
            byte[] body = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1)) - 4];
            _stream.ReadExactly(body);
            if (head[0] == 'Z') return error;
            if (head[0] != 'E') continue;
            error = [];
            for (int at = 0; body[at] != 0;)
            {
                int end = Array.IndexOf(body, (byte)0, at);
                error[(char)body[at]] = Encoding.UTF8.GetString(body, at + 1, end - at - 1);
                at = end + 1;
            }
        }
    }
}
