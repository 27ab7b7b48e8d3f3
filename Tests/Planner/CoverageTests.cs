using System.Reflection;
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

    /// <summary>Types that a method tests for, lambdas of its type included.</summary>
    private static HashSet<Type> TypesIn(Type owner, string method)
    {
        HashSet<Type> found = [];
        const BindingFlags All = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        foreach (MethodInfo candidate in owner.GetMethods(All).Where(m => m.Name == method))
        {
            byte[] code = candidate.GetMethodBody()!.GetILAsByteArray()!;
            for (int i = 0; i + 5 <= code.Length; i++)
            {
                // isinst, castclass, or a type token behind another opcode: tokens of kind 01, 02 (types) that resolve.
                int token = BitConverter.ToInt32(code, i + 1);
                if (code[i] is not (0x75 or 0x74) || token >> 24 is not (0x01 or 0x02 or 0x1B)) continue;
                found.Add(candidate.Module.ResolveType(token));
            }
        }
        return found;
    }

    [Theory]
    [InlineData(typeof(LogicalPlan), typeof(PlanLowering), "LowerPlan")]
    [InlineData(typeof(LogicalPlan), typeof(PlanExpressions), "Map")]
    [InlineData(typeof(PhysicalPlan), typeof(ExplainTree), "Describe")]
    [InlineData(typeof(BoundExpression), typeof(ExpressionRewriter), "Visit")]
    [InlineData(typeof(BoundExpression), typeof(ExpressionFacts), "Children")]
    [InlineData(typeof(BoundExpression), typeof(VecSql.Planner.Explain.ExpressionText), "Of")]
    public void Every_kind_is_covered(Type root, Type owner, string method)
    {
        HashSet<Type> covered = TypesIn(owner, method);
        Assert.Empty(Kinds(root).Where(k => !covered.Contains(k)).Select(k => k.Name));
    }
}
