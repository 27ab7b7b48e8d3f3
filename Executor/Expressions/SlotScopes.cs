namespace VecSql.Executor.Expressions;

/// <summary>
/// Which correlated slots the subtree in the making depends on: those that it reads and doesn't set itself. A subtree without any gives the same rows at each run.
/// Work tables count as slots with negative numbers.
/// </summary>
internal sealed class SlotScopes
{
    private readonly Stack<HashSet<int>> _scopes = new([[]]);

    public static int OfWorkTable(int number) => ~number;

    public void Read(int slot) => _scopes.Peek().Add(slot);

    public void Begin() => _scopes.Push([]);

    /// <summary>Ends the scope begun last; <paramref name="bound"/> are set by the node above it. Returns what the subtree itself depends on.</summary>
    public int[] End(IEnumerable<int>? bound = null)
    {
        HashSet<int> scope = _scopes.Pop();
        int[] free = [.. scope];
        if (bound is not null) scope.ExceptWith(bound);
        _scopes.Peek().UnionWith(scope);
        return free;
    }
}
