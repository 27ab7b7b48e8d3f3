using System.Text;
using System.Text.Unicode;
using VecSql.Core.Columns;
using VecSql.Core.Environment;

namespace VecSql.Executor.Copy;

/// <summary>COPY's text format: fields between delimiters, backslash escapes.</summary>
internal sealed class CopyTextReader(CopyOptions options, IReadOnlyList<CopyColumn> columns, string table, EvalContext context, int batchSize, Action<ColumnBatch> consume)
    : CopyLineReader(options, columns, table, context, batchSize, consume)
{
    private readonly ByteBuffer _value = new(256);

    private protected override (string Message, string Hint) BareLineEnd(bool isNewline) => isNewline
        ? ("literal newline found in data", "Use \"\\n\" to represent newline.")
        : ("literal carriage return found in data", "Use \"\\r\" to represent carriage return.");

    private protected override int FindLineEnd(ReadOnlySpan<byte> bytes)
    {
        int place = Scanned;
        while (place < bytes.Length)
        {
            int found = bytes[place..].IndexOfAny((byte)'\n', (byte)'\r', (byte)'\\');
            if (found < 0)
            {
                place = bytes.Length;
                break;
            }
            place += found;
            if (bytes[place] != '\\') return place;
            // Whatever follows a backslash is data, a line end too.
            if (place + 1 == bytes.Length) break;
            place += 2;
        }
        Scanned = place;
        return -1;
    }

    private protected override void ReadFields(ReadOnlySpan<byte> line)
    {
        int count = Columns.Count, column = 0;
        ReadOnlySpan<byte> rest = line;
        bool hasMore = count > 0 || line.Length > 0;
        while (hasMore)
        {
            if (column == count) throw BadFormat("extra data after last expected column", line);
            int end = EndOfField(rest, out bool hasEscapes);
            ReadOnlySpan<byte> field = rest[..end];
            if (field.SequenceEqual(Options.NullText)) AppendNull(column);
            else AppendText(column, hasEscapes ? Unescape(field) : field);
            column++;
            hasMore = end < rest.Length;
            if (hasMore) rest = rest[(end + 1)..];
        }
        if (column < count) throw BadFormat($"missing data for column \"{Columns[column].Name}\"", line);
        EndRow();
    }

    private protected override List<string> SplitHeader(ReadOnlySpan<byte> line)
    {
        List<string> names = [];
        while (true)
        {
            int end = EndOfField(line, out bool hasEscapes);
            names.Add(Encoding.UTF8.GetString(hasEscapes ? Unescape(line[..end]) : line[..end]));
            if (end == line.Length) return names;
            line = line[(end + 1)..];
        }
    }

    private int EndOfField(ReadOnlySpan<byte> rest, out bool hasEscapes)
    {
        hasEscapes = false;
        int place = 0;
        while (true)
        {
            int found = rest[place..].IndexOfAny(Options.Delimiter, (byte)'\\');
            if (found < 0) return rest.Length;
            place += found;
            if (rest[place] == Options.Delimiter) return place;
            hasEscapes = true;
            place = Math.Min(place + 2, rest.Length);
        }
    }

    private ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> field)
    {
        _value.Clear();
        for (int i = 0; i < field.Length; i++)
        {
            byte b = field[i];
            if (b != '\\' || i + 1 == field.Length)
            {
                _value.WriteByte(b);
                continue;
            }
            b = field[++i];
            switch (b)
            {
                case (byte)'b': _value.WriteByte((byte)'\b'); break;
                case (byte)'f': _value.WriteByte((byte)'\f'); break;
                case (byte)'n': _value.WriteByte((byte)'\n'); break;
                case (byte)'r': _value.WriteByte((byte)'\r'); break;
                case (byte)'t': _value.WriteByte((byte)'\t'); break;
                case (byte)'v': _value.WriteByte((byte)'\v'); break;
                case >= (byte)'0' and <= (byte)'7': i = ReadNumber(field, i, 8, 3); break;
                case (byte)'x' when i + 1 < field.Length && char.IsAsciiHexDigit((char)field[i + 1]): i = ReadNumber(field, i + 1, 16, 2); break;
                default: _value.WriteByte(b); break;
            }
        }
        // Escapes can make bytes that the line itself didn't have.
        return Utf8.IsValid(_value.WrittenSpan) ? _value.WrittenSpan : throw InvalidEncoding(_value.WrittenSpan);
    }

    /// <summary>Writes the byte that up to <paramref name="maxDigits"/> digits stand for; returns the last digit's place.</summary>
    private int ReadNumber(ReadOnlySpan<byte> field, int start, int numberBase, int maxDigits)
    {
        int value = 0, place = start;
        for (; place < field.Length && place < start + maxDigits; place++)
        {
            char c = (char)field[place];
            int digit = char.IsAsciiDigit(c) ? c - '0' : char.IsAsciiHexDigit(c) ? char.ToLowerInvariant(c) - 'a' + 10 : numberBase;
            if (digit >= numberBase) break;
            value = value * numberBase + digit;
        }
        _value.WriteByte((byte)value);
        return place - 1;
    }
}
