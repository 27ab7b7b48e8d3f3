using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.SystemTables;

/// <summary>
/// pg_depend: what goes when something else goes. Built from what the catalog keeps; the letters are PostgreSQL's: 'n' normal, 'a' automatic, 'i' internal, 'e' member of an extension.
/// </summary>
internal sealed class PgDepend() : SystemTable("pg_depend")
{
    private const uint PgRewriteClass = 2618, PgAttrdefClass = 2604;

    public override void Fill(SystemRows rows, EvalContext context)
    {
        Writer writer = new(rows);
        foreach (CatalogObject item in context.Catalog.Objects)
        {
            if (item.SchemaOid >= TypeOid.FirstNormalObject || item.SchemaOid == WellKnownOid.PublicSchema) AddSchema(writer, item);
            switch (item)
            {
                case TableObject table: AddTable(writer, table, context.Catalog); break;
                case IndexObject index: AddIndex(writer, index, context.Catalog); break;
                case SequenceObject { OwnerTable: not 0 } sequence:
                    writer.Add(WellKnownOid.PgClass, sequence.Oid, 0, WellKnownOid.PgClass, sequence.OwnerTable, sequence.OwnerColumn, sequence.IsInternal ? 'i' : 'a');
                    break;
                case TypeObject { Kind: 'b', ElementTypeOid: not 0 } array: writer.Add(WellKnownOid.PgType, array.Oid, 0, WellKnownOid.PgType, array.ElementTypeOid, 0, 'i'); break;
                case TypeObject { Kind: 'c', RelationOid: not 0 } row: writer.Add(WellKnownOid.PgType, row.Oid, 0, WellKnownOid.PgClass, row.RelationOid, 0, 'i'); break;
            }
        }
        AddExtensions(writer, new InstalledExtensions(context.Catalog));
        writer.Add(WellKnownOid.PgNamespace, WellKnownOid.VecSqlSchema, 0, WellKnownOid.PgExtension, PgExtension.Own, 0, 'e');
        foreach (SystemRelation relation in SystemRelations.All)
            if (relation.Schema == WellKnownOid.VecSqlSchema) writer.Add(WellKnownOid.PgClass, relation.Oid, 0, WellKnownOid.PgExtension, PgExtension.Own, 0, 'e');
        foreach (BuiltinFunction function in Builtins.Functions)
            if (function.Schema == WellKnownOid.VecSqlSchema) writer.Add(WellKnownOid.PgProc, function.Oid, 0, WellKnownOid.PgExtension, PgExtension.Own, 0, 'e');
    }

    /// <summary>Indexes, row types and their arrays hang on their table instead.</summary>
    private static void AddSchema(Writer writer, CatalogObject item)
    {
        if (item is IndexObject or TypeObject { Kind: 'b' } or TypeObject { RelationOid: not 0 }) return;
        writer.Add(item.ClassOid, item.Oid, 0, WellKnownOid.PgNamespace, item.SchemaOid, 0, 'n');
    }

    private static void AddTable(Writer writer, TableObject table, CatalogSnapshot catalog)
    {
        foreach (ConstraintObject constraint in table.Constraints)
        {
            IReadOnlyList<short> columns = PgConstraint.ColumnsOf(constraint, table);
            foreach (short column in columns) writer.Add(WellKnownOid.PgConstraint, constraint.Oid, 0, WellKnownOid.PgClass, table.Oid, column, 'a');
            if (columns.Count == 0) writer.Add(WellKnownOid.PgConstraint, constraint.Oid, 0, WellKnownOid.PgClass, table.Oid, 0, 'a');
            if (constraint.Kind != ConstraintKind.ForeignKey) continue;
            foreach (short column in constraint.ReferencedColumns) writer.Add(WellKnownOid.PgConstraint, constraint.Oid, 0, WellKnownOid.PgClass, constraint.ReferencedTable, column, 'n');
            writer.Add(WellKnownOid.PgConstraint, constraint.Oid, 0, WellKnownOid.PgClass, constraint.IndexOid, 0, 'n');
        }
        foreach (ColumnObject column in table.LiveColumns)
        {
            if (column.Default is not null) writer.Add(PgAttrdefClass, PgAttrdef.OidOf(table.Oid, column.Number), 0, WellKnownOid.PgClass, table.Oid, column.Number, 'a');
            if (column.Default is not null)
                foreach (uint named in SqlText.RelationsOf(column.Default, catalog)) writer.Add(PgAttrdefClass, PgAttrdef.OidOf(table.Oid, column.Number), 0, WellKnownOid.PgClass, named, 0, 'n');
            if (catalog.Find<TypeObject>(column.Type.Oid) is { } type) writer.Add(WellKnownOid.PgClass, table.Oid, column.Number, WellKnownOid.PgType, type.Oid, 0, 'n');
        }
        if (table.Definition is null) return;
        writer.Add(PgRewriteClass, PgRewrite.OidOf(table.Oid), 0, WellKnownOid.PgClass, table.Oid, 0, 'i');
        writer.Add(PgRewriteClass, PgRewrite.OidOf(table.Oid), 0, WellKnownOid.PgClass, table.Oid, 0, 'n');
        foreach (uint used in table.DependsOn) AddUse(writer, PgRewrite.OidOf(table.Oid), table.Definition, used, catalog);
    }

