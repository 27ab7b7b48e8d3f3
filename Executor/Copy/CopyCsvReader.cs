using System.Text;
using VecSql.Core.Columns;
using VecSql.Core.Environment;

namespace VecSql.Executor.Copy;

/// <summary>COPY's CSV format: quoted fields may hold delimiters, line ends and (doubled or escaped) quotes.</summary>
internal sealed class CopyCsvReader(CopyOptions options, IReadOnlyList<CopyColumn> columns, string table, EvalContext context, int batchSize, Action<ColumnBatch> consume)
    : CopyLineReader(options, columns, table, context, batchSize, consume)
{
    private readonly ByteBuffer _value = new(256);
    private bool _isQuoted;

    private protected override (string Message, string Hint) BareLineEnd(bool isNewline) => isNewline
        ? ("unquoted newline found in data", "Use quoted CSV field to represent newline.")
        : ("unquoted carriage return found in data", "Use quoted CSV field to represent carriage return.");

    private protected override int FindLineEnd(ReadOnlySpan<byte> bytes)
    {
        int place = Scanned;
        while (place < bytes.Length)
        {
            int found = _isQuoted ? bytes[place..].IndexOfAny(Options.Quote, Options.Escape) : bytes[place..].IndexOfAny((byte)'\n', (byte)'\r', Options.Quote);
            if (found < 0)
            {
                place = bytes.Length;
                break;
            }
            place += found;
            byte b = bytes[place];
            if (_isQuoted && b == Options.Escape && Options.Escape != Options.Quote)
            {
                if (place + 1 == bytes.Length) break;
                place += bytes[place + 1] == Options.Quote || bytes[place + 1] == Options.Escape ? 2 : 1;
            }
            else if (b == Options.Quote)
            {
                // A doubled quote closes and opens again: for finding the line's end that is the same.
                _isQuoted = !_isQuoted;
                place++;
            }
            else return place;
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
            ReadOnlySpan<byte> value = ReadField(ref rest, line, out bool isQuoted, out hasMore);
            bool isNull = value.SequenceEqual(Options.NullText) && (isQuoted ? IsSet(Options.ForceNull, column) : !IsSet(Options.ForceNotNull, column));
            if (isNull) AppendNull(column);
            else AppendText(column, value);
            column++;
        }
        if (column < count) throw BadFormat($"missing data for column \"{Columns[column].Name}\"", line);
        EndRow();
        // Lines of the file are counted, as PostgreSQL does.
        Line += line.Count((byte)'\n');
    }

    private static bool IsSet(bool[] flags, int column) => column < flags.Length && flags[column];

    private protected override List<string> SplitHeader(ReadOnlySpan<byte> line)
    {
        List<string> names = [];
        ReadOnlySpan<byte> rest = line;
        bool hasMore = true;
        while (hasMore) names.Add(Encoding.UTF8.GetString(ReadField(ref rest, line, out _, out hasMore)));
        return names;
    }

    /// <summary>The next field's value; <paramref name="rest"/> moves behind its delimiter.</summary>
    private ReadOnlySpan<byte> ReadField(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> line, out bool isQuoted, out bool hasMore)
    {
        int plain = rest.IndexOfAny(Options.Delimiter, Options.Quote);
        if (plain < 0 || rest[plain] == Options.Delimiter)
        {
            isQuoted = false;
            ReadOnlySpan<byte> field = plain < 0 ? rest : rest[..plain];
            hasMore = plain >= 0;
            rest = hasMore ? rest[(plain + 1)..] : default;
            return field;
        }
        isQuoted = true;
        _value.Clear();
        bool inQuotes = false;
        int place = 0;
        for (; place < rest.Length; place++)
        {
            byte b = rest[place];
            if (!inQuotes)
            {
                if (b == Options.Delimiter) break;
                if (b == Options.Quote) inQuotes = true;
                else _value.WriteByte(b);
            }
            else if (b == Options.Escape && place + 1 < rest.Length && (rest[place + 1] == Options.Quote || rest[place + 1] == Options.Escape)) _value.WriteByte(rest[++place]);
            else if (b == Options.Quote) inQuotes = false;
            else _value.WriteByte(b);
        }
        if (inQuotes) throw BadFormat("unterminated CSV quoted field", line);
        hasMore = place < rest.Length;
        rest = hasMore ? rest[(place + 1)..] : default;
        return _value.WrittenSpan;
    }
}
