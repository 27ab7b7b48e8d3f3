using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>min and max of any orderable type. Numbers of fixed width have loops of their own.</summary>
internal sealed class MinMaxAggregate(bool isMax, SqlType type = default) : AggregateFunction
{
    public static void Register(FunctionLibrary library)
    {
        foreach (string name in (string[])["min", "max"])
            foreach (BuiltinFunction function in Builtins.FindFunctions(name))
                // Arrays have theirs among the array functions.
                if (function.Kind == 'a' && (TypeHandlers.Find(function.ArgumentTypes[0]) is { IsOrderable: true } || Builtins.FindType(function.ArgumentTypes[0])!.Kind == 'p'))
                    library.Add(function.Key, new MinMaxAggregate(name == "max"));
    }

    public override AggregateFunction Specialize(ReadOnlySpan<SqlType> argumentTypes, SqlType resultType)
    {
        SqlType argument = argumentTypes[0];
        return argument.Oid switch
        {
            TypeOid.Int2 => Typed<short, ComparisonFunctions.IntegersOrder<short, short, short>>(),
            TypeOid.Int4 => Typed<int, ComparisonFunctions.IntegersOrder<int, int, int>>(),
            TypeOid.Int8 => Typed<long, ComparisonFunctions.IntegersOrder<long, long, long>>(),
            TypeOid.Oid => Typed<uint, ComparisonFunctions.IntegersOrder<uint, uint, uint>>(),
            TypeOid.Float4 => Typed<float, ComparisonFunctions.OrderOfFloats<float, float>>(),
            TypeOid.Float8 => Typed<double, ComparisonFunctions.OrderOfFloats<double, double>>(),
            TypeOid.Date => Typed<int, ComparisonFunctions.IntegersOrder<int, int, int>>(),
            TypeOid.Timestamp or TypeOid.TimestampTz or TypeOid.Time => Typed<long, ComparisonFunctions.IntegersOrder<long, long, long>>(),
            _ => new MinMaxAggregate(isMax, argument),
        };
    }

    private AggregateFunction Typed<T, TOrder>() where T : unmanaged where TOrder : struct, IBinaryOperator<T, T, int> => isMax
        ? new FixedAggregate<Extreme<T, TOrder, Descending>, ExtremeState<T>, T, T>()
        : new FixedAggregate<Extreme<T, TOrder, Ascending>, ExtremeState<T>, T, T>();

    public override AggregateState CreateState() => new AnyTypeState(isMax, type);

    internal interface IDirection
    {
        static abstract bool IsBetter(int order);
    }

    internal readonly struct Ascending : IDirection { public static bool IsBetter(int order) => order < 0; }
    internal readonly struct Descending : IDirection { public static bool IsBetter(int order) => order > 0; }

    internal struct ExtremeState<T> where T : unmanaged
    {
        public T Value;
        public bool Any;
    }

    internal readonly struct Extreme<T, TOrder, TDirection> : IAccumulator<ExtremeState<T>, T, T>
        where T : unmanaged where TOrder : struct, IBinaryOperator<T, T, int> where TDirection : struct, IDirection
    {
        public static bool CanRetract => false;

        public static void Add(ref ExtremeState<T> state, T value)
        {
            if (state.Any && !TDirection.IsBetter(TOrder.Apply(value, state.Value))) return;
            state.Value = value;
            state.Any = true;
        }

        public static void Retract(ref ExtremeState<T> state, T value) => throw Errors.Invariant.Unreachable(state);

        public static void Merge(ref ExtremeState<T> state, in ExtremeState<T> other)
        {
            if (other.Any) Add(ref state, other.Value);
        }

        public static bool Finish(in ExtremeState<T> state, out T result)
        {
            result = state.Value;
            return state.Any;
        }
    }

    /// <summary>The best value of each group lies in a pool that only grows; it is packed when most of it is stale.</summary>
    private sealed class AnyTypeState(bool isMax, SqlType type) : AggregateState
    {
        private TypeHandler? _handler;
        private ColumnBuilder? _pool;
        private Column? _view;
        private int[] _best = [];
        private int _groupCount;

        public override void EnsureGroups(int groupCount)
        {
            int old = _best.Length;
            if (groupCount > old)
            {
                Array.Resize(ref _best, Math.Max(groupCount, old * 2));
                _best.AsSpan(old).Fill(-1);
            }
            _groupCount = Math.Max(_groupCount, groupCount);
        }

        public override void Update(ReadOnlySpan<Column> arguments, Selection selection, ReadOnlySpan<int> groups, EvalContext context)
        {
            _handler ??= TypeHandlers.Of(type.Oid, context.Catalog);
            for (int i = 0; i < selection.Count; i++)
                if (!arguments[0].IsNull(selection[i])) Offer(arguments[0], selection[i], groups[i]);
        }

        private void Offer(Column source, int row, int group)
        {
            _pool ??= ColumnBuilder.Create(source.Kind, 16);
            int best = _best[group];
            if (best >= 0)
            {
                int order = _handler!.Compare(source, row, _view ??= _pool.Build(), best);
                if (isMax ? order <= 0 : order >= 0) return;
            }
            if (_pool.Count > 1024 && _pool.Count > 4 * _groupCount) Pack();
            _best[group] = _pool.Count;
            _pool.AppendFrom(source, row);
            _view = null;
        }

