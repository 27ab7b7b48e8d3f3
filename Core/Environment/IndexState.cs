namespace VecSql.Core.Environment;

/// <summary>What an index tells of itself (vecsql.indexes). Null: it has no such thing, or it isn't known yet.</summary>
public sealed record IndexState
{
    /// <summary>Ranges of rows that are searched one by one: memtables and segments.</summary>
    public int Parts { get; init; }

    /// <summary>Row versions that are seen now and are in the index.</summary>
    public long? Rows { get; init; }

    /// <summary>Row versions that no longer are seen, and go with the next merge.</summary>
    public long? DeadRows { get; init; }
    public long? LinkedRows { get; init; }

    /// <summary>Rows with a vector that graphs don't lead to: scanned exactly.</summary>
    public long? UnlinkedRows { get; init; }
    public string? Quantization { get; init; }
    public double? Recall { get; init; }
    public int? EfForRecall95 { get; init; }
    public int? EfForRecall99 { get; init; }

    /// <summary>Microseconds since 2000-01-01 UTC.</summary>
    public long? BuiltAtMicros { get; init; }
    public long? BuildMicros { get; init; }
    public long? CalibratedAtMicros { get; init; }
    public long DiskBytes { get; init; }
    public long MemoryBytes { get; init; }
}
