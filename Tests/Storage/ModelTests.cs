using VecSql.Core.Errors;
using VecSql.Storage.Contracts;
using VecSql.Storage.Databases;

namespace VecSql.Tests.Storage;

/// <summary>Random interleavings of transactions, checkpoints, compactions and crashes against a dictionary that says what must be seen.</summary>
public sealed class ModelTests
{
    private sealed class Open(ITransaction transaction, Dictionary<int, int> snapshot)
    {
        public ITransaction Transaction => transaction;
        public Dictionary<int, int> Snapshot => snapshot;
        public Dictionary<int, int?> Own { get; private set; } = [];
        public Stack<(int Mark, Dictionary<int, int?> Own)> Savepoints { get; } = [];

        public Dictionary<int, int> Visible(Dictionary<int, int> committed)
        {
            var visible = new Dictionary<int, int>(transaction.Isolation == IsolationLevel.ReadCommitted ? committed : snapshot);
            foreach ((int id, int? v) in Own)
            {
                if (v is null) visible.Remove(id);
                else visible[id] = v.Value;
            }
            return visible;
        }

        public void Mark() => Savepoints.Push((transaction.SetSavepoint(), new Dictionary<int, int?>(Own)));

        public void UndoMark()
        {
            (int mark, Own) = Savepoints.Pop();
            transaction.RollbackTo(mark);
            transaction.Release(mark);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Transactions_see_what_the_model_sees(int seed)
    {
        var random = new Random(seed);
        using var store = new StoreFixture(o => o with { MemtableBytes = 200_000 }, new FaultFileSystem());
        uint table = store.CreateTable("t", isUnique: true);
        uint index = store.IndexOf(table);
        var committed = new Dictionary<int, int>();
        var open = new List<Open>();
        int nextId = 0;
        for (int step = 0; step < 800; step++)
        {
            int action = random.Next(100);
            if (open.Count == 0 || action < 5 && open.Count < 5)
            {
                IsolationLevel isolation = random.Next(3) == 0 ? IsolationLevel.RepeatableRead : IsolationLevel.ReadCommitted;
                open.Add(new Open(store.Begin(isolation), new Dictionary<int, int>(committed)));
                continue;
            }
            if (action < 7) store.Database.Checkpoint(CancellationToken.None);
            else if (action < 9) ((DatabaseStore)store.Database).Compact(CancellationToken.None);
            else if (action == 9 && random.Next(4) == 0)
            {
                open.Clear();
                if (random.Next(2) == 0) store.Crash();
                else store.Restart();
                Compare(store, table, index, store.Begin(), committed, random);
            }
            else if (open.Count > 0) Step(store, table, index, open, committed, random, ref nextId);
        }
    }

    private static void Step(StoreFixture store, uint table, uint index, List<Open> open, Dictionary<int, int> committed, Random random, ref int nextId)
    {
        Open one = open[random.Next(open.Count)];
        ITransaction transaction = one.Transaction;
        transaction.BeginStatement(0, CancellationToken.None);
        switch (random.Next(12))
        {
            case < 4:
                int count = random.Next(4) == 0 ? 300 : random.Next(1, 4);
                var rows = new (int, int?)[count];
                for (int i = 0; i < count; i++)
                {
                    rows[i] = (nextId, random.Next(1000));
                    one.Own[nextId++] = rows[i].Item2;
                }
                transaction.Insert(table, StoreFixture.Rows(rows));
                break;
            case < 8:
                Change(table, one, open, committed, random);
                break;
            case 8:
                one.Mark();
                break;
            case 9:
                if (one.Savepoints.Count > 0) one.UndoMark();
                break;
            case 10:
                transaction.Commit();
                foreach ((int id, int? v) in one.Own)
                {
                    if (v is null) committed.Remove(id);
                    else committed[id] = v.Value;
                }
                open.Remove(one);
                break;
            default:
                if (random.Next(3) == 0)
                {
                    transaction.Rollback();
                    open.Remove(one);
                }
                else Compare(store, table, index, transaction, one.Visible(committed), random);
                break;
        }
    }

    private static void Change(uint table, Open one, List<Open> open, Dictionary<int, int> committed, Random random)
    {
        ITransaction transaction = one.Transaction;
        Dictionary<int, int> visible = one.Visible(committed);
        if (visible.Count == 0) return;
        int id = visible.Keys.ElementAt(random.Next(visible.Count));
        long rowId = StoreFixture.RowIdOf(transaction, table, id);
        RowLockResult result;
        try
        {
            result = StoreFixture.Lock(transaction, table, rowId, policy: LockWaitPolicy.SkipLocked).Result;
        }
        catch (SqlException e) when (e.SqlState == SqlState.SerializationFailure)
        {
            Assert.Equal(IsolationLevel.RepeatableRead, transaction.Isolation);
            Assert.True(!committed.TryGetValue(id, out int now) || now != one.Snapshot[id]);
            transaction.Rollback();
            open.Remove(one);
            return;
        }
        if (result == RowLockResult.Skipped) return;
        Assert.Equal(RowLockResult.Locked, result);
        if (random.Next(2) == 0)
        {
            transaction.Delete(table, [rowId]);
            one.Own[id] = null;
            return;
        }
        // Each value is written once, so that a changed row can be told from an unchanged one.
        int v = random.Next(1000, int.MaxValue);
        transaction.Update(table, [rowId], StoreFixture.Rows((id, v)));
        one.Own[id] = v;
    }

    private static void Compare(StoreFixture store, uint table, uint index, ITransaction transaction, Dictionary<int, int> expected, Random random)
    {
        transaction.BeginStatement(0, CancellationToken.None);
        Assert.Equal(expected.Select(p => (p.Key, (int?)p.Value)).Order(), StoreFixture.ReadAll(transaction, table));
        int low = random.Next(1000), high = low + random.Next(500);
        bool descending = random.Next(2) == 0;
        IEnumerable<int> ids = expected.Keys.Where(i => i >= low && i <= high).Order();
        Assert.Equal(descending ? ids.Reverse() : ids, LockingTests.Seek(transaction, index, table, low, high, descending));
    }

    [Fact]
    public async Task Threads_move_money_and_none_is_lost()
    {
        const int Accounts = 20, Threads = 4;
        using var store = new StoreFixture(o => o with { HasBackgroundWork = true, MemtableBytes = 150_000, CheckpointLogBytes = 50_000 });
        uint table = store.CreateTable("t", isUnique: true);
        store.Run(t => t.Insert(table, StoreFixture.Rows([.. Enumerable.Range(0, Accounts).Select(i => (i, (int?)100))])));
        uint index = store.IndexOf(table);
        int deadlocks = 0;
        Task[] writers = [.. Enumerable.Range(0, Threads).Select(n => Task.Run(() =>
        {
            var random = new Random(n);
            for (int i = 0; i < 150; i++)
            {
                using ITransaction transaction = store.Begin();
                try
                {
                    int from = random.Next(Accounts), to = (from + 1 + random.Next(Accounts - 1)) % Accounts;
                    Move(transaction, from, -1);
                    Move(transaction, to, 1);
                    if (random.Next(5) == 0) transaction.Rollback();
                    else transaction.Commit();
                }
                catch (SqlException e) when (e.SqlState == SqlState.DeadlockDetected)
                {
                    Interlocked.Increment(ref deadlocks);
                }
            }
        }))];
        Task reader = Task.Run(() =>
        {
            while (!writers.All(w => w.IsCompleted))
            {
                List<(int Id, int? V)> rows = store.ReadAll(table);
                Assert.Equal(Accounts, rows.Count);
                Assert.Equal(Accounts * 100, rows.Sum(r => r.V));
            }
        });
        await Task.WhenAll([.. writers, reader]);
        store.Crash();
        Assert.Equal(Accounts * 100, store.ReadAll(table).Sum(r => r.V));
        Assert.Empty(store.Stops);

        void Move(ITransaction transaction, int id, int amount)
        {
            transaction.BeginStatement(0, CancellationToken.None);
            ITableReader rows = transaction.Read(table);
            var rowId = new long[2];
            using (IIndexCursor cursor = rows.Seek(index, new KeyRange(LockingTests.Key(id), true, LockingTests.Key(id), true), false)) Assert.Equal(1, cursor.Next(rowId));
            long current = StoreFixture.Lock(transaction, table, rowId[0]).RowId;
            // The newest version may be newer than the snapshot: as READ COMMITTED's recheck does, it is fetched by number.
            var v = new VecSql.Core.Columns.ColumnBuilder<int>();
            transaction.BeginStatement(0, CancellationToken.None);
            transaction.Read(table).Fetch([current], [2], [v]);
            transaction.Update(table, [current], StoreFixture.Rows((id, ((VecSql.Core.Columns.Column<int>)v.Build())[0] + amount)));
        }
    }

    [Fact]
    public void Compaction_merges_segments_and_drops_dead_rows()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t", isUnique: true);
        for (int i = 0; i < 6; i++)
        {
            store.Run(t => t.Insert(table, StoreFixture.Rows(Enumerable.Range(i * 100, 100))));
            store.Database.Checkpoint(CancellationToken.None);
        }
        store.Run(t => t.Delete(table, [.. StoreFixture.ReadWithRowIds(t, table).Where(r => r.Id % 2 == 0).Select(r => StoreFixture.Lock(t, table, r.RowId).RowId)]));
        List<(int, int?)> expected = store.ReadAll(table);
        using (ITransaction old = store.Begin(IsolationLevel.RepeatableRead))
        {
            Assert.True(((DatabaseStore)store.Database).Compact(CancellationToken.None));
            old.BeginStatement(0, CancellationToken.None);
            Assert.Equal(expected, StoreFixture.ReadAll(old, table));
        }
        store.Database.Checkpoint(CancellationToken.None);
        Assert.Single(Directory.GetFiles(Path.Combine(store.Folder, "base/5/seg"), "*.arrow"));
        Assert.Equal(expected, store.ReadAll(table));
        store.Crash();
        Assert.Equal(expected, store.ReadAll(table));
        Assert.Empty(Directory.GetFiles(Path.Combine(store.Folder, "base/5/del")));
        Assert.Throws<SqlException>(() => store.Run(t => t.Insert(table, StoreFixture.Rows([1]))));
        store.Run(t => t.Insert(table, StoreFixture.Rows([2])));
    }
}
