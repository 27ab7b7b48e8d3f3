using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Parser.Ast;

namespace VecSql.Executor.Ddl;

/// <summary>CREATE SCHEMA, with the objects that may be made in it by the same statement.</summary>
internal sealed class SchemaCommands(DdlContext context)
{
    public string Create(CreateSchemaStatement statement)
    {
        string name = statement.Name ?? OwnerName(statement.Owner) ?? context.CurrentUser;
        if (name.StartsWith("pg_", StringComparison.Ordinal))
        {
            throw new SqlException(SqlState.ReservedName, $"unacceptable schema name \"{name}\"", statement.Span.Start,
                "The prefix \"pg_\" is reserved for system schemas.");
        }
        if (context.Catalog.FindSchema(name) is not null)
        {
            if (!statement.IfNotExists) throw new SqlException(SqlState.DuplicateSchema, $"schema \"{name}\" already exists");
            context.Skip(SqlState.DuplicateSchema, $"schema \"{name}\" already exists, skipping");
            return "CREATE SCHEMA";
        }
        uint owner = OwnerName(statement.Owner) is { } role ? Roles.Find(context, role, statement.Owner!.Span.Start).Oid : context.CurrentRole;
        context.Transaction.Put(new SchemaObject { Oid = context.Transaction.AllocateOid(), Name = name, Owner = owner });
        if (statement.Elements.Count > 0) throw SqlException.NotSupported("CREATE SCHEMA with schema elements", statement.Elements[0].Span.Start);
        return "CREATE SCHEMA";
    }

    private string? OwnerName(RoleSpecification? owner) => owner is null ? null : owner.Kind == RoleSpecificationKind.Name ? owner.Name : context.CurrentUser;
}

/// <summary>Roles by name.</summary>
internal static class Roles
{
    /// <exception cref="SqlException">42704.</exception>
    public static RoleObject Find(DdlContext context, string name, int position = -1) => context.Catalog.Shared.FindRole(name)
        ?? throw new SqlException(SqlState.UndefinedObject, $"role \"{name}\" does not exist", position);
}
