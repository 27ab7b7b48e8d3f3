namespace VecSql.Core.Types;

internal enum LexemeKind : byte
{
    /// <summary>Digits, perhaps with a point.</summary>
    Number,

    /// <summary>Digits or words with separators.</summary>
    Date,

    /// <summary>Digits with colons.</summary>
    Time,

    /// <summary>Letters.</summary>
    Text,

    /// <summary>A sign and letters.</summary>
    Signed,

    /// <summary>A sign and digits.</summary>
    Zone,
}

internal readonly record struct Lexeme(LexemeKind Kind, int Start, int Length);

/// <summary>Cuts date, time and interval input into pieces, letters made small.</summary>
internal static class DateTimeLexer
{
    public const int MaxLexemes = 25;

    /// <summary>Most bytes that the pieces of dates, of timestamps and of intervals may have, each with one byte more.</summary>
    public const int DateCapacity = 129, TimestampCapacity = 153, IntervalCapacity = 256;

    /// <summary>Reads the pieces of <paramref name="text"/> into <paramref name="lexemes"/>, their letters into <paramref name="buffer"/>, whose length is the capacity.</summary>
    /// <returns>Number of pieces; -1 if the text can't be a date, a time or an interval.</returns>
    public static int Read(ReadOnlySpan<byte> text, Span<byte> buffer, Span<Lexeme> lexemes)
    {
        Cursor cursor = new(text, buffer);
        int count = 0;
        while (!cursor.AtEnd)
        {
            if (IsSpace(cursor.Current))
            {
                cursor.Skip();
                continue;
            }
            if (count >= MaxLexemes) return -1;
            int start = cursor.Used;
            LexemeKind kind;
            if (IsDigit(cursor.Current)) kind = ReadNumeric(ref cursor);
            else if (cursor.Current == '.')
            {
                kind = LexemeKind.Number;
                cursor.Take();
                cursor.TakeDigits();
            }
            else if (IsLetter(cursor.Current)) kind = ReadWord(ref cursor, start);
            else if (cursor.Current is (byte)'+' or (byte)'-')
            {
                if (!TryReadSigned(ref cursor, out kind)) return -1;
            }
            else if (IsPunctuation(cursor.Current))
            {
                cursor.Skip();
                continue;
            }
            else return -1;
            if (cursor.IsFull) return -1;
            lexemes[count++] = new Lexeme(kind, start, cursor.Used - start);
            cursor.EndPiece();
        }
        return count;
    }

    private static LexemeKind ReadNumeric(ref Cursor cursor)
    {
        cursor.TakeDigits();
        if (cursor.Current == ':')
        {
            cursor.Take();
            while (IsDigit(cursor.Current) || cursor.Current is (byte)':' or (byte)'.') cursor.Take();
            return LexemeKind.Time;
        }
        byte delimiter = cursor.Current;
        if (delimiter is not ((byte)'-' or (byte)'/' or (byte)'.')) return LexemeKind.Number;
        cursor.Take();
        if (IsDigit(cursor.Current))
        {
            // With one point it may be a number; with a second delimiter it is a date.
            LexemeKind kind = delimiter == '.' ? LexemeKind.Number : LexemeKind.Date;
            cursor.TakeDigits();
            if (cursor.Current != delimiter || cursor.AtEnd) return kind;
            cursor.Take();
            while (!cursor.AtEnd && (IsDigit(cursor.Current) || cursor.Current == delimiter)) cursor.Take();
            return LexemeKind.Date;
        }
        while (!cursor.AtEnd && (IsDigit(cursor.Current) || IsLetter(cursor.Current) || cursor.Current == delimiter)) cursor.TakeLower();
        return LexemeKind.Date;
    }

    private static LexemeKind ReadWord(ref Cursor cursor, int start)
    {
        while (IsLetter(cursor.Current)) cursor.TakeLower();
        bool isDate = cursor.Current is (byte)'-' or (byte)'/' or (byte)'.';
        // A known word that a number follows (J2451187, T040506) stands by itself; otherwise it may be a zone's name with digits.
        if (!isDate && (cursor.Current == '+' || IsDigit(cursor.Current)))
            isDate = DateTimeTokens.FindDateWord(cursor.Written(start)).Kind == TokenKind.Unknown;
        if (!isDate) return LexemeKind.Text;
        do cursor.TakeLower();
        while (IsLetter(cursor.Current) || IsDigit(cursor.Current) || cursor.Current is (byte)'+' or (byte)'-' or (byte)'/' or (byte)'_' or (byte)'.' or (byte)':');
        return LexemeKind.Date;
    }

    private static bool TryReadSigned(ref Cursor cursor, out LexemeKind kind)
    {
        kind = LexemeKind.Zone;
        cursor.Take();
        while (IsSpace(cursor.Current)) cursor.Skip();
        if (IsDigit(cursor.Current))
        {
            cursor.TakeDigits();
            while (IsDigit(cursor.Current) || cursor.Current is (byte)':' or (byte)'.' or (byte)'-') cursor.Take();
            return true;
        }
        kind = LexemeKind.Signed;
        if (!IsLetter(cursor.Current)) return false;
        while (IsLetter(cursor.Current)) cursor.TakeLower();
        return true;
    }

    public static bool IsDigit(byte b) => b is >= (byte)'0' and <= (byte)'9';
    public static bool IsLetter(byte b) => (b | 0x20) is >= (byte)'a' and <= (byte)'z';
    public static bool IsSpace(byte b) => b is (byte)' ' or (>= 9 and <= 13);
    private static bool IsPunctuation(byte b) => b is > 32 and < 127 && !IsDigit(b) && !IsLetter(b);

    private ref struct Cursor(ReadOnlySpan<byte> text, Span<byte> buffer)
    {
        private readonly ReadOnlySpan<byte> _text = text;
        private readonly Span<byte> _buffer = buffer;
        private int _at;
        private int _ends;

        public int Used { get; private set; }
        public bool IsFull { get; private set; }
        public readonly bool AtEnd => _at >= _text.Length;

        /// <summary>0 at the end.</summary>
        public readonly byte Current => _at < _text.Length ? _text[_at] : (byte)0;

        public readonly ReadOnlySpan<byte> Written(int start) => _buffer[start..Used];

        public void Skip() => _at++;

        public void Take()
        {
            if (Used + _ends + 1 >= _buffer.Length) IsFull = true;
            else _buffer[Used++] = _text[_at];
            _at++;
        }

        public void TakeLower()
        {
            Take();
            if (!IsFull && _buffer[Used - 1] is >= (byte)'A' and <= (byte)'Z') _buffer[Used - 1] |= 0x20;
        }

        public void TakeDigits()
        {
            while (IsDigit(Current)) Take();
        }

        public void EndPiece() => _ends++;
    }
}
