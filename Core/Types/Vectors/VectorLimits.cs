using System.Buffers.Binary;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>What pgvector's types have in common: limits, modifiers, the head of the binary form, and how errors are worded.</summary>
internal static class VectorLimits
{
    /// <summary>Of vector and halfvec; also the most non-zero elements of a sparsevec.</summary>
    public const int MaxDimensions = 16000;

    /// <exception cref="SqlException">22000, 54000.</exception>
    public static void CheckDimensions(int dimensions, string type, int most = MaxDimensions)
    {
        if (dimensions < 1) throw NoDimensions(type);
        if (dimensions > most) throw new SqlException(SqlState.ProgramLimitExceeded, $"{type} cannot have more than {most} dimensions");
    }

    /// <summary>Holds a value to the n of its type.</summary>
    /// <exception cref="SqlException">22000.</exception>
    public static void CheckExpected(int modifier, int dimensions)
    {
        if (modifier != -1 && modifier != dimensions) throw new SqlException(SqlState.DataException, $"expected {modifier} dimensions, not {dimensions}");
    }

    /// <exception cref="SqlException">22023.</exception>
    public static int ParseModifier(ReadOnlySpan<int> arguments, string type, int most)
    {
        if (arguments.Length != 1) throw new SqlException(SqlState.InvalidParameterValue, "invalid type modifier");
        if (arguments[0] < 1) throw new SqlException(SqlState.InvalidParameterValue, $"dimensions for type {type} must be at least 1");
        if (arguments[0] > most) throw new SqlException(SqlState.InvalidParameterValue, $"dimensions for type {type} cannot exceed {most}");
        return arguments[0];
    }

    /// <summary>The elements of a dense vector's binary form: two 16-bit numbers (dimensions, 0), then so many elements and nothing more.</summary>
    /// <exception cref="SqlException">08P01, 22P03, 22000, 54000.</exception>
    public static ReadOnlySpan<byte> DenseElements(ReadOnlySpan<byte> bytes, int modifier, int width, string type)
    {
        const int HeaderBytes = 4;
        if (bytes.Length < HeaderBytes) throw TooShort();
        int dimensions = BinaryPrimitives.ReadUInt16BigEndian(bytes), unused = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        CheckDimensions(dimensions, type);
        CheckExpected(modifier, dimensions);
        if (unused != 0) throw NotUnused(unused);
        ReadOnlySpan<byte> elements = bytes[HeaderBytes..];
        if (elements.Length < dimensions * width) throw TooShort();
        return elements.Length == dimensions * width ? elements : throw TooLong();
    }

    public static SqlException TooShort() => new(SqlState.ProtocolViolation, "insufficient data left in message");
    public static SqlException TooLong() => new(SqlState.InvalidBinaryRepresentation, "incorrect binary data format");
    public static SqlException NotUnused(int value) => new(SqlState.DataException, $"expected unused to be 0, not {value}");
    public static SqlException NoDimensions(string type) => new(SqlState.DataException, $"{type} must have at least 1 dimension");
    public static SqlException NaNNotAllowed(string type) => new(SqlState.DataException, $"NaN not allowed in {type}");
    public static SqlException InfinityNotAllowed(string type) => new(SqlState.DataException, $"infinite value not allowed in {type}");
    public static SqlException DifferentDimensions(string type, int left, int right) => new(SqlState.DataException, $"different {type} dimensions {left} and {right}");

    /// <exception cref="SqlException">22000.</exception>
    public static void CheckElement(float value, string type)
    {
        if (float.IsFinite(value)) return;
        throw float.IsNaN(value) ? NaNNotAllowed(type) : InfinityNotAllowed(type);
    }
}
