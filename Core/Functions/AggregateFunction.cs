using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>An aggregate function. Stateless and shared; makes the state of one aggregation.</summary>
public abstract class AggregateFunction
{
    /// <summary>
    /// A state for one aggregation (of any number of groups). Of ordered-set and hypothetical-set aggregates every update carries the direct arguments first, then the
    /// sorted ones; the direct ones are the same in all rows of a group. Rows may come in any order: such a state sorts for itself.
    /// </summary>
    public abstract AggregateState CreateState();

    /// <summary>The aggregate for WITHIN GROUP (ORDER BY …), one entry for each sorted argument. Called after <see cref="Specialize"/>; other aggregates ignore it.</summary>
    public virtual AggregateFunction WithinGroup(ReadOnlySpan<AggregateOrder> order) => this;

    /// <summary>True if the result shows the order of the rows. PostgreSQL's DISTINCT sorts, so such an aggregate gets distinct arguments in their order.</summary>
    public virtual bool DependsOnOrder => false;

    /// <summary>The aggregate for a call with these types.</summary>
    public virtual AggregateFunction Specialize(ReadOnlySpan<SqlType> argumentTypes, SqlType resultType) => this;
}

/// <summary>How WITHIN GROUP sorts one argument.</summary>
public readonly record struct AggregateOrder(bool Descending, bool NullsFirst);

/// <summary>
/// The running values of all groups of one aggregate, in typed arrays by group number (0 …). Used by one thread; disposed by its owner.
/// </summary>
public abstract class AggregateState
{
    /// <summary>Makes room for groups 0 … groupCount-1; new ones are empty. Called before an update that names them.</summary>
    public abstract void EnsureGroups(int groupCount);

    /// <summary>
    /// Takes in the selected rows: row selection[i] belongs to group groups[i].
    /// Null arguments are skipped by the function where SQL says so. FILTER and DISTINCT are applied before.
    /// </summary>
    public abstract void Update(ReadOnlySpan<Column> arguments, Selection selection, ReadOnlySpan<int> groups, EvalContext context);

    /// <summary>Adds the other state's groups: its group g goes into groups[g]. The other is of the same function and may be used no more.</summary>
    public abstract void Merge(AggregateState other, ReadOnlySpan<int> groups, EvalContext context);

    /// <summary>Appends the results of groups start … start+count-1. May be called again later (running window frames), so it changes nothing.</summary>
    public abstract void Finish(int start, int count, ColumnBuilder result, EvalContext context);

    /// <summary>True if <see cref="Retract"/> undoes an update exactly (moving window frames).</summary>
    public virtual bool CanRetract => false;

    /// <summary>Takes rows out again that were taken in before.</summary>
    public virtual void Retract(ReadOnlySpan<Column> arguments, Selection selection, ReadOnlySpan<int> groups, EvalContext context) =>
        throw Errors.Invariant.Unreachable(this);

    /// <summary>Appends group <paramref name="group"/>'s running value in a form that <see cref="Restore"/> reads: for spilling. Version is the function's own.</summary>
    public abstract void Save(int group, ByteBuffer output);

    /// <summary>Merges a saved value into the group.</summary>
    public abstract void Restore(int group, ReadOnlySpan<byte> saved, EvalContext context);

    /// <summary>Bytes held, about: for the memory budget.</summary>
    public abstract long MemoryBytes { get; }
}
