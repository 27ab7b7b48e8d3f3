using VecSql.Core.Types;

namespace VecSql.Planner.Physical;

/// <summary>
/// How a query is run: immutable nodes, columns by position, algorithms chosen; cached and shared between sessions. Run-time state lives in the executor's operators.
/// To add a node: its record here, its operator in Executor/Operators, one line in the executor's OperatorBuilder and one in EXPLAIN; a test proves that none is forgotten.
/// </summary>
/// <param name="OutputTypes">The type of each output column.</param>
public abstract record PhysicalPlan(IReadOnlyList<SqlType> OutputTypes)
{
    public abstract IReadOnlyList<PhysicalPlan> Inputs { get; }

    /// <summary>Names of the output columns, for EXPLAIN.</summary>
    public IReadOnlyList<string> OutputNames { get; init; } = [];
    public Estimate Estimate { get; init; }
}

/// <summary>What the planner expects, in PostgreSQL's units (a sequential page read is 1.0).</summary>
public readonly record struct Estimate(double StartupCost, double TotalCost, double Rows, int Width);
