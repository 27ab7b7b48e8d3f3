using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>The types of a call: what polymorphic functions learn when they are bound.</summary>
internal sealed class CallTypes(SqlType[] arguments, SqlType result)
{
    public static CallTypes None { get; } = new([], default);
    public ReadOnlySpan<SqlType> Arguments => arguments;
    public SqlType Result => result;
    public uint Argument(int index) => index < arguments.Length ? arguments[index].Oid : TypeOid.Unknown;
}

/// <summary>Computes one row, knowing the call's types; appends exactly one value (or null).</summary>
internal delegate void TypedKernel(in RowArguments arguments, ColumnBuilder result, CallTypes types, EvalContext context);

/// <summary>A function written row by row whose work depends on the call's types: arrays, rows, json.</summary>
internal sealed class TypedRowFunction(TypedKernel kernel, bool isStrict, CallTypes? types = null) : ScalarFunction
{
    public override ScalarFunction Specialize(ReadOnlySpan<SqlType> argumentTypes, SqlType resultType) =>
        new TypedRowFunction(kernel, isStrict, new CallTypes(argumentTypes.ToArray(), resultType));

    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        CallTypes bound = types ?? CallTypes.None;
        result.Reset();
        for (int i = 0; i < selection.Count; i++)
        {
            int row = selection[i];
            result.SkipTo(row);
            RowArguments here = new(arguments, row);
            if (isStrict && here.AnyNull()) result.AppendNull();
            else kernel(here, result, bound, context);
        }
    }
}
