using VecSql.Core.Columns;

namespace VecSql.Core.Types;

/// <summary>Gathers elements and writes them as an array. Used again and again by its owner, one value after another; by one thread.</summary>
public sealed class ArrayBuilder(uint elementType, PhysicalKind kind)
{
    [ThreadStatic]
    private static Stack<ArrayBuilder>[]? _spare;

    /// <summary>The elements so far; handlers may append to it directly.</summary>
    public ColumnBuilder Elements { get; } = ColumnBuilder.Create(kind, 16);

    public int Count => Elements.Count;
    public uint ElementType { get; private set; } = elementType;

    /// <summary>An empty builder out of this thread's spare ones; <see cref="Return"/> gives it back.</summary>
    internal static ArrayBuilder Rent(uint elementType, PhysicalKind kind)
    {
        if (_spare?[(int)kind] is not { Count: > 0 } spare) return new ArrayBuilder(elementType, kind);
        ArrayBuilder builder = spare.Pop();
        builder.ElementType = elementType;
        builder.Reset();
        return builder;
    }

    internal void Return()
    {
        _spare ??= [.. Enumerable.Range(0, (int)PhysicalKind.Bytes + 1).Select(_ => new Stack<ArrayBuilder>())];
        if (_spare[(int)Elements.Kind].Count < 8 && Count < 10_000) _spare[(int)Elements.Kind].Push(this);
    }

    public void Reset() => Elements.Reset();
    public void AppendNull() => Elements.AppendNull();
    public void Append(Column source, int row) => Elements.AppendFrom(source, row);

    /// <summary>Appends elements start … end-1 of a column.</summary>
    public void Append(Column source, int start, int end)
    {
        for (int i = start; i < end; i++) Elements.AppendFrom(source, i);
    }

    /// <summary>Writes the elements as an array of this shape, and ends the value.</summary>
    public void WriteTo(ColumnBuilder result, ReadOnlySpan<int> lengths, ReadOnlySpan<int> lowerBounds)
    {
        BytesColumnBuilder bytes = (BytesColumnBuilder)result;
        ArrayFormat.Write(bytes.Output, ElementType, Elements.Build(), lengths, lowerBounds);
        bytes.EndValue();
    }

    /// <summary>Writes the elements as a one-dimensional array, and ends the value.</summary>
    public void WriteTo(ColumnBuilder result, int lowerBound = 1) => WriteTo(result, [Count], [lowerBound]);
}
