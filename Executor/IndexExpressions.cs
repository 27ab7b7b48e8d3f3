using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Executor.Expressions;
using VecSql.Parser;
using VecSql.Planner;
using VecSql.Planner.Expressions;
using VecSql.Storage.Contracts;

namespace VecSql.Executor;

/// <summary>Compiles indexes' key expressions and predicates for storage. They are immutable, so one neutral context serves all evaluations.</summary>
/// <param name="planning">The planner's context over a catalog; its constants are what the expressions are evaluated with.</param>
public sealed class IndexExpressions(IQueryPlanner planner, Func<CatalogSnapshot, PlanningContext> planning) : IIndexExpressions
{
    public IIndexKeyEvaluator Compile(IndexObject index, TableObject table, CatalogSnapshot catalog)
    {
        PlanningContext context = planning(catalog);
        ExecutionState state = new(null, context.Constants, new ExecutionOptions(), 0);
        EvaluatorBuilder builder = new(state) { BuildSubplan = e => throw Invariant.Unreachable(e) };
        short[] attributes = [.. table.LiveColumns.Select(c => c.Number)];
        Evaluator[] keys = new Evaluator[index.Keys.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            IndexKey key = index.Keys[i];
            keys[i] = key.Column > 0
                ? new InputEvaluator(Array.IndexOf(attributes, key.Column))
                : builder.Build(planner.BindTableExpression(SqlParser.ParseExpression(key.Expression!), table, key.Type, context));
        }
        BoundExpression? predicate = index.Predicate is null ? null : planner.BindTableExpression(SqlParser.ParseExpression(index.Predicate), table, SqlType.Bool, context);
        return new KeyEvaluator(keys, builder.BuildOptional(predicate));
    }

    private sealed class KeyEvaluator(Evaluator[] keys, Evaluator? predicate) : IIndexKeyEvaluator
    {
        private readonly Column[] _columns = new Column[keys.Length];

        public (Column[] Keys, Selection Rows) Evaluate(ColumnBatch rows)
        {
            // Rows that the predicate leaves out are not evaluated: their keys may well raise errors.
            Selection held = predicate is null ? rows.Selection : predicate.Filter(rows.Columns, rows.Selection);
            for (int i = 0; i < keys.Length; i++) _columns[i] = keys[i].Evaluate(rows.Columns, held);
            return (_columns, held);
        }
    }
}
