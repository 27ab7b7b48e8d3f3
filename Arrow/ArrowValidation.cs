using System.Runtime.InteropServices;
using System.Text.Unicode;

namespace VecSql.Arrow;

/// <summary>The checks of an array that need a scan; what costs no scan was checked when the array was made.</summary>
internal static class ArrowValidation
{
    public static void Check(ArrowArray array, string where)
    {
        CheckNullCount(array, where);
        switch (array.Type.Id)
        {
            case ArrowTypeId.Utf8 or ArrowTypeId.Binary or ArrowTypeId.List or ArrowTypeId.Map:
                CheckOffsets(array.Offsets32, where);
                break;
            case ArrowTypeId.LargeUtf8 or ArrowTypeId.LargeBinary or ArrowTypeId.LargeList:
                CheckOffsets(array.Offsets64, where);
                break;
            case ArrowTypeId.Utf8View or ArrowTypeId.BinaryView:
                CheckViews(array, where);
                break;
            case ArrowTypeId.ListView:
                CheckListViews(array.Starts32, array.Sizes32, array.Children[0].Length, where);
                break;
            case ArrowTypeId.LargeListView:
                CheckListViews(array.Starts64, array.Sizes64, array.Children[0].Length, where);
                break;
            case ArrowTypeId.Union:
                CheckUnion(array, (ArrowType.Union)array.Type, where);
                break;
            case ArrowTypeId.RunEndEncoded:
                CheckRunEnds(array, where);
                break;
        }
        if (array.Type.Id is ArrowTypeId.Utf8 or ArrowTypeId.LargeUtf8 or ArrowTypeId.Utf8View) CheckText(array, where);
        if (array.Dictionary is { } dictionary)
        {
            CheckIndexes(array, dictionary.Length, where);
            Check(dictionary, where + " dictionary");
        }
        for (int i = 0; i < array.Children.Length; i++) Check(array.Children[i], $"{where} child {i}");
    }

    private static void CheckNullCount(ArrowArray array, string where)
    {
        if (array.IndexOf(ArrowBufferKind.Validity) != 0 || array.Buffers[0].IsEmpty) return;
        int nulls = array.Length - ArrowArray.CountBits(array.Buffers[0].Span, array.Length);
        // A writer may leave a bitmap beside a null count of 0, but the two must agree.
        if (nulls != array.NullCount) throw Bad(where, $"null count {array.NullCount}, but {nulls} rows are null");
    }

    private static void CheckOffsets(ReadOnlySpan<int> offsets, string where)
    {
        for (int i = 1; i < offsets.Length; i++)
        {
            if (offsets[i] < offsets[i - 1]) throw Bad(where, $"offset {i} is {offsets[i]}, less than {offsets[i - 1]} before it");
        }
    }

    private static void CheckOffsets(ReadOnlySpan<long> offsets, string where)
    {
        for (int i = 1; i < offsets.Length; i++)
        {
            if (offsets[i] < offsets[i - 1]) throw Bad(where, $"offset {i} is {offsets[i]}, less than {offsets[i - 1]} before it");
        }
    }

    private static void CheckText(ArrowArray array, string where)
    {
        for (int i = 0; i < array.Length; i++)
        {
            if (array.IsValid(i) && !Utf8.IsValid(array.GetBytes(i))) throw Bad(where, $"row {i} is not UTF-8");
        }
    }

    private static void CheckViews(ArrowArray array, string where)
    {
        for (int i = 0; i < array.Length; i++)
        {
            if (!array.IsValid(i)) continue;
            var view = array.Buffers[1].Span.Slice(16 * i, 16);
            var bytes = array.GetBytes(i);
            if (bytes.Length > 12 && !bytes[..4].SequenceEqual(view.Slice(4, 4))) throw Bad(where, $"view {i} has a prefix other than its bytes");
        }
    }

    private static void CheckListViews(ReadOnlySpan<int> starts, ReadOnlySpan<int> sizes, int childLength, string where)
    {
        for (int i = 0; i < starts.Length; i++)
        {
            if (starts[i] < 0 || sizes[i] < 0 || starts[i] > childLength - sizes[i])
            {
                throw Bad(where, $"row {i} takes {sizes[i]} from {starts[i]} of {childLength}");
            }
        }
    }

    private static void CheckListViews(ReadOnlySpan<long> starts, ReadOnlySpan<long> sizes, int childLength, string where)
    {
        for (int i = 0; i < starts.Length; i++)
        {
            if (starts[i] < 0 || sizes[i] < 0 || starts[i] > childLength - sizes[i])
            {
                throw Bad(where, $"row {i} takes {sizes[i]} from {starts[i]} of {childLength}");
            }
        }
    }

    private static void CheckUnion(ArrowArray array, ArrowType.Union type, string where)
    {
        Span<int> childOf = stackalloc int[128];
        childOf.Fill(-1);
        for (int i = 0; i < type.TypeIds.Length; i++) childOf[type.TypeIds[i]] = i;
        var ids = array.UnionTypeIds;
        for (int i = 0; i < ids.Length; i++)
        {
            if (ids[i] < 0 || childOf[ids[i]] < 0) throw Bad(where, $"row {i} has type id {ids[i]}, which the union lacks");
        }
        if (type.Mode != ArrowUnionMode.Dense) return;
        var starts = array.Starts32;
        for (int i = 0; i < ids.Length; i++)
        {
            int childLength = array.Children[childOf[ids[i]]].Length;
            if ((uint)starts[i] >= (uint)childLength) throw Bad(where, $"row {i} is at {starts[i]} of a child of {childLength}");
        }
    }

    private static void CheckRunEnds(ArrowArray array, string where)
    {
        var ends = array.Children[0];
        long before = 0;
        for (int i = 0; i < ends.Length; i++)
        {
            long end = Integer(ends, i);
            if (end <= before) throw Bad(where, $"run end {i} is {end}, not above {before}");
            before = end;
        }
        if (before < array.Length) throw Bad(where, $"runs end at {before}, before the length {array.Length}");
    }

    private static void CheckIndexes(ArrowArray array, int dictionaryLength, string where)
    {
        for (int i = 0; i < array.Length; i++)
        {
            if (!array.IsValid(i)) continue;
            long index = Integer(array, i);
            if (index < 0 || index >= dictionaryLength) throw Bad(where, $"row {i} has index {index} in a dictionary of {dictionaryLength}");
        }
    }

    /// <summary>Row i of an integer array; an unsigned 64-bit value beyond long comes out negative.</summary>
    internal static long Integer(ArrowArray array, int index)
    {
        var type = (ArrowType.Int)array.Type;
        var bytes = array.Buffers[1].Span[(index * (type.BitWidth / 8))..];
        return (type.BitWidth, type.Signed) switch
        {
            (8, true) => (sbyte)bytes[0],
            (8, false) => bytes[0],
            (16, true) => MemoryMarshal.Read<short>(bytes),
            (16, false) => MemoryMarshal.Read<ushort>(bytes),
            (32, true) => MemoryMarshal.Read<int>(bytes),
            (32, false) => MemoryMarshal.Read<uint>(bytes),
            _ => MemoryMarshal.Read<long>(bytes),
        };
    }

    private static ArrowFormatException Bad(string where, string what) => new($"{where}: {what}");
}