    /// <summary>A view depends on relations by column, as far as its text names them, and on functions.</summary>
    private static void AddUse(Writer writer, uint rule, string definition, uint used, CatalogSnapshot catalog)
    {
        if (catalog.Find<TableObject>(used) is { } source)
        {
            HashSet<string> words = SqlWords.Identifiers(definition);
            foreach (ColumnObject column in source.LiveColumns.Where(c => words.Contains(c.Name)))
                writer.Add(PgRewriteClass, rule, 0, WellKnownOid.PgClass, used, column.Number, 'n');
        }
        else if (catalog.Find<CatalogObject>(used) is { } other) writer.Add(PgRewriteClass, rule, 0, other.ClassOid, used, 0, 'n');
    }

    private static void AddIndex(Writer writer, IndexObject index, CatalogSnapshot catalog)
    {
        if (catalog.Find<TableObject>(index.Table)?.Constraints.FirstOrDefault(c => c.IndexOid == index.Oid && c.Kind != ConstraintKind.ForeignKey) is { } constraint)
        {
            writer.Add(WellKnownOid.PgClass, index.Oid, 0, WellKnownOid.PgConstraint, constraint.Oid, 0, 'i');
            return;
        }
        foreach (IndexKey key in index.Keys.Where(k => k.Column != 0)) writer.Add(WellKnownOid.PgClass, index.Oid, 0, WellKnownOid.PgClass, index.Table, key.Column, 'a');
        if (index.Keys.Any(k => k.Column == 0)) writer.Add(WellKnownOid.PgClass, index.Oid, 0, WellKnownOid.PgClass, index.Table, 0, 'a');
    }

    private static void AddExtensions(Writer writer, InstalledExtensions installed)
    {
        foreach (BuiltinType t in Builtins.Types) Member(WellKnownOid.PgType, t.Oid, t.Extension);
        foreach (BuiltinFunction f in Builtins.Functions.Where(PgProc.Lists)) Member(WellKnownOid.PgProc, f.Oid, f.Extension);
        foreach (BuiltinOperator o in Builtins.Operators.Where(PgOperator.Lists)) Member(WellKnownOid.PgOperator, o.Oid, o.Extension);
        foreach (BuiltinCast c in Builtins.Casts) Member(WellKnownOid.PgCast, c.Oid, c.Extension);
        foreach (BuiltinOperatorClass c in BuiltinIndexing.Classes) Member(WellKnownOid.PgOpclass, c.Oid, c.Extension);
        foreach (BuiltinOperatorFamily f in BuiltinIndexing.Families) Member(WellKnownOid.PgOpfamily, f.Oid, f.Extension);
        foreach (BuiltinAccessMethod m in BuiltinIndexing.Methods) Member(WellKnownOid.PgAm, m.Oid, m.Extension);

        void Member(uint classOid, uint oid, string? extension)
        {
            if (extension is not null && installed.OidOf(extension) is not 0 and var owner) writer.Add(classOid, oid, 0, WellKnownOid.PgExtension, owner, 0, 'e');
        }
    }

    private readonly struct Writer(SystemRows rows)
    {
        public void Add(uint classOid, uint oid, int part, uint referredClass, uint referred, int referredPart, char kind)
        {
            rows.Add(classOid).Add(oid).Add(part).Add(referredClass).Add(referred).Add(referredPart).Add(kind);
            rows.EndRow();
        }
    }
}
