using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Functions;
using VecSql.Core.Types;
using VecSql.Executor.Rows;
using VecSql.Planner.Expressions;

namespace VecSql.Executor.Expressions;

/// <summary>Arrays and rows.</summary>
internal sealed partial class EvaluatorBuilder
{
    /// <summary>The element type of an array type.</summary>
    public uint ElementOf(uint arrayType)
    {
        uint element = state.Catalog.Find<TypeObject>(arrayType)?.ElementTypeOid ?? Builtins.FindType(arrayType)?.Element ?? 0;
        return element != 0 ? element : throw SqlException.NotSupported($"an array of type {arrayType}");
    }

    private CallEvaluator BuildArray(ArrayExpression e) => Call(ArrayConstructor.ForElement(ElementOf(e.Type.Oid), e.IsNested), e.Elements, e.Type);

    private CallEvaluator BuildSubscript(SubscriptExpression e)
    {
        uint arrayType = e.Array.Type.Oid;
        BoundExpression[] arguments = [e.Array, .. e.Subscripts.SelectMany(s => new[] { s.Lower, s.Upper }).OfType<BoundExpression>()];
        if (!e.IsSlice) return Call(new ArraySubscript(arrayType), arguments, e.Type);
        return Call(new ArraySlice(arrayType, [.. e.Subscripts.Select(s => new SubscriptForm(s.IsSlice, s.Lower is not null, s.Upper is not null))]), arguments, e.Type);
    }

    private Evaluator BuildQuantified(QuantifiedArrayExpression e)
    {
        Evaluator left = Build(e.Left), array = Build(e.Array);
        SqlType element = e.Comparison.Arguments[1].Type;
        bool isSetTest = e.Comparison.OperatorSymbol == (e.IsAll ? "<>" : "=") && array.IsStatementConstant && HaveSameKeys(e.Left.Type, element);
        return isSetTest
            ? new ElementSetEvaluator(left, e.IsAll, array, e.Array.Type.Oid, KeyTable.Create(state, [element]))
            : new QuantifiedArrayEvaluator(left, Kind(e.Left.Type), Build(e.Comparison), e.IsAll, array, e.Array.Type.Oid);
    }

    /// <summary>Equal values of the two types are equal keys: the same type, or whole numbers of any width.</summary>
    private bool HaveSameKeys(SqlType left, SqlType right)
    {
        static bool IsWhole(SqlType type) => type.Oid is TypeOid.Int2 or TypeOid.Int4 or TypeOid.Int8;
        return (left.Oid == right.Oid && Handler(left).IsOrderable) || (IsWhole(left) && IsWhole(right));
    }

    private CallEvaluator BuildRow(RowExpression e) =>
        Call(new RowConstructor(e.Type, [.. e.Fields.Select(f => f.Type)], e.FieldNames.Count == e.Fields.Count ? e.FieldNames : null), e.Fields, e.Type);

    /// <summary>What has syntax of its own runs as a function of Core.</summary>
    private CallEvaluator Call(ScalarFunction function, IReadOnlyList<BoundExpression> arguments, SqlType type) => new(function, BuildAll(arguments), Kind(type), isVolatile: false, state.Context);

    private ElementCoercionEvaluator BuildElementCoercion(CoercionExpression e, Evaluator operand)
    {
        uint element = ElementOf(e.Type.Oid);
        return new ElementCoercionEvaluator(operand, e.Operand.Type.Oid, Build(e.ElementCoercion ?? throw Invariant.Unreachable(e)), element, Kind(new SqlType(element)));
    }

    private Evaluator BuildRowCoercion(CoercionExpression e, Evaluator operand)
    {
        TableObject? relation = state.Catalog.Find<TypeObject>(e.Type.Oid) is { } type ? state.Catalog.Find<TableObject>(type.RelationOid)
            : state.Catalog.Relations.OfType<TableObject>().FirstOrDefault(t => t.RowTypeOid == e.Type.Oid);
        // To record, a row is what it is.
        if (relation is null) return operand;
        SqlType[] types = [.. relation.LiveColumns.Select(c => c.Type)];
        return new RowCoercionEvaluator(operand, e.Type, types, [.. types.Select(Handler)], state);
    }
}
