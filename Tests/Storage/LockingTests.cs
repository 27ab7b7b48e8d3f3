using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Storage.Contracts;

namespace VecSql.Tests.Storage;

public sealed class LockingTests
{
    [Fact]
    public void Duplicate_keys_are_refused_in_PostgreSQLs_words()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t", isUnique: true);
        store.Run(t => t.Insert(table, StoreFixture.Rows([1])));
        SqlException error = Assert.Throws<SqlException>(() => store.Run(t => t.Insert(table, StoreFixture.Rows([5, 1]))));
        Assert.Equal(SqlState.UniqueViolation, error.SqlState);
        Assert.Equal("duplicate key value violates unique constraint \"t_pkey\"", error.Message);
        Assert.Equal("Key (id)=(1) already exists.", error.Detail);
        Assert.Equal(("public", "t", "t_pkey"), (error.SchemaName, error.TableName, error.ConstraintName));
        // In one statement, too.
        Assert.Throws<SqlException>(() => store.Run(t => t.Insert(table, StoreFixture.Rows([7, 7]))));
        Assert.Equal([(1, 10)], store.ReadAll(table));
    }

    [Fact]
    public void A_deleted_key_is_free_again_an_updated_row_keeps_its_own()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t", isUnique: true);
        store.Run(t => t.Insert(table, StoreFixture.Rows([1, 2])));
        store.Run(t =>
        {
            StoreFixture.Delete(t, table, 1);
            t.Insert(table, StoreFixture.Rows((1, 11)));
        });
        store.Run(t => StoreFixture.Update(t, table, 2, 22));
        Assert.Equal([(1, 11), (2, 22)], store.ReadAll(table));
        store.Crash();
        Assert.Equal([(1, 11), (2, 22)], store.ReadAll(table));
        Assert.Throws<SqlException>(() => store.Run(t => t.Insert(table, StoreFixture.Rows([2]))));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_equal_key_waits_for_the_other_transaction(bool commits)
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t", isUnique: true);
        using ITransaction first = store.Begin();
        first.Insert(table, StoreFixture.Rows([1]));
        using ITransaction second = store.Begin();
        Task waiting = Task.Run(() => second.Insert(table, StoreFixture.Rows((1, 99))));
        await Task.Delay(30);
        Assert.False(waiting.IsCompleted);
        if (commits)
        {
            first.Commit();
            Assert.Equal(SqlState.UniqueViolation, (await Assert.ThrowsAsync<SqlException>(() => waiting)).SqlState);
        }
        else
        {
            first.Rollback();
            await waiting;
            second.Commit();
            Assert.Equal([(1, 99)], store.ReadAll(table));
        }
    }

    [Fact]
    public void On_conflict_tells_the_other_row()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t", isUnique: true);
        store.Run(t => t.Insert(table, StoreFixture.Rows([1])));
        store.Run(t =>
        {
            long existing = StoreFixture.RowIdOf(t, table, 1);
            var outcome = new long[4];
            t.InsertUnlessConflict(table, StoreFixture.Rows([2, 1, 3, 3]), [], outcome);
            Assert.Equal(~existing, outcome[1]);
            Assert.True(outcome[0] > existing && outcome[2] > outcome[0]);
            Assert.Equal(~outcome[2], outcome[3]);
        });
        List<(int, int?)> expected = [(1, 10), (2, 20), (3, 30)];
        Assert.Equal(expected, store.ReadAll(table));
        Assert.Equal(3, store.Database.EstimateRows(table));
        store.Crash();
        Assert.Equal(expected, store.ReadAll(table));
    }

    [Fact]
    public async Task A_concurrent_update_is_followed_in_read_committed_and_refused_in_repeatable_read()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t", isUnique: true);
        store.Run(t => t.Insert(table, StoreFixture.Rows([1])));
        using ITransaction first = store.Begin();
        using ITransaction second = store.Begin();
        using ITransaction third = store.Begin(IsolationLevel.RepeatableRead);
        long old = StoreFixture.RowIdOf(first, table, 1);
        long current = StoreFixture.Update(first, table, 1, 77);
        Task<(RowLockResult, long)> followed = Task.Run(() => StoreFixture.Lock(second, table, old));
        Task refused = Task.Run(() => StoreFixture.Lock(third, table, old));
        await Task.Delay(30);
        Assert.False(followed.IsCompleted);
        first.Commit();
        Assert.Equal(SqlState.SerializationFailure, (await Assert.ThrowsAsync<SqlException>(() => refused)).SqlState);
        Assert.Equal((RowLockResult.Moved, current), await followed);
        var values = new ColumnBuilder<int>();
        second.BeginStatement(0, CancellationToken.None);
        second.Read(table).Fetch([current], [2], [values]);
        Assert.Equal(77, ((Column<int>)values.Build())[0]);
    }

    [Fact]
    public void A_row_deleted_meanwhile_is_gone()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t");
        store.Run(t => t.Insert(table, StoreFixture.Rows([1])));
        using ITransaction reader = store.Begin();
        long rowId = StoreFixture.RowIdOf(reader, table, 1);
        store.Run(t => StoreFixture.Delete(t, table, 1));
        Assert.Equal(RowLockResult.Gone, StoreFixture.Lock(reader, table, rowId).Result);
    }

    [Fact]
    public void Row_lock_strengths_conflict_as_in_PostgreSQL()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t");
        store.Run(t => t.Insert(table, StoreFixture.Rows([1])));
        // Rows: held; columns: asked for.
        string[] compatible = ["1110", "1100", "1000", "0000"];
        for (int held = 0; held < 4; held++)
        {
            for (int asked = 0; asked < 4; asked++)
            {
                using ITransaction a = store.Begin();
                using ITransaction b = store.Begin();
                long rowId = StoreFixture.RowIdOf(a, table, 1);
                Assert.Equal(RowLockResult.Locked, StoreFixture.Lock(a, table, rowId, (RowLockStrength)held).Result);
                RowLockResult result = StoreFixture.Lock(b, table, rowId, (RowLockStrength)asked, LockWaitPolicy.SkipLocked).Result;
                Assert.Equal(compatible[held][asked] == '1' ? RowLockResult.Locked : RowLockResult.Skipped, result);
            }
        }
        using ITransaction c = store.Begin();
        using ITransaction d = store.Begin();
        long row = StoreFixture.RowIdOf(c, table, 1);
        StoreFixture.Lock(c, table, row);
        SqlException error = Assert.Throws<SqlException>(() => StoreFixture.Lock(d, table, row, policy: LockWaitPolicy.NoWait));
        Assert.Equal((SqlState.LockNotAvailable, "could not obtain lock on row in relation \"t\""), (error.SqlState, error.Message));
    }

    [Fact]
    public async Task A_key_share_lock_outlives_an_update_of_the_row()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t");
        store.Run(t => t.Insert(table, StoreFixture.Rows([1])));
        using ITransaction referrer = store.Begin();
        StoreFixture.Lock(referrer, table, StoreFixture.RowIdOf(referrer, table, 1), RowLockStrength.KeyShare);
        store.Run(t =>
        {
            long rowId = StoreFixture.RowIdOf(t, table, 1);
            Assert.Equal(RowLockResult.Locked, StoreFixture.Lock(t, table, rowId, RowLockStrength.NoKeyUpdate).Result);
            t.Update(table, [rowId], StoreFixture.Rows((1, 5)));
        });
        using ITransaction deleter = store.Begin();
        long current = StoreFixture.RowIdOf(deleter, table, 1);
        Assert.Equal(RowLockResult.Skipped, StoreFixture.Lock(deleter, table, current, policy: LockWaitPolicy.SkipLocked).Result);
        Task<(RowLockResult Result, long)> waiting = Task.Run(() => StoreFixture.Lock(deleter, table, current));
        await Task.Delay(20);
        Assert.False(waiting.IsCompleted);
        referrer.Rollback();
        Assert.Equal(RowLockResult.Locked, (await waiting).Result);
    }

    [Fact]
    public async Task Deadlocks_are_found_and_one_goes_on()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t");
        store.Run(t => t.Insert(table, StoreFixture.Rows([1, 2])));
        using ITransaction a = store.Begin();
        using ITransaction b = store.Begin();
        long one = StoreFixture.RowIdOf(a, table, 1), two = StoreFixture.RowIdOf(a, table, 2);
        StoreFixture.Lock(a, table, one);
        StoreFixture.Lock(b, table, two);
        Task<(RowLockResult Result, long)> waiting = Task.Run(() => StoreFixture.Lock(a, table, two));
        await Task.Delay(30);
        SqlException error = Assert.Throws<SqlException>(() => StoreFixture.Lock(b, table, one));
        Assert.Equal((SqlState.DeadlockDetected, "deadlock detected"), (error.SqlState, error.Message));
        Assert.Matches(@"^Process \d+ waits for ShareLock on transaction \d+; blocked by process \d+\.\nProcess \d+ waits for ShareLock on transaction \d+; blocked by process \d+\.$", error.Detail);
        b.Rollback();
        Assert.Equal(RowLockResult.Locked, (await waiting).Result);
    }

    [Fact]
    public async Task Waits_end_by_timeout_and_by_cancellation()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t");
        store.Run(t => t.Insert(table, StoreFixture.Rows([1])));
        using ITransaction holder = store.Begin();
        long rowId = StoreFixture.RowIdOf(holder, table, 1);
        StoreFixture.Lock(holder, table, rowId);
        using ITransaction impatient = store.Begin(lockTimeoutMs: 20);
        SqlException error = Assert.Throws<SqlException>(() => StoreFixture.Lock(impatient, table, rowId));
        Assert.Equal((SqlState.LockNotAvailable, "canceling statement due to lock timeout"), (error.SqlState, error.Message));
        using var cancel = new CancellationTokenSource();
        impatient.BeginStatement(0, cancel.Token);
        Task waiting = Task.Run(() => StoreFixture.Lock(impatient, table, rowId));
        await Task.Delay(20);
        await cancel.CancelAsync();
        Assert.Equal(SqlState.QueryCanceled, (await Assert.ThrowsAsync<SqlException>(() => waiting)).SqlState);
    }

    [Fact]
    public async Task Waiters_for_a_row_come_in_turn_through_all_its_versions()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t");
        store.Run(t => t.Insert(table, StoreFixture.Rows([1])));
        ITransaction holder = store.Begin();
        long rowId = StoreFixture.RowIdOf(holder, table, 1);
        StoreFixture.Lock(holder, table, rowId);
        var order = new System.Collections.Concurrent.ConcurrentQueue<int>();
        Task[] waiters = new Task[6];
        for (int i = 0; i < waiters.Length; i++)
        {
            int number = i;
            waiters[i] = Task.Factory.StartNew(() =>
            {
                using ITransaction own = store.Begin();
                (_, long current) = StoreFixture.Lock(own, table, rowId);
                order.Enqueue(number);
                own.BeginStatement(0, CancellationToken.None);
                own.Update(table, [current], StoreFixture.Rows((1, number)));
                own.Commit();
            }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            // Each stands in the queue before the next comes.
            while (store.Instance.LockWaits.Count <= i) await Task.Delay(1);
        }
        Assert.All(store.Instance.LockWaits, w => Assert.Equal("transactionid", w.Event));
        StoreFixture.Lock(holder, table, rowId);
        holder.Update(table, [rowId], StoreFixture.Rows((1, -1)));
        holder.Commit();
        holder.Dispose();
        await Task.WhenAll(waiters);
        Assert.Equal([0, 1, 2, 3, 4, 5], order);
        Assert.Empty(store.Instance.LockWaits);
    }

    [Fact]
    public async Task A_waiter_that_gives_up_lets_those_behind_it_go_on()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t");
        store.Run(t => t.Insert(table, StoreFixture.Rows([1])));
        using ITransaction holder = store.Begin();
        long rowId = StoreFixture.RowIdOf(holder, table, 1);
        StoreFixture.Lock(holder, table, rowId, RowLockStrength.KeyShare);
        using ITransaction impatient = store.Begin();
        using var cancel = new CancellationTokenSource();
        impatient.BeginStatement(0, cancel.Token);
        Task first = Task.Run(() => StoreFixture.Lock(impatient, table, rowId));
        while (store.Instance.LockWaits.Count < 1) await Task.Delay(1);
        // Shares with the holder: it need not wait for the one in the queue.
        using ITransaction reader = store.Begin();
        Assert.Equal(RowLockResult.Locked, StoreFixture.Lock(reader, table, rowId, RowLockStrength.Share).Result);
        reader.Rollback();
        holder.Rollback();
        await first;
        using ITransaction second = store.Begin();
        Task behind = Task.Run(() => StoreFixture.Lock(second, table, rowId));
        while (store.Instance.LockWaits.Count < 1) await Task.Delay(1);
        using ITransaction third = store.Begin();
        third.BeginStatement(0, cancel.Token);
        Task last = Task.Run(() => StoreFixture.Lock(third, table, rowId, RowLockStrength.Share));
        while (store.Instance.LockWaits.Count < 2) await Task.Delay(1);
        await cancel.CancelAsync();
        Assert.Equal(SqlState.QueryCanceled, (await Assert.ThrowsAsync<SqlException>(() => last)).SqlState);
        impatient.Rollback();
        await behind;
    }

    [Fact]
    public void Table_lock_modes_conflict_as_in_PostgreSQL()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t");
        string[] compatible = ["11111110", "11111100", "11110000", "11100000", "11001000", "11000000", "10000000", "00000000"];
        for (int held = 0; held < 8; held++)
        {
            for (int asked = 0; asked < 8; asked++)
            {
                using ITransaction a = store.Begin();
                using ITransaction b = store.Begin();
                a.LockTable(table, (TableLockMode)held, LockWaitPolicy.Wait);
                bool isGranted = true;
                try
                {
                    b.LockTable(table, (TableLockMode)asked, LockWaitPolicy.NoWait);
                }
                catch (SqlException e) when (e.SqlState == SqlState.LockNotAvailable)
                {
                    isGranted = false;
                }
                Assert.Equal(compatible[held][asked] == '1', isGranted);
            }
        }
    }

    [Fact]
    public void Rolling_back_to_a_savepoint_gives_its_locks_back()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t");
        store.Run(t => t.Insert(table, StoreFixture.Rows([1, 2])));
        using ITransaction a = store.Begin();
        using ITransaction b = store.Begin();
        long one = StoreFixture.RowIdOf(a, table, 1), two = StoreFixture.RowIdOf(a, table, 2);
        StoreFixture.Lock(a, table, one);
        int mark = a.SetSavepoint();
        StoreFixture.Lock(a, table, two);
        a.LockTable(table, TableLockMode.Exclusive, LockWaitPolicy.Wait);
        a.RollbackTo(mark);
        Assert.Equal(RowLockResult.Locked, StoreFixture.Lock(b, table, two, policy: LockWaitPolicy.SkipLocked).Result);
        Assert.Equal(RowLockResult.Skipped, StoreFixture.Lock(b, table, one, policy: LockWaitPolicy.SkipLocked).Result);
        b.LockTable(table, TableLockMode.RowExclusive, LockWaitPolicy.NoWait);
    }

    [Fact]
    public void Serializable_refuses_what_read_what_another_changed()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t");
        uint other = store.CreateTable("o");
        using ITransaction a = store.Begin(IsolationLevel.Serializable);
        using ITransaction b = store.Begin(IsolationLevel.Serializable);
        StoreFixture.ReadAll(a, table);
        StoreFixture.ReadAll(b, table);
        a.Insert(table, StoreFixture.Rows([1]));
        b.Insert(other, StoreFixture.Rows([1]));
        a.Commit();
        Assert.Equal(SqlState.SerializationFailure, Assert.Throws<SqlException>(() => b.Commit()).SqlState);
        Assert.Empty(store.ReadAll(other));
    }

    [Fact]
    public void An_index_gives_rows_in_order_both_ways()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t", isUnique: true);
        int[] ids = [.. Enumerable.Range(0, 20000).OrderBy(i => i * 7919L % 20011)];
        store.Run(t =>
        {
            for (int i = 0; i < ids.Length; i += 1000) t.Insert(table, StoreFixture.Rows(ids.Skip(i).Take(1000)));
        });
        store.Run(t => StoreFixture.Delete(t, table, 500));
        using ITransaction reader = store.Begin();
        List<int> expected = [.. Enumerable.Range(100, 900).Where(i => i != 500)];
        Assert.Equal(expected, Seek(reader, store.IndexOf(table), table, 100, 999, false));
        expected.Reverse();
        Assert.Equal(expected, Seek(reader, store.IndexOf(table), table, 100, 999, true));
        Assert.Equal([7], Seek(reader, store.IndexOf(table), table, 7, 7, false));
        Assert.Equal(19999, Seek(reader, store.IndexOf(table), table, null, null, true).Count);
        Assert.Equal(0, Seek(reader, store.IndexOf(table), table, null, null, false)[0]);
    }

    internal static byte[] Key(int value)
    {
        var buffer = new ByteBuffer();
        buffer.WriteByte(1);
        var builder = new ColumnBuilder<int>();
        builder.Append(value);
        TypeHandlers.Of(TypeOid.Int4).EncodeKey(builder.Build(), 0, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    internal static List<int> Seek(ITransaction transaction, uint index, uint table, int? low, int? high, bool descending)
    {
        ITableReader reader = transaction.Read(table);
        using IIndexCursor cursor = reader.Seek(index, new KeyRange(low is { } l ? Key(l) : null, true, high is { } h ? Key(h) : null, true), descending);
        var found = new List<long>();
        var buffer = new long[100];
        int count;
        while ((count = cursor.Next(buffer)) > 0) found.AddRange(buffer[..count]);
        var ids = new ColumnBuilder<int>();
        reader.Fetch(found.ToArray(), [1], [ids]);
        var column = (Column<int>)ids.Build();
        return [.. Enumerable.Range(0, found.Count).Select(i => column[i])];
    }
}
