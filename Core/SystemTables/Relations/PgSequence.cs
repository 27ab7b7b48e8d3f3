using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_sequence: how sequences count.</summary>
internal sealed class PgSequence() : SystemTable("pg_sequence")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (SequenceObject s in context.Catalog.Relations.OfType<SequenceObject>())
        {
            rows.Add(s.Oid).Add(s.Type.Oid).Add(s.Start).Add(s.Increment).Add(s.Maximum).Add(s.Minimum).Add(s.Cache).Add(s.Cycles);
            rows.EndRow();
        }
    }
}
