namespace VecSql.Core.TextSearch;

/// <summary>Recognizes what comes from XML and HTML: tags, comments, character entities. All methods give the end of what they find at a place, or -1.</summary>
internal static class MarkupScanner
{
    /// <summary>A tag, comment, document type or XML declaration at a "&lt;".</summary>
    /// <param name="text">The text, cut off where looking ahead shall end.</param>
    /// <param name="at">Where the tag would begin.</param>
    /// <param name="seen">How far the text was looked at.</param>
    public static int EndOfTag(ReadOnlySpan<byte> text, int at, out int seen)
    {
        ReadOnlySpan<byte> rest = text[at..];
        seen = at + 1;
        if (rest.StartsWith("<!--"u8))
        {
            int close = rest[4..].IndexOf("-->"u8);
            seen = close < 0 ? text.Length : at + close + 7;
            return close < 0 ? -1 : seen;
        }
        int name = rest.StartsWith("</"u8) ? 2 : 1;
        if (StartsWithName(rest, "<?xml"u8) || StartsWithName(rest, "<!doctype"u8)) name = 2;
        if (name >= rest.Length || !(char.IsAsciiLetter((char)rest[name]) || rest[name] is (byte)'_' or (byte)':')) return -1;
        int end = at + EndOfName(rest, name);
        // A slash right behind the name must end the tag.
        bool mustClose = end < text.Length && text[end] == '/';
        if (mustClose) end++;
        else if (end < text.Length && text[end] != '>' && !IsSpace(text[end])) return -1;
        seen = end;
        if (mustClose) return end < text.Length && text[end] == '>' ? end + 1 : -1;
        return EndOfAttributes(text, end, ref seen);
    }

    /// <summary><c>&amp;name;</c>, <c>&amp;#digits;</c> or <c>&amp;#xdigits;</c>.</summary>
    public static int EndOfEntity(ReadOnlySpan<byte> text, int at)
    {
        int start = at + 1, end = start;
        if (start + 1 < text.Length && text[start] == '#')
        {
            bool isHex = (text[start + 1] | 0x20) == 'x';
            start += isHex ? 2 : 1;
            end = start;
            while (end < text.Length && (isHex ? char.IsAsciiHexDigit((char)text[end]) : char.IsAsciiDigit((char)text[end]))) end++;
        }
        else if (start < text.Length && (char.IsAsciiLetter((char)text[start]) || text[start] is (byte)'_' or (byte)':')) end = EndOfName(text, start);
        return end > start && end < text.Length && text[end] == ';' ? end + 1 : -1;
    }

    /// <summary>Whether what stands behind the tag's "&lt;" or "&lt;/" is this name (in lower case), whatever comes after it.</summary>
    public static bool IsTagOf(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> name, out bool isClosing)
    {
        isClosing = tag[1] == '/';
        ReadOnlySpan<byte> rest = tag[(isClosing ? 2 : 1)..];
        return EqualsName(rest, name) && (rest[name.Length] == '>' || IsSpace(rest[name.Length]));
    }

    private static int EndOfName(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && (char.IsAsciiLetterOrDigit((char)text[at]) || text[at] >= 0x80 || text[at] is (byte)'_' or (byte)'-' or (byte)':' or (byte)'.')) at++;
        return at;
    }

    /// <summary>What names and bare values consist of, and anything in quotes, up to "&gt;".</summary>
    private static int EndOfAttributes(ReadOnlySpan<byte> text, int at, ref int seen)
    {
        byte quote = 0;
        for (; at < text.Length; at++)
        {
            byte b = text[at];
            if (quote != 0)
            {
                if (b == quote) quote = 0;
                else if (b == '\\') at++;
            }
            else if (b is (byte)'"' or (byte)'\'') quote = b;
            else if (!char.IsAsciiLetterOrDigit((char)b) && b < 0x80 && !IsSpace(b) && !"=-_/:.&?%#~"u8.Contains(b)) break;
        }
        seen = Math.Min(at, text.Length);
        return at < text.Length && text[at] == '>' ? at + 1 : -1;
    }

    private static bool StartsWithName(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name) => EqualsName(text, name) && text.Length > name.Length && IsSpace(text[name.Length]);

    private static bool EqualsName(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lowerName)
    {
        if (text.Length <= lowerName.Length) return false;
        for (int i = 0; i < lowerName.Length; i++)
            if (char.ToLowerInvariant((char)text[i]) != lowerName[i]) return false;
        return true;
    }

    private static bool IsSpace(byte b) => b is (byte)' ' or (>= (byte)'\t' and <= (byte)'\r');
}
