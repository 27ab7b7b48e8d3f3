using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.SystemTables;

/// <summary>vecsql.indexes: the database's indexes, their size, and of those over vectors what was measured of them.</summary>
internal sealed class VecSqlIndexes() : SystemTable(13501, WellKnownOid.VecSqlSchema, "indexes",
    new SystemColumn("schema_name", new SqlType(TypeOid.Name)), new SystemColumn("index_name", new SqlType(TypeOid.Name)), new SystemColumn("table_name", new SqlType(TypeOid.Name)),
    new SystemColumn("method", new SqlType(TypeOid.Name)), new SystemColumn("rows", SqlType.Int8), new SystemColumn("bytes", SqlType.Int8), new SystemColumn("is_valid", SqlType.Bool),
    new SystemColumn("options", new SqlType(TypeOid.TextArray), NotNull: false), new SystemColumn("memory_bytes", SqlType.Int8), new SystemColumn("parts", SqlType.Int4),
    new SystemColumn("dead_rows", SqlType.Int8, NotNull: false), new SystemColumn("linked_rows", SqlType.Int8, NotNull: false), new SystemColumn("unlinked_rows", SqlType.Int8, NotNull: false),
    new SystemColumn("quantization", SqlType.Text, NotNull: false), new SystemColumn("recall", SqlType.Float8, NotNull: false),
    new SystemColumn("ef_for_recall_95", SqlType.Int4, NotNull: false), new SystemColumn("ef_for_recall_99", SqlType.Int4, NotNull: false),
    new SystemColumn("last_build", new SqlType(TypeOid.TimestampTz), NotNull: false), new SystemColumn("last_build_duration", new SqlType(TypeOid.Interval), NotNull: false),
    new SystemColumn("calibrated_at", new SqlType(TypeOid.TimestampTz), NotNull: false))
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        IServerState server = context.Session.Server;
        foreach (IndexObject i in context.Catalog.Relations.OfType<IndexObject>())
        {
            IndexState state = server.DescribeIndex(i.Oid) ?? new IndexState();
            rows.Add(SystemRelations.SchemaName(i.Schema, context.Catalog)).Add(i.Name).Add(context.Catalog.Find<TableObject>(i.Table)?.Name).Add(i.Method)
                .Add(state.Rows ?? server.SizeOf(i.Table).Rows).Add(state.DiskBytes).Add(i.IsValid).AddArrayOrNull([.. i.Options.Select(o => $"{o.Key}={o.Value}")])
                .Add(state.MemoryBytes).Add(state.Parts).Add(state.DeadRows).Add(state.LinkedRows).Add(state.UnlinkedRows).Add(state.Quantization).Add(state.Recall)
                .Add(state.EfForRecall95).Add(state.EfForRecall99).AddTime(state.BuiltAtMicros ?? 0)
                .Add(state.BuildMicros is { } micros ? new IntervalValue(0, 0, micros) : (IntervalValue?)null).AddTime(state.CalibratedAtMicros ?? 0);
            rows.EndRow();
        }
    }
}
