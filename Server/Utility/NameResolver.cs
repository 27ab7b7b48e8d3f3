using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Server.Sessions;

namespace VecSql.Server.Utility;

/// <summary>Names of relations in utility statements, by the session's search path.</summary>
internal sealed class NameResolver(SessionState session)
{
    /// <exception cref="SqlException">42P01, 3F000.</exception>
    public RelationObject Relation(QualifiedName name) => FindRelation(name)
        ?? throw new SqlException(SqlState.UndefinedTable, $"relation \"{Display(name)}\" does not exist", name.Span.Start);

    public RelationObject? FindRelation(QualifiedName name)
    {
        CatalogSnapshot catalog = session.Catalog;
        if (name.Schema is { } schemaName)
        {
            SchemaObject schema = catalog.FindSchema(schemaName) ?? throw new SqlException(SqlState.InvalidSchemaName, $"schema \"{schemaName}\" does not exist", name.Span.Start);
            return catalog.FindRelation(schema.Oid, name.Name);
        }
        foreach (uint schema in session.SearchPath(catalog))
            if (catalog.FindRelation(schema, name.Name) is { } found) return found;
        return null;
    }

    public TableObject Table(QualifiedName name) => Relation(name) as TableObject
        ?? throw new SqlException(SqlState.WrongObjectType, $"\"{name.Name}\" is not a table", name.Span.Start);

    public static string Display(QualifiedName name) => string.Join('.', name.Parts);
}
