namespace VecSql.Storage.Log;

/// <summary>A log file: the epoch of the process that wrote it, and its number in the epoch.</summary>
internal sealed record LogFileName(long Epoch, long Number) : IComparable<LogFileName>
{
    public string Directory(string shard) => $"{shard}/wal/{Epoch:D20}";
    public string Path(string shard) => $"{Directory(shard)}/{Number:D20}.log";
    public int CompareTo(LogFileName? other) => other is null ? 1 : (Epoch, Number).CompareTo((other.Epoch, other.Number));
}
