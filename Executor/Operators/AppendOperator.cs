using VecSql.Core.Columns;

namespace VecSql.Executor.Operators;

/// <summary>UNION ALL: one branch after the other.</summary>
internal sealed class AppendOperator(ExecutionState state, Operator[] branches) : Operator(state)
{
    private int _branch;
    private bool _isOpen;

    protected override void OpenCore()
    {
        _branch = 0;
        _isOpen = false;
    }

    protected override ColumnBatch? NextCore()
    {
        for (; _branch < branches.Length; _branch++)
        {
            if (!_isOpen) branches[_branch].Open();
            _isOpen = true;
            if (branches[_branch].Next() is { } batch) return batch;
            _isOpen = false;
        }
        return null;
    }

    public override void Dispose()
    {
        foreach (Operator branch in branches) branch.Dispose();
        base.Dispose();
    }
}
