using System.Text;
using VecSql.Core.Columns;
using VecSql.Core.Types;

namespace VecSql.Executor.Modification;

/// <summary>A row's values as error details show them.</summary>
internal static class RowText
{
    // PostgreSQL cuts each value after this many bytes.
    private const int MaxValueBytes = 64;

    public static string Format(ReadOnlySpan<Column> columns, int row, IReadOnlyList<SqlType> types, ExecutionState state)
    {
        StringBuilder text = new();
        ByteBuffer value = new();
        for (int i = 0; i < columns.Length; i++)
        {
            if (i > 0) text.Append(", ");
            text.Append(FormatValue(columns[i], row, types[i], state, value, MaxValueBytes));
        }
        return text.ToString();
    }

    public static string FormatValue(Column column, int row, SqlType type, ExecutionState state, ByteBuffer buffer, int maxBytes = int.MaxValue)
    {
        if (column.IsNull(row)) return "null";
        buffer.Clear();
        state.HandlerOf(type).FormatText(column, row, type, buffer, state.Context);
        ReadOnlySpan<byte> bytes = buffer.WrittenSpan;
        if (bytes.Length <= maxBytes) return Encoding.UTF8.GetString(bytes);
        int end = maxBytes;
        while (end > 0 && (bytes[end] & 0xC0) == 0x80) end--;
        return Encoding.UTF8.GetString(bytes[..end]) + "...";
    }
}
