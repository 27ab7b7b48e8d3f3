using System.Buffers.Binary;

namespace VecSql.Arrow;

/// <summary>What one buffer of an array holds. All little-endian.</summary>
public enum ArrowBufferKind : byte
{
    /// <summary>1 bit per row, least significant first, 1 = not null. Empty if no row is null.</summary>
    Validity,
    /// <summary>Fixed width per row; bool: 1 bit.</summary>
    Values,
    /// <summary>int32, rows + 1: row i is [offset i, offset i + 1) of the data or the child.</summary>
    Offsets32,
    /// <summary>int64, rows + 1.</summary>
    Offsets64,
    /// <summary>Bytes of binary and text, one row after the other.</summary>
    Data,
    /// <summary>int8 per row: which child of a union.</summary>
    TypeIds,
    /// <summary>16 bytes per row: int32 length, then 12 bytes inline or 4 of prefix, int32 buffer, int32 offset.</summary>
    Views,
    /// <summary>int32 per row: where in a child the row stands (dense union, list view).</summary>
    Starts32,
    /// <summary>int64 per row.</summary>
    Starts64,
    /// <summary>int32 per row: length of a list view.</summary>
    Sizes32,
    /// <summary>int64 per row.</summary>
    Sizes64,
}

/// <summary>
/// Which buffers each type has, in the order of the format, and the checks that cost no scan.
/// <code>
/// null, run-end encoded              (none)
/// bool, numbers, dates, …            validity values
/// utf8, binary (large…)              validity offsets32 (64) data
/// list, map (large list)             validity offsets32 (64)          + child
/// fixed-size list, struct            validity                         + children
/// utf8 view, binary view             validity views data*
/// list view (large…)                 validity starts32 sizes32 (64)   + child
/// union sparse / dense               typeids / typeids starts32       + children
/// </code>
/// </summary>
public static class ArrowLayout
{
    /// <summary>The buffers of a type; views have any number of <see cref="ArrowBufferKind.Data"/> buffers after these.</summary>
    public static ReadOnlySpan<ArrowBufferKind> Buffers(ArrowType type) => type.Id switch
    {
        ArrowTypeId.Null or ArrowTypeId.RunEndEncoded => [],
        ArrowTypeId.Utf8 or ArrowTypeId.Binary => [ArrowBufferKind.Validity, ArrowBufferKind.Offsets32, ArrowBufferKind.Data],
        ArrowTypeId.LargeUtf8 or ArrowTypeId.LargeBinary => [ArrowBufferKind.Validity, ArrowBufferKind.Offsets64, ArrowBufferKind.Data],
        ArrowTypeId.List or ArrowTypeId.Map => [ArrowBufferKind.Validity, ArrowBufferKind.Offsets32],
        ArrowTypeId.LargeList => [ArrowBufferKind.Validity, ArrowBufferKind.Offsets64],
        ArrowTypeId.FixedSizeList or ArrowTypeId.Struct => [ArrowBufferKind.Validity],
        ArrowTypeId.Utf8View or ArrowTypeId.BinaryView => [ArrowBufferKind.Validity, ArrowBufferKind.Views],
        ArrowTypeId.ListView => [ArrowBufferKind.Validity, ArrowBufferKind.Starts32, ArrowBufferKind.Sizes32],
        ArrowTypeId.LargeListView => [ArrowBufferKind.Validity, ArrowBufferKind.Starts64, ArrowBufferKind.Sizes64],
        ArrowTypeId.Union when type is ArrowType.Union { Mode: ArrowUnionMode.Dense } => [ArrowBufferKind.TypeIds, ArrowBufferKind.Starts32],
        ArrowTypeId.Union => [ArrowBufferKind.TypeIds],
        _ => [ArrowBufferKind.Validity, ArrowBufferKind.Values],
    };

    public static bool IsView(ArrowType type) => type.Id is ArrowTypeId.Utf8View or ArrowTypeId.BinaryView;

    /// <summary>Children of a type; null: any number (struct).</summary>
    public static int? ChildCount(ArrowType type) => type.Id switch
    {
        ArrowTypeId.Struct => null,
        ArrowTypeId.Union => ((ArrowType.Union)type).TypeIds.Length,
        ArrowTypeId.RunEndEncoded => 2,
        ArrowTypeId.List or ArrowTypeId.LargeList or ArrowTypeId.ListView or ArrowTypeId.LargeListView => 1,
        ArrowTypeId.FixedSizeList or ArrowTypeId.Map => 1,
        _ => 0,
    };

    /// <summary>Bits of one row in the <see cref="ArrowBufferKind.Values"/> buffer; 0 if the type has none.</summary>
    public static long BitsPerValue(ArrowType type) => type switch
    {
        ArrowType.Int i => i.BitWidth,
        ArrowType.Float f => f.BitWidth,
        ArrowType.Decimal d => d.BitWidth,
        ArrowType.Date d => d.BitWidth,
        ArrowType.Time t => t.Unit <= ArrowTimeUnit.Millisecond ? 32 : 64,
        ArrowType.Timestamp or ArrowType.Duration => 64,
        ArrowType.Interval i => i.Unit switch { ArrowIntervalUnit.YearMonth => 32, ArrowIntervalUnit.DayTime => 64, _ => 128 },
        ArrowType.FixedSizeBinary b => 8L * b.ByteWidth,
        _ => type.Id == ArrowTypeId.Bool ? 1 : 0,
    };

