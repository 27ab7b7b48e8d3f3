using VecSql.Core.Catalog;
using VecSql.Core.Functions;

namespace VecSql.Tests.Core;

public sealed class FunctionKeyTests
{
    [Fact]
    public void Every_registered_key_is_that_of_a_known_function()
    {
        HashSet<string> known = [.. Builtins.Functions.Select(f => f.Key)];
        Assert.DoesNotContain(FunctionLibrary.Default.Keys, k => !known.Contains(k));
    }

    [Fact]
    public void Every_comparison_operator_of_integers_floats_and_text_is_implemented()
    {
        string[] names = ["=", "<>", "<", "<=", ">", ">="];
        uint[] types = [16, 17, 19, 20, 21, 23, 25, 26, 700, 701, 1042];
        foreach (BuiltinOperator op in Builtins.Operators.Where(o => names.Contains(o.Name) && types.Contains(o.Left) && types.Contains(o.Right)))
            Assert.True(FunctionLibrary.Default.Implements(Builtins.FindFunction(op.Function)!), $"{op.Name} {op.Left} {op.Right}");
    }
}
