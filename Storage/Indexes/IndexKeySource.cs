using System.Collections.Concurrent;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Storage.Contracts;
using VecSql.Storage.Memtables;
using VecSql.Storage.Tables;

namespace VecSql.Storage.Indexes;

/// <summary>Key columns of an index for rows of a range: plain columns are views, expressions and predicates are evaluated.</summary>
internal sealed class IndexKeySource
{
    private readonly IndexObject _index;
    private readonly TableObject _table;
    private readonly CatalogSnapshot _catalog;
    private readonly IIndexExpressions? _expressions;
    private readonly MissingValues _missing;
    private readonly ConcurrentBag<IIndexKeyEvaluator> _idle = [];
    private readonly bool _isPlain;

    public IndexKeySource(IndexObject index, TableObject table, CatalogSnapshot catalog, IIndexExpressions? expressions)
    {
        _index = index;
        _table = table;
        _catalog = catalog;
        _expressions = expressions;
        _missing = new MissingValues(table, catalog);
        _isPlain = index.Predicate is null && index.Keys.All(k => k.Column > 0);
        if (!_isPlain && expressions is null) throw SqlException.NotSupported("an index on expressions");
    }

    /// <summary>
    /// Gives the visitor the keys of positions start … start+count-1 of one block that the index holds. Rows in it are relative to <c>first</c>.
    /// Rows that were given up are left out.
    /// </summary>
    public void Visit<TVisitor>(RowRange range, int start, int count, ref TVisitor visitor) where TVisitor : IKeyVisitor, allows ref struct
    {
        // Views begin at multiples of eight.
        int first = start & ~7;
        int length = start + count - first;
        int[] rows = new int[count];
        int selected = 0;
        for (int i = start; i < start + count; i++)
            if (range.CreatedAt(i) != RowStamp.Aborted)
                rows[selected++] = i - first;
        if (selected == 0) return;
        Selection selection = Selection.Of(rows, selected);
        if (_isPlain)
        {
            visitor.Visit([.. _index.Keys.Select(key => ColumnOf(range, key.Column, first, length))], selection, first);
            return;
        }
        Column[] columns = [.. _table.LiveColumns.Select(c => ColumnOf(range, c.Number, first, length))];
        if (!_idle.TryTake(out IIndexKeyEvaluator? evaluator)) evaluator = _expressions!.Compile(_index, _table, _catalog);
        (Column[] keys, Selection held) = evaluator.Evaluate(new ColumnBatch(columns, length, selection));
        visitor.Visit(keys, held, first);
        _idle.Add(evaluator);
    }

    private Column ColumnOf(RowRange range, short number, int first, int length)
    {
        int place = range.Layout.PlaceOf(number);
        return place < 0 ? _missing.Of(number, length) : range.View(place, first, length);
    }
}

/// <summary>Takes keys of rows; a row's position is <c>first</c> + its place.</summary>
internal interface IKeyVisitor
{
    void Visit(Column[] keys, Selection rows, int first);
}
