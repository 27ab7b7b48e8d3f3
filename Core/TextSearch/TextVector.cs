using System.Buffers.Binary;

namespace VecSql.Core.TextSearch;

/// <summary>
/// A tsvector as it lies in a column, little-endian: lexemes in the order of their bytes, each with its positions in ascending order.
/// <code>
/// count: u32 │ (count + 1) × (where its text begins: u32, number of its first position: u32) │ texts │ positions: u16
/// </code>
/// A position is a place in the text (14 bits, from 1) and a weight (2 bits: D, C, B, A).
/// </summary>
internal readonly ref struct TextVector
{
    /// <summary>The last place that is told from later ones.</summary>
    public const int MaxPlace = 16383;
    public const int MaxPositions = 256;

    /// <summary>PostgreSQL's limit for all texts and positions of a value.</summary>
    public const int MaxBytes = (1 << 20) - 1;

    private readonly ReadOnlySpan<byte> _value;
    private readonly ReadOnlySpan<byte> _texts, _positions;

    public TextVector(ReadOnlySpan<byte> value)
    {
        _value = value;
        Count = (int)BinaryPrimitives.ReadUInt32LittleEndian(value);
        int texts = checked(4 + 8 * (Count + 1));
        int positions = texts + (int)Entry(Count, 0);
        _texts = value[texts..positions];
        _positions = value[positions..];
    }

    public int Count { get; }
    public ReadOnlySpan<byte> Lexeme(int index) => _texts[(int)Entry(index, 0)..(int)Entry(index + 1, 0)];
    public int PositionCount(int index) => (int)(Entry(index + 1, 1) - Entry(index, 1));

    /// <summary>Of a lexeme's entry: where its text begins (0), the number of its first position (1).</summary>
    private uint Entry(int index, int field) => BinaryPrimitives.ReadUInt32LittleEndian(_value[(4 + 8 * index + 4 * field)..]);

    /// <summary>A place and its weight, of the lexeme's positions from 0.</summary>
    public ushort Position(int index, int number) => BinaryPrimitives.ReadUInt16LittleEndian(_positions[(2 * ((int)Entry(index, 1) + number))..]);

    public static int PlaceOf(ushort position) => position & MaxPlace;
    public static int WeightOf(ushort position) => position >> 14;
    public static ushort MakePosition(int place, int weight) => (ushort)(Math.Min(place, MaxPlace) | weight << 14);

    /// <summary>The lexeme's number; the complement of where it would stand if there is none.</summary>
    public int Find(ReadOnlySpan<byte> lexeme)
    {
        int low = 0, high = Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            int order = lexeme.SequenceCompareTo(Lexeme(middle));
            if (order == 0) return middle;
            if (order > 0) low = middle + 1;
            else high = middle;
        }
        return ~low;
    }

    /// <summary>The lexemes that a query's word means: one, or those that begin with it.</summary>
    public Range FindAll(ReadOnlySpan<byte> lexeme, bool isPrefix)
    {
        int first = Find(lexeme);
        if (!isPrefix) return first < 0 ? ..0 : first..(first + 1);
        if (first < 0) first = ~first;
        int end = first;
        while (end < Count && Lexeme(end).StartsWith(lexeme)) end++;
        return first..end;
    }

    /// <summary>The value's size in PostgreSQL's form, by which values are ordered first.</summary>
    public int PostgresSize()
    {
        int size = 0;
        for (int i = 0; i < Count; i++) size = GrowPostgresSize(size, Lexeme(i).Length, PositionCount(i));
        return 8 + 4 * Count + size;
    }

    public static int GrowPostgresSize(int size, int lexemeBytes, int positions)
    {
        size += lexemeBytes;
        return positions == 0 ? size : ((size + 1) & ~1) + 2 + 2 * positions;
    }

    /// <summary>PostgreSQL's order: by size, number of lexemes, then lexeme by lexeme; more positions, later ones and higher weights come first.</summary>
    public static int Compare(TextVector left, TextVector right)
    {
        int order = left.PostgresSize().CompareTo(right.PostgresSize());
        if (order != 0) return order;
        order = left.Count.CompareTo(right.Count);
        if (order != 0) return order;
        for (int i = 0; i < left.Count; i++)
        {
            int leftCount = left.PositionCount(i), rightCount = right.PositionCount(i);
            if (leftCount == 0 != (rightCount == 0)) return leftCount > 0 ? -1 : 1;
            order = left.Lexeme(i).SequenceCompareTo(right.Lexeme(i));
            if (order != 0) return order;
            order = rightCount.CompareTo(leftCount);
            for (int p = 0; order == 0 && p < leftCount; p++) order = SortKey(right.Position(i, p)).CompareTo(SortKey(left.Position(i, p)));
            if (order != 0) return order;
        }
        return 0;
    }

    /// <summary>A position as it counts in the order of values: place before weight.</summary>
    public static ushort SortKey(ushort position) => (ushort)(PlaceOf(position) << 2 | WeightOf(position));
}
