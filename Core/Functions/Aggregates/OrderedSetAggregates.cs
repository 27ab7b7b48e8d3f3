using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

internal enum OrderedSetKind { PercentileContinuous, PercentileDiscrete, Mode, Rank, DenseRank, PercentRank, CumulativeDistribution }

/// <summary>
/// percentile_cont, percentile_disc, mode; and the hypothetical rank, dense_rank, percent_rank, cume_dist. Direct arguments come first, sorted ones after
/// (<see cref="AggregateFunction.CreateState"/>). All rows are kept, and sorted when the result is asked for.
/// </summary>
internal sealed class OrderedSetAggregate(OrderedSetKind kind, int directCount = 0, SqlType[]? sortedTypes = null, AggregateOrder[]? order = null, bool isMany = false) : AggregateFunction
{
    public static void Register(FunctionLibrary library)
    {
        library.Add("percentile_cont(float8,float8)", new OrderedSetAggregate(OrderedSetKind.PercentileContinuous));
        library.Add("percentile_cont(float8,interval)", new OrderedSetAggregate(OrderedSetKind.PercentileContinuous));
        library.Add("percentile_cont(_float8,float8)", new OrderedSetAggregate(OrderedSetKind.PercentileContinuous));
        library.Add("percentile_cont(_float8,interval)", new OrderedSetAggregate(OrderedSetKind.PercentileContinuous));
        library.Add("percentile_disc(_float8,anyelement)", new OrderedSetAggregate(OrderedSetKind.PercentileDiscrete));
        library.Add("percentile_disc(float8,anyelement)", new OrderedSetAggregate(OrderedSetKind.PercentileDiscrete));
        library.Add("mode(anyelement)", new OrderedSetAggregate(OrderedSetKind.Mode));
        library.Add("rank(any)", new OrderedSetAggregate(OrderedSetKind.Rank));
        library.Add("dense_rank(any)", new OrderedSetAggregate(OrderedSetKind.DenseRank));
        library.Add("percent_rank(any)", new OrderedSetAggregate(OrderedSetKind.PercentRank));
        library.Add("cume_dist(any)", new OrderedSetAggregate(OrderedSetKind.CumulativeDistribution));
    }

    /// <summary>Of the hypothetical ones, half of the arguments are direct: one for each sorted one.</summary>
    public override AggregateFunction Specialize(ReadOnlySpan<SqlType> argumentTypes, SqlType resultType)
    {
        int direct = kind switch
        {
            OrderedSetKind.PercentileContinuous or OrderedSetKind.PercentileDiscrete => 1,
            OrderedSetKind.Mode => 0,
            _ => argumentTypes.Length / 2,
        };
        return new OrderedSetAggregate(kind, direct, argumentTypes[direct..].ToArray(), new AggregateOrder[argumentTypes.Length - direct],
            isMany: direct == 1 && kind <= OrderedSetKind.PercentileDiscrete && argumentTypes[0].Oid != TypeOid.Float8);
    }

    public override AggregateFunction WithinGroup(ReadOnlySpan<AggregateOrder> newOrder) => new OrderedSetAggregate(kind, directCount, sortedTypes, newOrder.ToArray(), isMany);

    public override AggregateState CreateState() => new State(kind, directCount, sortedTypes ?? throw Invariant.Unreachable(this), order!, isMany);

    private sealed class State(OrderedSetKind kind, int directCount, SqlType[] sortedTypes, AggregateOrder[] order, bool isMany) : AggregateState
    {
        private readonly List<int> _groupOfRow = [];
        private ColumnBuilder[] _sorted = [];
        private ColumnBuilder[] _direct = [];
        private int[] _directRow = [];
        private TypeHandler[] _handlers = [];
        private int[]?[]? _rowsOfGroup;
        private int _groupCount;

        public override void EnsureGroups(int groupCount)
        {
            int old = _directRow.Length;
            if (groupCount > old)
            {
                Array.Resize(ref _directRow, Math.Max(groupCount, old * 2));
                _directRow.AsSpan(old).Fill(-1);
            }
            _groupCount = Math.Max(_groupCount, groupCount);
        }

