using System.Globalization;
using System.Text.Json;
using VecSql.Arrow;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Storage.Catalogs;
using VecSql.Storage.Files;
using VecSql.Storage.Indexes;
using VecSql.Storage.Log;
using VecSql.Storage.Manifests;
using VecSql.Storage.Segments;
using VecSql.Vectors;
using VecSql.Vectors.Graph;

namespace VecSql.Storage.Check;

/// <summary>
/// Verifies a data folder that no server uses (<c>vecsql check</c>): every checksum, every size, the log's frames, and that what a manifest names exists and what exists is
/// named. Changes nothing.
/// </summary>
public sealed class StoreCheck
{
    private readonly IFileSystem _files;
    private readonly List<string> _problems = [];

    private StoreCheck(IFileSystem files) => _files = files;

    /// <summary>Files that were read.</summary>
    public int CheckedFiles { get; private set; }
    public IReadOnlyList<string> Problems => _problems;

    /// <exception cref="SqlException">55006: a server has the folder.</exception>
    public static StoreCheck Run(IFileSystem files)
    {
        using IDisposable folderLock = files.TryLock("LOCK") ?? throw new SqlException(SqlState.ObjectInUse, "the data folder is in use by another process");
        var check = new StoreCheck(files);
        check.Try(() =>
        {
            SharedManifest shared = new ManifestStore<SharedManifest>(files, "global").Load() ?? throw Damage.In("global/man", "there is no manifest");
            check.CheckedFiles++;
            foreach (DatabaseObject database in shared.Objects.OfType<DatabaseObject>()) check.Try(() => check.CheckDatabase(database.Oid));
        });
        return check;
    }

    private void CheckDatabase(uint oid)
    {
        string shard = $"base/{oid}";
        Manifest manifest = new ManifestStore<Manifest>(_files, shard).Load() ?? throw Damage.In($"{shard}/man", "there is no manifest");
        CheckedFiles++;
        foreach (TableManifest table in manifest.Tables)
        {
            long last = long.MinValue;
            foreach (SegmentManifest segment in table.Segments)
            {
                if (segment.FirstRowId < last || segment.EndRowId > table.FlushedRowId) _problems.Add($"segments of table {table.Table} overlap, or exceed row {table.FlushedRowId}");
                last = segment.EndRowId;
                Try(() => CheckSegment(segment));
            }
        }
        CheckLog(shard, manifest);
    }

    private void CheckSegment(SegmentManifest manifest)
    {
        using Segment segment = Segment.Open(_files, manifest);
        Try(segment.EnsureVerified);
        CheckedFiles += manifest.Deletions is null ? 2 : 3;
        Try(segment.ValidateBatches);
        long previous = long.MinValue;
        for (int position = 0; position < segment.RowCount; position++)
        {
            long rowId = segment.RowIdAt(position);
            if (rowId <= previous || rowId < segment.FirstRowId || rowId >= segment.EndRowId)
            {
                _problems.Add($"file \"{manifest.Data.Path}\" is damaged: row number {rowId} after {previous}");
                break;
            }
            previous = rowId;
        }
        foreach (AttachedIndex index in manifest.Indexes) Try(() => CheckIndex(index, segment));
    }

    private void CheckIndex(AttachedIndex index, Segment segment)
    {
        CheckedFiles++;
        ArrowSource source = ObjectFiles.Open(_files, index.File);
        try
        {
            ObjectFiles.Verify(source, index.File);
            if (Path.GetExtension(index.File.Path) is not (".hnsw" or ".ivfflat"))
            {
                using var part = new KeyFilePart(_files, index.File, segment);
                part.Fences();
            }
        }
        finally
        {
            (source as IDisposable)?.Dispose();
        }
    }

    private void CheckLog(string shard, Manifest manifest)
    {
        var first = new LogFileName(manifest.ReplayEpoch, manifest.ReplayFile);
        foreach (string epochName in _files.List($"{shard}/wal"))
        {
            if (!long.TryParse(epochName, NumberStyles.None, CultureInfo.InvariantCulture, out long epoch)) continue;
            foreach (string file in _files.List($"{shard}/wal/{epochName}"))
            {
                if (file.Length < 5 || !long.TryParse(file.AsSpan(0, file.Length - 4), NumberStyles.None, CultureInfo.InvariantCulture, out long number)) continue;
                var name = new LogFileName(epoch, number);
                if (name.CompareTo(first) >= 0 && _files.LengthOf(name.Path(shard)) > LogFormat.FileHeaderBytes) Try(() => CheckLogFile(name, shard));
            }
        }
    }

    private void CheckLogFile(LogFileName name, string shard)
    {
        CheckedFiles++;
        string path = name.Path(shard);
        ArrowSource source = _files.Map(path);
        try
        {
            var scanner = new LogScanner(source, path, name);
            while (scanner.TryRead(out FrameHeader header, out long bodyOffset))
                if (header.Kind == FrameKind.Operations)
                    OperationCodec.ReadAll(source.Slice(bodyOffset, header.BodyLength), []);
        }
        catch (LogFormatException e)
        {
            throw Damage.In(path, e.Message);
        }
        finally
        {
            (source as IDisposable)?.Dispose();
        }
    }

    private void Try(Action check)
    {
        try
        {
            check();
        }
        catch (Exception e) when (e is SqlException or IOException or JsonException or ArrowFormatException or VectorFormatException)
        {
            _problems.Add(e.Message);
        }
    }
}
