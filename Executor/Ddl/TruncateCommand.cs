using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Storage.Contracts;

namespace VecSql.Executor.Ddl;

/// <summary>TRUNCATE.</summary>
internal sealed class TruncateCommand(DdlContext context)
{
    public string Run(TruncateStatement statement)
    {
        List<TableObject> tables = [.. statement.Tables.Select(t => new CatalogNames(context).Table(t.Name))];
        RoleObject role = Roles.Find(context, context.CurrentUser);
        for (int i = 0; i < tables.Count; i++)
        {
            if (!AccessControl.Allows(role, tables[i], 'D', context.Catalog.Shared)) throw AccessControl.Denied(tables[i]);
            foreach (TableObject other in context.Catalog.TablesReferencing(tables[i].Oid))
            {
                if (tables.Any(t => t.Oid == other.Oid)) continue;
                if (statement.Behavior == DropBehavior.Restrict)
                {
                    throw new SqlException(SqlState.FeatureNotSupported, "cannot truncate a table referenced in a foreign key constraint",
                        detail: $"Table \"{other.Name}\" references \"{tables[i].Name}\".", hint: $"Truncate table \"{other.Name}\" at the same time, or use TRUNCATE ... CASCADE.");
                }
                context.Skip(SqlState.SuccessfulCompletion, $"truncate cascades to table \"{other.Name}\"");
                tables.Add(other);
            }
        }
        foreach (TableObject table in tables)
        {
            context.Transaction.LockTable(table.Oid, TableLockMode.AccessExclusive, LockWaitPolicy.Wait);
            context.Transaction.Truncate(table.Oid);
            foreach (IndexObject index in context.Catalog.IndexesOf(table.Oid)) new IvfFlatNotice(context).Give(index);
            if (!statement.RestartIdentity) continue;
            foreach (SequenceObject sequence in context.Catalog.Relations.OfType<SequenceObject>().Where(s => s.OwnerTable == table.Oid || table.LiveColumns.Any(c => c.OwnedSequence == s.Oid)))
                context.Store.SetValue(sequence, sequence.Start, isCalled: false);
        }
        return "TRUNCATE TABLE";
    }
}
