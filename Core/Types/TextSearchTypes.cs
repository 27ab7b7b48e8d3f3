using System.Buffers.Binary;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.TextSearch;

namespace VecSql.Core.Types;

/// <summary>tsvector: lexemes and their positions (<see cref="TextVector"/>).</summary>
internal sealed class TextVectorType : TypeHandler
{
    public override PhysicalKind Kind => PhysicalKind.Bytes;

    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context)
    {
        Utf8Text.Verify(utf8);
        TextVectorBuilder builder = TextVectorBuilder.Own;
        LexemeScanner scanner = new(utf8, "tsvector");
        ByteBuffer lexeme = new(64);
        for (scanner.SkipSpace(); !scanner.IsAtEnd; scanner.SkipSpace())
        {
            scanner.ReadLexeme(":"u8, lexeme);
            if (lexeme.Length > TextSearchConfiguration.MaxWordBytes)
                throw new SqlException(SqlState.ProgramLimitExceeded, $"word is too long ({lexeme.Length} bytes, max {TextSearchConfiguration.MaxWordBytes} bytes)");
            builder.Add(lexeme.WrittenSpan);
            if (!scanner.TrySkip((byte)':')) continue;
            do builder.AddPosition(ReadPosition(ref scanner, utf8));
            while (scanner.TrySkip((byte)','));
            if (scanner.Current == ':') throw scanner.Malformed();
        }
        builder.WriteTo(result);
    }

    /// <summary>A place, and a letter for its weight.</summary>
    private static ushort ReadPosition(ref LexemeScanner scanner, ReadOnlySpan<byte> text)
    {
        int start = scanner.At, place = 0;
        for (; scanner.Current is >= (byte)'0' and <= (byte)'9' and var digit; scanner.At++) place = Math.Min(place * 10 + digit - '0', TextVector.MaxPlace);
        if (scanner.At == start) throw scanner.Malformed();
        if (place == 0) throw new SqlException(SqlState.SyntaxError, $"wrong position info in tsvector: \"{Utf8Text.ToString(text)}\"");
        int weight = LexemeScanner.Weight(scanner.Current);
        if (weight >= 0) scanner.At++;
        if (!scanner.IsAtEnd && scanner.Current is not ((byte)',' or (byte)':') && !LexemeScanner.IsSpace(scanner.Current)) throw scanner.Malformed();
        return TextVector.MakePosition(place, Math.Max(weight, 0));
    }

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context)
    {
        TextVector vector = ValueAt(column, row);
        for (int i = 0; i < vector.Count; i++)
        {
            if (i > 0) output.WriteByte((byte)' ');
            TextQuery.WriteQuoted(vector.Lexeme(i), output);
            for (int p = 0; p < vector.PositionCount(i); p++)
            {
                output.WriteByte(p == 0 ? (byte)':' : (byte)',');
                ushort position = vector.Position(i, p);
                output.WriteFormatted(TextVector.PlaceOf(position));
                if (TextVector.WeightOf(position) > 0) output.WriteByte((byte)('D' - TextVector.WeightOf(position)));
            }
        }
    }

    /// <summary>The number of lexemes; each with a 0 at its end, the number of its positions, and these.</summary>
    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context)
    {
        int count = BinaryPrimitives.ReadInt32BigEndian(Take(ref bytes, 4));
        if (count < 0 || count > int.MaxValue / 4) throw new SqlException(SqlState.InternalError, "invalid size of tsvector");
        TextVectorBuilder builder = TextVectorBuilder.Own;
        for (int i = 0; i < count; i++)
        {
            int end = bytes.IndexOf((byte)0);
            if (end < 0) throw new SqlException(SqlState.ProtocolViolation, "invalid string in message");
            ReadOnlySpan<byte> lexeme = Take(ref bytes, end + 1)[..end];
            Utf8Text.Verify(lexeme);
            if (end > TextSearchConfiguration.MaxWordBytes) throw new SqlException(SqlState.InternalError, "invalid tsvector: lexeme too long");
            builder.Add(lexeme);
            int positions = BinaryPrimitives.ReadUInt16BigEndian(Take(ref bytes, 2));
            if (positions > TextVector.MaxPositions) throw new SqlException(SqlState.InternalError, "unexpected number of tsvector positions");
            int last = 0;
            for (int p = 0; p < positions; p++)
            {
                ushort position = BinaryPrimitives.ReadUInt16BigEndian(Take(ref bytes, 2));
                if (TextVector.PlaceOf(position) <= last) throw new SqlException(SqlState.InternalError, "position information is misordered");
                last = TextVector.PlaceOf(position);
                builder.AddPosition(position);
            }
        }
        if (!bytes.IsEmpty) throw new SqlException(SqlState.InvalidBinaryRepresentation, "incorrect binary data format");
        builder.WriteTo(result);
    }

    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context)
    {
        TextVector vector = ValueAt(column, row);
        output.WriteInt32BigEndian(vector.Count);
        for (int i = 0; i < vector.Count; i++)
        {
            output.Write(vector.Lexeme(i));
            output.WriteByte(0);
            output.WriteInt16BigEndian((short)vector.PositionCount(i));
            for (int p = 0; p < vector.PositionCount(i); p++) output.WriteInt16BigEndian((short)vector.Position(i, p));
        }
    }

    public override int Compare(Column left, int leftRow, Column right, int rightRow) => TextVector.Compare(ValueAt(left, leftRow), ValueAt(right, rightRow));

    /// <summary>A value has one form, so its bytes are the value.</summary>
    public override ulong Hash(Column column, int row) => KeyHash.Of(((BytesColumn)column)[row]);

    public override void EncodeKey(Column column, int row, ByteBuffer key)
    {
        TextVector vector = ValueAt(column, row);
        key.WriteInt32BigEndian(vector.PostgresSize());
        key.WriteInt32BigEndian(vector.Count);
        for (int i = 0; i < vector.Count; i++)
        {
            int positions = vector.PositionCount(i);
            key.WriteByte(positions > 0 ? (byte)0 : (byte)1);
            BytesType.WriteKey(vector.Lexeme(i), key);
            key.WriteInt16BigEndian((short)~positions);
            for (int p = 0; p < positions; p++) key.WriteInt16BigEndian((short)~TextVector.SortKey(vector.Position(i, p)));
        }
    }

    private static TextVector ValueAt(Column column, int row) => new(((BytesColumn)column)[row]);

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> bytes, int count)
    {
        if (bytes.Length < count) throw new SqlException(SqlState.ProtocolViolation, "insufficient data left in message");
        ReadOnlySpan<byte> taken = bytes[..count];
        bytes = bytes[count..];
        return taken;
    }
}

