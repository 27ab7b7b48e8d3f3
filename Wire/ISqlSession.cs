using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Wire;

/// <summary>
/// What the wire asks of the engine: one object per connection, called by one caller at a time (but for <see cref="Cancel"/>).
/// The session owns statements, portals, the transaction and its error state; the wire owns bytes, message order, skip-until-Sync and formats.
/// Errors are thrown: <see cref="SqlException"/> for the user, anything else is reported as XX000 and logged. The <c>stop</c> given to each call fires when the
/// client is gone or the server ends: give up with <see cref="OperationCanceledException"/> (or any error: nobody reads it).
/// </summary>
public interface ISqlSession : IAsyncDisposable
{
    /// <summary>What BackendKeyData carries: the process number and the secret (random, of <see cref="SessionRequest.CancelSecretLength"/> bytes).</summary>
    int ProcessId { get; }
    ReadOnlyMemory<byte> CancelSecret { get; }

    /// <summary>The text that the positions of the last call's errors and notices count in; null if it has none. The wire turns offsets into characters with it.</summary>
    string? StatementText { get; }

    /// <summary>What ReadyForQuery reports: 'I' idle, 'T' in a transaction, 'E' in a failed one.</summary>
    char TransactionStatus { get; }

    /// <summary>The context that encodes and decodes values right now (settings, catalog).</summary>
    EvalContext Formatting { get; }

    /// <summary>Runs a simple query string: all its statements as one implicit transaction.</summary>
    ValueTask QueryAsync(string sql, IResultSink sink, CancellationToken stop);

    /// <summary>Parse: a named ("" unnamed) prepared statement. A type number 0 asks for inference.</summary>
    ValueTask ParseAsync(string statement, string sql, ReadOnlyMemory<uint> parameterTypes, CancellationToken stop);

    ValueTask<StatementDescription> DescribeStatementAsync(string statement, CancellationToken stop);

    /// <summary>Bind: makes a portal. Values and formats are borrowed for the call.</summary>
    ValueTask BindAsync(string portal, string statement, BoundValues values, ReadOnlyMemory<short> resultFormats, CancellationToken stop);

    /// <summary>The portal's result columns with their formats; null if it returns no rows.</summary>
    ValueTask<RowDescription?> DescribePortalAsync(string portal, CancellationToken stop);

    /// <summary>Execute: up to <paramref name="maxRows"/> rows (0: all) into the sink, then CommandComplete, or suspended with the portal kept.</summary>
    ValueTask ExecuteAsync(string portal, int maxRows, IResultSink sink, CancellationToken stop);

    ValueTask CloseStatementAsync(string statement);
    ValueTask ClosePortalAsync(string portal);

    /// <summary>Sync: ends the implicit transaction of an extended-query run.</summary>
    ValueTask SyncAsync(CancellationToken stop);

    /// <summary>
    /// An error was reported to the client, raised by the session or by the wire itself (a malformed message): an open transaction is now failed, an implicit one is rolled
    /// back. Does nothing if that has been done already. In an extended-query run, what follows up to Sync is skipped.
    /// </summary>
    ValueTask FailAsync(CancellationToken stop);

    /// <summary>Asks the running statement to stop (57014); called from any thread.</summary>
    void Cancel();

    /// <summary>
    /// Settings that clients are told of (ParameterStatus) and that changed since the last call; the wire sends them before ReadyForQuery.
    /// The first call, after opening, gives all that PostgreSQL 15 reports: application_name, client_encoding, DateStyle, default_transaction_read_only, in_hot_standby,
    /// integer_datetimes, IntervalStyle, is_superuser, server_encoding, server_version, session_authorization, standard_conforming_strings, TimeZone.
    /// </summary>
    IReadOnlyList<KeyValuePair<string, string>> TakeChangedParameters();

    /// <summary>Notices raised since the last call (from functions without a sink at hand).</summary>
    IReadOnlyList<Notice> TakeNotices();

    /// <summary>NOTIFY messages for this client since the last call; none while a transaction is open. Asked before ReadyForQuery and after <see cref="WakeUp"/>.</summary>
    IReadOnlyList<Notification> TakeNotifications();

    /// <summary>Why the session must end although the client did not ask (57P01 terminated, 57P05 or 25P03 idle too long, 57P04 database dropped); null while it may go on.</summary>
    SqlException? Termination { get; }

    /// <summary>
    /// Set by the wire once. The session calls it, from any thread, when an idle client has something to hear: a notification, or the session's <see cref="Termination"/>.
    /// </summary>
    Action? WakeUp { set; }
}

