using VecSql.Core.Errors;
using VecSql.Storage.Contracts;

namespace VecSql.Tests.Storage;

/// <summary>The power goes at every step of a run; what was acknowledged is there afterwards, what wasn't is there wholly or not at all.</summary>
public sealed class PowerLossTests
{
    /// <summary>A run of transactions over two tables: moves between them keep the sum, so that half a transaction would show.</summary>
    private static void Run(StoreFixture store, uint[] tables, SortedDictionary<int, int> acknowledged, out (int Id, int V)? inDoubt)
    {
        inDoubt = null;
        var random = new Random(7);
        for (int i = 0; i < 16; i++)
        {
            int id = random.Next(6), v = i;
            inDoubt = (id, v);
            store.Run(t =>
            {
                foreach (uint table in tables)
                {
                    List<(int Id, int? V, long RowId)> old = StoreFixture.ReadWithRowIds(t, table).FindAll(r => r.Id == id);
                    if (old.Count == 0) t.Insert(table, StoreFixture.Rows((id, v)));
                    else t.Update(table, [StoreFixture.Lock(t, table, old[0].RowId).RowId], StoreFixture.Rows((id, v)));
                }
            });
            acknowledged[id] = v;
            inDoubt = null;
            if (i % 7 == 6) store.Database.Checkpoint(CancellationToken.None);
        }
    }

    [Fact]
    public void At_every_step()
    {
        for (int failAt = 1; ; failAt++)
        {
            var disk = new FaultFileSystem();
            var store = new StoreFixture(files: disk);
            uint[] tables = [store.CreateTable("a", isUnique: true), store.CreateTable("b", isUnique: true)];
            disk.FailAtStep = disk.Steps + failAt;
            var acknowledged = new SortedDictionary<int, int>();
            (int Id, int V)? inDoubt = null;
            bool isDone = false;
            try
            {
                Run(store, tables, acknowledged, out inDoubt);
                isDone = true;
            }
            catch (Exception e) when (e is SqlException or IOException or InvariantException)
            {
                // The power is gone.
            }
            for (int seed = 0; seed < 1; seed++) Check(store, disk.AfterPowerLoss(failAt * 10 + seed), tables, acknowledged, inDoubt, failAt);
            if (isDone) break;
            Assert.True(failAt < 5000);
        }
    }

    private static void Check(StoreFixture crashed, FaultFileSystem disk, uint[] tables, SortedDictionary<int, int> acknowledged, (int Id, int V)? inDoubt, int failAt)
    {
        _ = crashed;
        using var store = new StoreFixture(files: disk);
        for (int round = 0; round < 2; round++)
        {
            List<(int Id, int? V)> rows = store.ReadAll(tables[0]);
            Assert.Equal(rows, store.ReadAll(tables[1]));
            var expected = acknowledged.Select(p => (p.Key, (int?)p.Value)).ToList();
            if (!rows.SequenceEqual(expected))
            {
                Assert.True(inDoubt is not null, $"step {failAt}: {string.Join(" ", rows)} instead of {string.Join(" ", expected)}");
                var with = new SortedDictionary<int, int>(acknowledged) { [inDoubt.Value.Id] = inDoubt.Value.V };
                Assert.Equal(with.Select(p => (p.Key, (int?)p.Value)), rows);
            }
            using ITransaction reader = store.Begin();
            Assert.Equal(rows.Select(r => r.Id), LockingTests.Seek(reader, store.IndexOf(tables[0]), tables[0], null, null, false));
            reader.Dispose();
            store.Crash();
        }
        store.Run(t => t.Insert(tables[0], StoreFixture.Rows([1000])));
        Assert.Contains(store.ReadAll(tables[0]), r => r.Id == 1000);
    }

    [Fact]
    public void A_full_disk_fails_the_commit_and_nothing_else()
    {
        var disk = new FaultFileSystem();
        using var store = new StoreFixture(files: disk);
        uint table = store.CreateTable("t", isUnique: true);
        store.Run(t => t.Insert(table, StoreFixture.Rows([1])));
        disk.FreeBytes = 20;
        SqlException error = Assert.Throws<SqlException>(() => store.Run(t => t.Insert(table, StoreFixture.Rows([2]))));
        Assert.Equal(SqlState.DiskFull, error.SqlState);
        Assert.Equal([(1, 10)], store.ReadAll(table));
        disk.FreeBytes = 0;
        Assert.Equal(SqlState.DiskFull, Assert.Throws<SqlException>(() => store.Database.Checkpoint(CancellationToken.None)).SqlState);
        Assert.Equal([(1, 10)], store.ReadAll(table));
        Assert.Empty(store.Stops);
        disk.FreeBytes = long.MaxValue;
        store.Run(t => t.Insert(table, StoreFixture.Rows([2])));
        store.Crash();
        Assert.Equal([(1, 10), (2, 20)], store.ReadAll(table));
    }

    [Fact]
    public void A_failed_sync_stops_everything_once_and_acknowledges_nothing()
    {
        var disk = new FaultFileSystem();
        var store = new StoreFixture(files: disk);
        uint table = store.CreateTable("t");
        store.Run(t => t.Insert(table, StoreFixture.Rows([1])));
        disk.FailNextSync = true;
        Assert.Equal("08007", Assert.Throws<SqlException>(() => store.Run(t => t.Insert(table, StoreFixture.Rows([2])))).SqlState);
        Assert.Equal("08007", Assert.Throws<SqlException>(() => store.Run(t => t.Insert(table, StoreFixture.Rows([3])))).SqlState);
        Assert.Single(store.Stops);
    }

    [Fact]
    public void Every_flipped_bit_is_found_or_harmless()
    {
        var disk = new FaultFileSystem();
        var store = new StoreFixture(files: disk);
        uint good = store.CreateTable("good");
        uint table = store.CreateTable("t", isUnique: true);
        store.Run(t => t.Insert(table, StoreFixture.Rows(Enumerable.Range(0, 50))));
        store.Run(t => StoreFixture.Delete(t, table, 3));
        store.Database.Checkpoint(CancellationToken.None);
        store.Run(t => t.Insert(good, StoreFixture.Rows([1])));
        for (int i = 0; i < 3; i++) store.Run(t => t.Insert(table, StoreFixture.Rows([100 + i])));
        List<(int, int?)> expected = store.ReadAll(table);
        store.Instance.Abandon();
        FaultFileSystem before = disk.AfterPowerLoss(0);
        int refused = 0;
        foreach (string path in before.Files.Where(f => f.StartsWith("base/", StringComparison.Ordinal) && !f.Contains("/epoch/")))
        {
            long bits = before.Read(path).Length * 8L;
            for (long bit = 0; bit < bits; bit += Math.Max(1, bits / 40))
            {
                FaultFileSystem damaged = before.AfterPowerLoss(0);
                damaged.FlipBit(path, bit);
                try
                {
                    using var opened = new StoreFixture(files: damaged);
                    List<(int, int?)> rows = opened.ReadAll(table);
                    // The last frame of the log can't be told from one that was never acknowledged.
                    Assert.True(rows.SequenceEqual(expected) || rows.SequenceEqual(expected[..^1]), $"{path} bit {bit}");
                    using ITransaction reader = opened.Begin();
                    Assert.Equal(rows.Count, LockingTests.Seek(reader, opened.IndexOf(table), table, null, null, false).Count);
                }
                catch (SqlException e) when (e.SqlState == SqlState.DataCorrupted)
                {
                    Assert.Contains("base/5/", e.Message);
                    refused++;
                }
            }
        }
        Assert.True(refused > 100, $"{refused}");
    }
}
