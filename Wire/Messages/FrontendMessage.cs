namespace VecSql.Wire.Messages;

/// <summary>What reading from the client gave.</summary>
internal enum ReadOutcome : byte
{
    Message,

    /// <summary>The client closed its side; a message cut short counts as that too.</summary>
    End,

    /// <summary>Someone woke the idle connection: look at the session and at the server's state.</summary>
    Woken,
}

/// <summary>A message from the client. The payload is borrowed until the next read.</summary>
internal readonly record struct FrontendMessage(ReadOutcome Outcome, byte Type, ReadOnlyMemory<byte> Payload)
{
    public static FrontendMessage Of(ReadOutcome outcome) => new(outcome, 0, default);
}

/// <summary>The type bytes of messages that clients send, and how long each may be.</summary>
internal static class Frontend
{
    public const byte Bind = (byte)'B';
    public const byte Close = (byte)'C';
    public const byte CopyData = (byte)'d';
    public const byte CopyDone = (byte)'c';
    public const byte CopyFail = (byte)'f';
    public const byte Describe = (byte)'D';
    public const byte Execute = (byte)'E';
    public const byte Flush = (byte)'H';
    public const byte FunctionCall = (byte)'F';
    public const byte Parse = (byte)'P';
    public const byte Query = (byte)'Q';
    public const byte SaslResponse = (byte)'p';
    public const byte Sync = (byte)'S';
    public const byte Terminate = (byte)'X';

    /// <summary>The largest length word of a message that may carry data: PostgreSQL's own limit, just under 1 GiB.</summary>
    public const int LargeLimit = 0x3FFF_FFFF;

    /// <summary>The largest length word of all other messages, and of the startup packet.</summary>
    public const int SmallLimit = 10_000;

    /// <summary>The largest length word of a SASL message: no one has a name yet.</summary>
    public const int SaslLimit = 1024;

    /// <summary>The limit of a message's length word after authentication; 0 if there is no such message.</summary>
    public static int LengthLimit(byte type) => type switch
    {
        Query or Parse or Bind or FunctionCall or CopyData => LargeLimit,
        Close or Describe or Execute or Flush or Sync or Terminate or CopyDone or CopyFail => SmallLimit,
        _ => 0,
    };
}
