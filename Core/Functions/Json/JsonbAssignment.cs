using System.Globalization;
using System.Text;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>
/// json[a][b] := value. Arguments: the jsonb, the new value (jsonb; NULL becomes null), then the subscripts, each int4 or text. What isn't there on the way is made: an array for an
/// integer, an object for a text, and nulls before the place.
/// </summary>
public sealed class JsonbAssignment : ScalarFunction
{
    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        result.Reset();
        for (int i = 0; i < selection.Count; i++)
        {
            int row = selection[i];
            result.SkipTo(row);
            RowArguments here = new(arguments, row);
            byte[][] path = new byte[arguments.Length - 2][];
            for (int step = 0; step < path.Length; step++) path[step] = Step(here, step + 2, arguments[step + 2]);
            JsonbBuilder builder = JsonbType.Builder;
            byte[]? change = here.IsNull(1) ? null : here.Bytes(1).ToArray();
            Writer writer = new(path, change, builder);
            if (here.IsNull(0)) writer.Make(0, arguments[2] is Column<int>);
            else writer.Change(JsonbFunctions.Value(here, 0), 0);
            builder.Finish(result);
        }
    }

    private static byte[] Step(in RowArguments arguments, int place, Column column)
    {
        if (arguments.IsNull(place)) throw new SqlException(SqlState.NullValueNotAllowed, "jsonb subscript in assignment must not be null");
        return column is Column<int> ? Encoding.ASCII.GetBytes(arguments.Get<int>(place).ToString(CultureInfo.InvariantCulture)) : arguments.Bytes(place).ToArray();
    }

    private readonly struct Writer(byte[][] path, byte[]? change, JsonbBuilder builder)
    {
        public void Change(JsonbValue value, int level)
        {
            StackGuard.Check();
            if (level == path.Length) Put();
            else if (value.IsObject) ChangePair(value, level);
            else if (value.IsArray) ChangeElement(value, level);
            else
            {
                throw new SqlException(SqlState.InvalidParameterValue, "cannot replace existing key", detail: "The path assumes key is a composite object, but it is a scalar value.");
            }
        }

        /// <summary>A container for the rest of the path.</summary>
        public void Make(int level, bool isArray)
        {
            if (!isArray)
            {
                builder.BeginObject();
                builder.Key(path[level]);
                Rest(level);
                builder.End();
                return;
            }
            builder.BeginArray();
            int index = Index(level);
            if (index < 0) throw OutOfRange(level, index);
            Pad(index);
            Rest(level);
            builder.End();
        }

        private void Rest(int level)
        {
            if (level == path.Length - 1) Put();
            else Make(level + 1, JsonbFunctions.TryIndex(path[level + 1], out _));
        }

        private void Put()
        {
            if (change is null) builder.Null();
            else builder.Value(JsonbValue.Open(change));
        }

        private void ChangePair(JsonbValue value, int level)
        {
            int found = value.IndexOf(path[level]);
            builder.BeginObject();
            for (int i = 0; i < value.Count; i++)
            {
                builder.Key(value.Key(i));
                if (i == found) Change(value.ValueAt(i), level + 1);
                else builder.Value(value.ValueAt(i));
            }
            if (found < 0)
            {
                builder.Key(path[level]);
                Rest(level);
            }
            builder.End();
        }

        private void ChangeElement(JsonbValue value, int level)
        {
            int index = Index(level);
            long place = index < 0 ? (long)value.Count + index : index;
            if (place < 0) throw OutOfRange(level, index);
            builder.BeginArray();
            for (int i = 0; i < value.Count; i++)
            {
                if (i == place) Change(value.Element(i), level + 1);
                else builder.Value(value.Element(i));
            }
            if (place >= value.Count)
            {
                Pad(place - value.Count);
                Rest(level);
            }
            builder.End();
        }

        private void Pad(long count)
        {
            if (count > JsonbValue.MaxBytes / sizeof(uint))
                throw new SqlException(SqlState.ProgramLimitExceeded, $"total size of jsonb array elements exceeds the maximum of {JsonbValue.MaxBytes} bytes");
            for (long i = 0; i < count; i++) builder.Null();
        }

        private int Index(int level) => JsonbFunctions.TryIndex(path[level], out int index) ? index
            : throw new SqlException(SqlState.InvalidTextRepresentation, $"path element at position {level + 1} is not an integer: \"{Utf8Text.ToString(path[level])}\"");

        private static SqlException OutOfRange(int level, int index) =>
            new(SqlState.InvalidParameterValue, $"path element at position {level + 1} is out of range: {index}");
    }
}
