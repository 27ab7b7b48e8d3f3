using VecSql.Core.Errors;

namespace VecSql.Core.TextSearch;

/// <summary>Numbered as in PostgreSQL's binary form, where 0 is no operator; a stop word is there only while a query is read.</summary>
internal enum QueryKind : byte { Word, Not, And, Or, Phrase, StopWord }

/// <summary>A tsquery as a tree. Immutable; taken from and written to bytes by <see cref="TextQuery"/>.</summary>
internal sealed record QueryNode
{
    /// <summary>The longest distance of a phrase.</summary>
    public const int MaxDistance = 16384;

    public static QueryNode StopWord { get; } = new() { Kind = QueryKind.StopWord };

    public required QueryKind Kind { get; init; }

    /// <summary>Word: its lexeme.</summary>
    public byte[] Lexeme { get; init; } = [];

    /// <summary>Word: the weights it may have, a bit for each (D is 1, A is 8); 0 for any.</summary>
    public byte Weights { get; init; }

    /// <summary>Word: lexemes that begin with it match too.</summary>
    public bool IsPrefix { get; init; }

    /// <summary>Word: whether a position of this weight (from 0) is meant.</summary>
    public bool Allows(int weight) => Weights == 0 || (Weights >> weight & 1) != 0;

    /// <summary>Null for words and Not.</summary>
    public QueryNode? Left { get; init; }

    /// <summary>The operand of Not; null for words.</summary>
    public QueryNode? Right { get; init; }

    /// <summary>Phrase: how many words the right side stands behind the left.</summary>
    public int Distance { get; init; }

    public static QueryNode Binary(QueryKind kind, QueryNode left, QueryNode right, int distance = 0) => new() { Kind = kind, Left = left, Right = right, Distance = distance };
    public static QueryNode Not(QueryNode operand) => new() { Kind = QueryKind.Not, Right = operand };

    /// <summary>How tightly it binds: or, and, phrase, not.</summary>
    public int Priority => PriorityOf(Kind);

    public static int PriorityOf(QueryKind kind) => kind switch { QueryKind.Or => 1, QueryKind.And => 2, QueryKind.Phrase => 3, QueryKind.Not => 4, _ => 5 };

    /// <summary>Words and operators.</summary>
    public int CountNodes()
    {
        StackGuard.Check();
        return 1 + (Left?.CountNodes() ?? 0) + (Right?.CountNodes() ?? 0);
    }

    /// <summary>The words in the order in which PostgreSQL keeps them: the right side first.</summary>
    public void CollectWords(List<QueryNode> words)
    {
        StackGuard.Check();
        if (Kind == QueryKind.Word) words.Add(this);
        Right?.CollectWords(words);
        Left?.CollectWords(words);
    }

    /// <summary>The query without stop words; null if nothing is left. Where one falls out of a phrase, its neighbours stay as far apart as they were.</summary>
    public QueryNode? WithoutStopWords() => Trim().Node;

    /// <summary>What is left of this part, and by how many words it has become shorter at its beginning and end. If nothing is left, both say how long it was.</summary>
    private (QueryNode? Node, int Before, int After) Trim()
    {
        StackGuard.Check();
        if (Kind == QueryKind.Word) return (this, 0, 0);
        if (Kind == QueryKind.StopWord) return (null, 0, 0);
        (QueryNode? right, int rightBefore, int rightAfter) = Right!.Trim();
        if (Kind == QueryKind.Not) return (right is null ? null : Not(right), rightBefore, rightAfter);
        (QueryNode? left, int leftBefore, int leftAfter) = Left!.Trim();
        if (Kind == QueryKind.Phrase)
        {
            int gap = leftAfter + Distance + rightBefore;
            if (left is null) return (right, gap, right is null ? gap : rightAfter);
            return right is null ? (left, leftBefore, leftAfter + Distance + rightAfter) : (Binary(Kind, left, right, gap), leftBefore, rightAfter);
        }
        if (left is null && right is null) return (null, Math.Max(leftBefore, rightBefore), Math.Max(leftAfter, rightAfter));
        if (left is null) return (right, rightBefore, rightAfter);
        return right is null ? (left, leftBefore, leftAfter) : (Binary(Kind, left, right), 0, 0);
    }

    /// <summary>What an index could use: the query without negations; null if that says nothing.</summary>
    public QueryNode? WithoutNegations()
    {
        StackGuard.Check();
        if (Kind == QueryKind.Word) return this;
        if (Kind == QueryKind.Not) return null;
        QueryNode? left = Left!.WithoutNegations(), right = Right!.WithoutNegations();
        if (left is null || right is null) return Kind == QueryKind.Or ? null : left ?? right;
        return Binary(Kind, left, right, Distance);
    }

    /// <summary>PostgreSQL's order of trees with equally many nodes and bytes: words after operators, the right side before the left, words by a checksum.</summary>
    public static int Compare(QueryNode left, QueryNode right)
    {
        StackGuard.Check();
        bool isWord = left.Kind == QueryKind.Word;
        if (isWord != (right.Kind == QueryKind.Word)) return isWord ? 1 : -1;
        if (isWord)
        {
            int byChecksum = Checksum(right.Lexeme).CompareTo(Checksum(left.Lexeme));
            return byChecksum != 0 ? byChecksum : left.Lexeme.AsSpan().SequenceCompareTo(right.Lexeme);
        }
        if (left.Kind != right.Kind) return left.Kind > right.Kind ? -1 : 1;
        int order = Compare(left.Right!, right.Right!);
        if (order == 0 && left.Left is not null) order = Compare(left.Left, right.Left!);
        return order != 0 ? order : right.Distance.CompareTo(left.Distance);
    }

    /// <summary>
    /// PostgreSQL's "legacy" CRC-32 of a word: the table of the reflected polynomial, used as if it weren't reflected.
    /// </summary>
    public static int Checksum(ReadOnlySpan<byte> word)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in word)
        {
            uint entry = (crc >> 24) ^ b;
            for (int bit = 0; bit < 8; bit++) entry = (entry & 1) != 0 ? entry >> 1 ^ 0xEDB88320 : entry >> 1;
            crc = entry ^ crc << 8;
        }
        return (int)~crc;
    }
}
