using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Wire;

namespace VecSql.Tests.Wire;

/// <summary>
/// A session over a tiny language, so that the wire can be tested without an engine. Statements, separated by ';':
///   ints N · wide N BYTES · mixed N · big BYTES · show NAME · set NAME VALUE · begin · commit · rollback · nothing · echo (returns $1 … as they are bound)
///   error STATE [at OFFSET] MESSAGE · fatal STATE MESSAGE · crash · notice TEXT · sleep · copyin · copyout N · listen · notify CHANNEL TEXT · stale · bare
/// Its transaction rules are PostgreSQL's: an error fails the transaction, and only rollback or commit gets out of it.
/// </summary>
internal sealed class ScriptedSession(ScriptedFactory factory, SessionRequest request, int processId) : ISqlSession
{
    private readonly Dictionary<string, (string Text, uint[] Types)> _statements = [];
    private readonly Dictionary<string, ScriptedPortal> _portals = [];
    private readonly Dictionary<string, string> _changed = new()
    {
        ["application_name"] = request.Parameters.GetValueOrDefault("application_name", ""), ["client_encoding"] = "UTF8", ["DateStyle"] = "ISO, MDY",
        ["default_transaction_read_only"] = "off", ["in_hot_standby"] = "off", ["integer_datetimes"] = "on", ["IntervalStyle"] = "postgres", ["is_superuser"] = "on",
        ["server_encoding"] = "UTF8", ["server_version"] = "15.18", ["session_authorization"] = request.User, ["standard_conforming_strings"] = "on", ["TimeZone"] = "UTC",
    };

    private readonly ConcurrentQueue<Notification> _notifications = new();
    private readonly List<Notice> _notices = [];
    private CancellationTokenSource _cancel = new();

    public int ProcessId => processId;
    public SessionRequest Request => request;
    public ReadOnlyMemory<byte> CancelSecret { get; } = RandomNumberGenerator.GetBytes(request.CancelSecretLength);
    public char TransactionStatus { get; private set; } = 'I';
    public string? StatementText { get; private set; }
    public SqlException? Termination { get; private set; }
    public Action? WakeUp { private get; set; }
    public bool IsListening { get; private set; }

    public EvalContext Formatting { get; } = new()
    {
        Display = new DisplaySettings(), Catalog = CatalogSnapshot.Empty, Clock = TimeProvider.System, Random = new Random(1),
        // Encoding values asks the session for nothing.
        Session = null!,
    };

    public async ValueTask QueryAsync(string sql, IResultSink sink, CancellationToken stop)
    {
        string[] statements = sql.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (statements.Length == 0) await sink.EmptyQueryAsync(stop);
        foreach (string statement in statements)
        {
            ScriptedPortal portal = new(statement, default, []);
            await RunAsync(portal, 0, sink, isExtended: false, stop);
        }
    }

    public ValueTask ParseAsync(string statement, string sql, ReadOnlyMemory<uint> parameterTypes, CancellationToken stop)
    {
        StatementText = sql;
        if (sql.StartsWith("syntax", StringComparison.Ordinal)) throw new SqlException(SqlState.SyntaxError, "syntax error at or near \"syntax\"", 0);
        CheckTransaction(sql);
        if (statement.Length > 0 && _statements.ContainsKey(statement)) throw new SqlException(SqlState.DuplicatePreparedStatement, $"prepared statement \"{statement}\" already exists");
        uint[] types = parameterTypes.ToArray();
        int needed = sql.Count(c => c == '$');
        if (types.Length < needed) Array.Resize(ref types, needed);
        _statements[statement] = (sql, types.Select(t => t == 0 ? TypeOid.Text : t).ToArray());
        return ValueTask.CompletedTask;
    }

    public ValueTask<StatementDescription> DescribeStatementAsync(string statement, CancellationToken stop)
    {
        (string text, uint[] types) = Find(statement);
        return ValueTask.FromResult(new StatementDescription(types, Columns(text, types)));
    }

    public ValueTask BindAsync(string portal, string statement, BoundValues values, ReadOnlyMemory<short> resultFormats, CancellationToken stop)
    {
        (string text, uint[] types) = Find(statement);
        StatementText = text;
        CheckTransaction(text);
        if (text == "stale") throw new SqlException(SqlState.FeatureNotSupported, "cached plan must not change result type") { Routine = "RevalidateCachedQuery" };
        if (values.Values.Length != types.Length)
            throw new SqlException(SqlState.ProtocolViolation, $"bind message supplies {values.Values.Length} parameters, but prepared statement \"{statement}\" requires {types.Length}");
        if (text.StartsWith("error-bind at ", StringComparison.Ordinal))
            throw new SqlException(SqlState.UndefinedColumn, "bad", int.Parse(text.Split(' ')[2], CultureInfo.InvariantCulture));
        byte[]?[] copies = values.Values.ToArray().Select(v => v?.ToArray()).ToArray();
        _portals[portal] = new ScriptedPortal(text, new BoundCopy(types, values.Formats.ToArray(), copies), resultFormats.ToArray());
        return ValueTask.CompletedTask;
    }

