using VecSql.Core.Columns;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>Cutting and joining dense vectors, whatever their elements are: only their width counts.</summary>
internal static class VectorSlices
{
    /// <summary>v || w.</summary>
    public static void AppendBoth(in RowArguments arguments, ColumnBuilder result, int width, string type)
    {
        ReadOnlySpan<byte> x = arguments.Bytes(0), y = arguments.Bytes(1);
        VectorLimits.CheckDimensions((x.Length + y.Length) / width, type);
        BytesColumnBuilder builder = (BytesColumnBuilder)result;
        builder.Output.Write(x);
        builder.Append(y);
    }

    /// <summary>subvector(v, start, count): from 1; what lies outside is left out.</summary>
    public static void Append(in RowArguments arguments, ColumnBuilder result, int width, string type)
    {
        ReadOnlySpan<byte> value = arguments.Bytes(0);
        long length = value.Length / width, start = arguments.Get<int>(1), end = start + arguments.Get<int>(2);
        start = Math.Max(start, 1);
        end = Math.Min(end, length + 1);
        int dimensions = (int)Math.Max(end - start, 0);
        VectorLimits.CheckDimensions(dimensions, type);
        ((BytesColumnBuilder)result).Append(value.Slice((int)(start - 1) * width, dimensions * width));
    }
}
