using System.Numerics;
using VecSql.Core.Columns;
using VecSql.Core.Environment;

namespace VecSql.Core.Functions;

/// <summary>avg, variance and deviation of floats, regression and correlation of pairs: running sums of squares by Youngs and Cramer, as in PostgreSQL.</summary>
internal static class FloatAggregates
{
    public static void Register(FunctionLibrary library)
    {
        Moments<float>(library, "float4");
        Moments<double>(library, "float8");
        foreach (RegressionKind kind in Enum.GetValues<RegressionKind>()) library.Add(RegressionAggregate.KeyOf(kind), new RegressionAggregate(kind));
    }

    private static void Moments<T>(FunctionLibrary library, string type) where T : unmanaged, INumber<T>
    {
        library.Add($"avg({type})", new FixedAggregate<Fold<T, Average>, Running, T, double>());
        foreach (string name in (string[])["variance", "var_samp"]) library.Add($"{name}({type})", new FixedAggregate<Fold<T, VarianceSample>, Running, T, double>());
        foreach (string name in (string[])["stddev", "stddev_samp"]) library.Add($"{name}({type})", new FixedAggregate<Fold<T, DeviationSample>, Running, T, double>());
        library.Add($"var_pop({type})", new FixedAggregate<Fold<T, VariancePopulation>, Running, T, double>());
        library.Add($"stddev_pop({type})", new FixedAggregate<Fold<T, DeviationPopulation>, Running, T, double>());
    }

    internal struct Running
    {
        public double N;
        public double Sum;
        public double Squares;
    }

    internal interface IMoment
    {
        static abstract bool Of(in Running state, out double result);
    }

    internal readonly struct Average : IMoment
    {
        public static bool Of(in Running s, out double result)
        {
            result = s.Sum / s.N;
            return s.N > 0;
        }
    }

    internal readonly struct VariancePopulation : IMoment
    {
        public static bool Of(in Running s, out double result)
        {
            result = s.Squares / s.N;
            return s.N > 0;
        }
    }

    internal readonly struct VarianceSample : IMoment
    {
        public static bool Of(in Running s, out double result)
        {
            result = s.Squares / (s.N - 1);
            return s.N > 1;
        }
    }

    internal readonly struct DeviationPopulation : IMoment
    {
        public static bool Of(in Running s, out double result)
        {
            result = Math.Sqrt(s.Squares / s.N);
            return s.N > 0;
        }
    }

    internal readonly struct DeviationSample : IMoment
    {
        public static bool Of(in Running s, out double result)
        {
            result = Math.Sqrt(s.Squares / (s.N - 1));
            return s.N > 1;
        }
    }

    internal readonly struct Fold<T, TMoment> : IAccumulator<Running, T, double> where T : unmanaged, INumber<T> where TMoment : struct, IMoment
    {
        public static bool CanRetract => false;

        public static void Add(ref Running state, T value)
        {
            double x = double.CreateTruncating(value), before = state.Sum;
            state.N++;
            state.Sum += x;
            if (state.N > 1)
            {
                double distance = x * state.N - state.Sum;
                state.Squares += distance * distance / (state.N * (state.N - 1));
                if (!double.IsInfinity(state.Sum) && !double.IsInfinity(state.Squares)) return;
                if (!double.IsInfinity(before) && !double.IsInfinity(x)) throw FloatFunctions.Overflow();
                state.Squares = double.NaN;
            }
            else if (!double.IsFinite(x)) state.Squares = double.NaN;
        }

        public static void Retract(ref Running state, T value) => throw Errors.Invariant.Unreachable(state);

        public static void Merge(ref Running state, in Running other)
        {
            if (other.N == 0) return;
            if (state.N == 0)
            {
                state = other;
                return;
            }
            double n = state.N + other.N, distance = state.Sum / state.N - other.Sum / other.N;
            state.Squares = state.Squares + other.Squares + state.N * other.N * distance * distance / n;
            state.N = n;
            state.Sum += other.Sum;
        }

        public static bool Finish(in Running state, out double result) => TMoment.Of(state, out result);
    }
}

internal enum RegressionKind { RegrSxx, RegrSyy, RegrSxy, RegrAvgX, RegrAvgY, RegrR2, RegrSlope, RegrIntercept, CovarPop, CovarSamp, Corr }

/// <summary>Aggregates over pairs (y, x); a pair with a null is skipped.</summary>
internal sealed class RegressionAggregate(RegressionKind kind) : AggregateFunction
{
    public static string KeyOf(RegressionKind kind) => kind switch
    {
        RegressionKind.RegrSxx => "regr_sxx",
        RegressionKind.RegrSyy => "regr_syy",
        RegressionKind.RegrSxy => "regr_sxy",
        RegressionKind.RegrAvgX => "regr_avgx",
        RegressionKind.RegrAvgY => "regr_avgy",
        RegressionKind.RegrR2 => "regr_r2",
        RegressionKind.RegrSlope => "regr_slope",
        RegressionKind.RegrIntercept => "regr_intercept",
        RegressionKind.CovarPop => "covar_pop",
        RegressionKind.CovarSamp => "covar_samp",
        _ => "corr",
    } + "(float8,float8)";

