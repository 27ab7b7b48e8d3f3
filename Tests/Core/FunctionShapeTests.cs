using System.Text;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Functions;
using VecSql.Core.Types;

namespace VecSql.Tests.Core;

/// <summary>
/// The law of scalar functions: what a row gives depends on that row's arguments only, however the columns come (dense, selected, constant), and an error in a row that
/// isn't selected doesn't show. Held against every registered function whose arguments can be made.
/// </summary>
public sealed class FunctionShapeTests
{
    private const int RowCount = 21;

    private static readonly HashSet<string> Impure =
    [
        "drandom", "gen_random_uuid", "clock_timestamp", "timeofday", "pg_sleep_for(interval)", "pg_sleep_until(timestamptz)", "nextval_oid", "currval_oid", "lastval", "setval_oid", "setval3_oid", "pg_sleep", "set_config_by_name",
        "pg_cancel_backend", "pg_terminate_backend",
    ];

    private static readonly Dictionary<uint, string[]> Samples = new()
    {
        [TypeOid.Bool] = ["t", "f"], [TypeOid.Int2] = ["0", "1", "3", "-2"], [TypeOid.Int4] = ["0", "1", "3", "-2", "7"], [TypeOid.Int8] = ["0", "1", "3", "-2", "7"],
        [TypeOid.Float4] = ["0", "1.5", "-2", "NaN"], [TypeOid.Float8] = ["0", "1.5", "-2", "0.25"], [TypeOid.Numeric] = ["0", "1.50", "-2", "12345678901234567890.5", "NaN"],
        [TypeOid.Text] = ["", "abc", "9.9", "äö", "a%"], [TypeOid.Varchar] = ["abc", ""], [TypeOid.Bpchar] = ["ab ", "abc"], [TypeOid.Name] = ["abc", "UTF8"],
        [TypeOid.Bytea] = ["\\x", "\\x616200"], [TypeOid.Char] = ["a", ""], [TypeOid.Oid] = ["1", "7"], [TypeOid.Xid] = ["1", "7"], [TypeOid.Cid] = ["1"], [TypeOid.Xid8] = ["5", "6"],
        [TypeOid.Uuid] = ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"], [TypeOid.Bit] = ["101", "011"], [TypeOid.Varbit] = ["1", "0110"], [TypeOid.Tid] = ["(0,1)"],
        [TypeOid.OidVector] = ["1 2", ""], [TypeOid.Int2Vector] = ["1"], [TypeOid.CString] = ["1", "abc"], [TypeOid.Unknown] = ["x"], [TypeOid.Void] = [""],
        [TypeOid.Date] = ["2000-02-29", "infinity", "0044-03-15 BC"], [TypeOid.Time] = ["00:00", "12:34:56.789", "24:00"], [TypeOid.TimeTz] = ["12:34+05:30", "00:00-08"],
        [TypeOid.Timestamp] = ["2000-02-29 12:34:56", "-infinity", "0001-01-01"], [TypeOid.TimestampTz] = ["2024-03-31 01:00+00", "infinity", "1999-12-31 23:59:59.5+00"],
        [TypeOid.Interval] = ["1 mon -2 days 03:00", "0", "-1 year", "36:00"],
        [TypeOid.Any] = ["abc", ""], [TypeOid.AnyElement] = ["abc", "it's"], [TypeOid.RegClass] = ["1"],
        [TypeOid.Vector] = ["[1,2]", "[-0.5,4]", "[3]"],
        [TypeOid.Int8Vec] = ["[1,2]", "[-128,4]", "[3]"], [TypeOid.Int8VecArray] = ["{}", "{\"[1,2]\",\"[0,4]\"}"], [TypeOid.VectorArray] = ["{}", "{\"[1,2]\",\"[0.5,4]\"}", "{\"[1,2]\",\"[3]\"}"],
        [TypeOid.HalfVecArray] = ["{}", "{\"[1,2]\",\"[0.5,4]\"}", "{NULL}"],
        [TypeOid.HalfVec] = ["[1,2]", "[-0.5,4]", "[3]"], [TypeOid.SparseVec] = ["{1:1,2:2}/2", "{2:-0.5}/2", "{}/3"], [TypeOid.Int4Array] = ["{}", "{1,2}", "[0:1]={3,NULL}"], [TypeOid.Float4Array] = ["{1,2.5}"],
        [TypeOid.Float8Array] = ["{1,2.5}", "{2,3,4}"], [TypeOid.NumericArray] = ["{1,2.5}"], [TypeOid.TextArray] = ["{}", "{a,b}", "{abc,NULL}", "{0,k}", "{{a,b},{c,d}}"],
        [TypeOid.Json] = ["1", "[1, \"a\", null]", "{\"a\": [2], \"abc\": null}"], [TypeOid.Jsonb] = ["1", "[1, \"a\", null]", "{\"a\": [2], \"abc\": null}", "\"abc\"", "true"],
        [TypeOid.AnyArray] = ["{}", "{a,b}", "{abc,NULL}", "{{a,b},{c,d}}"], [TypeOid.AnyCompatibleArray] = ["{}", "{a,b}", "{abc,NULL}"],
        [TypeOid.AnyCompatible] = ["a", "abc"], [TypeOid.AnyNonArray] = ["a", "abc"],
    };

