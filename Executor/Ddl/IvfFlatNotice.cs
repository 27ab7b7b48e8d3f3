using System.Globalization;
using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Parser;

namespace VecSql.Executor.Ddl;

/// <summary>pgvector's notice where an ivfflat index is made over fewer vectors than it is to have lists. (Few rows cost no recall here: they are scanned.)</summary>
internal sealed class IvfFlatNotice(DdlContext context)
{
    private const int DefaultLists = 100;

    public void Give(IndexObject index)
    {
        if (index.Method != "ivfflat" || context.Catalog.Find<TableObject>(index.Table) is not { IsPopulated: true } table) return;
        int lists = StorageParameters.Read(index, "lists", DefaultLists);
        context.Transaction.AdvanceCommand();
        if (new InnerQueries(context).FirstRow(CountOf(index, table, lists))?[0] is not { } found || int.Parse(found, CultureInfo.InvariantCulture) >= lists) return;
        context.Notice(new Notice("NOTICE", SqlState.SuccessfulCompletion, "ivfflat index created with little data", "This will cause low recall.", "Drop the index until the table has more data."));
    }

    /// <summary>Counts vectors that k-means could use, no further than it must.</summary>
    private string CountOf(IndexObject index, TableObject table, int lists)
    {
        IndexKey key = index.Keys[0];
        string vector = key.Column != 0 ? SqlIdentifier.Quote(table.Columns[key.Column - 1].Name) : $"({key.Expression})";
        string? norm = key.Type.Oid switch { TypeOid.Vector => "public.vector_norm", TypeOid.HalfVec => "public.l2_norm", _ => null };
        bool needsDirection = norm is not null && key.OperatorClass is not (null or "vector_l2_ops" or "halfvec_l2_ops");
        string usable = $"{vector} IS NOT NULL" + (needsDirection ? $" AND {norm}({vector}) > 0" : "") + (index.Predicate is { } predicate ? $" AND ({predicate})" : "");
        string from = $"{SqlIdentifier.Quote(context.SchemaName(table.Schema))}.{SqlIdentifier.Quote(table.Name)}";
        return $"SELECT count(*) FROM (SELECT FROM {from} WHERE {usable} LIMIT {lists}) usable";
    }
}
