using VecSql.Arrow;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Storage.Files;
using VecSql.Storage.Indexes;
using VecSql.Storage.Segments;
using VecSql.Storage.Tables;

namespace VecSql.Storage.Databases;

/// <summary>Reading files ahead of their use.</summary>
internal sealed partial class DatabaseStore
{
    public void Prewarm(uint relation, long offset, long lengthBytes, CancellationToken cancellation)
    {
        byte[] buffer = new byte[1 << 20];
        foreach (ObjectReference file in FilesOf(relation))
        {
            long from = Math.Max(0, offset), to = Math.Min(file.SizeBytes, offset + lengthBytes);
            offset -= file.SizeBytes;
            if (to <= from) continue;
            ArrowSource source;
            try
            {
                source = ObjectFiles.Open(Files, file);
            }
            catch (SqlException)
            {
                // Gone since the list was made: a compaction wrote another in its place.
                continue;
            }
            try
            {
                for (; from < to; from += buffer.Length)
                {
                    if (cancellation.IsCancellationRequested) throw new SqlException(SqlState.QueryCanceled, "canceling statement due to user request");
                    int length = (int)Math.Min(buffer.Length, to - from);
                    if (source is MappedFile mapped) mapped.Read(from, buffer.AsSpan(0, length));
                }
            }
            finally
            {
                (source as IDisposable)?.Dispose();
            }
        }
    }

    /// <summary>A table's or an index's files, in the order of its rows.</summary>
    private IEnumerable<ObjectReference> FilesOf(uint relation)
    {
        bool isTable = _tables.TryGetValue(relation, out TableStore? table);
        if (!isTable && !(Catalog.Find<IndexObject>(relation) is { } index && _tables.TryGetValue(index.Table, out table))) yield break;
        foreach (Segment segment in table!.Ranges.OfType<Segment>())
        {
            if (isTable)
            {
                yield return segment.Manifest.Data;
                yield return segment.Manifest.Zones;
                if (segment.Manifest.Deletions is { } deletions) yield return deletions;
            }
            else if (segment.Manifest.Indexes.FirstOrDefault(i => i.Index == relation) is { } file) yield return file.File;
        }
    }
}
