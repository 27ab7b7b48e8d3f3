using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>pgvector's sparsevec(n): up to a billion dimensions, of which at most 16,000 aren't zero. Stored as <see cref="SparseView"/> tells.</summary>
public sealed class SparseVecType : TypeHandler
{
    internal const string Name = "sparsevec";
    internal const int MaxDimensions = 1_000_000_000;

    public override PhysicalKind Kind => PhysicalKind.Bytes;

    /// <summary>Room for a value with so many elements that aren't zero; the caller fills in and ends the value.</summary>
    internal static void Take(int dimensions, int count, BytesColumnBuilder result, out Span<int> places, out Span<float> values)
    {
        Span<byte> stored = result.Output.Take(SparseView.HeaderBytes + count * SparseView.ElementBytes);
        BinaryPrimitives.WriteInt32LittleEndian(stored, dimensions);
        places = MemoryMarshal.Cast<byte, int>(stored.Slice(SparseView.HeaderBytes, count * sizeof(int)));
        values = MemoryMarshal.Cast<byte, float>(stored[(SparseView.HeaderBytes + count * sizeof(int))..]);
    }

    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context) => SparseVecText.Parse(utf8, type.Modifier, (BytesColumnBuilder)result);
    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => SparseVecText.Write(ViewAt(column, row), output);

    /// <summary>Three 32-bit numbers (dimensions, count of elements, 0), the places, the values; all big-endian.</summary>
    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context)
    {
        const int HeaderBytes = 12;
        if (bytes.Length < HeaderBytes) throw VectorLimits.TooShort();
        int dimensions = BinaryPrimitives.ReadInt32BigEndian(bytes), count = BinaryPrimitives.ReadInt32BigEndian(bytes[4..]), unused = BinaryPrimitives.ReadInt32BigEndian(bytes[8..]);
        VectorLimits.CheckDimensions(dimensions, Name, MaxDimensions);
        CheckCount(count, dimensions);
        VectorLimits.CheckExpected(type.Modifier, dimensions);
        if (unused != 0) throw VectorLimits.NotUnused(unused);
        ReadOnlySpan<byte> elements = bytes[HeaderBytes..];
        if (elements.Length < count * SparseView.ElementBytes) throw VectorLimits.TooShort();
        if (elements.Length > count * SparseView.ElementBytes) throw VectorLimits.TooLong();
        BytesColumnBuilder builder = (BytesColumnBuilder)result;
        int start = builder.Output.Length;
        Take(dimensions, count, builder, out Span<int> places, out Span<float> values);
        bool isDone = false;
        try
        {
            BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, int>(elements[..(count * sizeof(int))]), places);
            CheckPlaces(places, dimensions);
            for (int i = 0; i < count; i++)
            {
                values[i] = BinaryPrimitives.ReadSingleBigEndian(elements[((count + i) * sizeof(float))..]);
                VectorLimits.CheckElement(values[i], Name);
                if (values[i] == 0) throw new SqlException(SqlState.DataException, "binary representation of sparsevec cannot contain zero values");
            }
            isDone = true;
        }
        finally
        {
            if (!isDone) builder.Output.Truncate(start);
        }
        builder.EndValue();
    }

    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context)
    {
        SparseView view = ViewAt(column, row);
        output.WriteInt32BigEndian(view.Dimensions);
        output.WriteInt32BigEndian(view.Count);
        output.WriteInt32BigEndian(0);
        foreach (int place in view.Places) output.WriteInt32BigEndian(place);
        foreach (float value in view.Values) output.WriteUInt32BigEndian(BitConverter.SingleToUInt32Bits(value));
    }

    public override int Compare(Column left, int leftRow, Column right, int rightRow) => SparseView.Compare(ViewAt(left, leftRow), ViewAt(right, rightRow));

    /// <summary>No element is zero, so equal values have equal bytes.</summary>
    public override ulong Hash(Column column, int row) => KeyHash.Of(((BytesColumn)column)[row]);

    /// <summary>
    /// Each element as 64 bits. A negative one makes a value less, and the more so the further in front it stands: its place, then its bits, ascending. A positive one makes it
    /// greater: its place's complement (so above all negative ones), then its bits. The end stands like the least of all negative elements, just beyond the last dimension.
    /// </summary>
    public override void EncodeKey(Column column, int row, ByteBuffer key)
    {
        SparseView view = ViewAt(column, row);
        for (int i = 0; i < view.Count; i++)
        {
            uint place = (uint)view.Places[i], bits = BitConverter.SingleToUInt32Bits(view.Values[i]);
            bool isNegative = view.Values[i] < 0;
            key.WriteUInt32BigEndian(isNegative ? place : ~place);
            key.WriteUInt32BigEndian(isNegative ? ~bits : bits);
        }
        key.WriteInt32BigEndian(view.Dimensions);
        key.WriteUInt32BigEndian(0);
    }

    public override int ParseModifier(ReadOnlySpan<int> arguments, string typeName) => VectorLimits.ParseModifier(arguments, Name, MaxDimensions);
    public override string FormatModifier(int modifier) => modifier < 0 ? "" : $"({modifier})";

    /// <exception cref="SqlException">22000, 54000.</exception>
    internal static void CheckCount(int count, int dimensions)
    {
        if (count < 0) throw new SqlException(SqlState.DataException, "sparsevec cannot have negative number of elements");
        if (count > VectorLimits.MaxDimensions) throw TooManyElements();
        if (count > dimensions) throw new SqlException(SqlState.ProgramLimitExceeded, "sparsevec cannot have more elements than dimensions");
    }

    /// <exception cref="SqlException">22000: a place beyond the dimensions, twice, or before the one in front of it.</exception>
    internal static void CheckPlaces(ReadOnlySpan<int> places, int dimensions)
    {
        for (int i = 0; i < places.Length; i++)
        {
            if ((uint)places[i] >= (uint)dimensions) throw new SqlException(SqlState.DataException, "sparsevec index out of bounds");
            if (i == 0 || places[i] > places[i - 1]) continue;
            throw new SqlException(SqlState.DataException, places[i] < places[i - 1] ? "sparsevec indices must be in ascending order" : "sparsevec indices must not contain duplicates");
        }
    }

    internal static SqlException TooManyElements() => new(SqlState.ProgramLimitExceeded, $"sparsevec cannot have more than {VectorLimits.MaxDimensions} non-zero elements");

    private static SparseView ViewAt(Column column, int row) => new(((BytesColumn)column)[row]);
}
