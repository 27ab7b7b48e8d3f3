using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Executor.Rows;

/// <summary>Puts values of a stored column at chosen rows of a new one: how the inner side of a join is laid beside the outer batch without copying that.</summary>
internal static class SparseGather
{
    /// <summary>target[rows[i]] = source[places[i]], null for a negative place. The target is reset first; other rows are unspecified.</summary>
    public static void Fill(ColumnBuilder target, Column source, Selection rows, ReadOnlySpan<int> places)
    {
        switch (target)
        {
            case ColumnBuilder<bool> b: Fill(b, source, rows, places); break;
            case ColumnBuilder<byte> b: Fill(b, source, rows, places); break;
            case ColumnBuilder<short> b: Fill(b, source, rows, places); break;
            case ColumnBuilder<int> b: Fill(b, source, rows, places); break;
            case ColumnBuilder<long> b: Fill(b, source, rows, places); break;
            case ColumnBuilder<uint> b: Fill(b, source, rows, places); break;
            case ColumnBuilder<float> b: Fill(b, source, rows, places); break;
            case ColumnBuilder<double> b: Fill(b, source, rows, places); break;
            case ColumnBuilder<IntervalValue> b: Fill(b, source, rows, places); break;
            case ColumnBuilder<UuidValue> b: Fill(b, source, rows, places); break;
            case ColumnBuilder<TimeTzValue> b: Fill(b, source, rows, places); break;
            case BytesColumnBuilder b: Fill(b, (BytesColumn)source, rows, places); break;
            default: throw Invariant.Unreachable(target);
        }
    }

    private static void Fill<T>(ColumnBuilder<T> target, Column source, Selection rows, ReadOnlySpan<int> places) where T : unmanaged
    {
        int extent = rows.Count == 0 ? 0 : rows[rows.Count - 1] + 1;
        Span<T> output = target.Fill(extent);
        ReadOnlySpan<T> values = ((Column<T>)source).Values;
        bool mayHaveNulls = source.MayHaveNulls;
        for (int i = 0; i < rows.Count; i++)
        {
            int place = places[i];
            if (place < 0 || (mayHaveNulls && source.IsNull(place))) target.SetNull(rows[i]);
            else output[rows[i]] = values[place];
        }
    }

    private static void Fill(BytesColumnBuilder target, BytesColumn source, Selection rows, ReadOnlySpan<int> places)
    {
        target.Reset();
        BytesValues values = source.Values;
        bool mayHaveNulls = source.MayHaveNulls;
        for (int i = 0; i < rows.Count; i++)
        {
            int place = places[i];
            target.SkipTo(rows[i]);
            if (place < 0 || (mayHaveNulls && source.IsNull(place))) target.AppendNull();
            else target.Append(values[place]);
        }
    }

    /// <summary>Constant columns of NULL, one of each kind.</summary>
    public static Column[] Nulls(ReadOnlySpan<PhysicalKind> kinds)
    {
        Column[] columns = new Column[kinds.Length];
        for (int i = 0; i < kinds.Length; i++)
        {
            ColumnBuilder builder = ColumnBuilder.Create(kinds[i], 1);
            builder.AppendNull();
            columns[i] = builder.BuildConstant(ColumnBatch.MaxRows);
        }
        return columns;
    }
}
