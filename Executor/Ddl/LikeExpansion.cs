using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Parser.Ast;

namespace VecSql.Executor.Ddl;

/// <summary>LIKE source INCLUDING … among a new table's elements: becomes plain column definitions; what can only be copied once the table is there is put off.</summary>
internal sealed class LikeExpansion(DdlContext context)
{
    public IReadOnlyList<TableElement> Expand(IReadOnlyList<TableElement> elements, out List<Action<TableObject>> afterwards)
    {
        afterwards = [];
        if (!elements.OfType<LikeElement>().Any()) return elements;
        List<TableElement> expanded = [];
        foreach (TableElement element in elements)
        {
            if (element is not LikeElement like)
            {
                expanded.Add(element);
                continue;
            }
            if (new CatalogNames(context).Relation(like.Table) is not TableObject source)
                throw new SqlException(SqlState.WrongObjectType, $"relation \"{like.Table.Name}\" is invalid in LIKE clause", like.Table.Span.Start);
            HashSet<LikeFeature> features = Features(like);
            foreach (ColumnObject column in source.LiveColumns) expanded.Add(Column(column, features, like));
            if (features.Contains(LikeFeature.Constraints))
            {
                expanded.AddRange(source.Constraints.Where(c => c.Kind == ConstraintKind.Check)
                    .Select(c => new CheckTableConstraint(Parser.SqlParser.ParseExpression(c.Expression!)) { Name = c.Name, Span = like.Span }));
            }
            if (features.Contains(LikeFeature.Indexes)) afterwards.Add(table => CopyIndexes(source, table));
        }
        return expanded;
    }

    private static HashSet<LikeFeature> Features(LikeElement like)
    {
        HashSet<LikeFeature> features = [];
        foreach (LikeOption option in like.Options)
        {
            LikeFeature[] named = option.Feature == LikeFeature.All ? Enum.GetValues<LikeFeature>() : [option.Feature];
            if (option.IsIncluded) features.UnionWith(named);
            else features.ExceptWith(named);
        }
        return features;
    }

    private ColumnDefinition Column(ColumnObject column, HashSet<LikeFeature> features, LikeElement like)
    {
        List<ColumnConstraint> constraints = [];
        if (column.NotNull) constraints.Add(new NotNullConstraint { Span = like.Span });
        if (column.IsGenerated && features.Contains(LikeFeature.Generated))
            constraints.Add(new GeneratedConstraint(Parser.SqlParser.ParseExpression(column.Default!)) { Span = like.Span });
        else if (column.Identity != '\0' && features.Contains(LikeFeature.Identity)) constraints.Add(new IdentityConstraint(column.Identity == 'a', []) { Span = like.Span });
        else if (column is { Default: not null, IsGenerated: false, Identity: '\0' } && features.Contains(LikeFeature.Defaults))
            constraints.Add(new DefaultConstraint(Parser.SqlParser.ParseExpression(column.Default)) { Span = like.Span });
        return new ColumnDefinition(column.Name, TypeNodes.Of(column.Type, context.Catalog)) { Constraints = constraints, Span = like.Span };
    }

    private void CopyIndexes(TableObject source, TableObject target)
    {
        foreach (IndexObject index in context.Catalog.IndexesOf(source.Oid))
        {
            ConstraintObject? constraint = source.Constraints.FirstOrDefault(c => c.IndexOid == index.Oid);
            string suffix = constraint?.Kind switch { ConstraintKind.PrimaryKey => "pkey", ConstraintKind.Unique => "key", _ => "idx" };
            string? columns = constraint?.Kind == ConstraintKind.PrimaryKey ? null
                : string.Join('_', index.Keys.Select(k => k.Column == 0 ? "expr" : source.Columns[k.Column - 1].Name));
            // Attribute numbers may differ where the source has dropped columns: keys go by name.
            IndexObject copy = index with
            {
                Oid = context.Transaction.AllocateOid(),
                Name = ObjectNames.ChooseRelation(context.Catalog, target.Schema, target.Name, columns, suffix),
                Schema = target.Schema,
                Table = target.Oid,
                Keys = [.. index.Keys.Select(k => k.Column == 0 ? k : k with { Column = Number(target, source.Columns[k.Column - 1].Name) })],
                Included = [.. index.Included.Select(n => Number(target, source.Columns[n - 1].Name))],
            };
            context.Transaction.Put(copy);
            if (constraint is null) continue;
            TableObject current = context.Catalog.Find<TableObject>(target.Oid)!;
            context.Transaction.Put(current with
            {
                Constraints = current.Constraints.Add(constraint with
                {
                    Oid = context.Transaction.AllocateOid(), Name = copy.Name, IndexOid = copy.Oid, Columns = [.. constraint.Columns.Select(n => Number(target, source.Columns[n - 1].Name))],
                }),
            });
        }
    }

    private static short Number(TableObject table, string column) => table.LiveColumns.First(c => c.Name == column).Number;
}
