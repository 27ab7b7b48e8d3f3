using VecSql.Storage.Contracts;
using VecSql.Storage.Databases;

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
