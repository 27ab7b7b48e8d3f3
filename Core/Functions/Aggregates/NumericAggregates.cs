using System.Numerics;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>What the sums are turned into.</summary>
internal enum Moment { Sum, Average, VarianceSample, VariancePopulation, DeviationSample, DeviationPopulation }

/// <summary>
/// Exact aggregates that yield numeric: sum(int8), sum(numeric), avg of integers and numeric, variance and standard deviation of both.
/// </summary>
internal sealed class NumericAggregate(Moment moment) : AggregateFunction
{
    public static void Register(FunctionLibrary library)
    {
        library.Add("sum(int8)", new NumericAggregate(Moment.Sum));
        library.Add("sum(numeric)", new NumericAggregate(Moment.Sum));
        foreach (string type in (string[])["int2", "int4", "int8", "numeric"])
        {
            library.Add($"avg({type})", new NumericAggregate(Moment.Average));
            library.Add($"variance({type})", new NumericAggregate(Moment.VarianceSample));
            library.Add($"var_samp({type})", new NumericAggregate(Moment.VarianceSample));
            library.Add($"var_pop({type})", new NumericAggregate(Moment.VariancePopulation));
            library.Add($"stddev({type})", new NumericAggregate(Moment.DeviationSample));
            library.Add($"stddev_samp({type})", new NumericAggregate(Moment.DeviationSample));
            library.Add($"stddev_pop({type})", new NumericAggregate(Moment.DeviationPopulation));
        }
    }

    public override AggregateState CreateState() => new State(moment);

    private struct Sums
    {
        public NumericAccumulator Values;
        public NumericAccumulator Squares;
    }

    private sealed class State(Moment moment) : ObjectGroupedState<Sums>
    {
        private readonly bool _needsSquares = moment > Moment.Average;

        public override bool CanRetract => true;

        public override void Update(ReadOnlySpan<Column> arguments, Selection selection, ReadOnlySpan<int> groups, EvalContext context)
        {
            if (arguments[0] is BytesColumn numerics && !_needsSquares)
            {
                SumNumerics(numerics, selection, groups);
                return;
            }
            Take(arguments[0], selection, groups, 1);
        }

        private void SumNumerics(BytesColumn argument, Selection selection, ReadOnlySpan<int> groups)
        {
            BytesValues values = argument.Values;
            Sums[] sums = Groups;
            if (selection.IsAll && !argument.MayHaveNulls)
            {
                for (int row = 0; row < selection.Count; row++) sums[groups[row]].Values.Add(values[row]);
                return;
            }
            for (int i = 0; i < selection.Count; i++)
            {
                int row = selection[i];
                if (!argument.IsNull(row)) sums[groups[i]].Values.Add(values[row]);
            }
        }

        public override void Retract(ReadOnlySpan<Column> arguments, Selection selection, ReadOnlySpan<int> groups, EvalContext context) =>
            Take(arguments[0], selection, groups, -1);

        private void Take(Column argument, Selection selection, ReadOnlySpan<int> groups, int weight)
        {
            for (int i = 0; i < selection.Count; i++)
            {
                int row = selection[i];
                if (argument.IsNull(row)) continue;
                NumericValue value = argument switch
                {
                    Column<long> longs => new NumericValue((Int128)longs[row], 0),
                    Column<int> ints => new NumericValue((Int128)ints[row], 0),
                    Column<short> shorts => new NumericValue((Int128)shorts[row], 0),
                    _ => NumericValue.Read(((BytesColumn)argument)[row]),
                };
                ref Sums sums = ref Groups[groups[i]];
                sums.Values.Add(value, weight);
                if (_needsSquares) sums.Squares.Add(NumericArithmetic.Multiply(value, value), weight);
            }
        }

        public override void Merge(AggregateState other, ReadOnlySpan<int> groups, EvalContext context)
        {
            State source = (State)other;
            for (int g = 0; g < groups.Length; g++) MergeGroup(ref Groups[groups[g]], source.Groups[g]);
        }

        private void MergeGroup(ref Sums group, in Sums other)
        {
            group.Values.Merge(other.Values);
            if (_needsSquares) group.Squares.Merge(other.Squares);
        }

        public override void Finish(int start, int count, ColumnBuilder result, EvalContext context)
        {
            for (int g = start; g < start + count; g++)
            {
                ref Sums sums = ref Groups[g];
                long rows = sums.Values.Count;
                bool isNull = rows == 0 || (rows == 1 && moment is (Moment.VarianceSample or Moment.DeviationSample));
                if (isNull) result.AppendNull();
                else NumericType.Append((BytesColumnBuilder)result, Compute(sums, rows));
            }
        }

        private NumericValue Compute(in Sums sums, long rows)
        {
            NumericValue total = sums.Values.Value;
            return moment switch
            {
                Moment.Sum => total,
                Moment.Average => NumericArithmetic.Divide(total, new NumericValue((Int128)rows, 0)),
                _ => Spread(total, sums.Squares.Value, rows),
            };
        }

        /// <summary>(N·ΣX² - (ΣX)²) / (N·(N-1)), or / N²; its root for deviations.</summary>
        private NumericValue Spread(in NumericValue total, in NumericValue squares, long rows)
        {
            if (!total.IsFinite || !squares.IsFinite) return NumericValue.NaN;
            int scale = Math.Max(2 * total.Scale, squares.Scale);
            BigInteger totalAt = NumericArithmetic.At(total, scale), unit = PowersOfTen.Big(scale);
            BigInteger numerator = NumericArithmetic.At(squares, scale) * rows - totalAt * totalAt / unit;
            if (numerator.Sign <= 0) return NumericValue.Zero;
            bool isSample = moment is Moment.VarianceSample or Moment.DeviationSample;
            NumericValue dividend = new(numerator, scale), divisor = new((BigInteger)rows * (isSample ? rows - 1 : rows), 0);
            int resultScale = NumericArithmetic.DivisionScale(dividend, divisor);
            NumericValue variance = NumericArithmetic.Divide(dividend, divisor, resultScale);
            return moment is Moment.DeviationSample or Moment.DeviationPopulation ? NumericMath.Sqrt(variance, resultScale) : variance;
        }

        public override void Save(int group, ByteBuffer output)
        {
            Groups[group].Values.Save(output);
            if (_needsSquares) Groups[group].Squares.Save(output);
        }

        public override void Restore(int group, ReadOnlySpan<byte> saved, EvalContext context)
        {
            Sums loaded = new() { Values = NumericAccumulator.Load(ref saved) };
            if (_needsSquares) loaded.Squares = NumericAccumulator.Load(ref saved);
            MergeGroup(ref Groups[group], loaded);
        }
    }
}
