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
        bool afterEscape = false, inBrackets = false;
        while (!pattern.IsEmpty)
        {
            ReadOnlySpan<byte> character = pattern[..Math.Min(Utf8Text.WidthOf(pattern[0]), pattern.Length)];
            pattern = pattern[character.Length..];
            byte c = character[0];
            if (afterEscape)
            {
                if (c == (byte)'"' && !inBrackets) Separator(quotes++, output);
                else
                {
                    if (character.Length == 1) output.WriteByte((byte)'\\');
                    output.Write(character);
                }
                afterEscape = false;
            }
            else if (!escape.IsEmpty && character.SequenceEqual(escape)) afterEscape = true;
            else if (inBrackets)
            {
                if (c == (byte)'\\') output.WriteByte(c);
                output.Write(character);
                inBrackets = c != (byte)']';
            }
            else Plain(character, ref inBrackets, output);
        }
        output.Write(")$"u8);
        return output.WrittenSpan.ToArray();
    }

    private static void Plain(ReadOnlySpan<byte> character, ref bool inBrackets, ByteBuffer output)
    {
        switch (character[0])
        {
            case (byte)'[':
                output.WriteByte((byte)'[');
                inBrackets = true;
                break;
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

    /// <summary>The first part matches as little as it can, the second is what substring() gives.</summary>
    private static void Separator(int number, ByteBuffer output)
    {
        if (number == 0) output.Write("){1,1}?("u8);
        else if (number == 1) output.Write("){1,1}(?:"u8);
        else throw new SqlException(SqlState.InvalidUseOfEscapeCharacter, "SQL regular expression may not contain more than two escape-double-quote separators");
    }
}
