using System.CommandLine;
using System.CommandLine.Parsing;
using VecSql.Vectors;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Search;

namespace VecSql.Benchmarks.Vectors;

/// <summary>Rows, queries and each query's exact nearest rows.</summary>
internal sealed record VectorSet(float[][] Rows, float[][] Queries, int[][] Truth, int Dimensions, DistanceMetric Metric)
{
    /// <summary>Neighbours asked for everywhere.</summary>
    public const int K = 10;

    /// <summary>The exact answers over the rows that the predicate keeps.</summary>
    public int[][] ExactWhere(Func<int, bool> keeps, int queries)
    {
        using GrowableVectorStore store = new(Dimensions, Metric == DistanceMetric.Cosine, Rows.Length);
        foreach (float[] row in Rows) store.Append(row);
        ulong[] bitmap = new ulong[(Rows.Length + 63) / 64];
        for (int i = 0; i < Rows.Length; i++)
            if (keeps(i)) bitmap[i >> 6] |= 1UL << i;
        int[][] truth = new int[Math.Min(queries, Queries.Length)][];
        Neighbor[] found = new Neighbor[K];
        SearchStats stats = default;
        for (int i = 0; i < truth.Length; i++)
        {
            int count = ExactSearch.Search(store, Metric, bitmap, Queries[i], K, found, ref stats);
            truth[i] = [.. found.Take(count).Select(n => n.Id)];
        }
        return truth;
    }
}

/// <summary>The command line options that name a vector set.</summary>
internal sealed class VectorSetOptions
{
    private readonly Option<string?> _base = new("--base") { Description = "Rows: .fvecs, .bvecs or .f16." };
    private readonly Option<string?> _queries = new("--queries") { Description = "Queries, in the same formats." };
    private readonly Option<string?> _truth = new("--truth") { Description = "Exact neighbours: .ivecs; computed if not given." };
    private readonly Option<int> _dimensions = new("--dims") { Description = "Dimensions of the files." };
    private readonly Option<string> _metric = new("--metric") { Description = "l2, cosine, ip or l1.", DefaultValueFactory = _ => "l2" };
    private readonly Option<string?> _synthetic = new("--synthetic") { Description = "Instead of files: syn1m[:ROWS], clustered, of intrinsic dimension 16, reproducible to the bit; or ROWSxDIMS, clustered, made up from a seed." };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_base, _queries, _truth, _dimensions, _metric, _synthetic]) command.Add(option);
    }

    public VectorSet Load(ParseResult parsed)
    {
        DistanceMetric metric = parsed.GetValue(_metric) switch
        {
            "l2" => DistanceMetric.L2,
            "ip" => DistanceMetric.InnerProduct,
            "cosine" => DistanceMetric.Cosine,
            "l1" => DistanceMetric.L1,
            var other => throw new ArgumentException($"unknown metric {other}"),
        };
        VectorSet set;
        if (parsed.GetValue(_synthetic) is { } size)
        {
            if (size.Split(':') is ["syn1m", ..] named)
            {
                int rows = named.Length > 1 ? int.Parse(named[1]) : Syn1M.Rows;
                set = new VectorSet(Syn1M.Generate(0, rows), Syn1M.Generate(Syn1M.Rows, Syn1M.Queries), [], Syn1M.Dimensions, metric);
                return WithTruth(set, parsed);
            }
            string[] parts = size.Split('x');
            int dimensions = int.Parse(parts[1]);
            float[][] all = Synthetic(int.Parse(parts[0]) + 500, dimensions);
            set = new VectorSet(all[500..], all[..500], [], dimensions, metric);
        }
        else
        {
            if (parsed.GetValue(_base) is not { } rows || parsed.GetValue(_queries) is not { } queries || parsed.GetValue(_dimensions) is var dimensions && dimensions == 0)
                throw new ArgumentException("give --base, --queries and --dims, or --synthetic");
            set = new VectorSet(VectorFiles.ReadRows(rows, dimensions), VectorFiles.ReadRows(queries, dimensions), [], dimensions, metric);
        }
        return WithTruth(set, parsed);
    }

    private VectorSet WithTruth(VectorSet set, ParseResult parsed)
    {
        int[][] truth = parsed.GetValue(_truth) is { } path ? VectorFiles.ReadTruth(path) : set.ExactWhere(_ => true, set.Queries.Length);
        return set with { Truth = truth, Queries = set.Queries[..Math.Min(set.Queries.Length, truth.Length)] };
    }

    /// <summary>Points around 200 centres: neighbours mean something, as in real embeddings, and unlike in uniform noise.</summary>
    private static float[][] Synthetic(int rows, int dimensions)
    {
        Random random = new(42);
        float[][] centres = [.. Enumerable.Range(0, 200).Select(_ => Gaussian(random, dimensions, null, 1f))];
        return [.. Enumerable.Range(0, rows).Select(_ => Gaussian(random, dimensions, centres[random.Next(centres.Length)], 0.6f))];
    }

    private static float[] Gaussian(Random random, int dimensions, float[]? centre, float spread)
    {
        float[] point = new float[dimensions];
        for (int i = 0; i < dimensions; i++)
            point[i] = (centre?[i] ?? 0) + (spread * (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())));
        return point;
    }
}
