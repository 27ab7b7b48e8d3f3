using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Parser.Ast;
using RelationKind = VecSql.Core.Catalog.RelationKind;

namespace VecSql.Executor.Ddl;

/// <summary>Finds what DROP, COMMENT ON, ALTER … OWNER, RENAME and SET SCHEMA name, with PostgreSQL's complaints.</summary>
internal sealed class ObjectLookup(DdlContext context)
{
    private readonly CatalogNames _names = new(context);

    /// <exception cref="SqlException">What is missing (42P01, 42704, 3F000, 42883) or of another kind (42809); 0A000 for kinds of objects that VecSql hasn't.</exception>
    public CatalogObject Find(ObjectReference reference, bool isDrop = false)
    {
        QualifiedName? name = reference.Name;
        int position = reference.Span.Start;
        switch (reference.Kind)
        {
            case ObjectKind.Table or ObjectKind.View or ObjectKind.MaterializedView or ObjectKind.Index or ObjectKind.Sequence:
                return Relation(reference.Kind, name!, isDrop);
            case ObjectKind.Schema:
                return context.Catalog.FindSchema(name!.Name) ?? throw new SqlException(SqlState.InvalidSchemaName, $"schema \"{name.Name}\" does not exist");
            case ObjectKind.Type or ObjectKind.Domain:
                return Type(reference);
            case ObjectKind.Extension:
                return context.Catalog.FindExtension(name!.Name) ?? throw new SqlException(SqlState.UndefinedObject, $"extension \"{name.Name}\" does not exist");
            case ObjectKind.Function or ObjectKind.Procedure or ObjectKind.Routine:
                return Function(name!, reference.Parameters, position, Words(reference.Kind));
            case ObjectKind.Role:
                return Roles.Find(context, name!.Name);
            case ObjectKind.Database:
                return context.Catalog.Shared.FindDatabase(name!.Name) ?? throw new SqlException(SqlState.InvalidCatalogName, $"database \"{name.Name}\" does not exist");
            default:
                throw SqlException.NotSupported(isDrop ? "DROP " + Words(reference.Kind).ToUpperInvariant() : Words(reference.Kind), position);
        }
    }

    /// <summary>"materialized view" for MaterializedView.</summary>
    public static string Words(ObjectKind kind) => string.Concat(kind.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? " " + char.ToLowerInvariant(c) : char.ToLowerInvariant(c).ToString()));

    private CatalogObject Relation(ObjectKind kind, QualifiedName name, bool isDrop)
    {
        string noun = Words(kind);
        if (_names.FindRelation(name) is not { } found)
        {
            if (name.Schema is { } schema && _names.FindSchema(schema) is null) throw new SqlException(SqlState.InvalidSchemaName, $"schema \"{schema}\" does not exist");
            CatalogNames.RefuseSystemTable(name);
            string what = isDrop ? noun : "relation";
            string state = kind == ObjectKind.Index && isDrop ? SqlState.UndefinedObject : SqlState.UndefinedTable;
            throw new SqlException(state, $"{what} \"{CatalogNames.Display(isDrop ? new QualifiedName([name.Name]) : name)}\" does not exist");
        }
        RelationKind wanted = kind switch
        {
            ObjectKind.View => RelationKind.View,
            ObjectKind.MaterializedView => RelationKind.MaterializedView,
            ObjectKind.Index => RelationKind.Index,
            ObjectKind.Sequence => RelationKind.Sequence,
            _ => RelationKind.Table,
        };
        if (found.Kind == wanted) return found;
        string article = kind == ObjectKind.Index ? "an" : "a";
        string? hint = found.Kind switch
        {
            RelationKind.CompositeType => "Use DROP TYPE to remove a type.",
            _ when !isDrop => null,
            RelationKind.Index => "Use DROP INDEX to remove an index.",
            _ => $"Use DROP {ObjectText.Noun(found.Kind).ToUpperInvariant()} to remove a {ObjectText.Noun(found.Kind)}.",
        };
        throw new SqlException(SqlState.WrongObjectType, $"\"{name.Name}\" is not {article} {noun}", hint: hint);
    }

    private TypeObject Type(ObjectReference reference)
    {
        QualifiedName name = reference.Name ?? reference.Types[0]!.Name;
        if (_names.FindType(name) is { } found)
        {
            if (reference.Kind == ObjectKind.Domain && found.Kind != 'd') throw new SqlException(SqlState.WrongObjectType, $"\"{name.Name}\" is not a domain");
            return found;
        }
        if (name.Schema is { } schema && schema != "pg_catalog" && _names.FindSchema(schema) is null) throw new SqlException(SqlState.InvalidSchemaName, $"schema \"{schema}\" does not exist");
        if (Builtins.FindType(name.Name) is { } builtin)
        {
            throw new SqlException(SqlState.DependentObjectsStillExist, builtin.Extension is { } extension
                ? $"cannot drop type {name.Name} because extension {extension} requires it"
                : $"cannot drop type {TypeNames.Display(new SqlType(builtin.Oid))} because it is required by the database system");
        }
        throw new SqlException(SqlState.UndefinedObject, $"type \"{CatalogNames.Display(name)}\" does not exist");
    }

    /// <summary>A user's function by name and, unless the name alone is enough, argument types.</summary>
    public FunctionObject Function(QualifiedName name, IReadOnlyList<FunctionParameter>? parameters, int position, string noun = "function")
    {
        IReadOnlyList<FunctionObject> candidates = _names.FindFunctions(name);
        if (parameters is null)
        {
            return candidates.Count switch
            {
                1 => candidates[0],
                0 => throw new SqlException(SqlState.UndefinedFunction, $"could not find a {noun} named \"{CatalogNames.Display(name)}\""),
                _ => throw new SqlException(SqlState.AmbiguousFunction, $"{noun} name \"{CatalogNames.Display(name)}\" is not unique", position,
                    hint: $"Specify the argument list to select the {noun} unambiguously."),
            };
        }
        uint[] types = [.. parameters.Where(p => p.Mode is not (ParameterMode.Out or ParameterMode.Table)).Select(p => context.ResolveType(p.Type).Oid)];
        return candidates.FirstOrDefault(f => f.ArgumentTypes.AsSpan().SequenceEqual(types))
            ?? throw new SqlException(SqlState.UndefinedFunction,
                $"{noun} {CatalogNames.Display(name)}({string.Join(", ", types.Select(t => TypeNames.Display(new SqlType(t), context.Catalog)))}) does not exist");
    }
}
