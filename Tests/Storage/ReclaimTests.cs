using VecSql.Core.Columns;
using VecSql.Storage.Contracts;
using VecSql.Storage.Databases;
using VecSql.Storage.Indexes;
using VecSql.Storage.Memtables;

namespace VecSql.Tests.Storage;

/// <summary>Space comes back: rows that were replaced or deleted, logs that are no longer needed, what a transaction that failed has written.</summary>
public sealed class ReclaimTests
{
    private const int Rows = 60_000;

    [Fact]
    public void Rows_that_were_all_updated_or_deleted_give_their_space_back()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t", isUnique: true);
        store.Run(t => t.Insert(table, StoreFixture.Rows(Enumerable.Range(0, Rows))));
        Settle(store);
        long once = store.Database.SizeOf(table).DiskBytes;
        Assert.InRange(once, Rows * 8L, long.MaxValue);
        for (int i = 0; i < 3; i++)
        {
            store.Run(t => Replace(t, table));
            Settle(store);
        }
        Assert.InRange(store.Database.SizeOf(table).DiskBytes, 1, once * 3 / 2);
        Assert.Equal(Rows, store.ReadAll(table).Count);
        store.Run(t =>
        {
            long[] all = [.. RowIds(t, table)];
            t.LockRows(table, all, RowLockStrength.Update, LockWaitPolicy.Wait, new RowLockResult[all.Length], new long[all.Length]);
            t.Delete(table, all);
        });
        Settle(store);
        Assert.Equal(0, store.Database.SizeOf(table).DiskBytes);
        Assert.Empty(Directory.GetFiles(Path.Combine(store.Folder, "base/5/seg")));
        Assert.Empty(Directory.GetFiles(Path.Combine(store.Folder, "base/5/idx")));
        Assert.Empty(store.ReadAll(table));
    }

    [Fact]
    public void What_an_open_snapshot_sees_is_kept_and_goes_after_it()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t");
        store.Run(t => t.Insert(table, StoreFixture.Rows(Enumerable.Range(0, Rows))));
        Settle(store);
        long once = store.Database.SizeOf(table).DiskBytes;
        using (ITransaction old = store.Begin(IsolationLevel.RepeatableRead))
        {
            Assert.Equal(Rows, StoreFixture.ReadAll(old, table).Count);
            store.Run(t => Replace(t, table));
            Settle(store);
            Assert.InRange(store.Database.SizeOf(table).DiskBytes, once * 3 / 2, long.MaxValue);
            Assert.Equal(Rows, StoreFixture.ReadAll(old, table).Count);
        }
        Settle(store);
        Assert.InRange(store.Database.SizeOf(table).DiskBytes, 1, once * 3 / 2);
    }

    [Fact]
    public void Many_small_transactions_leave_one_log_file_after_a_checkpoint()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t", isUnique: true);
        for (int i = 0; i < 300; i++)
        {
            int id = i;
            store.Run(t => t.Insert(table, StoreFixture.Rows([id])));
            if (i % 50 == 0) store.Database.Checkpoint(CancellationToken.None);
        }
        store.Database.Checkpoint(CancellationToken.None);
        string log = Assert.Single(Directory.GetFiles(Path.Combine(store.Folder, "base/5/wal"), "*", SearchOption.AllDirectories));
        Assert.InRange(new FileInfo(log).Length, 1, 4096);
        store.Crash();
        Assert.Equal(300, store.ReadAll(table).Count);
    }

    [Fact]
    public void A_transaction_that_fails_leaves_nothing_behind()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t");
        for (int i = 0; i < 3; i++)
        {
            using ITransaction transaction = store.Begin();
            transaction.Insert(table, StoreFixture.Rows(Enumerable.Range(0, Rows)));
            transaction.Rollback();
        }
        Settle(store);
        Assert.Equal((0, 0), store.Database.SizeOf(table));
        Assert.Single(Directory.GetFiles(Path.Combine(store.Folder, "base/5/wal"), "*", SearchOption.AllDirectories));
    }

    /// <summary>One row changed all the time: neither its index entries nor its old versions may pile up until the memtable is full.</summary>
    [Fact]
    public void A_row_that_is_updated_again_and_again_stays_cheap()
    {
        const int Updates = 30_000;
        using var store = new StoreFixture();
        uint table = store.CreateTable("t", isUnique: true);
        store.Run(t => t.Insert(table, StoreFixture.Rows([1, 2])));
        DatabaseStore database = (DatabaseStore)store.Database;
        uint index = store.IndexOf(table);
        using ITransaction old = store.Begin(IsolationLevel.RepeatableRead);
        Assert.Equal([(1, 10), (2, 20)], StoreFixture.ReadAll(old, table));
        long rowId = 0;
        store.Run(t => rowId = StoreFixture.RowIdOf(t, table, 1));
        for (int i = 1; i <= Updates; i++)
        {
            int value = i;
            store.Run(t =>
            {
                rowId = StoreFixture.Lock(t, table, rowId).RowId;
                long[] changed = new long[1];
                t.Update(table, [rowId], StoreFixture.Rows((1, value)), changed);
                rowId = changed[0];
            });
            if (i == 100)
            {
                Assert.Equal([(1, 10), (2, 20)], StoreFixture.ReadAll(old, table));
                old.Rollback();
            }
        }
        Assert.Equal([(1, Updates), (2, 20)], store.ReadAll(table));
        Memtable[] memtables = [.. database.FindStore(table).Ranges.OfType<Memtable>()];
        Assert.InRange(memtables.Count(m => !m.IsFrozen || !m.IsSettled), 0, 1);
        Assert.All(memtables, m => Assert.InRange(((KeyTreePart)m.FindPart(index)!).Tree.Count, 0, 200));
        Assert.All(memtables, m => Assert.InRange(m.RowCount, 0, 10_000));
        store.Crash();
        Assert.Equal([(1, Updates), (2, 20)], store.ReadAll(table));
    }

    /// <summary>Who waited for a row's lock reads the newest version, with the reader made before it was written.</summary>
    [Fact]
    public void A_reader_fetches_a_version_in_a_memtable_begun_after_it()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t", isUnique: true);
        store.Run(t => t.Insert(table, StoreFixture.Rows([1])));
        using ITransaction early = store.Begin();
        ITableReader reader = early.Read(table);
        store.Database.Checkpoint(CancellationToken.None);
        long rowId = 0;
        store.Run(t => rowId = StoreFixture.Update(t, table, 1, 77));
        ColumnBuilder[] columns = [ColumnBuilder.Create(PhysicalKind.Int32, 1), ColumnBuilder.Create(PhysicalKind.Int32, 1)];
        reader.Fetch([rowId], [1, 2], columns);
        Assert.Equal(77, ((Column<int>)columns[1].Build())[0]);
    }

    private static void Settle(StoreFixture store)
    {
        store.Database.Checkpoint(CancellationToken.None);
        while (((DatabaseStore)store.Database).Compact(CancellationToken.None)) { }
        store.Database.Checkpoint(CancellationToken.None);
    }

    private static void Replace(ITransaction transaction, uint table)
    {
        long[] all = [.. RowIds(transaction, table)];
        transaction.LockRows(table, all, RowLockStrength.NoKeyUpdate, LockWaitPolicy.Wait, new RowLockResult[all.Length], new long[all.Length]);
        for (int from = 0; from < all.Length; from += 2000)
        {
            int count = Math.Min(2000, all.Length - from);
            transaction.Update(table, all.AsSpan(from, count), StoreFixture.Rows(Enumerable.Range(from, count)));
        }
    }

    private static IEnumerable<long> RowIds(ITransaction transaction, uint table) => StoreFixture.ReadWithRowIds(transaction, table).OrderBy(r => r.Id).Select(r => r.RowId);
}
