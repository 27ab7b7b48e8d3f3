using System.Runtime.Intrinsics;
using VecSql.Vectors.Kernels;
using VecSql.Vectors.Memory;

namespace VecSql.Vectors.Quantization;

/// <summary>
/// Codes of rows. A row less the center is rotated and rounded to a grid of its own step: the code v. With f = |x|² / (x · v) for that x, f · (q · v)
/// estimates q · x without bias (RaBitQ; Gao &amp; Long, arXiv 2405.12497), and exactly where q = x. Beside each code stand f times the metric's factor, and the part
/// of the distance that depends on the row alone.
/// <para>Per row: code bytes, two floats (factor, addend), padding (<see cref="Stride"/>).</para>
/// </summary>
internal sealed unsafe class QuantizedRows : IDisposable
{
    private const int MaxSample = 2048;
    private const int SqAlignment = 32, Alignment = 8;

    /// <summary>The variance of a grid's error across the row's direction, an element, in steps squared: about the same for 2 bits and for many.</summary>
    private const double GridVariance = 0.1024;

    /// <summary>By bits: the step that is best for normally distributed elements of variance one.</summary>
    private static readonly float[] BestSteps = [0, 1.596f, 0.996f, 0.586f, 0.335f, 0.188f, 0.1041f, 0.0569f, 0.0308f];

    /// <summary>Steps tried for a row, of the best for a normal distribution: few elements stray from it.</summary>
    private static readonly float[] Trials = [1, 0.78f, 0.85f, 0.925f, 1.075f, 1.15f, 1.24f];

    private readonly RandomRotation _rotation;
    private readonly float[] _center;
    private readonly double _centerSquared;
    private readonly DistanceMetric _metric;
    private readonly NativeChunks _codes;

    /// <summary>The most whose products fit 32 bits: 127 · 255 · 65,536 is below 2³¹.</summary>
    public const int MaxDimensions = 1 << 16;

    /// <summary>No rows yet.</summary>
    public QuantizedRows(VectorQuantization kind, DistanceMetric metric, float[] center, int expectedRows)
        : this(kind, metric, center, new NativeChunks(Stride(kind, center.Length), fill: 0, expectedRows))
    {
    }

    /// <summary>Codes that lie in memory of others.</summary>
    public QuantizedRows(VectorQuantization kind, DistanceMetric metric, float[] center, byte* codes, int count)
        : this(kind, metric, center, new NativeChunks([(nint)codes], 30, Stride(kind, center.Length), count))
    {
    }

    private QuantizedRows(VectorQuantization kind, DistanceMetric metric, float[] center, NativeChunks codes)
    {
        Kind = kind;
        _metric = metric;
        _center = center;
        _rotation = new RandomRotation(center.Length);
        foreach (float c in center) _centerSquared += (double)c * c;
        _codes = codes;
    }

    public VectorQuantization Kind { get; }

    /// <summary>Elements of a code.</summary>
    public int Dimensions => _rotation.Dimensions;

    public int CodeBytes => CodeBytesOf(Kind, Dimensions);
    public long MemoryBytes => _codes.Bytes;
    public ChunkView View => _codes.SearchView;
    public NativeChunks Items => _codes;
    public ReadOnlySpan<float> CenterPoint => _center;

    /// <summary>Codes stand for products of float32 rows and what follows from them: not for L1.</summary>
    public static bool Supports(DistanceMetric metric) => metric is DistanceMetric.L2 or DistanceMetric.InnerProduct or DistanceMetric.Cosine;

    /// <summary>Codes around the mean of the store's rows; null if there is nothing to gain or no way to.</summary>
    public static QuantizedRows? Create(VectorQuantization kind, DistanceMetric metric, IVectorStore store, int count, int expectedRows) =>
        kind == VectorQuantization.None || !Supports(metric) || store.Dimensions > MaxDimensions
            ? null
            : new QuantizedRows(kind, metric, CenterOf(store, count, metric), expectedRows);

    /// <summary>From code to code: whole cache lines if they are filled but for an eighth, so that fewer are read.</summary>
    public static int Stride(VectorQuantization kind, int dimensions)
    {
        int size = CodeBytesOf(kind, RandomRotation.PaddedDimensions(dimensions)) + (2 * sizeof(float));
        if (!kind.IsRaBitQ()) return Align(size, SqAlignment);
        int lines = Align(size, NativeMemoryBlock.CacheLine);
        return lines - size <= lines / 8 ? lines : Align(size, Alignment);
    }

    private static int Align(int size, int alignment) => (size + alignment - 1) & ~(alignment - 1);

    /// <summary>Empty, of the same kind and around the same center.</summary>
    public QuantizedRows NewAround(int expectedRows) => new(Kind, _metric, _center, expectedRows);