        private void Pack()
        {
            Column old = _pool!.Build();
            ColumnBuilder packed = ColumnBuilder.Create(old.Kind, _groupCount);
            for (int g = 0; g < _groupCount; g++)
            {
                if (_best[g] < 0) continue;
                packed.AppendFrom(old, _best[g]);
                _best[g] = packed.Count - 1;
            }
            _pool = packed;
            _view = null;
        }

        public override void Merge(AggregateState other, ReadOnlySpan<int> groups, EvalContext context)
        {
            AnyTypeState source = (AnyTypeState)other;
            _handler ??= TypeHandlers.Of(type.Oid, context.Catalog);
            Column? values = source._pool?.Build();
            for (int g = 0; g < groups.Length; g++)
                if (source._best[g] >= 0) Offer(values!, source._best[g], groups[g]);
        }

        public override void Finish(int start, int count, ColumnBuilder result, EvalContext context)
        {
            Column? values = _pool is null ? null : _view ??= _pool.Build();
            for (int g = start; g < start + count; g++)
            {
                if (_best[g] < 0) result.AppendNull();
                else result.AppendFrom(values!, _best[g]);
            }
        }

        public override void Save(int group, ByteBuffer output)
        {
            if (_best[group] < 0) return;
            output.WriteByte(1);
            SavedValue.Write(_view ??= _pool!.Build(), _best[group], output);
        }

        public override void Restore(int group, ReadOnlySpan<byte> saved, EvalContext context)
        {
            if (saved.IsEmpty) return;
            _handler ??= TypeHandlers.Of(type.Oid, context.Catalog);
            ColumnBuilder one = ColumnBuilder.Create(_handler.Kind, 1);
            ReadOnlySpan<byte> rest = saved[1..];
            SavedValue.Read(ref rest, one);
            Offer(one.Build(), 0, group);
        }

        public override long MemoryBytes => _best.Length * 4L + (_pool is BytesColumnBuilder bytes ? bytes.Output.Length + 4L * bytes.Count : (_pool?.Count ?? 0) * 16L);
    }
}

/// <summary>A value of any kind as bytes, for spilled states.</summary>
internal static class SavedValue
{
    /// <summary>A null flag, then the value; of variable length after its length.</summary>
    public static void Write(Column column, int row, ByteBuffer output)
    {
        bool isNull = column.IsNull(row);
        output.WriteByte(isNull ? (byte)0 : (byte)1);
        if (isNull) return;
        switch (column)
        {
            case BytesColumn bytes:
                output.WriteInt32LittleEndian(bytes[row].Length);
                output.Write(bytes[row]);
                break;
            case Column<bool> c: Fixed(c[row], output); break;
            case Column<byte> c: Fixed(c[row], output); break;
            case Column<short> c: Fixed(c[row], output); break;
            case Column<int> c: Fixed(c[row], output); break;
            case Column<long> c: Fixed(c[row], output); break;
            case Column<uint> c: Fixed(c[row], output); break;
            case Column<float> c: Fixed(c[row], output); break;
            case Column<double> c: Fixed(c[row], output); break;
            case Column<IntervalValue> c: Fixed(c[row], output); break;
            case Column<UuidValue> c: Fixed(c[row], output); break;
            case Column<TimeTzValue> c: Fixed(c[row], output); break;
            default: throw Errors.Invariant.Unreachable(column.Kind);
        }
    }

    /// <summary>Appends the value at the beginning of the span, and moves the span on.</summary>
    public static void Read(ref ReadOnlySpan<byte> saved, ColumnBuilder result)
    {
        bool isNull = saved[0] == 0;
        saved = saved[1..];
        if (isNull)
        {
            result.AppendNull();
            return;
        }
        switch (result)
        {
            case BytesColumnBuilder bytes:
                int length = System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(saved);
                bytes.Append(saved.Slice(4, length));
                saved = saved[(4 + length)..];
                break;
            case ColumnBuilder<bool> b: b.Append(Fixed<bool>(ref saved)); break;
            case ColumnBuilder<byte> b: b.Append(Fixed<byte>(ref saved)); break;
            case ColumnBuilder<short> b: b.Append(Fixed<short>(ref saved)); break;
            case ColumnBuilder<int> b: b.Append(Fixed<int>(ref saved)); break;
            case ColumnBuilder<long> b: b.Append(Fixed<long>(ref saved)); break;
            case ColumnBuilder<uint> b: b.Append(Fixed<uint>(ref saved)); break;
            case ColumnBuilder<float> b: b.Append(Fixed<float>(ref saved)); break;
            case ColumnBuilder<double> b: b.Append(Fixed<double>(ref saved)); break;
            case ColumnBuilder<IntervalValue> b: b.Append(Fixed<IntervalValue>(ref saved)); break;
            case ColumnBuilder<UuidValue> b: b.Append(Fixed<UuidValue>(ref saved)); break;
            case ColumnBuilder<TimeTzValue> b: b.Append(Fixed<TimeTzValue>(ref saved)); break;
            default: throw Errors.Invariant.Unreachable(result.Kind);
        }
    }

    private static void Fixed<T>(T value, ByteBuffer output) where T : unmanaged =>
        System.Runtime.InteropServices.MemoryMarshal.Write(output.Take(System.Runtime.CompilerServices.Unsafe.SizeOf<T>()), value);

    private static T Fixed<T>(ref ReadOnlySpan<byte> saved) where T : unmanaged
    {
        T value = System.Runtime.InteropServices.MemoryMarshal.Read<T>(saved);
        saved = saved[System.Runtime.CompilerServices.Unsafe.SizeOf<T>()..];
        return value;
    }
}