/// <summary>tsquery: words and operators (<see cref="TextQuery"/>).</summary>
internal sealed class TextQueryType : TypeHandler
{
    public override PhysicalKind Kind => PhysicalKind.Bytes;

    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context)
    {
        Utf8Text.Verify(utf8);
        TextQuery.Write(QueryParser.Parse(utf8, QuerySyntax.Standard, QueryTerms.AsWritten, context), result);
    }

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) =>
        TextQuery.WriteText(TextQuery.Read(ValueAt(column, row)), output);

    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context) => TextQuery.Write(TextQuery.ReadChecked(bytes), result);
    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => output.Write(ValueAt(column, row));
    public override int Compare(Column left, int leftRow, Column right, int rightRow) => TextQuery.Compare(ValueAt(left, leftRow), ValueAt(right, rightRow));

    /// <summary>Weights and prefixes don't count in comparison, so they don't here.</summary>
    public override ulong Hash(Column column, int row)
    {
        ByteBuffer key = new();
        EncodeKey(column, row, key);
        return KeyHash.Of(key.WrittenSpan);
    }

    public override void EncodeKey(Column column, int row, ByteBuffer key)
    {
        QueryNode? root = TextQuery.Read(ValueAt(column, row));
        key.WriteInt32BigEndian(root?.CountNodes() ?? 0);
        key.WriteInt32BigEndian(TextQuery.PostgresSize(root));
        if (root is not null) EncodeNode(root, key);
    }

    private static void EncodeNode(QueryNode node, ByteBuffer key)
    {
        StackGuard.Check();
        if (node.Kind == QueryKind.Word)
        {
            key.WriteByte(1);
            key.WriteUInt32BigEndian(~((uint)QueryNode.Checksum(node.Lexeme) ^ 0x80000000));
            BytesType.WriteKey(node.Lexeme, key);
            return;
        }
        key.WriteByte(0);
        key.WriteByte((byte)~(byte)node.Kind);
        EncodeNode(node.Right!, key);
        if (node.Left is not null) EncodeNode(node.Left, key);
        key.WriteInt16BigEndian((short)~(ushort)node.Distance);
    }

    private static ReadOnlySpan<byte> ValueAt(Column column, int row) => ((BytesColumn)column)[row];
}
