using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>Any type's value as text: its output function. What PostgreSQL calls a cast through I/O, first half.</summary>
public sealed class ToTextFunction(SqlType source, TypeHandler handler) : ScalarFunction
{
    public ToTextFunction(SqlType source) : this(source, TypeHandlers.Of(source.Oid)) { }

    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        BytesColumnBuilder output = (BytesColumnBuilder)result;
        output.Reset();
        Column argument = arguments[0];
        for (int i = 0; i < selection.Count; i++)
        {
            int row = selection[i];
            output.SkipTo(row);
            if (argument.IsNull(row))
            {
                output.AppendNull();
                continue;
            }
            handler.FormatText(argument, row, source, output.Output, context);
            output.EndValue();
        }
    }
}

/// <summary>Text read as a value of any type: its input function. Second half of a cast through I/O; also of a literal that isn't constant.</summary>
public sealed class FromTextFunction(SqlType target, TypeHandler handler) : ScalarFunction
{
    public FromTextFunction(SqlType target) : this(target, TypeHandlers.Of(target.Oid)) { }

    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        result.Reset();
        BytesColumn argument = (BytesColumn)arguments[0];
        for (int i = 0; i < selection.Count; i++)
        {
            int row = selection[i];
            result.SkipTo(row);
            if (argument.IsNull(row)) result.AppendNull();
            else handler.ParseText(argument[row], target, result, context);
        }
    }
}

/// <summary>An input function that takes the type's modifier, too: (cstring, oid, integer).</summary>
public sealed class FromModifiedTextFunction(uint target, TypeHandler handler) : ScalarFunction
{
    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        result.Reset();
        BytesColumn texts = (BytesColumn)arguments[0];
        Column<int> modifiers = (Column<int>)arguments[2];
        for (int i = 0; i < selection.Count; i++)
        {
            int row = selection[i];
            result.SkipTo(row);
            if (texts.IsNull(row) || arguments[1].IsNull(row) || modifiers.IsNull(row)) result.AppendNull();
            else handler.ParseText(texts[row], new SqlType(target, modifiers[row]), result, context);
        }
    }
}

/// <summary>A value's binary form as bytea: the send functions.</summary>
public sealed class SendFunction(SqlType source, TypeHandler handler) : ScalarFunction
{
    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        BytesColumnBuilder output = (BytesColumnBuilder)result;
        output.Reset();
        Column argument = arguments[0];
        for (int i = 0; i < selection.Count; i++)
        {
            int row = selection[i];
            output.SkipTo(row);
            if (argument.IsNull(row))
            {
                output.AppendNull();
                continue;
            }
            handler.WriteBinary(argument, row, source, output.Output, context);
            output.EndValue();
        }
    }
}

/// <summary>Input, output and send functions of every type that has a handler, under PostgreSQL's names (int4in, int4out, int4send …).</summary>
internal static class TypeInOutFunctions
{
    public static void Register(FunctionLibrary library)
    {
        HashSet<string> done = [];
        foreach (BuiltinType type in Builtins.Types)
        {
            if (type.Kind == 'p' && type.Oid is not (TypeOid.Void or TypeOid.CString or TypeOid.Unknown)) continue;
            if (TypeHandlers.Find(type.Oid) is not { } handler) continue;
            SqlType plain = new(type.Oid);
            Add(type.Input, new FromTextFunction(plain, handler), 1);
            if (type.Category != 'A') Add(type.Input, new FromModifiedTextFunction(type.Oid, handler), 3);
            Add(type.Output, new ToTextFunction(plain, handler), 1);
            Add(type.Send, new SendFunction(plain, handler), 1);
        }

        void Add(uint function, ScalarFunction implementation, int arguments)
        {
            // array_in serves all arrays: it isn't called by name.
            if (Builtins.FindFunction(function) is { } known && known.ArgumentTypes.Length == arguments && done.Add(known.Key)) library.Add(known.Key, implementation);
        }
    }
}
