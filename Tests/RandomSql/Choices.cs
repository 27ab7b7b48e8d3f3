namespace VecSql.Tests.RandomSql;

/// <summary>
/// The generator's only source of choices. What was drawn is recorded, so that a statement can be made again from a shorter or smaller record: that is how statements are shrunk.
/// Generators put the simplest alternative at 0; beyond the record's end every choice is 0.
/// </summary>
internal sealed class Choices
{
    private readonly Random? _random;
    private readonly IReadOnlyList<int> _given;

    public Choices(int seed)
    {
        _random = new Random(seed);
        _given = [];
    }

    public Choices(IReadOnlyList<int> given) => _given = given;

    /// <summary>Everything drawn so far.</summary>
    public List<int> Drawn { get; } = [];

    /// <summary>A number below the count.</summary>
    public int Next(int count)
    {
        int value = _random is not null ? _random.Next(count) : Drawn.Count < _given.Count ? _given[Drawn.Count] % count : 0;
        Drawn.Add(value);
        return value;
    }

    /// <summary>True with this chance; false is the simple case.</summary>
    public bool Chance(int percent) => Next(100) >= 100 - percent;

    public T Of<T>(IReadOnlyList<T> items) => items[Next(items.Count)];
}
