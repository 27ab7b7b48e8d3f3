using System.Collections.Immutable;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Parser;
using VecSql.Parser.Ast;
using VecSql.Planner.Binding;
using VecSql.Storage.Contracts;

namespace VecSql.Executor.Ddl;

/// <summary>CREATE INDEX: btree and hash on orderable types, hnsw and ivfflat on vectors.</summary>
internal sealed class CreateIndexCommand(DdlContext context)
{
    private const int MaxKeys = 32;
    private readonly StoredExpressions _expressions = new(context);

    public string Run(CreateIndexStatement statement)
    {
        TableObject table = new CatalogNames(context).Relation(statement.Table) switch
        {
            TableObject { RelationKind: Core.Catalog.RelationKind.Table or Core.Catalog.RelationKind.MaterializedView } found => found,
            { } other => throw new SqlException(SqlState.WrongObjectType, $"cannot create index on relation \"{other.Name}\"", statement.Table.Span.Start,
                "This operation is not supported for " + (other is TableObject ? "views." : other is SequenceObject ? "sequences." : "indexes.")),
        };
        new Ownership(context).Check(table);
        // Writers wait until the build is done; readers go on.
        context.Transaction.LockTable(table.Oid, statement.Concurrently ? TableLockMode.ShareUpdateExclusive : TableLockMode.Share, LockWaitPolicy.Wait);
        string method = statement.AccessMethod ?? "btree";
        if (method is not ("btree" or "hash") && !IsVectorMethod(method))
        {
            if (method is "gin" or "gist" or "spgist" or "brin") throw SqlException.NotSupported($"access method \"{method}\"");
            throw new SqlException(SqlState.UndefinedObject, $"access method \"{method}\" does not exist");
        }
        CheckMethod(statement, method);
        ImmutableArray<IndexKey> keys = [.. statement.Elements.Select(e => Key(e, table, method))];
        string name = statement.Name ?? ObjectNames.ChooseRelation(context.Catalog, table.Schema, table.Name, string.Join('_', NameParts(statement.Elements)), "idx");
        if (context.Catalog.FindRelation(table.Schema, name) is not null)
        {
            if (!statement.IfNotExists) throw new SqlException(SqlState.DuplicateTable, $"relation \"{name}\" already exists");
            context.Skip(SqlState.DuplicateTable, $"relation \"{name}\" already exists, skipping");
            return "CREATE INDEX";
        }
        Build(new IndexObject
        {
            Oid = context.Transaction.AllocateOid(), Name = name, Schema = table.Schema, Owner = table.Owner, Table = table.Oid, Method = method, Keys = keys, Persistence = table.Persistence,
            Included = [.. statement.Include.Select(e => Column(e, table).Number)], IsUnique = statement.IsUnique, NullsNotDistinct = statement.NullsNotDistinct,
            Predicate = statement.Where is { } where ? _expressions.Condition(where, table) : null,
            Options = IndexOptions.Read(statement.Options, method),
        });
        return "CREATE INDEX";
    }

    /// <summary>Puts an index over the rows that there are; 23505 if a unique one can't be.</summary>
    public void Build(IndexObject index)
    {
        context.Transaction.AdvanceCommand();
        if (index.IsUnique && context.Catalog.Find<TableObject>(index.Table) is { IsPopulated: true } table) CheckUnique(index, table);
        context.Transaction.Put(index);
        new IvfFlatNotice(context).Give(index);
    }

    private static bool IsVectorMethod(string method) => method is "hnsw" or "ivfflat";

    /// <summary>Builds an index that was dropped anew. It gets another number, for its storage is another; constraints follow.</summary>
    public void Rebuild(IndexObject index)
    {
        IndexObject built = index with { Oid = context.Transaction.AllocateOid() };
        Build(built);
        foreach (TableObject table in context.Catalog.Relations.OfType<TableObject>().Where(t => t.Constraints.Any(c => c.IndexOid == index.Oid)).ToArray())
            context.Transaction.Put(table with { Constraints = [.. table.Constraints.Select(c => c.IndexOid == index.Oid ? c with { IndexOid = built.Oid } : c)] });
    }

    /// <summary>The index after columns of its table got other types.</summary>
    public IndexObject Retype(IndexObject index, TableObject table) => index with
    {
        Keys = [.. index.Keys.Select(k => Checked(k with
        {
            Type = k.Column != 0 ? table.Columns[k.Column - 1].Type : context.Planner.BindTableExpression(SqlParser.ParseExpression(k.Expression!), table, null, context.Planning()).Type,
        }, index.Method))],
    };

    private IndexKey Checked(IndexKey key, string method)
    {
        IndexElement element = new(null, null) { OperatorClass = key.OperatorClass is null ? null : new QualifiedName([key.OperatorClass]) };
        if (IsVectorMethod(method)) CheckVectorKey(element, key, method);
        else CheckOrderedKey(element, key, method);
        return key;
    }

