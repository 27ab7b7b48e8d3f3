using System.Collections.Immutable;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Parser;
using VecSql.Parser.Ast;
using RelationKind = VecSql.Core.Catalog.RelationKind;

namespace VecSql.Executor.Ddl;

/// <summary>CREATE and ALTER DOMAIN. Checks name the value VALUE; what columns hold already is tested when a domain is narrowed.</summary>
internal sealed class DomainCommands(DdlContext context)
{
    private readonly CatalogNames _names = new(context);
    private readonly StoredExpressions _expressions = new(context);

    public string Create(CreateDomainStatement statement)
    {
        TypeCommands types = new(context);
        uint schema = types.NewName(statement.Name);
        SqlType baseType = context.ResolveType(statement.Type);
        bool isPseudo = Builtins.FindType(baseType.Oid) is { Kind: 'p' };
        if (isPseudo) throw new SqlException(SqlState.DatatypeMismatch, $"\"{TypeNames.Display(baseType)}\" is not a valid base type for a domain", statement.Type.Span.Start);
        TypeObject domain = new()
        {
            Oid = context.Transaction.AllocateOid(), Name = statement.Name.Name, Schema = schema, Owner = context.CurrentRole, Kind = 'd', BaseType = baseType, ArrayTypeOid = context.Transaction.AllocateOid(),
        };
        bool? notNull = null;
        foreach (ColumnConstraint constraint in statement.Constraints)
        {
            switch (constraint)
            {
                case NotNullConstraint or NullConstraint:
                    bool isNotNull = constraint is NotNullConstraint;
                    if (notNull is { } before && before != isNotNull) throw new SqlException(SqlState.SyntaxError, "conflicting NULL/NOT NULL constraints", constraint.Span.Start);
                    notNull = isNotNull;
                    break;
                case DefaultConstraint @default:
                    if (domain.Default is not null) throw new SqlException(SqlState.SyntaxError, "multiple default expressions", constraint.Span.Start);
                    domain = domain with { Default = _expressions.Default(@default.Value, baseType, domain.Name) };
                    break;
                case CheckColumnConstraint check:
                    domain = domain with { Checks = domain.Checks.Add(Check(domain, check.Name, check.Condition, isValidated: true)) };
                    break;
                default:
                    string kind = constraint switch { UniqueColumnConstraint { IsPrimaryKey: true } => "primary key", UniqueColumnConstraint => "unique", ReferencesConstraint => "foreign key", _ => "these" };
                    throw new SqlException(SqlState.SyntaxError, $"{kind} constraints not possible for domains", constraint.Span.Start);
            }
        }
        types.PutWithArray(domain with { NotNull = notNull ?? false });
        return "CREATE DOMAIN";
    }

    public string Alter(AlterDomainStatement statement)
    {
        TypeObject domain = _names.FindType(statement.Name) ?? throw new SqlException(SqlState.UndefinedObject, $"type \"{CatalogNames.Display(statement.Name)}\" does not exist");
        if (domain.Kind != 'd') throw new SqlException(SqlState.WrongObjectType, $"{CatalogNames.Display(statement.Name)} is not a domain");
        new Ownership(context).Check(domain);
        switch (statement.Kind)
        {
            case AlterDomainKind.SetDefault or AlterDomainKind.DropDefault:
                context.Transaction.Put(domain with { Default = statement.Default is null ? null : _expressions.Default(statement.Default, domain.BaseType, domain.Name) });
                break;
            case AlterDomainKind.SetNotNull:
                RequireNotNull(domain);
                context.Transaction.Put(domain with { NotNull = true });
                break;
            case AlterDomainKind.DropNotNull:
                context.Transaction.Put(domain with { NotNull = false });
                break;
            case AlterDomainKind.AddConstraint:
                if (statement.Constraint is not CheckTableConstraint check) throw new SqlException(SqlState.SyntaxError, "only CHECK constraints are possible for domains", statement.Constraint!.Span.Start);
                ConstraintObject added = Check(domain, check.Name, check.Condition, check.Attributes?.NotValid != true);
                if (added.IsValidated) RequireValid(domain, added);
                context.Transaction.Put(domain with { Checks = domain.Checks.Add(added) });
                break;
            case AlterDomainKind.DropConstraint:
                Drop(domain, statement);
                break;
            case AlterDomainKind.ValidateConstraint:
                ConstraintObject found = domain.Checks.FirstOrDefault(c => c.Name == statement.ConstraintName)
                    ?? throw new SqlException(SqlState.UndefinedObject, $"constraint \"{statement.ConstraintName}\" of domain \"{domain.Name}\" does not exist");
                RequireValid(domain, found);
                context.Transaction.Put(domain with { Checks = domain.Checks.Replace(found, found with { IsValidated = true }) });
                break;
        }
        return "ALTER DOMAIN";
    }

