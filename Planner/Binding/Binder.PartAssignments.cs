using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Functions;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>Assignments to a part of a column: fields, array elements and slices, jsonb subscripts, and any of them inside another. The column's new value is its old one with the part replaced.</summary>
internal sealed partial class Binder
{
    // No rows of pg_proc: calls that only assignments make.
    private static readonly BuiltinFunction AssignElement = PartAssignment("array_assign", TypeOid.AnyArray), AssignJson = PartAssignment("jsonb_assign", TypeOid.Jsonb);

    private static BuiltinFunction PartAssignment(string name, uint type) =>
        new(0, name, 'f', 'i', 's', false, false, 0, 0, type, [type], null, null, null, "internal", name, false, 0);

    /// <summary>The target of an assignment, for errors.</summary>
    private sealed record PartTarget(Ast.TargetColumn Written, QueryLevel Level)
    {
        public int Position => Written.Span.Start;
    }

    private BoundExpression AssignInside(BoundExpression old, ColumnObject column, Ast.TargetColumn target, BoundExpression value, QueryLevel level)
    {
        BoundExpression changed = AssignPart(old, column.Name, new PartTarget(target, level), 0, value);
        return changed.Type.Oid == column.Type.Oid ? changed : CoerceType(changed, column.Type, CoercionContext.Implicit, target.Span.Start);
    }

    /// <param name="name">The column, or the field that is assigned to here.</param>
    /// <param name="at">The first step that is not taken yet.</param>
    private BoundExpression AssignPart(BoundExpression old, string name, PartTarget target, int at, BoundExpression value)
    {
        IReadOnlyList<Ast.Indirection> steps = target.Written.Indirection;
        uint type = _types.BaseOf(old.Type.Oid);
        if (type != old.Type.Oid) old = CoerceType(old, new SqlType(type, old.Type.Modifier), CoercionContext.Implicit, target.Position);
        if (steps[at] is Ast.FieldSelection field) return AssignField(old, name, target, at, field, value);
        if (steps[at] is Ast.AllFields all) throw Error(SqlState.FeatureNotSupported, "row expansion via \"*\" is not supported here", all.Span.Start);
        int end = at;
        while (end < steps.Count && steps[end] is Ast.Subscript or Ast.Slice) end++;
        List<Ast.Indirection> subscripts = [.. steps.Skip(at).Take(end - at)];
        return type == TypeOid.Jsonb ? AssignJsonPart(old, name, target, subscripts, end, value) : AssignElements(old, name, target, subscripts, end, value);
    }

    private RowExpression AssignField(BoundExpression old, string name, PartTarget target, int at, Ast.FieldSelection field, BoundExpression value)
    {
        if (_types.RelationOf(old.Type.Oid) is not { } relation)
        {
            throw Error(SqlState.DatatypeMismatch, $"cannot assign to field \"{field.Name}\" of column \"{name}\" because its type {Format(old.Type.Oid)} is not a composite type", target.Position);
        }
        List<ColumnObject> fields = [.. relation.LiveColumns];
        int place = LiveIndex(fields, field.Name);
        if (place < 0)
        {
            throw Error(SqlState.UndefinedColumn, $"cannot assign to field \"{field.Name}\" of column \"{name}\" because there is no such column in data type {Format(old.Type.Oid)}",
                target.Position);
        }
        BoundExpression FieldOf(int i) => old is RowExpression row ? row.Fields[i] : new FieldExpression(old, i, fields[i].Name, fields[i].Type);
        bool isLast = at == target.Written.Indirection.Count - 1;
        BoundExpression inner = isLast ? CoerceForPart(value, fields[place].Type, $"subfield \"{field.Name}\" is of type", target.Position)
            : AssignPart(FieldOf(place), field.Name, target, at + 1, value);
        return new RowExpression([.. fields.Select((f, i) => i == place ? inner : FieldOf(i))], [.. fields.Select(f => f.Name)], old.Type);
    }

