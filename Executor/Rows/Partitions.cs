using VecSql.Core.Columns;
using VecSql.Core.Types;
using VecSql.Executor.Expressions;

namespace VecSql.Executor.Rows;

/// <summary>Hashes of key columns, the same for equal keys of either side of a join.</summary>
internal sealed class KeyHasher(ExecutionState state, IReadOnlyList<SqlType> types)
{
    private readonly KeyColumn[] _columns = [.. types.Select(t => KeyColumn.Create(t, state))];
    private ulong[] _hashes = [];

    /// <summary>One hash for each selected row. Valid until the next call.</summary>
    public ReadOnlySpan<ulong> Hash(ReadOnlySpan<Column> keys, Selection rows)
    {
        if (_hashes.Length < rows.Count) _hashes = new ulong[Math.Max(rows.Count, 64)];
        Span<ulong> hashes = _hashes.AsSpan(0, rows.Count);
        hashes.Clear();
        for (int i = 0; i < _columns.Length; i++) _columns[i].Hash(keys[i], rows, hashes, i == 0);
        return hashes;
    }
}

/// <summary>Rows on disk, parted by hash so that each part fits into memory. Which bits of the hash decide depends on the depth, for parts that are parted again.</summary>
internal sealed class Partitions : IDisposable
{
    public const int Fanout = 16;
    private const int FanoutBits = 4;
    public const int MaxDepth = 8;

    private readonly SpillFile[] _files = new SpillFile[Fanout];
    private readonly SelectionBuffer[] _selections = new SelectionBuffer[Fanout];
    private readonly int[] _counts = new int[Fanout];
    private readonly int _shift;

    public Partitions(ExecutionState state, PhysicalKind[] kinds, int depth)
    {
        _shift = 64 - FanoutBits * (depth + 1);
        for (int i = 0; i < Fanout; i++)
        {
            _files[i] = new SpillFile(state, kinds);
            _files[i].BeginRun();
            _selections[i] = new SelectionBuffer();
        }
    }

    public long RowsIn(int part) => _files[part].RowsIn(0);
    public long BytesIn(int part) => _files[part].SizeBytes;

    public void Write(ReadOnlySpan<Column> columns, Selection rows, ReadOnlySpan<ulong> hashes)
    {
        Array.Clear(_counts);
        for (int i = 0; i < rows.Count; i++)
        {
            int part = (int)(hashes[i] >> _shift) & (Fanout - 1);
            _selections[part].Take(rows.Count)[_counts[part]++] = rows[i];
        }
        for (int part = 0; part < Fanout; part++)
            if (_counts[part] > 0) _files[part].Write(columns, Selection.Of(_selections[part].Take(rows.Count), _counts[part]));
    }

    public SpillFile.RunReader Read(int part) => _files[part].Read(0);

    public void Dispose()
    {
        foreach (SpillFile file in _files) file.Dispose();
    }
}
