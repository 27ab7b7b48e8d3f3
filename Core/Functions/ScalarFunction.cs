using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>
/// A scalar function over columns. Stateless and shared by all threads; what depends on the call's types is bound once by <see cref="Specialize"/>.
/// </summary>
public abstract class ScalarFunction
{
    /// <summary>
    /// Computes the function for the selected rows.
    /// Guarantees: <paramref name="result"/> afterwards has at least as many rows as the last selected row + 1; rows outside the selection hold unspecified values.
    /// Requires: <paramref name="arguments"/> are at least as long as that, of the kinds of the bound types, possibly constant.
    /// Strictness is the function's own affair: a null argument of a strict function gives a null row.
    /// An error in a row that isn't selected must not show.
    /// </summary>
    /// <param name="arguments">Borrowed for the call.</param>
    /// <param name="selection">Rows to compute, ascending.</param>
    /// <param name="result">Reset by the function before it writes. Owned by the caller.</param>
    /// <param name="context">The statement's.</param>
    public abstract void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context);

    /// <summary>The function for a call with these types; polymorphic functions return an instance that knows them.</summary>
    public virtual ScalarFunction Specialize(ReadOnlySpan<SqlType> argumentTypes, SqlType resultType) => this;
}
