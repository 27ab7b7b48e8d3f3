using VecSql.Arrow;
using VecSql.Storage.Files;

namespace VecSql.Tests.Storage;

/// <summary>The process "lost power": from now on nothing reaches the disk.</summary>
internal sealed class PowerLostException() : IOException("power lost");

/// <summary>
/// A disk in memory that forgets what was not synced. Each operation that changes something counts as a step; at the chosen step the power goes. <see cref="AfterPowerLoss"/> is
/// what a new process finds: synced bytes and names, and of the rest a random part (whole or torn writes, in any order).
/// </summary>
internal sealed class FaultFileSystem : IFileSystem
{
    private sealed class Inode
    {
        public byte[] Durable = [];
        public byte[] Current = [];
        public List<(long Offset, byte[] Bytes)> Unsynced = [];
    }

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Inode> _names = [];
    private readonly Dictionary<string, Inode?> _durableNames = [];
    private readonly HashSet<string> _directories = [];

    public int Steps { get; private set; }

    /// <summary>The step at which the power goes.</summary>
    public int FailAtStep { get; set; } = int.MaxValue;

    /// <summary>Bytes that may still be written before the disk is full.</summary>
    public long FreeBytes { get; set; } = long.MaxValue;

    /// <summary>The next sync fails.</summary>
    public bool FailNextSync { get; set; }

    public IEnumerable<string> Files => _names.Keys.Order(StringComparer.Ordinal);

    public FaultFileSystem AfterPowerLoss(int seed)
    {
        var random = new Random(seed);
        var after = new FaultFileSystem();
        lock (_lock)
        {
            foreach (string directory in _directories) after._directories.Add(directory);
            var copies = new Dictionary<Inode, Inode>();
            foreach (string name in _names.Keys.Union(_durableNames.Keys).Order(StringComparer.Ordinal))
            {
                // A name that wasn't synced, given or taken away, may or may not have changed.
                Inode? durable = _durableNames.GetValueOrDefault(name);
                Inode? current = _names.GetValueOrDefault(name);
                Inode? survives = durable == current || random.Next(2) == 0 ? durable : current;
                if (survives is null) continue;
                if (!copies.TryGetValue(survives, out Inode? copy)) copies.Add(survives, copy = Survivor(survives, random));
                after._names[name] = after._durableNames[name] = copy;
            }
        }
        return after;
    }

    /// <summary>Turns a bit over in a file.</summary>
    public void FlipBit(string path, long bit)
    {
        Inode inode = _names[path];
        inode.Current = [.. inode.Current];
        inode.Current[bit / 8] ^= (byte)(1 << (int)(bit % 8));
        inode.Durable = inode.Current;
    }

    public void Cut(string path, long length)
    {
        Inode inode = _names[path];
        inode.Current = inode.Durable = inode.Current[..(int)length];
    }

    public byte[] Read(string path) => _names[path].Current;

    public IWritableFile Create(string path)
    {
        lock (_lock)
        {
            Step();
            if (!_names.TryAdd(path, new Inode())) throw new IOException($"{path} exists");
            return new OpenFile(this, path, _names[path]);
        }
    }

    public IWritableFile OpenForRepair(string path)
    {
        lock (_lock) return new OpenFile(this, path, Find(path));
    }

    public ArrowSource Map(string path)
    {
        lock (_lock) return ArrowSource.Of(Find(path).Current.ToArray());
    }

    public bool Exists(string path)
    {
        lock (_lock) return _names.ContainsKey(path);
    }

    public long LengthOf(string path)
    {
        lock (_lock) return Find(path).Current.Length;
    }

