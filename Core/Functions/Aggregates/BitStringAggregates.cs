using VecSql.Core.Columns;
using VecSql.Core.Environment;

namespace VecSql.Core.Functions;

/// <summary>bit_and, bit_or and bit_xor of bit strings of one length.</summary>
internal sealed class BitStringAggregate(string name, Func<int, int, int> combine) : AggregateFunction
{
    public static void Register(FunctionLibrary library)
    {
        library.Add("bit_and(bit)", new BitStringAggregate("AND", static (l, r) => l & r));
        library.Add("bit_or(bit)", new BitStringAggregate("OR", static (l, r) => l | r));
        library.Add("bit_xor(bit)", new BitStringAggregate("XOR", static (l, r) => l ^ r));
    }

    public override AggregateState CreateState() => new State(name, combine);

    private sealed class State(string name, Func<int, int, int> combine) : AggregateState
    {
        private byte[]?[] _groups = [];

        public override void EnsureGroups(int groupCount)
        {
            if (groupCount > _groups.Length) Array.Resize(ref _groups, Math.Max(groupCount, _groups.Length * 2));
        }

        public override void Update(ReadOnlySpan<Column> arguments, Selection selection, ReadOnlySpan<int> groups, EvalContext context)
        {
            for (int i = 0; i < selection.Count; i++)
                if (!arguments[0].IsNull(selection[i])) Add(groups[i], ((BytesColumn)arguments[0])[selection[i]]);
        }

        private void Add(int group, ReadOnlySpan<byte> value) =>
            _groups[group] = _groups[group] is { } held ? BitFunctions.Combine(held, value, name, combine) : value.ToArray();

        public override void Merge(AggregateState other, ReadOnlySpan<int> groups, EvalContext context)
        {
            State source = (State)other;
            for (int g = 0; g < groups.Length; g++)
                if (source._groups[g] is { } value) Add(groups[g], value);
        }

        public override void Finish(int start, int count, ColumnBuilder result, EvalContext context)
        {
            for (int g = start; g < start + count; g++)
            {
                if (_groups[g] is { } value) ((BytesColumnBuilder)result).Append(value);
                else result.AppendNull();
            }
        }

        public override void Save(int group, ByteBuffer output) => output.Write(_groups[group]);

        public override void Restore(int group, ReadOnlySpan<byte> saved, EvalContext context)
        {
            if (!saved.IsEmpty) Add(group, saved);
        }

        public override long MemoryBytes => _groups.Length * 32L;
    }
}
