using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Functions;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>TABLESAMPLE: a condition on row numbers, so that the same seed chooses the same rows.</summary>
internal sealed partial class Binder
{
    // No row of pg_proc: the condition that a sample is.
    private static readonly BuiltinFunction SampleCondition =
        new(0, "tablesample", 'f', 's', 's', false, false, 0, 0, TypeOid.Bool, [TypeOid.Int8, TypeOid.Float4, TypeOid.Float8], null, null, null, "internal", "tablesample", false, 0);

    private Filter SampleOf(TableScan scan, Ast.TableSample sample)
    {
        string method = sample.Method.Name;
        if (method is not ("bernoulli" or "system") || sample.Method.Schema is not (null or "pg_catalog"))
            throw Error(SqlState.UndefinedObject, $"tablesample method {string.Join('.', sample.Method.Parts)} does not exist", sample.Span.Start);
        if (sample.Arguments.Count != 1)
            throw Error(SqlState.InvalidTablesampleArgument, $"tablesample method {method} requires 1 argument, not {sample.Arguments.Count}", sample.Span.Start);
        QueryLevel level = new(null) { Place = ExpressionPlace.FromFunction };
        BoundExpression percentage = SampleArgument(sample.Arguments[0], TypeOid.Float4, "TABLESAMPLE", level);
        BoundExpression seed = sample.Repeatable is null ? Literals.Null(new SqlType(TypeOid.Float8), _context.Catalog) : SampleArgument(sample.Repeatable, TypeOid.Float8, "REPEATABLE", level);
        RowSample condition = new(byBlock: method == "system", isRepeatable: sample.Repeatable is not null);
        return new Filter(scan, new CallExpression(SampleCondition, condition, [Reference(scan.RowId!), percentage, seed], SqlType.Bool));
    }

    private BoundExpression SampleArgument(Ast.Expression written, uint type, string construct, QueryLevel level)
    {
        BoundExpression value = BindExpression(written, level);
        return TryCoerce(value, new SqlType(type), CoercionContext.Assignment, value.Position)
            ?? throw Error(SqlState.DatatypeMismatch, $"argument of {construct} must be type {Format(type)}, not type {Format(value.Type.Oid)}", value.Position);
    }
}
