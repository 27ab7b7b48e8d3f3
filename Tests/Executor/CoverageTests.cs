using System.Runtime.CompilerServices;
using VecSql.Core.Errors;
using VecSql.Executor;
using VecSql.Executor.Expressions;
using VecSql.Executor.Operators;
using VecSql.Planner.Expressions;
using VecSql.Planner.Physical;

namespace VecSql.Tests.Executor;

/// <summary>No kind of node or expression is forgotten: an empty one of each is offered to the builders, which may stumble over its nulls, but not say that they don't know it.</summary>
public sealed class CoverageTests
{
    public static TheoryData<Type> Plans() => [.. typeof(PhysicalPlan).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(PhysicalPlan)) && !t.IsAbstract)];

    public static TheoryData<Type> Expressions() => [.. typeof(BoundExpression).Assembly.GetTypes()
        .Where(t => t.IsSubclassOf(typeof(BoundExpression)) && !t.IsAbstract && t != typeof(ColumnExpression) && t != typeof(SubqueryExpression))];

    [Theory]
    [MemberData(nameof(Plans))]
    public void EveryPlanNodeHasItsOperator(Type type)
    {
        using ExecutionState state = NewState();
        AssertKnown(type, () => new OperatorBuilder(state, null).Build((PhysicalPlan)RuntimeHelpers.GetUninitializedObject(type)));
    }

    [Theory]
    [MemberData(nameof(Expressions))]
    public void EveryExpressionHasItsEvaluator(Type type)
    {
        using ExecutionState state = NewState();
        EvaluatorBuilder builder = new(state) { BuildSubplan = _ => new ConstantEvaluator(TestPlans.Literal(1).Value) };
        AssertKnown(type, () => builder.Build((BoundExpression)RuntimeHelpers.GetUninitializedObject(type)));
    }

    private static ExecutionState NewState() => new(null, TestPlans.Context(), new ExecutionOptions(), 1);

    /// <summary>The builders' last arm names the kind; printing an empty record may fail on the way, inside of it.</summary>
    private static void AssertKnown(Type type, Action build)
    {
        Exception? error = Record.Exception(build);
        bool isUnknown = (error is InvariantException && error.Message.Contains($"unexpected {type.Name}:", StringComparison.Ordinal))
            || error?.StackTrace?.Contains("Invariant.Unreachable", StringComparison.Ordinal) == true;
        Assert.False(isUnknown, error?.Message);
    }
}
