using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_prepared_statements: those of this session.</summary>
internal sealed class PgPreparedStatements() : SystemTable("pg_prepared_statements")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (PreparedStatementInfo p in context.Session.PreparedStatements)
        {
            rows.Add(p.Name).Add(p.Statement).AddTime(p.PreparedMicros);
            if (Columns[3].Type.Oid == Types.TypeOid.RegTypeArray) rows.AddArray(p.ParameterTypes);
            else rows.AddArray([.. p.ParameterTypes.Select(t => Types.TypeNames.Display(new Types.SqlType(t), context.Catalog))]);
            rows.Add(p.IsFromSql).Add(0L).Add(0L);
            rows.EndRow();
        }
    }
}
