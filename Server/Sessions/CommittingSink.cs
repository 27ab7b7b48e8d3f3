using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Wire;

namespace VecSql.Server.Sessions;

/// <summary>
/// The answer of a query string's last statement: its command tag goes out only after the commit of the transaction that the statement began by itself. A commit that fails takes its place.
/// </summary>
internal sealed class CommittingSink(IResultSink inner, TransactionBlock transactions) : IResultSink
{
    public ValueTask CompleteAsync(string commandTag, CancellationToken stop)
    {
        if (transactions.State == BlockState.Implicit) transactions.Commit();
        return inner.CompleteAsync(commandTag, stop);
    }

    public ValueTask BeginRowsAsync(RowDescription description, CancellationToken stop) => inner.BeginRowsAsync(description, stop);
    public ValueTask WriteRowsAsync(ColumnBatch batch, CancellationToken stop) => inner.WriteRowsAsync(batch, stop);
    public ValueTask SuspendAsync(CancellationToken stop) => inner.SuspendAsync(stop);
    public ValueTask EmptyQueryAsync(CancellationToken stop) => inner.EmptyQueryAsync(stop);
    public ValueTask NoticeAsync(Notice notice, CancellationToken stop) => inner.NoticeAsync(notice, stop);
    public ValueTask BeginCopyOutAsync(bool isBinary, int columnCount, CancellationToken stop) => inner.BeginCopyOutAsync(isBinary, columnCount, stop);
    public ValueTask WriteCopyDataAsync(ReadOnlyMemory<byte> data, CancellationToken stop) => inner.WriteCopyDataAsync(data, stop);
    public ValueTask EndCopyOutAsync(CancellationToken stop) => inner.EndCopyOutAsync(stop);
    public ValueTask<ICopyInput> BeginCopyInAsync(bool isBinary, int columnCount, CancellationToken stop) => inner.BeginCopyInAsync(isBinary, columnCount, stop);
}
