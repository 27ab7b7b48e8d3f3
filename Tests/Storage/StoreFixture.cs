using System.Collections.Immutable;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Types;
using VecSql.Storage;
using VecSql.Storage.Contracts;
using VecSql.Storage.Files;
using VecSql.Storage.Instances;

namespace VecSql.Tests.Storage;

/// <summary>A data folder for one test, with a few words to write tables and rows in short.</summary>
internal sealed class StoreFixture : IDisposable
{
    private readonly string? _folder;
    private readonly Func<StorageOptions, StorageOptions> _change;
    private int _process = 1000;

    public StoreFixture(Func<StorageOptions, StorageOptions>? change = null, IFileSystem? files = null)
    {
        _change = change ?? (o => o);
        if (files is null)
        {
            _folder = Directory.CreateTempSubdirectory("vecsql-test-").FullName;
            files = new LocalFileSystem(_folder);
        }
        Files = files;
        Instance = Open();
    }

    public IFileSystem Files { get; set; }
    public string Folder => _folder!;
    public InstanceStore Instance { get; private set; }
    public IDatabaseStore Database => Instance.Open(5);
    public List<Exception> Stops { get; } = [];

    private InstanceStore Open() => InstanceStore.Open(_change(new StorageOptions { Files = Files, FailStop = Stops.Add, HasBackgroundWork = false }));

    /// <summary>An orderly end and a new start.</summary>
    public void Restart()
    {
        Instance.Dispose();
        Instance = Open();
    }

    /// <summary>What kill -9 leaves: all that was written, nothing that would be written at the end.</summary>
    public void Crash()
    {
        Instance.Abandon();
        Instance = Open();
    }

    public ITransaction Begin(IsolationLevel isolation = IsolationLevel.ReadCommitted, int lockTimeoutMs = 0)
    {
        ITransaction transaction = Database.Begin(isolation, false, Interlocked.Increment(ref _process));
        transaction.BeginStatement(lockTimeoutMs, CancellationToken.None);
        return transaction;
    }

    /// <summary>One transaction.</summary>
    public long Run(Action<ITransaction> work)
    {
        using ITransaction transaction = Begin();
        work(transaction);
        return transaction.Commit();
    }

    public static TableObject Table(uint oid, string name, params (string Name, SqlType Type)[] columns) => new()
    {
        Oid = oid, Name = name, Schema = WellKnownOid.PublicSchema, RelationKind = RelationKind.Table,
        Columns = [.. columns.Select((c, i) => new ColumnObject { Number = (short)(i + 1), Name = c.Name, Type = c.Type })],
    };

    /// <summary>A table (id int4, v int4), with a unique index on id if asked.</summary>
    public uint CreateTable(string name, bool isUnique = false, params (string, SqlType)[] columns)
    {
        if (columns.Length == 0) columns = [("id", SqlType.Int4), ("v", SqlType.Int4)];
        uint oid = 0;
        Run(t =>
        {
            oid = t.AllocateOid();
            t.Put(Table(oid, name, columns));
            if (isUnique) t.Put(UniqueIndex(t.AllocateOid(), name + "_pkey", oid));
        });
        return oid;
    }

    public static IndexObject UniqueIndex(uint oid, string name, uint table, short column = 1, SqlType? type = null) => new()
    {
        Oid = oid, Name = name, Schema = WellKnownOid.PublicSchema, Table = table, Method = "btree", IsUnique = true, IsPrimary = true,
        Keys = [new IndexKey { Column = column, Type = type ?? SqlType.Int4 }],
    };

    public uint IndexOf(uint table) => Database.Catalog.IndexesOf(table).Single().Oid;

    public static ColumnBatch Rows(params (int Id, int? V)[] rows)
    {
        var id = new ColumnBuilder<int>();
        var v = new ColumnBuilder<int>();
        foreach ((int i, int? value) in rows)
        {
            id.Append(i);
            if (value is null) v.AppendNull();
            else v.Append(value.Value);
        }
        return new ColumnBatch([id.Build(), v.Build()], rows.Length);
    }

    public static ColumnBatch Rows(IEnumerable<int> ids) => Rows([.. ids.Select(i => (i, (int?)(i * 10)))]);

    /// <summary>All visible (id, v), by id.</summary>
    public static List<(int Id, int? V)> ReadAll(ITransaction transaction, uint table) => [.. ReadWithRowIds(transaction, table).Select(r => (r.Id, r.V)).Order()];

    public static List<(int Id, int? V, long RowId)> ReadWithRowIds(ITransaction transaction, uint table)
    {
        var rows = new List<(int, int?, long)>();
        foreach (IScanPiece piece in transaction.Read(table).Pieces)
        {
            using ITableCursor cursor = piece.Open([1, 2], withRowIds: true, []);
            while (cursor.Next() is { } batch)
            {
                for (int i = 0; i < batch.Count; i++)
                {
                    int row = batch.Selection[i];
                    rows.Add((((Column<int>)batch[0])[row], batch[1].IsNull(row) ? null : ((Column<int>)batch[1])[row], ((Column<long>)batch[2])[row]));
                }
            }
        }
        return rows;
    }

    public List<(int Id, int? V)> ReadAll(uint table)
    {
        using ITransaction transaction = Begin();
        return ReadAll(transaction, table);
    }

    public static long RowIdOf(ITransaction transaction, uint table, int id) => ReadWithRowIds(transaction, table).Single(r => r.Id == id).RowId;

    /// <summary>Locks and deletes the row with the id.</summary>
    public static void Delete(ITransaction transaction, uint table, int id)
    {
        long rowId = Lock(transaction, table, RowIdOf(transaction, table, id)).RowId;
        transaction.Delete(table, [rowId]);
    }

    public static long Update(ITransaction transaction, uint table, int id, int v)
    {
        long rowId = Lock(transaction, table, RowIdOf(transaction, table, id)).RowId;
        var result = new long[1];
        transaction.Update(table, [rowId], Rows((id, v)), result);
        return result[0];
    }

    public static (RowLockResult Result, long RowId) Lock(ITransaction transaction, uint table, long rowId, RowLockStrength strength = RowLockStrength.Update,
        LockWaitPolicy policy = LockWaitPolicy.Wait)
    {
        var results = new RowLockResult[1];
        var current = new long[1];
        transaction.LockRows(table, [rowId], strength, policy, results, current);
        return (results[0], current[0]);
    }

    public void Dispose()
    {
        Instance.Dispose();
        if (_folder is not null) Directory.Delete(_folder, recursive: true);
    }
}