        public override void Update(ReadOnlySpan<Column> arguments, Selection selection, ReadOnlySpan<int> groups, EvalContext context)
        {
            Prepare(arguments, context);
            for (int i = 0; i < selection.Count; i++) Add(arguments, selection[i], groups[i]);
        }

        private void Prepare(ReadOnlySpan<Column> arguments, EvalContext context)
        {
            _rowsOfGroup = null;
            if (_handlers.Length > 0) return;
            _handlers = [.. sortedTypes.Select(t => TypeHandlers.Of(t.Oid, context.Catalog))];
            _direct = new ColumnBuilder[directCount];
            _sorted = new ColumnBuilder[sortedTypes.Length];
            for (int i = 0; i < arguments.Length; i++)
            {
                ColumnBuilder builder = ColumnBuilder.Create(arguments[i].Kind, 16);
                if (i < directCount) _direct[i] = builder;
                else _sorted[i - directCount] = builder;
            }
        }

        private void Add(ReadOnlySpan<Column> arguments, int row, int group)
        {
            if (_directRow[group] < 0)
            {
                for (int i = 0; i < directCount; i++) _direct[i].AppendFrom(arguments[i], row);
                _directRow[group] = directCount == 0 ? 0 : _direct[0].Count - 1;
            }
            // Percentiles and mode are of the values that there are; a rank counts nulls too.
            if (kind <= OrderedSetKind.Mode && arguments[directCount].IsNull(row)) return;
            for (int i = 0; i < _sorted.Length; i++) _sorted[i].AppendFrom(arguments[directCount + i], row);
            _groupOfRow.Add(group);
        }

        public override void Merge(AggregateState other, ReadOnlySpan<int> groups, EvalContext context)
        {
            State source = (State)other;
            if (source._handlers.Length == 0) return;
            for (int g = 0; g < groups.Length; g++)
            {
                foreach (byte[] row in source.SavedRows(g))
                {
                    ReadOnlySpan<byte> saved = row;
                    Restore(groups[g], saved, context);
                }
            }
        }

        public override void Finish(int start, int count, ColumnBuilder result, EvalContext context)
        {
            int[]?[] rowsOfGroup = _rowsOfGroup ??= SortGroups();
            Column[] sorted = [.. _sorted.Select(b => b.Build())], direct = [.. _direct.Select(b => b.Build())];
            for (int g = start; g < start + count; g++)
            {
                int[] rows = rowsOfGroup[g] ?? [];
                if (kind <= OrderedSetKind.Mode) FinishPercentile(g, rows, sorted, direct, result);
                else FinishRank(g, rows, sorted, direct, result);
            }
        }

        private int[]?[] SortGroups()
        {
            List<int>?[] lists = new List<int>?[_groupCount];
            for (int row = 0; row < _groupOfRow.Count; row++) (lists[_groupOfRow[row]] ??= []).Add(row);
            Column[] sorted = [.. _sorted.Select(b => b.Build())];
            int[]?[] result = new int[]?[_groupCount];
            for (int g = 0; g < _groupCount; g++)
            {
                if (lists[g] is not { } list) continue;
                // Ties keep the order of arrival.
                list.Sort((l, r) => Compare(sorted, l, sorted, r) is var c && c != 0 ? c : l.CompareTo(r));
                result[g] = [.. list];
            }
            return result;
        }

        private int Compare(Column[] left, int leftRow, Column[] right, int rightRow)
        {
            for (int i = 0; i < _handlers.Length; i++)
            {
                bool leftNull = left[i].IsNull(leftRow), rightNull = right[i].IsNull(rightRow);
                int c = leftNull || rightNull
                    ? leftNull == rightNull ? 0 : leftNull == order[i].NullsFirst ? -1 : 1
                    : order[i].Descending ? _handlers[i].Compare(right[i], rightRow, left[i], leftRow) : _handlers[i].Compare(left[i], leftRow, right[i], rightRow);
                if (c != 0) return c;
            }
            return 0;
        }

