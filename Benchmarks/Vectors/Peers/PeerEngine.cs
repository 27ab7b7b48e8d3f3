using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace VecSql.Benchmarks.Vectors.Peers;

/// <summary>Another library in a process of its own (Benchmarks/Peers/README.md has the protocol).</summary>
internal sealed class PeerEngine : IVectorEngine
{
    private readonly Process _process;
    private readonly string _base, _queries, _metric, _out = Path.GetTempFileName();

    public PeerEngine(string command, string basePath, string queryPath, string metric)
    {
        (_base, _queries, _metric) = (basePath, queryPath, metric);
        string[] words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        ProcessStartInfo start = new(words[0], words[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        // A library that spins up threads of its own for one query would measure something else.
        start.Environment["OMP_WAIT_POLICY"] = "passive";
        start.Environment["OPENBLAS_NUM_THREADS"] = "2";
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{words[0]} doesn't start");
        Name = Answer("peer")[0];
    }

    public string Name { get; }
    public IReadOnlyList<string> Efforts { get; private set; } = [];

    public (Elapsed Elapsed, long Bytes) Build(int threads)
    {
        string[] words = Ask($"build {_base} {_queries} {_metric} {threads}", "built");
        Efforts = words[3..];
        return (new(Number(words[0]), Number(words[1])), (long)Number(words[2]));
    }

    public Elapsed Search(string effort, int threads, int total, Span<int> found)
    {
        string[] words = Ask($"search {effort} {VectorSet.K} {threads} {total} {_out}", "searched");
        MemoryMarshal.Cast<byte, int>(File.ReadAllBytes(_out)).CopyTo(found);
        return new(Number(words[0]), Number(words[1]));
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
        File.Delete(_out);
    }

    private string[] Ask(string line, string answer)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
        return Answer(answer);
    }

    private string[] Answer(string expected)
    {
        string line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"the peer ended where '{expected}' was awaited");
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words is [var first, ..] && first == expected ? words[1..] : throw new InvalidOperationException($"the peer said '{line}' where '{expected}' was awaited");
    }

    private static double Number(string word) => double.Parse(word, CultureInfo.InvariantCulture);
}
