using System.Runtime.CompilerServices;

namespace VecSql.Core.Errors;

/// <summary>For code that follows nested values: values can be nested deeper by functions than any text that was read.</summary>
public static class StackGuard
{
    /// <summary>Throws while there is still stack to throw on.</summary>
    /// <exception cref="SqlException">54001.</exception>
    public static void Check()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack()) throw new SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded");
    }
}
