using VecSql.Core.Catalog;
using VecSql.Storage.Indexes;
using VecSql.Storage.Manifests;
using VecSql.Storage.Memtables;
using VecSql.Storage.Tables;

namespace VecSql.Storage.Transactions;

/// <summary>Something that a transaction did: what is logged, undone, or made visible at commit.</summary>
internal abstract class Operation
{
    /// <summary>Operations of the log that the transaction had written when this one was; −1 until then.</summary>
    public int LogEnd { get; set; } = -1;

    /// <summary>Rows start … start+count-1 of a memtable. Grows while it is the newest operation.</summary>
    public sealed class Insert(TableStore table, Memtable memtable, int start, int count) : Operation
    {
        public TableStore Table => table;
        public Memtable Memtable => memtable;
        public int Start => start;
        public int Count { get; set; } = count;
    }

    public sealed class Delete(TableStore table, long[] rowIds, bool isUpdate) : Operation
    {
        public TableStore Table => table;
        public long[] RowIds => rowIds;

        /// <summary>The rows have successors.</summary>
        public bool IsUpdate => isUpdate;
    }

    /// <param name="before">What the object was for this transaction before; null if it is new.</param>
    /// <param name="newStore">Of a new table: where its rows are.</param>
    public sealed class Put(CatalogObject value, CatalogObject? before, TableStore? newStore = null) : Operation
    {
        public CatalogObject Value => value;
        public CatalogObject? Before => before;
        public TableStore? NewStore => newStore;
    }

    public sealed class Drop(CatalogObject value) : Operation
    {
        public CatalogObject Value => value;
    }

    public sealed class Truncate(TableStore table, long belowRowId, long before) : Operation
    {
        public TableStore Table => table;
        public long BelowRowId => belowRowId;

        /// <summary>The transaction's boundary before this truncation.</summary>
        public long Before => before;
    }

    /// <summary>An index was built over the rows that the table had.</summary>
    public sealed class Build(TableStore table, IndexStore index, IReadOnlyList<AttachedIndex> files) : Operation
    {
        public TableStore Table => table;
        public IndexStore Index => index;
        public IReadOnlyList<AttachedIndex> Files => files;
    }
}
