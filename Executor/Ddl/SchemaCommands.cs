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
            throw new SqlException(SqlState.ReservedName, $"unacceptable schema name \"{name}\"", -1,
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
        foreach (Statement element in statement.Elements.OrderBy(OrderOf)) DdlExecutor.Execute(InSchema(element, name), context.InSchema(name));
        return "CREATE SCHEMA";
    }

    /// <summary>PostgreSQL's order: sequences and tables, then what may refer to them.</summary>
    private static int OrderOf(Statement element) => element switch
    {
        CreateSequenceStatement => 0,
        CreateTableStatement => 1,
        CreateViewStatement => 2,
        CreateIndexStatement => 3,
        _ => 4,
    };

    /// <summary>An element goes into the new schema, and its unqualified names mean what is there first.</summary>
    private static Statement InSchema(Statement element, string schema)
    {
        return element switch
        {
            CreateSequenceStatement s => s with { Name = Placed(s.Name) },
            CreateTableStatement s => s with { Name = Placed(s.Name) },
            CreateViewStatement s => s with { Name = Placed(s.Name) },
            CreateIndexStatement s => s with { Table = Placed(s.Table) },
            _ => element,
        };

        QualifiedName Placed(QualifiedName name) => name.Schema is null ? name with { Parts = [schema, name.Name] } : name.Schema == schema ? name
            : throw new SqlException(SqlState.InvalidSchemaDefinition, $"CREATE specifies a schema ({name.Schema}) different from the one being created ({schema})", name.Span.Start);
    }

    private string? OwnerName(RoleSpecification? owner) => owner is null ? null : owner.Kind == RoleSpecificationKind.Name ? owner.Name : context.CurrentUser;
}
