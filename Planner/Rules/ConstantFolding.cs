using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Planner.Binding;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;

namespace VecSql.Planner.Rules;

/// <summary>
/// Calls of immutable functions on constants become constants; AND, OR, NOT, CASE and COALESCE lose what their constants decide. A call that fails is left to fail when, and
/// only if, it is reached.
/// </summary>
internal sealed class ConstantFolding : PlanRule
{
    public override string Name => "constant-folding";

    protected override LogicalPlan Rewrite(LogicalPlan plan, RuleContext context)
    {
        Folder folder = new(context.Planning.Constants);
        LogicalPlan folded = PlanExpressions.Map(plan, folder.Visit);
        if (folded is not Filter { Condition: LiteralExpression literal } filter) return folded;
        bool isTrue = literal is { IsNull: false, Value: Column<bool> value } && value[0];
        // Nothing passes: no rows of the same columns. (What changes data is never below a filter.)
        return isTrue ? filter.Input : new Values([], filter.Output);
    }

    private sealed class Folder(EvalContext context) : ExpressionRewriter
    {
        public override BoundExpression Visit(BoundExpression expression)
        {
            Parser.SqlParser.CheckStack(expression.Position);
            // Rows of VALUES and long IN lists are mostly constants already.
            if (expression is LiteralExpression) return expression;
            BoundExpression visited = base.Visit(expression);
            return visited switch
            {
                CallExpression call => FoldCall(call),
                AndExpression and => FoldJunction(and, and.Operands, absorbing: false),
                OrExpression or => FoldJunction(or, or.Operands, absorbing: true),
                NotExpression { Operand: LiteralExpression { Value: Column<bool> value } literal } => literal.IsNull ? literal : Literals.Bool(!value[0]),
                IsNullExpression { Operand: LiteralExpression literal, IsRowTest: false } test => Literals.Bool(literal.IsNull != test.IsNegated),
                CaseExpression { Operand: null } branching => FoldCase(branching),
                CoalesceExpression coalesce => FoldCoalesce(coalesce),
                CoercionExpression { Kind: CoercionKind.Relabel, Operand: LiteralExpression literal } relabel when SameKind(literal, relabel.Type) => new LiteralExpression(literal.Value, relabel.Type) { Position = relabel.Position },
                _ => visited,
            };
        }

        private bool SameKind(LiteralExpression literal, SqlType type) => TypeHandlers.Find(type.Oid, context.Catalog)?.Kind == literal.Value.Kind;

        private BoundExpression FoldCall(CallExpression call)
        {
            if (call.Signature.ReturnsSet || TypeHandlers.Find(call.Type.Oid, context.Catalog) is not { } handler) return call;
            bool anyNull = false, isConstant = true;
            foreach (BoundExpression argument in call.Arguments)
            {
                if (argument is LiteralExpression literal) anyNull |= literal.IsNull;
                else isConstant = false;
            }
            // One null decides; the other arguments are never evaluated, so what they would raise isn't either.
            if (anyNull && call.Signature.IsStrict) return Literals.Null(call.Type, context.Catalog) with { Position = call.Position };
            if (!isConstant) return DateComparison.OfDates(call) ?? call;
            if (call.Signature.Volatility != 'i') return call;
            try
            {
                Column[] arguments = [.. call.Arguments.Select(a => ((LiteralExpression)a).Value)];
                ColumnBuilder result = ColumnBuilder.Create(handler.Kind, 1);
                call.Function.Evaluate(arguments, Selection.All(1), result, context);
                return new LiteralExpression(CopyOf(result.Build(), handler.Kind), call.Type) { Position = call.Position };
            }
            catch (SqlException)
            {
                // 1/0 in a branch that is never reached is no error; in one that is, the executor reports it.
                return call;
            }
        }

        private static Column CopyOf(Column value, PhysicalKind kind)
        {
            ColumnBuilder copy = ColumnBuilder.Create(kind, 1);
            copy.AppendFrom(value, 0);
            return copy.BuildConstant(1);
        }

        private static BoundExpression FoldJunction(BoundExpression junction, IReadOnlyList<BoundExpression> operands, bool absorbing)
        {
            List<BoundExpression> kept = [];
            foreach (BoundExpression operand in operands)
            {
                if (operand is LiteralExpression { IsNull: false, Value: Column<bool> value })
                {
                    if (value[0] == absorbing && kept.TrueForAll(k => !ExpressionFacts.IsVolatile(k))) return Literals.Bool(absorbing);
                    if (value[0] != absorbing) continue;
                }
                kept.Add(operand);
            }
            if (kept.Count == operands.Count) return junction;
            if (kept.Count == 0) return Literals.Bool(!absorbing);
            if (kept.Count == 1) return kept[0];
            return junction is AndExpression ? new AndExpression(kept) { Position = junction.Position } : new OrExpression(kept) { Position = junction.Position };
        }

        private static BoundExpression FoldCase(CaseExpression branching)
        {
            List<CaseBranch> kept = [];
            foreach (CaseBranch branch in branching.Branches)
            {
                if (branch.Condition is not LiteralExpression literal)
                {
                    kept.Add(branch);
                    continue;
                }
                bool isTrue = !literal.IsNull && ((Column<bool>)literal.Value)[0];
                if (!isTrue) continue;
                return kept.Count == 0 ? Typed(branch.Result, branching) : branching with { Branches = kept, Else = branch.Result };
            }
            if (kept.Count == branching.Branches.Count) return branching;
            if (kept.Count == 0 && branching.Else is not null) return Typed(branching.Else, branching);
            return kept.Count == 0 ? branching : branching with { Branches = kept };
        }

        /// <summary>A branch in the place of the whole; only if it has just its type.</summary>
        private static BoundExpression Typed(BoundExpression branch, CaseExpression whole) => branch.Type.Oid == whole.Type.Oid ? branch : whole;

        private static BoundExpression FoldCoalesce(CoalesceExpression coalesce)
        {
            List<BoundExpression> kept = [];
            foreach (BoundExpression operand in coalesce.Operands)
            {
                if (operand is LiteralExpression { IsNull: true }) continue;
                kept.Add(operand);
                if (operand is LiteralExpression) break;
            }
            if (kept.Count == coalesce.Operands.Count || kept.Count == 0) return coalesce;
            return kept.Count == 1 && kept[0].Type.Oid == coalesce.Type.Oid ? kept[0] : coalesce with { Operands = kept };
        }
    }
}