    public IReadOnlyList<string> List(string directory)
    {
        lock (_lock)
        {
            string prefix = directory + "/";
            return [.. _names.Keys.Concat(_directories).Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).Select(n => n[prefix.Length..].Split('/')[0]).Distinct().Order(StringComparer.Ordinal)];
        }
    }

    public void CreateDirectory(string directory)
    {
        lock (_lock)
        {
            for (string d = directory; d.Length > 0; d = d.Contains('/') ? d[..d.LastIndexOf('/')] : "") _directories.Add(d);
        }
    }

    public bool TryLink(string existing, string name)
    {
        lock (_lock)
        {
            Step();
            return _names.TryAdd(name, Find(existing));
        }
    }

    public void Delete(string path)
    {
        lock (_lock)
        {
            if (HasLostPower) return;
            Steps++;
            _names.Remove(path);
        }
    }

    public void DeleteDirectory(string directory)
    {
        lock (_lock)
        {
            Step();
            foreach (string name in _names.Keys.Where(n => n.StartsWith(directory + "/", StringComparison.Ordinal)).ToArray()) _names.Remove(name);
            _directories.RemoveWhere(d => d == directory || d.StartsWith(directory + "/", StringComparison.Ordinal));
        }
    }

    public void SyncDirectory(string directory)
    {
        lock (_lock)
        {
            Step();
            foreach (string name in _names.Keys.Union(_durableNames.Keys).ToArray())
            {
                if (Path.GetDirectoryName(name) != directory) continue;
                if (_names.TryGetValue(name, out Inode? inode)) _durableNames[name] = inode;
                else _durableNames.Remove(name);
            }
        }
    }

    public IDisposable? TryLock(string path) => new MemoryStream();

    private bool HasLostPower => Steps >= FailAtStep;

    private void Step()
    {
        if (HasLostPower) throw new PowerLostException();
        Steps++;
        if (HasLostPower) throw new PowerLostException();
    }

    private Inode Find(string path) => _names.TryGetValue(path, out Inode? inode) ? inode : throw new FileNotFoundException(path);

    private static Inode Survivor(Inode inode, Random random)
    {
        byte[] bytes = [.. inode.Durable];
        foreach ((long offset, byte[] written) in inode.Unsynced)
        {
            // Sectors of 512 bytes reach the disk, or not, in any order.
            for (int at = 0; at < written.Length; at += 512)
            {
                if (random.Next(2) == 0) continue;
                byte[] sector = written[at..Math.Min(written.Length, at + 512)];
                if (bytes.Length < offset + at + sector.Length) Array.Resize(ref bytes, (int)offset + at + sector.Length);
                sector.CopyTo(bytes, offset + at);
            }
        }
        return new Inode { Durable = bytes, Current = bytes };
    }

    private sealed class OpenFile(FaultFileSystem disk, string path, Inode inode) : IWritableFile
    {
        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            lock (disk._lock)
            {
                bool full = bytes.Length > disk.FreeBytes;
                byte[] written = bytes[..(int)Math.Min(bytes.Length, disk.FreeBytes)].ToArray();
                if (disk.HasLostPower) throw new PowerLostException();
                inode.Unsynced.Add((offset, written));
                if (inode.Current.Length < offset + written.Length) Array.Resize(ref inode.Current, (int)offset + written.Length);
                written.CopyTo(inode.Current, offset);
                disk.FreeBytes -= disk.FreeBytes == long.MaxValue ? 0 : written.Length;
                if (full) throw new DiskFullException(path);
                disk.Step();
            }
        }

        public void Sync()
        {
            lock (disk._lock)
            {
                if (disk.FailNextSync)
                {
                    disk.FailNextSync = false;
                    throw new SyncFailedException(path, 5);
                }
                disk.Step();
                inode.Durable = [.. inode.Current];
                inode.Unsynced.Clear();
            }
        }

        public void Truncate(long length)
        {
            lock (disk._lock)
            {
                disk.Step();
                Array.Resize(ref inode.Current, (int)length);
                inode.Unsynced.Clear();
                inode.Durable = inode.Durable[..(int)Math.Min(length, inode.Durable.Length)];
                if (length > inode.Durable.Length) inode.Unsynced.Add((inode.Durable.Length, inode.Current[inode.Durable.Length..]));
            }
        }

        public void Dispose() { }
    }
}
