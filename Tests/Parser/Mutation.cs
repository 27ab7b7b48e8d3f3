using System.Text;
using VecSql.Parser.Lexing;

namespace VecSql.Tests.Parser;

/// <summary>Random changes of SQL texts at their tokens: dropped, doubled, swapped, replaced by tokens of other statements, or cut off.</summary>
internal sealed class Mutation(IReadOnlyList<string> corpus, int seed)
{
    private readonly Random _random = new(seed);
    private readonly string[][] _tokens = [.. corpus.Select(Pieces)];

    public string Next()
    {
        List<string> pieces = [.. _tokens[_random.Next(_tokens.Length)]];
        int changes = 1 + _random.Next(3);
        for (int i = 0; i < changes && pieces.Count > 0; i++)
        {
            int at = _random.Next(pieces.Count);
            string[] other = _tokens[_random.Next(_tokens.Length)];
            switch (_random.Next(6))
            {
                case 0:
                    pieces.RemoveAt(at);
                    break;
                case 1:
                    pieces.Insert(at, pieces[at]);
                    break;
                case 2:
                    int to = _random.Next(pieces.Count);
                    (pieces[at], pieces[to]) = (pieces[to], pieces[at]);
                    break;
                case 3 when other.Length > 0:
                    pieces[at] = other[_random.Next(other.Length)];
                    break;
                case 4 when other.Length > 0:
                    pieces.Insert(at, other[_random.Next(other.Length)]);
                    break;
                default:
                    int length = Math.Min(pieces.Count - at, 1 + _random.Next(4));
                    pieces.RemoveRange(at, length);
                    break;
            }
        }
        return string.Join(' ', pieces);
    }

    /// <summary>The same text with characters changed at random.</summary>
    public string NextGarbled()
    {
        var text = new StringBuilder(Next());
        for (int i = _random.Next(4); i > 0 && text.Length > 0; i--)
        {
            int at = _random.Next(text.Length);
            const string characters = "'\"$\\;()[]{}.,:=<>+-*/%^|&!?@#~`eEuUxXbB&0123456789 \n\té😀\u0001";
            text[at] = characters[_random.Next(characters.Length)];
        }
        return text.ToString();
    }

    private static string[] Pieces(string sql) =>
        [.. Lexer.Tokenize(sql).Tokens.Where(t => t.Kind is not (TokenKind.End or TokenKind.Error)).Select(t => sql[t.Start..t.End])];
}
