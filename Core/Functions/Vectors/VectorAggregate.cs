using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>sum(vector), which adds in 32 bits as pgvector does and overflows like it, and avg(vector), which adds in 64.</summary>
internal sealed class VectorAggregate(bool isAverage) : AggregateFunction
{
    public override AggregateState CreateState() => isAverage ? new AverageState() : new SumState();

    /// <summary>What both share: an array of sums for each group that has seen a vector.</summary>
    private abstract class State<T> : AggregateState where T : unmanaged
    {
        protected T[]?[] Sums = [];
        protected long[] Counts = [];
        private long _bytes;

        public override long MemoryBytes => _bytes + Sums.Length * 16L;

        public override void EnsureGroups(int groupCount)
        {
            if (groupCount <= Sums.Length) return;
            int size = Math.Max(groupCount, Sums.Length * 2);
            Array.Resize(ref Sums, size);
            Array.Resize(ref Counts, size);
        }

        public override void Update(ReadOnlySpan<Column> arguments, Selection selection, ReadOnlySpan<int> groups, EvalContext context)
        {
            BytesColumn column = (BytesColumn)arguments[0];
            BytesValues values = column.Values;
            for (int i = 0; i < selection.Count; i++)
            {
                int row = selection[i];
                if (column.IsNull(row)) continue;
                ReadOnlySpan<float> value = VectorType.Floats(values[row]);
                Add(value, SumsOf(groups[i], value.Length));
                Counts[groups[i]]++;
            }
        }

        public override void Merge(AggregateState other, ReadOnlySpan<int> groups, EvalContext context)
        {
            State<T> from = (State<T>)other;
            for (int g = 0; g < groups.Length; g++)
                if (from.Sums[g] is { } sums) AddSums(groups[g], sums, from.Counts[g]);
        }

        public override void Save(int group, ByteBuffer output)
        {
            output.WriteInt64LittleEndian(Counts[group]);
            if (Sums[group] is { } sums) output.Write(MemoryMarshal.AsBytes(sums.AsSpan()));
        }

        public override void Restore(int group, ReadOnlySpan<byte> saved, EvalContext context)
        {
            long count = BinaryPrimitives.ReadInt64LittleEndian(saved);
            if (count > 0) AddSums(group, MemoryMarshal.Cast<byte, T>(saved[sizeof(long)..]), count);
        }

        protected abstract void Add(ReadOnlySpan<float> value, Span<T> sums);
        protected abstract void AddSums(ReadOnlySpan<T> value, Span<T> sums);
        protected abstract SqlException Differs(int sums, int value);

        private void AddSums(int group, ReadOnlySpan<T> sums, long count)
        {
            AddSums(sums, SumsOf(group, sums.Length));
            Counts[group] += count;
        }

        private Span<T> SumsOf(int group, int dimensions)
        {
            if (Sums[group] is not { } sums)
            {
                Sums[group] = sums = new T[dimensions];
                _bytes += MemoryMarshal.AsBytes(sums.AsSpan()).Length + 24;
            }
            return sums.Length == dimensions ? sums : throw Differs(sums.Length, dimensions);
        }
    }

    private sealed class SumState : State<float>
    {
        public override void Finish(int start, int count, ColumnBuilder result, EvalContext context)
        {
            for (int group = start; group < start + count; group++)
            {
                if (Sums[group] is { } sums) ((BytesColumnBuilder)result).Append(MemoryMarshal.AsBytes(sums.AsSpan()));
                else result.AppendNull();
            }
        }

        protected override void Add(ReadOnlySpan<float> value, Span<float> sums)
        {
            Kernels.ElementWise.Add(sums, value, sums);
            if (!Kernels.VectorMath.IsFinite(sums)) throw VectorFunctions.Overflow();
        }

        protected override void AddSums(ReadOnlySpan<float> value, Span<float> sums) => Add(value, sums);
        protected override SqlException Differs(int sums, int value) => VectorFunctions.DifferentDimensions(sums, value);
    }

    private sealed class AverageState : State<double>
    {
        public override void Finish(int start, int count, ColumnBuilder result, EvalContext context)
        {
            for (int group = start; group < start + count; group++)
            {
                if (Sums[group] is not { } sums)
                {
                    result.AppendNull();
                    continue;
                }
                Span<float> mean = VectorType.Take(sums.Length, (BytesColumnBuilder)result);
                for (int i = 0; i < mean.Length; i++) mean[i] = (float)(sums[i] / Counts[group]);
                VectorType.CheckFinite(mean);
                ((BytesColumnBuilder)result).EndValue();
            }
        }

        protected override void Add(ReadOnlySpan<float> value, Span<double> sums) => Kernels.ElementWise.AddTo(sums, value);

        protected override void AddSums(ReadOnlySpan<double> value, Span<double> sums)
        {
            for (int i = 0; i < sums.Length; i++)
            {
                sums[i] += value[i];
                if (double.IsInfinity(sums[i])) throw VectorFunctions.Overflow();
            }
        }

        protected override SqlException Differs(int sums, int value) => new(SqlState.DataException, $"expected {sums} dimensions, not {value}");
    }
}
