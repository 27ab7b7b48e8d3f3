using VecSql.Arrow;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Storage.Contracts;

namespace VecSql.Tests.Storage;

public sealed class SegmentTests
{
    [Fact]
    public void A_checkpoint_moves_rows_to_segments_and_shortens_the_log()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t", isUnique: true);
        for (int i = 0; i < 3; i++) store.Run(t => t.Insert(table, StoreFixture.Rows(Enumerable.Range(i * 2000, 2000))));
        store.Run(t => StoreFixture.Delete(t, table, 7));
        List<(int, int?)> before = store.ReadAll(table);
        store.Database.Checkpoint(CancellationToken.None);
        Assert.Equal(before, store.ReadAll(table));
        Assert.Single(Directory.GetFiles(Path.Combine(store.Folder, "base/5/seg"), "*.arrow"));
        Assert.Single(Directory.GetFiles(Path.Combine(store.Folder, "base/5/wal"), "*.log", SearchOption.AllDirectories));
        store.Run(t => StoreFixture.Delete(t, table, 8));
        store.Run(t => StoreFixture.Update(t, table, 9, 99));
        before = store.ReadAll(table);
        Assert.Equal(5998, before.Count);
        store.Crash();
        Assert.Equal(before, store.ReadAll(table));
        Assert.Equal(5998, store.Database.EstimateRows(table));
        Assert.Throws<SqlException>(() => store.Run(t => t.Insert(table, StoreFixture.Rows([10]))));
        store.Run(t => t.Insert(table, StoreFixture.Rows([7])));
        store.Restart();
        store.Restart();
        Assert.Equal(5999, store.ReadAll(table).Count);
        using ITransaction reader = store.Begin();
        Assert.Equal(Enumerable.Range(0, 20).Where(i => i != 8), LockingTests.Seek(reader, store.IndexOf(table), table, 0, 19, false));
        Assert.Equal(Enumerable.Range(0, 20).Where(i => i != 8).Reverse(), LockingTests.Seek(reader, store.IndexOf(table), table, 0, 19, true));
    }

    [Fact]
    public void Rows_of_an_open_transaction_stay_in_memory_and_in_the_log()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t");
        store.Run(t => t.Insert(table, StoreFixture.Rows([1])));
        using (ITransaction open = store.Begin())
        {
            open.Insert(table, StoreFixture.Rows([2]));
            store.Run(t => t.Insert(table, StoreFixture.Rows([3])));
            store.Database.Checkpoint(CancellationToken.None);
            store.Run(t => t.Insert(table, StoreFixture.Rows([4])));
            open.Commit();
        }
        store.Crash();
        Assert.Equal([(1, 10), (2, 20), (3, 30), (4, 40)], store.ReadAll(table));
        store.Database.Checkpoint(CancellationToken.None);
        store.Crash();
        Assert.Equal([(1, 10), (2, 20), (3, 30), (4, 40)], store.ReadAll(table));
    }

    [Fact]
    public void An_old_snapshot_sees_through_a_flush_what_it_saw()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t");
        store.Run(t => t.Insert(table, StoreFixture.Rows([1, 2])));
        using ITransaction old = store.Begin(IsolationLevel.RepeatableRead);
        Assert.Equal(2, StoreFixture.ReadAll(old, table).Count);
        store.Run(t => StoreFixture.Delete(t, table, 1));
        store.Run(t => t.Insert(table, StoreFixture.Rows([3])));
        store.Database.Checkpoint(CancellationToken.None);
        old.BeginStatement(0, CancellationToken.None);
        Assert.Equal([(1, 10), (2, 20)], StoreFixture.ReadAll(old, table));
        Assert.Equal([(2, 20), (3, 30)], store.ReadAll(table));
    }

    [Fact]
    public void Every_kind_of_column_comes_back_from_an_Arrow_file()
    {
        using var store = new StoreFixture();
        (string, SqlType)[] columns =
        [
            ("b", SqlType.Bool), ("i2", SqlType.Int2), ("i4", SqlType.Int4), ("i8", SqlType.Int8), ("f4", SqlType.Float4), ("f8", SqlType.Float8), ("t", SqlType.Text),
            ("o", SqlType.Oid_), ("by", new SqlType(TypeOid.Bytea)),
        ];
        uint table = store.CreateTable("t", columns: columns);
        const int Rows = 5000;
        ColumnBatch batch = MakeRows(columns, 0, Rows);
        store.Run(t =>
        {
            for (int i = 0; i < Rows; i += 1000) t.Insert(table, MakeRows(columns, i, 1000));
        });
        Compare();
        store.Crash();
        Compare();
        store.Database.Checkpoint(CancellationToken.None);
        Compare();
        store.Crash();
        Compare();

        void Compare()
        {
            using ITransaction reader = store.Begin();
            int row = 0;
            foreach (IScanPiece piece in reader.Read(table).Pieces)
            {
                using ITableCursor cursor = piece.Open([1, 2, 3, 4, 5, 6, 7, 8, 9], false, []);
                while (cursor.Next() is { } read)
                {
                    for (int i = 0; i < read.Count; i++, row++)
                    {
                        for (int c = 0; c < columns.Length; c++)
                        {
                            int at = read.Selection[i];
                            Assert.Equal(batch[c].IsNull(row), read[c].IsNull(at));
                            if (!batch[c].IsNull(row)) Assert.Equal(0, TypeHandlers.Of(columns[c].Item2.Oid).Compare(batch[c], row, read[c], at));
                        }
                    }
                }
            }
            Assert.Equal(Rows, row);
        }
    }

    [Fact]
    public void Zones_leave_out_what_can_not_qualify()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t");
        store.Run(t => t.Insert(table, StoreFixture.Rows(Enumerable.Range(0, 2000))));
        store.Database.Checkpoint(CancellationToken.None);
        store.Run(t => t.Insert(table, StoreFixture.Rows(Enumerable.Range(2000, 2000))));
        store.Database.Checkpoint(CancellationToken.None);
        using ITransaction reader = store.Begin();
        var bound = new ColumnBound(1, LockingTests.Key(2500)[1..], LockingTests.Key(2600)[1..]);
        Assert.Equal([false, true], reader.Read(table).Pieces.Select(p => p.Open([1], false, [bound]).Next() is not null));
    }

    [Fact]
    public void A_segment_is_an_Arrow_file()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t");
        store.Run(t => t.Insert(table, StoreFixture.Rows((1, 10), (2, null))));
        store.Database.Checkpoint(CancellationToken.None);
        string path = Directory.GetFiles(Path.Combine(store.Folder, "base/5/seg"), "*.arrow").Single();
        var reader = new ArrowFileReader(File.ReadAllBytes(path));
        Assert.Equal(["id: int32", "v: int32", "_rowid: int64", "_created: int64"], reader.Schema.Fields.Select(f => f.ToString()));
        Assert.Equal([1, 2], reader.ReadBatch(0).Columns[0].GetValues<int>().ToArray());
    }

    [Fact]
    public void A_unique_index_is_built_over_memtables_and_segments_and_refuses_duplicates()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t");
        store.Run(t => t.Insert(table, StoreFixture.Rows([1, 2, 3])));
        store.Database.Checkpoint(CancellationToken.None);
        store.Run(t => t.Insert(table, StoreFixture.Rows([4, 5, 2])));
        uint index = 0;
        SqlException error = Assert.Throws<SqlException>(() => store.Run(t => t.Put(StoreFixture.UniqueIndex(t.AllocateOid(), "u", table))));
        Assert.Equal(("23505", "could not create unique index \"u\"", "Key (id)=(2) is duplicated."), (error.SqlState, error.Message, error.Detail));
        store.Run(t => t.Delete(table, [Lock(t, table, 2)]));
        store.Run(t => t.Put(StoreFixture.UniqueIndex(index = t.AllocateOid(), "u", table)));
        store.Crash();
        Assert.Throws<SqlException>(() => store.Run(t => t.Insert(table, StoreFixture.Rows([1]))));
        using (ITransaction reader = store.Begin()) Assert.Equal([1, 2, 3, 4, 5], LockingTests.Seek(reader, index, table, null, null, false));
        store.Run(t => t.Drop(index));
        store.Run(t => t.Insert(table, StoreFixture.Rows([1])));
        store.Restart();
        Assert.Empty(Directory.GetFiles(Path.Combine(store.Folder, "base/5/idx")));

        static long Lock(ITransaction t, uint table, int id) => StoreFixture.Lock(t, table, StoreFixture.ReadWithRowIds(t, table).Last(r => r.Id == id).RowId).RowId;
    }

    [Fact]
    public void Dropped_tables_leave_no_files()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t", isUnique: true);
        store.Run(t => t.Insert(table, StoreFixture.Rows([1, 2, 3])));
        store.Database.Checkpoint(CancellationToken.None);
        store.Run(t => t.Drop(table));
        store.Database.Checkpoint(CancellationToken.None);
        foreach (string folder in new[] { "seg", "idx", "del" }) Assert.Empty(Directory.GetFiles(Path.Combine(store.Folder, "base/5", folder)));
    }

    private static ColumnBatch MakeRows((string, SqlType Type)[] columns, int first, int count)
    {
        var built = new Column[columns.Length];
        for (int c = 0; c < columns.Length; c++)
        {
            ColumnBuilder builder = ColumnBuilder.Create(TypeHandlers.KindOf(columns[c].Type.Oid));
            for (int i = first; i < first + count; i++)
            {
                if ((i + c) % 7 == 0)
                {
                    builder.AppendNull();
                    continue;
                }
                switch (builder)
                {
                    case ColumnBuilder<bool> b: b.Append(i % 3 == 0); break;
                    case ColumnBuilder<short> b: b.Append((short)i); break;
                    case ColumnBuilder<int> b: b.Append(i * 3); break;
                    case ColumnBuilder<long> b: b.Append(i * 5_000_000_000L); break;
                    case ColumnBuilder<uint> b: b.Append((uint)i); break;
                    case ColumnBuilder<float> b: b.Append(i / 2f); break;
                    case ColumnBuilder<double> b: b.Append(i / 4.0); break;
                    case BytesColumnBuilder b:
                        b.Output.WriteText("value ");
                        b.Output.WriteFormatted(i);
                        b.EndValue();
                        break;
                }
            }
            built[c] = builder.Build();
        }
        return new ColumnBatch(built, count);
    }
}
