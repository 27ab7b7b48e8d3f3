using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Functions;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>Window definitions and frames.</summary>
internal sealed partial class Binder
{
    private (IReadOnlyList<BoundExpression> Partition, IReadOnlyList<SortKey> Order, WindowFrame Frame) BindWindow(Ast.WindowSpecification written, QueryLevel level)
    {
        Ast.WindowSpecification specification = ResolveWindow(written, level, 0);
        List<BoundExpression> partition = [];
        foreach (Ast.Expression expression in specification.PartitionBy)
        {
            BoundExpression bound = TypedText(BindAt(expression, level, ExpressionPlace.WindowPartition));
            CheckComparable(bound, isOrder: false);
            partition.Add(bound);
        }
        List<SortKey> order = [];
        foreach (Ast.SortItem item in specification.OrderBy)
            order.Add(MakeSortKey(item, TypedText(BindAt(item.Expression, level, ExpressionPlace.WindowOrder))));
        foreach (BoundExpression part in partition.Concat(order.Select(o => o.Expression))) CheckInsideWindow(part, level);
        return (partition, order, BindFrame(specification.Frame, order, level));
    }

    private BoundExpression TypedText(BoundExpression expression) =>
        expression.Type.Oid == TypeOid.Unknown ? CoerceType(expression, SqlType.Text, CoercionContext.Implicit, expression.Position) : expression;

    /// <summary>Follows a reference to a named window, adding what the copy adds.</summary>
    private static Ast.WindowSpecification ResolveWindow(Ast.WindowSpecification written, QueryLevel level, int depth)
    {
        if (written.ReferenceName is not { } name) return written;
        if (depth > level.WindowDefinitions.Count) throw Error(SqlState.UndefinedObject, $"window \"{name}\" does not exist", written.Span.Start);
        Ast.WindowDefinition definition = level.WindowDefinitions.FirstOrDefault(d => d.Name == name)
            ?? throw Error(SqlState.UndefinedObject, $"window \"{name}\" does not exist", written.Span.Start);
        Ast.WindowSpecification basis = ResolveWindow(definition.Specification, level, depth + 1);
        if (written.IsReferenceOnly) return basis;
        if (written.PartitionBy.Count > 0) throw Error(SqlState.WindowingError, $"cannot override PARTITION BY clause of window \"{name}\"", written.Span.Start);
        if (written.OrderBy.Count > 0 && basis.OrderBy.Count > 0) throw Error(SqlState.WindowingError, $"cannot override ORDER BY clause of window \"{name}\"", written.Span.Start);
        if (basis.Frame is not null)
        {
            bool isOnlyCopy = written.OrderBy.Count == 0 && written.Frame is null;
            throw Error(SqlState.WindowingError, $"cannot copy window \"{name}\" because it has a frame clause", written.Span.Start,
                hint: isOnlyCopy ? "Omit the parentheses in this OVER clause." : null);
        }
        return basis with { OrderBy = basis.OrderBy.Count > 0 ? basis.OrderBy : written.OrderBy, Frame = written.Frame };
    }

    private WindowFrame BindFrame(Ast.WindowFrame? frame, List<SortKey> order, QueryLevel level)
    {
        if (frame is null)
            return new WindowFrame(FrameMode.Range, new FrameBound(FrameBoundKind.UnboundedPreceding, null), new FrameBound(FrameBoundKind.CurrentRow, null), FrameExclusion.NoOthers);
        FrameMode mode = (FrameMode)(int)frame.Mode;
        Ast.FrameBound end = frame.End ?? new Ast.FrameBound(Ast.FrameBoundKind.CurrentRow, null);
        CheckFrame(frame.Start.Kind, end.Kind, frame.Span.Start);
        if (mode == FrameMode.Groups && order.Count == 0) throw Error(SqlState.WindowingError, "GROUPS mode requires an ORDER BY clause", frame.Span.Start);
        return new WindowFrame(mode, BindFrameBound(frame.Start, mode, order, level), BindFrameBound(end, mode, order, level), (FrameExclusion)(int)frame.Exclusion);
    }

