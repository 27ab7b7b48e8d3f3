using System.Buffers.Binary;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Storage.Catalogs;
using VecSql.Storage.Files;
using VecSql.Storage.Log;
using VecSql.Storage.Manifests;

namespace VecSql.Storage.Databases;

/// <summary>Rows of a logged insert, from place <paramref name="From"/> on.</summary>
internal readonly record struct ReplayedInsert(LoggedOperation.Insert Operation, int From, long Position);

/// <summary>What the log says of one table's rows.</summary>
internal sealed class ReplayedRows(LogFileName firstFile)
{
    private readonly List<ReplayedInsert> _inserts = [];

    /// <summary>The oldest file that may hold such rows: needed until they are flushed.</summary>
    public LogFileName FirstFile => firstFile;
    public List<(long[] RowIds, long Position)> Deletes { get; } = [];
    public long TruncatedBelow { get; private set; }

    public void Add(LoggedOperation.Insert insert, long position) => _inserts.Add(new ReplayedInsert(insert, 0, position));

    public void Truncate(long below) => TruncatedBelow = Math.Max(TruncatedBelow, below);

    /// <summary>The rows that still count, by number.</summary>
    public IEnumerable<ReplayedInsert> InsertsInOrder(long flushedRowId)
    {
        long first = Math.Max(flushedRowId, TruncatedBelow);
        _inserts.Sort((a, b) => a.Operation.FirstRowId.CompareTo(b.Operation.FirstRowId));
        foreach (ReplayedInsert insert in _inserts)
        {
            long skip = Math.Clamp(first - insert.Operation.FirstRowId, 0, insert.Operation.Count);
            if (skip < insert.Operation.Count) yield return insert with { From = (int)skip };
        }
    }
}

/// <summary>
/// Collects what whole transactions in the log did. Nothing is applied to tables here: transactions commit in another order than their rows are numbered.
/// </summary>
internal sealed class LogReplay(Manifest manifest, CatalogSnapshot catalog)
{
    private sealed class OpenTransaction
    {
        public readonly List<ReadOnlyMemory<byte>> Bodies = [];
        public readonly List<LoggedOperation> Operations = [];

        public void ReadBodies()
        {
            foreach (ReadOnlyMemory<byte> body in Bodies) OperationCodec.ReadAll(body, Operations);
            Bodies.Clear();
        }
    }

    private readonly Dictionary<long, OpenTransaction> _open = [];
    private readonly Dictionary<uint, ReplayedRows> _rows = [];
    private LogFileName _file = new(0, 0);

    public CatalogSnapshot Catalog { get; private set; } = catalog;
    public Dictionary<uint, SequenceState> Sequences { get; } = [];
    public List<StoredStatistics> Statistics { get; } = [];
    public List<AttachedIndex> AttachedIndexes { get; } = [];
    public long LastPosition { get; private set; }
    public uint NextOid { get; private set; }
    public long NextLsn { get; private set; } = manifest.Lsn + 1;

    public ReplayedRows? RowsOf(uint table) => _rows.GetValueOrDefault(table);

    /// <exception cref="SqlException">XX001: frames between the files are missing.</exception>
    public void BeginFile(LogFileName name, long firstLsn, string path)
    {
        // Transactions end with their process, and numbers start anew.
        if (name.Epoch != _file.Epoch) _open.Clear();
        bool isFirst = _file.Epoch == 0;
        _file = name;
        if (isFirst ? firstLsn > manifest.Lsn + 1 : firstLsn != NextLsn)
            throw Damage.In(path, $"it begins with frame {firstLsn}, but frame {NextLsn} should follow");
    }

    public void EndFile(long nextLsn) => NextLsn = nextLsn;

    public void Read(in FrameHeader header, ReadOnlyMemory<byte> body)
    {
        switch (header.Kind)
        {
            case FrameKind.Operations:
                Open(header.Transaction).Bodies.Add(body);
                break;
            case FrameKind.Undo:
                OpenTransaction undone = Open(header.Transaction);
                undone.ReadBodies();
                int keep = new LogReader(body).Int32();
                if ((uint)keep > (uint)undone.Operations.Count) throw new LogFormatException($"undo to {keep} of {undone.Operations.Count} operations");
                undone.Operations.RemoveRange(keep, undone.Operations.Count - keep);
                break;
            case FrameKind.Commit:
                ReadCommit(header, body);
                break;
            case FrameKind.Sequence when header.Lsn > manifest.Lsn:
                var reader = new LogReader(body);
                var state = new SequenceState(reader.UInt32(), reader.Int64(), reader.Byte() != 0);
                Sequences[state.Oid] = state;
                break;
            case FrameKind.Statistics when header.Lsn > manifest.Lsn:
                Statistics.Add(CatalogJson.ReadAs<StoredStatistics>(body.Span));
                break;
            case FrameKind.Sequence or FrameKind.Statistics:
                break;
            default:
                throw new LogFormatException($"frame of kind {(byte)header.Kind}");
        }
    }

    private OpenTransaction Open(long transaction)
    {
        if (!_open.TryGetValue(transaction, out OpenTransaction? open)) _open.Add(transaction, open = new OpenTransaction());
        return open;
    }

    private void ReadCommit(in FrameHeader header, ReadOnlyMemory<byte> body)
    {
        const int HeadBytes = 24;
        if (body.Length < HeadBytes) throw new LogFormatException("commit without its head");
        long position = BinaryPrimitives.ReadInt64LittleEndian(body.Span);
        int count = BinaryPrimitives.ReadInt32LittleEndian(body.Span[16..]);
        NextOid = Math.Max(NextOid, BinaryPrimitives.ReadUInt32LittleEndian(body.Span[20..]));
        OpenTransaction open = _open.Remove(header.Transaction, out OpenTransaction? found) ? found : new OpenTransaction();
        open.Bodies.Add(body[HeadBytes..]);
        open.ReadBodies();
        if (open.Operations.Count != count) throw new LogFormatException($"a transaction of {count} operations has {open.Operations.Count}");
        if (position <= LastPosition) throw new LogFormatException($"commit position {position} after {LastPosition}");
        LastPosition = position;
        foreach (LoggedOperation operation in open.Operations) Apply(operation, position, header.Lsn > manifest.Lsn);
    }

    private void Apply(LoggedOperation operation, long position, bool isNew)
    {
        switch (operation)
        {
            case LoggedOperation.Insert insert:
                Rows(insert.Table).Add(insert, position);
                break;
            case LoggedOperation.Delete delete:
                Rows(delete.Table).Deletes.Add((delete.RowIds, position));
                break;
            case LoggedOperation.Truncate truncate:
                Rows(truncate.Table).Truncate(truncate.BelowRowId);
                break;
            case LoggedOperation.PutObject put when isNew:
                Catalog = Catalog.With(CatalogJson.Read(put.Json));
                break;
            case LoggedOperation.DropObject drop when isNew:
                Catalog = Catalog.Without(drop.Oid);
                break;
            case LoggedOperation.AttachIndex attach when isNew:
                AttachedIndexes.Add(CatalogJson.ReadAs<AttachedIndex>(attach.Json));
                break;
        }
    }

    private ReplayedRows Rows(uint table)
    {
        if (!_rows.TryGetValue(table, out ReplayedRows? rows)) _rows.Add(table, rows = new ReplayedRows(new LogFileName(manifest.ReplayEpoch, manifest.ReplayFile)));
        return rows;
    }
}
