using System.Collections.Immutable;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Parser.Ast;
using VecSql.Planner;

namespace VecSql.Executor.Ddl;

/// <summary>CREATE TABLE … AS and SELECT … INTO: a table of the query's columns, filled by it.</summary>
internal sealed class CreateTableAsCommand(DdlContext context)
{
    public string Run(CreateTableAsStatement statement)
    {
        CatalogNames names = new(context);
        uint schema = names.CreationSchema(statement.Name, statement.Persistence == Persistence.Temporary);
        if (context.Catalog.FindRelation(schema, statement.Name.Name) is not null)
        {
            if (!statement.IfNotExists) throw new SqlException(SqlState.DuplicateTable, $"relation \"{statement.Name.Name}\" already exists");
            context.Skip(SqlState.DuplicateTable, $"relation \"{statement.Name.Name}\" already exists, skipping");
            return "CREATE TABLE AS";
        }
        names.CheckNewType(schema, statement.Name.Name);
        StatementAccess.Check(statement.Query, context.Planner, context.Planning(), context.CurrentUser);
        QueryPlan plan = context.Planner.Plan(statement.Query, [], context.Planning());
        TableObject table = new()
        {
            Oid = context.Transaction.AllocateOid(), Name = statement.Name.Name, Schema = schema, Owner = context.CurrentRole, RelationKind = Core.Catalog.RelationKind.Table,
            Persistence = statement.Persistence switch { Persistence.Temporary => 't', Persistence.Unlogged => 'u', _ => 'p' },
            Columns = ColumnsOf(plan, statement.Columns, statement.Span.Start), RowTypeOid = context.Transaction.AllocateOid(), RowArrayTypeOid = context.Transaction.AllocateOid(),
            Options = TableOptions.Read(statement.Options),
        };
        context.Transaction.Put(table);
        RowTypes.Put(context, table);
        if (!statement.WithData) return "CREATE TABLE AS";
        return $"SELECT {Fill(context, table.Oid, plan)}";
    }

    /// <summary>Columns for a query's results; names given take the place of the query's.</summary>
    public static ImmutableArray<ColumnObject> ColumnsOf(QueryPlan plan, IReadOnlyList<string> names, int position, string tooMany = "too many column names were specified")
    {
        if (names.Count > plan.Columns.Count) throw new SqlException(SqlState.SyntaxError, tooMany);
        List<ColumnObject> columns = [];
        for (int i = 0; i < plan.Columns.Count; i++)
        {
            string name = i < names.Count ? names[i] : plan.Columns[i].Name;
            if (columns.Any(c => c.Name == name)) throw new SqlException(SqlState.DuplicateColumn, $"column \"{name}\" specified more than once");
            SqlType type = plan.Columns[i].Type.Oid == TypeOid.Unknown ? SqlType.Text : plan.Columns[i].Type;
            if (Builtins.FindType(type.Oid) is { Kind: 'p' } pseudo) throw new SqlException(SqlState.InvalidTableDefinition, $"column \"{name}\" has pseudo-type {pseudo.Name}", position);
            columns.Add(new ColumnObject
            {
                Number = (short)(i + 1), Name = name, Type = type, Collation = Builtins.FindType(type.Oid)?.Collation ?? 0,
            });
        }
        return [.. columns];
    }

    /// <summary>Runs the query into the table; returns the rows.</summary>
    public static long Fill(DdlContext context, uint table, QueryPlan plan)
    {
        long rows = 0;
        QueryLocks.Take(plan, context.Transaction);
        using QueryExecution execution = QueryExecution.Open(plan, context.Transaction, context.Eval, context.Execution);
        while (execution.Next() is { } batch)
        {
            context.Transaction.Insert(table, batch);
            rows += batch.Count;
        }
        return rows;
    }
}
