using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VecSql.Arrow;

/// <summary>Typed memory as the bytes of a buffer, without a copy: how an engine's columns become <see cref="ArrowArray"/>s.</summary>
public static class ArrowBytes
{
    /// <param name="values">At most 2 GiB; kept alive and unchanged by its owner while the result is in use.</param>
    public static ReadOnlyMemory<byte> Of<T>(ReadOnlyMemory<T> values) where T : unmanaged => typeof(T) == typeof(byte)
        ? (ReadOnlyMemory<byte>)(object)values
        : values.IsEmpty ? default : new Cast<T>(values).Memory;

    /// <summary>As <see cref="Of{T}(ReadOnlyMemory{T})"/>, of a whole array.</summary>
    public static ReadOnlyMemory<byte> Of<T>(T[] values) where T : unmanaged => Of(new ReadOnlyMemory<T>(values));

    /// <summary>Only ever handed out as ReadOnlyMemory.</summary>
    private sealed class Cast<T>(ReadOnlyMemory<T> values) : MemoryManager<byte> where T : unmanaged
    {
        public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(MemoryMarshal.AsMemory(values).Span);

        public override MemoryHandle Pin(int elementIndex = 0)
        {
            int size = Unsafe.SizeOf<T>();
            if (elementIndex % size != 0) throw new NotSupportedException("bytes of typed memory are pinned at a value's start");
            return values[(elementIndex / size)..].Pin();
        }

        public override void Unpin() { }

        protected override void Dispose(bool disposing) { }
    }
}
