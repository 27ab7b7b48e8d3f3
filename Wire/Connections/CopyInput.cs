using VecSql.Core.Errors;
using VecSql.Wire.Messages;

namespace VecSql.Wire.Connections;

/// <summary>The data of a COPY … FROM STDIN as they arrive. Flush and Sync in between are ignored; any other message loses the thread, which is fatal.</summary>
internal sealed class CopyInput(FrontendReader reader, ConnectionLifetime lifetime) : ICopyInput
{
    private bool _isAtEnd;

    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken stop)
    {
        using CancellationTokenRegistration wake = stop.UnsafeRegister(static state => ((FrontendReader)state!).Wake(), reader);
        while (!_isAtEnd)
        {
            stop.ThrowIfCancellationRequested();
            FrontendMessage message = await reader.ReadAsync();
            if (message.Outcome == ReadOutcome.Woken) continue;
            if (message.Outcome == ReadOutcome.End)
            {
                lifetime.ClientIsGone();
                throw new OperationCanceledException(lifetime.Stop);
            }
            switch (message.Type)
            {
                case Frontend.CopyData:
                    if (message.Payload.IsEmpty) break;
                    return message.Payload;
                case Frontend.CopyDone:
                    _isAtEnd = true;
                    break;
                case Frontend.CopyFail:
                    _isAtEnd = true;
                    throw new SqlException(SqlState.QueryCanceled, "COPY from stdin failed: " + new MessageReader(message.Payload).ReadText());
                case Frontend.Flush or Frontend.Sync:
                    break;
                default:
                    throw FrontendReader.Fatal($"unexpected message type 0x{message.Type:X2} during COPY from stdin");
            }
        }
        return default;
    }
}
