using System.Buffers;
using System.Runtime.InteropServices;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Kernels;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>
/// max_sim(document, query): for each of the query's vectors the greatest inner product with one of the document's, summed (late interaction, as ColBERT scores). An empty array on either side
/// has nothing to say: 0.
/// </summary>
internal sealed class MaxSimFunction(uint element) : ScalarFunction
{
    public static void Register(FunctionLibrary library)
    {
        library.Add("max_sim", new MaxSimFunction(TypeOid.Vector));
        library.Add("halfvec_max_sim", new MaxSimFunction(TypeOid.HalfVec));
        library.Add("int8vec_max_sim", new MaxSimFunction(TypeOid.Int8Vec));
    }

    private int ElementBytes => element switch { TypeOid.Vector => sizeof(float), TypeOid.HalfVec => sizeof(ushort), _ => sizeof(sbyte) };
    private string TypeName => element switch { TypeOid.Vector => "vector", TypeOid.HalfVec => HalfVecType.Name, _ => Int8VecType.Name };

    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        BytesColumn documents = (BytesColumn)arguments[0], queries = (BytesColumn)arguments[1];
        Span<double> output = ((ColumnBuilder<double>)result).Fill(Rows.Needed(selection));
        result.IntersectValidity(documents, queries);
        bool mayHaveNulls = documents.MayHaveNulls || queries.MayHaveNulls;
        ArrayView document = ArrayView.Rent(TypeOid.AnyArray), query = ArrayView.Rent(TypeOid.AnyArray);
        // A constant query is opened, and widened, once.
        bool isSame = queries.IndexMask == 0;
        Matrix right = default;
        bool isOpen = false;
        try
        {
            for (int i = 0; i < selection.Count; i++)
            {
                int row = selection[i];
                if (mayHaveNulls && (documents.IsNull(row) || queries.IsNull(row))) continue;
                if ((i & 63) == 0) context.Cancellation.ThrowIfCancellationRequested();
                if (!isOpen || !isSame)
                {
                    right.Dispose();
                    query.Open(queries, row);
                    right = Read(query);
                    isOpen = true;
                }
                document.Open(documents, row);
                using Matrix left = Read(document);
                output[row] = Score(left, right);
            }
        }
        finally
        {
            right.Dispose();
            document.Return();
            query.Return();
        }
    }

    private unsafe double Score(in Matrix document, in Matrix query)
    {
        if (document.Rows == 0 || query.Rows == 0) return 0;
        if (document.Dimensions != query.Dimensions) throw VectorLimits.DifferentDimensions(TypeName, document.Dimensions, query.Dimensions);
        fixed (byte* a = document.Bytes, b = query.Bytes)
        {
            if (element != TypeOid.Int8Vec) return MaxSimLoop.Sum((float*)a, document.Rows, (float*)b, query.Rows, query.Dimensions);
            long sum = 0;
            for (int q = 0; q < query.Rows; q++)
            {
                int best = int.MinValue;
                for (int d = 0; d < document.Rows; d++)
                    best = Math.Max(best, Int8Loop<Int8Product>.Sum((sbyte*)a + ((long)d * query.Dimensions), (sbyte*)b + ((long)q * query.Dimensions), query.Dimensions));
                sum += best;
            }
            return sum;
        }
    }

    /// <summary>An array's vectors, one behind the other as they lie in it; halves as floats.</summary>
    /// <exception cref="SqlException">22000: they differ in dimensions; 22004: one is null.</exception>
    private Matrix Read(ArrayView view)
    {
        if (view.Dimensions > 1) throw new SqlException(SqlState.DataException, "array must be 1-D");
        if (view.Count == 0) return default;
        BytesColumn vectors = (BytesColumn)view.Elements;
        int width = 0;
        for (int i = 0; i < view.Count; i++)
        {
            if (view.MayHaveNulls && vectors.IsNull(i)) throw new SqlException(SqlState.NullValueNotAllowed, "array must not contain nulls");
            int length = vectors[i].Length;
            if (i == 0) width = length;
            else if (length != width) throw VectorLimits.DifferentDimensions(TypeName, width / ElementBytes, length / ElementBytes);
        }
        ReadOnlySpan<byte> all = MemoryMarshal.CreateReadOnlySpan(ref MemoryMarshal.GetReference(vectors[0]), width * view.Count);
        int dimensions = width / ElementBytes;
        if (element != TypeOid.HalfVec) return new Matrix(all, view.Count, dimensions, null);
        int count = view.Count * dimensions;
        float[] wide = ArrayPool<float>.Shared.Rent(count);
        HalfConversion.Widen(HalfVecType.Halves(all), wide.AsSpan(0, count));
        return new Matrix(MemoryMarshal.AsBytes(wide.AsSpan(0, count)), view.Count, dimensions, wide);
    }

    /// <summary>Rows of equal dimensions.</summary>
    private readonly ref struct Matrix(ReadOnlySpan<byte> bytes, int rows, int dimensions, float[]? rented)
    {
        public ReadOnlySpan<byte> Bytes { get; } = bytes;
        public int Rows => rows;
        public int Dimensions => dimensions;

        public void Dispose()
        {
            if (rented is not null) ArrayPool<float>.Shared.Return(rented);
        }
    }
}
