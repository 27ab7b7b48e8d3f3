using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>sum of vectors and halfvecs, which adds in the elements' own width as pgvector does and overflows like it, and avg, which adds in 64 bits.</summary>
internal sealed class VectorAggregate(bool isAverage, bool isHalf = false) : AggregateFunction
{
    public override AggregateState CreateState() => (isAverage, isHalf) switch
    {
        (true, false) => new AverageState(),
        (true, true) => new HalfAverageState(),
        (false, false) => new SumState(),
        _ => new HalfSumState(),
    };

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
                ReadOnlySpan<byte> value = values[row];
                AddStored(value, SumsOf(groups[i], value.Length / ElementBytes));
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

        /// <summary>Of the values that are added up.</summary>
        protected abstract int ElementBytes { get; }
        protected abstract void AddStored(ReadOnlySpan<byte> value, Span<T> sums);
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

        protected override int ElementBytes => sizeof(float);
        protected override void AddStored(ReadOnlySpan<byte> value, Span<float> sums) => AddSums(VectorType.Floats(value), sums);

        protected override void AddSums(ReadOnlySpan<float> value, Span<float> sums)
        {
            Kernels.ElementWise.Add(sums, value, sums);
            if (!Kernels.VectorMath.IsFinite(sums)) throw VectorFunctions.Overflow();
        }

        protected override SqlException Differs(int sums, int value) => VectorLimits.DifferentDimensions("vector", sums, value);
    }

    private sealed class HalfSumState : State<Half>
    {
        public override void Finish(int start, int count, ColumnBuilder result, EvalContext context)
        {
            for (int group = start; group < start + count; group++)
            {
                if (Sums[group] is { } sums) ((BytesColumnBuilder)result).Append(MemoryMarshal.AsBytes(sums.AsSpan()));
                else result.AppendNull();
            }
        }

        protected override int ElementBytes => sizeof(ushort);
        protected override void AddStored(ReadOnlySpan<byte> value, Span<Half> sums) => AddSums(HalfVecType.Halves(value), sums);

        protected override void AddSums(ReadOnlySpan<Half> value, Span<Half> sums)
        {
            for (int i = 0; i < sums.Length; i++) sums[i] += value[i];
            if (HalfVecType.FirstNotFinite(sums) >= 0) throw VectorFunctions.Overflow();
        }

        protected override SqlException Differs(int sums, int value) => VectorLimits.DifferentDimensions(HalfVecType.Name, sums, value);
    }

    private class AverageState : State<double>
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
                AppendMean(sums, Counts[group], (BytesColumnBuilder)result);
                ((BytesColumnBuilder)result).EndValue();
            }
        }

        protected virtual void AppendMean(double[] sums, long count, BytesColumnBuilder result)
        {
            Span<float> mean = VectorType.Take(sums.Length, result);
            for (int i = 0; i < mean.Length; i++) mean[i] = (float)(sums[i] / count);
            VectorType.CheckFinite(mean);
        }

        protected override int ElementBytes => sizeof(float);
        protected override void AddStored(ReadOnlySpan<byte> value, Span<double> sums) => Kernels.ElementWise.AddTo(sums, VectorType.Floats(value));

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

    private sealed class HalfAverageState : AverageState
    {
        protected override int ElementBytes => sizeof(ushort);

        protected override void AddStored(ReadOnlySpan<byte> value, Span<double> sums)
        {
            ReadOnlySpan<Half> halves = HalfVecType.Halves(value);
            for (int i = 0; i < halves.Length; i++) sums[i] += (double)halves[i];
        }

        /// <summary>A mean is no larger than the largest value, so it fits.</summary>
        protected override void AppendMean(double[] sums, long count, BytesColumnBuilder result)
        {
            Span<Half> mean = HalfVecType.Take(sums.Length, result);
            for (int i = 0; i < mean.Length; i++) mean[i] = (Half)(float)(sums[i] / count);
        }
    }
}
