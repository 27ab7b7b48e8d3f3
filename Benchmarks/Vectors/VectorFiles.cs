using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace VecSql.Benchmarks.Vectors;

/// <summary>Reads the usual vector set files: .fvecs and .bvecs (int32 dims before each row), .ivecs (ground truth), .f16 (bare halves; dims given).</summary>
internal static class VectorFiles
{
    public static float[][] ReadRows(string path, int dimensions) => Path.GetExtension(path) switch
    {
        ".f16" => Rows(File.ReadAllBytes(path), dimensions, 0, 2, static (bytes, row) =>
        {
            for (int i = 0; i < row.Length; i++) row[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..]);
        }),
        ".bvecs" => Rows(File.ReadAllBytes(path), dimensions, 4, 1, static (bytes, row) =>
        {
            for (int i = 0; i < row.Length; i++) row[i] = bytes[i];
        }),
        ".fvecs" => Rows(File.ReadAllBytes(path), dimensions, 4, 4, static (bytes, row) => MemoryMarshal.Cast<byte, float>(bytes).CopyTo(row)),
        string other => throw new ArgumentException($"unknown vector file type {other}"),
    };

    public static int[][] ReadTruth(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int width = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        int[][] rows = new int[bytes.Length / (4 * (width + 1))][];
        for (int i = 0; i < rows.Length; i++)
            rows[i] = MemoryMarshal.Cast<byte, int>(bytes.AsSpan(4 * ((i * (width + 1)) + 1), 4 * width)).ToArray();
        return rows;
    }

    private delegate void RowReader(ReadOnlySpan<byte> bytes, Span<float> row);

    private static float[][] Rows(byte[] bytes, int dimensions, int prefix, int width, RowReader read)
    {
        int stride = prefix + (dimensions * width);
        if (bytes.Length % stride != 0) throw new ArgumentException($"the file's length is no multiple of {stride}");
        float[][] rows = new float[bytes.Length / stride][];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = new float[dimensions];
            read(bytes.AsSpan((i * stride) + prefix, dimensions * width), rows[i]);
        }
        return rows;
    }
}
