using System.Buffers.Binary;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.TextSearch;

/// <summary>
/// tsquery as bytes and as text. The bytes are PostgreSQL's binary form: the number of nodes (32 bits, big-endian), then the tree, each operator before its right and its left side:
/// <code>
/// word:     1 │ weights │ is a prefix │ lexeme │ 0
/// operator: 2 │ 1 not, 2 and, 3 or, 4 phrase │ for a phrase its distance: 16 bits
/// </code>
/// </summary>
internal static class TextQuery
{
    private const byte Word = 1, Operator = 2;

    /// <summary>PostgreSQL's header and node sizes, by which values are ordered first.</summary>
    private const int PostgresHeader = 8, PostgresNode = 12;

    /// <summary>The tree; null for the empty query.</summary>
    public static QueryNode? Read(ReadOnlySpan<byte> value)
    {
        if (CountOf(value) == 0) return null;
        ReadOnlySpan<byte> rest = value[4..];
        return ReadNode(ref rest);
    }

    /// <summary>The same for bytes that came from outside.</summary>
    /// <exception cref="SqlException">XX000, 08P01.</exception>
    public static QueryNode? ReadChecked(ReadOnlySpan<byte> message)
    {
        int count = message.Length < 4 ? throw Short() : BinaryPrimitives.ReadInt32BigEndian(message);
        if (count < 0) throw new SqlException(SqlState.InternalError, "invalid size of tsquery");
        ReadOnlySpan<byte> rest = message[4..];
        QueryNode? root = count == 0 ? null : ReadNodeChecked(ref rest, ref count);
        if (count > 0) throw new SqlException(SqlState.InternalError, "malformed tsquery: extra nodes");
        if (!rest.IsEmpty) throw new SqlException(SqlState.InvalidBinaryRepresentation, "incorrect binary data format in bind parameter");
        return root;
    }

    public static int CountOf(ReadOnlySpan<byte> value) => BinaryPrimitives.ReadInt32BigEndian(value);

    public static void Write(QueryNode? root, ColumnBuilder result)
    {
        BytesColumnBuilder bytes = (BytesColumnBuilder)result;
        bytes.Output.WriteInt32BigEndian(root?.CountNodes() ?? 0);
        if (root is not null) WriteNode(root, bytes.Output);
        bytes.EndValue();
    }

    /// <summary>The query with fewest parentheses.</summary>
    public static void WriteText(QueryNode? root, ByteBuffer output)
    {
        if (root is not null) WriteText(root, 0, isRightOfPhrase: false, output);
    }