    public override AggregateState CreateState() => new State(kind);

    private struct Sums
    {
        public double N;
        public double X;
        public double Sxx;
        public double Y;
        public double Syy;
        public double Sxy;
    }

    private sealed class State(RegressionKind kind) : GroupedState<Sums>
    {
        public override void Update(ReadOnlySpan<Column> arguments, Selection selection, ReadOnlySpan<int> groups, EvalContext context)
        {
            Column<double> ys = (Column<double>)arguments[0], xs = (Column<double>)arguments[1];
            for (int i = 0; i < selection.Count; i++)
            {
                int row = selection[i];
                if (!ys.IsNull(row) && !xs.IsNull(row)) Add(ref Groups[groups[i]], ys[row], xs[row]);
            }
        }

        private static void Add(ref Sums s, double y, double x)
        {
            double beforeX = s.X, beforeY = s.Y;
            s.N++;
            s.X += x;
            s.Y += y;
            if (s.N == 1)
            {
                if (!double.IsFinite(x)) s.Sxx = s.Sxy = double.NaN;
                if (!double.IsFinite(y)) s.Syy = s.Sxy = double.NaN;
                return;
            }
            double dx = x * s.N - s.X, dy = y * s.N - s.Y, scale = 1.0 / (s.N * (s.N - 1));
            s.Sxx += dx * dx * scale;
            s.Syy += dy * dy * scale;
            s.Sxy += dx * dy * scale;
            if (!double.IsInfinity(s.X) && !double.IsInfinity(s.Sxx) && !double.IsInfinity(s.Y) && !double.IsInfinity(s.Syy) && !double.IsInfinity(s.Sxy)) return;
            bool xWasFinite = !double.IsInfinity(beforeX) && !double.IsInfinity(x), yWasFinite = !double.IsInfinity(beforeY) && !double.IsInfinity(y);
            if (((double.IsInfinity(s.X) || double.IsInfinity(s.Sxx)) && xWasFinite) || ((double.IsInfinity(s.Y) || double.IsInfinity(s.Syy)) && yWasFinite)
                || (double.IsInfinity(s.Sxy) && xWasFinite && yWasFinite)) throw FloatFunctions.Overflow();
            if (double.IsInfinity(s.Sxx)) s.Sxx = double.NaN;
            if (double.IsInfinity(s.Syy)) s.Syy = double.NaN;
            if (double.IsInfinity(s.Sxy)) s.Sxy = double.NaN;
        }

        protected override void MergeGroup(ref Sums s, in Sums o)
        {
            if (o.N == 0) return;
            if (s.N == 0)
            {
                s = o;
                return;
            }
            double n = s.N + o.N, dx = s.X / s.N - o.X / o.N, dy = s.Y / s.N - o.Y / o.N, share = s.N * o.N / n;
            s = new Sums { N = n, X = s.X + o.X, Y = s.Y + o.Y, Sxx = s.Sxx + o.Sxx + share * dx * dx, Syy = s.Syy + o.Syy + share * dy * dy, Sxy = s.Sxy + o.Sxy + share * dx * dy };
        }

        protected override void FinishGroup(in Sums s, ColumnBuilder result)
        {
            double? value = Compute(s);
            if (value is { } number) ((ColumnBuilder<double>)result).Append(number);
            else result.AppendNull();
        }

        private double? Compute(in Sums s)
        {
            if (s.N < 1) return null;
            return kind switch
            {
                RegressionKind.RegrSxx => s.Sxx,
                RegressionKind.RegrSyy => s.Syy,
                RegressionKind.RegrSxy => s.Sxy,
                RegressionKind.RegrAvgX => s.X / s.N,
                RegressionKind.RegrAvgY => s.Y / s.N,
                RegressionKind.CovarPop => s.Sxy / s.N,
                RegressionKind.CovarSamp => s.N < 2 ? null : s.Sxy / (s.N - 1),
                RegressionKind.Corr => s.Sxx == 0 || s.Syy == 0 ? null : s.Sxy / Math.Sqrt(s.Sxx * s.Syy),
                RegressionKind.RegrR2 => s.Sxx == 0 ? null : s.Syy == 0 ? 1 : s.Sxy * s.Sxy / (s.Sxx * s.Syy),
                RegressionKind.RegrSlope => s.Sxx == 0 ? null : s.Sxy / s.Sxx,
                _ => s.Sxx == 0 ? null : (s.Y - s.X * s.Sxy / s.Sxx) / s.N,
            };
        }
    }
}
