using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.SystemTables;

/// <summary>pg_timezone_abbrevs: abbreviations of zones that timestamps may carry.</summary>
internal sealed class PgTimezoneAbbrevs() : SystemTable("pg_timezone_abbrevs")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (ZoneListing zone in ZoneCatalog.ListAbbreviations(context.StatementTimestampMicros))
        {
            rows.Add(zone.Abbreviation).Add(new IntervalValue(0, 0, zone.OffsetSeconds * 1_000_000L)).Add(zone.IsDaylight);
            rows.EndRow();
        }
    }
}
