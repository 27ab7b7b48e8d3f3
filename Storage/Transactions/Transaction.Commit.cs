using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Storage.Catalogs;
using VecSql.Storage.Contracts;
using VecSql.Storage.Log;

namespace VecSql.Storage.Transactions;

/// <summary>Writing to the log, and committing.</summary>
internal sealed partial class Transaction
{
    /// <summary>What a transaction has done is written to the log when it exceeds this, not only at its end.</summary>
    private const long LogThresholdBytes = 1 << 20;
    private const int FrameBytes = 4 << 20;

    private readonly HashSet<uint> _readTables = [];
    private long _unloggedBytes;
    private int _loggedOperations;
    private int _logCount;
    private bool _hasLogFrames;

    /// <summary>Operations of the log, for the commit's cross-check.</summary>
    internal int LogCount => _logCount;
    internal IReadOnlyCollection<uint> ReadTables => _readTables;

    public long Commit()
    {
        ThrowIfEnded();
        if (!HasWrites)
        {
            End();
            return SnapshotPosition;
        }
        try
        {
            var body = new ByteBuffer(256);
            EncodeRest(body);
            Action? undoShared = _sharedChanges.Count > 0 ? _database.ApplyShared(_sharedChanges) : null;
            var request = new CommitRequest(_database, this, body);
            try
            {
                _database.Log.Submit(request);
            }
            catch (SqlException)
            {
                undoShared?.Invoke();
                throw;
            }
            End();
            return request.Position;
        }
        catch (SqlException)
        {
            Rollback();
            throw;
        }
    }

    /// <summary>Called after each statement's write.</summary>
    private void LogIfLarge()
    {
        if (_unloggedBytes < LogThresholdBytes) return;
        var body = new ByteBuffer(FrameBytes / 2);
        EncodeRest(body);
        WriteFrame(body);
        _sealedOperations = _operations.Count;
    }

    /// <summary>Encodes what isn't logged yet; whole frames are written as they fill, the rest stays in the buffer.</summary>
    private void EncodeRest(ByteBuffer body)
    {
        for (; _loggedOperations < _operations.Count; _loggedOperations++)
        {
            Encode(_operations[_loggedOperations], body);
            _operations[_loggedOperations].LogEnd = _logCount;
            if (body.Length >= FrameBytes) WriteFrame(body);
        }
        _unloggedBytes = 0;
    }

    private void WriteFrame(ByteBuffer body)
    {
        if (body.Length == 0) return;
        _hasLogFrames = true;
        _database.Log.Append(FrameKind.Operations, Id, body.WrittenSpan);
        body.Clear();
    }

    private void UndoInLog(int count)
    {
        if (_loggedOperations <= count) return;
        _logCount = count == 0 ? 0 : _operations[count - 1].LogEnd;
        _loggedOperations = count;
        if (!_hasLogFrames) return;
        var body = new ByteBuffer(8);
        body.WriteInt32LittleEndian(_logCount);
        _database.Log.Append(FrameKind.Undo, Id, body.WrittenSpan);
    }

    private void Encode(Operation operation, ByteBuffer body)
    {
        switch (operation)
        {
            case Operation.Insert insert:
                if (!insert.Table.IsLogged) return;
                int end = insert.Start + insert.Count;
                // In steps, so that a frame can be written in between: one operation may hold gigabytes.
                for (int start = insert.Start; start < end; start += ColumnBatch.MaxRows)
                {
                    _logCount += OperationCodec.WriteInsert(body, insert.Table.Oid, insert.Memtable, start, Math.Min(ColumnBatch.MaxRows, end - start));
                    if (body.Length >= FrameBytes) WriteFrame(body);
                }
                return;
            case Operation.Delete delete:
                if (!delete.Table.IsLogged) return;
                OperationCodec.WriteDelete(body, delete.Table.Oid, delete.RowIds);
                break;
            case Operation.Put put:
                if (!IsLogged(put.Value)) return;
                OperationCodec.WriteJson(body, OperationKind.PutObject, CatalogJson.Write(put.Value));
                break;
            case Operation.Drop drop:
                if (!IsLogged(drop.Value)) return;
                OperationCodec.WriteDropObject(body, drop.Value.Oid);
                break;
            case Operation.Truncate truncate:
                if (!truncate.Table.IsLogged) return;
                OperationCodec.WriteTruncate(body, truncate.Table.Oid, truncate.BelowRowId);
                break;
            case Operation.Build build:
                foreach (Manifests.AttachedIndex file in build.Files)
                {
                    OperationCodec.WriteJson(body, OperationKind.AttachIndex, CatalogJson.WriteDocument(file));
                    _logCount++;
                }
                return;
            default:
                throw Invariant.Unreachable(operation);
        }
        _logCount++;
    }

    /// <summary>Temporary objects end with the process: the log doesn't know them.</summary>
    internal static bool IsLogged(CatalogObject value) => value switch
    {
        RelationObject relation => relation.Persistence != 't',
        SchemaObject schema => !schema.Name.StartsWith("pg_temp", StringComparison.Ordinal) && !schema.Name.StartsWith("pg_toast_temp", StringComparison.Ordinal),
        _ => true,
    };

    private void NoteRead(uint table)
    {
        if (Isolation == IsolationLevel.Serializable) _readTables.Add(table);
    }
}

/// <summary>A transaction on its way into the log.</summary>
internal sealed class CommitRequest(Databases.DatabaseStore database, Transaction transaction, ByteBuffer body) : LogRequest
{
    public long Position { get; private set; }
    public override bool HasBody { get; } = transaction.LogCount > 0;
    public override long Transaction => transaction.Id;
    public override FrameKind Kind => FrameKind.Commit;

    public override Exception? Prepare()
    {
        if (transaction.Isolation == IsolationLevel.Serializable && database.WasWrittenAfter(transaction.ReadTables, transaction.SnapshotPosition))
        {
            return new SqlException(SqlState.SerializationFailure, "could not serialize access due to read/write dependencies among transactions",
                detail: "Reason code: a table that was read has been changed by a transaction that committed meanwhile.", hint: "The transaction might succeed if retried.");
        }
        Position = database.NextPosition(transaction);
        return null;
    }

    public override void WriteBody(ByteBuffer output)
    {
        output.WriteInt64LittleEndian(Position);
        output.WriteInt64LittleEndian(database.NowMicros);
        output.WriteInt32LittleEndian(transaction.LogCount);
        output.WriteUInt32LittleEndian(database.NextOid);
        output.Write(body.WrittenSpan);
    }

    public override void Apply() => database.Publish(transaction, Position);
}
