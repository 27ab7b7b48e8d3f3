using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>Writing JSON.</summary>
internal static class JsonText
{
    /// <summary>Text in quotes, with escapes.</summary>
    public static void WriteString(ReadOnlySpan<byte> text, ByteBuffer output)
    {
        output.WriteByte((byte)'"');
        while (true)
        {
            int plain = 0;
            while (plain < text.Length && text[plain] >= 32 && text[plain] is not ((byte)'"' or (byte)'\\')) plain++;
            output.Write(text[..plain]);
            if (plain == text.Length) break;
            WriteEscape(text[plain], output);
            text = text[(plain + 1)..];
        }
        output.WriteByte((byte)'"');
    }

    private static void WriteEscape(byte b, ByteBuffer output)
    {
        int place = "\"\\\b\f\n\r\t"u8.IndexOf(b);
        if (place >= 0)
        {
            output.WriteByte((byte)'\\');
            output.WriteByte("\"\\bfnrt"u8[place]);
            return;
        }
        output.Write("\\u00"u8);
        output.WriteFormatted(b, "x2");
    }

    /// <summary>A jsonb value as its output function shows it: a space after each comma and colon.</summary>
    public static void Write(JsonbValue value, ByteBuffer output)
    {
        StackGuard.Check();
        switch (value.Tag)
        {
            case JsonbTag.Null: output.Write("null"u8); break;
            case JsonbTag.False: output.Write("false"u8); break;
            case JsonbTag.True: output.Write("true"u8); break;
            case JsonbTag.Number: NumericText.Write(value.Number, output); break;
            case JsonbTag.String: WriteString(value.Text, output); break;
            case JsonbTag.Array:
                output.WriteByte((byte)'[');
                for (int i = 0; i < value.Count; i++)
                {
                    if (i > 0) output.Write(", "u8);
                    Write(value.Element(i), output);
                }
                output.WriteByte((byte)']');
                break;
            default:
                output.WriteByte((byte)'{');
                for (int i = 0; i < value.Count; i++)
                {
                    if (i > 0) output.Write(", "u8);
                    WriteString(value.Key(i), output);
                    output.Write(": "u8);
                    Write(value.ValueAt(i), output);
                }
                output.WriteByte((byte)'}');
                break;
        }
    }

    /// <summary>A jsonb value over many lines, four spaces for each level.</summary>
    public static void WritePretty(JsonbValue value, int level, ByteBuffer output)
    {
        StackGuard.Check();
        if (!value.IsContainer)
        {
            Write(value, output);
            return;
        }
        output.WriteByte(value.IsArray ? (byte)'[' : (byte)'{');
        for (int i = 0; i < value.Count; i++)
        {
            if (i > 0) output.WriteByte((byte)',');
            NewLine(level + 1, output);
            if (value.IsObject)
            {
                WriteString(value.Key(i), output);
                output.Write(": "u8);
            }
            WritePretty(value.IsArray ? value.Element(i) : value.ValueAt(i), level + 1, output);
        }
        NewLine(level, output);
        output.WriteByte(value.IsArray ? (byte)']' : (byte)'}');
    }

    private static void NewLine(int level, ByteBuffer output)
    {
        output.WriteByte((byte)'\n');
        output.Take(4 * level).Fill((byte)' ');
    }
}
