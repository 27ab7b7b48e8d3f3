using System.Buffers.Binary;
using System.Text;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Wire.Messages;

/// <summary>Writes each message that the server sends, whole, into a buffer.</summary>
internal static class BackendMessages
{
    /// <summary>The largest length word of a message: clients allocate as much at once.</summary>
    public const int LengthLimit = 0x3FFF_FFFF;

    public static void AuthenticationOk(ByteBuffer output) => Authentication(output, 0, default);

    /// <summary>Which SASL mechanisms the client may choose from, the preferred first.</summary>
    public static void AuthenticationSasl(ByteBuffer output, bool hasChannelBinding)
    {
        int start = Begin(output, (byte)'R');
        output.WriteInt32BigEndian(10);
        if (hasChannelBinding) output.Write("SCRAM-SHA-256-PLUS\0"u8);
        output.Write("SCRAM-SHA-256\0\0"u8);
        End(output, start);
    }

    public static void AuthenticationSaslContinue(ByteBuffer output, ReadOnlySpan<byte> data) => Authentication(output, 11, data);
    public static void AuthenticationSaslFinal(ByteBuffer output, ReadOnlySpan<byte> data) => Authentication(output, 12, data);

    private static void Authentication(ByteBuffer output, int kind, ReadOnlySpan<byte> data)
    {
        int start = Begin(output, (byte)'R');
        output.WriteInt32BigEndian(kind);
        output.Write(data);
        End(output, start);
    }

    public static void NegotiateProtocolVersion(ByteBuffer output, int newestVersion, IReadOnlyList<string> unknownOptions)
    {
        int start = Begin(output, (byte)'v');
        output.WriteInt32BigEndian(newestVersion);
        output.WriteInt32BigEndian(unknownOptions.Count);
        foreach (string option in unknownOptions) Text(output, option);
        End(output, start);
    }

    public static void ParameterStatus(ByteBuffer output, string name, string value)
    {
        int start = Begin(output, (byte)'S');
        Text(output, name);
        Text(output, value);
        End(output, start);
    }

    public static void BackendKeyData(ByteBuffer output, int processId, ReadOnlySpan<byte> secret)
    {
        int start = Begin(output, (byte)'K');
        output.WriteInt32BigEndian(processId);
        output.Write(secret);
        End(output, start);
    }

    public static void ReadyForQuery(ByteBuffer output, char transactionStatus) => output.Write([(byte)'Z', 0, 0, 0, 5, (byte)transactionStatus]);
    public static void ParseComplete(ByteBuffer output) => output.Write([(byte)'1', 0, 0, 0, 4]);
    public static void BindComplete(ByteBuffer output) => output.Write([(byte)'2', 0, 0, 0, 4]);
    public static void CloseComplete(ByteBuffer output) => output.Write([(byte)'3', 0, 0, 0, 4]);
    public static void NoData(ByteBuffer output) => output.Write([(byte)'n', 0, 0, 0, 4]);
    public static void PortalSuspended(ByteBuffer output) => output.Write([(byte)'s', 0, 0, 0, 4]);
    public static void EmptyQueryResponse(ByteBuffer output) => output.Write([(byte)'I', 0, 0, 0, 4]);
    public static void CopyDone(ByteBuffer output) => output.Write([(byte)'c', 0, 0, 0, 4]);

    public static void CommandComplete(ByteBuffer output, string tag)
    {
        int start = Begin(output, (byte)'C');
        Text(output, tag);
        End(output, start);
    }

    public static void ParameterDescription(ByteBuffer output, IReadOnlyList<uint> types)
    {
        Invariant.Check(types.Count <= ushort.MaxValue);
        int start = Begin(output, (byte)'t');
        BinaryPrimitives.WriteUInt16BigEndian(output.Take(2), (ushort)types.Count);
        for (int i = 0; i < types.Count; i++) output.WriteUInt32BigEndian(types[i]);
        End(output, start);
    }

    /// <param name="formats">One for each column; null: not known yet, shown as text.</param>
    public static void RowDescription(ByteBuffer output, IReadOnlyList<ResultColumn> columns, IReadOnlyList<short>? formats)
    {
        Invariant.Check((formats is null || formats.Count == columns.Count) && columns.Count <= short.MaxValue);
        int start = Begin(output, (byte)'T');
        output.WriteInt16BigEndian((short)columns.Count);
        for (int i = 0; i < columns.Count; i++)
        {
            ResultColumn column = columns[i];
            Text(output, column.Name);
            output.WriteUInt32BigEndian(column.TableOid);
            output.WriteInt16BigEndian(column.ColumnNumber);
            output.WriteUInt32BigEndian(column.Type.Oid);
            output.WriteInt16BigEndian(column.TypeLength);
            output.WriteInt32BigEndian(column.Type.Modifier);
            output.WriteInt16BigEndian(formats?[i] ?? 0);
        }
        End(output, start);
    }