    private CallExpression AssignElements(BoundExpression old, string name, PartTarget target, List<Ast.Indirection> subscripts, int end, BoundExpression value)
    {
        uint element = _types.ElementOf(old.Type.Oid);
        if (element == 0 || old.Type.Oid is TypeOid.Int2Vector or TypeOid.OidVector || !_types.IsArray(old.Type.Oid))
            throw Error(SqlState.DatatypeMismatch, $"cannot subscript type {Format(old.Type.Oid)} because it does not support subscripting", target.Position);
        bool isSlice = subscripts.Exists(s => s is Ast.Slice);
        List<SubscriptForm> forms = [];
        List<BoundExpression> bounds = [];
        ExpressionPlace before = target.Level.Place;
        target.Level.Place = ExpressionPlace.UpdateSet;
        foreach (Ast.Indirection step in subscripts)
        {
            (Ast.Expression? lower, Ast.Expression? upper) = step is Ast.Slice slice ? (slice.Lower, slice.Upper) : (null, ((Ast.Subscript)step).Index);
            forms.Add(new SubscriptForm(step is Ast.Slice, lower is not null, upper is not null));
            if (lower is not null) bounds.Add(BindSubscript(lower, target.Level));
            if (upper is not null) bounds.Add(BindSubscript(upper, target.Level));
        }
        target.Level.Place = before;
        SqlType wanted = isSlice ? old.Type : new SqlType(element, old.Type.Modifier);
        BoundExpression assigned;
        if (end == target.Written.Indirection.Count) assigned = CoerceForPart(value, wanted, $"subscripted assignment to \"{name}\" requires type", target.Position);
        else
        {
            List<SubscriptBounds> places = [.. subscripts.Select(s => new SubscriptBounds(false, null, null))];
            int next = 0;
            for (int i = 0; i < places.Count; i++)
            {
                if (forms[i].HasLower) next++;
                places[i] = forms[i].IsSlice ? throw SqlException.NotSupported("assignment to a field of an array's slice", target.Position) : new SubscriptBounds(false, null, bounds[next++]);
            }
            assigned = AssignPart(new SubscriptExpression(old, places, wanted), name, target, end, value);
        }
        return new CallExpression(AssignElement, new ArrayAssignment(element, [.. forms]), [old, assigned, .. bounds], old.Type) { Position = target.Position };
    }

    private CallExpression AssignJsonPart(BoundExpression old, string name, PartTarget target, List<Ast.Indirection> subscripts, int end, BoundExpression value)
    {
        if (end < target.Written.Indirection.Count)
        {
            Ast.Indirection step = target.Written.Indirection[end];
            string field = step is Ast.FieldSelection { Name: { } found } ? found : "*";
            throw Error(SqlState.DatatypeMismatch, $"cannot assign to field \"{field}\" of column \"{name}\" because its type jsonb is not a composite type", target.Position);
        }
        List<BoundExpression> path = [.. subscripts.Select(s => JsonSubscript(s, target.Level))];
        BoundExpression assigned = CoerceForPart(value, new SqlType(TypeOid.Jsonb), $"subscripted assignment to \"{name}\" requires type", target.Position);
        return new CallExpression(AssignJson, new JsonbAssignment(), [old, assigned, .. path], old.Type) { Position = target.Position };
    }

    /// <summary>A jsonb subscript: int4 if it is one without loss, else text.</summary>
    private BoundExpression JsonSubscript(Ast.Indirection step, QueryLevel level)
    {
        if (step is Ast.Slice { Lower: var lower, Upper: var upper })
            throw Error(SqlState.DatatypeMismatch, "jsonb subscript does not support slices", (upper ?? lower)?.Location ?? step.Span.Start);
        BoundExpression index = BindExpression(((Ast.Subscript)step).Index, level);
        bool isInteger = index.Type.Oid != TypeOid.Unknown && CanCoerce(index, TypeOid.Int4, CoercionContext.Implicit), isText = CanCoerce(index, TypeOid.Text, CoercionContext.Implicit);
        if (!isInteger && !isText)
        {
            throw Error(SqlState.DatatypeMismatch, $"subscript type {Format(index.Type.Oid)} is not supported", index.Position, hint: "jsonb subscript must be coercible to either integer or text.");
        }
        return CoerceType(index, isInteger ? SqlType.Int4 : SqlType.Text, CoercionContext.Implicit, index.Position);
    }

    private BoundExpression CoerceForPart(BoundExpression value, SqlType wanted, string what, int position) =>
        TryCoerce(value, wanted, CoercionContext.Assignment, value.Position)
            ?? throw Error(SqlState.DatatypeMismatch, $"{what} {Format(wanted.Oid)} but expression is of type {Format(value.Type.Oid)}", position, hint: "You will need to rewrite or cast the expression.");
}
