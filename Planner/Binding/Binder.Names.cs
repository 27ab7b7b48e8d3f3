using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Functions;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>Column references and scopes.</summary>
internal sealed partial class Binder
{
    private BoundExpression BindColumn(Ast.ColumnRef reference, QueryLevel level)
    {
        int position = reference.Location;
        if (reference.IsStar) throw Error(SqlState.SyntaxError, "improper use of \"*\"", position);
        IReadOnlyList<string> parts = reference.Parts;
        if (parts.Count == 1)
        {
            if (FindColumn(parts[0], level, position, reference) is { } column) return column;
            if (FindItem(null, parts[0], level, position) is { } item) return WholeRow(item, position);
            throw UndefinedColumn(null, parts[0], level, position);
        }
        string? schema = parts.Count > 2 ? parts[^3] : null;
        if (parts.Count > 4) throw Error(SqlState.SyntaxError, $"improper qualified name (too many dotted names): {string.Join('.', parts)}", position);
        if (parts.Count == 4 && parts[0] != _context.Constants.Session.DatabaseName)
            throw Error(SqlState.FeatureNotSupported, $"cross-database references are not implemented: {string.Join('.', parts)}", position);
        if (FindItem(schema, parts[^2], level, position) is { } table)
        {
            return ColumnOf(table, parts[^1], position, reference)
                ?? FunctionalNotation(parts[^1], WholeRow(table, position), level, position)
                ?? throw UndefinedColumn(parts[^2], parts[^1], level, position);
        }
        // column.field of a composite is only written (column).field; so this must be a table.
        throw MissingRelation(string.Join('.', parts.Take(parts.Count - 1)), parts[^2], level, position);
    }

    /// <summary>An unqualified column in this query or, failing that, in an enclosing one.</summary>
    private BoundExpression? FindColumn(string name, QueryLevel start, int position, Ast.ColumnRef? reference = null)
    {
        for (QueryLevel? level = start; level is not null; level = level.Parent)
        {
            BoundExpression? found = null;
            foreach (NamespaceItem item in level.Namespace)
            {
                if (!item.AreColumnsVisible || item.IsLateralOnly && !level.IsLateralActive) continue;
                foreach (NamedColumn column in item.Columns)
                {
                    if (column.Name != name) continue;
                    if (found is not null) throw Error(SqlState.AmbiguousColumn, $"column reference \"{name}\" is ambiguous", position);
                    CheckLateral(item, position);
                    found = column.Expression with { Position = position };
                    if (reference is not null && Resolutions is not null) Resolutions.Columns[reference] = Resolved(column, level);
                }
            }
            if (found is not null) return found;
            if (SystemColumnName(name))
            {
                foreach (NamespaceItem item in level.Namespace)
                {
                    if (!item.AreColumnsVisible || !HasSystemColumns(item) || item.IsLateralOnly && !level.IsLateralActive) continue;
                    if (found is not null) throw Error(SqlState.AmbiguousColumn, $"column reference \"{name}\" is ambiguous", position);
                    found = SystemColumn(item, name, position);
                }
                if (found is not null) return found;
            }
        }
        return null;
    }

    /// <summary>A FROM item by its name.</summary>
    private NamespaceItem? FindItem(string? schema, string name, QueryLevel start, int position)
    {
        uint schemaOid = schema is null ? 0 : schema == "pg_catalog" ? WellKnownOid.PgCatalogSchema : _context.Catalog.FindSchema(schema)?.Oid ?? uint.MaxValue;
        for (QueryLevel? level = start; level is not null; level = level.Parent)
        {
            NamespaceItem? found = null;
            foreach (NamespaceItem item in level.Namespace)
            {
                if (!item.IsRelationVisible || item.Name != name || item.IsLateralOnly && !level.IsLateralActive) continue;
                if (schema is not null && item.Schema != schemaOid) continue;
                if (found is not null) throw Error(SqlState.AmbiguousAlias, $"table reference \"{name}\" is ambiguous", position);
                CheckLateral(item, position);
                found = item;
            }
            if (found is not null) return found;
        }
        return null;
    }

    private static void CheckLateral(NamespaceItem item, int position)
    {
        if (!item.IsLateralOnly || item.IsLateralAllowed) return;
        throw Error(SqlState.InvalidColumnReference, $"invalid reference to FROM-clause entry for table \"{item.Name}\"", position, "The combining JOIN type must be INNER or LEFT for a LATERAL reference.");
    }

    private BoundExpression? ColumnOf(NamespaceItem item, string name, int position, Ast.ColumnRef? reference = null)
    {
        BoundExpression? found = null;
        foreach (NamedColumn column in item.Columns)
        {
            if (column.Name != name) continue;
            if (found is not null) throw Error(SqlState.AmbiguousColumn, $"column reference \"{name}\" is ambiguous", position);
            found = column.Expression with { Position = position };
            if (reference is not null && Resolutions is not null)
                Resolutions.Columns[reference] = new ResolvedColumn(item.Name, column.Name, column.TableOid, column.TableColumn, column.IsOwnName);
        }
        return found ?? (HasSystemColumns(item) && SystemColumnName(name) ? SystemColumn(item, name, position) : null);
    }

    /// <summary>A column with the name of the item that it can be qualified by.</summary>
    private static ResolvedColumn Resolved(NamedColumn column, QueryLevel level)
    {
        string? item = level.Namespace.Find(i => i.IsRelationVisible && i.Name.Length > 0 && i.Columns.Any(c => ReferenceEquals(c, column)))?.Name;
        return new ResolvedColumn(item, column.Name, column.TableOid, column.TableColumn, column.IsOwnName);
    }