    public ValueTask<RowDescription?> DescribePortalAsync(string portal, CancellationToken stop)
    {
        ScriptedPortal found = FindPortal(portal);
        IReadOnlyList<ResultColumn>? columns = Columns(found.Text, found.Values.Types);
        return ValueTask.FromResult(columns is null ? null : new RowDescription(columns, found.FormatsFor(columns.Count)));
    }

    public ValueTask ExecuteAsync(string portal, int maxRows, IResultSink sink, CancellationToken stop) => RunAsync(FindPortal(portal), maxRows, sink, isExtended: true, stop);

    public ValueTask CloseStatementAsync(string statement)
    {
        _statements.Remove(statement);
        return ValueTask.CompletedTask;
    }

    public ValueTask ClosePortalAsync(string portal)
    {
        _portals.Remove(portal);
        return ValueTask.CompletedTask;
    }

    public ValueTask SyncAsync(CancellationToken stop)
    {
        if (TransactionStatus == 'I') _portals.Clear();
        return ValueTask.CompletedTask;
    }

    public ValueTask FailAsync(CancellationToken stop)
    {
        if (TransactionStatus == 'T') TransactionStatus = 'E';
        _portals.Clear();
        return ValueTask.CompletedTask;
    }

    public void Cancel() => _cancel.Cancel();

    public IReadOnlyList<KeyValuePair<string, string>> TakeChangedParameters()
    {
        KeyValuePair<string, string>[] taken = [.. _changed];
        _changed.Clear();
        return taken;
    }

    public IReadOnlyList<Notice> TakeNotices()
    {
        if (_notices.Count == 0) return [];
        Notice[] taken = [.. _notices];
        _notices.Clear();
        return taken;
    }

    public IReadOnlyList<Notification> TakeNotifications()
    {
        List<Notification> taken = [];
        while (TransactionStatus == 'I' && _notifications.TryDequeue(out Notification? notification)) taken.Add(notification);
        return taken;
    }

    public void Notify(Notification notification)
    {
        _notifications.Enqueue(notification);
        WakeUp?.Invoke();
    }

    public void Terminate(SqlException reason)
    {
        Termination = reason;
        WakeUp?.Invoke();
    }

    public ValueTask DisposeAsync()
    {
        factory.Remove(this);
        _cancel.Dispose();
        return ValueTask.CompletedTask;
    }

    private (string Text, uint[] Types) Find(string statement) => _statements.TryGetValue(statement, out (string, uint[]) found)
        ? found
        : throw new SqlException(SqlState.InvalidSqlStatementName, statement.Length == 0 ? "unnamed prepared statement does not exist" : $"prepared statement \"{statement}\" does not exist");

    private ScriptedPortal FindPortal(string portal) =>
        _portals.TryGetValue(portal, out ScriptedPortal? found) ? found : throw new SqlException(SqlState.InvalidCursorName, $"portal \"{portal}\" does not exist");

    private void CheckTransaction(string text)
    {
        if (TransactionStatus == 'E' && text is not ("rollback" or "commit"))
            throw new SqlException(SqlState.InFailedSqlTransaction, "current transaction is aborted, commands ignored until end of transaction block");
    }

    private async ValueTask RunAsync(ScriptedPortal portal, int maxRows, IResultSink sink, bool isExtended, CancellationToken stop)
    {
        string text = portal.Text;
        StatementText = text;
        if (text.Length == 0)
        {
            await sink.EmptyQueryAsync(stop);
            return;
        }
        CheckTransaction(text);
        factory.Ran.Enqueue(text);
        string[] words = text.Split(' ');
        string rest = string.Join(' ', words.Skip(1));
        if (Columns(text, portal.Values.Types) is { } columns)
        {
            await SendRowsAsync(portal, columns, maxRows, sink, stop);
            return;
        }
        string tag = words[0].ToUpperInvariant();
        switch (words[0])
        {
            case "begin":
                TransactionStatus = 'T';
                break;
            case "commit" or "rollback":
                TransactionStatus = 'I';
                _portals.Clear();
                break;
            case "set":
                _changed[words[1]] = words[2];
                break;
            case "error":
                if (words[2] == "at") throw new SqlException(words[1], string.Join(' ', words.Skip(4)), int.Parse(words[3], CultureInfo.InvariantCulture));
                throw new SqlException(words[1], string.Join(' ', words.Skip(2)));
            case "detailed":
                throw new SqlException(SqlState.UniqueViolation, "m", 2, detail: "d", hint: "h")
                {
                    Where = "w", SchemaName = "s", TableName = "t", ColumnName = "c", DataTypeName = "dt", ConstraintName = "n", Routine = "r",
                };
            case "fatal":
                throw new SqlException(words[1], string.Join(' ', words.Skip(2))) { IsFatal = true };
            case "crash":
                throw new InvalidOperationException("a bug");
            case "notice":
                await sink.NoticeAsync(new Notice("NOTICE", "00000", rest), stop);
                _notices.Add(new Notice("WARNING", "01000", "later " + rest));
                break;
            case "sleep":
                await SleepAsync(stop);
                break;
            case "copyin":
                tag = await CopyInAsync(sink, stop);
                break;
            case "copyout":
                tag = await CopyOutAsync(sink, int.Parse(words[1], CultureInfo.InvariantCulture), stop);
                break;
            case "listen":
                IsListening = true;
                break;
            case "notify":
                factory.Notify(new Notification(ProcessId, words[1], words[2]));
                break;
        }
        await sink.CompleteAsync(tag, stop);
    }

