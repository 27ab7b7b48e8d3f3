using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Wire.Messages;
using VecSql.Wire.Rows;

namespace VecSql.Wire.Connections;

/// <summary>Writes a running statement's answer to the client. One for each connection; <see cref="Begin"/> sets it to the message at hand.</summary>
internal sealed class ResultSink(ISqlSession session, FrontendReader reader, BackendWriter writer, ConnectionLifetime lifetime) : IResultSink
{
    private RowEncoder? _rows;
    private string? _text;
    private bool _isExtended;

    /// <param name="text">The statement's text, if the message had it.</param>
    public void Begin(bool isExtended, string? text)
    {
        _isExtended = isExtended;
        _text = text;
        _rows = null;
    }

    /// <summary>Keeps nothing of the last message.</summary>
    public void Forget() => Begin(isExtended: false, null);

    public ValueTask BeginRowsAsync(RowDescription description, CancellationToken stop)
    {
        SendPendingNotices();
        _rows = new RowEncoder(description, session.Formatting);
        if (!_isExtended) BackendMessages.RowDescription(writer.Buffer, description.Columns, description.Formats);
        return writer.FlushIfFullAsync();
    }

    public async ValueTask WriteRowsAsync(ColumnBatch batch, CancellationToken stop)
    {
        RowEncoder rows = _rows ?? throw new InvariantException("rows before BeginRowsAsync");
        SendPendingNotices();
        if (batch.Count == 0) return;
        rows.Bind(batch);
        int place = 0;
        while (true)
        {
            place = rows.Encode(batch.Selection, place, writer.Buffer, writer.FlushThreshold);
            await writer.FlushIfFullAsync();
            if (place >= batch.Count) return;
            stop.ThrowIfCancellationRequested();
        }
    }

    public ValueTask CompleteAsync(string commandTag, CancellationToken stop)
    {
        SendPendingNotices();
        BackendMessages.CommandComplete(writer.Buffer, commandTag);
        _rows = null;
        return writer.FlushIfFullAsync();
    }

    public ValueTask SuspendAsync(CancellationToken stop)
    {
        SendPendingNotices();
        BackendMessages.PortalSuspended(writer.Buffer);
        _rows = null;
        return writer.FlushIfFullAsync();
    }

    public ValueTask EmptyQueryAsync(CancellationToken stop)
    {
        BackendMessages.EmptyQueryResponse(writer.Buffer);
        return writer.FlushIfFullAsync();
    }

    /// <summary>A notice goes out at once: the statement may run for long yet.</summary>
    public ValueTask NoticeAsync(Notice notice, CancellationToken stop)
    {
        BackendMessages.NoticeResponse(writer.Buffer, notice, _text ?? session.StatementText);
        return writer.FlushAsync();
    }

    public ValueTask BeginCopyOutAsync(bool isBinary, int columnCount, CancellationToken stop)
    {
        SendPendingNotices();
        BackendMessages.CopyResponse(writer.Buffer, isIn: false, isBinary, columnCount);
        return writer.FlushIfFullAsync();
    }

    public ValueTask WriteCopyDataAsync(ReadOnlyMemory<byte> data, CancellationToken stop)
    {
        BackendMessages.CopyData(writer.Buffer, data.Span);
        return writer.FlushIfFullAsync();
    }

    public ValueTask EndCopyOutAsync(CancellationToken stop)
    {
        BackendMessages.CopyDone(writer.Buffer);
        return writer.FlushIfFullAsync();
    }

    public async ValueTask<ICopyInput> BeginCopyInAsync(bool isBinary, int columnCount, CancellationToken stop)
    {
        SendPendingNotices();
        BackendMessages.CopyResponse(writer.Buffer, isIn: true, isBinary, columnCount);
        await writer.FlushAsync();
        return new CopyInput(reader, lifetime);
    }

    /// <summary>Notices that were raised where no sink was at hand: they come before what follows them.</summary>
    public void SendPendingNotices()
    {
        IReadOnlyList<Notice> notices = session.TakeNotices();
        for (int i = 0; i < notices.Count; i++) BackendMessages.NoticeResponse(writer.Buffer, notices[i], _text ?? session.StatementText);
    }
}
