using System.Collections.Frozen;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>Writing identifiers and literals so that they read back as themselves.</summary>
public static class Quoting
{
    // Every keyword but the unreserved ones (pg_get_keywords): as identifiers these need quotes.
    private static readonly FrozenSet<string> Keywords = """
        all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast char character
        check coalesce collate collation column concurrently constraint create cross current_catalog current_date current_role
        current_schema current_time current_timestamp current_user dec decimal default deferrable desc distinct do else end except exists
        extract false fetch float for foreign freeze from full grant greatest group grouping having ilike in initially inner inout int
        integer intersect interval into is isnull join lateral leading least left like limit localtime localtimestamp national natural
        nchar none normalize not notnull null nullif numeric offset on only or order out outer overlaps overlay placing position
        precision primary real references returning right row select session_user setof similar smallint some substring symmetric table
        tablesample then time timestamp to trailing treat trim true union unique user using values varchar variadic verbose when where
        window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable
        """.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet();

    /// <summary>The name, in double quotes if it needs them.</summary>
    public static void WriteIdentifier(ReadOnlySpan<byte> name, ByteBuffer output)
    {
        bool isSafe = name.Length > 0 && name[0] is (>= (byte)'a' and <= (byte)'z') or (byte)'_';
        foreach (byte b in name) isSafe &= b is (>= (byte)'a' and <= (byte)'z') or (>= (byte)'0' and <= (byte)'9') or (byte)'_';
        if (isSafe && !Keywords.Contains(Utf8Text.ToString(name)))
        {
            output.Write(name);
            return;
        }
        output.WriteByte((byte)'"');
        WriteDoubling(name, (byte)'"', output);
        output.WriteByte((byte)'"');
    }

    /// <summary>The text in single quotes; with backslashes in it, as E'…'.</summary>
    public static void WriteLiteral(ReadOnlySpan<byte> text, ByteBuffer output)
    {
        bool hasBackslash = text.Contains((byte)'\\');
        if (hasBackslash) output.WriteByte((byte)'E');
        output.WriteByte((byte)'\'');
        foreach (byte b in text)
        {
            if (b is (byte)'\'' or (byte)'\\') output.WriteByte(b);
            output.WriteByte(b);
        }
        output.WriteByte((byte)'\'');
    }

    private static void WriteDoubling(ReadOnlySpan<byte> text, byte quote, ByteBuffer output)
    {
        foreach (byte b in text)
        {
            if (b == quote) output.WriteByte(b);
            output.WriteByte(b);
        }
    }
}

/// <summary>quote_ident, quote_literal, quote_nullable.</summary>
internal static class QuoteFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Strict("quote_ident", static (in a, r, _) => Write(Quoting.WriteIdentifier, a.Bytes(0), r));
        library.Strict("quote_literal", static (in a, r, _) => Write(Quoting.WriteLiteral, a.Bytes(0), r));
        library.Rowwise("quote_nullable", static (in a, r, _) => Nullable(a, r));
        library.Add("quote_literal(anyelement)", new QuoteAny(isNullable: false));
        library.Add("quote_nullable(anyelement)", new QuoteAny(isNullable: true));
    }

    private static void Write(Action<ReadOnlySpan<byte>, ByteBuffer> write, ReadOnlySpan<byte> value, ColumnBuilder result)
    {
        write(value, ((BytesColumnBuilder)result).Output);
        ((BytesColumnBuilder)result).EndValue();
    }

    private static void Nullable(in RowArguments arguments, ColumnBuilder result)
    {
        if (arguments.IsNull(0)) ((BytesColumnBuilder)result).Append("NULL"u8);
        else Write(Quoting.WriteLiteral, arguments.Bytes(0), result);
    }

    /// <summary>A value of any type, as a literal of its text.</summary>
    private sealed class QuoteAny(bool isNullable, SqlType type = default) : ScalarFunction
    {
        public override ScalarFunction Specialize(ReadOnlySpan<SqlType> argumentTypes, SqlType resultType) => new QuoteAny(isNullable, argumentTypes[0]);

        public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
        {
            BytesColumnBuilder builder = (BytesColumnBuilder)result;
            TypeHandler handler = TypeHandlers.Of(type.Oid, context.Catalog);
            ByteBuffer text = new();
            builder.Reset();
            for (int i = 0; i < selection.Count; i++)
            {
                int row = selection[i];
                builder.SkipTo(row);
                if (arguments[0].IsNull(row))
                {
                    if (isNullable) builder.Append("NULL"u8);
                    else builder.AppendNull();
                    continue;
                }
                text.Clear();
                handler.FormatText(arguments[0], row, type, text, context);
                Quoting.WriteLiteral(text.WrittenSpan, builder.Output);
                builder.EndValue();
            }
        }
    }
}