    public static void NotificationResponse(ByteBuffer output, Notification notification)
    {
        int start = Begin(output, (byte)'A');
        output.WriteInt32BigEndian(notification.ProcessId);
        Text(output, notification.Channel);
        Text(output, notification.Payload);
        End(output, start);
    }

    /// <summary>CopyInResponse or CopyOutResponse: every column has the format of the whole.</summary>
    public static void CopyResponse(ByteBuffer output, bool isIn, bool isBinary, int columnCount)
    {
        Invariant.Check(columnCount is >= 0 and <= short.MaxValue);
        int start = Begin(output, isIn ? (byte)'G' : (byte)'H');
        output.WriteByte(isBinary ? (byte)1 : (byte)0);
        output.WriteInt16BigEndian((short)columnCount);
        for (int i = 0; i < columnCount; i++) output.WriteInt16BigEndian(isBinary ? (short)1 : (short)0);
        End(output, start);
    }

    public static void CopyData(ByteBuffer output, ReadOnlySpan<byte> data)
    {
        if (data.Length > LengthLimit - sizeof(int)) throw TooLong(0, data.Length);
        Span<byte> message = output.Take(1 + sizeof(int) + data.Length);
        message[0] = (byte)'d';
        BinaryPrimitives.WriteInt32BigEndian(message[1..], data.Length + sizeof(int));
        data.CopyTo(message[(1 + sizeof(int))..]);
    }

    /// <summary>ErrorResponse.</summary>
    /// <param name="text">The statement that the error's position counts in; without it no position is sent.</param>
    /// <param name="isFatal">The connection is closed after this, whatever the error says itself.</param>
    public static void ErrorResponse(ByteBuffer output, SqlException error, string? text, bool isFatal = false)
    {
        int start = Begin(output, (byte)'E');
        string severity = isFatal || error.IsFatal ? "FATAL" : "ERROR";
        Field(output, 'S', severity);
        Field(output, 'V', severity);
        Field(output, 'C', error.SqlState);
        Field(output, 'M', error.Message);
        Field(output, 'D', error.Detail);
        Field(output, 'H', error.Hint);
        Field(output, 'P', CharacterPosition(text, error.Position));
        Field(output, 'W', error.Where);
        Field(output, 's', error.SchemaName);
        Field(output, 't', error.TableName);
        Field(output, 'c', error.ColumnName);
        Field(output, 'd', error.DataTypeName);
        Field(output, 'n', error.ConstraintName);
        Field(output, 'R', error.Routine);
        output.WriteByte(0);
        End(output, start);
    }

    public static void NoticeResponse(ByteBuffer output, Notice notice, string? text)
    {
        int start = Begin(output, (byte)'N');
        Field(output, 'S', notice.Severity);
        Field(output, 'V', notice.Severity);
        Field(output, 'C', notice.SqlState);
        Field(output, 'M', notice.Message);
        Field(output, 'D', notice.Detail);
        Field(output, 'H', notice.Hint);
        Field(output, 'P', CharacterPosition(text, notice.Position));
        output.WriteByte(0);
        End(output, start);
    }

    /// <summary>An offset in UTF-16 units from 0 as a count of characters from 1.</summary>
    internal static string? CharacterPosition(string? text, int offset)
    {
        if (text is null || offset < 0 || offset > text.Length) return null;
        int characters = offset;
        for (int i = 1; i < offset; i++)
        {
            if (char.IsLowSurrogate(text[i]) && char.IsHighSurrogate(text[i - 1])) characters--;
        }
        return (characters + 1).ToString();
    }

    private static void Field(ByteBuffer output, char name, string? value)
    {
        if (value is null) return;
        output.WriteByte((byte)name);
        Text(output, value);
    }

    /// <summary>Text and its zero byte. A zero inside would end the field early and let what follows pass for another: the text is cut there.</summary>
    private static void Text(ByteBuffer output, string text)
    {
        int zero = text.IndexOf('\0');
        output.WriteText(zero < 0 ? text : text.AsSpan(0, zero));
        output.WriteByte(0);
    }

    /// <summary>Begins a message; <see cref="End"/> fills in its length.</summary>
    internal static int Begin(ByteBuffer output, byte type)
    {
        int start = output.Length;
        output.WriteByte(type);
        output.Take(sizeof(int));
        return start;
    }

    internal static void End(ByteBuffer output, int start)
    {
        int length = output.Length - start - 1;
        if (length > LengthLimit)
        {
            output.Truncate(start);
            throw TooLong(0, length);
        }
        BinaryPrimitives.WriteInt32BigEndian(output.Written[(start + 1)..], length);
    }

    /// <summary>A message would be longer than the protocol allows.</summary>
    internal static SqlException TooLong(long written, long more) => new(SqlState.ProgramLimitExceeded, "out of memory",
        detail: $"Cannot enlarge string buffer containing {written} bytes by {more} more bytes.");
}
