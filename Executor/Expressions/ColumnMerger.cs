using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Executor.Expressions;

/// <summary>
/// Makes a column whose rows come from several columns of one kind (the branches of a CASE): say for each row which, then <see cref="Build"/>. The columns must stay valid until then.
/// </summary>
internal sealed class ColumnMerger(PhysicalKind kind)
{
    private const int Null = -1;

    private readonly ColumnBuilder _result = ColumnBuilder.Create(kind, 16);
    private readonly List<Column> _sources = [];
    private int[] _sourceOf = [];

    /// <summary>Starts anew: every row is null.</summary>
    public void Begin(int rowCount)
    {
        if (_sourceOf.Length < rowCount) _sourceOf = new int[Math.Max(rowCount, 64)];
        _sourceOf.AsSpan(0, rowCount).Fill(Null);
        _sources.Clear();
    }

    /// <summary>Adds a column to take rows from; returns its number.</summary>
    public int Add(Column source)
    {
        _sources.Add(source);
        return _sources.Count - 1;
    }

    public Column this[int source] => _sources[source];

    /// <summary>Which column the row comes from now; negative for null.</summary>
    public int SourceOf(int row) => _sourceOf[row];

    public void Set(int row, int source) => _sourceOf[row] = source;

    public void Set(Selection rows, int source)
    {
        for (int i = 0; i < rows.Count; i++) _sourceOf[rows[i]] = source;
    }

    public void SetNull(int row) => _sourceOf[row] = Null;

    /// <summary>The merged column. Valid until the next Begin.</summary>
    public Column Build(Selection rows)
    {
        switch (_result)
        {
            case ColumnBuilder<bool> b: Fill(b, rows); break;
            case ColumnBuilder<byte> b: Fill(b, rows); break;
            case ColumnBuilder<short> b: Fill(b, rows); break;
            case ColumnBuilder<int> b: Fill(b, rows); break;
            case ColumnBuilder<long> b: Fill(b, rows); break;
            case ColumnBuilder<uint> b: Fill(b, rows); break;
            case ColumnBuilder<float> b: Fill(b, rows); break;
            case ColumnBuilder<double> b: Fill(b, rows); break;
            case ColumnBuilder<IntervalValue> b: Fill(b, rows); break;
            case ColumnBuilder<UuidValue> b: Fill(b, rows); break;
            case ColumnBuilder<TimeTzValue> b: Fill(b, rows); break;
            case BytesColumnBuilder b: Append(b, rows); break;
            default: throw Invariant.Unreachable(_result);
        }
        return _result.Build();
    }

    private void Fill<T>(ColumnBuilder<T> result, Selection rows) where T : unmanaged
    {
        Span<T> values = result.Fill(Selections.Extent(rows));
        for (int i = 0; i < rows.Count; i++)
        {
            int row = rows[i];
            int source = _sourceOf[row];
            if (source == Null)
            {
                result.SetNull(row);
                continue;
            }
            Column<T> column = (Column<T>)_sources[source];
            if (column.IsNull(row)) result.SetNull(row);
            else values[row] = column[row];
        }
    }

    private void Append(BytesColumnBuilder result, Selection rows)
    {
        result.Reset();
        for (int i = 0; i < rows.Count; i++)
        {
            int row = rows[i];
            result.SkipTo(row);
            if (_sourceOf[row] == Null) result.AppendNull();
            else result.AppendFrom(_sources[_sourceOf[row]], row);
        }
    }
}
