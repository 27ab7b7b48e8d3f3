using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>ROW(…): one argument for each field. <paramref name="names"/>: those of a record's fields, for json; null for a composite type.</summary>
public sealed class RowConstructor(SqlType rowType, SqlType[] fieldTypes, IReadOnlyList<string>? names = null) : ScalarFunction
{
    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        BytesColumnBuilder output = (BytesColumnBuilder)result;
        output.Reset();
        for (int i = 0; i < selection.Count; i++)
        {
            output.SkipTo(selection[i]);
            RowFormat.Write(output.Output, rowType.Oid, arguments, selection[i], fieldTypes, names);
            output.EndValue();
        }
    }
}

/// <summary>(row).field by its place from 0. Null of a null row, and of a row stored before the column was added.</summary>
public sealed class RowField(int field) : ScalarFunction
{
    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        result.Reset();
        BytesColumn rows = (BytesColumn)arguments[0];
        RowView view = new();
        for (int i = 0; i < selection.Count; i++)
        {
            int row = selection[i];
            result.SkipTo(row);
            if (rows.IsNull(row))
            {
                result.AppendNull();
                continue;
            }
            view.Open(rows, row);
            if (field >= view.Count) result.AppendNull();
            else result.AppendFrom(view[field], 0);
        }
    }
}

/// <summary>row IS [NOT] NULL: all fields null, or none. A null row IS NULL.</summary>
public sealed class RowNullTest(bool isNegated) : ScalarFunction
{
    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        result.Reset();
        BytesColumn rows = (BytesColumn)arguments[0];
        RowView view = new();
        for (int i = 0; i < selection.Count; i++)
        {
            int row = selection[i];
            result.SkipTo(row);
            bool holds = !isNegated;
            if (!rows.IsNull(row))
            {
                view.Open(rows, row);
                holds = true;
                for (int f = 0; f < view.Count; f++) holds &= view.IsNull(f) != isNegated;
            }
            ((ColumnBuilder<bool>)result).Append(holds);
        }
    }
}

/// <summary>Comparison of rows as values, and the functions of enums.</summary>
internal static class RowFunctions
{
    public static void Register(FunctionLibrary library)
    {
        foreach (string name in (string[])["record", "enum"])
        {
            string prefix = name + "_";
            Compare(library, prefix + "eq", static o => o == 0);
            Compare(library, prefix + "ne", static o => o != 0);
            Compare(library, prefix + "lt", static o => o < 0);
            Compare(library, prefix + "le", static o => o <= 0);
            Compare(library, prefix + "gt", static o => o > 0);
            Compare(library, prefix + "ge", static o => o >= 0);
        }
        foreach (string key in (string[])["btrecordcmp", "enum_cmp"])
            library.Add(key, new TypedRowFunction(static (in a, r, t, c) => ((ColumnBuilder<int>)r).Append(Math.Sign(Order(a, t, c))), isStrict: true));
        library.Add("enum_larger", new TypedRowFunction(static (in a, r, t, c) => r.AppendFrom(a.Column(Order(a, t, c) >= 0 ? 0 : 1), a.Row), isStrict: true));
        library.Add("enum_smaller", new TypedRowFunction(static (in a, r, t, c) => r.AppendFrom(a.Column(Order(a, t, c) <= 0 ? 0 : 1), a.Row), isStrict: true));
        library.Add("enum_first", new TypedRowFunction(static (in _, r, t, c) => ((ColumnBuilder<uint>)r).Append(EnumOf(t, c).Labels[0].Oid), isStrict: false));
        library.Add("enum_last", new TypedRowFunction(static (in _, r, t, c) => ((ColumnBuilder<uint>)r).Append(EnumOf(t, c).Labels[^1].Oid), isStrict: false));
        library.Add("enum_range_all", new TypedRowFunction(static (in a, r, t, c) => Range(a, r, t, c), isStrict: false));
        library.Add("enum_range_bounds", new TypedRowFunction(static (in a, r, t, c) => Range(a, r, t, c), isStrict: false));
    }

    private static void Compare(FunctionLibrary library, string key, Func<int, bool> holds) =>
        library.Add(key, new TypedRowFunction((in a, r, t, c) => ((ColumnBuilder<bool>)r).Append(holds(Order(a, t, c))), isStrict: true));

    private static int Order(in RowArguments arguments, CallTypes types, EvalContext context) =>
        TypeHandlers.Of(types.Argument(0), context.Catalog).Compare(arguments.Column(0), arguments.Row, arguments.Column(1), arguments.Row);

    private static EnumType EnumOf(CallTypes types, EvalContext context) =>
        TypeHandlers.Of(types.Argument(0), context.Catalog) is EnumType { Labels.Length: > 0 } known
        ? known
        : throw new SqlException(SqlState.ObjectNotInPrerequisiteState,
            $"enum {TypeNames.Display(new SqlType(types.Argument(0)), context.Catalog)} contains no values");

    private static void Range(in RowArguments arguments, ColumnBuilder result, CallTypes types, EvalContext context)
    {
        EnumType type = EnumOf(types, context);
        int first = 0, last = type.Labels.Length - 1;
        if (arguments.Count > 1)
        {
            if (!arguments.IsNull(0)) first = type.PlaceOf(arguments.Get<uint>(0));
            if (!arguments.IsNull(1)) last = type.PlaceOf(arguments.Get<uint>(1));
        }
        ArrayBuilder builder = ArrayBuilder.Rent(types.Argument(0), PhysicalKind.UInt32);
        for (int i = first; i <= last; i++) ((ColumnBuilder<uint>)builder.Elements).Append(type.Labels[i].Oid);
        builder.WriteTo(result);
        builder.Return();
    }
}
