using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.TextSearch;

/// <summary>Reads lexemes as users write them in a tsvector or tsquery: bare, or in single quotes. A backslash takes away the meaning of the character behind it, a doubled quote stands for one.</summary>
/// <param name="text">The whole value.</param>
/// <param name="typeName">For errors.</param>
internal ref struct LexemeScanner(ReadOnlySpan<byte> text, string typeName)
{
    private readonly ReadOnlySpan<byte> _text = text;

    public int At { get; set; }
    public readonly bool IsAtEnd => At >= _text.Length;

    /// <summary>The byte at hand; 0 at the end.</summary>
    public readonly byte Current => At < _text.Length ? _text[At] : (byte)0;
    public readonly ReadOnlySpan<byte> Rest => _text[At..];

    public void SkipSpace()
    {
        while (At < _text.Length && IsSpace(_text[At])) At++;
    }

    public bool TrySkip(byte expected)
    {
        if (Current != expected || IsAtEnd) return false;
        At++;
        return true;
    }

    /// <summary>Reads a lexeme into <paramref name="lexeme"/>. A bare one ends before a space or one of <paramref name="stops"/>; its first character may be anything.</summary>
    /// <exception cref="SqlException">42601: it is empty, a quote is open, nothing is behind a backslash.</exception>
    public void ReadLexeme(ReadOnlySpan<byte> stops, ByteBuffer lexeme)
    {
        lexeme.Clear();
        bool isQuoted = TrySkip((byte)'\'');
        bool isClosed = !isQuoted;
        for (bool isFirst = true; !IsAtEnd; isFirst = false)
        {
            byte b = Current;
            if (b == '\\')
            {
                At++;
                if (IsAtEnd) throw new SqlException(SqlState.SyntaxError, $"there is no escaped character: \"{Utf8Text.ToString(_text)}\"");
            }
            else if (isQuoted && b == '\'')
            {
                At++;
                if (Current != '\'')
                {
                    isClosed = true;
                    break;
                }
            }
            else if (!isQuoted && (IsSpace(b) || (!isFirst && stops.Contains(b)))) break;
            lexeme.WriteByte(Current);
            At++;
        }
        if (!isClosed || lexeme.Length == 0) throw Malformed();
    }

    public readonly SqlException Malformed() => new(SqlState.SyntaxError, $"syntax error in {typeName}: \"{Utf8Text.ToString(_text)}\"");

    /// <summary>A letter A to D in either case as a weight from 3 to 0; -1 for anything else.</summary>
    public static int Weight(byte letter) => (letter | 0x20) is >= 'a' and <= 'd' and var lower ? 'd' - lower : -1;

    public static bool IsSpace(byte b) => b is (byte)' ' or (>= (byte)'\t' and <= (byte)'\r');
}