/// <summary>Opens sessions: authentication has named the user.</summary>
public interface ISqlSessionFactory
{
    /// <summary>The SCRAM verifier of a role in PostgreSQL's form ("SCRAM-SHA-256$…"), or null if there is no such role or it has no password.</summary>
    string? FindPasswordVerifier(string user);

    /// <summary>Opens a session in a database.</summary>
    /// <exception cref="SqlException">28000, 3D000, 53300, 57P03 …; fatal.</exception>
    ValueTask<ISqlSession> OpenAsync(SessionRequest request, CancellationToken stop);

    /// <summary>CancelRequest: does nothing if no session has that number and secret (compare with <c>CryptographicOperations.FixedTimeEquals</c>).</summary>
    void Cancel(int processId, ReadOnlySpan<byte> secret);
}

/// <summary>What a client asks for when it connects; it is who it says.</summary>
/// <param name="Parameters">The startup packet's parameters (options, application_name, client_encoding …), user and database apart.</param>
/// <param name="CancelSecretLength">Bytes of <see cref="ISqlSession.CancelSecret"/>: 4 in protocol 3.0, 32 from 3.2 on.</param>
public sealed record SessionRequest(string User, string Database, IReadOnlyDictionary<string, string> Parameters, System.Net.EndPoint? Client, bool IsEncrypted, int CancelSecretLength);

/// <summary>A NOTIFY message.</summary>
public sealed record Notification(int ProcessId, string Channel, string Payload);

/// <summary>Where a running statement's answer goes; each call may wait for the client (back-pressure), none is per row.</summary>
public interface IResultSink
{
    /// <summary>A result with these columns begins. In the extended protocol it is not sent again (Describe did), but gives formats for what follows.</summary>
    ValueTask BeginRowsAsync(RowDescription description, CancellationToken stop);

    /// <summary>Sends the selected rows. The batch is borrowed for the call.</summary>
    ValueTask WriteRowsAsync(ColumnBatch batch, CancellationToken stop);
    ValueTask CompleteAsync(string commandTag, CancellationToken stop);
    ValueTask SuspendAsync(CancellationToken stop);
    ValueTask EmptyQueryAsync(CancellationToken stop);
    ValueTask NoticeAsync(Notice notice, CancellationToken stop);

    /// <summary>COPY … TO STDOUT: the header, then each piece of data (one row each, as clients expect; copied before the call returns), then the end.</summary>
    ValueTask BeginCopyOutAsync(bool isBinary, int columnCount, CancellationToken stop);
    ValueTask WriteCopyDataAsync(ReadOnlyMemory<byte> data, CancellationToken stop);
    ValueTask EndCopyOutAsync(CancellationToken stop);

    /// <summary>COPY … FROM STDIN: asks the client for data. Read the stream to its end (CopyDone); CopyFail throws 57014 from a read.</summary>
    ValueTask<ICopyInput> BeginCopyInAsync(bool isBinary, int columnCount, CancellationToken stop);
}

/// <summary>Bytes that the client sends in COPY … FROM STDIN.</summary>
public interface ICopyInput
{
    /// <summary>The next piece, borrowed until the next call; empty at the end.</summary>
    /// <exception cref="SqlException">57014: the client gave up; 08P01.</exception>
    ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken stop);
}

/// <summary>Bind's parameters: <paramref name="Values"/>[i] is null for SQL NULL; format 0 text, 1 binary; one format for all, one for each, or none (text).</summary>
public readonly record struct BoundValues(ReadOnlyMemory<short> Formats, ReadOnlyMemory<ReadOnlyMemory<byte>?> Values);

/// <summary>A result column as RowDescription shows it.</summary>
/// <param name="TableOid">The table the column comes from unchanged; 0 if none.</param>
/// <param name="ColumnNumber">Its attribute number there; 0 if none.</param>
/// <param name="TypeLength">pg_type.typlen: negative for variable length.</param>
public sealed record ResultColumn(string Name, SqlType Type, uint TableOid, short ColumnNumber, short TypeLength);

/// <summary>The columns of a result, and the format of each (0 text, 1 binary).</summary>
public sealed record RowDescription(IReadOnlyList<ResultColumn> Columns, IReadOnlyList<short> Formats);

/// <summary>What Describe of a statement answers; null columns: it returns no rows.</summary>
public sealed record StatementDescription(IReadOnlyList<uint> ParameterTypes, IReadOnlyList<ResultColumn>? Columns);
