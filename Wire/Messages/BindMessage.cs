using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Wire.Messages;

/// <summary>Bind: portal, statement, the parameters' formats and values, the result's formats. One for each connection: what it holds is borrowed until the next <see cref="Read"/>.</summary>
internal sealed class BindMessage
{
    /// <summary>Longer lists aren't kept: they are rare, and thousands of connections would keep them.</summary>
    private const int MostKept = 64;

    private short[] _formats = [];
    private ReadOnlyMemory<byte>?[] _values = [];
    private short[] _resultFormats = [];
    private int _formatCount, _valueCount, _resultFormatCount;

    public string Portal { get; private set; } = "";
    public string Statement { get; private set; } = "";
    public BoundValues Values => new(_formats.AsMemory(0, _formatCount), _values.AsMemory(0, _valueCount));
    public ReadOnlyMemory<short> ResultFormats => _resultFormats.AsMemory(0, _resultFormatCount);

    /// <summary>Reads the message. Values are borrowed from the payload; those in text are checked to be UTF-8 without zero bytes.</summary>
    public void Read(ReadOnlyMemory<byte> payload)
    {
        MessageReader fields = new(payload);
        Portal = fields.ReadText(Portal);
        Statement = fields.ReadText(Statement);
        _formatCount = fields.ReadInt16List(ref _formats);
        _valueCount = fields.ReadCount();
        if (_formatCount > 1 && _formatCount != _valueCount)
            throw MessageReader.Violation($"bind message has {_formatCount} parameter formats but {_valueCount} parameters");
        CheckFormats(_formats.AsSpan(0, _formatCount));
        ReadValues(ref fields);
        _resultFormatCount = fields.ReadInt16List(ref _resultFormats);
        fields.End();
        CheckFormats(_resultFormats.AsSpan(0, _resultFormatCount));
    }

    /// <summary>Lets go of the payload, and of what is too long to be kept by a connection that waits.</summary>
    public void Forget()
    {
        if (_values.Length > MostKept) _values = [];
        else Array.Clear(_values);
        if (_formats.Length > MostKept) _formats = [];
        if (_resultFormats.Length > MostKept) _resultFormats = [];
        _formatCount = _valueCount = _resultFormatCount = 0;
    }

    private void ReadValues(ref MessageReader fields)
    {
        // Each value has at least its length word: no array for values that can't be there.
        if (_valueCount > fields.Remaining / sizeof(int)) throw MessageReader.Violation("insufficient data left in message");
        if (_values.Length < _valueCount) _values = new ReadOnlyMemory<byte>?[_valueCount];
        for (int i = 0; i < _valueCount; i++)
        {
            int length = fields.ReadInt32();
            _values[i] = null;
            if (length == -1) continue;
            try
            {
                ReadOnlyMemory<byte> value = fields.ReadBytes(length);
                short format = _formatCount switch { 0 => 0, 1 => _formats[0], _ => _formats[i] };
                if (format == 0) Utf8Text.Verify(value.Span);
                _values[i] = value;
            }
            catch (SqlException error)
            {
                throw error.In($"{(Portal.Length == 0 ? "unnamed portal" : $"portal \"{Portal}\"")} parameter ${i + 1}");
            }
        }
    }

    private static void CheckFormats(ReadOnlySpan<short> formats)
    {
        foreach (short format in formats)
        {
            if (format is not (0 or 1)) throw new SqlException(SqlState.InvalidParameterValue, $"unsupported format code: {format}");
        }
    }
}
