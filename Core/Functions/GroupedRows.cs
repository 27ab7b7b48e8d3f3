using System.Buffers.Binary;
using VecSql.Core.Columns;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>
/// Rows of one or two columns kept by group in the order of arrival: for aggregates that return all they saw (array_agg, json_agg …).
/// The rows of all groups lie in common columns; a chain of row numbers leads through each group.
/// </summary>
internal sealed class GroupedRows(params PhysicalKind[] kinds)
{
    private readonly ColumnBuilder[] _builders = [.. kinds.Select(k => ColumnBuilder.Create(k))];
    private readonly Column[] _columns = new Column[kinds.Length];
    private int[] _first = [];
    private int[] _last = [];
    private int[] _count = [];
    private int[] _next = new int[64];
    private bool _isBuilt;
    private long _bytes;

    public long MemoryBytes => _bytes + 12L * _first.Length + 4L * _next.Length;

    public void EnsureGroups(int groupCount)
    {
        if (groupCount <= _first.Length) return;
        int old = _first.Length, size = Math.Max(groupCount, old * 2);
        Array.Resize(ref _first, size);
        Array.Resize(ref _last, size);
        Array.Resize(ref _count, size);
        _first.AsSpan(old).Fill(-1);
    }

    public int CountOf(int group) => _count[group];

    public void Add(int group, ReadOnlySpan<Column> columns, int row)
    {
        int added = _builders[0].Count;
        for (int c = 0; c < _builders.Length; c++)
        {
            _builders[c].AppendFrom(columns[c], row);
            _bytes += columns[c] is BytesColumn bytes && !bytes.IsNull(row) ? bytes[row].Length + sizeof(int) : 16;
        }
        if (_next.Length <= added) Array.Resize(ref _next, _next.Length * 2);
        _next[added] = -1;
        if (_first[group] < 0) _first[group] = added;
        else _next[_last[group]] = added;
        _last[group] = added;
        _count[group]++;
        _isBuilt = false;
    }

    /// <summary>The common columns; rows of a group are found by <see cref="FirstOf"/> and <see cref="After"/>. Valid until the next <see cref="Add"/>.</summary>
    public ReadOnlySpan<Column> Columns
    {
        get
        {
            if (!_isBuilt)
                for (int c = 0; c < _builders.Length; c++) _columns[c] = _builders[c].Build();
            _isBuilt = true;
            return _columns;
        }
    }

    /// <summary>The group's first row, or -1.</summary>
    public int FirstOf(int group) => _first[group];

    /// <summary>The row after this one in its group, or -1.</summary>
    public int After(int row) => _next[row];

    public void Merge(GroupedRows other, ReadOnlySpan<int> groups)
    {
        ReadOnlySpan<Column> columns = other.Columns;
        for (int g = 0; g < groups.Length; g++)
            for (int row = other.FirstOf(g); row >= 0; row = other.After(row)) Add(groups[g], columns, row);
    }

    /// <summary>Each column of the group as an array (<see cref="ArrayFormat"/>) with its length before it.</summary>
    public void Save(int group, ByteBuffer output)
    {
        ReadOnlySpan<Column> columns = Columns;
        for (int c = 0; c < columns.Length; c++)
        {
            ArrayBuilder builder = new(0, columns[c].Kind);
            for (int row = FirstOf(group); row >= 0; row = After(row)) builder.Append(columns[c], row);
            int lengthAt = output.Length;
            output.WriteInt32LittleEndian(0);
            ArrayFormat.WriteVector(output, 0, builder.Elements.Build());
            BinaryPrimitives.WriteInt32LittleEndian(output.Written[lengthAt..], output.Length - lengthAt - sizeof(int));
        }
    }

    public void Restore(int group, ReadOnlySpan<byte> saved)
    {
        Column[] columns = new Column[_builders.Length];
        int count = 0;
        for (int c = 0; c < columns.Length; c++)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(saved);
            ArrayView view = new(TypeOid.AnyArray);
            view.Open(saved.Slice(sizeof(int), length).ToArray());
            columns[c] = view.Elements;
            count = view.Count;
            saved = saved[(sizeof(int) + length)..];
        }
        for (int row = 0; row < count; row++) Add(group, columns, row);
    }
}

/// <summary>The state of an aggregate that keeps its rows: what remains is how a group's rows become a result.</summary>
internal abstract class GroupedRowsState(params PhysicalKind[] kinds) : AggregateState
{
    protected GroupedRows Kept { get; } = new(kinds);

    public override long MemoryBytes => Kept.MemoryBytes;
    public override void EnsureGroups(int groupCount) => Kept.EnsureGroups(groupCount);
    public override void Save(int group, ByteBuffer output) => Kept.Save(group, output);
    public override void Restore(int group, ReadOnlySpan<byte> saved, Environment.EvalContext context) => Kept.Restore(group, saved);
    public override void Merge(AggregateState other, ReadOnlySpan<int> groups, Environment.EvalContext context) =>
        Kept.Merge(((GroupedRowsState)other).Kept, groups);

    public override void Update(ReadOnlySpan<Column> arguments, Selection selection, ReadOnlySpan<int> groups, Environment.EvalContext context)
    {
        for (int i = 0; i < selection.Count; i++) Kept.Add(groups[i], arguments, selection[i]);
    }

    public override void Finish(int start, int count, ColumnBuilder result, Environment.EvalContext context)
    {
        for (int group = start; group < start + count; group++)
        {
            if (Kept.CountOf(group) == 0) AppendEmpty(result);
            else Append(group, result, context);
        }
    }

    protected virtual void AppendEmpty(ColumnBuilder result) => result.AppendNull();
    protected abstract void Append(int group, ColumnBuilder result, Environment.EvalContext context);
}
