using System.Buffers.Binary;
using VecSql.Core.Checksums;

namespace VecSql.Storage.Log;

/// <summary>What a frame is. Written to disk: numbers only grow.</summary>
internal enum FrameKind : byte
{
    /// <summary>Operations of a transaction that is still open.</summary>
    Operations = 1,

    /// <summary>The transaction keeps only its first n operations (ROLLBACK TO).</summary>
    Undo = 2,

    /// <summary>The transaction's last operations and its commit.</summary>
    Commit = 3,

    /// <summary>A sequence's state, outside of transactions.</summary>
    Sequence = 4,

    /// <summary>A table's statistics, outside of transactions.</summary>
    Statistics = 5,
}

/// <summary>A frame's head; the body follows. See docs/formats/log.md.</summary>
/// <param name="Lsn">Counts frames of the shard, over all epochs.</param>
/// <param name="DurableLsn">The last frame that was known to be on disk when this one was written: a bad frame up to there is damage, one after it a torn write.</param>
internal readonly record struct FrameHeader(FrameKind Kind, int BodyLength, long Lsn, long DurableLsn, long Transaction);

/// <summary>The bytes of log files: a head of 64 bytes, then frames.</summary>
internal static class LogFormat
{
    public const int FileHeaderBytes = 64;
    public const int FrameHeaderBytes = 40;
    public const uint FrameMagic = 0x31464C56; // "VLF1"
    public const ushort Version = 1;
    private static ReadOnlySpan<byte> FileMagic => "VECSQLOG"u8;

    public static byte[] FileHeader(long epoch, long number, long firstLsn)
    {
        var bytes = new byte[FileHeaderBytes];
        FileMagic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), epoch);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), number);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(32), firstLsn);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(60), Crc32C.Compute(bytes.AsSpan(0, 60)));
        return bytes;
    }

    /// <summary>False if it isn't the head of that file.</summary>
    public static bool TryReadFileHeader(ReadOnlySpan<byte> bytes, long epoch, long number, out long firstLsn)
    {
        firstLsn = 0;
        if (bytes.Length < FileHeaderBytes || !bytes[..8].SequenceEqual(FileMagic)) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[60..]) != Crc32C.Compute(bytes[..60])) return false;
        firstLsn = BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]);
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]) == Version && BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]) == epoch
            && BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]) == number;
    }

    /// <summary>Fills the head of a frame whose body stands behind it already.</summary>
    public static void SealFrame(Span<byte> frame, in FrameHeader header)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(frame, FrameMagic);
        BinaryPrimitives.WriteInt32LittleEndian(frame[4..], header.BodyLength);
        frame[12] = (byte)header.Kind;
        frame[13..16].Clear();
        BinaryPrimitives.WriteInt64LittleEndian(frame[16..], header.Lsn);
        BinaryPrimitives.WriteInt64LittleEndian(frame[24..], header.DurableLsn);
        BinaryPrimitives.WriteInt64LittleEndian(frame[32..], header.Transaction);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[8..], Checksum(frame[..(FrameHeaderBytes + header.BodyLength)]));
    }

    /// <summary>Reads a frame's head, and checks it with its body. False if there is no whole and right frame at the start of the bytes.</summary>
    public static bool TryReadFrame(ReadOnlySpan<byte> bytes, out FrameHeader header)
    {
        header = default;
        if (bytes.Length < FrameHeaderBytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != FrameMagic) return false;
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
        if (length < 0 || length > bytes.Length - FrameHeaderBytes) return false;
        bytes = bytes[..(FrameHeaderBytes + length)];
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) != Checksum(bytes)) return false;
        header = new FrameHeader((FrameKind)bytes[12], length, BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]));
        return true;
    }

    // The length is in the checksum, the magic and the checksum itself are not.
    private static uint Checksum(ReadOnlySpan<byte> frame) => Crc32C.Append(Crc32C.Compute(frame[4..8]), frame[12..]);
}
