using VecSql.Core.Catalog;
using VecSql.Storage.Catalogs;
using VecSql.Storage.Files;

namespace VecSql.Storage.Manifests;

/// <summary>
/// The whole durable state of a database up to a frame of the log, but for rows that are still only in the log. Immutable; each checkpoint writes a new one.
/// </summary>
internal sealed record Manifest
{
    public required uint Database { get; init; }

    /// <summary>All but rows is as it was after this frame: what the log says of it up to here is skipped in recovery.</summary>
    public required long Lsn { get; init; }
    public required long Position { get; init; }

    /// <summary>Where recovery starts to read.</summary>
    public required long ReplayEpoch { get; init; }
    public required long ReplayFile { get; init; }
    public required uint NextOid { get; init; }
    public List<CatalogObject> Catalog { get; init; } = [];
    public List<TableManifest> Tables { get; init; } = [];
    public List<SequenceState> Sequences { get; init; } = [];
    public List<StoredStatistics> Statistics { get; init; } = [];
}

/// <summary>A table's files.</summary>
internal sealed record TableManifest
{
    public required uint Table { get; init; }

    /// <summary>Rows below are in the segments, or dead: the log's inserts of them are skipped.</summary>
    public required long FlushedRowId { get; init; }
    public List<SegmentManifest> Segments { get; init; } = [];
}

/// <summary>A segment's files.</summary>
internal sealed record SegmentManifest
{
    public required long Id { get; init; }
    public required long FirstRowId { get; init; }
    public required long EndRowId { get; init; }
    public required int RowCount { get; init; }
    public required ObjectReference Data { get; init; }

    /// <summary>Zone maps.</summary>
    public required ObjectReference Zones { get; init; }
    public ObjectReference? Deletions { get; init; }
    public int DeletedCount { get; init; }
    public List<AttachedIndex> Indexes { get; init; } = [];
}

/// <summary>An index's file over a segment.</summary>
internal sealed record AttachedIndex
{
    public required uint Table { get; init; }
    public required long Segment { get; init; }
    public required uint Index { get; init; }
    public required ObjectReference File { get; init; }

    /// <summary>Null in what older programs wrote.</summary>
    public Indexes.IndexBuildFacts? Build { get; init; }
}

/// <summary>A sequence's state: the last value that may have been given out.</summary>
internal sealed record SequenceState(uint Oid, long LastValue, bool IsCalled);

/// <summary>Databases and roles.</summary>
internal sealed record SharedManifest
{
    public required uint NextOid { get; init; }
    public required List<CatalogObject> Objects { get; init; }
}
