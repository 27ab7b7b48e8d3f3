using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.SystemTables;
using VecSql.Core.TextSearch;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>The parser and the dictionaries by themselves: ts_parse, ts_token_type, ts_lexize.</summary>
internal static class TextParsingFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Add("ts_token_type_byid", new CatalogSet(static (in a, c) => TypesOf(ParserById(a))));
        library.Add("ts_token_type_byname", new CatalogSet(static (in a, c) => TypesOf(ParserByName(a))));
        library.Add("ts_parse_byid", new CatalogSet(static (in a, c) => Parse(ParserById(a), a.Bytes(1), c)));
        library.Add("ts_parse_byname", new CatalogSet(static (in a, c) => Parse(ParserByName(a), a.Bytes(1), c)));
        library.Strict("ts_lexize", Lexize);
    }

    private static uint ParserById(in RowArguments arguments) =>
        arguments.Get<uint>(0) is PgTsParser.Default ? PgTsParser.Default : throw new SqlException(SqlState.InternalError, $"cache lookup failed for text search parser {arguments.Get<uint>(0)}");

    private static uint ParserByName(in RowArguments arguments)
    {
        string name = Utf8Text.ToString(arguments.Bytes(0));
        return name is "default" or "pg_catalog.default" or "\"default\"" ? PgTsParser.Default : throw new SqlException(SqlState.UndefinedObject, $"text search parser \"{name}\" does not exist");
    }

    private static RowsCursor TypesOf(uint parser)
    {
        Invariant.Check(parser == PgTsParser.Default);
        return new RowsCursor(TokenTypes.All.Length, static (row, columns) =>
        {
            ((ColumnBuilder<int>)columns[0]).Append(row + 1);
            Append(columns[1], TokenTypes.All[row].Alias);
            Append(columns[2], TokenTypes.All[row].Description);
        });
    }

    private static void Append(ColumnBuilder column, string text)
    {
        ((BytesColumnBuilder)column).Output.WriteText(text);
        ((BytesColumnBuilder)column).EndValue();
    }

    private static RowsCursor Parse(uint parser, ReadOnlySpan<byte> text, EvalContext context)
    {
        Invariant.Check(parser == PgTsParser.Default);
        byte[] kept = text.ToArray();
        List<(int Type, int Start, int Length)> tokens = [];
        TextParser reader = new(kept);
        while (reader.Next())
        {
            context.Cancellation.ThrowIfCancellationRequested();
            tokens.Add(((int)reader.Type, reader.Start, reader.Length));
        }
        return new RowsCursor(tokens.Count, (row, columns) =>
        {
            ((ColumnBuilder<int>)columns[0]).Append(tokens[row].Type);
            ((BytesColumnBuilder)columns[1]).Append(kept.AsSpan(tokens[row].Start, tokens[row].Length));
        });
    }

    /// <summary>A dictionary's answer to a token: its lexeme, or an empty array for a stop word.</summary>
    private static void Lexize(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        uint dictionary = arguments.Get<uint>(0);
        if (TextSearchConfiguration.DictionaryName(dictionary) is null)
            throw new SqlException(SqlState.InternalError, $"cache lookup failed for text search dictionary {dictionary}");
        ByteBuffer lexeme = new(64);
        ArrayBuilder array = ArrayBuilder.Rent(TypeOid.Text, PhysicalKind.Bytes);
        if (TextSearchConfiguration.Lexize(dictionary, arguments.Bytes(1), lexeme) == LexizeResult.Lexeme) ((BytesColumnBuilder)array.Elements).Append(lexeme.WrittenSpan);
        array.WriteTo(result);
        array.Return();
    }
}
