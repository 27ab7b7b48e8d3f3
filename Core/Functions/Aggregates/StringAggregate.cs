using System.Buffers.Binary;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Core.Functions;

/// <summary>string_agg(value, delimiter) of text and bytea, in the order in which rows come. Null values are skipped; the first value's delimiter is not shown.</summary>
internal sealed class StringAggregate : AggregateFunction
{
    public static void Register(FunctionLibrary library)
    {
        library.Add("string_agg(text,text)", new StringAggregate());
        library.Add("string_agg(bytea,bytea)", new StringAggregate());
    }

    public override bool DependsOnOrder => true;

    public override AggregateState CreateState() => new State();

    /// <summary>The text begins with its first delimiter, which merging needs and the result leaves out.</summary>
    private struct Joined
    {
        public ByteBuffer? Text;
        public int FirstDelimiter;
    }

    private sealed class State : ObjectGroupedState<Joined>
    {
        private long _bytes;

        public override void Update(ReadOnlySpan<Column> arguments, Selection selection, ReadOnlySpan<int> groups, EvalContext context)
        {
            BytesColumn values = (BytesColumn)arguments[0], delimiters = (BytesColumn)arguments[1];
            for (int i = 0; i < selection.Count; i++)
            {
                int row = selection[i];
                if (!values.IsNull(row)) Add(ref Groups[groups[i]], delimiters.IsNull(row) ? [] : delimiters[row], values[row]);
            }
        }

        private void Add(ref Joined group, ReadOnlySpan<byte> delimiter, ReadOnlySpan<byte> value)
        {
            if (group.Text is null)
            {
                group.Text = new ByteBuffer(32);
                group.FirstDelimiter = delimiter.Length;
            }
            if ((long)group.Text.Length + delimiter.Length + value.Length > StringFunctions.MaxBytes)
                throw new SqlException(SqlState.ProgramLimitExceeded, "out of memory", detail: "Cannot enlarge string buffer beyond its limit.");
            group.Text.Write(delimiter);
            group.Text.Write(value);
            _bytes += delimiter.Length + value.Length;
        }

        public override void Merge(AggregateState other, ReadOnlySpan<int> groups, EvalContext context)
        {
            State source = (State)other;
            for (int g = 0; g < groups.Length; g++)
                if (source.Groups[g].Text is { } text) Add(ref Groups[groups[g]], text.WrittenSpan[..source.Groups[g].FirstDelimiter], text.WrittenSpan[source.Groups[g].FirstDelimiter..]);
        }

        public override void Finish(int start, int count, ColumnBuilder result, EvalContext context)
        {
            for (int g = start; g < start + count; g++)
            {
                if (Groups[g].Text is { } text) ((BytesColumnBuilder)result).Append(text.WrittenSpan[Groups[g].FirstDelimiter..]);
                else result.AppendNull();
            }
        }

        public override void Save(int group, ByteBuffer output)
        {
            if (Groups[group].Text is not { } text) return;
            output.WriteInt32LittleEndian(Groups[group].FirstDelimiter);
            output.Write(text.WrittenSpan);
        }

        public override void Restore(int group, ReadOnlySpan<byte> saved, EvalContext context)
        {
            if (saved.IsEmpty) return;
            int delimiter = BinaryPrimitives.ReadInt32LittleEndian(saved);
            Add(ref Groups[group], saved.Slice(4, delimiter), saved[(4 + delimiter)..]);
        }

        public override long MemoryBytes => base.MemoryBytes + _bytes;
    }
}
