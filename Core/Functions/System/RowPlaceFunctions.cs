using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Core.Functions;

/// <summary>How row numbers show as places of a heap: 128 rows a block.</summary>
public static class RowPlaces
{
    public const int RowsPerBlock = 128;
}

/// <summary>ctid: a row number as a tid. A row version keeps it for its life.</summary>
public sealed class RowPlace : ScalarFunction
{
    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        result.Reset();
        Column<long> numbers = (Column<long>)arguments[0];
        BytesColumnBuilder places = (BytesColumnBuilder)result;
        for (int i = 0; i < selection.Count; i++)
        {
            int row = selection[i];
            places.SkipTo(row);
            if (numbers.IsNull(row))
            {
                places.AppendNull();
                continue;
            }
            places.Output.WriteUInt32BigEndian((uint)(numbers[row] / RowPlaces.RowsPerBlock));
            places.Output.WriteInt16BigEndian((short)(numbers[row] % RowPlaces.RowsPerBlock + 1));
            places.EndValue();
        }
    }
}

/// <summary>
/// TABLESAMPLE: whether a row is in the sample. Arguments: its number, the percentage (float4), REPEATABLE's seed (float8; a typed NULL if there is none, then the statement decides).
/// The same seed gives the same rows of an unchanged table.
/// </summary>
/// <param name="byBlock">SYSTEM: whole blocks. BERNOULLI: each row by itself.</param>
/// <param name="isRepeatable">REPEATABLE was written, and must not be null.</param>
public sealed class RowSample(bool byBlock, bool isRepeatable) : ScalarFunction
{
    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        result.Reset();
        Column<long> numbers = (Column<long>)arguments[0];
        Column<float> percentages = (Column<float>)arguments[1];
        Column<double> seeds = (Column<double>)arguments[2];
        ColumnBuilder<bool> chosen = (ColumnBuilder<bool>)result;
        for (int i = 0; i < selection.Count; i++)
        {
            int row = selection[i];
            chosen.SkipTo(row);
            if (percentages.IsNull(row)) throw new SqlException(SqlState.InvalidTablesampleArgument, "TABLESAMPLE parameter cannot be null");
            if (isRepeatable && seeds.IsNull(row)) throw new SqlException(SqlState.InvalidTablesampleRepeat, "TABLESAMPLE REPEATABLE parameter cannot be null");
            float percentage = percentages[row];
            if (!(percentage >= 0 && percentage <= 100)) throw new SqlException(SqlState.InvalidTablesampleArgument, "sample percentage must be between 0 and 100");
            ulong seed = isRepeatable ? BitConverter.DoubleToUInt64Bits(seeds[row] == 0 ? 0 : seeds[row]) : (ulong)context.StatementTimestampMicros;
            ulong unit = (ulong)(byBlock ? numbers[row] / RowPlaces.RowsPerBlock : numbers[row]);
            chosen.Append(Mix(unit ^ Mix(seed)) < percentage / 100.0 * ulong.MaxValue || percentage >= 100);
        }
    }

    private static ulong Mix(ulong value)
    {
        value = (value + 0x9E3779B97F4A7C15 ^ value >> 30) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
