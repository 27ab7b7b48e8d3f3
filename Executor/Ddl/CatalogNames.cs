using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.SystemTables;
using VecSql.Parser.Ast;

namespace VecSql.Executor.Ddl;

/// <summary>Names in DDL: which object is meant, and where a new one goes.</summary>
internal sealed class CatalogNames(DdlContext context)
{
    private CatalogSnapshot Catalog => context.Catalog;

    /// <exception cref="SqlException">3F000.</exception>
    public SchemaObject Schema(string name, int position = -1) => Catalog.FindSchema(name)
        ?? throw new SqlException(SqlState.InvalidSchemaName, $"schema \"{name}\" does not exist", position);

    /// <summary>The schema in which a new object of that name is made.</summary>
    public uint CreationSchema(QualifiedName name, bool isTemporary)
    {
        if (name.Schema is { } given)
        {
            if (isTemporary && given != "pg_temp") throw new SqlException(SqlState.InvalidTableDefinition, "cannot create temporary relation in non-temporary schema", name.Span.Start);
            if (given == "pg_temp") return context.TemporarySchema();
            uint schema = Schema(given, name.Span.Start).Oid;
            CheckWritable(schema, given, name.Span.Start);
            return Creatable(schema);
        }
        if (isTemporary) return context.TemporarySchema();
        foreach (uint schema in context.Planning().SearchPath)
        {
            if (schema == WellKnownOid.PgCatalogSchema || IsTemporary(schema)) continue;
            return Creatable(schema);
        }
        throw new SqlException(SqlState.InvalidSchemaName, "no schema has been selected to create in", name.Span.Start);
    }

    /// <summary>42501 unless the current role may create in it.</summary>
    private uint Creatable(uint schema)
    {
        if (Catalog.Find<SchemaObject>(schema) is { } found && !AccessControl.Allows(Roles.Find(context, context.CurrentUser), found, 'C', Catalog.Shared)) throw AccessControl.Denied(found);
        return schema;
    }

    /// <summary>A schema by name; pg_temp is the session's temporary one.</summary>
    public SchemaObject? FindSchema(string name)
    {
        if (name != "pg_temp") return Catalog.FindSchema(name);
        uint temporary = context.Planning().SearchPath.FirstOrDefault(IsTemporary);
        return temporary == 0 ? null : Catalog.Find<SchemaObject>(temporary);
    }

    public RelationObject? FindRelation(QualifiedName name)
    {
        if (name.Schema is { } schemaName) return FindSchema(schemaName) is { } schema ? Catalog.FindRelation(schema.Oid, name.Name) : null;
        foreach (uint schema in context.Planning().SearchPath)
            if (Catalog.FindRelation(schema, name.Name) is { } found) return found;
        return null;
    }

    /// <exception cref="SqlException">42P01; 42501 for system tables.</exception>
    public RelationObject Relation(QualifiedName name)
    {
        if (FindRelation(name) is { } found) return found;
        RefuseSystemTable(name);
        if (name.Schema is { } schema && Catalog.FindSchema(schema) is null) throw new SqlException(SqlState.InvalidSchemaName, $"schema \"{schema}\" does not exist", name.Span.Start);
        throw new SqlException(SqlState.UndefinedTable, $"relation \"{Display(name)}\" does not exist");
    }

    /// <summary>42501 for a name that is a system table's.</summary>
    public static void RefuseSystemTable(QualifiedName name)
    {
        if (IsSystemTable(name)) throw new SqlException(SqlState.InsufficientPrivilege, $"permission denied: \"{name.Name}\" is a system catalog", name.Span.Start);
    }

    /// <summary>42710 where a new relation's row type would take the name of an existing type; an array type makes room.</summary>
    public void CheckNewType(uint schema, string name)
    {
        if (Catalog.FindType(schema, name) is not { } taken) return;
        if (taken is { Kind: 'b', ElementTypeOid: not 0 })
        {
            string free = "_" + taken.Name;
            while (Catalog.FindType(schema, free) is not null) free = "_" + free;
            context.Transaction.Put(taken with { Name = free });
            return;
        }
        throw new SqlException(SqlState.DuplicateObject, $"type \"{name}\" already exists", -1, hint: "A relation has an associated type of the same name, so you must use a name that doesn't conflict with any existing type.");
    }

    /// <summary>An ordinary table.</summary>
    public TableObject Table(QualifiedName name) => Relation(name) is TableObject { RelationKind: Core.Catalog.RelationKind.Table } table
        ? table
        : throw new SqlException(SqlState.WrongObjectType, $"\"{name.Name}\" is not a table");

    /// <exception cref="SqlException">42P07.</exception>
    public void CheckNewRelation(uint schema, string name)
    {
        if (Catalog.FindRelation(schema, name) is not null) throw new SqlException(SqlState.DuplicateTable, $"relation \"{name}\" already exists");
    }

    public TypeObject? FindType(QualifiedName name)
    {
        if (name.Schema is { } schemaName) return FindSchema(schemaName) is { } schema ? Catalog.FindType(schema.Oid, name.Name) : null;
        foreach (uint schema in context.Planning().SearchPath)
            if (Catalog.FindType(schema, name.Name) is { } found) return found;
        return null;
    }

    /// <summary>Users' functions of that name, nearest schema first.</summary>
    public IReadOnlyList<FunctionObject> FindFunctions(QualifiedName name)
    {
        IReadOnlyList<uint> schemas = name.Schema is { } given ? Catalog.FindSchema(given) is { } schema ? [schema.Oid] : [] : context.Planning().SearchPath;
        return [.. schemas.SelectMany(s => Catalog.Objects.OfType<FunctionObject>().Where(f => f.Schema == s && f.Name == name.Name))];
    }

    public static string Display(QualifiedName name) => string.Join('.', name.Parts);

    private bool IsTemporary(uint schema) => Catalog.Find<SchemaObject>(schema)?.Name.StartsWith("pg_temp_", StringComparison.Ordinal) == true;

    private static bool IsSystemTable(QualifiedName name) => (name.Schema is null or "pg_catalog") && SystemTableRegistry.Find(WellKnownOid.PgCatalogSchema, name.Name) is not null;

    private static void CheckWritable(uint schema, string name, int position)
    {
        if (schema is WellKnownOid.PgCatalogSchema or WellKnownOid.InformationSchema or WellKnownOid.VecSqlSchema)
            throw new SqlException(SqlState.InsufficientPrivilege, $"permission denied for schema {name}", position);
    }
}
