using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.SystemTables;

/// <summary>A sequence read as a table: its one row, outside of the transaction's snapshot as sequences are.</summary>
public sealed class SequenceTable(SequenceObject sequence) : SystemTable(sequence.Oid, sequence.Schema, sequence.Name,
    new SystemColumn("last_value", SqlType.Int8), new SystemColumn("log_cnt", SqlType.Int8), new SystemColumn("is_called", SqlType.Bool))
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        (long last, bool isCalled, int logCount) = context.Session.ReadSequence(Oid);
        rows.Add(last).Add((long)logCount).Add(isCalled);
        rows.EndRow();
    }
}
