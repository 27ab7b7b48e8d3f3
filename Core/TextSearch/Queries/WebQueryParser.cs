using VecSql.Core.Columns;

namespace VecSql.Core.TextSearch;

/// <summary>Reads what people type into a search field. Nothing is an error: what has no meaning is passed over.</summary>
/// <remarks>Words that follow each other must all be there; "or" between two binds less tightly. Each word, as each phrase in double quotes, is an operand: if it has several lexemes, they must follow each other.</remarks>
internal ref struct WebQueryParser(ReadOnlySpan<byte> text, QueryTerms terms)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private readonly ByteBuffer _word = new(64);
    private int _at;

    /// <summary>Null if the text is empty.</summary>
    public QueryNode? Parse()
    {
        QueryNode? any = null, all = null;
        while (true)
        {
            bool isOr = all is not null && TrySkipOr();
            QueryNode? operand = ReadOperand();
            if (isOr)
            {
                any = any is null ? all : QueryNode.Binary(QueryKind.Or, any, all!);
                all = operand ?? QueryNode.StopWord;
            }
            else if (operand is not null) all = all is null ? operand : QueryNode.Binary(QueryKind.And, all, operand);
            if (operand is null) return any is null ? all : QueryNode.Binary(QueryKind.Or, any, all!);
        }
    }

    /// <summary>A word or a phrase with the hyphens before it; null at the end.</summary>
    private QueryNode? ReadOperand()
    {
        int hyphens = 0;
        for (SkipMeaningless(); _at < _text.Length && _text[_at] == '-'; SkipMeaningless())
        {
            hyphens++;
            _at++;
        }
        if (_at >= _text.Length) return hyphens > 0 ? QueryNode.StopWord : null;
        QueryNode operand = _text[_at] == '"' ? ReadPhrase() : ReadWord();
        for (; hyphens > 0; hyphens--) operand = QueryNode.Not(operand);
        return operand;
    }

    private QueryNode ReadPhrase()
    {
        ReadOnlySpan<byte> rest = _text[(_at + 1)..];
        int close = rest.IndexOf((byte)'"');
        _at = close < 0 ? _text.Length : _at + close + 2;
        return terms.Read(close < 0 ? rest : rest[..close], 0, isPrefix: false);
    }

    private QueryNode ReadWord()
    {
        _word.Clear();
        for (; _at < _text.Length && !EndsWord(_text[_at]); _at++) _word.WriteByte(_text[_at]);
        return terms.Read(_word.WrittenSpan, 0, isPrefix: false);
    }

    /// <summary>The word "or" if it stands alone and something comes behind it.</summary>
    private bool TrySkipOr()
    {
        SkipMeaningless();
        ReadOnlySpan<byte> rest = _text[_at..];
        if (rest.Length < 3 || (rest[0] | 0x20) != 'o' || (rest[1] | 0x20) != 'r') return false;
        if (rest[2] is (byte)'-' or (byte)'_' || WordScanner.EndOfWord(rest, 2, out _) > 2) return false;
        int next = 2;
        while (next < rest.Length && LexemeScanner.IsSpace(rest[next])) next++;
        if (next == rest.Length) return false;
        _at += 2;
        return true;
    }

    private void SkipMeaningless()
    {
        while (_at < _text.Length && (LexemeScanner.IsSpace(_text[_at]) || QueryParser.Stops.Contains(_text[_at]))) _at++;
    }

    private static bool EndsWord(byte b) => b == '"' || LexemeScanner.IsSpace(b) || QueryParser.Stops.Contains(b);
}