    public static TheoryData<string> Signatures() =>
        [.. Builtins.Functions.Where(f => f.Kind == 'f' && FunctionLibrary.Default.FindScalar(f) is not null && !Impure.Contains(f.Key) && f.ArgumentTypes.All(CanMake) && CanShow(f.ReturnType))
            .Select(f => Builtins.SignatureOf(f.Name, f.ArgumentTypes)).Distinct()];

    private static bool CanMake(uint type) => Samples.ContainsKey(type) && TypeHandlers.Find(Concrete(type)) is not null;
    private static bool CanShow(uint type) => TypeHandlers.Find(Concrete(type)) is not null;

    private static uint Concrete(uint type) => type switch
    {
        TypeOid.Any or TypeOid.AnyElement or TypeOid.AnyCompatible or TypeOid.AnyNonArray => TypeOid.Text,
        TypeOid.AnyArray or TypeOid.AnyCompatibleArray => TypeOid.TextArray,
        TypeOid.RegClass or TypeOid.RegType => TypeOid.Oid,
        _ => type,
    };

    [Theory]
    [MemberData(nameof(Signatures), DisableDiscoveryEnumeration = true)]
    public void A_row_is_a_row_however_it_comes(string signature)
    {
        BuiltinFunction function = Builtins.Functions.First(f => Builtins.SignatureOf(f.Name, f.ArgumentTypes) == signature);
        SqlType[] types = [.. function.ArgumentTypes.Select(t => new SqlType(Concrete(t)))];
        SqlType resultType = new(Concrete(function.ReturnType));
        ScalarFunction implementation = FunctionLibrary.Default.FindScalar(function)!.Specialize(types, resultType);
        EvalContext context = Contexts.Default();
        Random random = new(signature.Length);
        string?[][] arguments = [.. function.ArgumentTypes.Select(t => Enumerable.Range(0, RowCount).Select(_ => random.Next(6) == 0 ? null : Samples[t][random.Next(Samples[t].Length)]).ToArray())];

        // One row at a time, all constants: the reference.
        string[] expected = [.. Enumerable.Range(0, RowCount).Select(row => Constants(implementation, types, resultType, arguments, row, context))];
        int[] good = [.. Enumerable.Range(0, RowCount).Where(row => !expected[row].StartsWith("ERROR", StringComparison.Ordinal))];
        if (function.IsStrict)
            for (int row = 0; row < RowCount; row++)
                if (arguments.Any(a => a[row] is null)) Assert.Equal("\\N", expected[row]);

        Column[] columns = [.. arguments.Select((values, i) => ScalarCase.ParseColumn(types[i], values, context))];
        ColumnBuilder result = ColumnBuilder.Create(TypeHandlers.KindOf(resultType.Oid), RowCount);
        foreach (int[] rows in (int[][])[good, [.. good.Where((_, i) => i % 2 == 0)], [.. good.TakeLast(1)], []])
        {
            implementation.Evaluate(columns, Selection.Of(rows, rows.Length), result, context);
            Column values = result.Build();
            foreach (int row in rows) Assert.Equal(expected[row], Show(values, row, resultType, context));
        }
        if (good.Length == RowCount)
        {
            implementation.Evaluate(columns, Selection.All(RowCount), result, context);
            Column values = result.Build();
            for (int row = 0; row < RowCount; row++) Assert.Equal(expected[row], Show(values, row, resultType, context));
        }
    }

    private static string Constants(ScalarFunction implementation, SqlType[] types, SqlType resultType, string?[][] arguments, int row, EvalContext context)
    {
        Column[] columns = new Column[types.Length];
        for (int i = 0; i < columns.Length; i++) columns[i] = Constant(types[i], arguments[i][row], context);
        ColumnBuilder result = ColumnBuilder.Create(TypeHandlers.KindOf(resultType.Oid), 1);
        try
        {
            // Three rows of a constant, the last one selected.
            implementation.Evaluate(columns, Selection.Of([2], 1), result, context);
            return Show(result.Build(), 2, resultType, context);
        }
        catch (SqlException e)
        {
            return "ERROR " + e.SqlState;
        }
    }

    private static Column Constant(SqlType type, string? value, EvalContext context)
    {
        TypeHandler handler = TypeHandlers.Of(type.Oid);
        ColumnBuilder builder = ColumnBuilder.Create(handler.Kind, 1);
        if (value is null) builder.AppendNull();
        else handler.ParseText(Encoding.UTF8.GetBytes(value), type, builder, context);
        return builder.BuildConstant(3);
    }

    private static string Show(Column column, int row, SqlType type, EvalContext context) => ScalarCase.Format(column, row, type, context);
}
