using System.Runtime.InteropServices;

namespace VecSql.Vectors.Memory;

/// <summary>
/// Raw native allocations, 64-byte aligned; large ones are laid out for, and ask the kernel for, huge pages (random access over gigabytes misses the TLB
/// otherwise).
/// </summary>
internal static unsafe partial class NativeMemoryBlock
{
    public const int CacheLine = 64;
    private const nuint HugePage = 2 << 20;
    private const int AdviseHugePage = 14;

    public static void* Allocate(nuint bytes)
    {
        if (bytes < HugePage) return NativeMemory.AlignedAlloc(bytes, CacheLine);
        void* block = NativeMemory.AlignedAlloc(bytes, HugePage);
        // Advice only: a kernel that refuses it leaves small pages, which is slower and no less right.
        if (OperatingSystem.IsLinux()) _ = Advise(block, bytes, AdviseHugePage);
        return block;
    }

    public static void Free(void* block) => NativeMemory.AlignedFree(block);

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Advise(void* address, nuint length, int advice);
}

/// <summary>A growable native array, owned by whoever made it; its pointer is valid until the next growth or <see cref="Dispose"/>.</summary>
internal sealed unsafe class NativeBuffer<T> : IDisposable
    where T : unmanaged
{
    public T* Pointer { get; private set; }
    public int Length { get; private set; }
    public long Bytes => (long)Length * sizeof(T);

    /// <summary>Grows to at least <paramref name="length"/> elements, keeping the content; new elements are zero.</summary>
    public void EnsureLength(int length)
    {
        if (length <= Length) return;
        int grown = (int)Math.Min(Math.Max(length, Length * 2L), Array.MaxLength);
        T* fresh = (T*)NativeMemoryBlock.Allocate((nuint)grown * (nuint)sizeof(T));
        NativeMemory.Copy(Pointer, fresh, (nuint)Length * (nuint)sizeof(T));
        NativeMemory.Clear(fresh + Length, (nuint)(grown - Length) * (nuint)sizeof(T));
        NativeMemoryBlock.Free(Pointer);
        Pointer = fresh;
        Length = grown;
    }

    public void Dispose()
    {
        NativeMemoryBlock.Free(Pointer);
        Pointer = null;
        Length = 0;
    }
}
