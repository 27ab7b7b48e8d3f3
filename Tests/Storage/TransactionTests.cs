using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Storage.Contracts;

namespace VecSql.Tests.Storage;

public sealed class TransactionTests
{
    [Fact]
    public void Rows_are_there_after_commit_restart_and_crash()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t");
        store.Run(t => t.Insert(table, StoreFixture.Rows((1, 10), (2, null), (3, 30))));
        List<(int, int?)> expected = [(1, 10), (2, null), (3, 30)];
        Assert.Equal(expected, store.ReadAll(table));
        store.Crash();
        Assert.Equal(expected, store.ReadAll(table));
        Assert.Equal("t", store.Database.Catalog.Find<TableObject>(table)!.Name);
        store.Restart();
        Assert.Equal(expected, store.ReadAll(table));
        Assert.Equal(3, store.Database.EstimateRows(table));
    }

    [Fact]
    public void A_statement_does_not_see_what_it_writes_but_the_next_does()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t");
        using ITransaction transaction = store.Begin();
        transaction.Insert(table, StoreFixture.Rows([1]));
        Assert.Empty(StoreFixture.ReadAll(transaction, table));
        transaction.AdvanceCommand();
        Assert.Single(StoreFixture.ReadAll(transaction, table));
        transaction.BeginStatement(0, CancellationToken.None);
        StoreFixture.Delete(transaction, table, 1);
        Assert.Single(StoreFixture.ReadAll(transaction, table));
        transaction.BeginStatement(0, CancellationToken.None);
        Assert.Empty(StoreFixture.ReadAll(transaction, table));
    }

    [Fact]
    public void Others_see_nothing_until_commit_and_nothing_after_rollback()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t");
        using (ITransaction writer = store.Begin())
        {
            writer.Insert(table, StoreFixture.Rows([1, 2]));
            Assert.Empty(store.ReadAll(table));
            writer.Rollback();
        }
        Assert.Empty(store.ReadAll(table));
        store.Run(t => t.Insert(table, StoreFixture.Rows([3])));
        Assert.Equal([(3, 30)], store.ReadAll(table));
        store.Crash();
        Assert.Equal([(3, 30)], store.ReadAll(table));
    }

    [Fact]
    public void Read_committed_takes_a_snapshot_per_statement_repeatable_read_one()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t");
        using ITransaction committed = store.Begin();
        using ITransaction repeatable = store.Begin(IsolationLevel.RepeatableRead);
        store.Run(t => t.Insert(table, StoreFixture.Rows([1])));
        Assert.Empty(StoreFixture.ReadAll(committed, table));
        committed.BeginStatement(0, CancellationToken.None);
        repeatable.BeginStatement(0, CancellationToken.None);
        Assert.Single(StoreFixture.ReadAll(committed, table));
        Assert.Empty(StoreFixture.ReadAll(repeatable, table));
    }

    [Fact]
    public void Savepoints_undo_rows_and_catalog_also_in_the_log()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t");
        store.Run(t => t.Insert(table, StoreFixture.Rows([100])));
        store.Run(t =>
        {
            t.Insert(table, StoreFixture.Rows([1]));
            int mark = t.SetSavepoint();
            // Enough for frames before the commit.
            for (int i = 0; i < 200; i++) t.Insert(table, StoreFixture.Rows(Enumerable.Range(1000 + i * 2000, 2000)));
            t.BeginStatement(0, CancellationToken.None);
            StoreFixture.Delete(t, table, 100);
            uint other = t.AllocateOid();
            t.Put(StoreFixture.Table(other, "other", ("a", SqlType.Int4)));
            t.RollbackTo(mark);
            Assert.Null(t.Catalog.FindRelation(WellKnownOid.PublicSchema, "other"));
            t.Insert(table, StoreFixture.Rows([2]));
        });
        List<(int, int?)> expected = [(1, 10), (2, 20), (100, 1000)];
        Assert.Equal(expected, store.ReadAll(table));
        store.Crash();
        Assert.Equal(expected, store.ReadAll(table));
        Assert.Null(store.Database.Catalog.FindRelation(WellKnownOid.PublicSchema, "other"));
    }

    [Fact]
    public void Interleaved_transactions_recover_with_holes()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t", isUnique: true);
        using (ITransaction a = store.Begin())
        using (ITransaction b = store.Begin())
        using (ITransaction c = store.Begin())
        {
            for (int i = 0; i < 5000; i++)
            {
                a.Insert(table, StoreFixture.Rows([i * 3]));
                b.Insert(table, StoreFixture.Rows([i * 3 + 1]));
                c.Insert(table, StoreFixture.Rows([i * 3 + 2]));
            }
            c.Commit();
            b.Rollback();
            a.Commit();
        }
        List<(int, int?)> before = store.ReadAll(table);
        Assert.Equal(10000, before.Count);
        store.Crash();
        Assert.Equal(before, store.ReadAll(table));
        store.Run(t => t.Insert(table, StoreFixture.Rows([1])));
        Assert.Throws<SqlException>(() => store.Run(t => t.Insert(table, StoreFixture.Rows([2]))));
    }

    [Fact]
    public void Truncate_and_drop_are_transactional()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t", isUnique: true);
        store.Run(t => t.Insert(table, StoreFixture.Rows([1, 2])));
        using (ITransaction t = store.Begin())
        {
            t.Truncate(table);
            t.Insert(table, StoreFixture.Rows([1]));
            t.BeginStatement(0, CancellationToken.None);
            Assert.Single(StoreFixture.ReadAll(t, table));
            t.Rollback();
        }
        Assert.Equal(2, store.ReadAll(table).Count);
        store.Run(t =>
        {
            t.Truncate(table);
            t.Insert(table, StoreFixture.Rows([2]));
        });
        Assert.Equal([(2, 20)], store.ReadAll(table));
        store.Crash();
        Assert.Equal([(2, 20)], store.ReadAll(table));
        store.Run(t => t.Drop(table));
        store.Crash();
        Assert.Null(store.Database.Catalog.Find<TableObject>(table));
        Assert.Empty(store.Database.Catalog.Relations);
    }

    [Fact]
    public void Names_are_taken_once()
    {
        using var store = new StoreFixture();
        store.CreateTable("t");
        SqlException error = Assert.Throws<SqlException>(() => store.CreateTable("t"));
        Assert.Equal(SqlState.DuplicateTable, error.SqlState);
        Assert.Equal("relation \"t\" already exists", error.Message);
    }

    [Fact]
    public async Task Creating_a_name_waits_for_who_creates_it_too()
    {
        using var store = new StoreFixture();
        using ITransaction first = store.Begin();
        first.Put(StoreFixture.Table(first.AllocateOid(), "t", ("a", SqlType.Int4)));
        Task<SqlException> second = Task.Run(() => Assert.Throws<SqlException>(() => store.CreateTable("t")));
        await WaitUntil(() => store.Instance.Locks.Any(l => !l.Granted));
        first.Commit();
        Assert.Equal(SqlState.DuplicateTable, (await second).SqlState);
    }

    [Fact]
    public void Sequences_neither_lose_nor_repeat_values()
    {
        using var store = new StoreFixture();
        uint oid = 0;
        store.Run(t => t.Put(new SequenceObject { Oid = oid = t.AllocateOid(), Name = "s", Schema = WellKnownOid.PublicSchema, Maximum = 100 }));
        SequenceObject sequence = store.Database.Catalog.Find<SequenceObject>(oid)!;
        Assert.Equal([1L, 2, 3], Enumerable.Range(0, 3).Select(_ => store.Database.NextValue(sequence)));
        store.Crash();
        long next = store.Database.NextValue(sequence);
        Assert.True(next > 3, $"{next}");
        store.Database.SetValue(sequence, 99, true);
        store.Crash();
        Assert.Equal((99, true, 0), store.Database.ReadSequence(sequence));
        Assert.Equal(100, store.Database.NextValue(sequence));
        SqlException error = Assert.Throws<SqlException>(() => store.Database.NextValue(sequence));
        Assert.Equal("nextval: reached maximum value of sequence \"s\" (100)", error.Message);
        Assert.Equal("2200H", error.SqlState);
    }

    [Fact]
    public void Added_columns_have_their_missing_value()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t");
        store.Run(t => t.Insert(table, StoreFixture.Rows([1])));
        store.Run(t =>
        {
            TableObject old = t.Catalog.Find<TableObject>(table)!;
            t.Put(old with { Columns = [old.Columns[0], old.Columns[1] with { IsDropped = true }, new ColumnObject { Number = 3, Name = "w", Type = SqlType.Int4, MissingValue = "7" }] });
        });
        store.Run(t => t.Insert(table, StoreFixture.Rows((2, 22))));
        store.Crash();
        using ITransaction reader = store.Begin();
        using ITableCursor cursor = reader.Read(table).Pieces[0].Open([1, 3], false, []);
        var batch = cursor.Next()!;
        Assert.Equal(7, ((VecSql.Core.Columns.Column<int>)batch[1])[0]);
        using ITableCursor second = reader.Read(table).Pieces[1].Open([1, 3], false, []);
        Assert.Equal(22, ((VecSql.Core.Columns.Column<int>)second.Next()![1])[0]);
    }

    internal static async Task WaitUntil(Func<bool> condition)
    {
        for (int i = 0; i < 2000 && !condition(); i++) await Task.Delay(5);
        Assert.True(condition());
    }
}
