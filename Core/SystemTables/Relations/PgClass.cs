using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_class: tables, views, indexes, sequences and composite types, the system's own included.</summary>
internal sealed class PgClass() : SystemTable("pg_class")
{
    private const int BlockBytes = 8192;

    internal static readonly string[] ReadableByAll = ["postgres=arwdDxt/postgres", "=r/postgres"];

    /// <summary>Catalogs that all databases share, and what superusers alone may read.</summary>
    private static readonly HashSet<string> Shared = ["pg_authid", "pg_auth_members", "pg_database", "pg_db_role_setting", "pg_parameter_acl", "pg_replication_origin", "pg_shdepend", "pg_shdescription",
        "pg_shseclabel", "pg_subscription", "pg_tablespace"];

    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (SystemRelation system in SystemRelations.All) Add(rows, system);
        IServerState server = context.Session.Server;
        foreach (RelationObject relation in context.Catalog.Relations) Add(rows, relation, context.Catalog, server);
    }

    private static void Add(SystemRows rows, SystemRelation system)
    {
        bool isView = system.Kind == 'v';
        rows.Add(system.Oid).Add(system.Name).Add(system.Schema).Add(system.RowType).Add(0u).Add(WellKnownOid.BootstrapRole).Add(isView ? 0u : WellKnownOid.HeapTableMethod).Add(isView ? 0u : system.Oid).Add(0u)
            .Add(0).Add(isView ? 0f : -1f).Add(0).Add(0u).Add(false).Add(Shared.Contains(system.Name)).Add('p').Add(system.Kind).Add((short)system.Columns.Count).Add((short)0)
            .Add(isView).Add(false).Add(false).Add(false).Add(false).Add(true).Add('n').Add(false).Add(0u).Add(0u).Add(0u).AddArray(ReadableByAll).AddNull().AddNull();
        rows.EndRow();
    }

    private static void Add(SystemRows rows, RelationObject relation, CatalogSnapshot catalog, IServerState server)
    {
        TableObject? table = relation as TableObject;
        bool isStored = relation.Kind is RelationKind.Table or RelationKind.MaterializedView or RelationKind.Index;
        (long count, long bytes) = isStored ? server.SizeOf(relation.Oid) : (0, 0);
        uint method = relation switch
        {
            IndexObject index => BuiltinIndexing.FindMethod(index.Method)?.Oid ?? 0,
            { Kind: RelationKind.Table or RelationKind.MaterializedView } => WellKnownOid.HeapTableMethod,
            _ => 0,
        };
        int columns = relation switch { IndexObject index => index.Keys.Length + index.Included.Length, SequenceObject => 3, _ => table!.Columns.Length };
        bool hasKeys = table is not null && (table.Constraints.Any(c => c.Kind == ConstraintKind.ForeignKey) || IsReferenced(table.Oid, catalog));
        rows.Add(relation.Oid).Add(relation.Name).Add(relation.Schema).Add(table?.RowTypeOid ?? 0u).Add(0u).Add(relation.Owner).Add(method)
            .Add(relation.Kind is RelationKind.View or RelationKind.CompositeType ? 0u : relation.Oid).Add(0u)
            .Add((int)Math.Min((bytes + BlockBytes - 1) / BlockBytes, int.MaxValue)).Add(relation.Kind == RelationKind.Sequence ? 1f : (float)count).Add(0).Add(0u)
            .Add(table is not null && catalog.IndexesOf(table.Oid).Any()).Add(false).Add(relation.Persistence).Add((char)relation.Kind).Add((short)columns)
            .Add((short)(table?.Constraints.Count(c => c.Kind == ConstraintKind.Check) ?? 0)).Add(table?.Definition is not null).Add(hasKeys).Add(false).Add(false).Add(false)
            .Add(table?.IsPopulated ?? true).Add(relation.Kind is RelationKind.Table or RelationKind.MaterializedView ? 'd' : 'n').Add(false).Add(0u).Add(0u).Add(0u)
            .AddArrayOrNull(relation.Acl).AddArrayOrNull([.. relation.Options.Select(o => $"{o.Key}={o.Value}")]).AddNull();
        rows.EndRow();
    }

    private static bool IsReferenced(uint table, CatalogSnapshot catalog) =>
        catalog.Relations.OfType<TableObject>().Any(t => t.Constraints.Any(c => c.ReferencedTable == table));
}