    // No row of pg_proc: what ctid stands for.
    private static readonly BuiltinFunction RowPlaceOf = new(0, "ctid", 'f', 'i', 's', true, false, 0, 0, TypeOid.Tid, [TypeOid.Int8], null, null, null, "internal", "ctid", false, 0);

    private static bool SystemColumnName(string name) => name is "tableoid" or "xmin" or "xmax" or "cmin" or "cmax" or "ctid";

    private static bool HasSystemColumns(NamespaceItem item) => item.RelationOid != 0 && item.Table is not { RelationKind: RelationKind.View };

    private BoundExpression SystemColumn(NamespaceItem item, string name, int position)
    {
        if (name == "ctid")
        {
            if (item.RowId is not { } rowId) throw SqlException.NotSupported("system column ctid of what isn't a table's stored row", position);
            return new CallExpression(RowPlaceOf, new RowPlace(), [Reference(rowId)], new SqlType(TypeOid.Tid)) { Position = position };
        }
        BoundExpression value = name switch
        {
            "tableoid" => Literals.Oid(item.RelationOid),
            // Row versions are not numbered by transaction here; every visible row reads as frozen.
            "xmin" => Literals.Parse("2", new SqlType(TypeOid.Xid), _context.Constants),
            "xmax" => Literals.Parse("0", new SqlType(TypeOid.Xid), _context.Constants),
            _ => Literals.Parse("0", new SqlType(TypeOid.Cid), _context.Constants),
        };
        return NullIfMissing(item, value with { Position = position });
    }

    /// <summary>NULL where an outer join filled the item's row.</summary>
    private BoundExpression NullIfMissing(NamespaceItem item, BoundExpression value) => item is { IsNullable: true, RowId: { } rowId }
        ? new CaseExpression(null, [new CaseBranch(new IsNullExpression(Reference(rowId), true, false), value)], null, value.Type) { Position = value.Position }
        : value;

    private BoundExpression WholeRow(NamespaceItem item, int position)
    {
        if (item.IsScalarFunction) return item.Columns[0].Expression with { Position = position };
        uint type = item.Table?.RowTypeOid is not (null or 0) ? item.Table.RowTypeOid : TypeOid.Record;
        // A row of a table's type has the type's names, whatever an alias calls the columns.
        IReadOnlyList<string> names = type != TypeOid.Record && item.Table!.LiveColumns.Count() == item.Columns.Count ? [.. item.Table.LiveColumns.Select(c => c.Name)] : [.. item.Columns.Select(c => c.Name)];
        RowExpression row = new([.. item.Columns.Select(c => c.Expression)], names, new SqlType(type)) { Position = position };
        return NullIfMissing(item, row);
    }

    /// <summary>t.f means f(t) where t has no column f.</summary>
    private BoundExpression? FunctionalNotation(string name, BoundExpression row, QueryLevel level, int position)
    {
        if (_functions.Find(null, name, 1, null, true, true).Count == 0) return null;
        return ResolveFunction(null, name, [row], null, false, position, throws: false) is { } resolved && resolved.Candidate is { Function.Kind: 'f' } ? FinishFunction(resolved, level, position) : null;
    }

    private SqlException UndefinedColumn(string? table, string name, QueryLevel start, int position)
    {
        string message = table is null ? $"column \"{name}\" does not exist" : $"column {table}.{name} does not exist";
        return Error(SqlState.UndefinedColumn, message, position, hint: ColumnHint(table, name, start));
    }

    private static string? ColumnHint(string? table, string name, QueryLevel start)
    {
        for (QueryLevel? level = start; level is not null; level = level.Parent)
            foreach (NamespaceItem item in level.AllItems)
                if (!level.Namespace.Contains(item) && (table is null || item.Name == table) && item.Columns.Any(c => c.Name == name))
                    return $"There is a column named \"{name}\" in table \"{item.Name}\", but it cannot be referenced from this part of the query.";
        List<string> best = [];
        int bestDistance = Math.Min(3, name.Length / 2) + 1;
        for (QueryLevel? level = start; level is not null; level = level.Parent)
        {
            foreach (NamespaceItem item in level.Namespace)
            {
                if (!item.AreColumnsVisible && !item.IsRelationVisible) continue;
                int alias = table is null ? 0 : EditDistance(table, item.Name);
                foreach (NamedColumn column in item.Columns)
                {
                    int distance = alias + EditDistance(name, column.Name);
                    if (distance > bestDistance || distance > Math.Min(3, name.Length / 2)) continue;
                    if (distance < bestDistance) best.Clear();
                    bestDistance = distance;
                    best.Add($"\"{item.Name}.{column.Name}\"");
                }
            }
        }
        return best.Count switch
        {
            1 => $"Perhaps you meant to reference the column {best[0]}.",
            2 => $"Perhaps you meant to reference the column {best[0]} or the column {best[1]}.",
            _ => null,
        };
    }

    private static int EditDistance(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > 3) return int.MaxValue / 4;
        int[] row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++) row[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[b.Length];
    }

    private static SqlException MissingRelation(string written, string name, QueryLevel start, int position)
    {
        for (QueryLevel? level = start; level is not null; level = level.Parent)
        {
            foreach (NamespaceItem item in level.AllItems)
            {
                if (item.Name == name)
                    return Error(SqlState.UndefinedTable, $"invalid reference to FROM-clause entry for table \"{name}\"", position,
                        hint: $"There is an entry for table \"{name}\", but it cannot be referenced from this part of the query.");
                if (item.Table?.Name == name)
                    return Error(SqlState.UndefinedTable, $"invalid reference to FROM-clause entry for table \"{name}\"", position,
                        hint: $"Perhaps you meant to reference the table alias \"{item.Name}\".");
            }
        }
        return Error(SqlState.UndefinedTable, $"missing FROM-clause entry for table \"{written}\"", position);
    }
}
