using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>concat, concat_ws, format: functions of any number of arguments of any type, as text.</summary>
internal abstract class TextOfAny : ScalarFunction
{
    private SqlType[] _types = [];

    public static void Register(FunctionLibrary library)
    {
        library.Add("text_concat", new Concat());
        library.Add("text_concat_ws", new ConcatWithSeparator());
        library.Add("text_format", new Format());
        library.Add("text_format_nv", new Format());
    }

    protected abstract TextOfAny Clone();

    /// <summary>Writes one row's value, or appends null.</summary>
    protected abstract void Write(in RowArguments arguments, TypeHandler[] handlers, BytesColumnBuilder result, EvalContext context);

    public override ScalarFunction Specialize(ReadOnlySpan<SqlType> argumentTypes, SqlType resultType)
    {
        TextOfAny specialized = Clone();
        specialized._types = argumentTypes.ToArray();
        return specialized;
    }

    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        TypeHandler[] handlers = new TypeHandler[_types.Length];
        for (int i = 0; i < handlers.Length; i++) handlers[i] = TypeHandlers.Of(_types[i].Oid, context.Catalog);
        BytesColumnBuilder output = (BytesColumnBuilder)result;
        output.Reset();
        for (int i = 0; i < selection.Count; i++)
        {
            output.SkipTo(selection[i]);
            Write(new RowArguments(arguments, selection[i]), handlers, output, context);
        }
    }

    private void WriteText(in RowArguments arguments, int argument, TypeHandler[] handlers, ByteBuffer output, EvalContext context) =>
        handlers[argument].FormatText(arguments.Column(argument), arguments.Row, _types[argument], output, context);

    private sealed class Concat : TextOfAny
    {
        protected override TextOfAny Clone() => new Concat();

        protected override void Write(in RowArguments arguments, TypeHandler[] handlers, BytesColumnBuilder result, EvalContext context)
        {
            for (int i = 0; i < arguments.Count; i++)
                if (!arguments.IsNull(i)) WriteText(arguments, i, handlers, result.Output, context);
            result.EndValue();
        }
    }

    private sealed class ConcatWithSeparator : TextOfAny
    {
        protected override TextOfAny Clone() => new ConcatWithSeparator();

        protected override void Write(in RowArguments arguments, TypeHandler[] handlers, BytesColumnBuilder result, EvalContext context)
        {
            if (arguments.IsNull(0))
            {
                result.AppendNull();
                return;
            }
            bool isFirst = true;
            for (int i = 1; i < arguments.Count; i++)
            {
                if (arguments.IsNull(i)) continue;
                if (!isFirst) result.Output.Write(arguments.Bytes(0));
                isFirst = false;
                WriteText(arguments, i, handlers, result.Output, context);
            }
            result.EndValue();
        }
    }

    private sealed class Format : TextOfAny
    {
        protected override TextOfAny Clone() => new Format();

        protected override void Write(in RowArguments arguments, TypeHandler[] handlers, BytesColumnBuilder result, EvalContext context)
        {
            if (arguments.IsNull(0))
            {
                result.AppendNull();
                return;
            }
            ReadOnlySpan<byte> format = arguments.Bytes(0);
            int at = 0, next = 0;
            while (at < format.Length)
            {
                byte c = format[at++];
                if (c != (byte)'%')
                {
                    result.Output.WriteByte(c);
                    continue;
                }
                if (at >= format.Length) throw Unterminated();
                if (format[at] == (byte)'%')
                {
                    result.Output.WriteByte((byte)'%');
                    at++;
                    continue;
                }
                WriteSpecifier(format, ref at, ref next, arguments, handlers, result, context);
            }
            result.EndValue();
        }

        /// <summary>[n$][flags][width]type after a percent sign.</summary>
        private void WriteSpecifier(ReadOnlySpan<byte> format, ref int at, ref int next, in RowArguments arguments, TypeHandler[] handlers, BytesColumnBuilder result, EvalContext context)
        {
            int position = -1, width = 0;
            bool toLeft = false;
            if (TryNumber(format, ref at, out int number))
            {
                if (Peek(format, at) == (byte)'$')
                {
                    position = number;
                    if (position == 0) throw new SqlException(SqlState.InvalidParameterValue, "format specifies argument 0, but arguments are numbered from 1");
                    at++;
                }
                else width = number;
            }
            if (width == 0)
            {
                for (; Peek(format, at) == (byte)'-'; at++) toLeft = true;
                if (Peek(format, at) == (byte)'*') width = WidthArgument(format, ref at, ref next, arguments, handlers, context);
                else if (TryNumber(format, ref at, out number)) width = number;
            }
            byte type = Peek(format, at++);
            if (type is not ((byte)'s' or (byte)'I' or (byte)'L'))
            {
                string shown = Utf8Text.ToString(format.Slice(at - 1, Math.Min(Utf8Text.WidthOf(type), format.Length - at + 1)));
                throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized format() type specifier \"{shown}\"", hint: "For a single \"%\" use \"%%\".");
            }
            int argument = position >= 0 ? position : next + 1;
            next = argument;
            WritePadded(type, Checked(argument, arguments), width, toLeft, arguments, handlers, result, context);
        }

        private static SqlException Unterminated() =>
            new(SqlState.InvalidParameterValue, "unterminated format() type specifier", hint: "For a single \"%\" use \"%%\".");

        private static byte Peek(ReadOnlySpan<byte> format, int at) => at < format.Length ? format[at] : throw Unterminated();

        private static int Checked(int argument, in RowArguments arguments) =>
            argument < arguments.Count ? argument : throw new SqlException(SqlState.InvalidParameterValue, "too few arguments for format()");

        private static bool TryNumber(ReadOnlySpan<byte> format, ref int at, out int number)
        {
            number = 0;
            int start = at;
            for (; at < format.Length && char.IsAsciiDigit((char)format[at]); at++)
            {
                long next = number * 10L + (format[at] - '0');
                number = next <= int.MaxValue ? (int)next : throw new SqlException(SqlState.NumericValueOutOfRange, "number is out of range");
            }
            return at > start;
        }

        private int WidthArgument(ReadOnlySpan<byte> format, ref int at, ref int next, in RowArguments arguments, TypeHandler[] handlers, EvalContext context)
        {
            at++;
            int argument = next + 1;
            if (TryNumber(format, ref at, out int number))
            {
                if (Peek(format, at) != (byte)'$') throw new SqlException(SqlState.InvalidParameterValue, "width argument position must be ended by \"$\"");
                if (number == 0) throw new SqlException(SqlState.InvalidParameterValue, "format specifies argument 0, but arguments are numbered from 1");
                at++;
                argument = number;
            }
            next = argument;
            Checked(argument, arguments);
            if (arguments.IsNull(argument)) return 0;
            ByteBuffer text = new(16);
            WriteText(arguments, argument, handlers, text, context);
            return (int)IntegerText.Parse(text.WrittenSpan, int.MinValue, int.MaxValue, "integer");
        }

        private void WritePadded(byte type, int argument, int width, bool toLeft, in RowArguments arguments, TypeHandler[] handlers, BytesColumnBuilder result, EvalContext context)
        {
            ByteBuffer value = new(32);
            if (arguments.IsNull(argument))
            {
                if (type == (byte)'I') throw new SqlException(SqlState.NullValueNotAllowed, "null values cannot be formatted as an SQL identifier");
                if (type == (byte)'L') value.Write("NULL"u8);
            }
            else
            {
                ByteBuffer text = new(32);
                WriteText(arguments, argument, handlers, text, context);
                if (type == (byte)'I') Quoting.WriteIdentifier(text.WrittenSpan, value);
                else if (type == (byte)'L') Quoting.WriteLiteral(text.WrittenSpan, value);
                else value = text;
            }
            toLeft |= width < 0;
            long missing = Math.Abs((long)width) - Utf8Text.Length(value.WrittenSpan);
            if (missing > StringFunctions.MaxBytes) throw StringFunctions.TooLarge();
            if (missing > 0 && !toLeft) result.Output.Take((int)missing).Fill((byte)' ');
            result.Output.Write(value.WrittenSpan);
            if (missing > 0 && toLeft) result.Output.Take((int)missing).Fill((byte)' ');
        }
    }
}
