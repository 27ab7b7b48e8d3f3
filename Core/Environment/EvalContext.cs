using VecSql.Core.Catalog;

namespace VecSql.Core.Environment;

/// <summary>
/// What evaluating an expression may ask of the session around it: settings that shape values, the statement's clock, the catalog, cancellation.
/// One per running statement; used by one thread at a time (parallel workers get a copy by <see cref="ForWorker"/>).
/// </summary>
public class EvalContext
{
    public required DisplaySettings Display { get; init; }

    /// <summary>The catalog that the statement sees, with the transaction's own changes.</summary>
    public required CatalogSnapshot Catalog { get; init; }

    /// <summary>Start of the transaction, in microseconds since 2000-01-01 00:00 UTC: <c>now()</c>.</summary>
    public long TransactionTimestampMicros { get; init; }

    /// <summary>Arrival of the statement, same unit: <c>statement_timestamp()</c>.</summary>
    public long StatementTimestampMicros { get; init; }

    public required TimeProvider Clock { get; init; }
    public required Random Random { get; init; }

    /// <summary>Checked by everything that can run long: at least once per batch.</summary>
    public CancellationToken Cancellation { get; set; }

    /// <summary>The session's doings that SQL functions reach: sequences, settings, locks, notices.</summary>
    public required ISessionServices Session { get; init; }

    /// <summary>Values of the statement's parameters as one-row constant columns, by number from 0; a null entry is SQL NULL of the parameter's type.</summary>
    public Columns.Column[] Parameters { get; init; } = [];

    /// <summary>A context for a parallel worker: the same but for what isn't safe to share.</summary>
    public EvalContext ForWorker(int worker) => new()
    {
        Display = Display, Catalog = Catalog, TransactionTimestampMicros = TransactionTimestampMicros, StatementTimestampMicros = StatementTimestampMicros,
        Clock = Clock, Random = new Random(HashCode.Combine(StatementTimestampMicros, worker)), Cancellation = Cancellation, Session = Session, Parameters = Parameters,
    };
}