    private static void CheckFrame(Ast.FrameBoundKind start, Ast.FrameBoundKind end, int position)
    {
        string? problem = (start, end) switch
        {
            (Ast.FrameBoundKind.UnboundedFollowing, _) => "frame start cannot be UNBOUNDED FOLLOWING",
            (_, Ast.FrameBoundKind.UnboundedPreceding) => "frame end cannot be UNBOUNDED PRECEDING",
            (Ast.FrameBoundKind.CurrentRow, Ast.FrameBoundKind.Preceding) => "frame starting from current row cannot have preceding rows",
            (Ast.FrameBoundKind.Following, Ast.FrameBoundKind.Preceding or Ast.FrameBoundKind.CurrentRow) => "frame starting from following row cannot have preceding rows",
            _ => null,
        };
        if (problem is not null) throw Error(SqlState.WindowingError, problem, position);
    }

    private FrameBound BindFrameBound(Ast.FrameBound bound, FrameMode mode, List<SortKey> order, QueryLevel level)
    {
        FrameBoundKind kind = (FrameBoundKind)(int)bound.Kind;
        if (bound.Offset is null) return new FrameBound(kind, null);
        BoundExpression offset = BindAt(bound.Offset, level, ExpressionPlace.WindowFrame);
        string words = mode.ToString().ToUpperInvariant();
        if (ExpressionFacts.HasColumns(offset) && ExpressionFacts.Columns(offset).Any(c => _columnLevels.TryGetValue(c, out QueryLevel? owner) && owner == level))
            throw Error(SqlState.InvalidColumnReference, $"argument of {words} must not contain variables", offset.Position);
        if (mode != FrameMode.Range)
        {
            BoundExpression count = TryCoerce(offset, SqlType.Int8, CoercionContext.Assignment, offset.Position)
                ?? throw Error(SqlState.DatatypeMismatch, $"argument of {words} must be type bigint, not type {Format(offset.Type.Oid)}", offset.Position);
            return new FrameBound(kind, count);
        }
        if (order.Count != 1) throw Error(SqlState.WindowingError, "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column", bound.Span.Start);
        uint type = _types.BaseOf(order[0].Expression.Type.Oid);
        BuiltinFunction function = FindInRange(type, offset, bound.Span.Start);
        BoundExpression converted = CoerceType(offset, new SqlType(function.ArgumentTypes[2]), CoercionContext.Implicit, offset.Position);
        ScalarFunction implementation = Library.FindScalar(function) ?? throw Unsupported(function, bound.Span.Start);
        SqlType[] types = [.. function.ArgumentTypes.Select(t => new SqlType(t))];
        return new FrameBound(kind, converted, implementation.Specialize(types, SqlType.Bool));
    }

    private BuiltinFunction FindInRange(uint type, BoundExpression offset, int position)
    {
        List<BuiltinFunction> all = [.. Builtins.FindFunctions("in_range").Where(f => f.ArgumentTypes[0] == type && f.ArgumentTypes[1] == type)];
        if (all.Count == 0)
            throw Error(SqlState.FeatureNotSupported, $"RANGE with offset PRECEDING/FOLLOWING is not supported for column type {Format(type)}", position);
        if (offset.Type.Oid == TypeOid.Unknown) return all.Find(f => f.ArgumentTypes[2] == type) ?? all[0];
        List<BuiltinFunction> fitting = [.. all.Where(f => CanCoerce(offset, f.ArgumentTypes[2], CoercionContext.Implicit))];
        if (fitting.Count == 0)
        {
            throw Error(SqlState.FeatureNotSupported, $"RANGE with offset PRECEDING/FOLLOWING is not supported for column type {Format(type)} and offset type {Format(offset.Type.Oid)}", position,
                hint: "Cast the offset value to an appropriate type.");
        }
        return fitting.Find(f => f.ArgumentTypes[2] == offset.Type.Oid) ?? fitting[0];
    }
}
