using Microsoft.Extensions.Logging;
using VecSql.Core.Errors;
using VecSql.Wire.Messages;

namespace VecSql.Wire.Connections;

/// <summary>
/// Answers the messages of an authenticated client until it leaves.
/// Invariants: one ReadyForQuery for each Query, FunctionCall and Sync; after an error in an extended-query run everything up to Sync is skipped;
/// a message that can't be understood as a message at all ends the connection, one that is merely wrong inside is an ordinary error.
/// </summary>
internal sealed class ProtocolLoop(ISqlSession session, FrontendReader reader, BackendWriter writer, ConnectionLifetime lifetime, ILogger log)
{
    private readonly ResultSink _sink = new(session, reader, writer, lifetime);
    private readonly BindMessage _bind = new();
    private bool _isSkipping;
    private bool _isReady;

    /// <summary>The text in the message at hand, that error positions count in.</summary>
    private string? _text;

    /// <exception cref="SqlException">Fatal: to be reported before closing.</exception>
    /// <exception cref="OperationCanceledException">The connection stops.</exception>
    public async Task RunAsync()
    {
        bool owesReady = true;
        Action onIdle = ReleaseBuffers;
        while (true)
        {
            if (owesReady) await ReportReadyAsync();
            owesReady = false;
            if (_isReady) ThrowIfEnding();
            FrontendMessage message = await reader.ReadAsync(onIdle);
            if (message.Outcome == ReadOutcome.End) return;
            if (message.Outcome == ReadOutcome.Woken)
            {
                if (_isReady) await SendNotificationsAsync();
                continue;
            }
            if (message.Type == Frontend.Terminate) return;
            if (_isSkipping && message.Type != Frontend.Sync) continue;
            _isReady = false;
            _text = null;
            try
            {
                owesReady = await AnswerAsync(message);
            }
            catch (Exception error)
            {
                owesReady = await ReportAsync(error, message.Type);
            }
        }
    }

    /// <summary>An idle connection keeps no buffer and no text: there may be thousands.</summary>
    private void ReleaseBuffers()
    {
        writer.Release();
        _text = null;
        _sink.Forget();
        _bind.Forget();
    }

    /// <summary>Answers one message; true if ReadyForQuery follows.</summary>
    private async ValueTask<bool> AnswerAsync(FrontendMessage message)
    {
        switch (message.Type)
        {
            case Frontend.Query:
                await QueryAsync(message.Payload);
                return true;
            case Frontend.Parse:
                await ParseAsync(message.Payload);
                return false;
            case Frontend.Bind:
                await BindAsync(message.Payload);
                return false;
            case Frontend.Describe:
                await DescribeAsync(message.Payload);
                return false;
            case Frontend.Execute:
                await ExecuteAsync(message.Payload);
                return false;
            case Frontend.Close:
                await CloseAsync(message.Payload);
                return false;
            case Frontend.Flush:
                new MessageReader(message.Payload).End();
                await writer.FlushAsync();
                return false;
            case Frontend.Sync:
                _isSkipping = false;
                new MessageReader(message.Payload).End();
                await session.SyncAsync(lifetime.Stop);
                return true;
            case Frontend.FunctionCall:
                throw SqlException.NotSupported("the function call protocol");
            case Frontend.CopyData or Frontend.CopyDone or Frontend.CopyFail:
                // Left over from a COPY that has failed: the client couldn't know.
                return false;
            default:
                throw Invariant.Unreachable(message.Type);
        }
    }

    private async ValueTask QueryAsync(ReadOnlyMemory<byte> payload)
    {
        MessageReader fields = new(payload);
        string sql = fields.ReadText();
        fields.End();
        _text = sql;
        _sink.Begin(isExtended: false, sql);
        await session.QueryAsync(sql, _sink, lifetime.Stop);
    }

    private async ValueTask ParseAsync(ReadOnlyMemory<byte> payload)
    {
        MessageReader fields = new(payload);
        string statement = fields.ReadText();
        string sql = fields.ReadText();
        uint[] types = fields.ReadUInt32List();
        fields.End();
        _text = sql;
        await session.ParseAsync(statement, sql, types, lifetime.Stop);
        BackendMessages.ParseComplete(writer.Buffer);
        await writer.FlushIfFullAsync();
    }

    private async ValueTask BindAsync(ReadOnlyMemory<byte> payload)
    {
        _bind.Read(payload);
        await session.BindAsync(_bind.Portal, _bind.Statement, _bind.Values, _bind.ResultFormats, lifetime.Stop);
        BackendMessages.BindComplete(writer.Buffer);
        await writer.FlushIfFullAsync();
    }

