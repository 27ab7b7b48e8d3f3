using System.Collections.Immutable;

namespace VecSql.Arrow;

/// <summary>Key-value pairs in their written order. A key may repeat (the format allows it); look-up finds the first.</summary>
public sealed class ArrowMetadata : IEquatable<ArrowMetadata>
{
    public static readonly ArrowMetadata Empty = new([]);

    public ArrowMetadata(IEnumerable<KeyValuePair<string, string>> pairs) => Pairs = [.. pairs];

    public ImmutableArray<KeyValuePair<string, string>> Pairs { get; }

    /// <summary>The value of the first pair with that key; null if there is none.</summary>
    public string? this[string key]
    {
        get
        {
            foreach (var pair in Pairs)
            {
                if (pair.Key == key) return pair.Value;
            }
            return null;
        }
    }

    public bool Equals(ArrowMetadata? other) => other is not null && Pairs.AsSpan().SequenceEqual(other.Pairs.AsSpan());
    public override bool Equals(object? obj) => Equals(obj as ArrowMetadata);
    public override int GetHashCode() => Pairs.Length;
}

/// <summary>A field whose values are indexes into a dictionary that travels apart, under <paramref name="Id"/>.</summary>
/// <param name="Id">Unique among dictionaries of one stream or file; fields may share one.</param>
public sealed record ArrowDictionaryEncoding(long Id, ArrowType.Int IndexType, bool Ordered = false);

/// <summary>
/// A named, typed place in a schema. <see cref="Type"/> and <see cref="Children"/> describe the values; with <see cref="Dictionary"/> the column's
/// arrays hold indexes, and the values stand in <see cref="ArrowArray.Dictionary"/>. Equal by value.
/// </summary>
public sealed class ArrowField : IEquatable<ArrowField>
{
    /// <summary>Levels of nesting that readers accept; deeper input is refused rather than recursed into.</summary>
    public const int MaxDepth = 64;

    /// <exception cref="ArgumentException">The type's parameters or children are not what the type needs.</exception>
    public ArrowField(string name, ArrowType type, bool nullable = true, IEnumerable<ArrowField>? children = null, ArrowMetadata? metadata = null,
        ArrowDictionaryEncoding? dictionary = null)
    {
        Name = name;
        Type = type;
        Nullable = nullable;
        Children = children is null ? [] : [.. children];
        Metadata = metadata ?? ArrowMetadata.Empty;
        Dictionary = dictionary;
        if (Problem(type, Children, dictionary) is { } problem) throw new ArgumentException($"field \"{name}\": {problem}");
    }

    public string Name { get; }
    public ArrowType Type { get; }
    public bool Nullable { get; }
    public ImmutableArray<ArrowField> Children { get; }
    public ArrowMetadata Metadata { get; }
    public ArrowDictionaryEncoding? Dictionary { get; }

    /// <summary>The type of what the column's own buffers hold: the index type of a dictionary, else <see cref="Type"/>.</summary>
    public ArrowType StorageType => Dictionary is null ? Type : Dictionary.IndexType;

    /// <summary>This field without dictionary encoding: the shape of the dictionary's values.</summary>
    internal ArrowField ValueField => Dictionary is null ? this : new ArrowField(Name, Type, true, Children, Metadata);

    /// <summary>What is wrong with a type and its children, or null.</summary>
    internal static string? Problem(ArrowType type, ImmutableArray<ArrowField> children, ArrowDictionaryEncoding? dictionary)
    {
        if (dictionary is not null && dictionary.IndexType.BitWidth is not (8 or 16 or 32 or 64))
        {
            return $"dictionary index of {dictionary.IndexType.BitWidth} bits";
        }
        if (ParameterProblem(type) is { } problem) return problem;
        int needed = ArrowLayout.ChildCount(type) ?? children.Length;
        if (children.Length != needed) return $"{type} has {children.Length} children, needs {needed}";
        if (type.Id == ArrowTypeId.Map && (children[0].StorageType.Id != ArrowTypeId.Struct || children[0].Children.Length != 2))
        {
            return "map entries are not a struct of key and value";
        }
        if (type.Id == ArrowTypeId.RunEndEncoded && children[0].StorageType is not ArrowType.Int { Signed: true, BitWidth: 16 or 32 or 64 })
        {
            return $"run ends are {children[0].StorageType}, not int16, int32 or int64";
        }
        return null;
    }

    private static string? ParameterProblem(ArrowType type)
    {
        bool good = type switch
        {
            ArrowType.Int i => i.BitWidth is 8 or 16 or 32 or 64,
            ArrowType.Float f => f.BitWidth is 16 or 32 or 64,
            ArrowType.Decimal d => d.Precision >= 1 && d.Precision <= d.BitWidth switch { 32 => 9, 64 => 18, 128 => 38, 256 => 76, _ => 0 },
            ArrowType.Date d => d.BitWidth is 32 or 64,
            ArrowType.Time t => Enum.IsDefined(t.Unit),
            ArrowType.Timestamp t => Enum.IsDefined(t.Unit),
            ArrowType.Duration d => Enum.IsDefined(d.Unit),
            ArrowType.Interval i => Enum.IsDefined(i.Unit),
            ArrowType.FixedSizeBinary b => b.ByteWidth >= 0,
            ArrowType.FixedSizeList l => l.ListSize >= 0,
            ArrowType.Union u => Enum.IsDefined(u.Mode) && !u.TypeIds.IsDefault && TypeIdsAreGood(u.TypeIds),
            _ => true,
        };
        return good ? null : $"{type} has parameters out of range";
    }

    private static bool TypeIdsAreGood(ImmutableArray<int> ids)
    {
        UInt128 seen = 0;
        foreach (int id in ids)
        {
            if (id is < 0 or > 127 || (seen >> id & 1) != 0) return false;
            seen |= UInt128.One << id;
        }
        return true;
    }

    public bool Equals(ArrowField? other) => ReferenceEquals(this, other) || (other is not null
        && Name == other.Name && Type == other.Type && Nullable == other.Nullable
        && Dictionary == other.Dictionary && Metadata.Equals(other.Metadata) && Children.AsSpan().SequenceEqual(other.Children.AsSpan()));
    public override bool Equals(object? obj) => Equals(obj as ArrowField);
    public override int GetHashCode() => HashCode.Combine(Name, Type);
    public override string ToString() => $"{Name}: {Type}";
}

/// <summary>The fields of a stream or file, in column order. Equal by value.</summary>
public sealed class ArrowSchema : IEquatable<ArrowSchema>
{
    public ArrowSchema(IEnumerable<ArrowField> fields, ArrowMetadata? metadata = null)
    {
        Fields = [.. fields];
        Metadata = metadata ?? ArrowMetadata.Empty;
    }

    public ImmutableArray<ArrowField> Fields { get; }
    public ArrowMetadata Metadata { get; }

    /// <summary>The first field of that name; -1 if there is none.</summary>
    public int IndexOf(string name)
    {
        for (int i = 0; i < Fields.Length; i++)
        {
            if (Fields[i].Name == name) return i;
        }
        return -1;
    }

    public bool Equals(ArrowSchema? other) => ReferenceEquals(this, other) || (other is not null
        && Metadata.Equals(other.Metadata) && Fields.AsSpan().SequenceEqual(other.Fields.AsSpan()));
    public override bool Equals(object? obj) => Equals(obj as ArrowSchema);
    public override int GetHashCode() => Fields.Length == 0 ? 0 : HashCode.Combine(Fields.Length, Fields[0]);
}
