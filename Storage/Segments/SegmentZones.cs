using VecSql.Core.Columns;
using VecSql.Core.Types;
using VecSql.Storage.Contracts;
using VecSql.Storage.Memtables;

namespace VecSql.Storage.Segments;

/// <summary>What a scan may know of a segment without reading it: for each batch the least and greatest value of its columns. Written as JSON beside the segment.</summary>
internal sealed record SegmentZones
{
    /// <summary>Rows per batch: a power of two, at least 2048; the last batch may have fewer.</summary>
    public required int RowsPerBatch { get; init; }
    public required int RowCount { get; init; }

    /// <summary>The position of the newest commit that made one of the rows.</summary>
    public required long MaxCreated { get; init; }
    public List<BatchZones> Batches { get; init; } = [];

    /// <summary>The checksums of the segment's blocks; null in files of before: such a segment is verified whole.</summary>
    public uint[]? Blocks { get; init; }
}

internal sealed record BatchZones
{
    public List<ColumnZone> Columns { get; init; } = [];
}

/// <summary>Bounds in key encoding, cut to <see cref="MaxKeyBytes"/>; no bounds at all if every row is null.</summary>
internal sealed record ColumnZone
{
    public const int MaxKeyBytes = 32;

    public required short Column { get; init; }
    public byte[]? Low { get; init; }
    public byte[]? High { get; init; }

    /// <summary>The zone of a batch's column; null if its type has no cheap order.</summary>
    public static ColumnZone? Of(LayoutColumn column, Column values, int count)
    {
        if (TypeHandlers.Find(column.Type.Oid) is not { IsOrderable: true } handler || !IsBounded(column)) return null;
        int low = -1, high = -1;
        for (int row = 0; row < count; row++)
        {
            if (values.IsNull(row)) continue;
            if (low < 0) low = high = row;
            else if (handler.Compare(values, row, values, low) < 0) low = row;
            else if (handler.Compare(values, row, values, high) > 0) high = row;
        }
        return low < 0
            ? new ColumnZone { Column = column.Number }
            : new ColumnZone { Column = column.Number, Low = KeyOf(handler, values, low), High = KeyOf(handler, values, high) };
    }

    /// <summary>False if no value of the zone lies in the bound.</summary>
    public bool MayHold(ColumnBound bound)
    {
        if (Low is null || High is null) return false;
        if (bound.High is not null && Low.AsSpan().SequenceCompareTo(bound.High) > 0) return false;
        if (bound.Low is null) return true;
        // A cut upper key stands for all that begin with it.
        ReadOnlySpan<byte> low = High.Length == MaxKeyBytes && bound.Low.Length > MaxKeyBytes ? bound.Low.AsSpan(0, MaxKeyBytes) : bound.Low;
        return High.AsSpan().SequenceCompareTo(low) >= 0;
    }

    private static bool IsBounded(LayoutColumn column) => column.Kind != PhysicalKind.Bytes
        || column.Type.Oid is TypeOid.Text or TypeOid.Varchar or TypeOid.Bpchar or TypeOid.Name or TypeOid.Numeric or TypeOid.Bytea;

    private static byte[] KeyOf(TypeHandler handler, Column values, int row)
    {
        var key = new ByteBuffer(64);
        handler.EncodeKey(values, row, key);
        return key.WrittenSpan[..Math.Min(key.Length, MaxKeyBytes)].ToArray();
    }
}
