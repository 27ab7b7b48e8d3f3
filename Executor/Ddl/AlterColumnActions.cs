using System.Collections.Immutable;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Parser;
using VecSql.Parser.Ast;
using VecSql.Planner;
using VecSql.Planner.Expressions;
using VecSql.Planner.Physical;
using RelationKind = VecSql.Core.Catalog.RelationKind;

namespace VecSql.Executor.Ddl;

/// <summary>ALTER TABLE's actions on columns. The table's lock is held.</summary>
internal sealed class AlterColumnActions(DdlContext context, TableObject table)
{
    private readonly StoredExpressions _expressions = new(context);

    private TableObject Table => context.Catalog.Find<TableObject>(table.Oid)!;

    /// <summary>False if the action isn't about a column.</summary>
    public bool TryRun(AlterTableAction action)
    {
        switch (action)
        {
            case AddColumn add: Add(add); return true;
            case DropColumn drop: Drop(drop); return true;
            case AlterColumnType type: new AlterColumnTypeAction(context, table).Run(type); return true;
            case AlterColumnDefault change: SetDefault(change); return true;
            case AlterColumnNotNull change: SetNotNull(change); return true;
            case AddColumnIdentity add: AddIdentity(add); return true;
            case AlterColumnIdentity change: AlterIdentity(change); return true;
            case DropColumnIdentity drop: DropIdentity(drop); return true;
            case DropColumnExpression drop: DropExpression(drop); return true;
            // Tuning of PostgreSQL's own storage and statistics: accepted, so that scripts and dumps go on.
            case AlterColumnStatistics { Column: { } name }: Find(table, name); return true;
            case AlterColumnStorage storage: Find(table, storage.Column); return true;
            case AlterColumnOptions options: Find(table, options.Column); return true;
            default: return false;
        }
    }

