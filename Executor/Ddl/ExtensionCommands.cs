using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.SystemTables;
using VecSql.Parser.Ast;

namespace VecSql.Executor.Ddl;

/// <summary>CREATE EXTENSION: what it brings is built in (Core/Catalog/Builtin/NAME_*.tsv); the catalog says that it may be used.</summary>
internal sealed class ExtensionCommands(DdlContext context)
{
    public string Create(CreateExtensionStatement statement)
    {
        if (context.Catalog.FindExtension(statement.Name) is not null)
        {
            if (!statement.IfNotExists) throw new SqlException(SqlState.DuplicateObject, $"extension \"{statement.Name}\" already exists");
            context.Skip(SqlState.DuplicateObject, $"extension \"{statement.Name}\" already exists, skipping");
            return "CREATE EXTENSION";
        }
        if (AvailableExtension.Find(statement.Name) is not { } available)
        {
            throw new SqlException(SqlState.FeatureNotSupported, $"extension \"{statement.Name}\" is not available", statement.Span.Start,
                hint: "VecSql carries its extensions in its binary: vector.");
        }
        uint schema = statement.Schema is { } given ? new CatalogNames(context).Schema(given, statement.Span.Start).Oid
            : new CatalogNames(context).CreationSchema(new QualifiedName([statement.Name]) { Span = statement.Span }, isTemporary: false);
        context.Transaction.Put(new ExtensionObject
        {
            Oid = context.Transaction.AllocateOid(), Name = statement.Name, Owner = context.CurrentRole, Schema = schema, Version = statement.Version ?? available.Version, Relocatable = true,
        });
        return "CREATE EXTENSION";
    }

    /// <summary>There is one version of each extension: the one in the binary.</summary>
    public string Update(AlterExtensionUpdateStatement statement)
    {
        ExtensionObject extension = context.Catalog.FindExtension(statement.Name) ?? throw new SqlException(SqlState.UndefinedObject, $"extension \"{statement.Name}\" does not exist");
        string carried = AvailableExtension.Find(extension.Name)?.Version ?? extension.Version, version = statement.Version ?? carried;
        if (version == extension.Version)
        {
            context.Skip(SqlState.SuccessfulCompletion, $"version \"{version}\" of extension \"{extension.Name}\" is already installed");
            return "ALTER EXTENSION";
        }
        if (version != carried)
            throw new SqlException(SqlState.InvalidParameterValue, $"extension \"{extension.Name}\" has no update path from version \"{extension.Version}\" to version \"{version}\"");
        context.Transaction.Put(extension with { Version = version });
        return "ALTER EXTENSION";
    }
}
