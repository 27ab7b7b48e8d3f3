namespace VecSql.Core.Functions;

/// <summary>A function of one fixed-width value as a type, so that the loop over a batch is compiled for it.</summary>
public interface IUnaryOperator<TIn, TOut> where TIn : unmanaged where TOut : unmanaged
{
    static abstract TOut Apply(TIn value);
}

/// <summary>A function of two fixed-width values as a type, so that the loop over a batch is compiled for it.</summary>
public interface IBinaryOperator<TLeft, TRight, TOut> where TLeft : unmanaged where TRight : unmanaged where TOut : unmanaged
{
    static abstract TOut Apply(TLeft left, TRight right);

    /// <summary>Applies to all rows at once, if it can; a side of one value is the same in all rows. False: nothing was written.</summary>
    static virtual bool TryApply(ReadOnlySpan<TLeft> left, ReadOnlySpan<TRight> right, Span<TOut> result) => false;
}