    /// <summary>Bytes that <paramref name="length"/> rows take in a buffer of that kind; <see cref="ArrowBufferKind.Data"/>: -1, its offsets say.</summary>
    public static long SizeBytes(ArrowBufferKind kind, ArrowType type, int length) => kind switch
    {
        ArrowBufferKind.Validity => (length + 7L) / 8,
        ArrowBufferKind.Values => type.Id == ArrowTypeId.Bool ? (length + 7L) / 8 : length * (BitsPerValue(type) / 8),
        ArrowBufferKind.Offsets32 => (length + 1L) * 4,
        ArrowBufferKind.Offsets64 => (length + 1L) * 8,
        ArrowBufferKind.TypeIds => length,
        ArrowBufferKind.Views => length * 16L,
        ArrowBufferKind.Starts32 or ArrowBufferKind.Sizes32 => length * 4L,
        ArrowBufferKind.Starts64 or ArrowBufferKind.Sizes64 => length * 8L,
        _ => -1,
    };

    /// <summary>
    /// The constant-time checks: number and length of buffers and children, first and last offset. Null if all hold, else what does not.
    /// What they leave open (order of the offsets, UTF-8, indexes) is <see cref="ArrowArray.Validate"/>'s.
    /// </summary>
    internal static string? Problem(ArrowType type, int length, int nullCount, ReadOnlySpan<ReadOnlyMemory<byte>> buffers, ReadOnlySpan<ArrowArray> children)
    {
        var kinds = Buffers(type);
        if (length < 0) return $"{type} array has length {length}";
        if (nullCount < 0 || nullCount > length) return $"{type} array of length {length} has null count {nullCount}";
        if (buffers.Length != kinds.Length && !(IsView(type) && buffers.Length > kinds.Length))
        {
            return $"{type} array has {buffers.Length} buffers, needs {kinds.Length}";
        }
        for (int i = 0; i < kinds.Length; i++)
        {
            if (kinds[i] == ArrowBufferKind.Data || MayBeEmpty(kinds[i], length, nullCount, buffers[i])) continue;
            long needed = SizeBytes(kinds[i], type, length);
            if (buffers[i].Length < needed) return $"{type} array of length {length}: {kinds[i]} buffer has {buffers[i].Length} bytes, needs {needed}";
        }
        return ChildProblem(type, length, children) ?? OffsetProblem(type, length, kinds, buffers, children);
    }

    private static bool MayBeEmpty(ArrowBufferKind kind, int length, int nullCount, ReadOnlyMemory<byte> buffer) => buffer.IsEmpty
        && (kind == ArrowBufferKind.Validity ? nullCount == 0 : length == 0);

    private static string? ChildProblem(ArrowType type, int length, ReadOnlySpan<ArrowArray> children)
    {
        int count = ChildCount(type) ?? children.Length;
        if (children.Length != count) return $"{type} array has {children.Length} children, needs {count}";
        long rows = type switch
        {
            ArrowType.FixedSizeList l => (long)length * l.ListSize,
            ArrowType.Union { Mode: ArrowUnionMode.Sparse } => length,
            _ => type.Id == ArrowTypeId.Struct ? length : 0,
        };
        foreach (var child in children)
        {
            if (child.Length < rows) return $"{type} array of length {length}: a child has {child.Length} rows, needs {rows}";
        }
        if (type.Id == ArrowTypeId.RunEndEncoded)
        {
            if (children[0].Length != children[1].Length) return $"run-end encoded array has {children[0].Length} run ends and {children[1].Length} values";
            if (children[0].NullCount != 0) return "run ends have nulls";
            if (length > 0 && children[0].Length == 0) return $"run-end encoded array of length {length} has no runs";
        }
        return null;
    }

    private static string? OffsetProblem(ArrowType type, int length, ReadOnlySpan<ArrowBufferKind> kinds,
        ReadOnlySpan<ReadOnlyMemory<byte>> buffers, ReadOnlySpan<ArrowArray> children)
    {
        int at = kinds.IndexOfAny(ArrowBufferKind.Offsets32, ArrowBufferKind.Offsets64);
        if (at < 0 || buffers[at].IsEmpty) return null;
        var offsets = buffers[at].Span;
        long first = Offset(kinds[at], offsets, 0), last = Offset(kinds[at], offsets, length);
        long limit = children.Length == 1 ? children[0].Length : buffers[at + 1].Length;
        return first < 0 || first > last || last > limit ? $"{type} array: offsets {first} to {last} do not lie in 0 to {limit}" : null;
    }

    /// <summary>Offset number <paramref name="index"/> of an offsets buffer.</summary>
    internal static long Offset(ArrowBufferKind kind, ReadOnlySpan<byte> offsets, int index) => kind == ArrowBufferKind.Offsets32
        ? BinaryPrimitives.ReadInt32LittleEndian(offsets[(4 * index)..])
        : BinaryPrimitives.ReadInt64LittleEndian(offsets[(8 * index)..]);
}
