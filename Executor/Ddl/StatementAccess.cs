using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Planner;
using VecSql.Planner.Binding;

namespace VecSql.Executor.Ddl;

/// <summary>
/// Whether a role may run a query: SELECT on what it reads (the table, or just the columns named), INSERT, UPDATE, DELETE on what it changes. What a view reads is its owner's affair.
/// </summary>
public static class StatementAccess
{
    /// <exception cref="SqlException">42501: permission denied for table …</exception>
    public static void Check(Statement statement, IQueryPlanner planner, PlanningContext planning, string user, IReadOnlyList<uint>? parameterTypes = null)
    {
        SharedCatalog roles = planning.Catalog.Shared;
        RoleObject role = roles.FindRole(user) ?? throw new SqlException(SqlState.UndefinedObject, $"role \"{user}\" does not exist");
        if (role.IsSuperuser) return;
        NameResolutions names = planner.ResolveNames(statement, planning, parameterTypes);
        Dictionary<uint, HashSet<string>> read = [];
        List<(RelationObject Target, char Right, IReadOnlyCollection<string>? Columns)> written = [];
        SyntaxRewriter.Walk(statement, node =>
        {
            if (node is TableRef table && names.Relations.TryGetValue(table, out ResolvedRelation? relation)) read.TryAdd(relation.Oid, []);
            if (node is ColumnRef reference && names.Columns.TryGetValue(reference, out ResolvedColumn? column)) Note(column);
            if (node is SelectItem item && names.Stars.TryGetValue(item, out IReadOnlyList<ResolvedColumn>? star))
                foreach (ResolvedColumn each in star) Note(each);
            written.AddRange(Writes(node, planning));
        });
        foreach ((uint oid, HashSet<string> columns) in read)
            if (planning.Catalog.Find<RelationObject>(oid) is { } relation) Require(relation, 'r', columns);
        foreach ((RelationObject target, char right, IReadOnlyCollection<string>? columns) in written) Require(target, right, columns);

        void Note(ResolvedColumn column)
        {
            if (planning.Catalog.Find<TableObject>(column.Table) is not { } owner || column.Column <= 0) return;
            if (!read.TryGetValue(owner.Oid, out HashSet<string>? columns)) read[owner.Oid] = columns = [];
            columns.Add(owner.Columns[column.Column - 1].Name);
        }

        void Require(RelationObject relation, char right, IReadOnlyCollection<string>? columns)
        {
            if (!AccessControl.Allows(role, relation, right, roles, columns)) throw AccessControl.Denied(relation);
        }
    }

    private static IEnumerable<(RelationObject, char, IReadOnlyCollection<string>?)> Writes(SyntaxNode node, PlanningContext planning)
    {
        switch (node)
        {
            case InsertStatement insert when Find(insert.Table, planning) is { } target:
                yield return (target, 'a', insert.Columns.Count == 0 ? null : [.. insert.Columns.Select(c => c.Name)]);
                if (insert.OnConflict is { IsDoNothing: false } conflict) yield return (target, 'w', Assigned(conflict.Assignments));
                break;
            case UpdateStatement update when Find(update.Table.Name, planning) is { } target:
                yield return (target, 'w', Assigned(update.Assignments));
                break;
            case DeleteStatement delete when Find(delete.Table.Name, planning) is { } target:
                yield return (target, 'd', null);
                break;
        }
    }

    private static IReadOnlyCollection<string> Assigned(IReadOnlyList<Assignment> assignments) => [.. assignments.SelectMany(a => a.Targets).Select(t => t.Name)];

    private static RelationObject? Find(QualifiedName name, PlanningContext planning)
    {
        if (name.Schema is { } given) return planning.Catalog.FindSchema(given) is { } schema ? planning.Catalog.FindRelation(schema.Oid, name.Name) : null;
        foreach (uint schema in planning.SearchPath)
            if (planning.Catalog.FindRelation(schema, name.Name) is { } found) return found;
        return null;
    }
}
