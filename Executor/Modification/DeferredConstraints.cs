using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Executor.Modification;
using VecSql.Executor.Rows;
using VecSql.Storage.Contracts;

namespace VecSql.Executor;

/// <summary>
/// The foreign keys of a transaction that are to be checked at its end. One per session, handed to every execution by <see cref="ExecutionOptions.Deferred"/>; the session calls
/// <see cref="Reset"/> at each transaction's end, <see cref="Check"/> before COMMIT and at SET CONSTRAINTS … IMMEDIATE. What a savepoint undid is not reported: only keys that a child row still has count.
/// </summary>
public sealed class DeferredConstraints
{
    private readonly Dictionary<uint, bool> _modes = [];
    private readonly Dictionary<(uint Constraint, bool IsParentKey), (ForeignKey Key, RowBuffer Keys)> _pending = [];
    private bool? _all;

    public bool HasPending => _pending.Count > 0;

    /// <summary>The transaction is over.</summary>
    public void Reset()
    {
        _modes.Clear();
        _pending.Clear();
        _all = null;
    }

    /// <summary>SET CONSTRAINTS: for the constraints, or for all if null.</summary>
    public void SetMode(IReadOnlyList<uint>? constraints, bool isDeferred)
    {
        if (constraints is null)
        {
            _modes.Clear();
            _all = isDeferred;
            return;
        }
        foreach (uint constraint in constraints) _modes[constraint] = isDeferred;
    }

    /// <summary>Checks what is pending for constraints that are immediate now, or all at commit, and forgets it.</summary>
    /// <exception cref="SqlException">23503.</exception>
    public void Check(ITransaction transaction, EvalContext context, ExecutionOptions options, bool isCommit)
    {
        foreach ((uint Constraint, bool IsParentKey) place in _pending.Keys.ToArray())
        {
            (ForeignKey key, RowBuffer keys) = _pending[place];
            if (!isCommit && IsDeferred(key.Constraint)) continue;
            _pending.Remove(place);
            using ExecutionState state = new(transaction, context, options, 0);
            new ReferentialActions(state).CheckDeferred(key, keys, place.IsParentKey);
        }
    }

    internal bool IsDeferred(ConstraintObject constraint) =>
        constraint.IsDeferrable && (_modes.TryGetValue(constraint.Oid, out bool mode) ? mode : _all ?? constraint.IsInitiallyDeferred);

    /// <param name="isParentKey">Keys that left the parent; else keys that came to the child.</param>
    internal void Add(ForeignKey key, Column[] keys, int count, bool isParentKey, ExecutionState state)
    {
        if (!_pending.TryGetValue((key.Constraint.Oid, isParentKey), out (ForeignKey Key, RowBuffer Keys) entry))
            _pending.Add((key.Constraint.Oid, isParentKey), entry = (key, new RowBuffer(state.KindsOf(isParentKey ? key.ParentTypes : key.ChildTypes))));
        entry.Keys.Append(keys, Selection.All(count));
    }
}