        private void FinishPercentile(int group, int[] rows, Column[] sorted, Column[] direct, ColumnBuilder result)
        {
            if (kind == OrderedSetKind.Mode)
            {
                if (rows.Length == 0) result.AppendNull();
                else result.AppendFrom(sorted[0], MostFrequent(rows, sorted));
                return;
            }
            if (_directRow[group] < 0 || direct[0].IsNull(_directRow[group]))
            {
                result.AppendNull();
                return;
            }
            if (isMany)
            {
                FinishPercentiles(group, rows, sorted[0], (BytesColumn)direct[0], result);
                return;
            }
            double fraction = Checked(((Column<double>)direct[0])[_directRow[group]]);
            if (rows.Length == 0) result.AppendNull();
            else AppendAt(fraction, rows, sorted[0], result);
        }

        /// <summary>A percentile for each of an array's fractions, in an array of the same shape.</summary>
        private void FinishPercentiles(int group, int[] rows, Column sorted, BytesColumn direct, ColumnBuilder result)
        {
            ArrayView fractions = new(TypeOid.Float8Array);
            fractions.Open(direct, _directRow[group]);
            Column<double> values = (Column<double>)fractions.Elements;
            for (int i = 0; i < fractions.Count; i++)
                if (!values.IsNull(i)) Checked(values[i]);
            if (rows.Length == 0)
            {
                result.AppendNull();
                return;
            }
            ArrayBuilder percentiles = new(sortedTypes[0].Oid, sorted.Kind);
            for (int i = 0; i < fractions.Count; i++)
            {
                if (values.IsNull(i)) percentiles.AppendNull();
                else AppendAt(values[i], rows, sorted, percentiles.Elements);
            }
            if (fractions.Dimensions == 0) percentiles.WriteTo(result, [0], [1]);
            else percentiles.WriteTo(result, fractions.Lengths, fractions.LowerBounds);
        }

        private static double Checked(double fraction) => fraction >= 0 && fraction <= 1 ? fraction
            : throw new SqlException(SqlState.NumericValueOutOfRange, $"percentile value {Shown(fraction)} is not between 0 and 1");

        private void AppendAt(double fraction, int[] rows, Column sorted, ColumnBuilder result)
        {
            if (kind == OrderedSetKind.PercentileDiscrete)
            {
                result.AppendFrom(sorted, rows[Math.Max((int)Math.Ceiling(fraction * rows.Length) - 1, 0)]);
                return;
            }
            double place = fraction * (rows.Length - 1);
            int low = rows[(int)Math.Floor(place)], high = rows[(int)Math.Ceiling(place)];
            if (low == high) result.AppendFrom(sorted, low);
            else if (sorted is Column<IntervalValue> spans)
            {
                IntervalValue part = IntervalMath.Multiply(IntervalMath.Subtract(spans[high], spans[low]), place - Math.Floor(place));
                ((ColumnBuilder<IntervalValue>)result).Append(IntervalMath.Add(part, spans[low]));
            }
            else
            {
                Column<double> values = (Column<double>)sorted;
                ((ColumnBuilder<double>)result).Append(values[low] + (place - Math.Floor(place)) * (values[high] - values[low]));
            }
        }

        private static string Shown(double value)
        {
            ByteBuffer text = new(32);
            FloatText.Write(value, -9, text);
            return Utf8Text.ToString(text.WrittenSpan);
        }

        /// <summary>The first of the most frequent values.</summary>
        private int MostFrequent(int[] rows, Column[] sorted)
        {
            int best = rows[0], bestCount = 0;
            for (int start = 0, end; start < rows.Length; start = end)
            {
                end = start + 1;
                while (end < rows.Length && Compare(sorted, rows[start], sorted, rows[end]) == 0) end++;
                if (end - start > bestCount) (best, bestCount) = (rows[start], end - start);
            }
            return best;
        }

