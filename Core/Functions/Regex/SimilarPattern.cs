using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>Patterns of SIMILAR TO, and of substring(… similar … escape …), as regular expressions.</summary>
internal static class SimilarPattern
{
    /// <summary>% and _ become runs and single characters, what only regular expressions know is escaped; escaped quotes part the pattern in three.</summary>
    /// <exception cref="SqlException">22025, 2200C.</exception>
    public static byte[] Convert(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> escape)
    {
        if (escape.Length > 0 && Utf8Text.WidthOf(escape[0]) != escape.Length)
            throw new SqlException(SqlState.InvalidEscapeSequence, "invalid escape string", hint: "Escape string must be empty or one character.");
        ByteBuffer output = new(pattern.Length + 16);
        output.Write("^(?:"u8);
        int quotes = 0;
        bool afterEscape = false;
        Brackets brackets = new();
        while (!pattern.IsEmpty)
        {
            ReadOnlySpan<byte> character = pattern[..Math.Min(Utf8Text.WidthOf(pattern[0]), pattern.Length)];
            pattern = pattern[character.Length..];
            byte c = character[0];
            if (afterEscape)
            {
                if (c == (byte)'"' && !brackets.IsOpen) Separator(quotes++, output);
                else
                {
                    if (character.Length == 1) output.WriteByte((byte)'\\');
                    output.Write(character);
                }
                afterEscape = false;
                brackets.SawMember();
            }
            else if (!escape.IsEmpty && character.SequenceEqual(escape)) afterEscape = true;
            else if (brackets.IsOpen)
            {
                if (c == (byte)'\\') output.WriteByte(c);
                output.Write(character);
                brackets.Read(c);
            }
            else
            {
                if (c == (byte)'[') brackets.Open();
                Plain(character, output);
            }
        }
        output.Write(")$"u8);
        return output.WrittenSpan.ToArray();
    }

    private static void Plain(ReadOnlySpan<byte> character, ByteBuffer output)
    {
        switch (character[0])
        {
            case (byte)'%': output.Write(".*"u8); break;
            case (byte)'_': output.WriteByte((byte)'.'); break;
            // Groups of the pattern don't capture.
            case (byte)'(': output.Write("(?:"u8); break;
            case (byte)'\\' or (byte)'.' or (byte)'^' or (byte)'$':
                output.WriteByte((byte)'\\');
                output.Write(character);
                break;
            default: output.Write(character); break;
        }
    }

    /// <summary>Where a bracket expression ends: after [:alpha:] and its kin inside it, and not at a ] that stands first (or first after ^).</summary>
    private struct Brackets
    {
        private int _depth;
        private bool _isAtStart, _isAfterCaret;

        public readonly bool IsOpen => _depth > 0;

        public void Open()
        {
            _depth = 1;
            _isAtStart = true;
            _isAfterCaret = false;
        }

        public void Read(byte c)
        {
            if (c == (byte)']' && !_isAtStart) _depth--;
            else if (c == (byte)'[') _depth++;
            if (c == (byte)'^' && _isAtStart && !_isAfterCaret) _isAfterCaret = true;
            else _isAtStart = false;
        }

        public void SawMember() => _isAtStart = false;
    }

    /// <summary>The first part matches as little as it can, the second is what substring() gives.</summary>
    private static void Separator(int number, ByteBuffer output)
    {
        if (number == 0) output.Write("){1,1}?("u8);
        else if (number == 1) output.Write("){1,1}(?:"u8);
        else throw new SqlException(SqlState.InvalidUseOfEscapeCharacter, "SQL regular expression may not contain more than two escape-double-quote separators");
    }
}