    private async ValueTask DescribeAsync(ReadOnlyMemory<byte> payload)
    {
        (byte kind, string name) = ReadKindAndName(payload, "DESCRIBE");
        if (kind == (byte)'S')
        {
            StatementDescription statement = await session.DescribeStatementAsync(name, lifetime.Stop);
            BackendMessages.ParameterDescription(writer.Buffer, statement.ParameterTypes);
            DescribeRows(statement.Columns, null);
        }
        else
        {
            RowDescription? rows = await session.DescribePortalAsync(name, lifetime.Stop);
            DescribeRows(rows?.Columns, rows?.Formats);
        }
        await writer.FlushIfFullAsync();
    }

    private void DescribeRows(IReadOnlyList<ResultColumn>? columns, IReadOnlyList<short>? formats)
    {
        if (columns is null) BackendMessages.NoData(writer.Buffer);
        else BackendMessages.RowDescription(writer.Buffer, columns, formats);
    }

    private async ValueTask ExecuteAsync(ReadOnlyMemory<byte> payload)
    {
        MessageReader fields = new(payload);
        string portal = fields.ReadText(_bind.Portal);
        int maxRows = Math.Max(fields.ReadInt32(), 0);
        fields.End();
        _sink.Begin(isExtended: true, null);
        await session.ExecuteAsync(portal, maxRows, _sink, lifetime.Stop);
    }

    private async ValueTask CloseAsync(ReadOnlyMemory<byte> payload)
    {
        (byte kind, string name) = ReadKindAndName(payload, "CLOSE");
        await (kind == (byte)'S' ? session.CloseStatementAsync(name) : session.ClosePortalAsync(name));
        BackendMessages.CloseComplete(writer.Buffer);
        await writer.FlushIfFullAsync();
    }

    private static (byte Kind, string Name) ReadKindAndName(ReadOnlyMemory<byte> payload, string message)
    {
        MessageReader fields = new(payload);
        byte kind = fields.ReadByte();
        string name = fields.ReadText();
        fields.End();
        if (kind is not ((byte)'S' or (byte)'P')) throw MessageReader.Violation($"invalid {message} message subtype {kind}");
        return (kind, name);
    }

    private async ValueTask ReportReadyAsync()
    {
        _sink.SendPendingNotices();
        IReadOnlyList<KeyValuePair<string, string>> changed = session.TakeChangedParameters();
        for (int i = 0; i < changed.Count; i++) BackendMessages.ParameterStatus(writer.Buffer, changed[i].Key, changed[i].Value);
        WriteNotifications();
        BackendMessages.ReadyForQuery(writer.Buffer, session.TransactionStatus);
        _isReady = true;
        await writer.FlushAsync();
    }

    private async ValueTask SendNotificationsAsync()
    {
        WriteNotifications();
        await writer.FlushAsync();
    }

    private void WriteNotifications()
    {
        IReadOnlyList<Notification> notifications = session.TakeNotifications();
        for (int i = 0; i < notifications.Count; i++) BackendMessages.NotificationResponse(writer.Buffer, notifications[i]);
    }

    private void ThrowIfEnding()
    {
        if (session.Termination is { } termination) throw termination;
        if (lifetime.IsShuttingDown) throw Shutdown();
    }

    /// <summary>Reports an error; true if ReadyForQuery follows. A fatal one is thrown on.</summary>
    private async ValueTask<bool> ReportAsync(Exception error, byte messageType)
    {
        if (lifetime.IsClientGone) throw new OperationCanceledException(lifetime.Stop);
        if (lifetime.Stop.IsCancellationRequested) throw Shutdown();
        SqlException told = Translate(error, log);
        _sink.SendPendingNotices();
        if (told.IsFatal) throw told;
        BackendMessages.ErrorResponse(writer.Buffer, told, _text ?? session.StatementText);
        _isSkipping = messageType is Frontend.Parse or Frontend.Bind or Frontend.Describe or Frontend.Execute or Frontend.Close or Frontend.Flush;
        await session.FailAsync(lifetime.Stop);
        if (_isSkipping) await writer.FlushAsync();
        return !_isSkipping;
    }

    internal static SqlException Shutdown() => new(SqlState.AdminShutdown, "terminating connection due to administrator command") { IsFatal = true };

    /// <summary>What the client is told of an exception.</summary>
    internal static SqlException Translate(Exception error, ILogger log)
    {
        switch (error)
        {
            case SqlException told:
                return told;
            case OperationCanceledException:
                return new SqlException(SqlState.QueryCanceled, "canceling statement due to user request");
            case InsufficientExecutionStackException:
                return new SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded");
            case OutOfMemoryException:
                log.LogError(error, "Out of memory");
                return new SqlException(SqlState.OutOfMemory, "out of memory");
            default:
                log.LogError(error, "Internal error");
                return new SqlException(SqlState.InternalError, "internal error: " + error.Message);
        }
    }
}
