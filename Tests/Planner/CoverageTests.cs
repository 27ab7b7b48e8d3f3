using System.Reflection;
using System.Reflection.Emit;
using VecSql.Planner.Explain;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using VecSql.Planner.Lowering;
using VecSql.Planner.Physical;

namespace VecSql.Tests.Planner;

/// <summary>No kind of node is forgotten in the places that switch over them: each type is named in the method's IL.</summary>
public class CoverageTests
{
    private static IEnumerable<Type> Kinds(Type root) => root.Assembly.GetTypes().Where(t => t is { IsSealed: true, IsAbstract: false } && t.IsSubclassOf(root));

    private static readonly Dictionary<short, OpCode> OpCodesByValue =
        typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (OpCode)f.GetValue(null)!).ToDictionary(o => o.Value);

    /// <summary>Operands of isinst and castclass that name a type itself, not one made from others.</summary>
    private static IEnumerable<int> TypeTokens(byte[] code)
    {
        for (int i = 0; i < code.Length;)
        {
            OpCode op = code[i] == 0xFE ? OpCodesByValue[(short)(0xFE00 | code[i + 1])] : OpCodesByValue[code[i]];
            i += op.Size;
            if (op == OpCodes.Isinst || op == OpCodes.Castclass)
            {
                int token = BitConverter.ToInt32(code, i);
                if (token >> 24 is 0x01 or 0x02) yield return token;
            }
            i += op.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(code, i),
                _ => 4,
            };
        }
    }

    /// <summary>Types that a method tests for, lambdas of its type included.</summary>
    private static HashSet<Type> TypesIn(Type owner, string method)
    {
        HashSet<Type> found = [];
        const BindingFlags All = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        foreach (MethodInfo candidate in owner.GetMethods(All).Where(m => m.Name == method))
        {
            foreach (int token in TypeTokens(candidate.GetMethodBody()!.GetILAsByteArray()!)) found.Add(candidate.Module.ResolveType(token));
        }
        return found;
    }

    [Theory]
    [InlineData(typeof(LogicalPlan), typeof(PlanLowering), "LowerPlan")]
    [InlineData(typeof(LogicalPlan), typeof(PlanExpressions), "Map")]
    [InlineData(typeof(PhysicalPlan), typeof(ExplainTree), "Describe")]
    [InlineData(typeof(PhysicalPlan), typeof(PhysicalChecker), "CheckNode")]
    [InlineData(typeof(BoundExpression), typeof(ExpressionRewriter), "Visit")]
    [InlineData(typeof(BoundExpression), typeof(ExpressionFacts), "Children")]
    [InlineData(typeof(BoundExpression), typeof(VecSql.Planner.Expressions.ExpressionText), "Of")]
    public void Every_kind_is_covered(Type root, Type owner, string method)
    {
        HashSet<Type> covered = TypesIn(owner, method);
        Assert.Empty(Kinds(root).Where(k => !covered.Contains(k)).Select(k => k.Name));
    }
}
