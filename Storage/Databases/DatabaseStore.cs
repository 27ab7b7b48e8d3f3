using System.Collections.Concurrent;
using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Statistics;
using VecSql.Storage.Catalogs;
using VecSql.Storage.Contracts;
using VecSql.Storage.Files;
using VecSql.Storage.Indexes;
using VecSql.Storage.Instances;
using VecSql.Storage.Locks;
using VecSql.Storage.Log;
using VecSql.Storage.Manifests;
using VecSql.Storage.Tables;
using VecSql.Storage.Transactions;

namespace VecSql.Storage.Databases;

/// <summary>
/// One database. Its truth on disk: the current manifest, and the log from the manifest's replay position on. Its truth in memory: <see cref="State"/>, swapped at each commit by
/// the thread that leads the log's group, and the tables' ranges with their stamps.
/// </summary>
internal sealed partial class DatabaseStore : IDatabaseStore, IDisposable
{
    private readonly StorageOptions _options;
    private readonly InstanceStore _instance;
    private readonly ManifestStore<Manifest> _manifests;
    private readonly ConcurrentDictionary<uint, TableStore> _tables = new();
    private readonly ConcurrentDictionary<uint, SequenceStore> _sequences = new();
    private readonly ConcurrentDictionary<uint, StoredStatistics> _statistics = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _stateLock = new();
    private readonly Lock _activeLock = new();
    private readonly Dictionary<long, Transaction> _active = [];
    private volatile CommittedState _state;
    private long _lastTransaction;
    private long _nextOid;

    public DatabaseStore(InstanceStore instance, StorageOptions options, uint oid)
    {
        _instance = instance;
        _options = options;
        _pace = new WorkPace(options.Tuning);
        DatabaseOid = oid;
        Shard = $"base/{oid}";
        Waits = instance.Waits;
        ObjectLocks = new ObjectLocks(oid, Waits);
        Indexes = new IndexMethods(options, this);
        _manifests = new ManifestStore<Manifest>(options.Files, Shard);
        _state = new CommittedState(0, CatalogSnapshot.Empty);
        _manifests.ClaimEpoch();
        _nextObject = _manifests.Epoch << 32;
        Log = Recover();
        StartBackgroundWork();
    }

    public uint DatabaseOid { get; }
    public CatalogSnapshot Catalog => _state.Catalog;
    public long CommittedPosition => _state.Position;
    public event Action<CommittedChanges>? Committed;

    internal string Shard { get; }
    internal StorageOptions Options => _options;
    internal IFileSystem Files => _options.Files;
    internal CommittedState State => _state;
    internal LogWriter Log { get; }
    internal ObjectLocks ObjectLocks { get; }
    internal RowLocks RowLocks { get; } = new();
    internal WaitGraph Waits { get; }
    internal IndexMethods Indexes { get; }
    internal uint NextOid => (uint)Volatile.Read(ref _nextOid);
    internal long NowMicros => MicrosOf(_options.Clock);

    /// <summary>Microseconds since 2000-01-01 UTC.</summary>
    internal static long MicrosOf(TimeProvider clock) => (clock.GetUtcNow().UtcTicks - new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks) / TimeSpan.TicksPerMicrosecond;

    public ITransaction Begin(IsolationLevel isolation, bool isReadOnly, int owner)
    {
        long id = Interlocked.Increment(ref _lastTransaction);
        Invariant.Check(id <= Memtables.RowStamp.MaxTransaction);
        lock (_activeLock)
        {
            var transaction = new Transaction(this, id, isolation, isReadOnly, owner);
            _active.Add(id, transaction);
            return transaction;
        }
    }

    public long NextValue(SequenceObject sequence) => FindSequence(sequence).Next(sequence, LogOf(sequence));

    public void SetValue(SequenceObject sequence, long value, bool isCalled) => FindSequence(sequence).Set(value, isCalled, LogOf(sequence));

    public (long LastValue, bool IsCalled, int LogCount) ReadSequence(SequenceObject sequence)
    {
        SequenceStore found = FindSequence(sequence);
        SequenceState state = found.Current;
        return (state.LastValue, state.IsCalled, found.LogCount);
    }

    public double EstimateRows(uint table) => _tables.TryGetValue(table, out TableStore? store) ? store.LiveRows : 0;

    public ColumnStatistics? FindColumn(uint table, short column) =>
        _statistics.TryGetValue(table, out StoredStatistics? known) ? known.Columns.GetValueOrDefault(column) : null;

    public void SetStatistics(uint table, IReadOnlyDictionary<short, ColumnStatistics> columns)
    {
        var stored = new StoredStatistics { Table = table, Columns = new Dictionary<short, ColumnStatistics>(columns) };
        Log.Submit(new StatisticsRequest(CatalogJson.WriteDocument(stored), () => _statistics[table] = stored));
    }