    /// <summary>The mean of a sample of the rows (of length one, under cosine): distances from it are shorter, and so are the errors.</summary>
    private static float[] CenterOf(IVectorStore store, int count, DistanceMetric metric)
    {
        double[] sum = new double[store.Dimensions];
        VectorRows rows = store.Rows;
        int step = Math.Max(1, count / MaxSample), taken = 0;
        for (int id = 0; id < count; id += step)
        {
            ReadOnlySpan<float> row = new(rows.Row(id), rows.Dimensions);
            double scale = metric == DistanceMetric.Cosine ? 1 / VectorMath.Norm(row) : 1;
            if (!VectorMath.IsFinite(row) || !double.IsFinite(scale)) continue;
            taken++;
            for (int i = 0; i < sum.Length; i++) sum[i] += row[i] * scale;
        }
        float[] center = new float[sum.Length];
        for (int i = 0; i < center.Length && taken > 0; i++) center[i] = (float)(sum[i] / taken);
        return center;
    }

    /// <summary>Makes room for ids below <paramref name="count"/>: before the graph's limit covers them.</summary>
    public void EnsureCapacity(int count) => _codes.EnsureCapacity(count);

    /// <summary>Writes the code of a row there is room for; to be published (linked) afterwards. Several threads may encode different ids.</summary>
    /// <param name="scratch">Of the caller's thread.</param>
    public void Encode(int id, float* row, NativeBuffer<float> scratch)
    {
        int n = Dimensions;
        scratch.EnsureLength(n + (n / sizeof(float)));
        float* x = scratch.Pointer;
        byte* elements = (byte*)(x + n), code = _codes.At(id);
        Center(row, ScaleOf(row), x, out double squared, out double fromCenter);
        _rotation.Apply(x);
        double product = Kind switch
        {
            VectorQuantization.Sq8 => RoundToBytes(x, n, elements),
            VectorQuantization.Sq4 => RoundToGrid(x, n, elements, BestSteps[4] * MathF.Sqrt((float)squared / n), 4),
            _ => RoundBest(x, n, elements, (float)squared, Kind.Bits()),
        };
        if (Kind.Bits() == 8) new ReadOnlySpan<byte>(elements, n).CopyTo(new Span<byte>(code, n));
        else Planes.Pack(elements, code, n, Kind.Bits());
        double factor = product > 0 ? squared / product : 0;
        float* factors = (float*)(code + CodeBytes);
        factors[0] = (float)(_metric == DistanceMetric.L2 ? -2 * factor : -factor);
        factors[1] = (float)(_metric == DistanceMetric.L2 ? squared : -fromCenter);
    }

    /// <summary>By which the product of a query and a code counts in the estimate; times <see cref="QuantizedQuery.Spread"/>, the standard deviation of its error.</summary>
    public float FactorOf(int id) => *(float*)(View.At(id) + CodeBytes);

    /// <summary>Prepares a query (any row) for estimates.</summary>
    /// <param name="query">Floats as in the store.</param>
    /// <param name="normalize">Whether it has yet to be scaled to length one, if the metric is cosine.</param>
    /// <param name="target">As many bytes as <see cref="Dimensions"/>.</param>
    public QuantizedQuery Bind(float* query, bool normalize, NativeBuffer<float> scratch, sbyte* target)
    {
        int n = Dimensions;
        scratch.EnsureLength(n);
        float* x = scratch.Pointer;
        Center(query, normalize ? ScaleOf(query) : 1, x, out double squared, out double fromCenter);
        _rotation.Apply(x);
        float step = RoundToBytes(x, n, target, out long sum);
        // Codes are unsigned: elements stand for themselves less the middle.
        int bits = Kind.Bits();
        float offset = (Kind == VectorQuantization.Sq8 ? -128 : -0.5f * ((1 << bits) - 1)) * sum * step;
        double rounding = step / BestSteps[bits] * step / BestSteps[bits] * n / 12;
        double constant = _metric switch
        {
            DistanceMetric.L2 => squared,
            DistanceMetric.Cosine => 1 - _centerSquared - fromCenter,
            _ => -_centerSquared - fromCenter,
        };
        return new QuantizedQuery(step, offset, (float)constant, (float)Math.Sqrt((GridVariance * squared) + rounding));
    }

    public void Dispose() => _codes.Dispose();

    private static int CodeBytesOf(VectorQuantization kind, int paddedDimensions) => paddedDimensions / 8 * kind.Bits();

    private float ScaleOf(float* row) =>
        _metric == DistanceMetric.Cosine ? (float)(1 / VectorMath.Norm(new ReadOnlySpan<float>(row, _center.Length))) : 1;

