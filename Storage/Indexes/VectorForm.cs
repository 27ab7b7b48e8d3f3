using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Vectors;
using VecSql.Vectors.Memory;

namespace VecSql.Storage.Indexes;

/// <summary>How the keys of a vector index lie in columns, and how they become rows of its structures' stores.</summary>
/// <param name="Type">vector, halfvec, sparsevec, bit or int8vec.</param>
/// <param name="Dimensions">The n of the key's type.</param>
internal sealed record VectorForm(uint Type, int Dimensions)
{
    /// <summary>Non-zero elements of an indexed sparsevec at most, as in pgvector.</summary>
    private const int MaxSparseElements = 1000;

    private const int MaxDimensions = 16000, MaxBits = 64000;

    private const int BitHeaderBytes = sizeof(int);

    /// <summary>What an index's definition says, checked as pgvector checks it.</summary>
    /// <exception cref="SqlException">22023, 54000, 0A000.</exception>
    public static VectorForm Read(IndexObject index)
    {
        string method = index.Method;
        if (index.IsUnique) throw SqlException.NotSupported($"a unique index of access method \"{method}\"");
        if (index.Keys.Length != 1) throw new SqlException(SqlState.FeatureNotSupported, $"access method \"{method}\" does not support multicolumn indexes");
        SqlType type = index.Keys[0].Type;
        if (type.Oid is not (TypeOid.Vector or TypeOid.HalfVec or TypeOid.SparseVec or TypeOid.Bit or TypeOid.Int8Vec))
            throw new SqlException(SqlState.FeatureNotSupported, $"type not supported for {method} index");
        if (type.Modifier <= 0) throw new SqlException(SqlState.InvalidParameterValue, "column does not have dimensions");
        // A sparsevec's dimensions cost nothing.
        int most = type.Oid switch { TypeOid.Bit => MaxBits, TypeOid.SparseVec => int.MaxValue, _ => MaxDimensions };
        if (type.Modifier > most) throw new SqlException(SqlState.ProgramLimitExceeded, $"column cannot have more than {most} dimensions for {method} index");
        // Learning centers by their directions alone has nothing to learn in one dimension.
        if (method == "ivfflat" && type.Modifier == 1 && index.Keys[0].OperatorClass is "vector_ip_ops" or "vector_cosine_ops" or "halfvec_ip_ops" or "halfvec_cosine_ops")
            throw new SqlException(SqlState.InvalidParameterValue, "dimensions must be greater than one for this opclass");
        return new VectorForm(type.Oid, type.Modifier);
    }

    /// <summary>An option's value.</summary>
    public static int ReadNumber(string name, string value, int minimum, int maximum)
    {
        if (!StorageParameters.TryReadInteger(value, out int number))
            throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for integer option \"{name}\": {value}");
        if (number < minimum || number > maximum)
        {
            throw new SqlException(SqlState.InvalidParameterValue, $"value {value} out of bounds for option \"{name}\"",
                detail: $"Valid values are between \"{minimum}\" and \"{maximum}\".");
        }
        return number;
    }

    public RowForm Rows { get; } = Type switch { TypeOid.Vector => RowForm.Float32, TypeOid.HalfVec => RowForm.Float16, TypeOid.Bit => RowForm.Bits, TypeOid.Int8Vec => RowForm.Int8, _ => RowForm.Sparse };

    /// <summary>32-bit words of a row in a store.</summary>
    public int Words => RowForms.Words(Rows, Dimensions);

    /// <summary>Bytes that one distance reads, about.</summary>
    public int RowBytes => Rows == RowForm.Sparse ? 512 : Words * sizeof(float);

    /// <summary>The row of a key: the key itself where its words lie so, else written to the scratch, which has room for <see cref="Words"/>.</summary>
    /// <param name="sparse">Where sparse rows go; null if the index has none.</param>
    /// <exception cref="SqlException">22000: it has other dimensions; 54000: too many elements.</exception>
    public ReadOnlySpan<float> Read(ReadOnlySpan<byte> key, Span<float> scratch, SparseRowMemory? sparse)
    {
        int dimensions = DimensionsOf(key);
        if (dimensions != Dimensions) throw new SqlException(SqlState.DataException, $"expected {Dimensions} dimensions, not {dimensions}");
        return ToRow(key, scratch, sparse);
    }

    /// <summary>A query as a row of its own.</summary>
    /// <exception cref="SqlException">22000: it has other dimensions; 54000: too many elements.</exception>
    public float[] ReadQuery(ReadOnlySpan<byte> query, SparseRowMemory? sparse)
    {
        int dimensions = DimensionsOf(query);
        if (dimensions != Dimensions)
        {
            throw new SqlException(SqlState.DataException, Type == TypeOid.Bit
                ? $"different bit lengths {Dimensions} and {dimensions}"
                : $"different {TypeNames.Display(new SqlType(Type))} dimensions {Dimensions} and {dimensions}");
        }
        float[] row = new float[Words];
        ToRow(query, row, sparse).CopyTo(row);
        return row;
    }

    private int DimensionsOf(ReadOnlySpan<byte> key) => Rows switch
    {
        RowForm.Float32 => key.Length / sizeof(float),
        RowForm.Float16 => key.Length / sizeof(ushort),
        RowForm.Bits => BinaryPrimitives.ReadInt32BigEndian(key),
        RowForm.Int8 => key.Length,
        _ => new SparseView(key).Dimensions,
    };

    private ReadOnlySpan<float> ToRow(ReadOnlySpan<byte> key, Span<float> scratch, SparseRowMemory? sparse)
    {
        switch (Rows)
        {
            case RowForm.Float32:
                return MemoryMarshal.Cast<byte, float>(key);
            case RowForm.Sparse:
                SparseView view = new(key);
                if (view.Count > MaxSparseElements)
                    throw new SqlException(SqlState.ProgramLimitExceeded, $"sparsevec cannot have more than {MaxSparseElements} non-zero elements for hnsw index");
                long address = sparse!.Add(view.Places, view.Values);
                MemoryMarshal.Write(MemoryMarshal.AsBytes(scratch), address);
                return scratch[..Words];
            default:
                Span<byte> words = MemoryMarshal.AsBytes(scratch[..Words]);
                ReadOnlySpan<byte> elements = Rows == RowForm.Bits ? key[BitHeaderBytes..] : key;
                elements.CopyTo(words);
                words[elements.Length..].Clear();
                return scratch[..Words];
        }
    }
}