    public static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int order = CountOf(left).CompareTo(CountOf(right));
        if (order != 0 || CountOf(left) == 0) return order;
        QueryNode leftRoot = Read(left)!, rightRoot = Read(right)!;
        order = PostgresSize(leftRoot).CompareTo(PostgresSize(rightRoot));
        return order != 0 ? order : QueryNode.Compare(leftRoot, rightRoot);
    }

    /// <summary>The value's size in PostgreSQL's form.</summary>
    public static int PostgresSize(QueryNode? root)
    {
        if (root is null) return PostgresHeader;
        List<QueryNode> words = [];
        root.CollectWords(words);
        return PostgresHeader + PostgresNode * root.CountNodes() + words.Sum(w => w.Lexeme.Length + 1);
    }

    private static QueryNode ReadNode(ref ReadOnlySpan<byte> rest)
    {
        StackGuard.Check();
        if (rest[0] == Word)
        {
            byte weights = rest[1];
            bool isPrefix = rest[2] != 0;
            int end = rest[3..].IndexOf((byte)0);
            byte[] lexeme = rest.Slice(3, end).ToArray();
            rest = rest[(end + 4)..];
            return new QueryNode { Kind = QueryKind.Word, Lexeme = lexeme, Weights = weights, IsPrefix = isPrefix };
        }
        QueryKind kind = (QueryKind)rest[1];
        rest = rest[2..];
        int distance = 0;
        if (kind == QueryKind.Phrase)
        {
            distance = BinaryPrimitives.ReadInt16BigEndian(rest);
            rest = rest[2..];
        }
        QueryNode right = ReadNode(ref rest);
        return kind == QueryKind.Not ? QueryNode.Not(right) : QueryNode.Binary(kind, ReadNode(ref rest), right, distance);
    }

    private static QueryNode ReadNodeChecked(ref ReadOnlySpan<byte> rest, ref int remaining)
    {
        StackGuard.Check();
        if (remaining-- <= 0) throw new SqlException(SqlState.InternalError, "malformed tsquery: operand not found");
        byte type = Take(ref rest, 1)[0];
        if (type == Word) return ReadWordChecked(ref rest);
        if (type != Operator) throw new SqlException(SqlState.InternalError, $"unrecognized tsquery node type: {type}");
        byte kind = Take(ref rest, 1)[0];
        if (kind is < (byte)QueryKind.Not or > (byte)QueryKind.Phrase) throw new SqlException(SqlState.InternalError, $"invalid tsquery: unrecognized operator type {kind}");
        int distance = kind == (byte)QueryKind.Phrase ? BinaryPrimitives.ReadInt16BigEndian(Take(ref rest, 2)) : 0;
        QueryNode right = ReadNodeChecked(ref rest, ref remaining);
        return kind == (byte)QueryKind.Not ? QueryNode.Not(right) : QueryNode.Binary((QueryKind)kind, ReadNodeChecked(ref rest, ref remaining), right, distance);
    }

    private static QueryNode ReadWordChecked(ref ReadOnlySpan<byte> rest)
    {
        byte weights = Take(ref rest, 1)[0], prefix = Take(ref rest, 1)[0];
        int end = rest.IndexOf((byte)0);
        if (end < 0) throw new SqlException(SqlState.ProtocolViolation, "invalid string in message");
        Utf8Text.Verify(rest[..end]);
        if (weights > 15) throw new SqlException(SqlState.InternalError, "invalid tsquery: invalid weight bitmap");
        if (end > TextSearchConfiguration.MaxWordBytes) throw new SqlException(SqlState.InternalError, "invalid tsquery: operand too long");
        byte[] lexeme = rest[..end].ToArray();
        rest = rest[(end + 1)..];
        return new QueryNode { Kind = QueryKind.Word, Lexeme = lexeme, Weights = weights, IsPrefix = prefix != 0 };
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, int count)
    {
        if (rest.Length < count) throw Short();
        ReadOnlySpan<byte> taken = rest[..count];
        rest = rest[count..];
        return taken;
    }

    private static SqlException Short() => new(SqlState.ProtocolViolation, "insufficient data left in message");

    private static void WriteNode(QueryNode node, ByteBuffer output)
    {
        StackGuard.Check();
        if (node.Kind == QueryKind.Word)
        {
            output.WriteByte(Word);
            output.WriteByte(node.Weights);
            output.WriteByte(node.IsPrefix ? (byte)1 : (byte)0);
            output.Write(node.Lexeme);
            output.WriteByte(0);
            return;
        }
        output.WriteByte(Operator);
        output.WriteByte((byte)node.Kind);
        if (node.Kind == QueryKind.Phrase) output.WriteInt16BigEndian((short)node.Distance);
        WriteNode(node.Right!, output);
        if (node.Left is not null) WriteNode(node.Left, output);
    }

    private static void WriteText(QueryNode node, int around, bool isRightOfPhrase, ByteBuffer output)
    {
        StackGuard.Check();
        if (node.Kind == QueryKind.Word)
        {
            WriteWord(node, output);
            return;
        }
        if (node.Kind == QueryKind.Not)
        {
            output.WriteByte((byte)'!');
            WriteText(node.Right!, node.Priority, isRightOfPhrase: false, output);
            return;
        }
        bool needsParentheses = node.Priority < around || (node.Kind == QueryKind.Phrase && isRightOfPhrase);
        if (needsParentheses) output.Write("( "u8);
        WriteText(node.Left!, node.Priority, isRightOfPhrase: false, output);
        if (node.Kind != QueryKind.Phrase) output.Write(node.Kind == QueryKind.And ? " & "u8 : " | "u8);
        else if (node.Distance == 1) output.Write(" <-> "u8);
        else
        {
            output.Write(" <"u8);
            output.WriteFormatted(node.Distance);
            output.Write("> "u8);
        }
        WriteText(node.Right!, node.Priority, node.Kind == QueryKind.Phrase, output);
        if (needsParentheses) output.Write(" )"u8);
    }

    private static void WriteWord(QueryNode node, ByteBuffer output)
    {
        WriteQuoted(node.Lexeme, output);
        if (node.Weights == 0 && !node.IsPrefix) return;
        output.WriteByte((byte)':');
        if (node.IsPrefix) output.WriteByte((byte)'*');
        for (int weight = 3; weight >= 0; weight--)
            if ((node.Weights >> weight & 1) != 0) output.WriteByte((byte)('D' - weight));
    }

    /// <summary>A lexeme in quotes; quotes and backslashes in it are doubled.</summary>
    public static void WriteQuoted(ReadOnlySpan<byte> lexeme, ByteBuffer output)
    {
        output.WriteByte((byte)'\'');
        foreach (byte b in lexeme)
        {
            if (b is (byte)'\'' or (byte)'\\') output.WriteByte(b);
            output.WriteByte(b);
        }
        output.WriteByte((byte)'\'');
    }
}
