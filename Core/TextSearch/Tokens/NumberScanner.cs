namespace VecSql.Core.TextSearch;

/// <summary>Recognizes integers, decimals, numbers with an exponent, and versions (three or more numbers joined by dots). A sign makes no version.</summary>
internal static class NumberScanner
{
    /// <summary>The end of the number at <paramref name="at"/>, which may begin with a sign; -1 if there is none.</summary>
    public static int EndOfNumber(ReadOnlySpan<byte> text, int at, out TokenType type)
    {
        type = TokenType.Unsigned;
        bool isSigned = text[at] is (byte)'+' or (byte)'-';
        int start = isSigned ? at + 1 : at;
        int end = WordScanner.EndOfDigits(text, start);
        if (end == start) return -1;
        if (isSigned) type = TokenType.Signed;
        int dots = 0;
        while (end < text.Length && text[end] == '.' && WordScanner.EndOfDigits(text, end + 1) is var next && next > end + 1)
        {
            dots++;
            end = next;
        }
        if (dots >= 2)
        {
            type = TokenType.Version;
            return isSigned ? -1 : end;
        }
        if (dots == 1) type = TokenType.Decimal;
        if (EndOfExponent(text, end) is not (var exponent and > 0)) return end;
        type = TokenType.Scientific;
        return exponent;
    }

    private static int EndOfExponent(ReadOnlySpan<byte> text, int at)
    {
        if (at >= text.Length || (text[at] | 0x20) != 'e') return -1;
        at++;
        if (at < text.Length && text[at] is (byte)'+' or (byte)'-') at++;
        int end = WordScanner.EndOfDigits(text, at);
        return end > at ? end : -1;
    }
}
