using VecSql.Core.Catalog;

namespace VecSql.Core.Functions;

/// <summary>
/// The implementations, by <see cref="BuiltinFunction.Key"/>: PostgreSQL's internal name, or name(types).
/// To add a function: one line in the file of its kind under Functions/ (or a new file, with one line in <see cref="Default"/>).
/// </summary>
public sealed partial class FunctionLibrary
{
    private readonly Dictionary<string, ScalarFunction> _scalars = [];
    private readonly Dictionary<string, AggregateFunction> _aggregates = [];
    private readonly Dictionary<string, WindowFunction> _windows = [];
    private readonly Dictionary<string, TableFunction> _tables = [];

    /// <summary>All that VecSql has.</summary>
    public static FunctionLibrary Default { get; } = CreateDefault();

    public ScalarFunction? FindScalar(BuiltinFunction function) => _scalars.GetValueOrDefault(function.Key);
    public AggregateFunction? FindAggregate(BuiltinFunction function) => _aggregates.GetValueOrDefault(function.Key);
    public WindowFunction? FindWindow(BuiltinFunction function) => _windows.GetValueOrDefault(function.Key);
    public TableFunction? FindTable(BuiltinFunction function) => _tables.GetValueOrDefault(function.Key);

    /// <summary>True if a call would not be refused: pg_proc lists just these.</summary>
    public bool Implements(BuiltinFunction function) => _scalars.ContainsKey(function.Key) || _aggregates.ContainsKey(function.Key)
        || _windows.ContainsKey(function.Key) || _tables.ContainsKey(function.Key);

    /// <summary>All registered keys: a test holds them against the signatures.</summary>
    public IEnumerable<string> Keys => _scalars.Keys.Concat(_aggregates.Keys).Concat(_windows.Keys).Concat(_tables.Keys);

    public void Add(string key, ScalarFunction function) => _scalars.Add(key, function);
    public void Add(string key, AggregateFunction function) => _aggregates.Add(key, function);
    public void Add(string key, WindowFunction function) => _windows.Add(key, function);
    public void Add(string key, TableFunction function) => _tables.Add(key, function);

    /// <summary>A strict function of one fixed-width value.</summary>
    public void Unary<TOperator, TIn, TOut>(string key) where TOperator : struct, IUnaryOperator<TIn, TOut> where TIn : unmanaged where TOut : unmanaged =>
        Add(key, new UnaryFunction<TOperator, TIn, TOut>());

    /// <summary>A strict function of two fixed-width values.</summary>
    public void Binary<TOperator, TLeft, TRight, TOut>(string key)
        where TOperator : struct, IBinaryOperator<TLeft, TRight, TOut> where TLeft : unmanaged where TRight : unmanaged where TOut : unmanaged =>
        Add(key, new BinaryFunction<TOperator, TLeft, TRight, TOut>());

    /// <summary>A strict function written row by row.</summary>
    public void Strict(string key, RowKernel kernel) => Add(key, new RowFunction(kernel, isStrict: true));

    /// <summary>A function that sees nulls, written row by row.</summary>
    public void Rowwise(string key, RowKernel kernel) => Add(key, new RowFunction(kernel, isStrict: false));
}
