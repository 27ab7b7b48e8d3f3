namespace VecSql.Arrow;

/// <summary>
/// Bytes of known length that can be seen in place, in slices; longer than 2 GiB if need be. Whoever made the source owns the bytes and keeps
/// them alive and unchanged while slices are in use.
/// </summary>
public abstract class ArrowSource
{
    public abstract long LengthBytes { get; }

    /// <summary>A view of the bytes, no copy.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range does not lie in the source: callers check input first.</exception>
    public abstract ReadOnlyMemory<byte> Slice(long offset, int lengthBytes);

    public static ArrowSource Of(ReadOnlyMemory<byte> bytes) => new InMemory(bytes);

    private sealed class InMemory(ReadOnlyMemory<byte> bytes) : ArrowSource
    {
        public override long LengthBytes => bytes.Length;

        public override ReadOnlyMemory<byte> Slice(long offset, int lengthBytes)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)offset, (ulong)bytes.Length, nameof(offset));
            return bytes.Slice((int)offset, lengthBytes);
        }
    }
}
