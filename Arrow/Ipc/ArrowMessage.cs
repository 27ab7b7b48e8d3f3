using VecSql.Arrow.FlatBuffers;

namespace VecSql.Arrow;

/// <summary>Numbers of the union <c>MessageHeader</c> in Message.fbs.</summary>
public enum ArrowMessageKind : byte { Schema = 1, DictionaryBatch = 2, RecordBatch = 3, Tensor = 4, SparseTensor = 5 }

/// <summary>
/// One message before framing: for streams and files, which put length and padding around it, and for Flight, which carries the two parts
/// in fields of its own.
/// </summary>
/// <param name="Metadata">The FlatBuffer <c>Message</c>, a multiple of 8 bytes.</param>
/// <param name="Body">The buffers in order; each starts at the next multiple of <see cref="Alignment"/> of the body, with zero bytes between.</param>
/// <param name="BodyLengthBytes">With all padding, a multiple of <see cref="Alignment"/>.</param>
public sealed record ArrowMessage(ReadOnlyMemory<byte> Metadata, IReadOnlyList<ReadOnlyMemory<byte>> Body, long BodyLengthBytes)
{
    /// <summary>Of each buffer in a body, and of each body in a file or stream: the width of the widest vector register, and a cache line.</summary>
    public const int Alignment = 64;

    internal static long Padded(long sizeBytes) => checked(sizeBytes + Alignment - 1) & -Alignment;
}

/// <summary>A message's FlatBuffer, opened. Every later access is checked by <see cref="FlatTable"/>.</summary>
internal readonly ref struct ArrowMessageHeader
{
    public ArrowMessageKind Kind { get; private init; }
    /// <summary>The table <c>Schema</c>, <c>RecordBatch</c> or <c>DictionaryBatch</c>.</summary>
    public FlatTable Header { get; private init; }
    public FlatTable Message { get; private init; }
    public long BodyLengthBytes { get; private init; }
    /// <summary>Version 4 of the format, whose unions are laid out otherwise.</summary>
    public bool IsV4 { get; private init; }

    public static ArrowMessageHeader Read(ReadOnlySpan<byte> metadata)
    {
        var message = FlatTable.Root(metadata);
        short version = message.Int16(0);
        CheckVersion(version);
        long bodyLength = message.Int64(3);
        if (bodyLength < 0) throw new ArrowFormatException($"message has a body of {bodyLength} bytes");
        var kind = (ArrowMessageKind)message.Byte(1);
        if (kind is ArrowMessageKind.Tensor or ArrowMessageKind.SparseTensor) throw new ArrowUnsupportedException($"message {kind}");
        if (kind is not (ArrowMessageKind.Schema or ArrowMessageKind.DictionaryBatch or ArrowMessageKind.RecordBatch))
        {
            throw new ArrowFormatException($"message of kind {(byte)kind}");
        }
        return new ArrowMessageHeader
        {
            Kind = kind,
            Header = message.Table(2, "message header"),
            Message = message,
            BodyLengthBytes = bodyLength,
            IsV4 = version == 3,
        };
    }

    public static void CheckVersion(short version)
    {
        if (version is < 0 or > 4) throw new ArrowFormatException($"format version number {version}");
        if (version < 3) throw new ArrowUnsupportedException($"format version V{version + 1}");
    }
}
