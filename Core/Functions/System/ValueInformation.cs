using System.Security.Cryptography;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>Facts about values: pg_typeof, pg_column_size, num_nulls, pg_size_pretty; and gen_random_uuid.</summary>
internal static class ValueInformation
{
    public static void Register(FunctionLibrary library)
    {
        library.Add("pg_typeof", new TypeOf());
        library.Add("pg_column_size", new ColumnSize());
        library.Rowwise("pg_num_nulls", static (in a, r, _) => StringFunctions.Int(r, CountNulls(a)));
        library.Rowwise("pg_num_nonnulls", static (in a, r, _) => StringFunctions.Int(r, a.Count - CountNulls(a)));
        library.Strict("pg_size_pretty", static (in a, r, _) => PrettySize(new NumericValue((Int128)a.Get<long>(0), 0), r));
        library.Strict("pg_size_pretty_numeric", static (in a, r, _) => PrettySize(NumericFunctions.Value(a, 0), r));
        library.Rowwise("gen_random_uuid", static (in _, r, _) => RandomUuid((ColumnBuilder<UuidValue>)r));
    }

    private static int CountNulls(in RowArguments arguments)
    {
        int count = 0;
        for (int i = 0; i < arguments.Count; i++) count += arguments.IsNull(i) ? 1 : 0;
        return count;
    }

    private static void PrettySize(NumericValue bytes, ColumnBuilder result)
    {
        string[] units = ["bytes", "kB", "MB", "GB", "TB", "PB"];
        int unit = 0;
        // Up to 10 of a unit the smaller one is shown; from kB on twice the value is kept, so that the last half rounds.
        NumericValue limit = new((Int128)(10 * 1024), 0), two = new((Int128)2, 0), divisor = new((Int128)1024, 0);
        NumericValue value = bytes;
        if (!value.IsFinite) unit = units.Length - 1;
        if (value.IsFinite && NumericArithmetic.Absolute(value) >= limit)
        {
            NumericValue doubled = new((Int128)(20 * 1024 - 1), 0);
            value = NumericArithmetic.DivideTruncated(value, new NumericValue((Int128)512, 0));
            unit = 1;
            while (unit < units.Length - 1 && NumericArithmetic.Absolute(value) >= doubled)
            {
                value = NumericArithmetic.DivideTruncated(value, divisor);
                unit++;
            }
            NumericValue half = new((Int128)value.Sign, 0);
            value = NumericArithmetic.DivideTruncated(NumericArithmetic.Add(value, half), two);
        }
        BytesColumnBuilder output = (BytesColumnBuilder)result;
        NumericText.Write(value, output.Output);
        output.Output.WriteByte((byte)' ');
        output.Output.WriteText(units[unit]);
        output.EndValue();
    }

    /// <summary>Version 4, from the system's strong source: identifiers are often meant to be unguessable.</summary>
    private static void RandomUuid(ColumnBuilder<UuidValue> result)
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        bytes[6] = (byte)(bytes[6] & 0x0F | 0x40);
        bytes[8] = (byte)(bytes[8] & 0x3F | 0x80);
        result.Append(new UuidValue(bytes));
    }

    /// <summary>The type that the argument has in the call.</summary>
    private sealed class TypeOf(uint type = 0) : ScalarFunction
    {
        public override ScalarFunction Specialize(ReadOnlySpan<SqlType> argumentTypes, SqlType resultType) => new TypeOf(argumentTypes[0].Oid);

        public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context) =>
            ((ColumnBuilder<uint>)result).Fill(Rows.Needed(selection)).Fill(type);
    }

    /// <summary>Bytes of the value as stored; of variable length with PostgreSQL's header of 1 or 4.</summary>
    private sealed class ColumnSize(SqlType type = default) : ScalarFunction
    {
        public override ScalarFunction Specialize(ReadOnlySpan<SqlType> argumentTypes, SqlType resultType) => new ColumnSize(argumentTypes[0]);

        public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
        {
            int fixedLength = Builtins.FindType(type.Oid)?.Length ?? -1;
            Span<int> output = ((ColumnBuilder<int>)result).Fill(Rows.Needed(selection));
            result.IntersectValidity(arguments[0]);
            for (int i = 0; i < selection.Count; i++)
            {
                int row = selection[i];
                if (arguments[0].IsNull(row)) continue;
                int length = fixedLength > 0 ? fixedLength : arguments[0] is BytesColumn bytes ? bytes[row].Length : PhysicalKinds.WidthOf(arguments[0].Kind);
                output[row] = fixedLength > 0 ? length : length + (length <= 126 ? 1 : 4);
            }
        }
    }
}
