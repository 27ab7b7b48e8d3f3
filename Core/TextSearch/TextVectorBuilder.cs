using System.Buffers.Binary;
using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Core.TextSearch;

/// <summary>Gathers lexemes with positions in any order and writes a tsvector. Used again and again by one thread.</summary>
internal sealed class TextVectorBuilder
{
    [ThreadStatic]
    private static TextVectorBuilder? _own;

    private readonly ByteBuffer _texts = new();
    private readonly List<ushort> _positions = [];
    private readonly List<Item> _items = [];
    private readonly List<ushort> _merged = [];

    /// <summary>This thread's builder, empty. Not to be held across calls.</summary>
    public static TextVectorBuilder Own
    {
        get
        {
            _own ??= new TextVectorBuilder();
            _own._texts.Clear();
            _own._positions.Clear();
            _own._items.Clear();
            return _own;
        }
    }

    public int Count => _items.Count;

    /// <summary>A lexeme; positions added after it are its own.</summary>
    public void Add(ReadOnlySpan<byte> lexeme)
    {
        _items.Add(new Item(_texts.Length, lexeme.Length, _positions.Count, 0));
        _texts.Write(lexeme);
    }

    public void AddPosition(ushort position)
    {
        _positions.Add(position);
        _items[^1] = _items[^1] with { PositionCount = _items[^1].PositionCount + 1 };
    }

    /// <summary>Writes the value; a lexeme that was added more than once gets all its positions, at most <paramref name="maxPositions"/>.</summary>
    /// <param name="result">Takes the value.</param>
    /// <param name="maxPositions">For a lexeme; later ones are left out.</param>
    /// <param name="sorts">Positions come in any order; of those at one place the highest weight counts. Else they are taken as they come, unless the place repeats.</param>
    /// <exception cref="SqlException">54000: too long.</exception>
    public void WriteTo(ColumnBuilder result, int maxPositions = TextVector.MaxPositions, bool sorts = true)
    {
        int count = SortItems();
        ByteBuffer output = ((BytesColumnBuilder)result).Output;
        int start = output.Length;
        output.Take(4 + 8 * (count + 1));
        _merged.Clear();
        int entry = 0, textBytes = 0, postgresSize = 0;
        for (int i = 0; i < _items.Count; entry++)
        {
            int first = i;
            ReadOnlySpan<byte> lexeme = Lexeme(_items[i]);
            int positionsBefore = _merged.Count;
            for (; i < _items.Count && Lexeme(_items[i]).SequenceEqual(lexeme); i++) Merge(_items[i], positionsBefore, sorts ? int.MaxValue : maxPositions);
            if (sorts) SortPositions(positionsBefore, maxPositions);
            WriteEntry(output, start, entry, textBytes, positionsBefore);
            textBytes += lexeme.Length;
            output.Write(Lexeme(_items[first]));
            postgresSize = TextVector.GrowPostgresSize(postgresSize, lexeme.Length, _merged.Count - positionsBefore);
        }
        if (postgresSize > TextVector.MaxBytes)
        {
            output.Truncate(start);
            throw new SqlException(SqlState.ProgramLimitExceeded, $"string is too long for tsvector ({postgresSize} bytes, max {TextVector.MaxBytes} bytes)");
        }
        WriteEntry(output, start, count, textBytes, _merged.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(output.Written[start..], (uint)count);
        foreach (ushort position in _merged) output.WriteInt16LittleEndian((short)position);
        ((BytesColumnBuilder)result).EndValue();
    }

    private static void WriteEntry(ByteBuffer output, int start, int entry, int textBytes, int positions)
    {
        Span<byte> at = output.Written[(start + 4 + 8 * entry)..];
        BinaryPrimitives.WriteUInt32LittleEndian(at, (uint)textBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(at[4..], (uint)positions);
    }

    /// <summary>Sorts by lexeme, equal ones as they came; returns how many different ones there are.</summary>
    private int SortItems()
    {
        _items.Sort((a, b) => Lexeme(a).SequenceCompareTo(Lexeme(b)) is var order and not 0 ? order : a.TextStart != b.TextStart ? a.TextStart.CompareTo(b.TextStart) : a.PositionStart.CompareTo(b.PositionStart));
        int count = 0;
        for (int i = 0; i < _items.Count; i++)
            if (i == 0 || !Lexeme(_items[i]).SequenceEqual(Lexeme(_items[i - 1]))) count++;
        return count;
    }

    private void Merge(Item item, int from, int maxPositions)
    {
        for (int p = 0; p < item.PositionCount; p++)
        {
            ushort position = _positions[item.PositionStart + p];
            if (maxPositions != int.MaxValue && _merged.Count > from)
            {
                int last = TextVector.PlaceOf(_merged[^1]);
                if (_merged.Count - from >= maxPositions || last == TextVector.MaxPlace || last == TextVector.PlaceOf(position)) continue;
            }
            _merged.Add(position);
        }
    }

    private void SortPositions(int from, int maxPositions)
    {
        if (_merged.Count - from <= 1) return;
        _merged.Sort(from, _merged.Count - from, ByPlace.Instance);
        int last = from;
        for (int p = from + 1; p < _merged.Count; p++)
        {
            ushort position = _merged[p];
            if (TextVector.PlaceOf(position) == TextVector.PlaceOf(_merged[last]))
            {
                if (TextVector.WeightOf(position) > TextVector.WeightOf(_merged[last])) _merged[last] = position;
                continue;
            }
            _merged[++last] = position;
            if (last - from >= maxPositions - 1 || TextVector.PlaceOf(position) == TextVector.MaxPlace) break;
        }
        _merged.RemoveRange(last + 1, _merged.Count - last - 1);
    }

    private ReadOnlySpan<byte> Lexeme(Item item) => _texts.WrittenSpan.Slice(item.TextStart, item.TextLength);

    private readonly record struct Item(int TextStart, int TextLength, int PositionStart, int PositionCount);

    private sealed class ByPlace : IComparer<ushort>
    {
        public static ByPlace Instance { get; } = new();
        public int Compare(ushort x, ushort y) => TextVector.PlaceOf(x).CompareTo(TextVector.PlaceOf(y));
    }
}