    private async ValueTask SleepAsync(CancellationToken stop)
    {
        _cancel.Dispose();
        _cancel = new CancellationTokenSource();
        factory.Sleeping.Release();
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(_cancel.Token, stop);
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(30), either.Token);
        }
        catch (OperationCanceledException)
        {
            factory.Stopped.Release();
            stop.ThrowIfCancellationRequested();
            throw new SqlException(SqlState.QueryCanceled, "canceling statement due to user request");
        }
    }

    private static async ValueTask<string> CopyInAsync(IResultSink sink, CancellationToken stop)
    {
        ICopyInput input = await sink.BeginCopyInAsync(isBinary: false, 2, stop);
        long bytes = 0;
        while (await input.ReadAsync(stop) is { IsEmpty: false } piece)
        {
            if (piece.Span.IndexOf("bad"u8) >= 0) throw new SqlException(SqlState.BadCopyFileFormat, "bad data").In("COPY t, line 1");
            bytes += piece.Length;
        }
        return $"COPY {bytes}";
    }

    private static async ValueTask<string> CopyOutAsync(IResultSink sink, int lines, CancellationToken stop)
    {
        await sink.BeginCopyOutAsync(isBinary: false, 1, stop);
        for (int i = 0; i < lines; i++) await sink.WriteCopyDataAsync(Encoding.UTF8.GetBytes($"line {i}\n"), stop);
        await sink.EndCopyOutAsync(stop);
        return $"COPY {lines}";
    }

    private static ResultColumn[]? Columns(string text, uint[] parameterTypes) => text.Split(' ')[0] switch
    {
        "ints" => [new ResultColumn("n", SqlType.Int4, 0, 0, 4)],
        "mixed" => [new ResultColumn("i", SqlType.Int4, 16400, 1, 4), new ResultColumn("l", SqlType.Int8, 16400, 2, 8), new ResultColumn("t", SqlType.Text, 16400, 3, -1)],
        "wide" or "big" or "show" => [new ResultColumn("t", SqlType.Text, 0, 0, -1)],
        "echo" => parameterTypes.Select((t, i) => new ResultColumn("p" + i, new SqlType(t), 0, 0, (short)(t == TypeOid.Int4 ? 4 : t == TypeOid.Int8 ? 8 : -1))).ToArray(),
        "bare" => [],
        _ => null,
    };

    private async ValueTask SendRowsAsync(ScriptedPortal portal, ResultColumn[] columns, int maxRows, IResultSink sink, CancellationToken stop)
    {
        await sink.BeginRowsAsync(new RowDescription(columns, portal.FormatsFor(columns.Length)), stop);
        string[] words = portal.Text.Split(' ');
        int total = words[0] is "ints" or "mixed" or "wide" ? int.Parse(words[1], CultureInfo.InvariantCulture) : 1;
        int end = maxRows == 0 ? total : Math.Min(total, portal.Sent + maxRows);
        int sentNow = 0;
        while (portal.Sent < end)
        {
            int count = Math.Min(ColumnBatch.MaxRows, end - portal.Sent);
            await sink.WriteRowsAsync(new ColumnBatch(MakeColumns(portal, columns, words, count), count), stop);
            portal.Sent += count;
            sentNow += count;
        }
        if (maxRows > 0 && sentNow == maxRows) await sink.SuspendAsync(stop);
        else await sink.CompleteAsync($"SELECT {sentNow}", stop);
    }

    private static Column[] MakeColumns(ScriptedPortal portal, ResultColumn[] columns, string[] words, int count)
    {
        if (words[0] == "echo") return portal.Values.ToColumns();
        return columns.Select(c => MakeColumn(c, portal.Sent, words, count)).ToArray();
    }

    private static Column MakeColumn(ResultColumn column, int first, string[] words, int count)
    {
        if (column.Type.Oid == TypeOid.Int4)
        {
            ColumnBuilder<int> ints = new(count);
            for (int i = 0; i < count; i++) ints.Append(first + i + 1);
            return ints.Build();
        }
        if (column.Type.Oid == TypeOid.Int8)
        {
            ColumnBuilder<long> longs = new(count);
            for (int i = 0; i < count; i++)
            {
                if (i % 3 == 2) longs.AppendNull();
                else longs.Append(-10_000_000_000L * (first + i));
            }
            return longs.Build();
        }
        BytesColumnBuilder texts = new(count);
        byte[] value = words[0] switch
        {
            "wide" => Enumerable.Repeat((byte)'w', int.Parse(words[2], CultureInfo.InvariantCulture)).ToArray(),
            "big" => Enumerable.Repeat((byte)'b', int.Parse(words[1], CultureInfo.InvariantCulture)).ToArray(),
            "show" => Encoding.UTF8.GetBytes(words[1]),
            _ => "ä€😀"u8.ToArray(),
        };
        for (int i = 0; i < count; i++) texts.Append(value);
        return texts.Build();
    }
}