    private void Drop(TypeObject domain, AlterDomainStatement statement)
    {
        if (domain.Checks.FirstOrDefault(c => c.Name == statement.ConstraintName) is { } found)
        {
            context.Transaction.Put(domain with { Checks = domain.Checks.Remove(found) });
            return;
        }
        string message = $"constraint \"{statement.ConstraintName}\" of domain \"{domain.Name}\" does not exist";
        if (!statement.IfExists) throw new SqlException(SqlState.UndefinedObject, message);
        context.Skip(SqlState.SuccessfulCompletion, message + ", skipping");
    }

    /// <summary>A check over VALUE, bound as if it were a table's only column.</summary>
    private ConstraintObject Check(TypeObject domain, string? name, Expression condition, bool isValidated)
    {
        if (name is not null && domain.Checks.Any(c => c.Name == name)) throw new SqlException(SqlState.DuplicateObject, $"constraint \"{name}\" for domain \"{domain.Name}\" already exists");
        TableObject value = new() { Oid = 0, Name = domain.Name, Schema = domain.Schema, RelationKind = RelationKind.CompositeType, Columns = [new ColumnObject { Number = 1, Name = "value", Type = domain.BaseType }] };
        return new ConstraintObject
        {
            Oid = context.Transaction.AllocateOid(), Name = name ?? ObjectNames.Choose(domain.Name, null, "check", n => domain.Checks.Any(c => c.Name == n)), Kind = ConstraintKind.Check,
            Expression = _expressions.Condition(condition, value), IsValidated = isValidated,
        };
    }

    private IEnumerable<(TableObject Table, ColumnObject Column)> Users(TypeObject domain) =>
        context.Catalog.Relations.OfType<TableObject>().Where(t => t.RelationKind is RelationKind.Table or RelationKind.MaterializedView)
            .SelectMany(t => t.LiveColumns.Where(c => c.Type.Oid == domain.Oid).Select(c => (t, c))).ToArray();

    private void RequireNotNull(TypeObject domain)
    {
        foreach ((TableObject table, ColumnObject column) in Users(domain))
            if (new InnerQueries(context).Any($"SELECT 1 FROM {Name(table)} WHERE {SqlIdentifier.Quote(column.Name)} IS NULL LIMIT 1"))
                throw new SqlException(SqlState.NotNullViolation, $"column \"{column.Name}\" of table \"{table.Name}\" contains null values");
    }

    private void RequireValid(TypeObject domain, ConstraintObject check)
    {
        foreach ((TableObject table, ColumnObject column) in Users(domain))
        {
            string condition = StoredExpressions.RenameColumn(check.Expression!, "value", column.Name);
            if (new InnerQueries(context).Any($"SELECT 1 FROM {Name(table)} WHERE NOT ({condition}) LIMIT 1"))
                throw new SqlException(SqlState.CheckViolation, $"column \"{column.Name}\" of table \"{table.Name}\" contains values that violate the new constraint");
        }
    }

    private string Name(TableObject table) => SqlIdentifier.Quote(context.SchemaName(table.Schema)) + "." + SqlIdentifier.Quote(table.Name);
}
