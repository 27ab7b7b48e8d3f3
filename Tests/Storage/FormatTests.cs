using System.Text;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Storage.Catalogs;
using VecSql.Storage.Check;
using VecSql.Storage.Contracts;
using VecSql.Storage.Log;
using VecSql.Storage.Memtables;
using VecSql.Storage.Segments;

namespace VecSql.Tests.Storage;

/// <summary>Bytes on disk, written once and for all: a change here needs a new version of the format.</summary>
public sealed class FormatTests
{
    [Fact]
    public void The_log_file_header()
    {
        byte[] header = LogFormat.FileHeader(3, 2, 42);
        Assert.Equal("564543" + "53514C" + "4F47" + "0100" + "000000000000" + "0300000000000000" + "0200000000000000" + "2A00000000000000" + new string('0', 40),
            Convert.ToHexString(header.AsSpan(0, 60)));
        Assert.True(LogFormat.TryReadFileHeader(header, 3, 2, out long firstLsn));
        Assert.Equal(42, firstLsn);
        Assert.False(LogFormat.TryReadFileHeader(header, 3, 1, out _));
    }

    [Fact]
    public void An_insert_and_a_delete_in_a_frame()
    {
        var memtable = new Memtable(7, new TableLayout([new LayoutColumn(1, SqlType.Int4, PhysicalKind.Int32), new LayoutColumn(3, SqlType.Text, PhysicalKind.Bytes)]), new LogFileName(1, 0));
        var id = new ColumnBuilder<int>();
        id.Append(5);
        id.AppendNull();
        var text = new BytesColumnBuilder();
        text.Append("ab"u8);
        text.Append("c"u8);
        memtable.Append([id.Build(), text.Build()], Selection.All(2), 0, 1);
        var body = new ByteBuffer();
        Assert.Equal(1, OperationCodec.WriteInsert(body, 16384, memtable, 0, 2));
        OperationCodec.WriteDelete(body, 16384, [7]);
        Assert.Equal(
            "01" + "00400000" + "0700000000000000" + "02000000" + "0200"
            + "0100" + "17000000" + "FFFFFFFF" + "04" + "01" + "01" + "05000000" + "00000000"
            + "0300" + "19000000" + "FFFFFFFF" + "0C" + "00" + "00000000" + "02000000" + "03000000" + "616263"
            + "02" + "00400000" + "01000000" + "0700000000000000",
            Convert.ToHexString(body.WrittenSpan));
        var frame = new byte[LogFormat.FrameHeaderBytes + 1];
        frame[^1] = 9;
        LogFormat.SealFrame(frame, new FrameHeader(FrameKind.Commit, 1, 42, 41, 6));
        Assert.Equal("564C4631" + "01000000", Convert.ToHexString(frame.AsSpan(0, 8)));
        Assert.Equal("03000000" + "2A00000000000000" + "2900000000000000" + "0600000000000000" + "09", Convert.ToHexString(frame.AsSpan(12)));
        Assert.True(LogFormat.TryReadFrame(frame, out FrameHeader header));
        Assert.Equal(new FrameHeader(FrameKind.Commit, 1, 42, 41, 6), header);
        var operations = new List<LoggedOperation>();
        OperationCodec.ReadAll(body.WrittenMemory, operations);
        Assert.Equal(2, ((LoggedOperation.Insert)operations[0]).Count);
        Assert.Equal([7L], ((LoggedOperation.Delete)operations[1]).RowIds);
    }

    [Fact]
    public void Bytes_that_are_no_operations_are_refused()
    {
        var random = new Random(1);
        for (int i = 0; i < 3000; i++)
        {
            var bytes = new byte[random.Next(80)];
            random.NextBytes(bytes);
            if (bytes.Length > 0) bytes[0] = (byte)random.Next(8);
            try
            {
                OperationCodec.ReadAll(bytes, []);
            }
            catch (LogFormatException)
            {
                // What is expected.
            }
        }
    }

    [Fact]
    public void A_deletion_vector() => Assert.Equal("564543" + "53514C" + "4456" + "0100" + "0000" + "02000000" + "05000000" + "09000000", Convert.ToHexString(DeletionVector.Write([5, 9])));

    [Fact]
    public void Persisted_numbers_stay()
    {
        Assert.Equal([1, 2, 3, 4, 5], Enum.GetValues<FrameKind>().Select(k => (int)k));
        Assert.Equal([1, 2, 3, 4, 5, 6], Enum.GetValues<OperationKind>().Select(k => (int)k));
        Assert.Equal(["database", "role", "schema", "extension", "table", "index", "sequence", "type", "function"], CatalogJson.Kinds.Select(k => k.Kind));
        Assert.Equal(Enumerable.Range(1, 12), Enum.GetValues<PhysicalKind>().Select(k => (int)k));
    }