/// <summary>Bound values, copied.</summary>
internal readonly record struct BoundCopy(uint[] Types, short[] Formats, byte[]?[] Values)
{
    public Column[] ToColumns()
    {
        Column[] columns = new Column[Values.Length];
        for (int i = 0; i < columns.Length; i++) columns[i] = ToColumn(i);
        return columns;
    }

    private Column ToColumn(int i)
    {
        bool isBinary = (Formats.Length == 0 ? 0 : Formats[Formats.Length == 1 ? 0 : i]) == 1;
        byte[]? value = Values[i];
        if (Types[i] == TypeOid.Int4)
        {
            ColumnBuilder<int> ints = new(1);
            if (value is null) ints.AppendNull();
            else if (isBinary) TypeHandlers.Of(TypeOid.Int4).ReadBinary(value, SqlType.Int4, ints, null!);
            else TypeHandlers.Of(TypeOid.Int4).ParseText(value, SqlType.Int4, ints, null!);
            return ints.Build();
        }
        BytesColumnBuilder bytes = new(1);
        if (value is null) bytes.AppendNull();
        else bytes.Append(value);
        return bytes.Build();
    }
}

internal sealed class ScriptedPortal(string text, BoundCopy values, short[] formats)
{
    public string Text => text;
    public BoundCopy Values { get; } = values.Types is null ? new BoundCopy([], [], []) : values;
    public int Sent { get; set; }

    public short[] FormatsFor(int columns)
    {
        if (formats.Length > 1 && formats.Length != columns)
            throw new SqlException(SqlState.ProtocolViolation, $"bind message has {formats.Length} result formats but query has {columns} columns");
        return Enumerable.Range(0, columns).Select(i => formats.Length == 0 ? (short)0 : formats[formats.Length == 1 ? 0 : i]).ToArray();
    }
}

/// <summary>Opens scripted sessions; knows one user with a password, and a database that is full.</summary>
internal sealed class ScriptedFactory : ISqlSessionFactory
{
    private readonly ConcurrentDictionary<int, ScriptedSession> _sessions = new();
    private int _lastProcessId = 100;

    /// <summary>Statements that were begun, in order.</summary>
    public ConcurrentQueue<string> Ran { get; } = new();

    /// <summary>Released once for each "sleep" that has begun, and for each that was stopped.</summary>
    public SemaphoreSlim Sleeping { get; } = new(0);
    public SemaphoreSlim Stopped { get; } = new(0);

    public Dictionary<string, string> Verifiers { get; } = [];
    public ICollection<ScriptedSession> Sessions => _sessions.Values;

    public string? FindPasswordVerifier(string user) => Verifiers.GetValueOrDefault(user);

    public ValueTask<ISqlSession> OpenAsync(SessionRequest request, CancellationToken stop)
    {
        if (request.Database == "full") throw new SqlException(SqlState.TooManyConnections, "sorry, too many clients already") { IsFatal = true };
        ScriptedSession session = new(this, request, Interlocked.Increment(ref _lastProcessId));
        _sessions[session.ProcessId] = session;
        return ValueTask.FromResult<ISqlSession>(session);
    }

    public void Cancel(int processId, ReadOnlySpan<byte> secret)
    {
        if (_sessions.TryGetValue(processId, out ScriptedSession? session) && CryptographicOperations.FixedTimeEquals(session.CancelSecret.Span, secret)) session.Cancel();
    }

    public void Notify(Notification notification)
    {
        foreach (ScriptedSession session in _sessions.Values)
        {
            if (session.IsListening) session.Notify(notification);
        }
    }

    public void Remove(ScriptedSession session) => _sessions.TryRemove(session.ProcessId, out _);
}
