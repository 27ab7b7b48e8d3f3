using System.Collections.Immutable;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Parser;
using VecSql.Parser.Ast;
using VecSql.Planner.Expressions;
using RelationKind = VecSql.Core.Catalog.RelationKind;

namespace VecSql.Executor.Ddl;

/// <summary>ALTER COLUMN … TYPE: the rows are rewritten, what stands on the column (default, checks, keys, indexes) is brought along or refuses.</summary>
internal sealed class AlterColumnTypeAction(DdlContext context, TableObject table)
{
    private readonly StoredQueries _queries = new(context);

    public void Run(AlterColumnType action)
    {
        ColumnObject column = AlterColumnActions.Find(table, action.Column);
        SqlType type = context.ResolveType(action.Type);
        if (Builtins.FindType(type.Oid) is { Kind: 'p' }) throw new SqlException(SqlState.InvalidTableDefinition, $"column \"{column.Name}\" has pseudo-type {TypeNames.Display(type)}");
        if (column.Identity != '\0' && type.Oid is not (TypeOid.Int2 or TypeOid.Int4 or TypeOid.Int8))
            throw new SqlException(SqlState.InvalidParameterValue, "identity column type must be smallint, integer, or bigint");
        RefuseDependents(column);
        BoundExpression value = Value(action, column, type);
        ColumnObject changed = column with
        {
            Type = type, Collation = Builtins.FindType(type.Oid)?.Collation ?? 0, Default = NewDefault(column, type), MissingValue = null,
        };
        TableObject after = table with { Columns = table.Columns.SetItem(column.Number - 1, changed) };
        if (table.RelationKind == RelationKind.CompositeType)
        {
            context.Transaction.Put(after);
            return;
        }
        RebindConstraints(after);
        new TableRewrite(context).Run(table, after, new Dictionary<short, BoundExpression> { [column.Number] = value });
        TableObject rewritten = context.Catalog.Find<TableObject>(table.Oid)!;
        foreach (ConstraintObject check in rewritten.Constraints.Where(c => c.Kind == ConstraintKind.Check && c.IsValidated && StoredExpressions.NamesColumn(c.Expression!, column.Name)))
            new RowVerification(context).Check(rewritten, check);
        foreach (TableObject other in context.Catalog.Relations.OfType<TableObject>().ToArray())
            foreach (ConstraintObject key in other.Constraints.Where(c => c.Kind == ConstraintKind.ForeignKey && Concerns(other, c, column.Number)))
                CheckForeignKey(other, key);
        if (column.Identity != '\0' && context.Catalog.Find<SequenceObject>(column.OwnedSequence) is { } sequence)
            new SequenceCommands(context).Change(sequence, [new SequenceOption(SequenceOptionKind.As) { Type = TypeNodes.Of(type, context.Catalog) }], isIdentity: true);
    }

    private bool Concerns(TableObject other, ConstraintObject key, short column) =>
        other.Oid == table.Oid && key.Columns.Contains(column) || key.ReferencedTable == table.Oid && key.ReferencedColumns.Contains(column);

    private void CheckForeignKey(TableObject other, ConstraintObject key)
    {
        TableObject referenced = context.Catalog.Find<TableObject>(key.ReferencedTable)!;
        for (int i = 0; i < key.Columns.Length; i++)
            TableConstraints.CheckComparable(context, other.Columns[key.Columns[i] - 1], referenced.Columns[key.ReferencedColumns[i] - 1], key.Name, -1);
        if (key.IsValidated) new RowVerification(context).ForeignKey(other, key);
    }

    private void RefuseDependents(ColumnObject column)
    {
        foreach (ColumnObject generated in table.LiveColumns.Where(c => c.IsGenerated))
        {
            if (generated.Number == column.Number) throw SqlException.NotSupported("ALTER COLUMN … TYPE of a generated column");
            if (StoredExpressions.NamesColumn(generated.Default!, column.Name))
            {
                throw new SqlException(SqlState.FeatureNotSupported, "cannot alter type of a column used by a generated column",
                    detail: $"Column \"{column.Name}\" is used by generated column \"{generated.Name}\".");
            }
        }
        foreach (TableObject view in context.Catalog.Relations.OfType<TableObject>().Where(t => t.Definition is not null && t.DependsOn.Contains(table.Oid)))
        {
            if (_queries.ColumnsUsed(view, table.Oid, context.Catalog) is { } used && !used.Contains(column.Number)) continue;
            throw new SqlException(SqlState.FeatureNotSupported, "cannot alter type of a column used by a view or rule",
                detail: $"rule _RETURN on {new ObjectText(context).Of(view)} depends on column \"{column.Name}\"");
        }
        foreach (TableObject other in context.Catalog.Relations.OfType<TableObject>().Where(t => t.Oid != table.Oid && t.RelationKind == RelationKind.Table))
            if (other.LiveColumns.FirstOrDefault(c => c.Type.Oid == table.RowTypeOid || c.Type.Oid == table.RowArrayTypeOid) is { } user)
                throw new SqlException(SqlState.FeatureNotSupported, $"cannot alter {(table.RelationKind == RelationKind.CompositeType ? "type" : "table")} \"{table.Name}\" because column \"{other.Name}.{user.Name}\" uses its row type");
    }

    private BoundExpression Value(AlterColumnType action, ColumnObject column, SqlType type)
    {
        Expression source = action.Using ?? new ColumnRef([column.Name], false);
        try
        {
            return context.Planner.BindTableExpression(source, table, type, context.Planning());
        }
        catch (SqlException e) when (e.SqlState == SqlState.DatatypeMismatch && e.Message.StartsWith("expression is of type ", StringComparison.Ordinal))
        {
            string name = TypeNames.Display(new SqlType(type.Oid), context.Catalog);
            throw action.Using is null
                ? new SqlException(SqlState.DatatypeMismatch, $"column \"{column.Name}\" cannot be cast automatically to type {name}",
                    hint: $"You might need to specify \"USING {SqlIdentifier.Quote(column.Name)}::{TypeNames.Display(type, context.Catalog)}\".")
                : new SqlException(SqlState.DatatypeMismatch, $"result of USING clause for column \"{column.Name}\" cannot be cast automatically to type {name}", hint: "You might need to add an explicit cast.");
        }
    }

    private string? NewDefault(ColumnObject column, SqlType type)
    {
        if (column.Default is null || column.Identity != '\0') return column.Default;
        try
        {
            return new StoredExpressions(context).Default(SqlParser.ParseExpression(column.Default), type, column.Name);
        }
        catch (SqlException e) when (e.SqlState == SqlState.DatatypeMismatch)
        {
            throw new SqlException(SqlState.DatatypeMismatch, $"default for column \"{column.Name}\" cannot be cast automatically to type {TypeNames.Display(new SqlType(type.Oid), context.Catalog)}");
        }
    }

    private void RebindConstraints(TableObject after)
    {
        foreach (ConstraintObject check in after.Constraints.Where(c => c.Kind == ConstraintKind.Check))
            context.Planner.BindTableExpression(SqlParser.ParseExpression(check.Expression!), after, SqlType.Bool, context.Planning());
    }
}