    [Fact]
    public void Catalog_objects_come_back_and_unknown_properties_are_skipped()
    {
        TableObject table = StoreFixture.Table(16384, "tä", ("id", SqlType.Int4)) with
        {
            Constraints = [new ConstraintObject { Oid = 5, Name = "p", Kind = ConstraintKind.PrimaryKey, Columns = [1] }], Persistence = 'u',
        };
        byte[] json = CatalogJson.Write(table);
        Assert.StartsWith("{\"$kind\":\"table\"", Encoding.UTF8.GetString(json), StringComparison.Ordinal);
        var read = (TableObject)CatalogJson.Read(json);
        Assert.Equal(json, CatalogJson.Write(read));
        Assert.Equal(("tä", 'u', ConstraintKind.PrimaryKey, SqlType.Int4), (read.Name, read.Persistence, read.Constraints[0].Kind, read.Columns[0].Type));
        string newer = Encoding.UTF8.GetString(json).Replace("{\"$kind\":\"table\",", "{\"$kind\":\"table\",\"Later\":{\"x\":[1]},", StringComparison.Ordinal);
        Assert.Equal(json, CatalogJson.Write(CatalogJson.Read(Encoding.UTF8.GetBytes(newer))));
        foreach (CatalogObject value in new CatalogObject[]
        {
            new RoleObject { Oid = 1, Name = "r", Inherits = false, MemberOf = [new RoleMembership(1, 2, true)] }, new DatabaseObject { Oid = 2, Name = "d", AllowConnections = false },
            new SchemaObject { Oid = 3, Name = "s" }, new ExtensionObject { Oid = 4, Name = "vector", Schema = 1, Version = "0.8" }, StoreFixture.UniqueIndex(5, "i", 6),
            new SequenceObject { Oid = 7, Name = "q", Schema = 1, Increment = -1 }, new TypeObject { Oid = 8, Name = "e", Schema = 1, Kind = 'e', Labels = [new EnumLabel(9, "a", 1.5f)] },
            new FunctionObject { Oid = 10, Name = "f", Schema = 1, ArgumentTypes = [23], ReturnType = SqlType.Int4, Language = "sql", Body = "select 1" },
        })
            Assert.Equal(CatalogJson.Write(value), CatalogJson.Write(CatalogJson.Read(CatalogJson.Write(value))));
    }

    [Fact]
    public void Check_finds_nothing_in_a_good_folder_and_names_a_damaged_file()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t", isUnique: true);
        store.Run(t => t.Insert(table, StoreFixture.Rows(Enumerable.Range(0, 2000))));
        store.Run(t => StoreFixture.Delete(t, table, 3));
        store.Database.Checkpoint(CancellationToken.None);
        store.Run(t => t.Insert(table, StoreFixture.Rows([5000])));
        Assert.Equal(SqlState.ObjectInUse, Assert.Throws<SqlException>(() => StoreCheck.Run(store.Files)).SqlState);
        store.Instance.Dispose();
        StoreCheck good = StoreCheck.Run(store.Files);
        Assert.Empty(good.Problems);
        Assert.True(good.CheckedFiles >= 5);
        string path = Directory.GetFiles(Path.Combine(store.Folder, "base/5/seg"), "*.arrow")[0];
        byte[] bytes = File.ReadAllBytes(path);
        bytes[5000] ^= 4;
        File.WriteAllBytes(path, bytes);
        Assert.Contains(StoreCheck.Run(store.Files).Problems, p => p.Contains(Path.GetFileName(path), StringComparison.Ordinal));
        // The damaged table is refused by name, the others go on.
        store.Restart();
        Assert.Equal(SqlState.DataCorrupted, Assert.Throws<SqlException>(() => store.ReadAll(table)).SqlState);
        store.CreateTable("other");
    }

    [Fact]
    public void A_second_process_is_kept_out()
    {
        using var store = new StoreFixture();
        Assert.Equal(SqlState.ObjectInUse, Assert.Throws<SqlException>(() => new StoreFixture(files: store.Files)).SqlState);
    }

    [Fact]
    public void Committed_changes_are_told_as_whole_rows()
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("t");
        store.Run(t => t.Insert(table, StoreFixture.Rows([1, 2])));
        var told = new List<(int Id, int? V, sbyte Weight)>();
        store.Database.Committed += changes =>
        {
            foreach (ChangeBatch batch in changes.Batches)
                for (int i = 0; i < batch.Rows.Count; i++)
                    told.Add((((Column<int>)batch.Rows[0])[i], ((Column<int>)batch.Rows[1])[i], batch.Weights.Span[i]));
        };
        store.Run(t =>
        {
            StoreFixture.Update(t, table, 1, 11);
            t.Insert(table, StoreFixture.Rows([3]));
            t.BeginStatement(0, CancellationToken.None);
            StoreFixture.Delete(t, table, 3);
        });
        List<(int, int?, sbyte)> expected = [(1, 10, -1), (1, 11, 1)];
        Assert.Equal(expected, told.Order());
    }

    [Fact]
    public void Shared_objects_and_databases_outlive_a_restart()
    {
        using var store = new StoreFixture();
        uint role = store.Instance.AllocateOid();
        store.Run(t => t.Put(new RoleObject { Oid = role, Name = "alice", CanLogin = true }));
        Assert.NotNull(store.Database.Catalog.Shared.FindRole("alice"));
        uint database = store.Instance.AllocateOid();
        store.Instance.Create(new DatabaseObject { Oid = database, Name = "shop" });
        store.Crash();
        Assert.NotNull(store.Instance.Shared.FindRole("alice"));
        Assert.NotNull(store.Instance.Open(database).Catalog.FindSchema("public"));
        store.Instance.Drop(database);
        store.Restart();
        Assert.Null(store.Instance.Shared.FindDatabase("shop"));
        Assert.Equal(SqlState.InvalidCatalogName, Assert.Throws<SqlException>(() => store.Instance.Open(database)).SqlState);
    }
}
