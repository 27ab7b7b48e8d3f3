using System.Buffers;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace VecSql.Arrow;

/// <summary>
/// A file mapped read-only. Slices are views of the mapping: page-aligned as a whole, so a buffer at a file offset that is a multiple of 64
/// has an address that is one.
/// </summary>
/// <remarks>
/// Ownership: the opener disposes the file after the last use of any slice, span or address of it. A slice that is asked for its span after
/// that throws <see cref="ObjectDisposedException"/>; <see cref="Memory{T}.Pin"/> and <see cref="Pin"/> keep the mapping alive until released, even across
/// <see cref="Dispose"/>; a span or address taken before is not guarded. The file must not be truncated while mapped (the system then kills
/// the process on access): map only files that are written once.
/// This is the room's one file with unsafe code: addresses stay inside [base, base + length), checked in <see cref="AddressOf"/>.
/// </remarks>
public sealed unsafe class MappedFile : ArrowSource, IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly byte* _base;
    private volatile bool _disposed;

    private MappedFile(string path, SafeFileHandle handle, MemoryMappedFile? file, MemoryMappedViewAccessor? view, long lengthBytes)
    {
        Path = path;
        _handle = handle;
        _file = file;
        _view = view;
        LengthBytes = lengthBytes;
        if (view is null) return;
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _base = start + view.PointerOffset;
    }

    public string Path { get; }
    public override long LengthBytes { get; }

    /// <exception cref="IOException">As <see cref="File.OpenHandle"/>.</exception>
    public static MappedFile Open(string path)
    {
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        MemoryMappedFile? file = null;
        try
        {
            long lengthBytes = RandomAccess.GetLength(handle);
            // An empty file can't be mapped, and has nothing to be seen.
            if (lengthBytes == 0)
            {
                handle.Dispose();
                return new MappedFile(path, handle, null, null, 0);
            }
            file = MemoryMappedFile.CreateFromFile(handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            return new MappedFile(path, handle, file, file.CreateViewAccessor(0, lengthBytes, MemoryMappedFileAccess.Read), lengthBytes);
        }
        catch (Exception)
        {
            file?.Dispose();
            handle.Dispose();
            throw;
        }
    }

    public override ReadOnlyMemory<byte> Slice(long offset, int lengthBytes)
    {
        CheckRange(offset, lengthBytes);
        return lengthBytes == 0 ? default : new View(this, offset, lengthBytes).Memory;
    }

    /// <summary>Copies bytes by reading the file: what is copied so stays out of this process' resident memory.</summary>
    /// <exception cref="IOException">The system can't read it.</exception>
    public void Read(long offset, Span<byte> target)
    {
        CheckRange(offset, target.Length);
        while (target.Length > 0)
        {
            int read = RandomAccess.Read(_handle, target, offset);
            if (read <= 0) throw new IOException($"{Path} ends at {offset}");
            target = target[read..];
            offset += read;
        }
    }

    /// <summary>The address of a range, valid until <see cref="Dispose"/> or as long as a <see cref="Pin"/> is held.</summary>
    public nint AddressOf(long offset, long lengthBytes)
    {
        CheckRange(offset, lengthBytes);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return (nint)(_base + offset);
    }

    /// <summary>Keeps the mapping alive until the result is disposed (once): for readers whose end the file's owner doesn't await.</summary>
    public IDisposable Pin()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new Hold(this);
    }

    /// <summary>The address of memory that is a slice of some mapped file: what an array read from one hands out. False for other memory.</summary>
    /// <param name="owner">The file to <see cref="Pin"/> if its owner might close it meanwhile.</param>
    public static bool TryGetAddress(ReadOnlyMemory<byte> memory, out nint address, out MappedFile? owner)
    {
        if (MemoryMarshal.TryGetMemoryManager<byte, View>(memory, out var view, out int start, out int length))
        {
            owner = view!.Owner;
            address = owner.AddressOf(view.Offset + start, length);
            return true;
        }
        address = 0;
        owner = null;
        return false;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true) || _view is null) return;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file!.Dispose();
    }

    private void CheckRange(long offset, long lengthBytes)
    {
        if (offset < 0 || lengthBytes < 0 || offset > LengthBytes - lengthBytes)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), $"{lengthBytes} bytes at {offset} of {LengthBytes} in {Path}");
        }
    }

    private void Acquire()
    {
        byte* ignored = null;
        _view?.SafeMemoryMappedViewHandle.AcquirePointer(ref ignored);
    }

    private void Release() => _view?.SafeMemoryMappedViewHandle.ReleasePointer();

    private sealed class Hold : IDisposable
    {
        private MappedFile? _file;

        public Hold(MappedFile file)
        {
            file.Acquire();
            _file = file;
        }

        public void Dispose() => Interlocked.Exchange(ref _file, null)?.Release();
    }

    /// <summary>One slice. Only ever handed out as ReadOnlyMemory: the pages are write-protected.</summary>
    private sealed class View(MappedFile owner, long offset, int lengthBytes) : MemoryManager<byte>
    {
        public MappedFile Owner => owner;
        public long Offset => offset;

        // Not the base's, which would ask for the span.
        public override Memory<byte> Memory => CreateMemory(lengthBytes);

        public override Span<byte> GetSpan() => new((void*)owner.AddressOf(offset, lengthBytes), lengthBytes);

        public override MemoryHandle Pin(int elementIndex = 0)
        {
            var at = (byte*)owner.AddressOf(offset + elementIndex, lengthBytes - elementIndex);
            owner.Acquire();
            return new MemoryHandle(at, default, this);
        }

        public override void Unpin() => owner.Release();

        protected override void Dispose(bool disposing) { }
    }
}
