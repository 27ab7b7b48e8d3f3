namespace VecSql.Storage.Indexes;

/// <summary>What an index holds of one range of rows: mutable over a memtable, immutable over a segment. Read by all threads.</summary>
internal abstract class IndexPart : IDisposable
{
    /// <summary>Null over a memtable, and for files of older programs.</summary>
    public IndexBuildFacts? BuildFacts { get; set; }

    public virtual long MemoryBytes => 0;
    public virtual long DiskBytes => 0;

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets mappings and native memory go: only when no reader is left.</summary>
    protected virtual void Release() { }
}
