using System.Buffers;
using System.Globalization;
using System.Text;

namespace VecSql.Core.TextSearch;

/// <summary>What a run of letters and digits consists of.</summary>
[Flags]
internal enum WordContent : byte { None = 0, AsciiLetters = 1, OtherLetters = 2, Digits = 4 }

/// <summary>
/// Recognizes words: runs of letters and ASCII digits, and such runs joined by single hyphens. Letters beyond ASCII are told by their Unicode category; marks are part of the letter before them.
/// </summary>
internal static class WordScanner
{
    /// <summary>The end of the run of letters and digits at <paramref name="at"/>; <paramref name="at"/> itself if there is none.</summary>
    public static int EndOfWord(ReadOnlySpan<byte> text, int at, out WordContent content)
    {
        content = WordContent.None;
        while (at < text.Length)
        {
            byte first = text[at];
            if (char.IsAsciiLetter((char)first)) content |= WordContent.AsciiLetters;
            else if (char.IsAsciiDigit((char)first)) content |= WordContent.Digits;
            else if (first < 0x80) break;
            else if (Kind(text[at..], out int width) is var kind && (kind == LetterKind.Letter || (kind == LetterKind.Mark && content != WordContent.None)))
            {
                content |= WordContent.OtherLetters;
                at += width;
                continue;
            }
            else break;
            at++;
        }
        return at;
    }

    /// <summary>The end of the words joined by hyphens that begin with the given one; its own end if it stands alone. All have letters: what is only digits is a number of its own.</summary>
    public static int EndOfCompound(ReadOnlySpan<byte> text, int end, ref WordContent content)
    {
        while (end < text.Length && text[end] == '-')
        {
            int next = EndOfWord(text, end + 1, out WordContent part);
            if ((part & (WordContent.AsciiLetters | WordContent.OtherLetters)) == 0) break;
            content |= part;
            end = next;
        }
        return end;
    }

    public static bool StartsWord(ReadOnlySpan<byte> text, int at) =>
        at < text.Length && (text[at] < 0x80 ? char.IsAsciiLetterOrDigit((char)text[at]) : Kind(text[at..], out _) == LetterKind.Letter);

    /// <summary>The end of the run of ASCII letters and digits.</summary>
    public static int EndOfAscii(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && char.IsAsciiLetterOrDigit((char)text[at])) at++;
        return at;
    }

    public static int EndOfDigits(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && char.IsAsciiDigit((char)text[at])) at++;
        return at;
    }

    private enum LetterKind { None, Letter, Mark }

    private static LetterKind Kind(ReadOnlySpan<byte> text, out int width)
    {
        if (Rune.DecodeFromUtf8(text, out Rune rune, out width) != OperationStatus.Done) return LetterKind.None;
        return Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber => LetterKind.Letter,
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => LetterKind.Mark,
            // Letters in circles and squares are symbols that have a case.
            UnicodeCategory.OtherSymbol when rune.Value is >= 0x24B6 and <= 0x24E9 or >= 0x1F130 and <= 0x1F149 or >= 0x1F150 and <= 0x1F169 or >= 0x1F170 and <= 0x1F189 => LetterKind.Letter,
            _ => LetterKind.None,
        };
    }
}
