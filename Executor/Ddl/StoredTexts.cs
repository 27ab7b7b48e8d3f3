using System.Collections.Immutable;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;

namespace VecSql.Executor.Ddl;

/// <summary>All SQL text that the catalog keeps, for changes of names: every text is rewritten, and the views proved by binding them, before the statement succeeds.</summary>
internal sealed class StoredTexts(DdlContext context)
{
    /// <summary>Rewrites defaults, checks, index keys and predicates everywhere.</summary>
    public void RewriteExpressions(Func<string, string> rewrite)
    {
        foreach (CatalogObject before in context.Catalog.Objects.ToArray())
        {
            CatalogObject after = before switch
            {
                TableObject table => Rewritten(table, rewrite),
                IndexObject index => Rewritten(index, rewrite),
                TypeObject type => type with { Default = Text(type.Default, rewrite), Checks = Rewritten(type.Checks, rewrite) },
                _ => before,
            };
            if (!after.Equals(before)) context.Transaction.Put(after);
        }
    }

    /// <summary>Rewrites one table's own texts: those that name its columns.</summary>
    public void RewriteOwn(uint table, Func<string, string> rewrite)
    {
        TableObject before = context.Catalog.Find<TableObject>(table)!, after = Rewritten(before, rewrite);
        if (!after.Equals(before)) context.Transaction.Put(after);
        foreach (IndexObject index in context.Catalog.IndexesOf(table).ToArray())
            if (Rewritten(index, rewrite) is var changed && !changed.Equals(index)) context.Transaction.Put(changed);
    }

    /// <summary>Changes the catalog, and gives the views that it concerns texts that were made before the change.</summary>
    /// <param name="concerned">Which views.</param>
    /// <param name="rewrite">Their new texts, by the catalog before the change.</param>
    /// <param name="change">The change itself.</param>
    /// <param name="what">For the refusal of a view whose text can't follow.</param>
    public void Change(Func<TableObject, bool> concerned, Func<TableObject, string> rewrite, Action change, string what)
    {
        List<(uint View, string Text)> texts = [.. context.Catalog.Relations.OfType<TableObject>().Where(t => t.Definition is not null && concerned(t)).Select(v => (v.Oid, rewrite(v)))];
        change();
        foreach ((uint oid, string text) in texts) context.Transaction.Put(context.Catalog.Find<TableObject>(oid)! with { Definition = text });
        foreach ((uint oid, string text) in texts)
        {
            try
            {
                context.Planner.ResolveNames(StoredQueries.Parse(text), context.Planning());
            }
            catch (SqlException e)
            {
                TableObject view = context.Catalog.Find<TableObject>(oid)!;
                throw new SqlException(SqlState.FeatureNotSupported, $"{what} is not supported: {new ObjectText(context).Of(view)} uses the name in a way that its text cannot follow", detail: e.Message, inner: e);
            }
        }
    }

    private static TableObject Rewritten(TableObject table, Func<string, string> rewrite)
    {
        ImmutableArray<ColumnObject> columns = table.Columns;
        foreach (ColumnObject column in table.LiveColumns)
            if (Text(column.Default, rewrite) is var text && text != column.Default) columns = columns.SetItem(column.Number - 1, column with { Default = text });
        ImmutableArray<ConstraintObject> constraints = Rewritten(table.Constraints, rewrite);
        return columns == table.Columns && constraints == table.Constraints ? table : table with { Columns = columns, Constraints = constraints };
    }

    private static ImmutableArray<ConstraintObject> Rewritten(ImmutableArray<ConstraintObject> constraints, Func<string, string> rewrite)
    {
        for (int i = 0; i < constraints.Length; i++)
            if (Text(constraints[i].Expression, rewrite) is var text && text != constraints[i].Expression) constraints = constraints.SetItem(i, constraints[i] with { Expression = text });
        return constraints;
    }

    private static IndexObject Rewritten(IndexObject index, Func<string, string> rewrite)
    {
        ImmutableArray<IndexKey> keys = index.Keys;
        for (int i = 0; i < keys.Length; i++)
            if (Text(keys[i].Expression, rewrite) is var text && text != keys[i].Expression) keys = keys.SetItem(i, keys[i] with { Expression = text });
        string? predicate = Text(index.Predicate, rewrite);
        return keys == index.Keys && predicate == index.Predicate ? index : index with { Keys = keys, Predicate = predicate };
    }

    private static string? Text(string? text, Func<string, string> rewrite) => text is null ? null : rewrite(text);
}
