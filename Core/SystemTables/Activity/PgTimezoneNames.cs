using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.SystemTables;

/// <summary>pg_timezone_names: zones that SET TIME ZONE takes, with their offset now.</summary>
internal sealed class PgTimezoneNames() : SystemTable("pg_timezone_names")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (ZoneListing zone in ZoneCatalog.ListNames(context.StatementTimestampMicros))
        {
            rows.Add(zone.Name).Add(zone.Abbreviation).Add(new IntervalValue(0, 0, zone.OffsetSeconds * 1_000_000L)).Add(zone.IsDaylight);
            rows.EndRow();
        }
    }
}
