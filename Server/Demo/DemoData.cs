using System.Buffers.Binary;
using System.Text;
using VecSql.Core.Errors;

namespace VecSql.Server.Demo;

/// <summary>The paragraphs and vectors that come with the binary (Data/README.md tells source and licence).</summary>
internal sealed class DemoData
{
    public const int Dimensions = 256;

    private readonly byte[] _vectors;

    private DemoData(string[] texts, byte[] vectors)
    {
        Texts = texts;
        _vectors = vectors;
    }

    public IReadOnlyList<string> Texts { get; }
    public int Count => Texts.Count;

    public static DemoData Load()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "Demo", "Data");
        string[] texts = [.. File.ReadLines(Path.Combine(folder, "docs4k.tsv")).Select(line => line[(line.IndexOf('\t', StringComparison.Ordinal) + 1)..])];
        byte[] vectors = File.ReadAllBytes(Path.Combine(folder, "docs4k_256.f16"));
        Invariant.Check(vectors.Length == texts.Length * Dimensions * sizeof(short));
        return new DemoData(texts, vectors);
    }

    /// <summary>A paragraph's vector as SQL text: [0.1,…].</summary>
    public string VectorText(int row)
    {
        StringBuilder text = new("[", Dimensions * 12);
        ReadOnlySpan<byte> bytes = _vectors.AsSpan(row * Dimensions * sizeof(short), Dimensions * sizeof(short));
        for (int i = 0; i < Dimensions; i++)
        {
            if (i > 0) text.Append(',');
            text.Append((float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(i * sizeof(short))..]));
        }
        return text.Append(']').ToString();
    }
}
