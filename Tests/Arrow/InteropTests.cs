using System.Diagnostics;
using System.Text.Json;
using VecSql.Arrow;

namespace VecSql.Tests.Arrow;

/// <summary>Apache Arrow's own JavaScript library as the oracle of the format, both ways. Needs node and, once, npm.</summary>
public sealed class InteropTests : IDisposable
{
    private static readonly string Folder = Path.Combine(Repository.Root, "Tests", "Arrow", "interop");

    private readonly string _scratch = Directory.CreateTempSubdirectory("vecsql-arrow-").FullName;

    public void Dispose() => Directory.Delete(_scratch, recursive: true);

    [Fact]
    public void JavaScriptReadsWhatWeWrite()
    {
        var batch = Samples.Common();
        string file = Path.Combine(_scratch, "ours.arrow"), stream = Path.Combine(_scratch, "ours.stream");
        File.WriteAllBytes(file, Samples.File(batch, batch));
        File.WriteAllBytes(stream, Samples.Stream(batch, batch));
        string[] lines = Node("read", file, stream);
        string row = Normal(Rendering.Batch(batch));
        Assert.Equal($"[{row},{row}]", Normal(lines[0]));
        Assert.Equal($"[{row},{row}]", Normal(lines[1]));
    }

    [Fact]
    public void WeReadWhatJavaScriptWrites()
    {
        string line = Normal(Node("write", _scratch)[0]);
        var file = new ArrowFileReader(File.ReadAllBytes(Path.Combine(_scratch, "js.arrow")));
        Assert.Equal(1, file.BatchCount);
        var batch = file.ReadBatch(0);
        batch.Validate();
        Assert.Equal(line, $"[{Normal(Rendering.Batch(batch))}]");
        var stream = new ArrowStreamReader(File.OpenRead(Path.Combine(_scratch, "js.stream")));
        var streamed = stream.ReadBatch()!;
        streamed.Validate();
        Assert.Equal(line, $"[{Normal(Rendering.Batch(streamed))}]");
        Assert.Null(stream.ReadBatch());
    }

    private static string[] Node(params string[] arguments)
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules", "apache-arrow"))) Run("npm", ["ci", "--no-audit", "--no-fund"]);
        return Run("node", ["arrow.mjs", .. arguments]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string Run(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} failed: {errors.Result}{output}");
        return output;
    }

    /// <summary>The same JSON written by one hand.</summary>
    private static string Normal(string json) => JsonSerializer.Serialize(JsonDocument.Parse(json).RootElement);
}
