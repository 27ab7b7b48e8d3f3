using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>array_agg of elements and of arrays.</summary>
internal static class ArrayAggregates
{
    public static void Register(FunctionLibrary library)
    {
        library.Add("array_agg(anynonarray)", new OfElements(TypeOid.Text, PhysicalKind.Bytes));
        library.Add("array_agg(anyarray)", new OfArrays(TypeOid.Text));
    }

    private sealed class OfElements(uint elementType, PhysicalKind? kind) : AggregateFunction
    {
        // The kind of a user's type is known by the catalog, so by the first column.
        public override AggregateFunction Specialize(ReadOnlySpan<SqlType> argumentTypes, SqlType resultType) =>
            new OfElements(argumentTypes[0].Oid, TypeHandlers.Find(argumentTypes[0].Oid)?.Kind);

        public override bool DependsOnOrder => true;

        public override AggregateState CreateState() => new LateState(k => new ElementsState(elementType, k), kind);
    }

    private sealed class ElementsState(uint elementType, PhysicalKind kind) : GroupedRowsState(kind)
    {
        private readonly ArrayBuilder _builder = new(elementType, kind);

        protected override void Append(int group, ColumnBuilder result, EvalContext context)
        {
            Column values = Kept.Columns[0];
            _builder.Reset();
            for (int row = Kept.FirstOf(group); row >= 0; row = Kept.After(row)) _builder.Append(values, row);
            _builder.WriteTo(result);
        }
    }

    private sealed class OfArrays(uint arrayType) : AggregateFunction
    {
        public override AggregateFunction Specialize(ReadOnlySpan<SqlType> argumentTypes, SqlType resultType) => new OfArrays(argumentTypes[0].Oid);
        public override bool DependsOnOrder => true;
        public override AggregateState CreateState() => new ArraysState(arrayType);
    }

    private sealed class ArraysState(uint arrayType) : GroupedRowsState(PhysicalKind.Bytes)
    {
        private readonly ArrayStack _stack = new(arrayType);

        public override void Update(ReadOnlySpan<Column> arguments, Selection selection, ReadOnlySpan<int> groups, EvalContext context)
        {
            BytesColumn arrays = (BytesColumn)arguments[0];
            for (int i = 0; i < selection.Count; i++) _stack.Check(arrays, selection[i]);
            base.Update(arguments, selection, groups, context);
        }

        protected override void Append(int group, ColumnBuilder result, EvalContext context)
        {
            BytesColumn arrays = (BytesColumn)Kept.Columns[0];
            _stack.Reset();
            for (int row = Kept.FirstOf(group); row >= 0; row = Kept.After(row)) _stack.Append(arrays, row);
            _stack.WriteTo(result);
        }
    }
}

/// <summary>A state whose kinds are known only when the first column comes: users' types.</summary>
internal sealed class LateState(Func<PhysicalKind, AggregateState> create, PhysicalKind? kind) : AggregateState
{
    private AggregateState? _inner = kind is { } known ? create(known) : null;
    private int _groups;

    public override long MemoryBytes => _inner?.MemoryBytes ?? 0;

    public override void EnsureGroups(int groupCount)
    {
        _groups = Math.Max(_groups, groupCount);
        _inner?.EnsureGroups(_groups);
    }

    public override void Update(ReadOnlySpan<Column> arguments, Selection selection, ReadOnlySpan<int> groups, EvalContext context) =>
        Of(arguments[0].Kind).Update(arguments, selection, groups, context);

    public override void Merge(AggregateState other, ReadOnlySpan<int> groups, EvalContext context)
    {
        LateState from = (LateState)other;
        if (from._inner is not { } inner) return;
        Of(from._kind).Merge(inner, groups, context);
    }

    public override void Finish(int start, int count, ColumnBuilder result, EvalContext context)
    {
        if (_inner is not null) _inner.Finish(start, count, result, context);
        else
            for (int i = 0; i < count; i++) result.AppendNull();
    }

    /// <summary>The kind as one byte, then the state's own; nothing if no column came yet.</summary>
    public override void Save(int group, ByteBuffer output)
    {
        if (_inner is null) return;
        output.WriteByte((byte)_kind);
        _inner.Save(group, output);
    }

    public override void Restore(int group, ReadOnlySpan<byte> saved, EvalContext context)
    {
        if (!saved.IsEmpty) Of((PhysicalKind)saved[0]).Restore(group, saved[1..], context);
    }

    private PhysicalKind _kind = kind ?? PhysicalKind.Bytes;

    private AggregateState Of(PhysicalKind seen)
    {
        if (_inner is not null) return _inner;
        _kind = seen;
        _inner = create(seen);
        _inner.EnsureGroups(_groups);
        return _inner;
    }
}
