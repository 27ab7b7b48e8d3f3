using System.Text;
using System.Text.Unicode;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>Text as stored: valid UTF-8 without NUL. Counting and cutting by characters (code points).</summary>
public static class Utf8Text
{
    /// <summary>Throws unless the bytes may be stored as text.</summary>
    /// <exception cref="SqlException">22021, with PostgreSQL's list of the offending bytes.</exception>
    public static void Verify(ReadOnlySpan<byte> utf8)
    {
        if (Utf8.IsValid(utf8) && utf8.IndexOf((byte)0) < 0) return;
        throw new SqlException(SqlState.CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\": " + Offending(utf8));
    }

    /// <summary>Number of characters.</summary>
    public static int Length(ReadOnlySpan<byte> utf8)
    {
        int continuations = 0;
        foreach (byte b in utf8) continuations += (b & 0xC0) == 0x80 ? 1 : 0;
        return utf8.Length - continuations;
    }

    /// <summary>Byte offset of character <paramref name="index"/> (from 0); the length if there are fewer. Negative counts as 0.</summary>
    public static int OffsetOf(ReadOnlySpan<byte> utf8, int index)
    {
        if (index <= 0) return 0;
        if (index >= utf8.Length) return utf8.Length;
        int seen = -1;
        for (int i = 0; i < utf8.Length; i++)
            if ((utf8[i] & 0xC0) != 0x80 && ++seen == index) return i;
        return utf8.Length;
    }

    /// <summary>Bytes of the character that begins with <paramref name="first"/>.</summary>
    public static int WidthOf(byte first) => first switch { < 0x80 => 1, < 0xE0 => 2, < 0xF0 => 3, _ => 4 };

    /// <summary>The longest prefix of at most <paramref name="maxBytes"/> bytes that cuts no character.</summary>
    public static ReadOnlySpan<byte> Clip(ReadOnlySpan<byte> utf8, int maxBytes)
    {
        if (utf8.Length <= maxBytes) return utf8;
        int end = maxBytes;
        while (end > 0 && (utf8[end] & 0xC0) == 0x80) end--;
        return utf8[..end];
    }

    public static string ToString(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    /// <summary>The error of a type's input function.</summary>
    internal static SqlException InvalidInput(string typeName, ReadOnlySpan<byte> utf8) =>
        new(SqlState.InvalidTextRepresentation, $"invalid input syntax for type {typeName}: \"{ToString(utf8)}\"");

    private static string Offending(ReadOnlySpan<byte> utf8)
    {
        int at = 0;
        while (at < utf8.Length && utf8[at] != 0 && Rune.DecodeFromUtf8(utf8[at..], out _, out int width) == System.Buffers.OperationStatus.Done) at += width;
        byte first = utf8[at];
        int claimed = first switch { < 0xC0 => 1, < 0xE0 => 2, < 0xF0 => 3, < 0xF8 => 4, _ => 1 };
        StringBuilder text = new();
        for (int i = at; i < utf8.Length && i < at + claimed; i++) text.Append(i > at ? " " : "").Append($"0x{utf8[i]:x2}");
        return text.ToString();
    }
}
