using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.SystemTables;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>What can be done with a relation or an index method; partitions (there are none); objects by description.</summary>
internal static class RelationFunctions
{
    /// <summary>pg_relation_is_updatable's bits: INSERT, UPDATE, DELETE.</summary>
    private const int AllChanges = 8 | 4 | 16;

    public static void Register(FunctionLibrary library)
    {
        library.Strict("pg_relation_is_updatable", static (in a, r, c) => StringFunctions.Int(r, IsTable(a.Get<uint>(0), c) ? AllChanges : 0));
        library.Strict("pg_column_is_updatable", static (in a, r, c) => StringFunctions.Bool(r, a.Get<short>(1) > 0 && IsTable(a.Get<uint>(0), c)));
        library.Strict("pg_relation_is_publishable", static (in a, r, c) => StringFunctions.Bool(r, IsTable(a.Get<uint>(0), c)));
        library.Add("pg_partition_ancestors", new CatalogSet(static (in _, _) => new RowsCursor(0, static (_, _) => { })));
        library.Add("pg_partition_tree", new CatalogSet(static (in _, _) => new RowsCursor(0, static (_, _) => { })));
        library.Strict("pg_partition_root", static (in _, r, _) => r.AppendNull());
        library.Strict("pg_indexam_has_property", static (in a, r, _) => Answers.Value(r, BuiltinIndexing.FindMethod(a.Get<uint>(0))?.Name is { } name ? MethodProperty(name, Answers.String(a, 1)) : null));
        library.Strict("pg_index_has_property", static (in a, r, c) => Answers.Value(r, c.Catalog.Find<IndexObject>(a.Get<uint>(0)) is { } index ? IndexProperty(index, Answers.String(a, 1)) : null));
        library.Strict("pg_index_column_has_property", static (in a, r, c) =>
            Answers.Value(r, c.Catalog.Find<IndexObject>(a.Get<uint>(0)) is { } index ? ColumnProperty(index, a.Get<int>(1), Answers.String(a, 2)) : null));
        library.Strict("pg_describe_object", static (in a, r, c) => Answers.Text(r, Describe(a.Get<uint>(0), a.Get<uint>(1), a.Get<int>(2), c)));
    }

    private static bool IsTable(uint oid, EvalContext context) => context.Catalog.Find<TableObject>(oid) is { RelationKind: RelationKind.Table };

    private static bool? MethodProperty(string method, string property) => property.ToLowerInvariant() switch
    {
        "can_order" or "can_unique" or "can_multi_col" or "can_include" => method == "btree",
        "can_exclude" => true,
        _ => null,
    };

    private static bool? IndexProperty(IndexObject index, string property) => property.ToLowerInvariant() switch
    {
        "clusterable" or "backward_scan" => index.Method == "btree",
        "index_scan" => true,
        "bitmap_scan" => false,
        _ => null,
    };

    private static bool? ColumnProperty(IndexObject index, int column, string property)
    {
        if (column < 1 || column > index.Keys.Length + index.Included.Length) return null;
        bool isKey = column <= index.Keys.Length, isOrdered = isKey && index.Method == "btree";
        IndexKey? key = isKey ? index.Keys[column - 1] : null;
        return property.ToLowerInvariant() switch
        {
            "asc" => isOrdered && !key!.Descending,
            "desc" => isOrdered && key!.Descending,
            "nulls_first" => isOrdered && key!.NullsFirst,
            "nulls_last" => isOrdered && !key!.NullsFirst,
            "orderable" or "returnable" or "search_nulls" => isOrdered,
            "search_array" => isOrdered,
            // Only the method itself could tell, and pgvector's don't.
            "distance_orderable" => isKey && index.Method is "hnsw" or "ivfflat" ? null : false,
            _ => null,
        };
    }

    private static string? Describe(uint classOid, uint oid, int part, EvalContext context)
    {
        switch (classOid)
        {
            case WellKnownOid.PgClass:
                if (ObjectNames.Display(RegKind.Class, oid, context) is not { } name) return null;
                if (part > 0 && context.Catalog.Find<TableObject>(oid) is { } table && part <= table.Columns.Length) return $"column {SqlIdentifier.Quote(table.Columns[part - 1].Name)} of table {name}";
                return (context.Catalog.Find<RelationObject>(oid)?.Kind switch
                {
                    RelationKind.View => "view ", RelationKind.MaterializedView => "materialized view ", RelationKind.Index => "index ", RelationKind.Sequence => "sequence ",
                    RelationKind.CompositeType => "composite type ", null when SystemRelations.Find(oid) is { Kind: 'v' } => "view ", _ => "table ",
                }) + name;
            case WellKnownOid.PgType: return ObjectNames.Display(RegKind.Type, oid, context) is { } type ? "type " + type : null;
            case WellKnownOid.PgProc: return ObjectNames.Display(RegKind.ProcedureWithTypes, oid, context) is { } function ? "function " + function : null;
            case WellKnownOid.PgNamespace: return ObjectNames.Display(RegKind.Namespace, oid, context) is { } schema ? "schema " + schema : null;
            case WellKnownOid.PgAuthId: return ObjectNames.Display(RegKind.Role, oid, context) is { } role ? "role " + role : null;
            case WellKnownOid.PgOperator: return ObjectNames.Display(RegKind.OperatorWithTypes, oid, context) is { } op ? "operator " + op : null;
            case WellKnownOid.PgCast:
                return Builtins.Casts.FirstOrDefault(c => c.Oid == oid) is { } cast ? $"cast from {TypeName(cast.Source, context)} to {TypeName(cast.Target, context)}" : null;
            case WellKnownOid.PgAm: return BuiltinIndexing.FindMethod(oid) is { } method ? "access method " + method.Name : null;
            case WellKnownOid.PgOpclass:
                return BuiltinIndexing.FindClass(oid) is { } c ? "operator class " + OfMethod(c.Name, c.Extension, c.Method, Visibility.OfOperatorClass(oid, context.Catalog, context.Session.SearchPath), context) : null;
            case WellKnownOid.PgOpfamily:
                return BuiltinIndexing.Families.FirstOrDefault(f => f.Oid == oid) is { } family
                    ? "operator family " + OfMethod(family.Name, family.Extension, family.Method, Visibility.OfOperatorFamily(oid, context.Catalog, context.Session.SearchPath), context) : null;
            case WellKnownOid.PgExtension: return context.Catalog.Find<ExtensionObject>(oid) is { } extension ? "extension " + SqlIdentifier.Quote(extension.Name) : null;
            case WellKnownOid.PgConstraint:
                foreach (TableObject owner in context.Catalog.Relations.OfType<TableObject>())
                    if (owner.Constraints.FirstOrDefault(c => c.Oid == oid) is { } constraint)
                        return $"constraint {SqlIdentifier.Quote(constraint.Name)} on table {ObjectNames.Display(RegKind.Class, owner.Oid, context)}";
                return null;
            default: return null;
        }
    }

    private static string? TypeName(uint oid, EvalContext context) => ObjectNames.Display(RegKind.Type, oid, context);

    /// <summary>The name, with its schema unless the search path finds it, and the access method it is for.</summary>
    private static string OfMethod(string name, string? extension, uint method, bool? isVisible, EvalContext context)
    {
        string schema = isVisible == false && new InstalledExtensions(context.Catalog).SchemaOf(extension) is { } oid ? SqlIdentifier.Quote(context.Catalog.Find<SchemaObject>(oid)?.Name ?? "") + "." : "";
        return $"{schema}{SqlIdentifier.Quote(name)} for access method {BuiltinIndexing.FindMethod(method)?.Name}";
    }
}