        /// <summary>Where the direct arguments would stand among the rows.</summary>
        private void FinishRank(int group, int[] rows, Column[] sorted, Column[] direct, ColumnBuilder result)
        {
            int before = 0, same = 0, distinctBefore = 0;
            for (int i = 0; i < rows.Length; i++)
            {
                int c = Compare(sorted, rows[i], direct, _directRow[group]);
                if (c > 0) break;
                if (c == 0) same++;
                else
                {
                    before++;
                    if (i == 0 || Compare(sorted, rows[i - 1], sorted, rows[i]) != 0) distinctBefore++;
                }
            }
            switch (kind)
            {
                case OrderedSetKind.Rank: ((ColumnBuilder<long>)result).Append(before + 1); break;
                case OrderedSetKind.DenseRank: ((ColumnBuilder<long>)result).Append(distinctBefore + 1); break;
                case OrderedSetKind.PercentRank: ((ColumnBuilder<double>)result).Append(rows.Length == 0 ? 0 : (double)before / rows.Length); break;
                default: ((ColumnBuilder<double>)result).Append((before + same + 1.0) / (rows.Length + 1)); break;
            }
        }

        private IEnumerable<byte[]> SavedRows(int group)
        {
            if (_handlers.Length == 0 || _directRow[group] < 0) yield break;
            ByteBuffer all = new();
            Save(group, all);
            yield return all.WrittenSpan.ToArray();
        }

        public override void Save(int group, ByteBuffer output)
        {
            if (_handlers.Length == 0 || _directRow[group] < 0) return;
            foreach (ColumnBuilder direct in _direct) SavedValue.Write(direct.Build(), _directRow[group], output);
            Column[] sorted = [.. _sorted.Select(b => b.Build())];
            int[] rows = (_rowsOfGroup ??= SortGroups())[group] ?? [];
            output.WriteInt32LittleEndian(rows.Length);
            foreach (int row in rows)
                foreach (Column column in sorted) SavedValue.Write(column, row, output);
        }

        public override void Restore(int group, ReadOnlySpan<byte> saved, EvalContext context)
        {
            if (saved.IsEmpty) return;
            if (_handlers.Length == 0) PrepareFromTypes(context);
            _rowsOfGroup = null;
            ColumnBuilder[] direct = [.. _direct.Select(b => ColumnBuilder.Create(b.Kind, 1))];
            foreach (ColumnBuilder one in direct) SavedValue.Read(ref saved, one);
            if (_directRow[group] < 0)
            {
                for (int i = 0; i < directCount; i++) _direct[i].AppendFrom(direct[i].Build(), 0);
                _directRow[group] = directCount == 0 ? 0 : _direct[0].Count - 1;
            }
            int rows = System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(saved);
            saved = saved[4..];
            for (int row = 0; row < rows; row++)
            {
                foreach (ColumnBuilder column in _sorted) SavedValue.Read(ref saved, column);
                _groupOfRow.Add(group);
            }
        }

        /// <summary>The kinds without a first batch: percentiles' fractions are float8, hypothetical rows are like the sorted ones.</summary>
        private void PrepareFromTypes(EvalContext context)
        {
            _handlers = [.. sortedTypes.Select(t => TypeHandlers.Of(t.Oid, context.Catalog))];
            _sorted = [.. _handlers.Select(h => ColumnBuilder.Create(h.Kind, 16))];
            _direct = kind <= OrderedSetKind.PercentileDiscrete ? [isMany ? new BytesColumnBuilder(16) : new ColumnBuilder<double>(16)] : [.. _handlers.Take(directCount).Select(h => ColumnBuilder.Create(h.Kind, 16))];
        }

        public override long MemoryBytes => _groupOfRow.Count * (8L + 16 * _sorted.Length) + _sorted.OfType<BytesColumnBuilder>().Sum(b => (long)b.Output.Length);
    }
}
