using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
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

    private ArrayEvaluator BuildArray(ArrayExpression e)
    {
        uint element = ElementOf(e.Type.Oid);
        return new ArrayEvaluator(BuildAll(e.Elements), e.IsNested, e.Type.Oid, element, Kind(new SqlType(element)));
    }

    private Evaluator BuildSubscript(SubscriptExpression e)
    {
        uint arrayType = e.Array.Type.Oid;
        if (arrayType is TypeOid.Jsonb) throw SqlException.NotSupported("subscripting of jsonb", e.Position);
        if (!e.IsSlice) return new SubscriptEvaluator(Build(e.Array), arrayType, [.. e.Subscripts.Select(s => Build(s.Upper!))], Kind(e.Type));
        uint element = ElementOf(arrayType);
        return new SliceEvaluator(Build(e.Array), arrayType, [.. e.Subscripts.Select(s => (BuildOptional(s.Lower), BuildOptional(s.Upper), s.IsSlice))], element, Kind(new SqlType(element)));
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

    private RowEvaluator BuildRow(RowExpression e) =>
        new(BuildAll(e.Fields), [.. e.Fields.Select(f => f.Type)], e.FieldNames.Count == e.Fields.Count ? e.FieldNames : null, e.Type.Oid);

    private Evaluator BuildField(FieldExpression e) => new FieldEvaluator(Build(e.Row), e.Field, Kind(e.Type));

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
