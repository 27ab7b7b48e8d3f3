using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using RelationKind = VecSql.Core.Catalog.RelationKind;

namespace VecSql.Executor.Ddl;

/// <summary>Whether the rows that a table has already satisfy what is now demanded of them.</summary>
internal sealed class RowVerification(DdlContext context)
{
    private readonly InnerQueries _queries = new(context);

    public void NotNull(TableObject table, ColumnObject column)
    {
        context.Transaction.AdvanceCommand();
        if (_queries.Any($"SELECT 1 FROM {Name(table)} WHERE {SqlIdentifier.Quote(column.Name)} IS NULL LIMIT 1")) throw ContainsNulls(table, column);
    }

    public static SqlException ContainsNulls(TableObject table, ColumnObject column) =>
        new(SqlState.NotNullViolation, $"column \"{column.Name}\" of relation \"{table.Name}\" contains null values") { TableName = table.Name, ColumnName = column.Name };

    public void Check(TableObject table, ConstraintObject constraint)
    {
        context.Transaction.AdvanceCommand();
        if (!_queries.Any($"SELECT 1 FROM {Name(table)} WHERE NOT ({constraint.Expression}) LIMIT 1")) return;
        throw new SqlException(SqlState.CheckViolation, $"check constraint \"{constraint.Name}\" of relation \"{table.Name}\" is violated by some row")
        {
            SchemaName = context.SchemaName(table.Schema), TableName = table.Name, ConstraintName = constraint.Name,
        };
    }

    public void ForeignKey(TableObject table, ConstraintObject constraint)
    {
        context.Transaction.AdvanceCommand();
        TableObject referenced = context.Catalog.Find<TableObject>(constraint.ReferencedTable)!;
        string[] keys = [.. constraint.Columns.Select(n => SqlIdentifier.Quote(table.Columns[n - 1].Name))];
        string[] targets = [.. constraint.ReferencedColumns.Select(n => SqlIdentifier.Quote(referenced.Columns[n - 1].Name))];
        string values = string.Join(", ", keys.Select(k => "fk." + k));
        string match = string.Join(" AND ", keys.Select((k, i) => $"pk.{targets[i]} = fk.{k}"));
        string notNull = string.Join(" AND ", keys.Select(k => $"fk.{k} IS NOT NULL"));
        SqlException violation = new(SqlState.ForeignKeyViolation, $"insert or update on table \"{table.Name}\" violates foreign key constraint \"{constraint.Name}\"");
        if (constraint.MatchType == 'f' && keys.Length > 1)
        {
            string someNull = string.Join(" OR ", keys.Select(k => $"fk.{k} IS NULL")), someNotNull = string.Join(" OR ", keys.Select(k => $"fk.{k} IS NOT NULL"));
            if (_queries.Any($"SELECT 1 FROM {Name(table)} fk WHERE ({someNull}) AND ({someNotNull}) LIMIT 1")) throw Described("MATCH FULL does not allow mixing of null and nonnull key values.");
        }
        string?[]? missing = _queries.FirstRow($"SELECT {values} FROM {Name(table)} fk WHERE {notNull} AND NOT EXISTS (SELECT 1 FROM {Name(referenced)} pk WHERE {match}) LIMIT 1");
        if (missing is null) return;
        throw Described($"Key ({string.Join(", ", constraint.Columns.Select(n => table.Columns[n - 1].Name))})=({string.Join(", ", missing)}) is not present in table \"{referenced.Name}\".");

        SqlException Described(string detail) => new(violation.SqlState, violation.Message, detail: detail)
        {
            SchemaName = context.SchemaName(table.Schema), TableName = table.Name, ConstraintName = constraint.Name,
        };
    }

    public void Constraint(TableObject table, ConstraintObject constraint)
    {
        if (table.RelationKind != RelationKind.Table) return;
        if (constraint.Kind == ConstraintKind.Check) Check(table, constraint);
        else if (constraint.Kind == ConstraintKind.ForeignKey) ForeignKey(table, constraint);
    }

    private string Name(TableObject table) => SqlIdentifier.Quote(context.SchemaName(table.Schema)) + "." + SqlIdentifier.Quote(table.Name);
}
