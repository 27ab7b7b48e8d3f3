using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.SystemTables;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>The server and its transactions: start time, addresses, transaction numbers, who blocks whom.</summary>
internal static class ServerFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Rowwise("pg_postmaster_start_time", static (in _, r, c) => Answers.Value<long>(r, c.Session.Server.StartTimeMicros));
        // Settings are read at the start; a reload reads nothing new.
        library.Rowwise("pg_conf_load_time", static (in _, r, c) => Answers.Value<long>(r, c.Session.Server.StartTimeMicros));
        library.Rowwise("pg_reload_conf", static (in _, r, _) => StringFunctions.Bool(r, true));
        foreach (string key in (string[])["inet_client_addr", "inet_server_addr", "pg_current_logfile", "pg_current_logfile_1arg"]) library.Rowwise(key, static (in _, r, _) => r.AppendNull());
        library.Rowwise("inet_client_port", static (in _, r, c) => Answers.Value(r, Own(c) is { ClientAddress: not null } own ? own.ClientPort : (int?)null));
        library.Rowwise("inet_server_port", static (in _, r, _) => r.AppendNull());
        library.Rowwise("pg_current_xact_id", static (in _, r, c) => Answers.Value<long>(r, c.Session.TransactionId));
        library.Rowwise("pg_current_xact_id_if_assigned", static (in _, r, c) => Answers.Value<long>(r, c.Session.AssignedTransactionId is 0 ? null : c.Session.AssignedTransactionId));
        // Numbers of transactions have 64 bits and never wrap: nothing grows old.
        library.Strict("xid_age", static (in _, r, _) => StringFunctions.Int(r, 0));
        library.Strict("mxid_age", static (in _, r, _) => StringFunctions.Int(r, 0));
        library.Strict("pg_blocking_pids", static (in a, r, c) => Blocking(a.Get<int>(0), r, c));
        library.Strict("pg_sequence_last_value", static (in a, r, c) => LastValue(a.Get<uint>(0), r, c));
        library.Add("pg_sequence_parameters", new CatalogSet(static (in a, c) => Parameters(c.Catalog.Find<SequenceObject>(a.Get<uint>(0)))));
        library.Rowwise("pg_collation_for", static (in _, r, _) => Answers.Text(r, "\"default\""));
        library.Strict("pg_collation_actual_version", static (in _, r, _) => r.AppendNull());
        library.Rowwise("pg_is_wal_replay_paused", static (in _, r, _) => StringFunctions.Bool(r, false));
        library.Rowwise("pg_last_xact_replay_timestamp", static (in _, r, _) => r.AppendNull());
    }

    private static SessionInfo? Own(EvalContext context) => context.Session.Server.Sessions.FirstOrDefault(s => s.ProcessId == context.Session.ProcessId);

    /// <summary>Sessions that are in the way of what the session waits for.</summary>
    private static void Blocking(int processId, ColumnBuilder result, EvalContext context)
    {
        ColumnBuilder<int> blockers = new(4);
        foreach (LockWait wait in context.Session.Server.LockWaits)
            if (wait.ProcessId == processId)
                foreach (int blocker in wait.Blockers) blockers.Append(blocker);
        BytesColumnBuilder bytes = (BytesColumnBuilder)result;
        ArrayFormat.WriteVector(bytes.Output, TypeOid.Int4, blockers.Build());
        bytes.EndValue();
    }

    private static void LastValue(uint sequence, ColumnBuilder result, EvalContext context)
    {
        if (context.Catalog.Find<SequenceObject>(sequence) is null) result.AppendNull();
        else Answers.Value(result, context.Session.ReadSequence(sequence) is (var last, true, _) ? last : (long?)null);
    }

    private static RowsCursor Parameters(SequenceObject? s) => new(s is null ? 0 : 1, (_, columns) =>
    {
        long[] numbers = [s!.Start, s.Minimum, s.Maximum, s.Increment];
        for (int i = 0; i < 4; i++) ((ColumnBuilder<long>)columns[i]).Append(numbers[i]);
        ((ColumnBuilder<bool>)columns[4]).Append(s.Cycles);
        ((ColumnBuilder<long>)columns[5]).Append(s.Cache);
        ((ColumnBuilder<uint>)columns[6]).Append(s.Type.Oid);
    });
}
