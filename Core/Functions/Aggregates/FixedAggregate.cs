using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VecSql.Core.Columns;
using VecSql.Core.Environment;

namespace VecSql.Core.Functions;

/// <summary>An aggregate of one fixed-width argument as a type, so that the loop over a batch is compiled for it. A fresh state is all zero bytes.</summary>
internal interface IAccumulator<TState, TIn, TOut> where TState : unmanaged where TIn : unmanaged where TOut : unmanaged
{
    static abstract void Add(ref TState state, TIn value);
    static abstract void Merge(ref TState state, in TState other);

    /// <summary>False: the result is null.</summary>
    static abstract bool Finish(in TState state, out TOut result);
    static abstract bool CanRetract { get; }
    static abstract void Retract(ref TState state, TIn value);
}

/// <summary>An aggregate that skips nulls of its one argument, with a state of fixed width for each group.</summary>
internal sealed class FixedAggregate<TAccumulator, TState, TIn, TOut> : AggregateFunction
    where TAccumulator : struct, IAccumulator<TState, TIn, TOut> where TState : unmanaged where TIn : unmanaged where TOut : unmanaged
{
    public override AggregateState CreateState() => new State();

    private sealed class State : GroupedState<TState>
    {
        public override bool CanRetract => TAccumulator.CanRetract;

        public override void Update(ReadOnlySpan<Column> arguments, Selection selection, ReadOnlySpan<int> groups, EvalContext context)
        {
            Column<TIn> argument = (Column<TIn>)arguments[0];
            ReadOnlySpan<TIn> values = argument.Values;
            int mask = argument.IndexMask;
            TState[] states = Groups;
            if (selection.IsAll && !argument.MayHaveNulls)
            {
                for (int row = 0; row < selection.Count; row++) TAccumulator.Add(ref states[groups[row]], values[row & mask]);
                return;
            }
            for (int i = 0; i < selection.Count; i++)
            {
                int row = selection[i];
                if (!argument.IsNull(row)) TAccumulator.Add(ref states[groups[i]], values[row & mask]);
            }
        }

        public override void Retract(ReadOnlySpan<Column> arguments, Selection selection, ReadOnlySpan<int> groups, EvalContext context)
        {
            Column<TIn> argument = (Column<TIn>)arguments[0];
            for (int i = 0; i < selection.Count; i++)
                if (!argument.IsNull(selection[i])) TAccumulator.Retract(ref Groups[groups[i]], argument[selection[i]]);
        }

        protected override void MergeGroup(ref TState group, in TState other) => TAccumulator.Merge(ref group, other);

        protected override void FinishGroup(in TState group, ColumnBuilder result)
        {
            if (TAccumulator.Finish(group, out TOut value)) ((ColumnBuilder<TOut>)result).Append(value);
            else result.AppendNull();
        }
    }
}

/// <summary>States in an array by group number. Spilled as their bytes: a spill file lives no longer than its process.</summary>
internal abstract class GroupedState<TState> : AggregateState where TState : unmanaged
{
    protected TState[] Groups = [];
    private int _count;

    public override void EnsureGroups(int groupCount)
    {
        if (groupCount > Groups.Length) Array.Resize(ref Groups, (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(groupCount, 16)));
        _count = Math.Max(_count, groupCount);
    }

    protected abstract void MergeGroup(ref TState group, in TState other);
    protected abstract void FinishGroup(in TState group, ColumnBuilder result);

    public override void Merge(AggregateState other, ReadOnlySpan<int> groups, EvalContext context)
    {
        GroupedState<TState> source = (GroupedState<TState>)other;
        for (int g = 0; g < groups.Length; g++) MergeGroup(ref Groups[groups[g]], source.Groups[g]);
    }

    public override void Finish(int start, int count, ColumnBuilder result, EvalContext context)
    {
        for (int g = start; g < start + count; g++) FinishGroup(Groups[g], result);
    }

    public override void Save(int group, ByteBuffer output) => output.Write(MemoryMarshal.AsBytes(Groups.AsSpan(group, 1)));

    public override void Restore(int group, ReadOnlySpan<byte> saved, EvalContext context) => MergeGroup(ref Groups[group], MemoryMarshal.Read<TState>(saved));

    public override long MemoryBytes => (long)Groups.Length * Unsafe.SizeOf<TState>();
}

/// <summary>States that hold references, in an array by group number.</summary>
internal abstract class ObjectGroupedState<TState> : AggregateState where TState : struct
{
    protected TState[] Groups = [];

    public override void EnsureGroups(int groupCount)
    {
        if (groupCount > Groups.Length) Array.Resize(ref Groups, (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(groupCount, 16)));
    }

    public override long MemoryBytes => (long)Groups.Length * Unsafe.SizeOf<TState>();
}
