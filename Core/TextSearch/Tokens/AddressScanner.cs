namespace VecSql.Core.TextSearch;

/// <summary>
/// Recognizes hosts, e-mail addresses, the paths of URLs, and files. Hosts and addresses consist of labels: runs of ASCII letters and digits that are joined by single dots, hyphens or underscores.
/// All methods give the end of what they find at a place, or -1.
/// </summary>
internal static class AddressScanner
{
    /// <summary>How many "." and ".." a path may have: without a name behind them all would be looked at in vain, again and again.</summary>
    private const int MaxFolders = 32;

    /// <summary>A host, or an address at one: <c>name@host</c>, each with a port if there is one.</summary>
    /// <param name="text">The text, cut off where looking ahead shall end.</param>
    /// <param name="at">Where it would begin.</param>
    /// <param name="isEmail">Which of the two was found.</param>
    /// <param name="seen">How far the text was looked at.</param>
    public static int EndOfAddress(ReadOnlySpan<byte> text, int at, out bool isEmail, out int seen)
    {
        isEmail = false;
        int host = EndOfHost(text, at, out seen);
        if (seen < text.Length && text[seen] == '@' && EndOfHost(text, seen + 1, out int seenBehind) is var domain and > 0)
        {
            isEmail = true;
            seen = seenBehind;
            host = domain;
        }
        return host < 0 ? -1 : WithPort(text, host);
    }

    /// <summary>What may follow a host: a slash, and at least one character of those that a URL may have.</summary>
    public static int EndOfUrlPath(ReadOnlySpan<byte> text, int at)
    {
        if (at >= text.Length || text[at] != '/') return -1;
        int end = at + 1;
        while (end < text.Length && IsUrlCharacter(text[end])) end++;
        return end > at + 1 ? end : -1;
    }

    /// <summary>
    /// A file: <c>/path</c>, <c>./path</c>, <c>../path</c>, <c>~/path</c>, <c>~user</c>, or a first name with a dot or slash and more behind it. A number has only slashes behind it; two dots alone are
    /// the folder above.
    /// </summary>
    public static int EndOfFile(ReadOnlySpan<byte> text, int at)
    {
        switch (text[at])
        {
            case (byte)'/': return EndOfPath(text, at);
            case (byte)'~' when at + 1 < text.Length && text[at + 1] != '/':
                int user = EndOfName(text, at + 1);
                return user < 0 ? -1 : Math.Max(user, EndOfPath(text, user));
            case (byte)'~': return EndOfPath(text, at + 1);
            case (byte)'.':
                int dots = text[at..].StartsWith(".."u8) ? at + 2 : at + 1;
                if (dots < text.Length && text[dots] == '/') return EndOfPath(text, dots);
                return dots == at + 2 && (dots == text.Length || LexemeScanner.IsSpace(text[dots])) ? dots : -1;
        }
        int end = WordScanner.EndOfAscii(text, at);
        if (end < text.Length && text[end] == '.' && WordScanner.EndOfDigits(text, at) == end) return -1;
        return EndOfPath(text, end);
    }

    /// <summary>Names, each behind a slash or a dot, and the folders "." and ".." among them.</summary>
    private static int EndOfPath(ReadOnlySpan<byte> text, int at)
    {
        int end = -1, folders = 0;
        while (at < text.Length && text[at] is (byte)'/' or (byte)'.')
        {
            int name = at + 1;
            if (text[at] == '/')
            {
                int dots = name;
                while (dots < text.Length && dots < name + 2 && text[dots] == '.') dots++;
                if (dots > name && dots < text.Length && text[dots] == '/' && folders++ < MaxFolders)
                {
                    at = dots;
                    continue;
                }
                if (dots == name + 1 || (dots < text.Length && text[dots] == '~')) name++;
            }
            end = EndOfName(text, name) is var next and > 0 ? next : end;
            if (end <= at) break;
            at = end;
        }
        return end;
    }

    private static int EndOfName(ReadOnlySpan<byte> text, int at)
    {
        int end = at;
        while (end < text.Length && (char.IsAsciiLetterOrDigit((char)text[end]) || text[end] == '_' || (text[end] == '-' && end > at))) end++;
        return end > at ? end : -1;
    }

    /// <summary>Labels of which one behind a dot has letters only, at least two; the host ends with the last such one.</summary>
    private static int EndOfHost(ReadOnlySpan<byte> text, int at, out int seen)
    {
        int host = -1;
        bool isAfterDot = false;
        seen = at;
        while (true)
        {
            int end = WordScanner.EndOfAscii(text, seen);
            if (end == seen)
            {
                // The separator before isn't part of what was found.
                if (seen > at) seen--;
                return host;
            }
            if (isAfterDot && end >= seen + 2 && !text[seen..end].ContainsAnyInRange((byte)'0', (byte)'9')) host = end;
            seen = end;
            if (end >= text.Length || text[end] is not ((byte)'.' or (byte)'-' or (byte)'_')) return host;
            isAfterDot = text[end] == '.';
            seen++;
        }
    }

    private static int WithPort(ReadOnlySpan<byte> text, int host)
    {
        if (host >= text.Length || text[host] != ':') return host;
        int end = WordScanner.EndOfDigits(text, host + 1);
        return end > host + 1 ? end : host;
    }

    private static bool IsUrlCharacter(byte b) =>
        b is > 0x20 and < 0x7F and not ((byte)'"' or (byte)'<' or (byte)'>' or (byte)'\\' or (byte)'^' or (byte)'`' or (byte)'{' or (byte)'|' or (byte)'}');
}
