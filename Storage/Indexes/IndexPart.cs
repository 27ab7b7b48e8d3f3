namespace VecSql.Storage.Indexes;

/// <summary>What an index holds of one range of rows: mutable over a memtable, immutable over a segment. Read by all threads.</summary>
internal abstract class IndexPart : IDisposable
{
    public virtual long MemoryBytes => 0;
    public virtual long DiskBytes => 0;

    public virtual void Dispose() { }
}
