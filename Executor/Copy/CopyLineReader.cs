using System.Buffers;
using System.Text;
using System.Text.Unicode;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Executor.Copy;

/// <summary>What text and CSV share: lines out of pieces, the kind of line end, the header, the end mark.</summary>
internal abstract class CopyLineReader(CopyOptions options, IReadOnlyList<CopyColumn> columns, string table, EvalContext context, int batchSize, Action<ColumnBatch> consume)
    : CopyReader(options, columns, table, context, batchSize, consume)
{
    // A longer line can't be a row: no value is that large.
    private const int MaxLineBytes = 1 << 30;

    private readonly ByteBuffer _pending = new(1 << 16);
    private LineEnd _end;
    private bool _isEnded, _isHeaderDone;

    private enum LineEnd { Unknown, Newline, CarriageReturn, Both }

    /// <summary>How a bare line end in the data is complained of.</summary>
    private protected abstract (string Message, string Hint) BareLineEnd(bool isNewline);

    /// <summary>The place of the first \n or \r that ends a line; −1 if there is none yet. What was scanned isn't scanned again.</summary>
    private protected abstract int FindLineEnd(ReadOnlySpan<byte> bytes);

    private protected abstract void ReadFields(ReadOnlySpan<byte> line);

    private protected abstract List<string> SplitHeader(ReadOnlySpan<byte> line);

    /// <summary>Where <see cref="FindLineEnd"/> goes on.</summary>
    private protected int Scanned { get; set; }

    public override void Feed(ReadOnlySpan<byte> bytes)
    {
        if (_isEnded) return;
        if (_pending.Length == 0)
        {
            int used = TakeLines(bytes, isLast: false);
            if (!_isEnded) _pending.Write(bytes[used..]);
            return;
        }
        _pending.Write(bytes);
        int taken = TakeLines(_pending.WrittenSpan, isLast: false);
        int left = _pending.Length - taken;
        if (left > MaxLineBytes) throw BadFormat("a line of COPY data is too long");
        _pending.WrittenSpan[taken..].CopyTo(_pending.Written);
        _pending.Truncate(left);
    }

    private protected override void FinishData()
    {
        if (_isEnded) return;
        int used = TakeLines(_pending.WrittenSpan, isLast: true);
        if (!_isEnded && used < _pending.Length) TakeLine(_pending.WrittenSpan[used..]);
        _pending.Clear();
    }

    private int TakeLines(ReadOnlySpan<byte> bytes, bool isLast)
    {
        int used = 0;
        while (!_isEnded && used < bytes.Length)
        {
            ReadOnlySpan<byte> rest = bytes[used..];
            int place = FindLineEnd(rest);
            if (place < 0) break;
            bool isReturn = rest[place] == '\r';
            if (isReturn && place + 1 == rest.Length && !isLast)
            {
                // What follows decides which kind of end it is.
                Scanned = place;
                break;
            }
            bool isBoth = isReturn && place + 1 < rest.Length && rest[place + 1] == '\n';
            CheckEnd(isBoth ? LineEnd.Both : isReturn ? LineEnd.CarriageReturn : LineEnd.Newline);
            Scanned = 0;
            TakeLine(rest[..place]);
            used += place + (isBoth ? 2 : 1);
        }
        return used;
    }

    /// <summary>The kind of line end is that of the first line; the others must not stand bare in the data.</summary>
    private void CheckEnd(LineEnd end)
    {
        if (_end == LineEnd.Unknown) _end = end;
        if (_end == end) return;
        Line++;
        (string message, string hint) = BareLineEnd(end == LineEnd.Newline);
        throw BadFormat(message, hint);
    }

    private void TakeLine(ReadOnlySpan<byte> line)
    {
        Line++;
        if (!Utf8.IsValid(line)) throw InvalidEncoding(line);
        if (!_isHeaderDone)
        {
            _isHeaderDone = true;
            if (Options.Header == CopyHeader.Match) MatchHeader(line);
            if (Options.Header != CopyHeader.None) return;
        }
        if (line.SequenceEqual("\\."u8)) _isEnded = true;
        else ReadFields(line);
    }

    private void MatchHeader(ReadOnlySpan<byte> line)
    {
        List<string> names = SplitHeader(line);
        if (names.Count != Columns.Count) throw BadFormat($"wrong number of fields in header line: got {names.Count}, expected {Columns.Count}", line);
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i] != Columns[i].Name)
                throw BadFormat($"column name mismatch in header line field {i + 1}: got \"{names[i]}\", expected \"{Columns[i].Name}\"", line);
        }
    }

    private protected SqlException InvalidEncoding(ReadOnlySpan<byte> bytes)
    {
        while (Rune.DecodeFromUtf8(bytes, out _, out int length) == OperationStatus.Done) bytes = bytes[length..];
        int shown = Math.Min(bytes.Length, bytes[0] >= 0xF0 ? 4 : bytes[0] >= 0xE0 ? 3 : bytes[0] >= 0xC0 ? 2 : 1);
        string text = string.Join(' ', bytes[..shown].ToArray().Select(b => $"0x{b:x2}"));
        return new SqlException(SqlState.CharacterNotInRepertoire, $"invalid byte sequence for encoding \"UTF8\": {text}").In(AtLine());
    }
}