    private void CheckUnique(IndexObject index, TableObject table)
    {
        string[] keys = [.. index.Keys.Select(k => k.Column != 0 ? SqlIdentifier.Quote(table.Columns[k.Column - 1].Name) : $"({k.Expression})")];
        List<string> conditions = [.. index.NullsNotDistinct ? [] : keys.Select(k => k + " IS NOT NULL")];
        if (index.Predicate is { } predicate) conditions.Add($"({predicate})");
        string where = conditions.Count == 0 ? "" : " WHERE " + string.Join(" AND ", conditions);
        string[]? repeated = new InnerQueries(context).FirstRow($"SELECT {string.Join(", ", keys)} FROM {SqlIdentifier.Quote(context.SchemaName(table.Schema))}.{SqlIdentifier.Quote(table.Name)}{where}"
            + $" GROUP BY {string.Join(", ", keys)} HAVING count(*) > 1 LIMIT 1")?.Select(v => v ?? "null").ToArray();
        if (repeated is null) return;
        throw new SqlException(SqlState.UniqueViolation, $"could not create unique index \"{index.Name}\"",
            detail: $"Key ({string.Join(", ", index.Keys.Select(k => k.Column != 0 ? table.Columns[k.Column - 1].Name : k.Expression))})=({string.Join(", ", repeated)}) is duplicated.")
        {
            SchemaName = context.SchemaName(table.Schema), TableName = table.Name, ConstraintName = index.Name,
        };
    }

    private IndexKey Key(IndexElement element, TableObject table, string method)
    {
        (short number, string? expression, SqlType type) = element.Expression is { } given
            ? ((short)0, _expressions.IndexKey(given, table).Text, _expressions.IndexKey(given, table).Type)
            : (Column(element, table).Number, null, Column(element, table).Type);
        bool descending = element.Direction == SortDirection.Descending;
        IndexKey key = new()
        {
            Column = number, Expression = expression, Type = type, OperatorClass = element.OperatorClass?.Name, Descending = descending,
            NullsFirst = element.Nulls == NullsOrder.First || (element.Nulls == NullsOrder.Default && descending),
        };
        if (IsVectorMethod(method)) CheckVectorKey(element, key, method);
        else CheckOrderedKey(element, key, method);
        return key;
    }

    private void CheckVectorKey(IndexElement element, IndexKey key, string method)
    {
        if (key.OperatorClass is null && VectorOperatorClasses.FindDefault(method, key.Type.Oid) is null)
        {
            throw new SqlException(SqlState.UndefinedObject, $"data type {TypeNames.Display(new SqlType(key.Type.Oid), context.Catalog)} has no default operator class for access method \"{method}\"",
                hint: "You must specify an operator class for the index or define a default operator class for the data type.");
        }
        if (key.OperatorClass is not null && VectorOperatorClasses.Find(method, key.Type.Oid, key.OperatorClass) is null)
        {
            // A bit varying passes as bit everywhere else, so PostgreSQL takes the class and pgvector refuses the type.
            if (key.Type.Oid == TypeOid.Varbit && VectorOperatorClasses.Find(method, TypeOid.Bit, key.OperatorClass) is not null)
                throw new SqlException(SqlState.FeatureNotSupported, $"type not supported for {method} index");
            throw VectorOperatorClasses.All.Any(c => c.AccessMethod == method && c.Name == key.OperatorClass)
                ? new SqlException(SqlState.DatatypeMismatch, $"operator class \"{key.OperatorClass}\" does not accept data type {TypeNames.Display(new SqlType(key.Type.Oid), context.Catalog)}")
                : new SqlException(SqlState.UndefinedObject, $"operator class \"{key.OperatorClass}\" does not exist for access method \"{method}\"");
        }
        CheckNoOrder(element, method);
    }

    private static void CheckNoOrder(IndexElement element, string method)
    {
        if (element.Direction != SortDirection.Default) throw new SqlException(SqlState.FeatureNotSupported, $"access method \"{method}\" does not support ASC/DESC options");
        if (element.Nulls != NullsOrder.Default) throw new SqlException(SqlState.FeatureNotSupported, $"access method \"{method}\" does not support NULLS FIRST/LAST options");
    }

    private void CheckOrderedKey(IndexElement element, IndexKey key, string method)
    {
        if (method == "hash") CheckNoOrder(element, method);
        bool isVector = key.Type.Oid is TypeOid.Vector or TypeOid.HalfVec or TypeOid.SparseVec;
        if (TypeHandlers.Of(key.Type.Oid, context.Catalog).IsOrderable && !(isVector && method == "hash")) return;
        throw new SqlException(SqlState.UndefinedObject, $"data type {TypeNames.Display(new SqlType(key.Type.Oid), context.Catalog)} has no default operator class for access method \"{method}\"",
            hint: "You must specify an operator class for the index or define a default operator class for the data type.");
    }

    private static void CheckMethod(CreateIndexStatement statement, string method)
    {
        if (statement.Elements.Count > MaxKeys) throw new SqlException(SqlState.TooManyColumns, $"cannot use more than {MaxKeys} columns in an index");
        if (method != "btree" && statement.IsUnique) throw new SqlException(SqlState.FeatureNotSupported, $"access method \"{method}\" does not support unique indexes");
        if (method != "btree" && statement.Include.Count > 0) throw new SqlException(SqlState.FeatureNotSupported, $"access method \"{method}\" does not support included columns");
        if (method != "btree" && statement.Elements.Count > 1) throw new SqlException(SqlState.FeatureNotSupported, $"access method \"{method}\" does not support multicolumn indexes");
    }

    private static ColumnObject Column(IndexElement element, TableObject table) => table.LiveColumns.FirstOrDefault(c => c.Name == element.Column)
        ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{element.Column}\" does not exist", element.Span.Start);

    private static IEnumerable<string> NameParts(IEnumerable<IndexElement> elements) =>
        elements.Select(e => e.Column ?? ColumnNames.FigureInIndex(e.Expression!));
}
