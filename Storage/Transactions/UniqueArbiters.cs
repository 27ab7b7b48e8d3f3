using System.Text;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Storage.Contracts;
using VecSql.Storage.Indexes;
using VecSql.Storage.Locks;
using VecSql.Storage.Memtables;
using VecSql.Storage.Tables;

namespace VecSql.Storage.Transactions;

internal sealed partial class Transaction
{
    /// <summary>Decides about equal keys for a statement's inserts. Looks at rows as they are now, not at the snapshot: a unique index holds for all.</summary>
    private abstract class Arbiter(Transaction transaction, uint table) : IUniqueArbiter
    {
        private long? _horizon;

        protected Transaction Transaction => transaction;
        protected uint Table => table;
        public RowRange[] Ranges => transaction.FindStore(table).Ranges;

        public bool IsGone(long rowId, out long waitFor)
        {
            waitFor = 0;
            if (rowId < transaction._truncatedBelow.GetValueOrDefault(table)) return true;
            RowRange? range = TableStore.FindRange(transaction.FindStore(table).Ranges, rowId);
            int position = range?.PositionOf(rowId) ?? -1;
            if (position < 0) return true;
            long created = range!.CreatedAt(position);
            if (created == RowStamp.Aborted) return true;
            if (RowStamp.IsInProgress(created) && RowStamp.TransactionOf(created) != transaction.Id)
            {
                waitFor = RowStamp.TransactionOf(created);
                return false;
            }
            long deleted = range.DeletedAt(position);
            if (deleted == RowStamp.None) return false;
            if (!RowStamp.IsInProgress(deleted) || RowStamp.TransactionOf(deleted) == transaction.Id) return true;
            waitFor = RowStamp.TransactionOf(deleted);
            return false;
        }

        public bool IsDeadForAll(long rowId)
        {
            RowRange? range = transaction.FindStore(table).FindRange(rowId);
            int position = range?.PositionOf(rowId) ?? -1;
            if (position < 0 || range!.CreatedAt(position) == RowStamp.Aborted) return true;
            long deleted = range.DeletedAt(position);
            return deleted != RowStamp.None && !RowStamp.IsInProgress(deleted) && deleted < (_horizon ??= transaction._database.Horizon);
        }

        public void WaitFor(long rowId, long other)
        {
            if (transaction._database.FindOwner(other) is not { } owner) return;
            int version = owner.Version;
            // Looked at again after the version was noted: otherwise its end could be missed.
            if (IsGone(rowId, out long waitFor) || waitFor != other) return;
            transaction._database.Waits.Wait(transaction._owner, [new Blocker(owner, version)], WaitTarget.EndOf(other), transaction._owner.NewDeadline());
        }

        public abstract void Conflict(IndexStore index, Memtable memtable, int position, long otherRowId);
    }

    private sealed class ThrowingArbiter(Transaction transaction, uint table) : Arbiter(transaction, table)
    {
        public override void Conflict(IndexStore index, Memtable memtable, int position, long otherRowId) =>
            throw Transaction.UniqueViolation(index.Definition, Table, memtable, position);
    }

    private sealed class RecordingArbiter(Transaction transaction, uint table, IReadOnlyList<uint> arbiters) : Arbiter(transaction, table)
    {
        public List<(long RowId, long Other)> Conflicts { get; } = [];

        public override void Conflict(IndexStore index, Memtable memtable, int position, long otherRowId)
        {
            if (arbiters.Count > 0 && !arbiters.Contains(index.Oid)) throw Transaction.UniqueViolation(index.Definition, Table, memtable, position);
            if (Transaction.Isolation != IsolationLevel.ReadCommitted && !Transaction.IsVisibleOrOwn(Table, otherRowId)) throw ConcurrentUpdate();
            memtable.SetCreated(position, 1, RowStamp.Aborted);
            Conflicts.Add((memtable.RowIdAt(position), otherRowId));
        }
    }

    private bool IsVisibleOrOwn(uint table, long rowId)
    {
        RowRange? range = FindStore(table).FindRange(rowId);
        int position = range?.PositionOf(rowId) ?? -1;
        if (position < 0) return false;
        long created = range!.CreatedAt(position);
        return RowStamp.IsInProgress(created) || created <= SnapshotPosition;
    }

    /// <summary>23505 as PostgreSQL words it.</summary>
    private SqlException UniqueViolation(IndexObject index, uint table, RowRange range, int position) =>
        KeyError(index, FindTable(table), range, position, $"duplicate key value violates unique constraint \"{index.Name}\"", "already exists");

    /// <summary>CREATE UNIQUE INDEX over rows with equal keys.</summary>
    internal SqlException DuplicateKey(IndexObject index, TableReader reader, long rowId)
    {
        RowRange range = TableStore.FindRange(reader.Ranges, rowId)!;
        return KeyError(index, FindTable(index.Table), range, range.PositionOf(rowId), $"could not create unique index \"{index.Name}\"", "is duplicated");
    }

    private SqlException KeyError(IndexObject index, TableObject table, RowRange range, int position, string message, string what)
    {
        string names = string.Join(", ", index.Keys.Select(k => k.Column > 0 ? table.Columns[k.Column - 1].Name : k.Expression));
        var values = new StringBuilder();
        var text = new ByteBuffer();
        var context = new StoredTextContext(Catalog);
        foreach (IndexKey key in index.Keys)
        {
            if (values.Length > 0) values.Append(", ");
            int place = key.Column > 0 ? range.Layout.PlaceOf(key.Column) : -1;
            if (place < 0)
            {
                values.Append("...");
                continue;
            }
            Column column = range.View(place, position & ~7, (position & 7) + 1);
            if (column.IsNull(position & 7))
            {
                values.Append("null");
                continue;
            }
            text.Clear();
            TypeHandlers.Of(key.Type.Oid, Catalog).FormatText(column, position & 7, key.Type, text, context);
            values.Append(Encoding.UTF8.GetString(text.WrittenSpan));
        }
        return new SqlException(SqlState.UniqueViolation, message, detail: $"Key ({names})=({values}) {what}.")
        {
            SchemaName = Catalog.Find<SchemaObject>(table.Schema)?.Name, TableName = table.Name, ConstraintName = index.Name,
        };
    }

    private static SqlException ConcurrentUpdate() => new(SqlState.SerializationFailure, "could not serialize access due to concurrent update");
}