    public static ColumnObject Find(TableObject table, string name) => table.LiveColumns.FirstOrDefault(c => c.Name == name)
        ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{name}\" of relation \"{table.Name}\" does not exist");

    private void Put(ColumnObject column) => context.Transaction.Put(Table with { Columns = Table.Columns.SetItem(column.Number - 1, column) });

    private void Add(AddColumn action)
    {
        ColumnDefinition definition = action.Column;
        if (table.LiveColumns.Any(c => c.Name == definition.Name))
        {
            if (!action.IfNotExists) throw new SqlException(SqlState.DuplicateColumn, $"column \"{definition.Name}\" of relation \"{table.Name}\" already exists");
            context.Skip(SqlState.DuplicateColumn, $"column \"{definition.Name}\" of relation \"{table.Name}\" already exists, skipping");
            return;
        }
        if (table.RelationKind == RelationKind.CompositeType) RefuseIfStored();
        TableColumns builder = new(context, table.Schema, table.Name, table.Columns.Length + 1);
        builder.Add(definition, table.Oid);
        ColumnObject column = builder.Columns[0];
        TableObject before = Table, after = before with { Columns = before.Columns.Add(column) };
        if (definition.Constraints.OfType<GeneratedConstraint>().FirstOrDefault() is { } generated)
        {
            column = column with { Default = _expressions.Generated(generated.Expression, after, column.Type), IsGenerated = true };
            after = before with { Columns = before.Columns.Add(column) };
        }
        if (table.RelationKind == RelationKind.Table) AddStored(before, after, column);
        else context.Transaction.Put(after);
        TableConstraints constraints = new(context, table.Oid) { VerifiesRows = true };
        constraints.AddColumnConstraints(definition);
        constraints.AddForeignKeys();
    }

    /// <summary>A constant value is kept once for all the rows that there are; one that differs from row to row is written to each.</summary>
    private void AddStored(TableObject before, TableObject after, ColumnObject column)
    {
        BoundExpression value = ValueOf(column, before);
        if (column.IsGenerated || Volatility.IsVolatile(value))
        {
            new TableRewrite(context).Run(before, after, new Dictionary<short, BoundExpression> { [column.Number] = value });
            return;
        }
        string? missing = Evaluate(value);
        bool isNull = missing is null;
        context.Transaction.Put(after with { Columns = after.Columns.SetItem(column.Number - 1, column with { MissingValue = missing }) });
        if (isNull && column.NotNull) new RowVerification(context).NotNull(Table, column);
    }

    private BoundExpression ValueOf(ColumnObject column, TableObject before)
    {
        string? text = column.Identity != '\0' ? TableColumns.NextValue(context, context.Catalog.Find<SequenceObject>(column.OwnedSequence)!) : column.Default ?? (context.Catalog.Find<TypeObject>(column.Type.Oid) is { Kind: 'd' } domain ? domain.Default : null);
        Expression expression = text is null ? new NullLiteral() : SqlParser.ParseExpression(text);
        return context.Planner.BindTableExpression(expression, column.IsGenerated ? before : null, column.Type, context.Planning());
    }

    private string? Evaluate(BoundExpression value)
    {
        QueryPlan plan = new(new ValuesScan([[value]], [value.Type]), [], [], 0, QueryKind.Select);
        InnerQueries queries = new(context);
        using QueryExecution execution = queries.Open(plan);
        ColumnBatch row = execution.Next()!;
        return queries.TextOf(row[0], row.Selection[0], value.Type);
    }

    private void Drop(DropColumn action)
    {
        if (table.LiveColumns.FirstOrDefault(c => c.Name == action.Column) is not { } column)
        {
            if (!action.IfExists) throw new SqlException(SqlState.UndefinedColumn, $"column \"{action.Column}\" of relation \"{table.Name}\" does not exist");
            context.Skip(SqlState.SuccessfulCompletion, $"column \"{action.Column}\" of relation \"{table.Name}\" does not exist, skipping");
            return;
        }
        if (table.RelationKind == RelationKind.CompositeType) RefuseIfStored();
        new CascadingDrop(context).Run([new ColumnTarget(Table, column)], action.Behavior);
    }

    private void SetDefault(AlterColumnDefault action)
    {
        ColumnObject column = Find(Table, action.Column);
        if (column.Identity != '\0')
        {
            throw new SqlException(SqlState.SyntaxError, $"column \"{column.Name}\" of relation \"{table.Name}\" is an identity column",
                hint: action.Value is null ? "Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead." : null);
        }
        if (column.IsGenerated)
        {
            throw new SqlException(SqlState.SyntaxError, $"column \"{column.Name}\" of relation \"{table.Name}\" is a generated column",
                hint: action.Value is null ? "Use ALTER TABLE ... ALTER COLUMN ... DROP EXPRESSION instead." : null);
        }
        Put(column with { Default = action.Value is null ? null : _expressions.Default(action.Value, column.Type, column.Name) });
    }

    private void SetNotNull(AlterColumnNotNull action)
    {
        ColumnObject column = Find(Table, action.Column);
        if (action.IsSet)
        {
            if (column.NotNull) return;
            new RowVerification(context).NotNull(Table, column);
        }
        else
        {
            if (column.Identity != '\0') throw new SqlException(SqlState.SyntaxError, $"column \"{column.Name}\" of relation \"{table.Name}\" is an identity column");
            if (Table.Constraints.Any(c => c.Kind == ConstraintKind.PrimaryKey && c.Columns.Contains(column.Number)))
                throw new SqlException(SqlState.InvalidTableDefinition, $"column \"{column.Name}\" is in a primary key");
        }
        Put(column with { NotNull = action.IsSet });
    }

    private void AddIdentity(AddColumnIdentity action)
    {
        ColumnObject column = Find(Table, action.Column);
        if (!column.NotNull)
            throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"column \"{column.Name}\" of relation \"{table.Name}\" must be declared NOT NULL before identity can be added");
        if (column.Identity != '\0') throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"column \"{column.Name}\" of relation \"{table.Name}\" is already an identity column");
        if (column.Default is not null) throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"column \"{column.Name}\" of relation \"{table.Name}\" already has a default value");
        Put(new TableColumns(context, table.Schema, table.Name).WithIdentity(column, new IdentityConstraint(action.IsAlways, action.Options) { Span = action.Span }, table.Oid));
    }

    private void AlterIdentity(AlterColumnIdentity action)
    {
        ColumnObject column = Find(Table, action.Column);
        if (column.Identity == '\0') throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"column \"{column.Name}\" of relation \"{table.Name}\" is not an identity column");
        if (action.IsAlways is { } always) Put(column with { Identity = always ? 'a' : 'd' });
        if (action.Options.Count > 0) new SequenceCommands(context).Change(context.Catalog.Find<SequenceObject>(column.OwnedSequence)!, action.Options, isIdentity: true);
    }

    private void DropIdentity(DropColumnIdentity action)
    {
        ColumnObject column = Find(Table, action.Column);
        if (column.Identity == '\0')
        {
            string message = $"column \"{column.Name}\" of relation \"{table.Name}\" is not an identity column";
            if (!action.IfExists) throw new SqlException(SqlState.ObjectNotInPrerequisiteState, message);
            context.Skip(SqlState.SuccessfulCompletion, message + ", skipping");
            return;
        }
        uint sequence = column.OwnedSequence;
        Put(column with { Identity = '\0', OwnedSequence = 0, Default = null });
        context.Transaction.Drop(sequence);
    }

    private void DropExpression(DropColumnExpression action)
    {
        ColumnObject column = Find(Table, action.Column);
        if (column.IsGenerated)
        {
            Put(column with { IsGenerated = false, Default = null });
            return;
        }
        string message = $"column \"{column.Name}\" of relation \"{table.Name}\" is not a stored generated column";
        if (!action.IfExists) throw new SqlException(SqlState.ObjectNotInPrerequisiteState, message);
        context.Skip(SqlState.SuccessfulCompletion, message + ", skipping");
    }

    /// <summary>Stored values of a composite type have the fields that they were written with.</summary>
    private void RefuseIfStored()
    {
        uint type = table.RowTypeOid, array = table.RowArrayTypeOid;
        foreach (TableObject other in context.Catalog.Relations.OfType<TableObject>().Where(t => t.RelationKind is RelationKind.Table or RelationKind.MaterializedView))
            if (other.LiveColumns.FirstOrDefault(c => c.Type.Oid == type || c.Type.Oid == array) is { } column)
                throw new SqlException(SqlState.FeatureNotSupported, $"cannot alter type \"{table.Name}\" because column \"{other.Name}.{column.Name}\" uses it");
    }
}
