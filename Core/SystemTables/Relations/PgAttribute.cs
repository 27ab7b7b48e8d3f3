using System.Collections.Immutable;
using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.SystemTables;

/// <summary>pg_attribute: columns of tables, views, composite types, indexes and sequences, and of the system's relations.</summary>
internal sealed class PgAttribute() : SystemTable("pg_attribute")
{
    private static readonly (string Name, uint Type)[] SequenceColumns = [("last_value", TypeOid.Int8), ("log_cnt", TypeOid.Int8), ("is_called", TypeOid.Bool)];

    /// <summary>Columns that every table has beside its own; numbers are PostgreSQL's.</summary>
    private static readonly (string Name, uint Type, short Number)[] HiddenColumns =
        [("tableoid", TypeOid.Oid, -6), ("cmax", TypeOid.Cid, -5), ("xmax", TypeOid.Xid, -4), ("cmin", TypeOid.Cid, -3), ("xmin", TypeOid.Xid, -2), ("ctid", TypeOid.Tid, -1)];

    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (SystemRelation system in SystemRelations.All)
            for (int i = 0; i < system.Columns.Count; i++)
                Add(rows, context.Catalog, new Attribute(system.Oid, (short)(i + 1), system.Columns[i].Name, system.Columns[i].Type) { NotNull = system.Columns[i].NotNull });
        foreach (RelationObject relation in context.Catalog.Relations)
        {
            switch (relation)
            {
                case TableObject table: AddTable(rows, table, context.Catalog); break;
                case IndexObject index: AddIndex(rows, index, context.Catalog); break;
                case SequenceObject:
                    AddHidden(rows, relation.Oid, context.Catalog);
                    for (int i = 0; i < SequenceColumns.Length; i++)
                        Add(rows, context.Catalog, new Attribute(relation.Oid, (short)(i + 1), SequenceColumns[i].Name, new SqlType(SequenceColumns[i].Type)) { NotNull = true });
                    break;
            }
        }
    }

    /// <summary>Names of an index's columns: the table's, or "expr", "expr1" … as PostgreSQL gives them.</summary>
    public static IReadOnlyList<string> NamesOf(IndexObject index, TableObject table)
    {
        List<string> names = [];
        int expressions = 0;
        foreach (IndexKey key in index.Keys)
        {
            string name = key.Column != 0 ? table.Columns[key.Column - 1].Name : expressions++ == 0 ? "expr" : $"expr{expressions - 1}";
            for (int n = 1; names.Contains(name); n++) name = $"{(key.Column != 0 ? table.Columns[key.Column - 1].Name : "expr")}{n}";
            names.Add(name);
        }
        foreach (short included in index.Included) names.Add(table.Columns[included - 1].Name);
        return names;
    }

    private static void AddTable(SystemRows rows, TableObject table, CatalogSnapshot catalog)
    {
        if (table.RelationKind is RelationKind.Table or RelationKind.MaterializedView)
            AddHidden(rows, table.Oid, catalog);
        foreach (ColumnObject column in table.Columns)
        {
            Add(rows, catalog, new Attribute(table.Oid, column.Number, column.IsDropped ? $"........pg.dropped.{column.Number}........" : column.Name, column.IsDropped ? default : column.Type)
            {
                NotNull = column.NotNull, HasDefault = column.Default is not null, HasMissing = column.MissingValue is not null, Identity = column.Identity,
                Generated = column.IsGenerated ? 's' : '\0', IsDropped = column.IsDropped, Collation = column.Collation, Acl = column.Acl,
            });
        }
    }

    private static void AddHidden(SystemRows rows, uint relation, CatalogSnapshot catalog)
    {
        foreach ((string name, uint type, short number) in HiddenColumns) Add(rows, catalog, new Attribute(relation, number, name, new SqlType(type)) { NotNull = true });
    }

    private static void AddIndex(SystemRows rows, IndexObject index, CatalogSnapshot catalog)
    {
        if (catalog.Find<TableObject>(index.Table) is not { } table) return;
        IReadOnlyList<string> names = NamesOf(index, table);
        for (int i = 0; i < names.Count; i++)
        {
            SqlType type = i < index.Keys.Length ? index.Keys[i].Type : table.Columns[index.Included[i - index.Keys.Length] - 1].Type;
            Add(rows, catalog, new Attribute(index.Oid, (short)(i + 1), names[i], type));
        }
    }

    private static void Add(SystemRows rows, CatalogSnapshot catalog, in Attribute a)
    {
        TypeFacts type = TypeFacts.Of(a.Type.Oid, catalog);
        rows.Add(a.Relation).Add(a.Name).Add(a.Type.Oid).Add(a.Number < 0 ? 0 : -1).Add(type.Length).Add(a.Number).Add(TypeNames.ElementOf(a.Type.Oid, catalog) is null ? 0 : 1).Add(-1)
            .Add(a.IsDropped ? -1 : a.Type.Modifier).Add(type.ByValue).Add(type.Alignment).Add(type.Storage).Add('\0').Add(a.NotNull).Add(a.HasDefault).Add(a.HasMissing).Add(a.Identity).Add(a.Generated)
            .Add(a.IsDropped).Add(true).Add(0).Add(a.Collation != 0 ? a.Collation : type.Collation).AddArrayOrNull(a.Acl.IsDefault ? [] : a.Acl).AddNull().AddNull().AddNull();
        rows.EndRow();
    }

    private readonly record struct Attribute(uint Relation, short Number, string Name, SqlType Type)
    {
        public bool NotNull { get; init; }
        public bool HasDefault { get; init; }
        public bool HasMissing { get; init; }
        public char Identity { get; init; }
        public char Generated { get; init; }
        public bool IsDropped { get; init; }
        public uint Collation { get; init; }
        public ImmutableArray<string> Acl { get; init; }
    }
}
