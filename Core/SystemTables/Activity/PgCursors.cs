using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_cursors: those of this session.</summary>
internal sealed class PgCursors() : SystemTable("pg_cursors")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (CursorInfo c in context.Session.Cursors)
        {
            rows.Add(c.Name).Add(c.Statement).Add(c.IsHeld).Add(c.IsBinary).Add(c.IsScrollable).AddTime(c.CreatedMicros);
            rows.EndRow();
        }
    }
}
