using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Wire.Messages;

/// <summary>Bind: portal, statement, the parameters' formats and values, the result's formats.</summary>
internal static class BindMessage
{
    /// <summary>Reads the message. Values are borrowed from the payload; those in text are checked to be UTF-8 without zero bytes.</summary>
    public static (string Portal, string Statement, BoundValues Values, short[] ResultFormats) Read(ReadOnlyMemory<byte> payload)
    {
        MessageReader fields = new(payload);
        string portal = fields.ReadText();
        string statement = fields.ReadText();
        short[] formats = fields.ReadInt16List();
        int count = fields.ReadCount();
        if (formats.Length > 1 && formats.Length != count)
            throw MessageReader.Violation($"bind message has {formats.Length} parameter formats but {count} parameters");
        foreach (short format in formats) CheckFormat(format);
        ReadOnlyMemory<byte>?[] values = ReadValues(ref fields, count, formats, portal);
        short[] resultFormats = fields.ReadInt16List();
        fields.End();
        foreach (short format in resultFormats) CheckFormat(format);
        return (portal, statement, new BoundValues(formats, values), resultFormats);
    }

    private static ReadOnlyMemory<byte>?[] ReadValues(ref MessageReader fields, int count, short[] formats, string portal)
    {
        // Each value has at least its length word: no array for values that can't be there.
        if (count > fields.Remaining / sizeof(int)) throw MessageReader.Violation("insufficient data left in message");
        ReadOnlyMemory<byte>?[] values = count == 0 ? [] : new ReadOnlyMemory<byte>?[count];
        for (int i = 0; i < count; i++)
        {
            int length = fields.ReadInt32();
            if (length == -1) continue;
            try
            {
                ReadOnlyMemory<byte> value = fields.ReadBytes(length);
                short format = formats.Length switch { 0 => 0, 1 => formats[0], _ => formats[i] };
                if (format == 0) Utf8Text.Verify(value.Span);
                values[i] = value;
            }
            catch (SqlException error)
            {
                throw error.In($"{(portal.Length == 0 ? "unnamed portal" : $"portal \"{portal}\"")} parameter ${i + 1}");
            }
        }
        return values;
    }

    private static void CheckFormat(short format)
    {
        if (format is not (0 or 1)) throw new SqlException(SqlState.InvalidParameterValue, $"unsupported format code: {format}");
    }
}