    public (long DiskBytes, long MemoryBytes) SizeOf(uint relation)
    {
        long disk = 0, memory = 0;
        if (_tables.TryGetValue(relation, out TableStore? table))
        {
            foreach (RowRange range in table.Ranges) (disk, memory) = (disk + range.DiskBytes, memory + range.MemoryBytes);
        }
        else if (Catalog.Find<IndexObject>(relation) is { } index && _tables.TryGetValue(index.Table, out table))
        {
            foreach (RowRange range in table.Ranges)
                if (range.FindPart(relation) is { } part)
                    (disk, memory) = (disk + part.DiskBytes, memory + part.MemoryBytes);
        }
        return (disk, memory);
    }

    public IndexState? DescribeIndex(uint index, int efSearch)
    {
        if (FindIndex(index) is not var (store, open)) return null;
        using ITransaction transaction = Begin(IsolationLevel.ReadCommitted, isReadOnly: true, owner: 0);
        (long disk, long memory) = SizeOf(index);
        return open.Describe(((Transaction)transaction).ReadTable(store.Oid), efSearch) with { DiskBytes = disk, MemoryBytes = memory };
    }

    public double? MeasureRecall(uint index, int sample, VectorSearchRequest request)
    {
        if (FindIndex(index) is not var (store, open)) return null;
        using ITransaction transaction = Begin(IsolationLevel.ReadCommitted, isReadOnly: true, owner: 0);
        return VectorRecall.Measure(open, ((Transaction)transaction).ReadTable(store.Oid), request, sample);
    }

    private (TableStore Table, IndexStore Index)? FindIndex(uint index)
    {
        if (Catalog.Find<IndexObject>(index) is not { } definition || !_tables.TryGetValue(definition.Table, out TableStore? table)) return null;
        return Array.Find(table.Indexes, i => i.Oid == index) is { } open ? (table, open) : null;
    }

    public void Dispose()
    {
        StopBackgroundWork();
        Close();
        Log.Dispose();
        _stop.Dispose();
    }

    /// <summary>Ends without writing anything.</summary>
    internal void Abandon()
    {
        StopBackgroundWork();
        Log.Dispose();
        foreach (TableStore table in _tables.Values) DisposeRanges(table.Ranges);
    }

    internal uint AllocateOid() => (uint)(Interlocked.Increment(ref _nextOid) - 1);

    internal TableStore FindStore(uint table) =>
        _tables.TryGetValue(table, out TableStore? store) ? store : throw new SqlException(SqlState.UndefinedTable, $"relation with OID {table} has no storage");

    internal IEnumerable<TableStore> Tables => _tables.Values;

    internal LockOwner? FindOwner(long transaction)
    {
        lock (_activeLock) return _active.TryGetValue(transaction, out Transaction? found) ? found.Owner : null;
    }

    /// <summary>The newest position, taken so that <see cref="Horizon"/> never passes it while the transaction holds it.</summary>
    internal long TakeSnapshot(Transaction transaction)
    {
        lock (_activeLock)
        {
            long position = _state.Position;
            if (!transaction.KeepsSnapshot) transaction.PinnedPosition = position;
            return position;
        }
    }

    /// <summary>No snapshot, now or later, is older than this.</summary>
    internal long Horizon
    {
        get
        {
            lock (_activeLock)
            {
                long horizon = _state.Position;
                foreach (Transaction transaction in _active.Values) horizon = Math.Min(horizon, transaction.PinnedPosition);
                return horizon;
            }
        }
    }

    internal void Remove(Transaction transaction)
    {
        lock (_activeLock) _active.Remove(transaction.Id);
        Log.Forget(transaction.Id);
    }

    internal IReadOnlyList<LockInfo> Locks
    {
        get
        {
            List<LockInfo> all = [.. ObjectLocks.List()];
            // A transaction that may be waited for holds a lock on itself.
            lock (_activeLock)
                all.AddRange(_active.Values.Where(t => t.HasWrites || t.Owner.Rows.Count > 0).Select(t => new LockInfo("transactionid", 0, 0, t.Owner.Process, "ExclusiveLock", true, null, null, null) { TransactionId = t.Id }));
            return all;
        }
    }

    /// <summary>Changes the shared catalog, durably; the result takes it back.</summary>
    internal Action ApplyShared(IReadOnlyList<SharedChange> changes) => _instance.ApplyShared(changes);

    internal void SetShared(SharedCatalog shared)
    {
        lock (_stateLock) _state = _state with { Catalog = _state.Catalog.WithShared(shared) };
    }

    private SequenceStore FindSequence(SequenceObject sequence) =>
        _sequences.GetOrAdd(sequence.Oid, static (oid, definition) => new SequenceStore(oid, definition.Start, false), sequence);

    private Action<SequenceState, Action>? LogOf(SequenceObject sequence) =>
        sequence.Persistence == 't' ? null : (state, apply) => Log.Submit(new SequenceRequest(state, apply));
}
