using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Parser;
using VecSql.Planner.Expressions;
using VecSql.Planner.Lowering;
using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>vecsql.hybrid_search: bound as the query that it stands for (<see cref="HybridSearchQuery"/>), so that it is planned as if the user had written that.</summary>
internal sealed partial class Binder
{
    private BoundQuery BindHybridSearch(BuiltinFunction function, IReadOnlyList<BoundExpression> arguments, QueryLevel level, int position)
    {
        HybridCall call = new(function, arguments, position);
        TableObject table = SearchedTable(call.Oid(HybridSearchQuery.Relation) ?? throw call.Missing(HybridSearchQuery.Relation), position);
        ColumnObject textColumn = SearchedColumn(table, call.Text(HybridSearchQuery.TextColumn) ?? throw call.Missing(HybridSearchQuery.TextColumn), position);
        ColumnObject vectorColumn = SearchedColumn(table, call.Text(HybridSearchQuery.VectorColumn) ?? throw call.Missing(HybridSearchQuery.VectorColumn), position);
        uint configuration = call.Oid(HybridSearchQuery.Config) ?? 0;
        string document = DocumentOf(table, textColumn, ref configuration, position);
        string syntax = call.Text(HybridSearchQuery.QuerySyntax) ?? "web";
        if (!HybridSearchQuery.Syntaxes.Contains(syntax))
            throw Error(SqlState.InvalidParameterValue, $"unrecognized query syntax: \"{syntax}\"", position, hint: $"It is one of {string.Join(", ", HybridSearchQuery.Syntaxes)}.");
        HybridSearchQuery query = new()
        {
            Table = $"{SqlIdentifier.Quote(SchemaOf(table))}.{SqlIdentifier.Quote(table.Name)}",
            Key = SqlIdentifier.Quote(KeyOf(table, call.Text(HybridSearchQuery.KeyColumn), position).Name),
            Document = document,
            Configuration = configuration == 0 ? "" : $"'{configuration}'::pg_catalog.regconfig, ",
            Syntax = syntax,
            Vector = SqlIdentifier.Quote(vectorColumn.Name),
            VectorType = Format(vectorColumn.Type.Oid),
            Operator = DistanceOf(table, vectorColumn, call.Text(HybridSearchQuery.Metric), position),
            Condition = ConditionOf(table, call.Text(HybridSearchQuery.Filter), position),
        };
        return BindWithin(arguments, position, () => BindQuery((Ast.SelectStatement)SqlParser.Parse(query.ToSql())[0].Statement, new QueryLevel(level), new QueryOptions { ResolveUnknowns = true }));
    }

    /// <summary>Binds text that the user hasn't written as a whole: places of errors in it say nothing, so they become the call's.</summary>
    private T BindWithin<T>(IReadOnlyList<BoundExpression> arguments, int position, Func<T> bind)
    {
        _functionArguments.Push(arguments);
        try
        {
            return bind();
        }
        catch (SqlException e)
        {
            throw Error(e.SqlState, e.Message, position, e.Detail, e.Hint);
        }
        finally
        {
            _functionArguments.Pop();
        }
    }

    private TableObject SearchedTable(uint oid, int position) => _context.Catalog.Find<TableObject>(oid) is { } table
        ? table.RelationKind is RelationKind.Table or RelationKind.MaterializedView ? table : throw Error(SqlState.WrongObjectType, $"\"{table.Name}\" is not a table or materialized view", position)
        : throw Error(SqlState.UndefinedTable, $"relation with OID {oid} does not exist", position);

    private static ColumnObject SearchedColumn(TableObject table, string name, int position) =>
        table.LiveColumns.FirstOrDefault(c => c.Name == name) ?? throw Error(SqlState.UndefinedColumn, $"column \"{name}\" of relation \"{table.Name}\" does not exist", position);

    private string SchemaOf(TableObject table) => _context.Catalog.Find<SchemaObject>(table.Schema)?.Name ?? throw new InvariantException("a table without a schema");

    /// <summary>The column that is asked for, or the primary key's.</summary>
    private static ColumnObject KeyOf(TableObject table, string? name, int position)
    {
        if (name is not null) return SearchedColumn(table, name, position);
        ConstraintObject? primary = table.Constraints.FirstOrDefault(c => c.Kind == ConstraintKind.PrimaryKey);
        if (primary is { Columns: [var only] }) return table.LiveColumns.First(c => c.Number == only);
        throw Error(SqlState.InvalidParameterValue, primary is null ? $"table \"{table.Name}\" has no primary key" : $"the primary key of table \"{table.Name}\" has more than one column", position,
            hint: "Name a column that tells the rows apart with key_column.");
    }

