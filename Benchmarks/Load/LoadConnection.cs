using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace VecSql.Benchmarks.Load;

/// <summary>Sees one DataRow's fields: for each a length (-1: null) and its bytes.</summary>
internal delegate void RowHandler(ReadOnlySpan<byte> fields);

/// <summary>
/// A PostgreSQL client that costs next to nothing, so that what is measured is the server: one blocking socket, one buffer, no types. Knows trust authentication only.
/// </summary>
internal sealed class LoadConnection : IDisposable
{
    private readonly Socket _socket;
    private byte[] _buffer = new byte[64 * 1024];
    private int _from, _to;

    private LoadConnection(Socket socket) => _socket = socket;

    /// <summary>Messages to send; empty after each request.</summary>
    public MessageBuilder Out { get; } = new();

    public static LoadConnection Open(Target target)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 600_000 };
        socket.Connect(target.Host, target.Port);
        LoadConnection connection = new(socket);
        connection.Out.Begin('\0').Int32(0x0003_0000).Text("user").Text(target.User).Text("database").Text(target.Database).Byte(0);
        connection.Out.End();
        connection.Send();
        connection.ReadUntilReady(null);
        foreach (string setting in target.Settings) connection.Run("SET " + setting);
        return connection;
    }

    /// <summary>Runs by the simple protocol; all rows as text.</summary>
    public List<string?[]> Run(string sql)
    {
        Out.Begin('Q').Text(sql);
        Out.End();
        Send();
        List<string?[]> rows = [];
        ReadUntilReady(fields => rows.Add(TextFields(fields)));
        return rows;
    }

    /// <summary>Gathers statistics, and says so where the server can't.</summary>
    public void Analyze(string table)
    {
        try
        {
            Run("ANALYZE " + table);
        }
        catch (InvalidOperationException e) when (e.Message.Contains("C0A000", StringComparison.Ordinal))
        {
            Console.WriteLine($"(port {((System.Net.IPEndPoint)_socket.RemoteEndPoint!).Port} has no ANALYZE: {table} goes without statistics)");
        }
    }

    /// <summary>Parses a named statement; a type of 0 is left to the server.</summary>
    public void Prepare(string name, string sql, params ReadOnlySpan<int> types)
    {
        Out.Begin('P').Text(name).Text(sql).Int16(types.Length);
        foreach (int type in types) Out.Int32(type);
        Out.End();
        Sync(null);
    }

    /// <summary>Starts a Bind with all parameters in binary; the caller appends each (length, bytes), then calls <see cref="Execute"/>.</summary>
    public MessageBuilder Bind(string name, int parameters) => Out.Begin('B').Text("").Text(name).Int16(1).Int16(1).Int16(parameters);

    /// <summary>Ends the Bind, runs it with binary results, and returns the number of rows.</summary>
    public int Execute(RowHandler? onRow)
    {
        Out.Int16(1).Int16(1);
        Out.End();
        Out.Begin('E').Text("").Int32(0);
        Out.End();
        return Sync(onRow);
    }

    /// <summary>COPY … FROM STDIN of a stream's bytes.</summary>
    public void CopyIn(string sql, Stream data)
    {
        BeginCopy(sql);
        byte[] chunk = new byte[64 * 1024];
        for (int read = data.Read(chunk); read > 0; read = data.Read(chunk))
        {
            Out.Begin('d').Bytes(chunk.AsSpan(0, read));
            Out.End();
            Send();
        }
        EndCopy();
    }

    public void BeginCopy(string sql)
    {
        Out.Begin('Q').Text(sql);
        Out.End();
        Send();
        if (ReadMessage(out ReadOnlySpan<byte> body) is var type && type != 'G') throw Unexpected(type, body);
    }

    /// <summary>Sends what the caller has put into <see cref="Out"/>: CopyData messages.</summary>
    public void SendCopyData() => Send();

    public void EndCopy()
    {
        Out.Begin('c');
        Out.End();
        Send();
        ReadUntilReady(null);
    }

    public void Dispose() => _socket.Dispose();

    private int Sync(RowHandler? onRow)
    {
        Out.Begin('S');
        Out.End();
        Send();
        return ReadUntilReady(onRow);
    }

    private void Send()
    {
        ReadOnlySpan<byte> rest = Out.Written;
        while (rest.Length > 0) rest = rest[_socket.Send(rest)..];
        Out.Clear();
    }

    private int ReadUntilReady(RowHandler? onRow)
    {
        int rows = 0;
        string? error = null;
        while (true)
        {
            switch (ReadMessage(out ReadOnlySpan<byte> body))
            {
                case 'D':
                    rows++;
                    onRow?.Invoke(body[2..]);
                    break;
                case 'E': error = Encoding.UTF8.GetString(body).Replace('\0', ' '); break;
                case 'R' when BinaryPrimitives.ReadInt32BigEndian(body) != 0: throw new InvalidOperationException("the server asks for a password; the load client knows trust authentication only");
                case 'Z': return error is null ? rows : throw new InvalidOperationException(error);
            }
        }
    }

    private char ReadMessage(out ReadOnlySpan<byte> body)
    {
        Fill(5);
        char type = (char)_buffer[_from];
        int length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_from + 1)) + 1;
        Fill(length);
        body = _buffer.AsSpan(_from + 5, length - 5);
        _from += length;
        return type;
    }

    private void Fill(int needed)
    {
        if (_to - _from >= needed) return;
        if (_from + needed > _buffer.Length)
        {
            byte[] target = needed > _buffer.Length ? new byte[2 * needed] : _buffer;
            _buffer.AsSpan(_from, _to - _from).CopyTo(target);
            (_buffer, _to, _from) = (target, _to - _from, 0);
        }
        while (_to - _from < needed)
        {
            int read = _socket.Receive(_buffer.AsSpan(_to));
            if (read == 0) throw new InvalidOperationException("the server closed the connection");
            _to += read;
        }
    }

    private static string?[] TextFields(ReadOnlySpan<byte> fields)
    {
        List<string?> texts = [];
        while (fields.Length > 0)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(fields);
            texts.Add(length < 0 ? null : Encoding.UTF8.GetString(fields.Slice(4, length)));
            fields = fields[(4 + Math.Max(0, length))..];
        }
        return [.. texts];
    }

    private static InvalidOperationException Unexpected(char type, ReadOnlySpan<byte> body) => new($"message '{type}': {Encoding.UTF8.GetString(body).Replace('\0', ' ')}");
}
