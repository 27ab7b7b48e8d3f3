using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using VecSql.Arrow;
using VecSql.Core.Checksums;
using VecSql.Core.Errors;
using VecSql.Storage.Catalogs;
using VecSql.Storage.Files;

namespace VecSql.Storage.Manifests;

/// <summary>
/// Epoch claims and manifests of one shard (protocol P1–P4, local form P6): <c>epoch/&lt;e20&gt;</c>, <c>man/&lt;e20&gt;/&lt;k20&gt;</c>, each put only if absent. The current manifest is
/// that of the greatest (epoch, number). The folder's lock, held for life, stands for the seal.
/// </summary>
internal sealed class ManifestStore<T>(IFileSystem files, string shard) where T : class
{
    private const int KeptManifests = 3;
    private const int HeaderBytes = 24;
    private static ReadOnlySpan<byte> Magic => "VECSQLMF"u8;

    private long _nextNumber;

    public long Epoch { get; private set; }

    /// <summary>Claims the next epoch: invariant I1, one owner for each.</summary>
    public void ClaimEpoch()
    {
        files.CreateDirectory($"{shard}/epoch");
        IReadOnlyList<string> claims = files.List($"{shard}/epoch");
        long last = 0;
        foreach (string name in claims)
            if (TryParse(name, out long epoch))
                last = Math.Max(last, epoch);
        Epoch = last + 1;
        Invariant.Check(ObjectFiles.TryPut(files, $"{shard}/epoch/{Epoch:D20}", "claimed\n"u8));
        files.CreateDirectory($"{shard}/man/{Epoch:D20}");
    }

    /// <summary>The current manifest; null if there is none.</summary>
    /// <exception cref="SqlException">XX001.</exception>
    public T? Load()
    {
        List<(long Epoch, long Number)> all = ListAll();
        if (all.Count == 0) return null;
        (long epoch, long number) = all[^1];
        return Read(PathOf(epoch, number));
    }

    /// <summary>Makes a manifest the current one; durable when it returns.</summary>
    public void Put(T manifest)
    {
        byte[] json = CatalogJson.WriteDocument(manifest);
        var bytes = new byte[HeaderBytes + json.Length];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), 1);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(12), json.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(20), Crc32C.Compute(json));
        json.CopyTo(bytes.AsSpan(HeaderBytes));
        Invariant.Check(ObjectFiles.TryPut(files, PathOf(Epoch, _nextNumber), bytes));
        _nextNumber++;
        DeleteOld();
    }

    private T Read(string path)
    {
        ArrowSource source = files.Map(path);
        try
        {
            return Parse(path, source.LengthBytes > int.MaxValue ? default : source.Slice(0, (int)source.LengthBytes).Span);
        }
        finally
        {
            (source as IDisposable)?.Dispose();
        }
    }

    private static T Parse(string path, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes || !bytes[..8].SequenceEqual(Magic)) throw Damage.In(path, "it is no manifest");
        if (BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]) != 1) throw Damage.In(path, "it has an unknown version");
        if (BinaryPrimitives.ReadInt64LittleEndian(bytes[12..]) != bytes.Length - HeaderBytes) throw Damage.In(path, "it has another length than it states");
        ReadOnlySpan<byte> json = bytes[HeaderBytes..];
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]) != Crc32C.Compute(json)) throw Damage.In(path, "its checksum is wrong");
        try
        {
            return CatalogJson.ReadAs<T>(json);
        }
        catch (JsonException e)
        {
            throw Damage.In(path, e.Message);
        }
    }

    // A few older ones stay for whoever has to find out what happened.
    private void DeleteOld()
    {
        List<(long Epoch, long Number)> all = ListAll();
        for (int i = 0; i < all.Count - KeptManifests; i++) files.Delete(PathOf(all[i].Epoch, all[i].Number));
    }

    private List<(long Epoch, long Number)> ListAll()
    {
        var all = new List<(long, long)>();
        foreach (string epochName in files.List($"{shard}/man"))
        {
            if (!TryParse(epochName, out long epoch)) continue;
            foreach (string name in files.List($"{shard}/man/{epochName}"))
                if (TryParse(name, out long number))
                    all.Add((epoch, number));
        }
        all.Sort();
        return all;
    }

    private string PathOf(long epoch, long number) => $"{shard}/man/{epoch:D20}/{number:D20}";

    private static bool TryParse(string name, out long number)
    {
        number = 0;
        return name.Length == 20 && long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