    /// <summary>
    /// The tsvector to search: the column itself, a generated column that holds just this column's words, or else the words computed from the text. The configuration is that of the stored words,
    /// unless another one was asked for.
    /// </summary>
    private string DocumentOf(TableObject table, ColumnObject column, ref uint configuration, int position)
    {
        if (column.Type.Oid == TypeOid.TsVector)
        {
            if (configuration == 0) configuration = ConfigurationIn(WordsOf(table, column));
            return SqlIdentifier.Quote(column.Name);
        }
        if (_types.CategoryOf(_types.BaseOf(column.Type.Oid)) != 'S')
            throw Error(SqlState.DatatypeMismatch, $"column \"{column.Name}\" is of type {Format(column.Type.Oid)}, not text or tsvector", position);
        int place = table.LiveColumns.TakeWhile(c => c.Number != column.Number).Count();
        foreach (ColumnObject stored in table.LiveColumns)
        {
            if (stored is not { IsGenerated: true } || stored.Type.Oid != TypeOid.TsVector) continue;
            if (WordsOf(table, stored) is not CallExpression { Arguments: [_, var text] } words || !IsColumn(text, place)) continue;
            uint found = ConfigurationIn(words);
            if (found == 0 || (configuration != 0 && configuration != found)) continue;
            configuration = found;
            return SqlIdentifier.Quote(stored.Name);
        }
        return $"to_tsvector({(configuration == 0 ? "" : $"'{configuration}'::pg_catalog.regconfig, ")}{SqlIdentifier.Quote(column.Name)})";
    }

    private BoundExpression? WordsOf(TableObject table, ColumnObject column) =>
        column is { IsGenerated: true, Default: { } text } ? BindStored(SqlParser.ParseExpression(text), table, ExpressionPlace.GeneratedColumn) : null;

    /// <summary>The configuration of the first to_tsvector in an expression; 0 if there is none, or it isn't constant.</summary>
    private static uint ConfigurationIn(BoundExpression? expression)
    {
        uint found = 0;
        if (expression is not null)
        {
            ExpressionFacts.Any(expression, e =>
            {
                if (e is CallExpression { Signature.Key: "to_tsvector_byid", Arguments: [LiteralExpression { IsNull: false, Value: Column<uint> oid }, _] }) found = oid[0];
                return found != 0;
            });
        }
        return found;
    }

    /// <summary>The column itself, or coalesce(column, '').</summary>
    private static bool IsColumn(BoundExpression expression, int place) => expression switch
    {
        InputExpression input => input.Ordinal == place,
        CoercionExpression { Kind: CoercionKind.Relabel } relabel => IsColumn(relabel.Operand, place),
        CoalesceExpression { Operands: [var first, LiteralExpression { IsNull: false } empty] } => IsColumn(first, place) && Literals.TextOf(empty).Length == 0,
        _ => false,
    };

    /// <summary>By name, or as a vector index over the column orders, or cosine distance (for bits Hamming).</summary>
    private string DistanceOf(TableObject table, ColumnObject column, string? metric, int position)
    {
        if (metric is not null)
        {
            string? symbol = HybridSearchQuery.Metrics.FirstOrDefault(m => m.Name == metric || m.Operator == metric).Operator;
            return symbol ?? throw Error(SqlState.InvalidParameterValue, $"unrecognized metric: \"{metric}\"", position, hint: $"It is one of {string.Join(", ", HybridSearchQuery.Metrics.Select(m => m.Name))}.");
        }
        foreach (IndexObject index in _context.Catalog.IndexesOf(table.Oid))
            if (index.IsValid && index.Keys[0].Column == column.Number && PlanLowering.VectorSymbol(index) is { } indexed)
                return indexed;
        return column.Type.Oid is TypeOid.Bit or TypeOid.Varbit ? "<~>" : "<=>";
    }

    /// <summary>The filter, which must be a condition by itself.</summary>
    private string? ConditionOf(TableObject table, string? filter, int position)
    {
        // No parameter has a meaning in it.
        if (filter is not null) BindWithin([], position, () => CoerceToBool(BindStored(SqlParser.ParseExpression(filter), table, ExpressionPlace.Where), "WHERE"));
        return filter;
    }

    /// <summary>The arguments by which the query is made: they must be known when it is planned.</summary>
    private readonly struct HybridCall(BuiltinFunction function, IReadOnlyList<BoundExpression> arguments, int position)
    {
        public string? Text(int place) => Constant(place) is { IsNull: false } literal ? Literals.TextOf(literal) : null;
        public uint? Oid(int place) => Constant(place) is { IsNull: false, Value: Column<uint> oid } ? oid[0] : null;

        public SqlException Missing(int place) => Error(SqlState.NullValueNotAllowed, $"argument \"{function.ArgumentNames![place]}\" of hybrid_search must not be null", position);

        private LiteralExpression Constant(int place) =>
            arguments[place] as LiteralExpression ?? throw SqlException.NotSupported($"argument \"{function.ArgumentNames![place]}\" of hybrid_search that isn't a constant", position);
    }
}