    /// <summary>x = row · scale − center, padded with zeros; |x|² and center · x.</summary>
    private void Center(float* row, float scale, float* x, out double squared, out double fromCenter)
    {
        int n = _center.Length, i = 0;
        Vector512<float> squares = default, products = default;
        fixed (float* center = _center)
        {
            for (; i <= n - 16; i += 16)
            {
                Vector512<float> c = Vector512.Load(center + i), difference = (Vector512.Load(row + i) * scale) - c;
                difference.Store(x + i);
                squares += difference * difference;
                products += c * difference;
            }
        }
        squared = Vector512.Sum(squares);
        fromCenter = Vector512.Sum(products);
        for (; i < n; i++)
        {
            float difference = (row[i] * scale) - _center[i];
            x[i] = difference;
            squared += difference * difference;
            fromCenter += _center[i] * difference;
        }
        new Span<float>(x + n, Dimensions - n).Clear();
    }

    private static double RoundToBytes(float* x, int n, byte* code)
    {
        RoundToBytes(x, n, (sbyte*)code, out _);
        double product = 0;
        for (int i = 0; i < n; i++)
        {
            product += x[i] * (sbyte)code[i];
            code[i] += 128;
        }
        return product;
    }

    /// <summary>Rounds to −127 … 127 times the step that is returned; n is a multiple of 64.</summary>
    private static float RoundToBytes(float* x, int n, sbyte* bytes, out long sum)
    {
        Vector512<float> largest = default;
        for (int i = 0; i < n; i += 16) largest = Vector512.Max(largest, Vector512.Abs(Vector512.Load(x + i)));
        float max = 0;
        for (int i = 0; i < 16; i++) max = Math.Max(max, largest[i]);
        float step = max / 127, inverse = step > 0 && float.IsFinite(1 / step) ? 1 / step : 0;
        Vector512<int> sums = default;
        for (int i = 0; i < n; i += 64)
        {
            Vector512<int> a = Round(x + i, inverse), b = Round(x + i + 16, inverse), c = Round(x + i + 32, inverse), d = Round(x + i + 48, inverse);
            sums += a + b + c + d;
            Vector512.Narrow(Vector512.Narrow(a, b), Vector512.Narrow(c, d)).Store(bytes + i);
        }
        sum = Vector512.Sum(sums);
        return step;
    }

    private static Vector512<int> Round(float* x, float inverse) => Vector512.ConvertToInt32(Vector512.Round(Vector512.Load(x) * inverse));

    /// <summary>
    /// Rounds with the step whose code points nearest to x's own direction, of a few around what is best on average; x · v. Extended RaBitQ (Gao et al., arXiv 2409.09913) tries each
    /// step at which an element changes; these few give nearly the same.
    /// </summary>
    private static double RoundBest(float* x, int n, byte* elements, float squared, int bits)
    {
        float usual = BestSteps[bits] * MathF.Sqrt(squared / n), best = usual;
        double nearest = 0;
        foreach (float trial in Trials.AsSpan(0, bits == 1 || !(usual > 0) ? 0 : Trials.Length))
        {
            Products(x, n, usual * trial, bits, out double product, out double length);
            double cosine = product * Math.Abs(product) / length;
            if (cosine <= nearest) continue;
            (nearest, best) = (cosine, usual * trial);
        }
        return RoundToGrid(x, n, elements, best, bits);
    }

    /// <summary>x · v and v · v for the code v at a step.</summary>
    private static void Products(float* x, int n, float step, int bits, out double product, out double length)
    {
        Vector512<float> half = Vector512.Create((float)(1 << (bits - 1))), inverse = Vector512.Create(1 / step), middle = Vector512.Create(0.5f), products = default, squares = default;
        for (int i = 0; i < n; i += 16)
        {
            Vector512<float> value = Vector512.Load(x + i);
            Vector512<float> v = Vector512.Max(-half, Vector512.Min(half - Vector512<float>.One, Vector512.Floor(value * inverse))) + middle;
            products += value * v;
            squares += v * v;
        }
        product = Vector512.Sum(products);
        length = Vector512.Sum(squares);
    }

    /// <summary>Rounds to the middles of steps, what lies beyond the outermost to it; elements count from the lowest. Returns x · v.</summary>
    private static double RoundToGrid(float* x, int n, byte* elements, float step, int bits)
    {
        int levels = 1 << bits, half = levels / 2;
        double product = 0;
        float inverse = step > 0 && float.IsFinite(1 / step) ? 1 / step : 0;
        for (int i = 0; i < n; i++)
        {
            int level = Math.Clamp((int)MathF.Floor(Math.Clamp(x[i] * inverse, -levels, levels)) + half, 0, levels - 1);
            elements[i] = (byte)level;
            product += x[i] * (level - half + 0.5f);
        }
        return product;
    }
}

/// <summary>What estimates need of a query beside its bytes: the step of the bytes, the grid's offset times their sum, the query's own part of the distance; what, times a row's
/// factor, is the standard deviation of its estimate's error.</summary>
internal readonly record struct QuantizedQuery(float Step, float Offset, float Constant, float Spread);
